/* Whether a field's types go together: physical, logical and converted (LogicalTypes.md). */
#ifndef CP_FORMATS_PARQUET_MEANING_CHECK_H
#define CP_FORMATS_PARQUET_MEANING_CHECK_H

#include "formats/parquet/metadata.h"

/* What does not go together, in words; NULL: all does. */
const char *cp_parquet_meaning_conflict(const cp_parquet_schema_element *element);

#endif
