/* Bytes to tokens. */
#include "pipeline/expr/lexer.h"

#include "pipeline/expr/complain.h"
#include "pipeline/text/number.h"

typedef struct spelling {
    const char *text;
    cp_token_kind kind;
} spelling;

static const spelling keywords[] = {
    {"AND", CP_TOKEN_AND},     {"BETWEEN", CP_TOKEN_BETWEEN}, {"ESCAPE", CP_TOKEN_ESCAPE},
    {"FALSE", CP_TOKEN_FALSE}, {"IN", CP_TOKEN_IN},           {"IS", CP_TOKEN_IS},
    {"LIKE", CP_TOKEN_LIKE},   {"NOT", CP_TOKEN_NOT},         {"NULL", CP_TOKEN_NULL},
    {"OR", CP_TOKEN_OR},       {"TRUE", CP_TOKEN_TRUE},
};

/* Longer ones before those that they begin with. */
static const spelling signs[] = {
    {"<>", CP_TOKEN_NE},   {"!=", CP_TOKEN_NE},   {"<=", CP_TOKEN_LE},     {">=", CP_TOKEN_GE},
    {"<", CP_TOKEN_LT},    {">", CP_TOKEN_GT},    {"=", CP_TOKEN_EQ},      {"(", CP_TOKEN_OPEN},
    {")", CP_TOKEN_CLOSE}, {",", CP_TOKEN_COMMA}, {"+", CP_TOKEN_PLUS},    {"-", CP_TOKEN_MINUS},
    {"*", CP_TOKEN_STAR},  {"/", CP_TOKEN_SLASH}, {"%", CP_TOKEN_PERCENT},
};

enum {
    KEYWORD_COUNT = sizeof keywords / sizeof keywords[0],
    SIGN_COUNT = sizeof signs / sizeof signs[0],
};

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') <= 9;
}

/* What a plain name may begin with; all that is not ASCII counts as letters. */
static bool is_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26 || c == '_' || c >= 0x80;
}

bool cp_is_word(cp_span text, const char *word)
{
    size_t i = 0;
    for (; i < text.size && word[i]; i++) {
        uint8_t c = text.data[i];
        if ((c >= 'a' && c <= 'z' ? c - 32 : c) != word[i])
            return false;
    }
    return i == text.size && word[i] == '\0';
}

static uint8_t byte_at(const cp_lexer *lexer, size_t at)
{
    return at < lexer->text.size ? lexer->text.data[at] : 0;
}

static void lex_name(cp_lexer *lexer, cp_token *out)
{
    size_t end = lexer->at;
    while (end < lexer->text.size &&
           (is_letter(lexer->text.data[end]) || is_digit(lexer->text.data[end])))
        end++;
    out->kind = CP_TOKEN_NAME;
    out->text = (cp_span){lexer->text.data + lexer->at, end - lexer->at};
    for (size_t i = 0; i < KEYWORD_COUNT; i++)
        if (cp_is_word(out->text, keywords[i].text))
            out->kind = keywords[i].kind;
    lexer->at = end;
}

/* The byte of the quote that closes the one at `open`; the text's size where none does. */
static size_t closing_quote(cp_span text, size_t open)
{
    size_t at = open + 1;
    while (at < text.size) {
        bool is_quote = text.data[at] == text.data[open];
        if (is_quote && (at + 1 == text.size || text.data[at + 1] != text.data[open]))
            break;
        at += 1 + (size_t)is_quote;
    }
    return at < text.size ? at : text.size;
}

/* From the quote at the cursor to the one that closes it. */
static cp_rc lex_quoted(cp_lexer *lexer, cp_span *out, cp_error *err)
{
    cp_span text = lexer->text;
    size_t close = closing_quote(text, lexer->at);
    if (close == text.size)
        return cp_complain(err, text, lexer->at, "bad_expression", "the closing %c is missing",
                           text.data[lexer->at]);
    uint8_t *copy = cp_arena_take(lexer->arena, close - lexer->at);
    if (!copy)
        return cp_fail_memory(err, close - lexer->at);
    size_t size = 0;
    for (size_t from = lexer->at + 1; from < close; from++) {
        copy[size++] = text.data[from];
        from += text.data[from] == text.data[lexer->at];
    }
    *out = (cp_span){copy, size};
    lexer->at = close + 1;
    return CP_OK;
}

static size_t behind_digits(const cp_lexer *lexer, size_t at)
{
    while (is_digit(byte_at(lexer, at)))
        at++;
    return at;
}

/* Behind the exponent at `at`, if there is one. */
static size_t behind_exponent(const cp_lexer *lexer, size_t at)
{
    size_t digits = at + 1;
    if ((byte_at(lexer, at) | 0x20) != 'e')
        return at;
    digits += byte_at(lexer, digits) == '+' || byte_at(lexer, digits) == '-';
    size_t end = behind_digits(lexer, digits);
    return end > digits ? end : at;
}

/* The number at the cursor as JSON spells it, with a digit on either side of its point: .5 is 0.5
 * and 1. is 1.0. */
static cp_rc spell_number(cp_lexer *lexer, cp_span *out, size_t *end, cp_error *err)
{
    const uint8_t *text = lexer->text.data;
    size_t first = lexer->at, point = behind_digits(lexer, first), fraction = point + 1;
    bool has_point = byte_at(lexer, point) == '.';
    size_t fraction_end = has_point ? behind_digits(lexer, fraction) : point;
    *end = behind_exponent(lexer, fraction_end);
    *out = (cp_span){text + first, *end - first};
    if (!has_point || (point > first && fraction_end > fraction))
        return CP_OK;
    uint8_t *copy = cp_arena_take(lexer->arena, out->size + 2), *to = copy;
    if (!copy)
        return cp_fail_memory(err, out->size + 2);
    if (point == first)
        *to++ = '0';
    memcpy(to, text + first, fraction - first);
    to += fraction - first;
    if (fraction_end == fraction)
        *to++ = '0';
    memcpy(to, text + fraction, *end - fraction);
    to += *end - fraction;
    *out = (cp_span){copy, (size_t)(to - copy)};
    return CP_OK;
}

/* false where the digits need more than 128 bits. */
static bool read_whole(cp_span digits, cp_wide *out)
{
    *out = 0;
    for (size_t i = 0; i < digits.size; i++) {
        unsigned digit = (unsigned)digits.data[i] - '0';
        if (*out > (CP_WIDE_MAX - digit) / 10)
            return false;
        *out = *out * 10 + digit;
    }
    return true;
}

/* A whole number beyond 128 bits is a float, as in DuckDB. */
static cp_rc lex_number(cp_lexer *lexer, cp_token *out, cp_error *err)
{
    cp_span spelled;
    cp_decimal decimal;
    size_t end;
    cp_rc rc = spell_number(lexer, &spelled, &end, err);
    if (rc)
        return rc;
    const uint8_t *spelled_end = spelled.data + spelled.size;
    uint8_t next = byte_at(lexer, end);
    if (cp_decimal_read(spelled.data, spelled_end, &decimal) != spelled_end || is_letter(next) ||
        next == '.')
        return cp_complain(err, lexer->text, lexer->at, "bad_expression",
                           "this is no number such as 12, 0.5 or 2e3");
    out->kind = CP_TOKEN_WHOLE;
    if (!decimal.integral || !read_whole(spelled, &out->whole)) {
        out->kind = CP_TOKEN_FLOAT;
        if (!cp_decimal_to_double(&decimal, &out->real))
            return cp_complain(err, lexer->text, lexer->at, "bad_expression",
                               "the number is too large for a float64");
    }
    lexer->at = end;
    return CP_OK;
}

static cp_rc lex_sign(cp_lexer *lexer, cp_token *out, cp_error *err)
{
    for (size_t i = 0; i < SIGN_COUNT; i++) {
        const char *sign = signs[i].text;
        if (byte_at(lexer, lexer->at) != (uint8_t)sign[0] ||
            (sign[1] && byte_at(lexer, lexer->at + 1) != (uint8_t)sign[1]))
            continue;
        out->kind = signs[i].kind;
        lexer->at += strlen(sign);
        return CP_OK;
    }
    return cp_complain(err, lexer->text, lexer->at, "bad_expression",
                       "this begins no number, string, name or operator");
}

cp_rc cp_lexer_next(cp_lexer *lexer, cp_token *out, cp_error *err)
{
    while (is_space(byte_at(lexer, lexer->at)))
        lexer->at++;
    uint8_t first = byte_at(lexer, lexer->at);
    *out = (cp_token){.kind = CP_TOKEN_END, .at = (uint32_t)lexer->at};
    if (lexer->at == lexer->text.size)
        return CP_OK;
    if (is_digit(first) || (first == '.' && is_digit(byte_at(lexer, lexer->at + 1))))
        return lex_number(lexer, out, err);
    if (is_letter(first)) {
        lex_name(lexer, out);
        return CP_OK;
    }
    if (first != '\'' && first != '"')
        return lex_sign(lexer, out, err);
    out->kind = first == '"' ? CP_TOKEN_NAME : CP_TOKEN_TEXT;
    out->quoted = true;
    return lex_quoted(lexer, &out->text, err);
}
