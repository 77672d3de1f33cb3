/* See text_row.h. */
#include "formats/text/text_row.h"

cp_rc cp_text_row_add(cp_text_row *row, size_t number, cp_error *err)
{
    cp_rc rc = cp_grow(&row->slots, &row->capacity, row->count + 1, sizeof *row->slots, err);
    if (rc)
        return rc;
    row->slots[row->count++] = (cp_text_slot){.before = row->text, .number = number};
    row->text = (cp_bytes){0};
    return CP_OK;
}

void cp_text_row_close(cp_text_row *row)
{
    for (size_t i = 0; i < row->count; i++)
        cp_bytes_free(&row->slots[i].before);
    free(row->slots);
    cp_bytes_free(&row->text);
    *row = (cp_text_row){0};
}
