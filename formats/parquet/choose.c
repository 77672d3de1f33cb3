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

/* Split streams are for floats alone: of integers few readers know them yet. */
static void add_by_type(candidates *c, cp_parquet_type type)
{
    switch (type) {
    case CP_PARQUET_BOOLEAN:
        add(c, CP_PARQUET_RLE);
        break;
    case CP_PARQUET_INT32:
    case CP_PARQUET_INT64:
        add(c, CP_PARQUET_DELTA_BINARY_PACKED);
        add(c, CP_PARQUET_DELTA_BINARY_PACKED);
        c->items[c->count - 1].shared_minimum = true;
        break;
    case CP_PARQUET_FLOAT:
    case CP_PARQUET_DOUBLE:
        add(c, CP_PARQUET_BYTE_STREAM_SPLIT);
        break;
    case CP_PARQUET_BYTE_ARRAY:
        add(c, CP_PARQUET_DELTA_LENGTH_BYTE_ARRAY);
        add(c, CP_PARQUET_DELTA_BYTE_ARRAY);
        break;
    }
}

/* An enum's values are symbols of few kinds: their dictionary is all there is to try. */
static candidates list_candidates(const cp_parquet_values *values,
                                  const cp_parquet_dictionary *dictionary)
{
    candidates c = {0};
    if (!values->symbols || values->count == 0)
        add(&c, CP_PARQUET_PLAIN);
    if (dictionary->usable)
        add_dictionary(&c, dictionary);
    if (!values->symbols && values->count > 0)
        add_by_type(&c, values->type);
    return c;
}

/* ---- measuring ---- */

/* Bytes as encoded, and as compressed at best. */
typedef struct sizes {
    uint64_t plain, squeezed;
} sizes;

static uint64_t smaller(const sizes *s)
{
    return s->squeezed < s->plain ? s->squeezed : s->plain;
}

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

/* Adds the size of the bench's body. */
static cp_rc measure_body(const trial *t, cp_squeeze_effort effort, sizes *sum, cp_error *err)
{
    cp_parquet_bench *bench = t->bench;
    sum->plain += bench->body.bytes.size;
    if (!bench->squeezer) {
        sum->squeezed += bench->body.bytes.size;
        return CP_OK;
    }
    cp_rc rc = cp_squeeze(bench->squeezer, effort, &bench->body, &bench->squeezed, err);
    sum->squeezed += bench->squeezed.size;
    return rc;
}

static cp_rc measure_dictionary(trial *t, cp_error *err)
{
    if (!t->dictionary->usable)
        return CP_OK;
    cp_parquet_body_clear(&t->bench->body);
    cp_rc rc = cp_parquet_encode_dictionary(t->dictionary, t->values->type, &t->bench->body, err);
    return rc ? rc : measure_body(t, CP_SQUEEZE_LEVEL, &t->of_dictionary, err);
}

static cp_rc measure_levels(trial *t, const cp_parquet_levels *levels, cp_error *err)
{
    if (!levels->valid)
        return CP_OK;
    cp_parquet_body_clear(&t->bench->body);
    cp_rc rc = cp_parquet_encode_levels(levels, 0, levels->rows, &t->bench->body, err);
    return rc ? rc : measure_body(t, CP_SQUEEZE_LEVEL, &t->of_levels, err);
}

static cp_rc measure_run(const trial *t, const cp_parquet_choice *choice, size_t first,
                         size_t count, sizes *sum, cp_error *err)
{
    cp_parquet_body_clear(&t->bench->body);
    cp_rc rc = cp_parquet_encode(&choice->coding, t->values, t->dictionary, first, count,
                                 &t->bench->body, err);
    return rc ? rc : measure_body(t, choice->effort, sum, err);
}

/* The runs lie around the middles of as many equal parts of the chunk; *sampled are their values.
 */
static cp_rc measure_sample(const trial *t, const cp_parquet_choice *choice, sizes *out,
                            size_t *sampled, cp_error *err)
{
    size_t count = t->values->count, part = count / RUNS, run = t->run_values;
    *out = (sizes){0};
    *sampled = count;
    if (part <= run)
        return measure_run(t, choice, 0, count, out, err);
    *sampled = RUNS * run;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < RUNS; i++)
        rc = measure_run(t, choice, part * i + (part - run) / 2, run, out, err);
    return rc;
}

static uint64_t scaled(uint64_t bytes, size_t sampled, size_t count)
{
    return (uint64_t)((unsigned __int128)bytes * count / (sampled ? sampled : 1));
}

/* The chunk's size under a choice. */
static cp_rc measure(const trial *t, const cp_parquet_choice *choice, sizes *out, cp_error *err)
{
    size_t sampled;
    cp_rc rc = measure_sample(t, choice, out, &sampled, err);
    out->plain = scaled(out->plain, sampled, t->values->count) + t->of_levels.plain;
    out->squeezed = scaled(out->squeezed, sampled, t->values->count) + t->of_levels.squeezed;
    if (choice->coding.encoding == CP_PARQUET_RLE_DICTIONARY) {
        out->plain += t->of_dictionary.plain;
        out->squeezed += t->of_dictionary.squeezed;
    }
    return rc;
}

/* Keeps `choice` where it is smaller than the best so far. */
static cp_rc try_choice(const trial *t, cp_parquet_choice choice, cp_parquet_choice *best,
                        sizes *best_sizes, cp_error *err)
{
    sizes found;
    cp_rc rc = measure(t, &choice, &found, err);
    if (!rc && smaller(&found) < smaller(best_sizes)) {
        *best_sizes = found;
        *best = choice;
    }
    return rc;
}

cp_rc cp_parquet_choose(const cp_parquet_values *values, const cp_parquet_dictionary *dictionary,
                        const cp_parquet_levels *levels, cp_parquet_bench *bench,
                        cp_parquet_choice *out, cp_error *err)
{
    trial t = {.values = values,
               .dictionary = dictionary,
               .bench = bench,
               .run_values = run_values(values)};
    sizes best = {UINT64_MAX, UINT64_MAX};
    candidates c = list_candidates(values, dictionary);
    cp_rc rc = measure_dictionary(&t, err);
    if (!rc)
        rc = measure_levels(&t, levels, err);
    for (size_t i = 0; !rc && i < c.count; i++)
        rc = try_choice(&t, (cp_parquet_choice){.coding = c.items[i]}, out, &best, err);
    if (!rc && bench->squeezer)
        rc = try_choice(&t, (cp_parquet_choice){out->coding, false, CP_SQUEEZE_ENTROPY}, out, &best,
                        err);
    out->compress = best.squeezed < best.plain - best.plain / 100;
    return rc;
}
