/* From frame to frame, header by header. */
#include "formats/compress/stream_facts.h"
#include "formats/compress/zstd_frame.h"

/* The most that one part of a frame has: its header. */
enum { PART_BYTES_MAX = 18 };

static cp_rc cut_off(const cp_seekable *file, cp_error *err)
{
    cp_fail(err, CP_E_DATA, "truncated_input", "the zstd stream is cut off inside a frame");
    cp_error_at_byte(err, file->bytes);
    return CP_E_DATA;
}

static cp_rc no_frame(uint64_t at, cp_error *err)
{
    cp_fail(err, CP_E_DATA, "corrupt_input", "no zstd frame stands here, or a damaged one");
    cp_error_at_byte(err, at);
    return CP_E_DATA;
}

/* To the frame's end, which begins at `at`. */
static cp_rc measure(cp_seekable *file, uint64_t at, cp_frame *frame, cp_error *err)
{
    cp_rc rc;
    uint8_t part[PART_BYTES_MAX] = {0};
    size_t size = 0;
    uint64_t from = 0;
    while ((rc = cp_zstd_measure_from(frame, from, (cp_span){part, size})) == CP_MORE) {
        from = frame->part_at;
        size = (size_t)(frame->wanted_bytes - from);
        if (frame->wanted_bytes > file->bytes - at)
            return cut_off(file, err);
        rc = file->read(file, at + from, part, size, err);
        if (rc)
            return rc;
    }
    if (rc)
        return no_frame(at, err);
    return frame->wanted_bytes > file->bytes - at ? cut_off(file, err) : CP_OK;
}

/* A skippable frame has one part. */
static void count(cp_zstd_facts *facts, const cp_frame *frame)
{
    if (frame->part_at == 0) {
        facts->skippable_frames++;
        return;
    }
    facts->frames++;
    facts->frames_with_size += frame->knows_content;
    facts->frames_with_checksum += frame->has_checksum;
    facts->content_bytes += frame->knows_content ? frame->content_bytes : 0;
    if (frame->window_bytes > facts->window_bytes)
        facts->window_bytes = frame->window_bytes;
}

cp_rc cp_zstd_facts_read(cp_seekable *file, cp_zstd_facts *out, cp_error *err)
{
    *out = (cp_zstd_facts){0};
    for (uint64_t at = 0; at < file->bytes;) {
        cp_frame frame = {0};
        cp_rc rc = measure(file, at, &frame, err);
        if (rc)
            return rc;
        count(out, &frame);
        at += frame.wanted_bytes;
        file->pass(file, at);
    }
    return CP_OK;
}
