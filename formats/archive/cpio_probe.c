/* The headers of cpio archives: which bytes begin one, and which end an archive.
 *
 *   "070701" 104 hexadecimal digits, name, padding     new; "070702" with checksums
 *   "070707" 70 octal digits, name                     old portable
 *   070707 as a 16-bit word, 12 more, name, padding    old binary, in either byte order
 *
 * Sources: POSIX.1-2017, pax, "cpio Interchange Format"; cpio(5) for the new and binary ones. */
#include "formats/archive/probes.h"

enum { BINARY_HEADER_BYTES = 26, BINARY_MODE_AT = 6, BINARY_NAME_SIZE_AT = 20 };

/* As cpio spells it, with the NUL that ends each name. */
static const char trailer_name[] = "TRAILER!!!";

typedef struct header_kind {
    const char *magic, *digits; /* `digits` NULL: binary */
    size_t magic_bytes, header_bytes;
    size_t trailer_bytes; /* header, name and padding of the entry that ends an archive */
    int low, high;        /* which byte of a word is which */
} header_kind;

static const header_kind kinds[] = {
    {"070701", "0123456789abcdefABCDEF", 6, 110, 124, 0, 0},
    {"070702", "0123456789abcdefABCDEF", 6, 110, 124, 0, 0},
    {"070707", "01234567", 6, 76, 87, 0, 0},
    {"\xC7\x71", NULL, 2, BINARY_HEADER_BYTES, 38, 0, 1},
    {"\x71\xC7", NULL, 2, BINARY_HEADER_BYTES, 38, 1, 0},
};

static const header_kind *find_kind(cp_span head)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (head.size >= kinds[i].magic_bytes &&
            memcmp(head.data, kinds[i].magic, kinds[i].magic_bytes) == 0)
            return &kinds[i];
    return NULL;
}

/* As far as the head goes: an archive that is cut in its first header is one, too. */
static bool is_digits(const header_kind *kind, cp_span head)
{
    for (size_t i = kind->magic_bytes; i < head.size && i < kind->header_bytes; i++)
        if (!head.data[i] || !strchr(kind->digits, head.data[i]))
            return false;
    return true;
}

static unsigned binary_word(const header_kind *kind, cp_span head, size_t at)
{
    return head.data[at + (size_t)kind->low] | (unsigned)head.data[at + (size_t)kind->high] << 8;
}

/* Whether the name, as far as the head goes, ends where the header says, and not before. */
static bool is_named(const header_kind *kind, cp_span head)
{
    size_t size = binary_word(kind, head, BINARY_NAME_SIZE_AT);
    size_t there = head.size - BINARY_HEADER_BYTES < size ? head.size - BINARY_HEADER_BYTES : size;
    const uint8_t *name = head.data + BINARY_HEADER_BYTES;
    const uint8_t *end = memchr(name, '\0', there);
    return size > 1 && (end ? end + 1 == name + size : there < size);
}

/* Two bytes of magic are few: the kind of file and the name have to make sense. */
static bool is_binary_header(const header_kind *kind, cp_span head)
{
    enum { KIND_MASK = 0170000 };
    static const unsigned file_kinds[] = {0100000, 0040000, 0120000, 0020000,
                                          0060000, 0010000, 0140000};
    if (head.size < BINARY_HEADER_BYTES || !is_named(kind, head))
        return false;
    unsigned mode = binary_word(kind, head, BINARY_MODE_AT);
    for (size_t i = 0; i < sizeof file_kinds / sizeof *file_kinds; i++)
        if ((mode & KIND_MASK) == file_kinds[i])
            return true;
    return head.size >= kind->trailer_bytes &&
           cp_cpio_end_is_marked((cp_span){head.data, kind->trailer_bytes});
}

int cp_probe_cpio(cp_span head)
{
    const header_kind *kind = find_kind(head);
    if (!kind)
        return 0;
    return (kind->digits ? is_digits(kind, head) : is_binary_header(kind, head)) ? 90 : 0;
}

bool cp_cpio_end_is_marked(cp_span end)
{
    const header_kind *kind = find_kind(end);
    return kind && end.size == kind->trailer_bytes &&
           memcmp(end.data + kind->header_bytes, trailer_name, sizeof trailer_name) == 0;
}
