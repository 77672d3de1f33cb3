/* One JSON object to one row: keys to fields, values to cells, every rule checked. */
#ifndef CP_FORMATS_JSON_JSON_ROW_H
#define CP_FORMATS_JSON_JSON_ROW_H

#include "formats/json/json_scan.h"
#include "formats/json/json_spelling.h"
#include "pipeline/core/batch.h"

/* What all decoders of a plan share. */
typedef struct cp_json_plan {
    const cp_schema *schema;
    cp_key_tree keys;
    cp_json_spellings spellings; /* of the root's keys */
    uint64_t *required;          /* bit sets by field number, `words` long */
    uint64_t *wanted;
    uint32_t words;                /* of a bit set over all keys of the tree */
    cp_json_gap_finder *find_gaps; /* of a verbatim plan, whose only field takes whole records;
                                    * else NULL */
} cp_json_plan;

cp_rc cp_json_plan_open(const cp_schema *schema, cp_json_plan *out, cp_error *err);
void cp_json_plan_close(cp_json_plan *plan); /* may be called twice */

/* Where a record's values stand, those of the schema's inner objects one by one. */
enum { CP_JSON_NOTES_MAX = 64 };
typedef struct cp_json_note {
    const uint8_t *start, *end;
    const cp_key *key; /* NULL: a value that nobody asked for */
    unsigned depth;    /* open brackets around it */
} cp_json_note;
typedef struct cp_json_notes {
    cp_json_note items[CP_JSON_NOTES_MAX];
    uint32_t count;
    bool incomplete; /* there are more, or a key stands twice */
} cp_json_notes;

/* One worker's. */
typedef struct cp_json_row {
    const cp_json_plan *plan;
    uint64_t *seen;       /* keys met in this record */
    uint64_t *filled;     /* fields with a value in this record */
    cp_json_notes *notes; /* to be taken of the next records; borrowed; NULL: none wanted */
} cp_json_row;

cp_rc cp_json_row_open(const cp_json_plan *plan, cp_json_row *out, cp_error *err);
void cp_json_row_close(cp_json_row *row); /* may be called twice */

/* Reads the object at p into row `batch->rows`, which becomes part of the batch only when the
 * caller completes and counts it. Returns the byte behind the object, or NULL: `check->refusal`
 * says why; memory is then out if its reason is CP_ACCEPTED. */
const uint8_t *cp_json_row_read(cp_json_row *row, const uint8_t *p, cp_json_check *check,
                                cp_batch *batch);

/* The index of the key that is spelled so, CP_NAME_ABSENT, or CP_JSON_KEY_MEMORY: memory is out.
 * The batch takes what escapes are resolved into. */
enum { CP_JSON_KEY_MEMORY = -2 };
int32_t cp_json_key_find(const cp_key_node *node, const cp_json_string *name, cp_batch *batch);

/* What only the whole record can tell: that no required field lacks a value, and which cells are
 * null. The record must be good in all else. false: `check->refusal` says why. */
bool cp_json_row_complete(const cp_json_row *row, cp_json_check *check, cp_batch *batch);

/* The record between `start` and `end`, without the white space around it. */
cp_span cp_json_row_text(const uint8_t *start, const uint8_t *end);

/* Of a verbatim plan: the record's text, which lies between `start` and `end` with white space
 * around it, without white space between its tokens, into the batch's next row; `tight` where there
 * is known to be none. false where memory is out. */
bool cp_json_row_keep(const cp_json_plan *plan, cp_batch *batch, const uint8_t *start,
                      const uint8_t *end, bool tight);

#endif
