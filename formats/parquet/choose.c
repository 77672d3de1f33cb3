/* Candidates, their measured sizes, and the smallest. */
#include "formats/parquet/choose.h"

enum { CODINGS_MAX = 8, RUNS = 2, RUN_VALUES = 4096, RUN_BYTES = 512 << 10 };

/* ---- candidates ---- */

/* In order of preference where sizes are the same. */
typedef struct candidates {
    cp_parquet_coding items[CODINGS_MAX];
    size_t count;
} candidates;

static void add(candidates *c, cp_parquet_encoding encoding)
{
    c->items[c->count++] = (cp_parquet_coding){.encoding = encoding};
}

/* Entropy coders work on bytes: indices that fill a nibble or whole bytes have their statistics
 * where those see them, at the price of some bits that are always 0. */
static unsigned byte_aligned(unsigned width)
{
    if (width <= 2)
        return width;
    return width <= 4 ? 4 : width <= 8 ? 8 : width <= 16 ? 16 : width;
}

static void add_dictionary(candidates *c, const cp_parquet_dictionary *dictionary)
{
    unsigned width = cp_parquet_index_width(dictionary);
    add(c, CP_PARQUET_RLE_DICTIONARY);
    c->items[c->count - 1].index_width = width;
    if (byte_aligned(width) == width)
        return;
    add(c, CP_PARQUET_RLE_DICTIONARY);
    c->items[c->count - 1].index_width = byte_aligned(width);
}

static void add_delta(candidates *c, cp_parquet_encoding encoding)
{
    add(c, encoding);
    add(c, encoding);
    c->items[c->count - 1].is_uniform = true;
}

/* Split streams are for floats alone: of integers few readers know them yet. */
static void add_by_type(candidates *c, cp_parquet_type type)
{
    switch (type) {
    case CP_PARQUET_BOOLEAN:
        add(c, CP_PARQUET_RLE);
        break;
    case CP_PARQUET_INT32:
    case CP_PARQUET_INT64:
        add_delta(c, CP_PARQUET_DELTA_BINARY_PACKED);
        break;
    case CP_PARQUET_FLOAT:
    case CP_PARQUET_DOUBLE:
        add(c, CP_PARQUET_BYTE_STREAM_SPLIT);
        break;
    case CP_PARQUET_BYTE_ARRAY:
        add_delta(c, CP_PARQUET_DELTA_LENGTH_BYTE_ARRAY);
        add_delta(c, CP_PARQUET_DELTA_BYTE_ARRAY);
        break;
    }
}

/* So often does each value occur that its number is what should stand for it. */
static bool are_few(const cp_parquet_values *values, const cp_parquet_dictionary *dictionary)
{
    return values->symbols || (dictionary->usable && dictionary->count <= values->count / 8);
}

/* Of few texts the dictionary is all there is to try; numbers may have steps or bytes that say even
 * less than their index does. */
static candidates list_candidates(const cp_parquet_values *values,
                                  const cp_parquet_dictionary *dictionary)
{
    candidates c = {0};
    bool few = values->count > 0 && are_few(values, dictionary);
    if (!few)
        add(&c, CP_PARQUET_PLAIN);
    if (dictionary->usable)
        add_dictionary(&c, dictionary);
    if (values->count > 0 && !(few && values->type == CP_PARQUET_BYTE_ARRAY))
        add_by_type(&c, values->type);
    return c;
}

/* ---- measuring ---- */

/* Bytes as encoded, and as compressed with each effort. */
typedef struct sizes {
    uint64_t plain, squeezed[CP_SQUEEZE_EFFORTS];
} sizes;

/* What is measured; SKETCH stands for LEVEL. */
static const cp_squeeze_effort measured[] = {CP_SQUEEZE_SKETCH, CP_SQUEEZE_ENTROPY};
enum { MEASURED = sizeof measured / sizeof *measured };

/* A chunk, and what of it is the same under every choice. */
typedef struct trial {
    const cp_parquet_values *values;
    const cp_parquet_dictionary *dictionary;
    cp_parquet_bench *bench;
    size_t run_values;
    sizes of_dictionary, of_levels;
} trial;

/* At most RUN_VALUES, and so many that texts of average size fill RUN_BYTES. */
static size_t run_values(const cp_parquet_values *values)
{
    size_t bytes = 0;
    if (values->type != CP_PARQUET_BYTE_ARRAY || values->symbols)
        return RUN_VALUES;
    for (size_t i = 0; i < values->count; i++)
        bytes += values->texts[i].size;
    if (bytes / RUN_BYTES <= values->count / RUN_VALUES)
        return RUN_VALUES;
    return RUN_BYTES / (bytes / values->count + 1) + 1;
}

/* Adds the sizes of the bench's body. */
static cp_rc measure_body(const trial *t, sizes *sum, cp_error *err)
{
    cp_parquet_bench *bench = t->bench;
    cp_rc rc = CP_OK;
    sum->plain += bench->body.bytes.size;
    for (size_t i = 0; !rc && bench->squeezer && i < MEASURED; i++) {
        rc = cp_squeeze(bench->squeezer, measured[i], &bench->body, &bench->squeezed, err);
        sum->squeezed[measured[i]] += bench->squeezed.size;
    }
    return rc;
}

static cp_rc measure_dictionary(trial *t, cp_error *err)
{
    if (!t->dictionary->usable)
        return CP_OK;
    cp_parquet_body_clear(&t->bench->body);
    cp_rc rc = cp_parquet_encode_dictionary(t->dictionary, t->values->type, &t->bench->body, err);
    return rc ? rc : measure_body(t, &t->of_dictionary, err);
}

static cp_rc measure_levels(trial *t, const cp_parquet_levels *levels, cp_error *err)
{
    if (!levels->valid)
        return CP_OK;
    cp_parquet_body_clear(&t->bench->body);
    cp_rc rc = cp_parquet_encode_levels(levels, 0, levels->rows, &t->bench->body, err);
    return rc ? rc : measure_body(t, &t->of_levels, err);
}

static cp_rc measure_run(const trial *t, const cp_parquet_coding *coding, size_t first,
                         size_t count, sizes *sum, cp_error *err)
{
    cp_parquet_body_clear(&t->bench->body);
    cp_rc rc =
        cp_parquet_encode(coding, t->values, t->dictionary, first, count, &t->bench->body, err);
    return rc ? rc : measure_body(t, sum, err);
}

/* The runs lie around the middles of as many equal parts of the chunk; *sampled are their values.
 */
static cp_rc measure_sample(const trial *t, const cp_parquet_coding *coding, sizes *out,
                            size_t *sampled, cp_error *err)
{
    size_t count = t->values->count, part = count / RUNS, run = t->run_values;
    *out = (sizes){0};
    *sampled = count;
    if (part <= run)
        return measure_run(t, coding, 0, count, out, err);
    *sampled = RUNS * run;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < RUNS; i++)
        rc = measure_run(t, coding, part * i + (part - run) / 2, run, out, err);
    return rc;
}

static uint64_t scaled(uint64_t bytes, size_t sampled, size_t count)
{
    return (uint64_t)((unsigned __int128)bytes * count / (sampled ? sampled : 1));
}

/* The dictionary is compressed with LEVEL, whatever its indices are. */
static cp_rc measure(const trial *t, const cp_parquet_coding *coding, sizes *out, cp_error *err)
{
    size_t sampled;
    bool has_dictionary = coding->encoding == CP_PARQUET_RLE_DICTIONARY;
    cp_rc rc = measure_sample(t, coding, out, &sampled, err);
    out->plain = scaled(out->plain, sampled, t->values->count) + t->of_levels.plain;
    if (has_dictionary)
        out->plain += t->of_dictionary.plain;
    for (size_t i = 0; i < MEASURED; i++) {
        uint64_t *bytes = &out->squeezed[measured[i]];
        *bytes = scaled(*bytes, sampled, t->values->count) + t->of_levels.squeezed[measured[i]];
        if (has_dictionary)
            *bytes += t->of_dictionary.squeezed[CP_SQUEEZE_SKETCH];
    }
    return rc;
}

/* The smallest so far, compressed or not. */
typedef struct winner {
    cp_parquet_choice choice;
    uint64_t plain, squeezed, smallest;
} winner;

static void compare(winner *best, const cp_parquet_coding *coding, const sizes *found,
                    bool can_squeeze)
{
    for (size_t i = 0; i < MEASURED; i++) {
        uint64_t squeezed = can_squeeze ? found->squeezed[measured[i]] : found->plain;
        uint64_t smaller = squeezed < found->plain ? squeezed : found->plain;
        if (smaller >= best->smallest)
            continue;
        cp_squeeze_effort effort =
            measured[i] == CP_SQUEEZE_SKETCH ? CP_SQUEEZE_LEVEL : measured[i];
        *best = (winner){{.coding = *coding, .effort = effort}, found->plain, squeezed, smaller};
    }
}

cp_rc cp_parquet_choose(const cp_parquet_values *values, const cp_parquet_dictionary *dictionary,
                        const cp_parquet_levels *levels, cp_parquet_bench *bench,
                        cp_parquet_choice *out, cp_error *err)
{
    trial t = {.values = values,
               .dictionary = dictionary,
               .bench = bench,
               .run_values = run_values(values)};
    winner best = {.smallest = UINT64_MAX};
    candidates c = list_candidates(values, dictionary);
    cp_rc rc = measure_dictionary(&t, err);
    if (!rc)
        rc = measure_levels(&t, levels, err);
    for (size_t i = 0; !rc && i < c.count; i++) {
        sizes found;
        rc = measure(&t, &c.items[i], &found, err);
        if (!rc)
            compare(&best, &c.items[i], &found, bench->squeezer != NULL);
    }
    *out = best.choice;
    out->compress = best.squeezed < best.plain - best.plain / 100;
    return rc;
}
