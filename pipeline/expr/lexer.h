/* Tokens of an expression. Private to pipeline/expr. */
#ifndef CP_EXPR_LEXER_H
#define CP_EXPR_LEXER_H

#include "pipeline/core/arena.h"
#include "pipeline/core/span.h"
#include "pipeline/expr/wide.h"

typedef enum cp_token_kind {
    CP_TOKEN_END,
    CP_TOKEN_NAME,  /* `text`; `quoted` tells the two spellings apart */
    CP_TOKEN_WHOLE, /* `whole`, at most 2^127 - 1 */
    CP_TOKEN_FLOAT, /* `real`, finite */
    CP_TOKEN_TEXT,  /* `text` */
    CP_TOKEN_OPEN,
    CP_TOKEN_CLOSE,
    CP_TOKEN_COMMA,
    CP_TOKEN_PLUS,
    CP_TOKEN_MINUS,
    CP_TOKEN_STAR,
    CP_TOKEN_SLASH,
    CP_TOKEN_PERCENT,
    CP_TOKEN_EQ,
    CP_TOKEN_NE,
    CP_TOKEN_LT,
    CP_TOKEN_LE,
    CP_TOKEN_GT,
    CP_TOKEN_GE,
    CP_TOKEN_AND,
    CP_TOKEN_BETWEEN,
    CP_TOKEN_ESCAPE,
    CP_TOKEN_FALSE,
    CP_TOKEN_IN,
    CP_TOKEN_IS,
    CP_TOKEN_LIKE,
    CP_TOKEN_NOT,
    CP_TOKEN_NULL,
    CP_TOKEN_OR,
    CP_TOKEN_TRUE,
} cp_token_kind;

typedef struct cp_token {
    cp_token_kind kind;
    uint32_t at; /* its first byte in the text */
    bool quoted;
    union {
        cp_span text; /* without quotes, doubled ones single */
        cp_wide whole;
        double real;
    };
} cp_token;

/* `text` is valid UTF-8 of at most CP_EXPR_BYTES_MAX; tokens' texts lie in it or in the arena. */
typedef struct cp_lexer {
    cp_span text;
    size_t at;
    cp_arena *arena;
} cp_lexer;

/* The next token; CP_TOKEN_END again and again at the end. CP_E_USAGE, CP_E_MEMORY. */
cp_rc cp_lexer_next(cp_lexer *lexer, cp_token *out, cp_error *err);

/* Whether the texts are the same but for the case of ASCII letters; `word` is in capitals. */
bool cp_is_word(cp_span text, const char *word);

#endif
