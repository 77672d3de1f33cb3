/* Tokens to nodes in postfix order, by precedence climbing (Martin Richards, BCPL, 1967; Theodore
 * Norvell, "Parsing expressions by recursive descent", 1999).
 *
 *   parse_level(n): an operand, then as many operators as bind at level n or tighter
 *
 * Only what stands inside of something else is a recursion; its depth is bounded. */
#include "pipeline/core/checked.h"
#include "pipeline/expr/complain.h"
#include "pipeline/expr/lexer.h"
#include "pipeline/expr/tree.h"
#include "pipeline/text/time.h"
#include "pipeline/text/utf8.h"

typedef enum level {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_ORDER,
    LEVEL_RANGE,
    LEVEL_SUM,
    LEVEL_TERM,
    LEVEL_SIGN,
} level;

typedef struct parser {
    cp_expr *expr;
    cp_lexer lexer;
    cp_token token; /* the next one */
    unsigned depth;
    cp_error *err;
} parser;

static cp_rc parse_level(parser *p, level least);

/* ---- tokens and nodes ---- */

static cp_rc complain(const parser *p, const char *sentence)
{
    return cp_complain(p->err, p->expr->text, p->token.at, "bad_expression", "%s", sentence);
}

static cp_rc advance(parser *p)
{
    return cp_lexer_next(&p->lexer, &p->token, p->err);
}

/* Passes over a token of this kind. */
static cp_rc expect(parser *p, cp_token_kind kind, const char *sentence)
{
    return p->token.kind == kind ? advance(p) : complain(p, sentence);
}

/* Passes over the token, if it is of this kind. */
static cp_rc accept(parser *p, cp_token_kind kind, bool *is_there)
{
    *is_there = p->token.kind == kind;
    return *is_there ? advance(p) : CP_OK;
}

static cp_rc add(parser *p, cp_node node)
{
    cp_expr *expr = p->expr;
    cp_rc rc = cp_grow(&expr->nodes, &expr->node_capacity, expr->node_count + 1,
                       sizeof *expr->nodes, p->err);
    if (!rc)
        expr->nodes[expr->node_count++] = node;
    return rc;
}

/* The number of a name, which is new or was met before. */
static cp_rc number_name(parser *p, cp_span name, size_t *out)
{
    cp_expr *expr = p->expr;
    for (*out = 0; *out < expr->name_count; ++*out)
        if (cp_span_equal(expr->names[*out], name))
            return CP_OK;
    cp_rc rc = cp_grow(&expr->names, &expr->name_capacity, expr->name_count + 1,
                       sizeof *expr->names, p->err);
    if (!rc)
        expr->names[expr->name_count++] = name;
    return rc;
}

/* ---- atoms ---- */

/* The digits behind a time's point, as nanoseconds; `text` loses them. false where there are more
 * than nine. */
static bool take_fraction(char text[], size_t *size, int64_t *nanoseconds)
{
    enum { PLACES = 9 };
    char *point = memchr(text, '.', *size);
    *nanoseconds = 0;
    if (!point)
        return true;
    size_t digits = strspn(point + 1, "0123456789");
    for (size_t i = 0; i < PLACES; i++)
        *nanoseconds = *nanoseconds * 10 + (i < digits ? point[1 + i] - '0' : 0);
    char *rest = point + 1 + digits;
    *size -= (size_t)(rest - point);
    memmove(point, rest, (size_t)(text + *size - point));
    return digits >= 1 && digits <= PLACES && !memchr(text, '.', *size);
}

/* The time in p->token's text. */
static cp_rc parse_time(parser *p, uint32_t at)
{
    enum { TIME_BYTES_MAX = 64, NANOSECONDS = 1000000000 };
    char text[TIME_BYTES_MAX + 1] = "";
    cp_span spelled = p->token.text;
    size_t size = spelled.size <= TIME_BYTES_MAX ? spelled.size : 0;
    int64_t seconds, nanoseconds;
    memcpy(text, spelled.data, size);
    if (!take_fraction(text, &size, &nanoseconds) ||
        cp_time_parse((cp_span){(const uint8_t *)text, size}, CP_UNIT_S, true, &seconds))
        return complain(p, "this is no time such as '2026-11-19T00:00:00Z' (RFC 3339; a space for "
                           "T, at most nine decimals; UTC without an offset)");
    cp_rc rc = add(p, (cp_node){.kind = CP_NODE_TIME,
                                .at = at,
                                .whole = (cp_wide)seconds * NANOSECONDS + nanoseconds});
    return rc ? rc : advance(p);
}

/* A field; but TIMESTAMP before a string is a time, and else a name as any other. */
static cp_rc parse_name(parser *p)
{
    cp_token name = p->token;
    size_t number;
    if (name.text.size == 0)
        return complain(p, "a name is empty");
    cp_rc rc = advance(p);
    if (rc)
        return rc;
    if (!name.quoted && p->token.kind == CP_TOKEN_TEXT && cp_is_word(name.text, "TIMESTAMP"))
        return parse_time(p, name.at);
    rc = number_name(p, name.text, &number);
    return rc ? rc : add(p, (cp_node){.kind = CP_NODE_FIELD, .at = name.at, .name = number});
}

static cp_rc parse_nested(parser *p)
{
    cp_rc rc = advance(p);
    if (!rc)
        rc = parse_level(p, LEVEL_OR);
    return rc ? rc : expect(p, CP_TOKEN_CLOSE, "an operator or ) is expected here");
}

static cp_rc parse_literal(parser *p, cp_node node)
{
    cp_rc rc = add(p, node);
    return rc ? rc : advance(p);
}

static cp_rc parse_atom(parser *p)
{
    cp_token token = p->token;
    cp_node node = {.at = token.at};
    switch (token.kind) {
    case CP_TOKEN_OPEN:
        return parse_nested(p);
    case CP_TOKEN_NAME:
        return parse_name(p);
    case CP_TOKEN_WHOLE:
        node.kind = CP_NODE_WHOLE;
        node.whole = token.whole;
        return parse_literal(p, node);
    case CP_TOKEN_FLOAT:
        node.kind = CP_NODE_FLOAT;
        node.real = token.real;
        return parse_literal(p, node);
    case CP_TOKEN_TEXT:
        node.kind = CP_NODE_TEXT;
        node.text = token.text;
        return parse_literal(p, node);
    case CP_TOKEN_NULL:
        node.kind = CP_NODE_NULL;
        return parse_literal(p, node);
    case CP_TOKEN_TRUE:
    case CP_TOKEN_FALSE:
        node.kind = CP_NODE_TRUTH;
        node.truth = token.kind == CP_TOKEN_TRUE;
        return parse_literal(p, node);
    default:
        return complain(p, "a field, a value or ( is expected here");
    }
}

/* ---- operators ---- */

/* What stands before an operand, or the operand. */
static cp_rc parse_prefix(parser *p, level least)
{
    cp_node node = {.at = p->token.at};
    level reach = LEVEL_SIGN;
    switch (p->token.kind) {
    case CP_TOKEN_NOT:
        node.kind = CP_NODE_NOT;
        reach = LEVEL_NOT;
        break;
    case CP_TOKEN_MINUS:
        node.kind = CP_NODE_NEGATE;
        break;
    case CP_TOKEN_PLUS:
        node.kind = CP_NODE_PLUS;
        break;
    default:
        return parse_atom(p);
    }
    if (node.kind == CP_NODE_NOT && least > LEVEL_NOT)
        return complain(p, "NOT reaches further than the operator before it: put it in ()");
    cp_rc rc = advance(p);
    if (!rc)
        rc = parse_level(p, reach);
    return rc ? rc : add(p, node);
}

static cp_rc parse_is(parser *p, cp_node node)
{
    cp_rc rc = accept(p, CP_TOKEN_NOT, &node.negated);
    if (rc)
        return rc;
    node.truth = p->token.kind == CP_TOKEN_TRUE;
    node.kind = p->token.kind == CP_TOKEN_NULL ? CP_NODE_IS_NULL : CP_NODE_IS_TRUTH;
    if (p->token.kind != CP_TOKEN_NULL && p->token.kind != CP_TOKEN_TRUE &&
        p->token.kind != CP_TOKEN_FALSE)
        return complain(p, "IS is followed by NULL, TRUE or FALSE, or NOT and one of them");
    rc = add(p, node);
    return rc ? rc : advance(p);
}

/* A string, or NULL: then the whole LIKE is unknown. */
static cp_rc parse_like_text(parser *p, cp_node *node, cp_span *out, const char *sentence)
{
    if (p->token.kind == CP_TOKEN_NULL) {
        node->kind = CP_NODE_LIKE_NULL;
        return advance(p);
    }
    *out = p->token.text;
    return expect(p, CP_TOKEN_TEXT, sentence);
}

static cp_rc parse_like(parser *p, cp_node node)
{
    bool has_escape = false;
    node.kind = CP_NODE_LIKE;
    cp_rc rc = parse_like_text(p, &node, &node.text, "LIKE needs a 'pattern'");
    if (!rc)
        rc = accept(p, CP_TOKEN_ESCAPE, &has_escape);
    if (rc || !has_escape)
        return rc ? rc : add(p, node);
    if (p->token.kind == CP_TOKEN_TEXT && cp_utf8_characters(p->token.text) != 1)
        return complain(p, "ESCAPE needs one character");
    rc = parse_like_text(p, &node, &node.escape, "ESCAPE needs a 'character'");
    return rc ? rc : add(p, node);
}

static cp_rc parse_between(parser *p, cp_node node)
{
    node.kind = CP_NODE_BETWEEN;
    cp_rc rc = parse_level(p, LEVEL_SUM);
    if (!rc)
        rc = expect(p, CP_TOKEN_AND, "BETWEEN needs AND here");
    if (!rc)
        rc = parse_level(p, LEVEL_SUM);
    return rc ? rc : add(p, node);
}

static cp_rc parse_in(parser *p, cp_node node)
{
    node.kind = CP_NODE_IN_BEGIN;
    bool goes_on = true;
    cp_rc rc = expect(p, CP_TOKEN_OPEN, "IN needs a list in ()");
    if (!rc)
        rc = add(p, node);
    while (!rc && goes_on) {
        cp_node item = {.kind = CP_NODE_IN_ITEM, .at = p->token.at};
        rc = parse_level(p, LEVEL_OR);
        if (!rc)
            rc = add(p, item);
        if (!rc)
            rc = accept(p, CP_TOKEN_COMMA, &goes_on);
    }
    node.kind = CP_NODE_IN_END;
    if (!rc)
        rc = expect(p, CP_TOKEN_CLOSE, "a comma or ) is expected here");
    return rc ? rc : add(p, node);
}

static cp_rc parse_range(parser *p, cp_node node)
{
    cp_token_kind kind = p->token.kind;
    cp_rc rc = CP_OK;
    if (kind == CP_TOKEN_IN || kind == CP_TOKEN_BETWEEN || kind == CP_TOKEN_LIKE)
        rc = advance(p);
    else
        return complain(p, "IN, BETWEEN or LIKE is expected here");
    if (rc)
        return rc;
    return kind == CP_TOKEN_IN     ? parse_in(p, node)
           : kind == CP_TOKEN_LIKE ? parse_like(p, node)
                                   : parse_between(p, node);
}

typedef struct infix {
    cp_token_kind token;
    level level;
    bool chains; /* a + b + c is (a + b) + c; a < b < c is an error */
    cp_node_kind node;
    cp_compare compare;
} infix;

static const infix infixes[] = {
    {CP_TOKEN_OR, LEVEL_OR, true, CP_NODE_OR, 0},
    {CP_TOKEN_AND, LEVEL_AND, true, CP_NODE_AND, 0},
    {CP_TOKEN_IS, LEVEL_IS, false, CP_NODE_IS_NULL, 0},
    {CP_TOKEN_EQ, LEVEL_ORDER, false, CP_NODE_COMPARE, CP_COMPARE_EQ},
    {CP_TOKEN_NE, LEVEL_ORDER, false, CP_NODE_COMPARE, CP_COMPARE_NE},
    {CP_TOKEN_LT, LEVEL_ORDER, false, CP_NODE_COMPARE, CP_COMPARE_LT},
    {CP_TOKEN_LE, LEVEL_ORDER, false, CP_NODE_COMPARE, CP_COMPARE_LE},
    {CP_TOKEN_GT, LEVEL_ORDER, false, CP_NODE_COMPARE, CP_COMPARE_GT},
    {CP_TOKEN_GE, LEVEL_ORDER, false, CP_NODE_COMPARE, CP_COMPARE_GE},
    {CP_TOKEN_NOT, LEVEL_RANGE, false, CP_NODE_BETWEEN, 0},
    {CP_TOKEN_IN, LEVEL_RANGE, false, CP_NODE_BETWEEN, 0},
    {CP_TOKEN_BETWEEN, LEVEL_RANGE, false, CP_NODE_BETWEEN, 0},
    {CP_TOKEN_LIKE, LEVEL_RANGE, false, CP_NODE_BETWEEN, 0},
    {CP_TOKEN_PLUS, LEVEL_SUM, true, CP_NODE_ADD, 0},
    {CP_TOKEN_MINUS, LEVEL_SUM, true, CP_NODE_SUBTRACT, 0},
    {CP_TOKEN_STAR, LEVEL_TERM, true, CP_NODE_MULTIPLY, 0},
    {CP_TOKEN_SLASH, LEVEL_TERM, true, CP_NODE_DIVIDE, 0},
    {CP_TOKEN_PERCENT, LEVEL_TERM, true, CP_NODE_REMAINDER, 0},
};

/* The operator that p->token is, if it binds at `least` or tighter; else NULL. */
static const infix *find_infix(const parser *p, level least)
{
    for (size_t i = 0; i < sizeof infixes / sizeof infixes[0]; i++)
        if (infixes[i].token == p->token.kind)
            return infixes[i].level >= least ? &infixes[i] : NULL;
    return NULL;
}

/* The operator and what stands behind it. */
static cp_rc parse_infix(parser *p, const infix *found)
{
    cp_node node = {.kind = found->node, .at = p->token.at, .compare = found->compare};
    bool is_range = found->level == LEVEL_RANGE;
    cp_rc rc = CP_OK;
    if (is_range)
        rc = accept(p, CP_TOKEN_NOT, &node.negated);
    else
        rc = advance(p);
    if (rc)
        return rc;
    if (is_range)
        return parse_range(p, node);
    if (found->level == LEVEL_IS)
        return parse_is(p, node);
    rc = parse_level(p, found->level + 1);
    return rc ? rc : add(p, node);
}

static cp_rc parse_level(parser *p, level least)
{
    if (p->depth == CP_EXPR_DEPTH_MAX)
        return cp_complain(p->err, p->expr->text, p->token.at, "expression_too_deep",
                           "more than %d levels are nested", CP_EXPR_DEPTH_MAX);
    p->depth++;
    const infix *before = NULL, *found;
    cp_rc rc = parse_prefix(p, least);
    while (!rc && (found = find_infix(p, least))) {
        if (before && !found->chains && before->level == found->level)
            return complain(p, "these operators do not chain; use AND or ()");
        rc = parse_infix(p, found);
        before = found;
    }
    p->depth--;
    return rc;
}

/* ---- the whole ---- */

static cp_rc parse(cp_expr *expr, cp_error *err)
{
    parser p = {.expr = expr, .lexer = {expr->text, 0, &expr->arena}, .err = err};
    cp_rc rc = advance(&p);
    if (!rc && p.token.kind == CP_TOKEN_END)
        return complain(&p, "the condition is empty");
    if (!rc)
        rc = parse_level(&p, LEVEL_OR);
    return rc ? rc : expect(&p, CP_TOKEN_END, "an operator is expected here");
}

/* A copy, since names and literals lie in it. */
static cp_rc keep_text(cp_expr *expr, cp_span text, cp_error *err)
{
    if (text.size > CP_EXPR_BYTES_MAX)
        return cp_fail(err, CP_E_USAGE, "expression_too_long",
                       "where: %zu bytes, at most %d are possible", text.size, CP_EXPR_BYTES_MAX);
    if (cp_utf8_valid(text) < text.size)
        return cp_fail(err, CP_E_USAGE, "bad_expression", "where: byte %zu is not UTF-8",
                       cp_utf8_valid(text) + 1);
    uint8_t *copy = cp_arena_take(&expr->arena, text.size);
    if (!copy)
        return cp_fail_memory(err, text.size);
    if (text.size)
        memcpy(copy, text.data, text.size);
    expr->text = (cp_span){copy, text.size};
    return CP_OK;
}

cp_rc cp_expr_parse(cp_span text, cp_expr **out, cp_error *err)
{
    cp_expr *expr;
    cp_rc rc = cp_calloc(1, sizeof *expr, &expr, err);
    if (rc)
        return rc;
    rc = keep_text(expr, text, err);
    if (!rc)
        rc = parse(expr, err);
    if (rc)
        cp_expr_free(expr);
    else
        *out = expr;
    return rc;
}

void cp_expr_free(cp_expr *expr)
{
    if (!expr)
        return;
    free(expr->nodes);
    free(expr->names);
    cp_arena_free(&expr->arena);
    free(expr);
}

size_t cp_expr_field_count(const cp_expr *expr)
{
    return expr->name_count;
}

cp_span cp_expr_field(const cp_expr *expr, size_t i)
{
    return expr->names[i];
}
