/* Candidates, their measured sizes, and the smallest. */
#include "formats/parquet/choose.h"

enum { CODINGS_MAX = 8, RUNS = 2, RUN_VALUES = 4096, RUN_BYTES = 512 << 10 };

void cp_parquet_bench_close(cp_parquet_bench *bench)
{
    cp_squeezer_close(bench->squeezer);
    cp_parquet_body_close(&bench->body);
    cp_bytes_free(&bench->squeezed);
    cp_bytes_free(&bench->dictionary);
    *bench = (cp_parquet_bench){0};
}

/* ---- candidates ---- */

/* What is measured; SKETCH stands for what a page of that kind gets. */
static const cp_squeeze_effort measured[] = {CP_SQUEEZE_SKETCH, CP_SQUEEZE_ENTROPY};
enum { MEASURED = sizeof measured / sizeof *measured };

/* Bytes as encoded, and as compressed with each of these. */
typedef struct sizes {
    uint64_t plain, squeezed[MEASURED];
} sizes;

typedef struct candidate {
    cp_parquet_coding coding;
    sizes sampled;
} candidate;

/* In order of preference where sizes are the same. */
typedef struct candidates {
    candidate items[CODINGS_MAX];
    size_t count;
} candidates;

static cp_parquet_coding *add(candidates *c, cp_parquet_encoding encoding)
{
    candidate *added = &c->items[c->count++];
    added->coding.encoding = encoding;
    return &added->coding;
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
    add(c, CP_PARQUET_RLE_DICTIONARY)->index_width = width;
    if (byte_aligned(width) != width)
        add(c, CP_PARQUET_RLE_DICTIONARY)->index_width = byte_aligned(width);
}

static void add_delta(candidates *c, cp_parquet_encoding encoding)
{
    add(c, encoding);
    add(c, encoding)->is_uniform = true;
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
    return values->symbols || (dictionary->usable && dictionary->distinct <= values->count / 8);
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

static cp_squeeze_effort effort_for(cp_parquet_type type, cp_parquet_encoding encoding)
{
    return type == CP_PARQUET_BYTE_ARRAY && encoding != CP_PARQUET_RLE_DICTIONARY
               ? CP_SQUEEZE_TEXTS
               : CP_SQUEEZE_NUMBERS;
}

/* A chunk, and what of it is the same under every choice. */
typedef struct trial {
    const cp_parquet_values *values;
    const cp_parquet_dictionary *dictionary;
    cp_parquet_bench *bench;
    size_t run_values;
    size_t sampled; /* values seen so far */
    sizes of_levels;
    uint64_t dictionary_bytes; /* compressed */
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
        sum->squeezed[i] += bench->squeezed.size;
    }
    return rc;
}

/* The whole page, once and for all: repetitions are looked for, whatever its indices are like. */
static cp_rc squeeze_dictionary(trial *t, cp_error *err)
{
    cp_parquet_bench *bench = t->bench;
    if (!t->dictionary->usable || !bench->squeezer)
        return CP_OK;
    cp_parquet_body_clear(&bench->body);
    cp_rc rc = cp_parquet_encode_dictionary(t->dictionary, t->values->type, &bench->body, err);
    if (!rc)
        rc = cp_squeeze(bench->squeezer, effort_for(t->values->type, CP_PARQUET_PLAIN),
                        &bench->body, &bench->dictionary, err);
    t->dictionary_bytes = bench->dictionary.size;
    return rc;
}

static cp_rc measure_levels(trial *t, const cp_parquet_levels *levels, cp_error *err)
{
    if (!levels->valid)
        return CP_OK;
    cp_parquet_body_clear(&t->bench->body);
    cp_rc rc = cp_parquet_encode_levels(levels, 0, levels->rows, &t->bench->body, err);
    return rc ? rc : measure_body(t, &t->of_levels, err);
}

static cp_rc measure_run(trial *t, candidates *c, size_t first, size_t count, cp_error *err)
{
    cp_parquet_body *body = &t->bench->body;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < c->count; i++) {
        cp_parquet_body_clear(body);
        rc = cp_parquet_encode(&c->items[i].coding, t->values, t->dictionary, first, count, body,
                               err);
        if (!rc)
            rc = measure_body(t, &c->items[i].sampled, err);
    }
    t->sampled += count;
    return rc;
}

/* ---- comparing ---- */

static uint64_t scaled(const trial *t, uint64_t bytes)
{
    size_t sampled = t->sampled ? t->sampled : 1;
    return (uint64_t)((unsigned __int128)bytes * t->values->count / sampled);
}

/* Of the chunk. The dictionary is compressed in the one way, whatever its indices are. */
static sizes total(const trial *t, const candidate *c)
{
    bool has_dictionary = c->coding.encoding == CP_PARQUET_RLE_DICTIONARY;
    sizes sum = {.plain = scaled(t, c->sampled.plain) + t->of_levels.plain +
                          (has_dictionary ? t->dictionary->plain_bytes : 0)};
    for (size_t i = 0; i < MEASURED; i++)
        sum.squeezed[i] = t->bench->squeezer
                              ? scaled(t, c->sampled.squeezed[i]) + t->of_levels.squeezed[i] +
                                    (has_dictionary ? t->dictionary_bytes : 0)
                              : sum.plain;
    return sum;
}

/* The smallest so far, compressed or not. */
typedef struct winner {
    cp_parquet_choice choice;
    uint64_t plain, squeezed, smallest;
} winner;

static void compare(const trial *t, const candidate *c, winner *best)
{
    sizes found = total(t, c);
    for (size_t i = 0; i < MEASURED; i++) {
        uint64_t squeezed = found.squeezed[i];
        uint64_t smaller = squeezed < found.plain ? squeezed : found.plain;
        if (smaller >= best->smallest)
            continue;
        cp_squeeze_effort effort = measured[i] == CP_SQUEEZE_SKETCH
                                       ? effort_for(t->values->type, c->coding.encoding)
                                       : measured[i];
        *best = (winner){{.coding = c->coding, .effort = effort}, found.plain, squeezed, smaller};
    }
}

static winner find_best(const trial *t, const candidates *c)
{
    winner best = {.smallest = UINT64_MAX};
    for (size_t i = 0; i < c->count; i++)
        compare(t, &c->items[i], &best);
    return best;
}

/* Those that are half as large again as the best, and by a byte for each value, will hardly make
 * it: where a run says little, as one of equal values does, all stay. */
static void drop_hopeless(const trial *t, candidates *c)
{
    uint64_t smallest = find_best(t, c).smallest;
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++) {
        winner itself = {.smallest = UINT64_MAX};
        compare(t, &c->items[i], &itself);
        if (itself.smallest <= smallest + smallest / 2 + t->values->count)
            c->items[kept++] = c->items[i];
    }
    c->count = kept;
}

/* The runs lie around the middles of as many equal parts of the chunk. */
static cp_rc measure_all(trial *t, candidates *c, cp_error *err)
{
    size_t count = t->values->count, part = count / RUNS, run = t->run_values;
    if (part <= run)
        return measure_run(t, c, 0, count, err);
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < RUNS; i++) {
        rc = measure_run(t, c, part * i + (part - run) / 2, run, err);
        if (!rc && i + 1 < RUNS)
            drop_hopeless(t, c);
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
    candidates c = list_candidates(values, dictionary);
    cp_rc rc = squeeze_dictionary(&t, err);
    if (!rc)
        rc = measure_levels(&t, levels, err);
    if (!rc)
        rc = measure_all(&t, &c, err);
    winner best = find_best(&t, &c);
    *out = best.choice;
    out->compress = best.squeezed < best.plain - best.plain / 100;
    return rc;
}
