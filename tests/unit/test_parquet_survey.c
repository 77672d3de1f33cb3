/* formats/parquet/survey.h: files of the sink described as they are; files made by hand, each with
 * one thing wrong, refused with the reason and the byte; every cut, every bit flipped, every read
 * and every allocation that fails. */
#include "formats/parquet/survey.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/memory_seekable.h"
#include "tests/unit/parquet_file.h"

#include <zlib.h>

static const char rows[] = "1 abc NEW 1.5 t 10\n2 null SHUT null f 20\n3 abd NEW -2 null 30\n";

static cp_rc survey_bytes(const void *bytes, size_t size, cp_parquet_survey *out, cp_error *err)
{
    static memory_seekable file; /* outlives the survey */
    file = memory_seekable_of(bytes, size);
    cp_rc rc = cp_parquet_survey_open(&file.base, out, err);
    return rc ? rc : cp_parquet_survey_pages(out, err);
}

static memory_writer write_sample(void)
{
    cp_schema *schema = schema_of("n:int32! s:string e:enum d:float64 b:bool t:timestamp[s]");
    cp_group group = group_of(schema, rows);
    memory_writer file = memory_writer_open();
    assert_int_equal(write_files(schema, &group, 1, &file.base, NULL), CP_OK);
    cp_group_close(&group);
    cp_schema_free(schema);
    return file;
}

static void test_described(void **state)
{
    (void)state;
    memory_writer file = write_sample();
    cp_parquet_survey s;
    cp_error err = {0};
    if (survey_bytes(file.bytes, file.size, &s, &err))
        fail_msg("%s", err.message);
    assert_int_equal(s.said.row_count, 6);
    assert_int_equal(s.group_count, 2);
    assert_int_equal(s.tree.leaf_count, 6);
    assert_int_equal(s.chunk_count, 12);
    assert_true(cp_span_equal(s.said.created_by, cp_span_of("casepipe version test")));
    assert_string_equal(cp_parquet_leaf(&s.tree, 1)->path, "s");
    assert_int_equal(cp_parquet_leaf(&s.tree, 0)->definition_max, 0);
    assert_int_equal(cp_parquet_leaf(&s.tree, 1)->definition_max, 1);
    for (size_t i = 0; i < s.chunk_count; i++) {
        const cp_parquet_pages *pages = &s.chunks[i].pages;
        uint64_t all = pages->data_pages + pages->dictionary_pages;
        assert_int_equal(pages->data_pages, 1);
        assert_int_equal(pages->checksums, all);
        assert_int_equal(pages->unpacked, all);
        assert_int_equal(s.chunks[i].said.metadata.value_count, 3);
    }
    assert_int_equal(s.chunks[1].said.metadata.statistics.null_count, 1);
    cp_parquet_survey_close(&s);
    cp_parquet_survey_close(&s);
    memory_writer_close(&file.base);
}

/* ---- damage of every kind ---- */

static void assert_told(cp_rc rc, const cp_error *err)
{
    assert_int_equal(rc, CP_E_DATA);
    assert_true(err->has_byte);
    assert_true(strcmp(err->reason, "truncated_input") == 0 ||
                strcmp(err->reason, "corrupt_input") == 0);
    assert_true(err->message[0] != '\0');
}

static void test_every_truncation(void **state)
{
    (void)state;
    memory_writer file = write_sample();
    for (size_t size = 0; size < file.size; size++) {
        cp_parquet_survey s;
        cp_error err = {0};
        assert_told(survey_bytes(file.bytes, size, &s, &err), &err);
        cp_parquet_survey_close(&s);
    }
    memory_writer_close(&file.base);
}

/* Where the first index lies, and the pages end. */
static size_t pages_end_of(const cp_parquet_survey *s)
{
    uint64_t end = s->footer_offset;
    for (size_t i = 0; i < s->chunk_count; i++) {
        const cp_parquet_column_chunk *said = &s->chunks[i].said;
        if ((uint64_t)said->offset_index_offset < end)
            end = (uint64_t)said->offset_index_offset;
        if (said->column_index_offset > 0 && (uint64_t)said->column_index_offset < end)
            end = (uint64_t)said->column_index_offset;
    }
    return (size_t)end;
}

static void flip(memory_writer *file, size_t bit)
{
    file->bytes[bit / 8] = (char)(file->bytes[bit / 8] ^ 1 << bit % 8);
}

/* Not one bit of a page and its header can change unseen. Of the indexes and the footer some can,
 * since nothing but they themselves says what they say: bounds, names of who wrote it. */
static void test_every_bit(void **state)
{
    (void)state;
    memory_writer file = write_sample();
    cp_parquet_survey s;
    size_t left = 0;
    assert_int_equal(survey_bytes(file.bytes, file.size, &s, NULL), CP_OK);
    size_t pages_end = pages_end_of(&s);
    cp_parquet_survey_close(&s);
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        cp_error err = {0};
        flip(&file, bit);
        cp_rc rc = survey_bytes(file.bytes, file.size, &s, &err);
        flip(&file, bit);
        if (rc)
            assert_told(rc, &err);
        else if (bit / 8 < pages_end)
            fail_msg("bit %zu of byte %zu, in a page, was not missed", bit % 8, bit / 8);
        left += rc == CP_OK;
        cp_parquet_survey_close(&s);
    }
    print_message("%zu of %zu bits, all behind the pages, change nothing that can be checked\n",
                  left, 8 * file.size);
    memory_writer_close(&file.base);
}

static void test_failing_reads(void **state)
{
    (void)state;
    memory_writer file = write_sample();
    cp_rc rc = CP_E_IO;
    for (size_t n = 0; rc; n++) {
        cp_parquet_survey s;
        cp_error err = {0};
        memory_seekable seekable = memory_seekable_of(file.bytes, file.size);
        seekable.fails_at = n;
        rc = cp_parquet_survey_open(&seekable.base, &s, &err);
        if (!rc)
            rc = cp_parquet_survey_pages(&s, &err);
        assert_true(rc == CP_OK ? n >= seekable.reads : rc == CP_E_IO);
        cp_parquet_survey_close(&s);
    }
    memory_writer_close(&file.base);
}

static void test_failing_memory(void **state)
{
    (void)state;
    memory_writer file = write_sample();
    bool failed = true;
    for (long n = 0; failed; n++) {
        cp_parquet_survey s;
        cp_error err = {0};
        fail_allocation(n);
        cp_rc rc = survey_bytes(file.bytes, file.size, &s, &err);
        cp_parquet_survey_close(&s);
        failed = end_failing();
        assert_true(rc == CP_OK || (failed && rc == CP_E_MEMORY)); /* qsort can do without */
    }
    memory_writer_close(&file.base);
}

/* ---- files made by hand ---- */

/* A file of one optional INT32 column in one group of two data pages, as each test changes it. */
typedef struct plan {
    int32_t version, type, codec, repetition, child_count, page_type, encoding, level_encoding;
    int64_t rows, group_rows, values, plain_more, stored_more, data_more, nulls;
    int64_t index_more, bounds_more; /* of the offset index' and the column index' place */
    int32_t page_values, page_plain_more, page_stored_more, crc_more, encoding_count;
    int64_t place_more, first_row;
    int32_t location_count, null_page_count;
    int64_t null_count;
    size_t columns, orders, behind_footer, root_leaf;
    const char *name, *path, *first_magic;
    uint32_t footer_more;
    size_t min_bytes;
} plan;

static const plan sound = {
    .version = 1,
    .type = CP_PARQUET_INT32,
    .repetition = 1,
    .child_count = 1,
    .level_encoding = 3,
    .rows = 6,
    .group_rows = 6,
    .values = 6,
    .nulls = 2,
    .page_values = 3,
    .encoding_count = 2,
    .first_row = 3,
    .location_count = 2,
    .null_page_count = 2,
    .null_count = 1,
    .columns = 1,
    .orders = 1,
    .name = "c",
    .path = "c",
    .first_magic = "PAR1",
    .min_bytes = 4,
};

/* Where its parts came to lie. */
typedef struct made {
    cp_bytes bytes;
    uint64_t pages[2], page_bytes[2], plain_bytes, bounds, bounds_bytes, index, index_bytes, footer;
} made;

static void put_page(const plan *p, made *m, size_t i)
{
    static const uint8_t body[] = {2, 0, 0, 0, 3, 7, 1, 0, 0, 0, 2, 0, 0, 0};
    uint32_t crc = (uint32_t)crc32(0, body, sizeof body);
    m->pages[i] = m->bytes.size;
    cp_thrift t = cp_thrift_begin(&m->bytes, NULL);
    cp_thrift_i32(&t, 1, p->page_type);
    cp_thrift_i32(&t, 2, (int32_t)sizeof body + p->page_plain_more);
    cp_thrift_i32(&t, 3, (int32_t)sizeof body + p->page_stored_more);
    cp_thrift_i32(&t, 4, (int32_t)(crc + (uint32_t)p->crc_more));
    cp_thrift_struct(&t, 5);
    cp_thrift_i32(&t, 1, p->page_values);
    cp_thrift_i32(&t, 2, p->encoding);
    cp_thrift_i32(&t, 3, p->level_encoding);
    cp_thrift_i32(&t, 4, CP_PARQUET_RLE);
    cp_thrift_end(&t);
    cp_thrift_end(&t);
    assert_int_equal(cp_bytes_put(&m->bytes, body, sizeof body, NULL), CP_OK);
    m->page_bytes[i] = m->bytes.size - m->pages[i];
    m->plain_bytes += m->page_bytes[i];
}

static void put_column_index(const plan *p, made *m)
{
    static const uint8_t one[] = {1, 0, 0, 0};
    m->bounds = m->bytes.size;
    cp_thrift t = cp_thrift_begin(&m->bytes, NULL);
    cp_thrift_list(&t, 1, CP_THRIFT_TRUE, (size_t)p->null_page_count);
    for (int32_t i = 0; i < p->null_page_count; i++)
        cp_thrift_item_bool(&t, false);
    for (int16_t id = 2; id <= 3; id++) {
        cp_thrift_list(&t, id, CP_THRIFT_BINARY, 2);
        cp_thrift_item_binary(&t, (cp_span){one, sizeof one});
        cp_thrift_item_binary(&t, (cp_span){one, sizeof one});
    }
    cp_thrift_i32(&t, 4, 0);
    cp_thrift_list(&t, 5, CP_THRIFT_I64, 2);
    cp_thrift_item_int(&t, 1);
    cp_thrift_item_int(&t, p->null_count);
    cp_thrift_end(&t);
    m->bounds_bytes = m->bytes.size - m->bounds;
}

static void put_offset_index(const plan *p, made *m)
{
    m->index = m->bytes.size;
    cp_thrift t = cp_thrift_begin(&m->bytes, NULL);
    cp_thrift_list(&t, 1, CP_THRIFT_STRUCT, (size_t)p->location_count);
    for (int32_t i = 0; i < p->location_count; i++) {
        cp_thrift_item_struct(&t);
        cp_thrift_i64(&t, 1, (int64_t)m->pages[i % 2] + (i == 1 ? p->place_more : 0));
        cp_thrift_i32(&t, 2, (int32_t)m->page_bytes[i % 2]);
        cp_thrift_i64(&t, 3, i * p->first_row);
        cp_thrift_end(&t);
    }
    cp_thrift_end(&t);
    m->index_bytes = m->bytes.size - m->index;
}

static void put_schema(const plan *p, cp_thrift *t)
{
    cp_thrift_list(t, 2, CP_THRIFT_STRUCT, 2);
    cp_thrift_item_struct(t);
    if (p->root_leaf)
        cp_thrift_i32(t, 1, CP_PARQUET_INT32);
    cp_thrift_binary(t, 4, cp_span_of("root"));
    if (!p->root_leaf)
        cp_thrift_i32(t, 5, p->child_count);
    cp_thrift_end(t);
    cp_thrift_item_struct(t);
    cp_thrift_i32(t, 1, p->type);
    cp_thrift_i32(t, 3, p->repetition);
    cp_thrift_binary(t, 4, cp_span_of(p->name));
    cp_thrift_end(t);
}

static void put_statistics(const plan *p, cp_thrift *t)
{
    static const uint8_t one[8] = {1, 0, 0, 0};
    cp_thrift_struct(t, 12);
    cp_thrift_i64(t, 3, p->nulls);
    cp_thrift_binary(t, 5, (cp_span){one, p->min_bytes});
    cp_thrift_end(t);
    cp_thrift_list(t, 13, CP_THRIFT_STRUCT, 1);
    cp_thrift_item_struct(t);
    cp_thrift_i32(t, 1, CP_PARQUET_DATA_PAGE);
    cp_thrift_i32(t, 2, CP_PARQUET_PLAIN);
    cp_thrift_i32(t, 3, p->encoding_count);
    cp_thrift_end(t);
}

static void put_chunk(const plan *p, const made *m, cp_thrift *t)
{
    int64_t stored = (int64_t)(m->page_bytes[0] + m->page_bytes[1]);
    cp_thrift_item_struct(t);
    cp_thrift_i64(t, 2, 0);
    cp_thrift_struct(t, 3);
    cp_thrift_i32(t, 1, CP_PARQUET_INT32);
    cp_thrift_list(t, 2, CP_THRIFT_I32, 1);
    cp_thrift_item_int(t, CP_PARQUET_PLAIN);
    cp_thrift_list(t, 3, CP_THRIFT_BINARY, 1);
    cp_thrift_item_binary(t, cp_span_of(p->path));
    cp_thrift_i32(t, 4, p->codec);
    cp_thrift_i64(t, 5, p->values);
    cp_thrift_i64(t, 6, (int64_t)m->plain_bytes + p->plain_more);
    cp_thrift_i64(t, 7, stored + p->stored_more);
    cp_thrift_i64(t, 9, (int64_t)m->pages[0] + p->data_more);
    put_statistics(p, t);
    cp_thrift_end(t);
    cp_thrift_i64(t, 4, (int64_t)m->index + p->index_more);
    cp_thrift_i32(t, 5, (int32_t)m->index_bytes);
    cp_thrift_i64(t, 6, (int64_t)m->bounds + p->bounds_more);
    cp_thrift_i32(t, 7, (int32_t)m->bounds_bytes);
    cp_thrift_end(t);
}

static void put_footer(const plan *p, made *m)
{
    m->footer = m->bytes.size;
    cp_thrift t = cp_thrift_begin(&m->bytes, NULL);
    cp_thrift_i32(&t, 1, p->version);
    put_schema(p, &t);
    cp_thrift_i64(&t, 3, p->rows);
    cp_thrift_list(&t, 4, CP_THRIFT_STRUCT, 1);
    cp_thrift_item_struct(&t);
    cp_thrift_list(&t, 1, CP_THRIFT_STRUCT, p->columns);
    for (size_t i = 0; i < p->columns; i++)
        put_chunk(p, m, &t);
    cp_thrift_i64(&t, 2, (int64_t)m->plain_bytes);
    cp_thrift_i64(&t, 3, p->group_rows);
    cp_thrift_i64(&t, 6, (int64_t)(m->page_bytes[0] + m->page_bytes[1]));
    cp_thrift_end(&t);
    cp_thrift_list(&t, 7, CP_THRIFT_STRUCT, p->orders);
    for (size_t i = 0; i < p->orders; i++) {
        cp_thrift_item_struct(&t);
        cp_thrift_empty_struct(&t, 1);
        cp_thrift_end(&t);
    }
    cp_thrift_end(&t);
    assert_int_equal(t.rc, CP_OK);
    for (size_t i = 0; i < p->behind_footer; i++)
        assert_int_equal(cp_bytes_put(&m->bytes, "", 1, NULL), CP_OK);
}

static made make(const plan *p)
{
    made m = {0};
    uint8_t length[4];
    assert_int_equal(cp_bytes_put(&m.bytes, p->first_magic, 4, NULL), CP_OK);
    put_page(p, &m, 0);
    put_page(p, &m, 1);
    put_column_index(p, &m);
    put_offset_index(p, &m);
    put_footer(p, &m);
    cp_put_u32(length, (uint32_t)(m.bytes.size - m.footer) + p->footer_more);
    assert_int_equal(cp_bytes_put(&m.bytes, length, sizeof length, NULL), CP_OK);
    assert_int_equal(cp_bytes_put(&m.bytes, "PAR1", 4, NULL), CP_OK);
    return m;
}

enum { FOOTER, PAGE_0, PAGE_1, BODY_0, PAGES_END, BOUNDS, INDEX, START, LENGTH };

/* Whether the byte is where the wrong part lies. */
static bool is_within(const made *m, int where, uint64_t byte)
{
    const uint64_t pages_end = m->pages[1] + m->page_bytes[1];
    const struct {
        uint64_t from, to;
    } places[] = {
        [FOOTER] = {m->footer, m->bytes.size - 8},
        [PAGE_0] = {m->pages[0], m->pages[0]},
        [PAGE_1] = {m->pages[1], m->pages[1]},
        [BODY_0] = {m->pages[0] + 1, m->pages[1] - 1},
        [PAGES_END] = {pages_end, pages_end},
        [BOUNDS] = {m->bounds, m->bounds + m->bounds_bytes},
        [INDEX] = {m->index, m->index + m->index_bytes},
        [START] = {0, 0},
        [LENGTH] = {m->bytes.size - 8, m->bytes.size - 4},
    };
    return byte >= places[where].from && byte <= places[where].to;
}

static void assert_plan_refused(const plan *p, int where, const char *message)
{
    made m = make(p);
    cp_parquet_survey s;
    cp_error err = {0};
    cp_rc rc = survey_bytes(m.bytes.data, m.bytes.size, &s, &err);
    if (rc != CP_E_DATA || !strstr(err.message, message) || !is_within(&m, where, err.byte))
        fail_msg("%d at byte %llu (%s): \"%s\" instead of \"%s\"", (int)rc,
                 (unsigned long long)err.byte, err.field, err.message, message);
    cp_parquet_survey_close(&s);
    cp_bytes_free(&m.bytes);
}

static void test_sound_by_hand(void **state)
{
    (void)state;
    made m = make(&sound);
    cp_parquet_survey s;
    cp_error err = {0};
    if (survey_bytes(m.bytes.data, m.bytes.size, &s, &err))
        fail_msg("byte %llu: %s: %s", (unsigned long long)err.byte, err.field, err.message);
    assert_int_equal(s.chunks[0].pages.data_pages, 2);
    assert_int_equal(s.chunks[0].pages.checksums, 2);
    assert_int_equal(s.chunks[0].pages.unpacked, 2);
    cp_parquet_survey_close(&s);
    cp_bytes_free(&m.bytes);
}

#define WRONG(where, message, ...)                                                                 \
    do {                                                                                           \
        plan p = sound;                                                                            \
        __VA_ARGS__;                                                                               \
        assert_plan_refused(&p, where, message);                                                   \
    } while (0)

static void test_wrong_footer(void **state)
{
    (void)state;
    WRONG(START, "does not begin as it ends", p.first_magic = "PAR2");
    WRONG(LENGTH, "the file has room for", p.footer_more = 1u << 20);
    WRONG(FOOTER, "bytes stand behind it", p.behind_footer = 3);
    WRONG(FOOTER, "version 3 of the format", p.version = 3);
    WRONG(FOOTER, "unknown type 8", p.type = 8);
    WRONG(FOOTER, "no repetition that is known", p.repetition = 3);
    WRONG(FOOTER, "fewer elements than its groups say", p.child_count = 2);
    WRONG(FOOTER, "elements behind its last one", p.child_count = 0);
    WRONG(FOOTER, "elements behind its last one", p.root_leaf = 1);
    WRONG(FOOTER, "a field's name is no UTF-8", p.name = p.path = "\xFF");
    WRONG(FOOTER, "orders for 2 columns", p.orders = 2);
    WRONG(FOOTER, "has 2 columns, the schema 1", p.columns = 2);
    WRONG(FOOTER, "is said to have 7 rows", p.rows = 7);
    WRONG(FOOTER, "negative count", p.group_rows = -1);
    WRONG(FOOTER, "the schema 2", p.type = CP_PARQUET_INT64);
    WRONG(FOOTER, "path_in_schema", p.path = "d");
    WRONG(FOOTER, "the codec 8 is unknown", p.codec = 8);
    WRONG(FOOTER, "the chunk has 5 values", p.values = 5);
    WRONG(FOOTER, "the chunk has 7 values", p.values = 7);
    WRONG(FOOTER, "7 nulls among 6 values", p.nulls = 7);
    WRONG(FOOTER, "2 nulls among 0 values", p.repetition = 0);
    WRONG(FOOTER, "a bound has 3 bytes", p.min_bytes = 3);
    WRONG(FOOTER, "negative size", p.stored_more = -1000);
    WRONG(FOOTER, "is said to lie at", p.data_more = 1 << 20);
    WRONG(FOOTER, "is said to lie at", p.data_more = -4);
    WRONG(FOOTER, "is said to lie at", p.index_more = 1 << 20);
    WRONG(FOOTER, "is said to lie at", p.bounds_more = -(1 << 20));
    WRONG(FOOTER, "compressed bytes, its columns have", p.stored_more = -1);
    WRONG(FOOTER, "pages of the type", p.encoding_count = 1);
    WRONG(BOUNDS, "lie over the", p.index_more = -1);
}

static void test_wrong_pages(void **state)
{
    (void)state;
    WRONG(PAGE_0, "no header of its version", p.page_type = CP_PARQUET_DATA_PAGE_V2);
    WRONG(PAGE_0, "no dictionary page header", p.page_type = CP_PARQUET_DICTIONARY_PAGE);
    WRONG(PAGE_0, "unknown type 4", p.page_type = 4);
    WRONG(PAGE_0, "unknown encoding 10", p.encoding = 10);
    WRONG(PAGE_0, "an encoding that levels", p.level_encoding = CP_PARQUET_PLAIN);
    WRONG(PAGE_0, "a negative count", p.page_values = -1);
    WRONG(PAGE_0, "its chunk has", p.page_stored_more = 1000);
    WRONG(PAGE_0, "its chunk has", p.page_stored_more = -100);
    WRONG(BODY_0, "is not compressed, and has", p.page_plain_more = 1);
    WRONG(BODY_0, "the page has the checksum", p.crc_more = 1);
    WRONG(BODY_0, "cannot be decompressed", p.codec = CP_PARQUET_ZSTD);
    WRONG(BODY_0, "cannot be decompressed", p.codec = CP_PARQUET_GZIP);
    WRONG(PAGES_END, "pages have 8 values, the footer says 6", p.page_values = 4, p.first_row = 4);
    WRONG(PAGES_END, "decompressed bytes, the footer says", p.plain_more = 1);
    WRONG(INDEX, "a page is said to begin with row 2", p.first_row = 2);
    WRONG(INDEX, "a page is said to lie at", p.place_more = 1);
    WRONG(INDEX, "fewer pages than the chunk", p.location_count = 1);
    WRONG(INDEX, "1 pages more than the chunk", p.location_count = 3, p.first_row = 3);
    WRONG(BOUNDS, "another number of pages", p.null_page_count = 1);
    WRONG(BOUNDS, "is said to have 7 nulls", p.null_count = 7);
    WRONG(BOUNDS, "3 nulls by its column index, the footer says 2", p.null_count = 2);
}

/* Memory is not what the bytes say, but what they are. */
static void test_claims_cost_nothing(void **state)
{
    (void)state;
    cp_bytes big = {0};
    cp_parquet_survey s;
    /* A list of 2^62 row groups in the place of the one. */
    cp_thrift t = cp_thrift_begin(&big, NULL);
    assert_int_equal(cp_bytes_put(&big, "PAR1", 4, NULL), CP_OK);
    size_t start = big.size;
    cp_thrift_i32(&t, 1, 1);
    cp_thrift_list(&t, 2, CP_THRIFT_STRUCT, (size_t)1 << 62);
    cp_thrift_end(&t);
    uint8_t length[4];
    cp_put_u32(length, (uint32_t)(big.size - start));
    assert_int_equal(cp_bytes_put(&big, length, 4, NULL), CP_OK);
    assert_int_equal(cp_bytes_put(&big, "PAR1", 4, NULL), CP_OK);
    cp_error err = {0};
    assert_int_equal(survey_bytes(big.data, big.size, &s, &err), CP_E_DATA);
    assert_string_equal(err.reason, "truncated_input");
    cp_parquet_survey_close(&s);
    cp_bytes_free(&big);
}

static void assert_probe(const char *bytes, size_t size, bool expected)
{
    memory_seekable file = memory_seekable_of(bytes, size);
    bool is_parquet;
    assert_int_equal(cp_parquet_probe(&file.base, &is_parquet, NULL), CP_OK);
    assert_int_equal(is_parquet, expected);
}

static void test_probe(void **state)
{
    (void)state;
    assert_probe("", 0, false);
    assert_probe("PAR", 3, false);
    assert_probe("PAR1", 4, true);
    assert_probe("xxxxPAR1", 8, true);
    assert_probe("PAR1xxxx", 8, true);
    assert_probe("xxxxPARE", 8, true);
    assert_probe("xPAR1xxx", 8, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_described),           cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_bit),           cmocka_unit_test(test_failing_reads),
        cmocka_unit_test(test_failing_memory),      cmocka_unit_test(test_sound_by_hand),
        cmocka_unit_test(test_wrong_footer),        cmocka_unit_test(test_wrong_pages),
        cmocka_unit_test(test_claims_cost_nothing), cmocka_unit_test(test_probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
