/* Magic numbers, starts and end marks of tar, zip and 7z. */
#include "formats/archive/probes.h"

#include "pipeline/core/container.h"

#include <zlib.h>

enum {
    TAR_BLOCK_BYTES = 512,
    TAR_END_BYTES = 2 * TAR_BLOCK_BYTES,
    TAR_CHECKSUM_AT = 148,
    TAR_CHECKSUM_BYTES = 8,
    TAR_MAGIC_AT = 257,
    TAR_MAGIC_BYTES = 6,
    ZIP_END_BYTES = 22
};

static bool begins(cp_span head, const char *magic, size_t size)
{
    return head.size >= size && memcmp(head.data, magic, size) == 0;
}

/* The checksum field: octal digits, then a NUL or a space (POSIX.1-2017, pax). */
static uint32_t tar_stored_checksum(const uint8_t *field)
{
    uint32_t sum = 0;
    for (int i = 0; i < TAR_CHECKSUM_BYTES; i++)
        if (field[i] >= '0' && field[i] <= '7')
            sum = sum * 8 + (uint32_t)(field[i] - '0');
    return sum;
}

/* The sum of the header's bytes, the checksum field counted as spaces: it tells a tar of any age,
 * also those without the "ustar" mark. */
static bool is_tar_header(cp_span head)
{
    uint32_t sum = 0;
    if (head.size < TAR_BLOCK_BYTES || head.data[0] == '\0')
        return false;
    for (int i = 0; i < TAR_BLOCK_BYTES; i++) {
        bool in_field = i >= TAR_CHECKSUM_AT && i < TAR_CHECKSUM_AT + TAR_CHECKSUM_BYTES;
        sum += in_field ? ' ' : head.data[i];
    }
    return sum == tar_stored_checksum(head.data + TAR_CHECKSUM_AT);
}

/* "ustar" with a NUL, or with a space as GNU tar has it, in less than a header. */
static bool is_cut_tar_header(cp_span head)
{
    const uint8_t *magic = head.data + TAR_MAGIC_AT;
    return head.size >= TAR_MAGIC_AT + TAR_MAGIC_BYTES && head.size < TAR_BLOCK_BYTES &&
           (memcmp(magic, "ustar", TAR_MAGIC_BYTES) == 0 ||
            memcmp(magic, "ustar ", TAR_MAGIC_BYTES) == 0);
}

bool cp_is_padding(cp_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i])
            return false;
    return true;
}

/* An end mark and its padding, and nothing else. Zeros beyond any padding are more likely those of
 * a file whose bytes were lost. */
static bool is_empty_tar(cp_span head)
{
    return head.size >= TAR_END_BYTES && head.size < CP_CONTAINER_HEAD_BYTES &&
           head.size % TAR_BLOCK_BYTES == 0 && cp_is_padding(head);
}

/* Zeros may be records just as well. */
int cp_probe_tar(cp_span head)
{
    if (is_tar_header(head) || is_cut_tar_header(head))
        return 90;
    return is_empty_tar(head) ? CP_CONTAINER_SURE - 10 : 0;
}

int cp_probe_zip(cp_span head)
{
    bool local = begins(head, "PK\x03\x04", 4), empty = begins(head, "PK\x05\x06", 4);
    return local || empty ? 90 : 0;
}

int cp_probe_7z(cp_span head)
{
    return begins(head, "7z\xBC\xAF\x27\x1C", 6) ? 90 : 0;
}

bool cp_tar_end_is_marked(cp_span end)
{
    if (end.size < TAR_END_BYTES)
        return false;
    return cp_is_padding((cp_span){end.data + end.size - TAR_END_BYTES, TAR_END_BYTES});
}

static uint16_t read_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)read_u16(bytes) | (uint32_t)read_u16(bytes + 2) << 16;
}

enum { ZIP_COUNT_AT = 10, ZIP_DIRECTORY_BYTES_AT = 12, ZIP_DIRECTORY_AT = 16, ZIP_COMMENT_AT = 20 };

/* The size of the end record at `at` with its comment; 0: there is none. */
static size_t zip_end_bytes(cp_span last, size_t at)
{
    const uint8_t *end = last.data + at;
    return begins((cp_span){end, last.size - at}, "PK\x05\x06", 4)
               ? (size_t)ZIP_END_BYTES + read_u16(end + ZIP_COMMENT_AT)
               : 0;
}

bool cp_zip_end_is_there(cp_span last, uint16_t *entry_count)
{
    for (size_t back = ZIP_END_BYTES; back <= last.size && back <= CP_ZIP_END_BYTES_MAX; back++) {
        size_t at = last.size - back;
        if (zip_end_bytes(last, at) != back)
            continue;
        *entry_count = read_u16(last.data + at + ZIP_COUNT_AT);
        return true;
    }
    return false;
}

bool cp_zip_goes_on_behind_end(cp_span last, uint64_t last_at)
{
    for (size_t at = 0; at + ZIP_END_BYTES < last.size; at++) {
        size_t size = zip_end_bytes(last, at);
        const uint8_t *end = last.data + at;
        if (size > 0 && size < last.size - at &&
            last_at + at ==
                (uint64_t)read_u32(end + ZIP_DIRECTORY_AT) + read_u32(end + ZIP_DIRECTORY_BYTES_AT))
            return true;
    }
    return false;
}

bool cp_7z_start_is_sound(cp_span head)
{
    enum { CRC_AT = 8, COVERED_AT = 12 };
    if (head.size < CP_7Z_START_BYTES)
        return false;
    return read_u32(head.data + CRC_AT) ==
           crc32_z(0, head.data + COVERED_AT, CP_7Z_START_BYTES - COVERED_AT);
}
