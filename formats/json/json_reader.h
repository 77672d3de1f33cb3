/* Records of a block to rows or rejects: what the decoders of lines, elements and values share. */
#ifndef CP_FORMATS_JSON_JSON_READER_H
#define CP_FORMATS_JSON_JSON_READER_H

#include "formats/json/json_shape.h"
#include "pipeline/core/block.h"
#include "pipeline/core/format.h"

/* One worker's. */
typedef struct cp_json_reader {
    const cp_json_plan *plan;
    uint64_t max_record_bytes;
    cp_json_form form;
    cp_json_row row;
    cp_json_shapes shapes;
    cp_json_notes notes;
} cp_json_reader;

/* The plan outlives the reader. CP_E_MEMORY. */
cp_rc cp_json_reader_open(const cp_json_plan *plan, uint64_t max_record_bytes, cp_json_form form,
                          cp_json_reader *out, cp_error *err);
void cp_json_reader_close(cp_json_reader *reader); /* may be called twice */

/* As many records from the cursor on as the short cuts take; each is a row, and in lines a line. */
void cp_json_reader_run(cp_json_reader *reader, const cp_block *block, cp_cursor *cursor,
                        cp_batch *batch);

/* Reads the record whose first character is at `start`; `line` is behind what ended the one before,
 * and check->record where its bytes begin. Returns where it ends, with one row more in the batch;
 * or NULL: check->refusal says why, with CP_ACCEPTED where memory is out. */
const uint8_t *cp_json_reader_read(cp_json_reader *reader, const uint8_t *line,
                                   const uint8_t *start, cp_json_check *check, cp_batch *batch);

/* Refuses the record at the cursor, of `length` bytes from check->record on. CP_E_MEMORY. */
cp_rc cp_json_reader_refuse(const cp_json_reader *reader, const cp_block *block,
                            const cp_cursor *cursor, size_t length, cp_json_check *check,
                            cp_rejects *rejects, cp_error *err);

/* The bytes of a record that ends at `end`: in a line, the '\r' of a "\r\n" is no part of it. */
static inline size_t cp_json_record_bytes(const uint8_t *record, const uint8_t *end,
                                          cp_json_form form)
{
    size_t length = (size_t)(end - record);
    return length - (form == CP_JSON_LINES && length > 0 && end[-1] == '\r');
}

#endif
