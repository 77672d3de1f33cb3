/* The page that records are written on: bytes gather here and go to a writer in large pieces.
 *
 *   |<-------- flush_at -------->|<-- slack -->|
 *   a record starts below flush_at and ends inside the slack, so that putting never checks
 *
 * CP_GEN_RECORD_BYTES bounds a record and its line end. All that goes into one comes from fixed
 * tables; the longest is a bad one of 1100 levels, under half the bound. */
#ifndef CP_FORMATS_SYNTHETIC_GEN_OUT_H
#define CP_FORMATS_SYNTHETIC_GEN_OUT_H

#include "pipeline/core/span.h"
#include "pipeline/core/writer.h"
#include "pipeline/text/number.h"

#include <string.h>

enum { CP_GEN_RECORD_BYTES = 16 << 10 };

/* A span over a literal, for static tables; zero bytes inside are kept. */
#define CP_GEN_SPAN(literal)                                                                       \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* One thread at a time. */
typedef struct cp_gen_out {
    cp_writer *writer; /* borrowed */
    uint8_t *bytes;    /* owned */
    size_t used;
    size_t flush_at;
    uint64_t flushed; /* bytes that the writer has */
} cp_gen_out;

/* CP_E_MEMORY. Close in any case. */
cp_rc cp_gen_out_open(cp_gen_out *out, cp_writer *writer, size_t flush_at, size_t slack,
                      cp_error *err);
/* Hands over what is there. */
cp_rc cp_gen_out_flush(cp_gen_out *out, cp_error *err);
/* May be called twice; flushes nothing. */
void cp_gen_out_close(cp_gen_out *out);

/* To be called before each record: makes the slack free. */
static inline cp_rc cp_gen_out_room(cp_gen_out *out, cp_error *err)
{
    return out->used < out->flush_at ? CP_OK : cp_gen_out_flush(out, err);
}

/* The stream's offset of the next byte. */
static inline uint64_t cp_gen_out_offset(const cp_gen_out *out)
{
    return out->flushed + out->used;
}

static inline void cp_gen_put(cp_gen_out *out, const void *bytes, size_t size)
{
    memcpy(out->bytes + out->used, bytes, size);
    out->used += size;
}

static inline void cp_gen_put_span(cp_gen_out *out, cp_span span)
{
    cp_gen_put(out, span.data, span.size);
}

static inline void cp_gen_put_text(cp_gen_out *out, const char *text)
{
    cp_gen_put(out, text, strlen(text));
}

static inline void cp_gen_put_byte(cp_gen_out *out, char byte)
{
    out->bytes[out->used++] = (uint8_t)byte;
}

static inline void cp_gen_put_uint(cp_gen_out *out, uint64_t value)
{
    out->used += cp_uint64_write(value, (char *)out->bytes + out->used);
}

#endif
