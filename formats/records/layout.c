/* The parser of layouts: one pass over the text, one table of codes.
 *
 *   text --prefix--> order, sizes --count, code--> align, append values --> record_bytes */
#include "formats/records/layout.h"

#include "pipeline/core/checked.h"

typedef struct code_row {
    uint8_t standard_bytes; /* 0: not a code */
    uint8_t native_bytes;
    uint8_t alignment; /* of the native size */
} code_row;

#define NATIVE(type) sizeof(type), _Alignof(type)

static const code_row code_rows[128] = {
    ['x'] = {1, 1, 1},
    ['c'] = {1, NATIVE(char)},
    ['s'] = {1, NATIVE(char)},
    ['b'] = {1, NATIVE(signed char)},
    ['B'] = {1, NATIVE(unsigned char)},
    ['?'] = {1, NATIVE(bool)},
    ['h'] = {2, NATIVE(short)},
    ['H'] = {2, NATIVE(unsigned short)},
    ['i'] = {4, NATIVE(int)},
    ['I'] = {4, NATIVE(unsigned int)},
    ['l'] = {4, NATIVE(long)},
    ['L'] = {4, NATIVE(unsigned long)},
    ['q'] = {8, NATIVE(long long)},
    ['Q'] = {8, NATIVE(unsigned long long)},
    ['e'] = {2, NATIVE(short)}, /* no C type: Python lays a half out as a short */
    ['f'] = {4, NATIVE(float)},
    ['d'] = {8, NATIVE(double)},
};

/* Where the parser stands. */
typedef struct reader {
    const char *text;
    size_t at;
    bool native;
    size_t capacity; /* room in the layout's values */
    cp_layout *layout;
    cp_error *err;
} reader;

static cp_rc fail_large(const reader *r, size_t at)
{
    return cp_fail(r->err, CP_E_CONFIG, "bad_layout",
                   "layout: with the code at position %zu a record is larger than %d bytes", at + 1,
                   CP_LAYOUT_RECORD_BYTES_MAX);
}

/* Control characters and bytes beyond ASCII as \xNN, so that the message is text. */
static cp_rc fail_code(const reader *r, size_t at)
{
    unsigned char c = (unsigned char)r->text[at];
    return cp_fail(r->err, CP_E_CONFIG, "bad_layout",
                   c < 0x20 || c > 0x7e
                       ? "layout: '\\x%02x' at position %zu is none of the codes xcbB?hHiIlLqQefds"
                       : "layout: '%c' at position %zu is none of the codes xcbB?hHiIlLqQefds",
                   c, at + 1);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void read_prefix(reader *r)
{
    static const char prefixes[] = "@=<>!";
    char c = r->text[0];
    bool known = c && strchr(prefixes, c);
    r->at = known ? 1 : 0;
    r->native = !known || c == '@';
    bool machine_is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    r->layout->big_endian = c == '>' || c == '!' || (machine_is_big && c != '<');
}

/* A count beyond every record stays beyond it: the digits that follow cannot wrap it. */
static size_t read_count(reader *r)
{
    if (!is_digit(r->text[r->at]))
        return 1;
    size_t count = 0;
    for (; is_digit(r->text[r->at]); r->at++)
        if (count <= CP_LAYOUT_RECORD_BYTES_MAX)
            count = count * 10 + (size_t)(r->text[r->at] - '0');
    return count;
}

static cp_rc add_values(reader *r, char code, size_t count, size_t each_bytes, size_t offset)
{
    cp_layout *layout = r->layout;
    if (cp_grow(&layout->values, &r->capacity, layout->value_count + count, sizeof *layout->values,
                r->err))
        return CP_E_MEMORY;
    for (size_t i = 0; i < count; i++)
        layout->values[layout->value_count++] = (cp_layout_value){
            (uint32_t)(offset + i * each_bytes),
            (uint32_t)each_bytes,
            code,
        };
    return CP_OK;
}

/* One code with its count: aligns, appends, moves the record's end. */
static cp_rc read_item(reader *r)
{
    size_t begin = r->at;
    size_t count = read_count(r);
    char code = r->text[r->at];
    if (code == '\0')
        return cp_fail(r->err, CP_E_CONFIG, "bad_layout",
                       "layout: the count at position %zu has no code behind it", begin + 1);
    const code_row *row = (unsigned char)code < 128 ? &code_rows[(unsigned char)code] : code_rows;
    if (!row->standard_bytes)
        return fail_code(r, r->at);

    size_t each = r->native ? row->native_bytes : row->standard_bytes;
    size_t alignment = r->native ? row->alignment : 1;
    size_t offset = (r->layout->record_bytes + alignment - 1) / alignment * alignment;
    size_t bytes, end;
    if (!cp_mul_size(count, each, &bytes) || !cp_add_size(offset, bytes, &end) ||
        end > CP_LAYOUT_RECORD_BYTES_MAX)
        return fail_large(r, r->at);
    r->at++;
    r->layout->record_bytes = end;
    if (code == 'x')
        return CP_OK;
    return code == 's' ? add_values(r, code, 1, bytes, offset)
                       : add_values(r, code, count, each, offset);
}

static cp_rc read_items(reader *r)
{
    read_prefix(r);
    while (r->text[r->at]) {
        if (is_space(r->text[r->at])) {
            r->at++;
            continue;
        }
        cp_rc rc = read_item(r);
        if (rc)
            return rc;
    }
    if (r->layout->record_bytes == 0)
        return cp_fail(r->err, CP_E_CONFIG, "bad_layout",
                       r->layout->value_count ? "layout: its records have no bytes"
                                              : "layout: it is empty");
    return CP_OK;
}

cp_rc cp_layout_parse(const char *text, cp_layout *out, cp_error *err)
{
    *out = (cp_layout){0};
    reader r = {.text = text, .layout = out, .err = err};
    cp_rc rc = read_items(&r);
    if (rc)
        cp_layout_close(out);
    return rc;
}

void cp_layout_close(cp_layout *layout)
{
    free(layout->values);
    *layout = (cp_layout){0};
}
