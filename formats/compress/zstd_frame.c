/* A walk over a frame's headers (RFC 8878, sections 3.1.1 and 3.1.2):
 *
 *   magic 4 | descriptor 1 | window 0-1 | dictionary 0-4 | content size 0-8   up to 18 bytes
 *   block header 3 | its bytes                                                once or more
 *   checksum 0-4
 *
 * By hand, because libzstd tells a frame's size only when all of it is there, its window not at
 * all, and a bound of its content only where it is linked statically. */
#include "formats/compress/zstd_frame.h"

#include <zstd.h>

enum {
    FIRST_BYTES = 8, /* a skippable frame's header; no frame is smaller */
    BLOCK_HEADER_BYTES = 3,
    CHECKSUM_BYTES = 4,
    DESCRIPTOR_AT = 4,
    WINDOW_AT = 5,
};

static uint32_t load_little(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value |= (uint32_t)bytes[i] << (8 * i);
    return value;
}

static bool is_single_segment(uint8_t descriptor)
{
    return (descriptor >> 5 & 1) != 0;
}

static uint64_t header_bytes(uint8_t descriptor)
{
    static const uint8_t dictionary_bytes[] = {0, 1, 2, 4};
    static const uint8_t content_size_bytes[] = {0, 2, 4, 8};
    bool is_single = is_single_segment(descriptor);
    uint64_t size = WINDOW_AT + (is_single ? 0U : 1U);
    size += dictionary_bytes[descriptor & 3];
    size += content_size_bytes[descriptor >> 6];
    return is_single && descriptor >> 6 == 0 ? size + 1 : size;
}

/* Section 3.1.1.1.2: ten bits at least, and eighths of the power of two. */
static uint64_t window_of(uint8_t descriptor)
{
    uint64_t power = UINT64_C(1) << (10 + (descriptor >> 3));
    return power + power / 8 * (descriptor & 7);
}

/* The header, all of which is there. */
static cp_rc begin_blocks(cp_frame *frame, const uint8_t *bytes, uint64_t size)
{
    unsigned long long content = ZSTD_getFrameContentSize(bytes, (size_t)size);
    if (content == ZSTD_CONTENTSIZE_ERROR)
        return CP_E_DATA;
    frame->knows_content = content != ZSTD_CONTENTSIZE_UNKNOWN;
    frame->content_bytes = frame->knows_content ? content : 0;
    frame->window_bytes =
        is_single_segment(bytes[DESCRIPTOR_AT]) ? content : window_of(bytes[WINDOW_AT]);
    frame->has_checksum = (bytes[DESCRIPTOR_AT] >> 2 & 1) != 0;
    frame->part_at = size;
    frame->wanted_bytes = size + BLOCK_HEADER_BYTES;
    return CP_MORE;
}

static cp_rc begin_frame(cp_frame *frame, const uint8_t *bytes)
{
    uint32_t magic = load_little(bytes, 4);
    if ((magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START) {
        frame->wanted_bytes = FIRST_BYTES + (uint64_t)load_little(bytes + 4, 4);
        return CP_OK;
    }
    if (magic != ZSTD_MAGICNUMBER)
        return CP_E_DATA;
    uint64_t size = header_bytes(bytes[DESCRIPTOR_AT]);
    if (size <= frame->wanted_bytes)
        return begin_blocks(frame, bytes, size);
    frame->wanted_bytes = size;
    return CP_MORE;
}

/* A compressed block holds no more than the window and ZSTD_BLOCKSIZE_MAX; the others say it. */
static cp_rc pass_block(cp_frame *frame, const uint8_t *part)
{
    enum { RAW, REPEATED, COMPRESSED, RESERVED };
    uint32_t header = load_little(part, BLOCK_HEADER_BYTES);
    uint32_t type = header >> 1 & 3, size = header >> 3;
    if (type == RESERVED)
        return CP_E_DATA;
    uint64_t most =
        frame->window_bytes < ZSTD_BLOCKSIZE_MAX ? frame->window_bytes : ZSTD_BLOCKSIZE_MAX;
    if (!frame->knows_content)
        frame->content_bytes += type == COMPRESSED ? most : size;
    frame->part_at += BLOCK_HEADER_BYTES + (type == REPEATED ? 1 : size);
    bool is_last = header & 1;
    frame->wanted_bytes = frame->part_at;
    if (!is_last)
        frame->wanted_bytes += BLOCK_HEADER_BYTES;
    else if (frame->has_checksum)
        frame->wanted_bytes += CHECKSUM_BYTES;
    return is_last ? CP_OK : CP_MORE;
}

static cp_rc measure_part(cp_frame *frame, const uint8_t *part)
{
    if (frame->part_at > 0)
        return pass_block(frame, part);
    if (frame->wanted_bytes > 0)
        return begin_frame(frame, part);
    frame->wanted_bytes = FIRST_BYTES;
    return CP_MORE;
}

cp_rc cp_zstd_measure_from(cp_frame *frame, uint64_t from, cp_span bytes)
{
    cp_rc rc = CP_MORE;
    while (rc == CP_MORE && from + bytes.size >= frame->wanted_bytes)
        rc = measure_part(frame, bytes.data + (frame->part_at - from));
    return rc;
}

cp_rc cp_zstd_measure(cp_frame *frame, cp_span bytes)
{
    return cp_zstd_measure_from(frame, 0, bytes);
}
