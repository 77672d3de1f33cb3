/* The built-in schema `clf`: the parts of an access log's lines. */
#ifndef CP_FORMATS_TEXT_CLF_SCHEMA_H
#define CP_FORMATS_TEXT_CLF_SCHEMA_H

#include "formats/text/clf_line.h"

/* The name of a part; static. */
const char *cp_clf_part_name(cp_clf_part part);

/* CP_E_MEMORY. */
cp_rc cp_schema_clf(cp_schema **out, cp_error *err);

#endif
