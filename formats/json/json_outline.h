/* The part of a document that is no records: up to the array that a pointer names, and behind it.
 * Checked to be JSON, byte for byte and in constant memory, whatever the document's size.
 *
 *   {"meta": {...}, "data": {"cases": [   records   ], ...}, ...}
 *   -------- outline -----------------^              ^---- outline
 */
#ifndef CP_FORMATS_JSON_JSON_OUTLINE_H
#define CP_FORMATS_JSON_JSON_OUTLINE_H

#include "formats/json/json_pointer.h"
#include "formats/json/json_text.h"

/* What may come next. */
typedef enum cp_json_step {
    CP_STEP_VALUE,
    CP_STEP_FIRST_VALUE, /* or the end of the array */
    CP_STEP_KEY,
    CP_STEP_FIRST_KEY, /* or the end of the object */
    CP_STEP_COLON,
    CP_STEP_AFTER, /* a comma, or what closes the innermost bracket; at depth 0 nothing */
    CP_STEP_STRING,
    CP_STEP_CHARACTER, /* inside of one beyond ASCII */
    CP_STEP_ESCAPE,    /* behind a backslash */
    CP_STEP_HEX,
    CP_STEP_HALF,        /* behind the \u of the first half of a surrogate pair */
    CP_STEP_HALF_ESCAPE, /* behind the backslash that comes next */
    CP_STEP_LITERAL,
    CP_STEP_MINUS, /* behind it; the others of a number likewise */
    CP_STEP_ZERO,
    CP_STEP_WHOLE,
    CP_STEP_POINT,
    CP_STEP_FRACTION,
    CP_STEP_E,
    CP_STEP_SIGN,
    CP_STEP_POWER,
} cp_json_step;

typedef struct cp_json_outline {
    const char *why;                          /* CP_OUTLINE_BAD: what was expected; static */
    const char *literal;                      /* the rest of true, false or null */
    uint64_t objects[CP_JSON_DEPTH_MAX / 64]; /* of each open bracket: is it an object's? */
    /* The way: `met` tokens name values that are open, `named` says that the next value is one. */
    const cp_json_pointer *pointer; /* borrowed; NULL: no way, or it has been gone */
    size_t met;
    uint64_t index;  /* of the value to come in the array that holds the next token */
    size_t compared; /* bytes of the token that the key at hand was held against */
    uint32_t high;   /* the first half of the surrogate pair at hand; 0: none */
    uint32_t code;   /* of the \u at hand, so far */
    unsigned hex_left;
    unsigned depth;
    cp_json_step step;
    uint8_t utf8; /* of the character at hand: see cp_utf8_step */
    bool named;
    bool in_key;
    bool compares; /* the key at hand may be the token */
    bool differs;  /* but is not */
} cp_json_outline;

typedef enum cp_json_outline_end {
    CP_OUTLINE_ALL,       /* all the bytes were good */
    CP_OUTLINE_ARRAY,     /* behind the '[' of the array that the pointer names */
    CP_OUTLINE_BAD,       /* at a byte that can be no JSON: `why` */
    CP_OUTLINE_ABSENT,    /* at what shows that there is no value for the pointer */
    CP_OUTLINE_NOT_ARRAY, /* at the value that the pointer names */
} cp_json_outline_end;

/* Before a document. `pointer` NULL: the document is only checked. */
void cp_json_outline_start(cp_json_outline *outline, const cp_json_pointer *pointer);

/* Goes on from p; *at tells how far. */
cp_json_outline_end cp_json_outline_read(cp_json_outline *outline, const uint8_t *p,
                                         const uint8_t *end, const uint8_t **at);

/* Behind the ']' of the array that the pointer named. */
void cp_json_outline_leave(cp_json_outline *outline);

/* Whether the document may end here. */
bool cp_json_outline_is_whole(const cp_json_outline *outline);

#endif
