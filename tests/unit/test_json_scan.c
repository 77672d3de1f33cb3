/* formats/json/json_scan.h: both kernels against a scan of one byte after the other, on random text
 * full of quotes, backslashes and brackets, shown whole and in pieces. */
#include "formats/json/json_scan.h"
#include "pipeline/core/buffer.h"
#include "tests/unit/support.h"

enum { ROUNDS = 60000, SIZE_MAX_BYTES = 400 };

/* ---- the slow scan ---- */

static cp_json_found end_at(cp_json_seen seen, const uint8_t *at, const uint8_t *last)
{
    return (cp_json_found){seen, at, last};
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* In a string, its closing quote included. */
static void step_in_string(cp_json_scan *s, uint8_t c)
{
    s->in_scalar = s->depth == 0;
    if (s->escaped)
        s->escaped = 0;
    else if (c == '\\')
        s->escaped = 1;
    else if (c == '"')
        s->in_string = 0;
}

/* Outside; whether a record ends with the byte. */
static bool step_outside(cp_json_scan *s, uint8_t c, cp_json_form form)
{
    bool was_scalar = s->in_scalar, at_level = s->depth == 0;
    s->in_string = c == '"' ? UINT64_MAX : 0;
    s->in_scalar = at_level && !is_space(c) && c != '{' && c != '[';
    if (c == '{' || c == '[')
        s->depth++;
    if ((c == '}' || c == ']') && --s->depth == 0)
        return form == CP_JSON_VALUES;
    return at_level && (form == CP_JSON_VALUES ? was_scalar && is_space(c) : c == ',');
}

static cp_json_found slow_scan(cp_json_scan *s, const uint8_t *p, const uint8_t *end,
                               cp_json_form form, bool first)
{
    const uint8_t *last = NULL;
    for (; p < end; p++) {
        if (s->in_string) {
            if (*p == '\n')
                return end_at(CP_SEEN_BREAK, p, last);
            step_in_string(s, *p);
            continue;
        }
        if ((*p == '}' || *p == ']') && s->depth == 0) {
            *s = (cp_json_scan){.in_scalar = 1};
            return end_at(CP_SEEN_CLOSE, p, last);
        }
        if (!step_outside(s, *p, form))
            continue;
        if (first)
            return end_at(CP_SEEN_END, p + 1, last);
        last = p + 1;
    }
    return end_at(CP_SEEN_ALL, end, last);
}

/* ---- all kernels, the same steps ---- */

/* What a kernel finds from the start of `text` on, closing brackets and line breaks passed, with
 * pieces that end at the places in `cuts`, as text. */
static void put_found(text *out, cp_json_scanner *scanner, cp_span bytes, const size_t *cuts,
                      size_t cut_count, cp_json_form form, bool first)
{
    cp_json_scan scan = {0};
    size_t at = 0;
    for (size_t piece = 0; piece <= cut_count; piece++) {
        size_t piece_end = piece < cut_count ? cuts[piece] : bytes.size;
        while (at < piece_end) {
            cp_json_found found =
                scanner(&scan, bytes.data + at, bytes.data + piece_end, form, first);
            at = (size_t)(found.at - bytes.data);
            if (found.last)
                put(out, "last %zu\n", (size_t)(found.last - bytes.data));
            if (found.seen == CP_SEEN_ALL)
                break;
            put(out, "%d at %zu\n", (int)found.seen, at);
            at += found.seen == CP_SEEN_CLOSE || found.seen == CP_SEEN_BREAK;
            if (found.seen == CP_SEEN_END || found.seen == CP_SEEN_BREAK)
                scan = (cp_json_scan){0};
        }
    }
}

static void check_kernel(cp_json_scanner *scanner, cp_span bytes, const size_t *cuts,
                         size_t cut_count)
{
    for (unsigned way = 0; scanner && way < 4; way++) {
        cp_json_form form = way & 1 ? CP_JSON_VALUES : CP_JSON_ELEMENTS;
        text wanted = {0}, got = {0};
        put_found(&wanted, slow_scan, bytes, cuts, cut_count, form, way & 2);
        put_found(&got, scanner, bytes, cuts, cut_count, form, way & 2);
        if (strcmp(shown(&wanted), shown(&got)) != 0)
            fail_msg("form %d first %d of <%.*s>:\n%sinstead of\n%s", (int)form, way & 2,
                     (int)bytes.size, (const char *)bytes.data, shown(&got), shown(&wanted));
        text_free(&wanted);
        text_free(&got);
    }
}

/* What records are made of, so that most of what reaches depth 0 is the end of one. */
static size_t fill_with_pieces(uint8_t *bytes)
{
    static const char *const pieces[] = {
        "},{",     "},{", "},{", "]},{", "}, {",       "{",        "[",
        "]",       "}",   ",",   "[],",  "{\"a\":[1]", "\"},{\",", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "\"b\":2,"};
    size_t size = 0, limit = random_below(SIZE_MAX_BYTES - 32);
    while (size < limit) {
        const char *piece = pieces[random_below(sizeof pieces / sizeof *pieces)];
        memcpy(bytes + size, piece, strlen(piece));
        size += strlen(piece);
    }
    return size;
}

/* Each kind of text has its own likely bytes; some are mostly letters, so that wide steps have
 * nothing to look at. */
static size_t fill(uint8_t *bytes)
{
    static const char *const kinds[] = {
        "{}[],:\"a",
        "{{[}]],\"\"\\\n a",
        "\\\\\\\"x",
        "abcdefghij,\" {}",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{},\"\\\n",
        " \n\t\r{}1,",
        "\"\"\"\\{}[]",
        ",,,{}[]",
        "{[",
        "}]\",",
    };
    const char *likely = kinds[random_below(sizeof kinds / sizeof *kinds)];
    size_t size = random_below(random_below(4) ? 100 : SIZE_MAX_BYTES), count = strlen(likely);
    for (size_t i = 0; i < size; i++)
        bytes[i] =
            random_below(200) ? (uint8_t)likely[random_below(count)] : (uint8_t)random_bits();
    return size;
}

static void test_kernels_are_equal(void **state)
{
    (void)state;
    /* What lies behind the bytes must not matter. */
    uint8_t memory[SIZE_MAX_BYTES + CP_PADDING_BYTES];
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = random_below(3) ? fill(memory) : fill_with_pieces(memory), cuts[3],
               cut_count = random_below(4);
        for (size_t i = size; i < size + CP_PADDING_BYTES; i++)
            memory[i] = (uint8_t) "{}[]\"\\,\n"[random_below(8)];
        for (size_t i = 0, from = 0; i < cut_count; i++)
            from = cuts[i] = from + random_below(size - from + 1);
        check_kernel(cp_json_scanner_portable(), (cp_span){memory, size}, cuts, cut_count);
        check_kernel(cp_json_scanner_avx2(), (cp_span){memory, size}, cuts, cut_count);
        check_kernel(cp_json_scanner_avx512(), (cp_span){memory, size}, cuts, cut_count);
    }
    if (!cp_json_scanner_avx2())
        print_message("this machine has no AVX2: its kernel was not looked at\n");
    if (!cp_json_scanner_avx512())
        print_message("this machine has no AVX-512: its kernel was not looked at\n");
}

/* ---- what the slow scan itself must find ---- */

static void assert_found(cp_json_scanner *scanner, const char *bytes, cp_json_form form,
                         cp_json_seen seen, size_t at)
{
    uint8_t memory[128] = {0};
    size_t size = strlen(bytes);
    cp_json_scan scan = {0};
    memcpy(memory, bytes, size);
    cp_json_found found = scanner(&scan, memory, memory + size, form, true);
    assert_int_equal(found.seen, seen);
    assert_int_equal(found.at - memory, at);
}

static void test_ends(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        cp_json_form form;
        cp_json_seen seen;
        size_t at;
    } rows[] = {
        {"1,2", CP_JSON_ELEMENTS, CP_SEEN_END, 2},
        {"{\"a\":[1,2]},3", CP_JSON_ELEMENTS, CP_SEEN_END, 12},
        {"\",]\\\"\\\\\",3", CP_JSON_ELEMENTS, CP_SEEN_END, 9},
        {"{\"a\":1}]", CP_JSON_ELEMENTS, CP_SEEN_CLOSE, 7},
        {"1}", CP_JSON_ELEMENTS, CP_SEEN_CLOSE, 1},
        {"{\"a\nb\"}", CP_JSON_ELEMENTS, CP_SEEN_BREAK, 3},
        {"{\"a\\\nb\"}", CP_JSON_ELEMENTS, CP_SEEN_BREAK, 4},
        {"{\\\"a\":1},", CP_JSON_ELEMENTS, CP_SEEN_END, 9}, /* no escape: it is in no string */
        {"{\"a\":{}", CP_JSON_ELEMENTS, CP_SEEN_ALL, 7},
        {"  {\"a\":1}{}", CP_JSON_VALUES, CP_SEEN_END, 9},
        {" 12\n{}", CP_JSON_VALUES, CP_SEEN_END, 4},
        {"12{} ", CP_JSON_VALUES, CP_SEEN_END, 4},
        {"\"a b\" ", CP_JSON_VALUES, CP_SEEN_END, 6},
        {" \n ", CP_JSON_VALUES, CP_SEEN_ALL, 3},
        {"1,2", CP_JSON_VALUES, CP_SEEN_ALL, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_found(slow_scan, rows[i].bytes, rows[i].form, rows[i].seen, rows[i].at);
        assert_found(cp_json_scanner_portable(), rows[i].bytes, rows[i].form, rows[i].seen,
                     rows[i].at);
        assert_found(cp_json_scanner_best(), rows[i].bytes, rows[i].form, rows[i].seen, rows[i].at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test_setup(test_kernels_are_equal, start_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
