/* See json_pointer.h. */
#include "formats/json/json_pointer.h"

#include "pipeline/core/checked.h"

#include <inttypes.h>
#include <stdio.h>

static cp_rc refuse(const char *text, const char *why, cp_error *err)
{
    return cp_fail(err, CP_E_USAGE, "bad_value", "--at: \"%s\" is no JSON Pointer: %s", text, why);
}

/* The token from `text` on, up to its '/', with its escapes resolved into `out`; NULL where one is
 * none. Returns where it ends. */
static const char *token_read(const char *text, uint8_t *out, size_t *size)
{
    *size = 0;
    for (; *text && *text != '/'; text++) {
        if (*text == '~' && text[1] != '0' && text[1] != '1')
            return NULL;
        bool escape = *text == '~';
        text += escape;
        out[(*size)++] = (uint8_t)(!escape ? *text : *text == '0' ? '~' : '/');
    }
    return text;
}

static cp_rc read_tokens(cp_json_pointer *pointer, cp_error *err)
{
    uint8_t *plain = pointer->plain;
    for (const char *at = pointer->text; *at;) {
        cp_span *token = &pointer->tokens[pointer->count++];
        token->data = plain;
        at = token_read(at + 1, plain, &token->size);
        if (!at)
            return refuse(pointer->text, "behind a ~ stands 0 or 1", err);
        plain += token->size;
    }
    return CP_OK;
}

cp_rc cp_json_pointer_open(const char *text, cp_json_pointer *out, cp_error *err)
{
    size_t size = strlen(text) + 1, slashes = 0;
    *out = (cp_json_pointer){0};
    if (*text && *text != '/')
        return refuse(text, "it begins with a /", err);
    for (const char *p = text; *p; p++)
        slashes += *p == '/';
    cp_rc rc = cp_calloc(size, 1, &out->text, err);
    if (!rc)
        rc = cp_calloc(size, 1, &out->plain, err);
    if (!rc)
        rc = cp_calloc(slashes, sizeof *out->tokens, &out->tokens, err);
    if (!rc) {
        memcpy(out->text, text, size);
        rc = read_tokens(out, err);
    }
    if (rc)
        cp_json_pointer_close(out);
    return rc;
}

void cp_json_pointer_close(cp_json_pointer *pointer)
{
    free(pointer->text);
    free(pointer->tokens);
    free(pointer->plain);
    *pointer = (cp_json_pointer){0};
}

bool cp_json_pointer_is_index(cp_span token, uint64_t index)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%" PRIu64, index);
    return cp_span_equal(token, (cp_span){(const uint8_t *)digits, (size_t)size});
}
