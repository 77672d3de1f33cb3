/* Stores: one value of a column into the bytes of a record, the way back of struct_feeds.h. */
#ifndef CP_FORMATS_RECORDS_STRUCT_STORE_H
#define CP_FORMATS_RECORDS_STRUCT_STORE_H

#include "formats/records/struct_step.h"

/* Immutable; any thread. */
typedef struct cp_struct_store cp_struct_store;
struct cp_struct_store {
    const cp_struct_step *step;
    bool big_endian;
    int64_t divisor;        /* timestamps in integers: field units in one of the encoding's, or 1 */
    int64_t multiplier;     /* and the other way round */
    const cp_literal *null; /* what stands for a null; NULL: NaN, or the field is required */
    /* The value, which fits, at `at`, in a record of zeros; false where it had to be rounded. */
    bool (*put)(const cp_struct_store *, const void *value, uint8_t *at);
};

/* For a step whose field has been narrowed (struct_narrow.h). */
cp_struct_store cp_struct_store_of(const cp_struct_step *step, bool big_endian);

/* A null, of a field that is not required. */
void cp_struct_store_null(const cp_struct_store *store, uint8_t *at);

#endif
