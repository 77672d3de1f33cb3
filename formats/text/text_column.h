/* One column of a text sink: how its values are written. Private to the text sinks. */
#ifndef CP_FORMATS_TEXT_TEXT_COLUMN_H
#define CP_FORMATS_TEXT_TEXT_COLUMN_H

#include "formats/text/text_sink.h"

typedef struct cp_text_column cp_text_column;

struct cp_text_column {
    const cp_text_form *form;
    const cp_field *field;
    size_t number;    /* of the field in the schema */
    cp_bytes before;  /* what stands before each value */
    cp_bytes symbols; /* of an enum: as they are written, one behind the other */
    uint32_t *symbol_ends;
    size_t bound; /* bytes that a value takes at most, a null too; of text: beside
                   * form->text_factor times its size */
    /* The value, which is not null, at `to`; returns the end. */
    uint8_t *(*put)(const cp_text_column *, const void *value, uint8_t *to);
};

/* `number` and `before` are for the caller to fill. CP_E_MEMORY. Close in every case. */
cp_rc cp_text_column_open(cp_text_column *column, const cp_text_form *form, const cp_field *field,
                          cp_error *err);
void cp_text_column_close(cp_text_column *column);

#endif
