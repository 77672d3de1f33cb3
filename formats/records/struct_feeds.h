/* Feeds: one value of a record at a time, through the cells. The path of every value that is null,
 * refused or rare, and of all text. */
#ifndef CP_FORMATS_RECORDS_STRUCT_FEEDS_H
#define CP_FORMATS_RECORDS_STRUCT_FEEDS_H

#include "formats/records/struct_step.h"

/* NULL: values of that kind and fields of that group do not fit. */
cp_struct_feed_fn *cp_struct_feed_of(cp_struct_kind kind, cp_struct_group group);

/* The step's value in the record that starts at `record`. */
cp_struct_value cp_struct_value_read(const cp_struct_step *s, const uint8_t *record);

#endif
