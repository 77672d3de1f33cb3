/* That no two things in a Parquet file claim the same bytes. */
#ifndef CP_FORMATS_PARQUET_EXTENTS_H
#define CP_FORMATS_PARQUET_EXTENTS_H

#include "formats/parquet/survey.h"

/* Chunks, indexes and Bloom filters of the survey's groups, which lie in the file. CP_E_DATA says
 * the byte and both; CP_E_MEMORY. */
cp_rc cp_parquet_extents_check(const cp_parquet_survey *survey, cp_error *err);

#endif
