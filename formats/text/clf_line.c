/* From left to right; what must stand next is said where it does not. */
#include "formats/text/clf_line.h"

typedef struct reader {
    cp_span text;
    size_t at;
    cp_refusal *why;
} reader;

static bool refuse(reader *r, const char *expected)
{
    *r->why = (cp_refusal){.reason = CP_CLF_SYNTAX, .detail = expected, .at = r->at};
    return false;
}

static bool is_next(const reader *r, char byte)
{
    return r->at < r->text.size && r->text.data[r->at] == (uint8_t)byte;
}

/* Over `mark`, which must be next. */
static bool pass(reader *r, const char *mark, const char *expected)
{
    for (; *mark; mark++, r->at++)
        if (!is_next(r, *mark))
            return refuse(r, expected);
    return true;
}

static cp_span part_from(const reader *r, size_t start)
{
    return (cp_span){r->text.data + start, r->at - start};
}

/* Bytes that are no space, one at least. */
static bool read_word(reader *r, cp_span *word, const char *expected)
{
    size_t start = r->at;
    while (r->at < r->text.size && !is_next(r, ' '))
        r->at++;
    *word = part_from(r, start);
    return word->size > 0 || refuse(r, expected);
}

/* Everything up to `end`, which is passed over. */
static bool read_up_to(reader *r, const char *end, cp_span *part, const char *expected)
{
    const uint8_t *rest = r->text.data + r->at;
    const uint8_t *found = memmem(rest, r->text.size - r->at, end, strlen(end));
    if (!found)
        return refuse(r, expected);
    *part = (cp_span){rest, (size_t)(found - rest)};
    r->at += part->size + strlen(end);
    return true;
}

/* A part in quotes; what follows a backslash does not end it. */
static bool read_quoted(reader *r, cp_span *part, const char *expected)
{
    if (!pass(r, "\"", expected))
        return false;
    size_t start = r->at;
    while (r->at < r->text.size && !is_next(r, '"'))
        r->at += is_next(r, '\\') && r->at + 1 < r->text.size ? 2 : 1;
    *part = part_from(r, start);
    return pass(r, "\"", "expected the closing quote");
}

static bool read_common(reader *r, cp_span *parts)
{
    static const char no_space[] = "expected a space";
    return read_word(r, &parts[CP_CLF_HOST], "expected the host") && pass(r, " ", no_space) &&
           read_word(r, &parts[CP_CLF_IDENT], "expected the identity") && pass(r, " ", no_space) &&
           /* Users may hold spaces, and be nothing. */
           read_up_to(r, " [", &parts[CP_CLF_USER], "expected the user and '['") &&
           read_up_to(r, "]", &parts[CP_CLF_TIME], "expected the time and ']'") &&
           pass(r, " ", no_space) &&
           read_quoted(r, &parts[CP_CLF_REQUEST], "expected the request in quotes") &&
           pass(r, " ", no_space) && read_word(r, &parts[CP_CLF_STATUS], "expected the status") &&
           pass(r, " ", no_space) &&
           read_word(r, &parts[CP_CLF_BYTES], "expected the size in bytes");
}

static bool read_combined(reader *r, cp_span *parts)
{
    return pass(r, " ", "expected a space") &&
           read_quoted(r, &parts[CP_CLF_REFERER], "expected the referer in quotes") &&
           pass(r, " ", "expected a space") &&
           read_quoted(r, &parts[CP_CLF_AGENT], "expected the user agent in quotes");
}

bool cp_clf_line_read(cp_span text, cp_clf_line *out, cp_refusal *why)
{
    reader r = {text, 0, why};
    *out = (cp_clf_line){0};
    if (!read_common(&r, out->parts))
        return false;
    bool is_combined = is_next(&r, ' ') && r.at + 1 < text.size && text.data[r.at + 1] == '"';
    if (is_combined && !read_combined(&r, out->parts))
        return false;
    if (r.at < text.size && !pass(&r, " ", "expected a space"))
        return false;
    out->rest = (cp_span){text.data + r.at, text.size - r.at};
    return true;
}

/* ---- the request ---- */

/* A token as RFC 9110, section 5.6.2 has it. */
static bool is_token(cp_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i], letter = c | 0x20;
        bool is_alphanumeric = (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return text.size > 0;
}

/* HTTP/ and a version of digits and points. */
static bool is_protocol(cp_span text)
{
    static const char start[] = "HTTP/";
    size_t at = sizeof start - 1;
    if (text.size <= at || memcmp(text.data, start, at) != 0)
        return false;
    for (; at < text.size; at++)
        if (text.data[at] != '.' && (text.data[at] < '0' || text.data[at] > '9'))
            return false;
    return true;
}

void cp_clf_request_read(cp_span request, cp_clf_line *out)
{
    const uint8_t *p = request.data, *end = p + request.size;
    const uint8_t *first = request.size ? memchr(p, ' ', request.size) : NULL;
    const uint8_t *last = first ? memrchr(p, ' ', request.size) : NULL;
    if (!first || !is_token((cp_span){p, (size_t)(first - p)}))
        return;
    cp_span protocol = {0}, path = {first + 1, (size_t)(end - first) - 1};
    if (last > first) {
        protocol = (cp_span){last + 1, (size_t)(end - last) - 1};
        path.size = (size_t)(last - first) - 1;
        if (!is_protocol(protocol) || path.size == 0)
            return;
    } else if (path.size == 0 || *path.data != '/') {
        return; /* HTTP/0.9 has a method and a path */
    }
    out->parts[CP_CLF_METHOD] = (cp_span){p, (size_t)(first - p)};
    out->parts[CP_CLF_PATH] = path;
    out->parts[CP_CLF_PROTOCOL] = protocol;
}

/* ---- escapes ---- */

static int hex_digit(uint8_t c)
{
    uint8_t letter = c | 0x20;
    if (c >= '0' && c <= '9')
        return c - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* What the escape at p (behind the backslash) stands for, and its bytes; -1: it is none. */
static int escaped_byte(const uint8_t *p, const uint8_t *end, size_t *size)
{
    static const char letters[] = "\"\\bnrtv", bytes[] = "\"\\\b\n\r\t\v";
    if (p == end)
        return -1;
    const char *letter = *p ? strchr(letters, *p) : NULL;
    *size = 1;
    if (letter)
        return bytes[letter - letters];
    if (*p != 'x' || end - p < 3 || hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0)
        return -1;
    *size = 3;
    return hex_digit(p[1]) * 16 + hex_digit(p[2]);
}

size_t cp_clf_unescape(cp_span text, uint8_t *out)
{
    const uint8_t *p = text.data, *end = p + text.size;
    uint8_t *to = out;
    while (p < end) {
        size_t size = 0;
        int byte = *p == '\\' ? escaped_byte(p + 1, end, &size) : -1;
        *to++ = byte < 0 ? *p : (uint8_t)byte;
        p += 1 + (byte < 0 ? 0 : size);
    }
    return (size_t)(to - out);
}

/* ---- the time ---- */

bool cp_clf_time_read(cp_span text, uint8_t out[CP_CLF_TIME_BYTES])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    enum { BYTES = 26 };
    const uint8_t *p = text.data;
    if (text.size != BYTES || p[2] != '/' || p[6] != '/' || p[11] != ':' || p[20] != ' ')
        return false;
    size_t month = 0;
    while (month < 12 && memcmp(months + 3 * month, p + 3, 3) != 0)
        month++;
    if (month == 12)
        return false;
    memcpy(out, p + 7, 4); /* 2000-10-10T13:55:36-07:00 */
    out[4] = out[7] = '-';
    out[5] = (uint8_t)('0' + (month + 1) / 10);
    out[6] = (uint8_t)('0' + (month + 1) % 10);
    memcpy(out + 8, p, 2);
    out[10] = 'T';
    memcpy(out + 11, p + 12, 8);
    memcpy(out + 19, p + 21, 3);
    out[22] = ':';
    memcpy(out + 23, p + 24, 2);
    return true;
}
