/* The constants of an IN list, made to be looked up. Private to pipeline/expr. */
#ifndef CP_EXPR_SET_H
#define CP_EXPR_SET_H

#include "pipeline/core/names.h"
#include "pipeline/expr/wide.h"

/* Zeroed is empty; one of the three is filled. */
typedef struct cp_set {
    cp_wide *wholes; /* ascending once sealed */
    double *floats;  /* likewise */
    cp_span *texts;
    size_t count, capacity;
    cp_names *names; /* of the texts, once sealed; NULL: there are none */
} cp_set;

cp_rc cp_set_add_whole(cp_set *set, cp_wide value, cp_error *err); /* CP_E_MEMORY, as below */
cp_rc cp_set_add_float(cp_set *set, double value, cp_error *err);  /* no NaN */
cp_rc cp_set_add_text(cp_set *set, cp_span value, cp_error *err);  /* borrowed */

/* After the last one, before the first look. */
cp_rc cp_set_seal(cp_set *set, cp_error *err);

/* Any thread. */
bool cp_set_has_whole(const cp_set *set, cp_wide value);
bool cp_set_has_float(const cp_set *set, double value);
bool cp_set_has_text(const cp_set *set, cp_span value);

void cp_set_close(cp_set *set); /* may be called twice */

#endif
