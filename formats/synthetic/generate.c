/* The generator's loop: one record after the other, good or bad, framed as the form asks.
 *
 *   page of 256 KiB + slack --> out          page of 64 KiB + slack --> planted
 *
 *   jsonl   record \n record \n ...
 *   json    [\n record ,\n record \n ]\n
 *   struct  15 bytes, 15 bytes ... (7 bytes: the tail that bad records bring) */
#include "formats/synthetic/bad.h"
#include "formats/synthetic/gen_out.h"
#include "formats/synthetic/generator.h"
#include "formats/synthetic/hash.h"
#include "formats/synthetic/json_record.h"
#include "formats/synthetic/planted.h"
#include "formats/synthetic/struct_record.h"

enum {
    PAGE_BYTES = 256 << 10,
    PLANTED_PAGE_BYTES = 64 << 10,
    TAIL_BYTES = 7,
    CRLF_ONE_IN = 8,
    BLANK_ONE_IN = 256,
};

typedef struct generator {
    const cp_gen_options *options;
    cp_gen_out out;
    cp_gen_out planted; /* no memory: nobody asked */
    size_t kinds;
    uint64_t bad_count;
    uint64_t lines; /* line ends written */
} generator;

size_t cp_gen_bad_kind_count(cp_gen_form form)
{
    return form == CP_GEN_STRUCT ? cp_gen_bad_struct_count()
                                 : cp_gen_bad_json_count(form == CP_GEN_JSON);
}

static bool is_bad(const cp_gen_options *options, const cp_gen_case *c)
{
    if (options->bad_per_million == 0)
        return false;
    uint32_t draw = cp_gen_high(cp_gen_draw(c->key, CP_GEN_FOR_BAD));
    return cp_gen_below(draw, CP_GEN_BAD_MAX) < options->bad_per_million;
}

static cp_rc note_planted(generator *g, const cp_gen_case *c, size_t start, cp_gen_fault fault,
                          cp_error *err)
{
    if (!g->planted.bytes)
        return CP_OK;
    cp_rc rc = cp_gen_out_room(&g->planted, err);
    if (rc != CP_OK)
        return rc;
    cp_gen_place place = {
        .record = c->record + 1,
        .line = g->options->form == CP_GEN_STRUCT ? 0 : g->lines + 1,
        .offset = g->out.flushed + start,
        .raw = {g->out.bytes + start, g->out.used - start},
    };
    cp_gen_put_planted(&g->planted, &place, fault);
    return CP_OK;
}

/* The next kind in turn. */
static cp_rc put_bad(generator *g, const cp_gen_case *c, cp_error *err)
{
    size_t start = g->out.used;
    size_t kind = g->bad_count++ % g->kinds;
    cp_gen_fault fault = g->options->form == CP_GEN_STRUCT ? cp_gen_put_bad_struct(&g->out, c, kind)
                                                           : cp_gen_put_bad_json(&g->out, c, kind);
    return note_planted(g, c, start, fault, err);
}

static void put_good(generator *g, const cp_gen_case *c)
{
    if (g->options->form == CP_GEN_STRUCT)
        cp_gen_put_struct(&g->out, c);
    else if (g->options->profile == CP_GEN_REGULAR)
        cp_gen_put_regular(&g->out, c);
    else
        cp_gen_put_messy(&g->out, c, g->options->form == CP_GEN_JSON);
}

static void put_line_end(generator *g, const cp_gen_case *c)
{
    if (g->options->profile == CP_GEN_REGULAR) {
        cp_gen_put_byte(&g->out, '\n');
        return;
    }
    cp_gen_dice dice = {cp_gen_draw(c->key, CP_GEN_FOR_LINE)};
    const char *end = cp_gen_one_in(&dice, CRLF_ONE_IN) ? "\r\n" : "\n";
    cp_gen_put_text(&g->out, end);
    if (g->options->form == CP_GEN_JSONL && cp_gen_one_in(&dice, BLANK_ONE_IN))
        cp_gen_put_text(&g->out, end);
}

static void count_lines(generator *g, size_t start)
{
    const uint8_t *at = g->out.bytes + start;
    const uint8_t *end = g->out.bytes + g->out.used;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        g->lines++;
        at++;
    }
}

static cp_rc put_record(generator *g, uint64_t record, cp_error *err)
{
    const cp_gen_options *options = g->options;
    cp_rc rc = cp_gen_out_room(&g->out, err);
    if (rc != CP_OK)
        return rc;
    size_t start = g->out.used;
    cp_gen_case c = cp_gen_case_make(options, record);
    if (is_bad(options, &c))
        rc = put_bad(g, &c, err);
    else
        put_good(g, &c);
    if (rc != CP_OK || options->form == CP_GEN_STRUCT)
        return rc;
    if (options->form == CP_GEN_JSON && record + 1 < options->rows)
        cp_gen_put_byte(&g->out, ',');
    put_line_end(g, &c);
    count_lines(g, start);
    return CP_OK;
}

static void put_head(generator *g)
{
    if (g->options->form != CP_GEN_JSON)
        return;
    cp_gen_put_byte(&g->out, '[');
    if (g->options->rows) {
        cp_gen_put_byte(&g->out, '\n');
        g->lines++;
    }
}

/* The struct form's tail: the first bytes of the record that would have come next. */
static cp_rc put_cut_off(generator *g, cp_error *err)
{
    cp_rc rc = cp_gen_out_room(&g->out, err);
    if (rc != CP_OK)
        return rc;
    size_t start = g->out.used;
    cp_gen_case c = cp_gen_case_make(g->options, g->options->rows);
    cp_gen_put_struct(&g->out, &c);
    g->out.used = start + TAIL_BYTES;
    return note_planted(g, &c, start, (cp_gen_fault){CP_TRUNCATED_RECORD, NULL}, err);
}

static cp_rc put_tail(generator *g, cp_error *err)
{
    const cp_gen_options *options = g->options;
    if (options->form == CP_GEN_JSON)
        cp_gen_put_text(&g->out, "]\n");
    if (options->form == CP_GEN_STRUCT && options->rows && options->bad_per_million)
        return put_cut_off(g, err);
    return CP_OK;
}

static cp_rc put_all(generator *g, cp_error *err)
{
    cp_rc rc = CP_OK;
    put_head(g);
    for (uint64_t i = 0; i < g->options->rows && rc == CP_OK; i++)
        rc = put_record(g, i, err);
    if (rc == CP_OK)
        rc = put_tail(g, err);
    if (rc == CP_OK)
        rc = cp_gen_out_flush(&g->out, err);
    if (rc == CP_OK)
        rc = cp_gen_out_flush(&g->planted, err);
    return rc;
}

static cp_rc check_options(const cp_gen_options *options, cp_error *err)
{
    if (options->rows > CP_GEN_ROWS_MAX)
        return cp_fail(err, CP_E_USAGE, NULL, "rows: at most %llu",
                       (unsigned long long)CP_GEN_ROWS_MAX);
    if (options->sensors < 1 || options->sensors > CP_GEN_SENSORS_MAX)
        return cp_fail(err, CP_E_USAGE, NULL, "sensors: 1 to %d", CP_GEN_SENSORS_MAX);
    if (options->bad_per_million > CP_GEN_BAD_MAX)
        return cp_fail(err, CP_E_USAGE, NULL, "bad records: at most %d in a million",
                       CP_GEN_BAD_MAX);
    return CP_OK;
}

cp_rc cp_generate(const cp_gen_options *options, cp_writer *out, cp_writer *planted, cp_error *err)
{
    cp_rc rc = check_options(options, err);
    if (rc != CP_OK)
        return rc;
    generator g = {.options = options, .kinds = cp_gen_bad_kind_count(options->form)};
    rc = cp_gen_out_open(&g.out, out, PAGE_BYTES, CP_GEN_RECORD_BYTES, err);
    if (rc == CP_OK && planted)
        rc = cp_gen_out_open(&g.planted, planted, PLANTED_PAGE_BYTES, CP_GEN_PLANTED_BYTES, err);
    if (rc == CP_OK)
        rc = put_all(&g, err);
    cp_gen_out_close(&g.out);
    cp_gen_out_close(&g.planted);
    return rc;
}
