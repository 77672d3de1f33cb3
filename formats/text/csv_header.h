/* The header of a CSV input: the names of its columns, and which of them feed which fields.
 *
 *   mark?  empty lines  names  '\n'  |  records ...
 *   ------------ bytes -------------
 *
 * Which field a column belongs to: column_name.h. */
#ifndef CP_FORMATS_TEXT_CSV_HEADER_H
#define CP_FORMATS_TEXT_CSV_HEADER_H

#include "formats/json/json_leaf.h"
#include "formats/text/csv_scan.h"
#include "pipeline/core/preamble.h"
#include "pipeline/core/reject.h"

/* The names alone. */
typedef struct cp_csv_names {
    cp_span *items;
    size_t count;
    uint64_t bytes, lines; /* of the input up to its first record */
    uint8_t *text;         /* what items point to */
} cp_csv_names;

/* Finds the names at the start of an input: its first line that is not empty, or (with
 * options->columns) those given. Input that has none (there are only empty lines) has no names.
 * CP_MORE where `bytes` end before they do, short of `is_whole`; CP_E_DATA, with the place, where
 * they cannot be read; CP_E_MEMORY. Free in every case. */
cp_rc cp_csv_names_read(cp_span bytes, bool is_whole, const cp_csv_dialect *dialect,
                        const cp_span *columns, size_t column_count, cp_csv_names *out,
                        cp_error *err);
void cp_csv_names_free(cp_csv_names *names); /* may be called twice */

/* A column whose values have to be looked at. */
typedef struct cp_csv_cell {
    uint32_t column; /* from 0 */
    uint32_t number; /* of the field */
    const cp_field *field;
    cp_leaf_kind kind;
    bool is_json_unread; /* any JSON will do, nobody reads it */
} cp_csv_cell;

typedef struct cp_csv_header {
    cp_preamble base;
    cp_csv_names names; /* owned */
    cp_csv_cell *cells; /* by column */
    size_t cell_count;
    uint32_t *absent; /* numbers of wanted fields that have no column */
    size_t absent_count;
    cp_refusal refusal; /* of every record, for what the header has or lacks; CP_ACCEPTED: none */
} cp_csv_header;

/* Takes the names, which are empty then; the schema outlives the header. The caller has the first
 * reference. CP_E_MEMORY. */
cp_rc cp_csv_header_new(const cp_schema *schema, cp_csv_names *names, cp_csv_header **out,
                        cp_error *err);

#endif
