/* Layouts: the grammar of Python's struct module.
 *
 *   "<dHfB"  -->  offset  0   8   10   14   size 15
 *                 code    d   H   f    B
 *
 * The first character may be a prefix; white space between codes is passed over; a decimal count
 * may stand right before a code (no space between).
 *
 *   prefix   byte order     sizes, alignment
 *   @, none  the machine's  the C compiler's; a zero count aligns what follows
 *   =        the machine's  standard, none
 *   <        little-endian  standard, none
 *   > !      big-endian     standard, none
 *
 * Codes: x c b B ? h H i I l L q Q e f d s. Source of grammar, sizes and alignment: the Python
 * library reference, "struct", format strings and characters. */
#ifndef CP_FORMATS_RECORDS_LAYOUT_H
#define CP_FORMATS_RECORDS_LAYOUT_H

#include "pipeline/core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CP_LAYOUT_RECORD_BYTES_MAX = 1 << 20 };

typedef struct cp_layout_value {
    uint32_t offset; /* bytes from the record's start */
    uint32_t size;   /* bytes; 0 only for "0s" */
    char code;       /* as in the layout; never 'x' */
} cp_layout_value;

/* Immutable once parsed; any thread. */
typedef struct cp_layout {
    cp_layout_value *values; /* in the order of the layout, counts unfolded */
    size_t value_count;
    size_t record_bytes; /* 1 to CP_LAYOUT_RECORD_BYTES_MAX */
    bool big_endian;     /* the order of every value */
} cp_layout;

/* CP_E_CONFIG for what is no layout (the message names the character and its position, counted
 * from 1), for records of no bytes and for those beyond CP_LAYOUT_RECORD_BYTES_MAX; CP_E_MEMORY.
 * After a failure *out is zeroed. */
cp_rc cp_layout_parse(const char *text, cp_layout *out, cp_error *err);

/* May be called twice. */
void cp_layout_close(cp_layout *layout);

#endif
