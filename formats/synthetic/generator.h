/* Deterministic test data in the shape of the built-in schema `case`.
 *
 *   options --> record i's numbers --> regular | messy | bad --> jsonl | json | struct --> writer
 *                (case_record.h)                      \-----------> one line each --> planted
 *
 * Integer arithmetic alone, so that the same options give the same bytes on every platform. The
 * numbers of record i depend on seed, sensors and profile, never on the form: the three forms of
 * one data set say the same. cp_gen_manual says in words what is made and how often; both are
 * frozen by tests/unit/test_generator.c. */
#ifndef CP_FORMATS_SYNTHETIC_GENERATOR_H
#define CP_FORMATS_SYNTHETIC_GENERATOR_H

#include "pipeline/core/error.h"
#include "pipeline/core/span.h"
#include "pipeline/core/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum cp_gen_profile {
    CP_GEN_REGULAR, /* one spelling for everything */
    CP_GEN_MESSY,   /* everything that is allowed */
} cp_gen_profile;

typedef enum cp_gen_form {
    CP_GEN_JSONL,
    CP_GEN_JSON,   /* one array, an element a line */
    CP_GEN_STRUCT, /* "<dHfB": timestamp, sensor_id, value, status; 15 bytes a record */
} cp_gen_form;

#define CP_GEN_ROWS_MAX UINT64_C(1000000000000)
enum {
    CP_GEN_SENSORS_DEFAULT = 1024,
    CP_GEN_SENSORS_MAX = 65536,
    CP_GEN_BAD_MAX = 1000000, /* every record */
};

typedef struct cp_gen_options {
    uint64_t rows; /* at most CP_GEN_ROWS_MAX */
    uint64_t seed;
    uint32_t sensors; /* 1 to CP_GEN_SENSORS_MAX */
    cp_gen_profile profile;
    cp_gen_form form;
    uint32_t bad_per_million; /* of the records, chosen by hash; at most CP_GEN_BAD_MAX */
} cp_gen_options;

/* Writes the whole data set to `out`, in pieces of about 256 KiB, and for each bad record one JSON
 * line to `planted` (NULL: none). Neither writer is finished here. The memory used does not depend
 * on the options. CP_E_USAGE for options out of their bounds, CP_E_MEMORY, and what the writers
 * answer. */
cp_rc cp_generate(const cp_gen_options *options, cp_writer *out, cp_writer *planted, cp_error *err);

/* How many kinds of bad records the form knows; they take turns, so that this many bad records
 * hold each kind once. The short tail of the struct form is not counted. */
size_t cp_gen_bad_kind_count(cp_gen_form form);

/* A rate from 0 to 1 in plain decimal digits ("0.001", "1", "0.25"), exactly, as parts in a
 * million. false for anything else, and for what is finer than a millionth. */
bool cp_gen_rate_parse(cp_span text, uint32_t *per_million);

/* What is made and how often, in lines of at most 80 characters. */
extern const char cp_gen_manual[];

#endif
