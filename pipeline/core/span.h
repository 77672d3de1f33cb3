/* A run of bytes that someone else owns. */
#ifndef CP_CORE_SPAN_H
#define CP_CORE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct cp_span {
    const uint8_t *data;
    size_t size;
} cp_span;

static inline cp_span cp_span_of(const char *text)
{
    return (cp_span){(const uint8_t *)text, strlen(text)};
}

static inline bool cp_span_equal(cp_span a, cp_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Byte order: memcmp, then the shorter first. */
static inline int cp_span_compare(cp_span a, cp_span b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared ? memcmp(a.data, b.data, shared) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

#endif
