/* Cutting a JSON document into blocks of whole records: the elements of an array, or values that
 * stand one behind the other.
 *
 *   [ {...}, {...}, {...}, {...} ]       a block ends behind a comma, or behind the array's bracket
 *     `------------' `-----------'
 *
 * Strings and brackets tell where a record ends (json_scan.h), whatever else is wrong with it. One
 * whose strings and brackets do not balance is a block of its own, up to the next line that begins
 * like a record: with no more white space than the record's own line (none, where the record does
 * not begin a line), and then a '{', a comma and a '{', or a ']'. That a record does not balance
 * shows
 *
 *   at once      by a '\n' in a string
 *   afterwards   where it has not ended within --max-record-size, or before the input does, and
 *                has by then a byte that can be no JSON
 *
 * Where no such line comes, the input ends inside of the record, which is an error. */
#ifndef CP_FORMATS_JSON_JSON_SPLIT_H
#define CP_FORMATS_JSON_JSON_SPLIT_H

#include "formats/json/json_outline.h"
#include "formats/json/json_scan.h"
#include "pipeline/core/format.h"

/* cp_block.note of the blocks that are cut. */
typedef enum cp_json_note_of_block {
    CP_JSON_BLOCK_ELEMENTS, /* each ends with its comma, or with the array's bracket */
    CP_JSON_BLOCK_VALUES,
    CP_JSON_BLOCK_BROKEN, /* one record, which does not balance */
} cp_json_note_of_block;

/* The search for a line that begins like a record. */
typedef struct cp_json_line_seeker {
    size_t indent_max;
    size_t indent;
    enum { CP_IN_LINE, CP_IN_INDENT, CP_BEHIND_COMMA } place;
    cp_json_form form;
} cp_json_line_seeker;

typedef enum cp_json_phase {
    CP_JSON_BEFORE,  /* up to the array */
    CP_JSON_RECORDS, /* at the start of a block */
    CP_JSON_PASSING, /* in a record that is too large: to its end */
    CP_JSON_SEEKING, /* in one that does not balance either: to a line that begins like one */
    CP_JSON_BEHIND,  /* behind the array */
} cp_json_phase;

typedef struct cp_json_splitter {
    uint64_t max_record_bytes;
    const cp_json_pointer *pointer; /* NULL: an array or values, by the first byte */
    cp_json_scanner *scanner;
    cp_json_phase phase;
    cp_json_form form;
    bool started;      /* a byte order mark has been looked for */
    uint64_t offset;   /* in the stream, of the bytes that are shown next */
    bool behind_comma; /* of an array: an element has to follow */
    size_t indent;     /* of the line that the next record begins; 0: it begins none */
    /* Of the bytes shown: how far they are scanned, and up to where records have ended. */
    cp_json_scan scan;
    size_t scanned, ended;
    uint64_t passed; /* of the record that is passed over */
    cp_json_line_seeker seeker;
    cp_json_outline outline;
} cp_json_splitter;

/* `pointer` is borrowed. */
void cp_json_splitter_start(cp_json_splitter *splitter, uint64_t max_record_bytes,
                            const cp_json_pointer *pointer);

/* As cp_format_type.split has it; fails with CP_E_DATA where the document ends too early, or is no
 * JSON outside of its records. */
cp_rc cp_json_splitter_cut(cp_json_splitter *splitter, cp_span bytes, cp_input_end end, cp_cut *cut,
                           cp_error *err);

#endif
