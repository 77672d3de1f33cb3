/* What a row of text is made of, put together from left to right once for each sink.
 *
 *   {"id":  value  ,"reading":{"value":  value  }}\n
 *   before         before                       behind the last value: text */
#ifndef CP_FORMATS_TEXT_TEXT_ROW_H
#define CP_FORMATS_TEXT_TEXT_ROW_H

#include "pipeline/core/bytes.h"

typedef struct cp_text_slot {
    cp_bytes before; /* behind the value before it */
    size_t number;   /* of the value's field in the schema */
} cp_text_slot;

/* Zeroed is empty. */
typedef struct cp_text_row {
    cp_text_slot *slots;
    size_t count, capacity;
    cp_bytes text; /* behind the last value so far */
} cp_text_row;

/* The value of field `number` comes behind the text. CP_E_MEMORY. */
cp_rc cp_text_row_add(cp_text_row *row, size_t number, cp_error *err);
void cp_text_row_close(cp_text_row *row); /* may be called twice */

#endif
