/* The contract of an output format: bind, encode, append, finish.
 *
 *   group --encode, any thread--> encoded --append, serial, in input order--> writer
 *
 * To add one: a file that defines a `const cp_sink_type`, and a row in formats/registry.c. */
#ifndef CP_CORE_SINK_H
#define CP_CORE_SINK_H

#include "pipeline/core/group.h"
#include "pipeline/core/writer.h"

/* Each sink begins its own structs with these. */
typedef struct cp_sink {
    const struct cp_sink_type *type;
} cp_sink;
typedef struct cp_encoder {
    const struct cp_sink_type *type;
} cp_encoder;

/* A group ready for the file; needs the group no more. Sinks put what they need behind. */
typedef struct cp_encoded {
    const struct cp_sink_type *type;
    uint64_t rows;
    uint64_t rounded; /* values that the format holds only nearly */
    uint64_t bytes;   /* of memory that it takes, about */
} cp_encoded;

/* Texts are copied where they are needed longer. */
typedef struct cp_sink_options {
    const char *compression; /* "zstd", "gzip", "none"; NULL: the sink's default */
    int compression_level;   /* 0: the codec's default */
    const char *created_by;  /* "casepipe version 0.1.0"; NULL: the file does not say */
    const char *schema_yaml; /* kept as metadata where the format has room for it; NULL: none */
} cp_sink_options;

typedef struct cp_sink_type {
    const char *name;
    const char *extension; /* with the dot */
    /* The whole file is compressed, not parts within: it may be called NAME.jsonl.zst. */
    bool is_compressed_whole;
    bool keeps_text; /* takes records as they stand, too (cp_schema_verbatim) */
    /* Where groups end unless the user says otherwise. */
    uint64_t group_rows, group_bytes;

    /* Narrows the wanted fields' rules to what the format can hold, before any record is read, so
     * that what it cannot hold is refused at the boundary, with the field named. CP_E_CONFIG for a
     * field that it cannot hold at all. NULL: it holds everything. */
    cp_rc (*narrow)(cp_schema *schema, cp_error *);

    /* A sink for rows of the wanted fields of `schema`, which outlives it. Writes nothing yet.
     * CP_E_CONFIG where the format cannot hold the schema; CP_E_USAGE for options that it does not
     * know; CP_E_MEMORY. */
    cp_rc (*open)(const cp_schema *schema, const cp_sink_options *, cp_sink **, cp_error *);

    /* One worker's scratch. CP_E_MEMORY. */
    cp_rc (*encoder_open)(const cp_sink *, cp_encoder **, cp_error *);
    void (*encoder_close)(cp_encoder *); /* NULL is allowed */

    /* The group's bytes; any thread, own encoder. The same rows give the same bytes, however they
     * are sliced. CP_E_DATA, with the field named, for a value that the format cannot hold, a null
     * in a required field among them; CP_E_MEMORY. */
    cp_rc (*encode)(const cp_sink *, cp_encoder *, const cp_group *, cp_encoded **, cp_error *);
    void (*encoded_free)(cp_encoded *); /* NULL is allowed */

    /* Behind what the file has; serial, in order. The first call writes what comes before all. A
     * group without rows adds nothing. CP_E_MEMORY, and what the writer answers. */
    cp_rc (*append)(cp_sink *, const cp_encoded *, cp_writer *, cp_error *);

    /* What comes after all (also where there was no group). The writer is the caller's to finish.
     * Then the sink can begin another file. CP_E_DATA where the file has become larger than the
     * format allows; CP_E_MEMORY, and what the writer answers. */
    cp_rc (*finish)(cp_sink *, cp_writer *, cp_error *);

    /* Bytes of the file if it ended behind `next` (NULL: with what it has): never fewer than it
     * would have, and more by a few for each of its columns and pages at most. So a file can be
     * ended before it is too large. Serial, as append is. NULL: it is never ended early. */
    uint64_t (*file_bytes)(const cp_sink *, const cp_encoded *next);

    void (*close)(cp_sink *); /* NULL is allowed */
} cp_sink_type;

#endif
