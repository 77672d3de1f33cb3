/* One value of the layout on its way into one column: what plan, loads, kernels, feeds and decoder
 * of struct records share. Private to this folder. */
#ifndef CP_FORMATS_RECORDS_STRUCT_STEP_H
#define CP_FORMATS_RECORDS_STRUCT_STEP_H

#include "pipeline/core/batch.h"
#include "pipeline/core/reject.h"

/* A run is decoded column by column: it and its columns' ends stay in the first-level cache. */
enum { CP_STRUCT_RUN_ROWS = 64 };

/* What a code's bytes are, before its field is known. */
typedef enum cp_struct_kind {
    CP_STRUCT_SIGNED,
    CP_STRUCT_UNSIGNED,
    CP_STRUCT_TRUTH,
    CP_STRUCT_REAL,
    CP_STRUCT_TEXT,
    CP_STRUCT_KIND_COUNT
} cp_struct_kind;

/* Field types that take the same feeds and kernels. */
typedef enum cp_struct_group {
    CP_STRUCT_TO_BOOL,
    CP_STRUCT_TO_INTEGER,
    CP_STRUCT_TO_FLOAT,
    CP_STRUCT_TO_STRING,
    CP_STRUCT_TO_ENUM,
    CP_STRUCT_TO_TIME,
    CP_STRUCT_TO_JSON,
    CP_STRUCT_GROUP_COUNT
} cp_struct_group;

/* The values of one code in a run: signed (sign extended), unsigned and truth as bits. */
typedef union cp_struct_lanes {
    uint64_t bits[CP_STRUCT_RUN_ROWS];
    double real[CP_STRUCT_RUN_ROWS];
} cp_struct_lanes;

/* One value, by kind; text is a view into the record. */
typedef union cp_struct_value {
    int64_t whole;
    uint64_t natural;
    double real;
    bool truth;
    cp_span text;
} cp_struct_value;

/* The checked stores of whole runs; see struct_kernels.h. */
typedef enum cp_struct_kernel {
    CP_STRUCT_KERNEL_NONE, /* value by value only */
    CP_STRUCT_KERNEL_BITS,
    CP_STRUCT_KERNEL_REALS,
    CP_STRUCT_KERNEL_WHOLE_REALS,
    CP_STRUCT_KERNEL_WHOLE_TIMES,
    CP_STRUCT_KERNEL_REAL_TIMES,
    CP_STRUCT_KERNEL_COUNT
} cp_struct_kernel;

typedef struct cp_struct_step cp_struct_step;

/* Reads the values at `at`, `at` + stride, ..., at most CP_STRUCT_RUN_ROWS of them. */
typedef void cp_struct_load_fn(const uint8_t *at, size_t stride, size_t count,
                               cp_struct_lanes *out);

/* Takes one value through pipeline/core/cell.h; answers as the cells do. */
typedef cp_reason cp_struct_feed_fn(const cp_struct_step *s, cp_struct_value v, cp_column *column,
                                    uint32_t row);

/* Immutable once the plan is made; any thread. */
struct cp_struct_step {
    const cp_field *field;
    size_t column;
    size_t width;          /* bytes of one value in the column */
    uint32_t offset, size; /* bytes in the record */
    char code;
    cp_struct_kind kind;
    cp_struct_load_fn *load; /* NULL: text */
    cp_struct_feed_fn *feed;
    cp_struct_kernel kernel;
    bool unruled; /* no value of the code can be refused or null */

    /* What the kernel accepts: lanes with bits - low <= span (modulo 2^64) ... */
    uint64_t low, span;
    bool covers; /* that is every value of the code */
    /* ... and reals in [real_low, real_high]. */
    double real_low, real_high;
    uint64_t multiplier; /* timestamps: units in one of the input's */
};

static inline double cp_struct_real_of_bits(uint64_t bits)
{
    double real;
    memcpy(&real, &bits, sizeof real);
    return real;
}

static inline uint64_t cp_struct_bits_of_real(double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

#endif
