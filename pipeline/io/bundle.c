/* Unpacking a bundle, and handing out what came of it. */
#include "pipeline/io/bundle.h"

#include "pipeline/core/checked.h"

static void release_chunks(cp_bundle *bundle)
{
    for (size_t i = bundle->chunks_given; i < bundle->chunk_count; i++)
        cp_buffer_release(bundle->chunks[i].buffer);
    bundle->chunk_count = bundle->chunks_given = bundle->content_bytes = 0;
}

/* The chunk that still has room, a new one where none has. */
static cp_rc last_chunk(cp_bundle *bundle, cp_pool *pool, cp_bundle_chunk **out)
{
    size_t count = bundle->chunk_count;
    cp_buffer *buffer;
    cp_rc rc = CP_OK;
    if (count == 0 ||
        bundle->chunks[count - 1].size == bundle->chunks[count - 1].buffer->capacity) {
        rc = cp_grow(&bundle->chunks, &bundle->chunk_capacity, count + 1, sizeof *bundle->chunks,
                     NULL);
        if (!rc)
            rc = cp_pool_acquire(pool, 1, &buffer, NULL);
        if (rc)
            return rc;
        bundle->chunks[bundle->chunk_count++] = (cp_bundle_chunk){buffer, 0};
    }
    *out = &bundle->chunks[bundle->chunk_count - 1];
    return CP_OK;
}

/* The end is told to a buffer of its own, so that content of whole chunks wants none for it. */
static cp_rc unpack_end(cp_stream *decoder, size_t *got)
{
    uint8_t beyond;
    cp_rc rc = decoder->read(decoder, &beyond, 1, got, NULL);
    return rc || *got == 0 ? rc : CP_E_DATA;
}

static cp_rc unpack_some(cp_bundle *bundle, cp_stream *decoder, cp_pool *pool, size_t *got)
{
    if (bundle->content_bytes >= bundle->content_max)
        return unpack_end(decoder, got);
    cp_bundle_chunk *chunk;
    cp_rc rc = last_chunk(bundle, pool, &chunk);
    if (rc)
        return rc;
    cp_buffer *buffer = chunk->buffer;
    rc = decoder->read(decoder, buffer->data + chunk->size, buffer->capacity - chunk->size, got,
                       NULL);
    chunk->size += *got;
    bundle->content_bytes += *got;
    return rc;
}

bool cp_bundle_unpack(cp_bundle *bundle, cp_bundle_decoder *decoder, const cp_codec *codec,
                      size_t window_limit_bytes, cp_pool *pool)
{
    cp_bundle_part part = {.bundle = bundle, .to = bundle->whole_bytes};
    cp_rc rc = cp_bundle_decoder_begin(decoder, codec, window_limit_bytes, &part, NULL);
    for (size_t got = 1; !rc && got > 0;)
        rc = unpack_some(bundle, decoder->stream, pool, &got);
    if (!rc)
        return true;
    release_chunks(bundle);
    cp_bundle_decoder_close(decoder);
    return false;
}

size_t cp_bundle_give(cp_bundle *bundle, uint8_t *out, size_t capacity)
{
    size_t size = 0;
    while (size == 0 && bundle->chunks_given < bundle->chunk_count) {
        const cp_bundle_chunk *chunk = &bundle->chunks[bundle->chunks_given];
        size_t left = chunk->size - bundle->given;
        size = left < capacity ? left : capacity;
        if (size > 0)
            memcpy(out, chunk->buffer->data + bundle->given, size);
        bundle->given += size;
        if (bundle->given < chunk->size)
            break;
        cp_buffer_release(chunk->buffer);
        bundle->chunks_given++;
        bundle->given = 0;
    }
    return size;
}

size_t cp_bundle_held(const cp_bundle *bundle)
{
    size_t held = bundle->stored_capacity;
    for (size_t i = bundle->chunks_given; i < bundle->chunk_count; i++)
        held += bundle->chunks[i].buffer->capacity;
    return held;
}

static void free_stored(cp_bundle *bundle)
{
    free(bundle->stored);
    bundle->stored = NULL;
    bundle->stored_capacity = 0;
}

void cp_bundle_reset(cp_bundle *bundle)
{
    release_chunks(bundle);
    if (bundle->stored_capacity > CP_BUNDLE_KEPT_BYTES)
        free_stored(bundle);
    *bundle = (cp_bundle){
        .stored = bundle->stored,
        .stored_capacity = bundle->stored_capacity,
        .chunks = bundle->chunks,
        .chunk_capacity = bundle->chunk_capacity,
        .charged = bundle->charged,
    };
}

void cp_bundle_free(cp_bundle *bundle)
{
    release_chunks(bundle);
    free_stored(bundle);
    free(bundle->chunks);
    *bundle = (cp_bundle){0};
}
