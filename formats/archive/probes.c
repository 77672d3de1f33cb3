/* Magic numbers and end marks of tar, zip, 7z and cpio. */
#include "formats/archive/probes.h"

enum {
    TAR_BLOCK_BYTES = 512,
    TAR_END_BYTES = 2 * TAR_BLOCK_BYTES,
    TAR_CHECKSUM_AT = 148,
    TAR_CHECKSUM_BYTES = 8,
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
int cp_probe_tar(cp_span head)
{
    if (head.size < TAR_BLOCK_BYTES || head.data[0] == '\0')
        return 0;
    uint32_t sum = 0;
    for (int i = 0; i < TAR_BLOCK_BYTES; i++) {
        bool in_field = i >= TAR_CHECKSUM_AT && i < TAR_CHECKSUM_AT + TAR_CHECKSUM_BYTES;
        sum += in_field ? ' ' : head.data[i];
    }
    return sum == tar_stored_checksum(head.data + TAR_CHECKSUM_AT) ? 90 : 0;
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

/* Old portable, new and new with checksums ("070707", "070701", "070702"). */
int cp_probe_cpio(cp_span head)
{
    bool ascii =
        begins(head, "070701", 6) || begins(head, "070702", 6) || begins(head, "070707", 6);
    return ascii ? 90 : 0;
}

bool cp_tar_end_is_marked(cp_span last)
{
    if (last.size < TAR_END_BYTES)
        return false;
    const uint8_t *end = last.data + last.size - TAR_END_BYTES;
    for (int i = 0; i < TAR_END_BYTES; i++)
        if (end[i])
            return false;
    return true;
}

bool cp_zip_end_is_there(cp_span last)
{
    for (size_t back = ZIP_END_BYTES; back <= last.size && back <= CP_ZIP_END_BYTES_MAX; back++) {
        const uint8_t *p = last.data + last.size - back;
        size_t comment_bytes = (size_t)(p[20] | p[21] << 8);
        if (memcmp(p, "PK\x05\x06", 4) == 0 && ZIP_END_BYTES + comment_bytes == back)
            return true;
    }
    return false;
}
