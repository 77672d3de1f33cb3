/* The contract of an input format: probe, plan, split, decode.
 *
 *   plan      immutable and shared; made from the schema and the options
 *   splitter  one for each input, serial, cheap: where do records end
 *   decoder   one for each worker: a block to batches and rejects; every rule is checked here
 *
 * What an input says once for all its records (a header) is found by the splitter and reaches the
 * decoders with each block: see preamble.h.
 *
 * To add a format: one file that defines a `const cp_format_type`, one row in formats/registry.c.
 */
#ifndef CP_CORE_FORMAT_H
#define CP_CORE_FORMAT_H

#include "pipeline/core/batch.h"
#include "pipeline/core/block.h"
#include "pipeline/core/reject.h"
#include "pipeline/core/schema.h"

/* Each format begins its own struct with these. */
typedef struct cp_format {
    const struct cp_format_type *type;
} cp_format;
typedef struct cp_splitter {
    const struct cp_format_type *type;
    cp_preamble *preamble; /* of the input, from its first block on; each block holds a reference;
                            * one is the splitter's; NULL: the format has none */
} cp_splitter;
typedef struct cp_decoder {
    const struct cp_format_type *type;
} cp_decoder;

enum { CP_INFERENCE_RECORDS = 1000 };

typedef struct cp_format_options {
    uint64_t max_record_bytes;
    uint64_t sample_records; /* that a schema is inferred from; 0: CP_INFERENCE_RECORDS */
    uint64_t sample_bytes;   /* that hold them, at most; 0: CP_BLOCK_TARGET_BYTES */
    uint64_t skip_bytes;     /* of struct records: a header before the first one of each input */
    uint8_t delimiter;       /* csv: between two fields; 0: a comma */
    const cp_span *columns;  /* csv: the names of the columns, where inputs have no header */
    size_t column_count;     /* 0: the first record is the header */
    const char *at; /* of a JSON document: the way to the array of records (RFC 6901); or NULL */
} cp_format_options;

static inline uint64_t cp_sample_records(const cp_format_options *options)
{
    return options->sample_records ? options->sample_records : CP_INFERENCE_RECORDS;
}

/* What infer makes of a sample. */
typedef struct cp_guess {
    cp_schema *schema; /* the caller's */
    uint64_t records;  /* that it was made from, bad ones counted; UINT64_MAX: it needs none */
} cp_guess;

/* What lies behind the bytes that split is shown. */
typedef enum cp_input_end {
    CP_GOES_ON,    /* more may come */
    CP_ENDS,       /* nothing: a last record may lack its terminator */
    CP_BREAKS_OFF, /* the source has failed: only whole records count, the rest is lost */
} cp_input_end;

/* What split found at the start of the bytes it was shown. */
typedef struct cp_cut {
    size_t size;      /* bytes of the block, or bytes to pass over */
    unsigned note;    /* of a block: what cp_block.note becomes */
    cp_reason reason; /* CP_SKIP that ends a record: why it is refused; else CP_ACCEPTED */
    uint64_t length;  /* then: the record's bytes, its terminator not counted */
    uint64_t whole;   /* then: from the record's first byte to the end of this cut */
    uint64_t lines;   /* then: line ends in all that was passed over */
} cp_cut;

/* How far a decoder has come in a block. Zeroed at its start; at its end `offset` is the block's
 * size and the counts are the block's. */
typedef struct cp_cursor {
    size_t offset;
    uint64_t records; /* accepted and rejected */
    uint64_t lines;   /* line ends passed; 0 in formats without lines */
} cp_cursor;

typedef struct cp_format_type {
    const char *name;
    bool has_lines;  /* places have line numbers */
    bool keeps_text; /* records can be taken as they stand (cp_schema_verbatim) */

    /* 0: not mine; higher is surer. `whole`: the head is all there is. Behind it, and behind what
     * infer and split are shown, CP_PADDING_BYTES are readable. */
    int (*probe)(cp_span head, bool whole);

    /* A schema that fits the sample's first cp_sample_records records: int64, float64, bool, string
     * or json, all nullable, in the order in which the fields were met. `whole`: the sample is the
     * whole input; else its last record may be cut off, and does not count. A format whose fields
     * never change gives its own schema. NULL: this format cannot be guessed. CP_E_USAGE where the
     * options are wrong, CP_E_MEMORY; CP_E_DATA as split. */
    cp_rc (*infer)(const cp_format_options *, cp_span sample, bool whole, cp_guess *, cp_error *);

    /* Whether records can have the schema's field number `field` at all. NULL: any of them. */
    bool (*feeds)(const cp_schema *, size_t field);

    /* CP_E_CONFIG where schema and format do not fit, CP_E_USAGE where the options are wrong. The
     * schema outlives the plan. */
    cp_rc (*plan)(const cp_schema *, const cp_format_options *, cp_format **, cp_error *);
    void (*plan_close)(cp_format *);

    cp_rc (*splitter_open)(const cp_format *, cp_splitter **, cp_error *);
    void (*splitter_close)(cp_splitter *);

    /* Looks at `bytes`, which start where the last cut ended. CP_BLOCK: cut->size bytes are whole
     * records, at most CP_BLOCK_TARGET_BYTES unless one record alone is longer; CP_SKIP: pass
     * over cut->size bytes; CP_MORE: show more bytes (only where CP_GOES_ON); CP_END: nothing is
     * left to cut. Bytes that are part of no record are passed over without a reason. Short of
     * CP_BREAKS_OFF, what is cut depends on the content alone, not on how much is shown. CP_E_DATA
     * where the input is not whole, or what its records stand under or what lies between them is
     * wrong; CP_E_MEMORY. */
    cp_rc (*split)(cp_splitter *, cp_span bytes, cp_input_end, cp_cut *, cp_error *);

    /* The record of a block that begins at p, which is the block's start or what was returned last,
     * as it stands and unchecked: its bytes (data NULL: there is none, data without bytes: an empty
     * one) and the line ends up to what is returned, which is behind it. */
    const uint8_t *(*find_record)(const cp_format *, const cp_block *, const uint8_t *p,
                                  cp_span *record, uint64_t *lines);

    cp_rc (*decoder_open)(const cp_format *, cp_decoder **, cp_error *);
    void (*decoder_close)(cp_decoder *);

    /* Decodes from the cursor on until the block ends (CP_OK), or the batch or the rejects are
     * full (CP_MORE: call again with both reset). Fails only for want of memory or by a bug. */
    cp_rc (*decode)(cp_decoder *, const cp_block *, cp_cursor *, cp_batch *, cp_rejects *,
                    cp_error *);
} cp_format_type;

/* `type` NULL: a format that is not known, which may have any field. */
static inline bool cp_format_feeds(const cp_format_type *type, const cp_schema *schema,
                                   size_t field)
{
    return !type || !type->feeds || type->feeds(schema, field);
}

#endif
