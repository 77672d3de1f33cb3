/* The kernels of csv_scan.h, the same text for each instruction set. The file that includes it
 * defines KERNEL_TARGET and the two functions that differ:
 *
 *   bytes_equal(p, byte)   a bit for each of the 64 bytes at p, the first lowest
 *   put_bits(bits, at, to) the numbers of the set bits, `at` added to each; may write
 *                          CP_CSV_INDEX_SPARE entries more than there are
 *   high_bits(p)           a bit for each byte of 0x80 or more */
#include "formats/text/csv_scan.h"
#include "pipeline/core/bits.h"

#define KERNEL_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

enum { LANES = 64 };

/* What 64 bytes hold, of those that count. */
typedef struct masks {
    uint64_t quotes, delimiters, newlines;
    uint64_t inside; /* from an opening quote up to the byte before the closing one */
    bool is_odd;     /* a quote opens where none may */
} masks;

/* What the bytes before say. */
typedef struct carry {
    uint64_t inside;   /* all ones or none */
    uint64_t can_open; /* 1: a quote would open */
} carry;

/* Bit i: whether an odd number of bits is set up to i. */
KERNEL_INLINE uint64_t parity(uint64_t bits)
{
    for (unsigned shift = 1; shift < LANES; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* Of the first `count` bytes at p. */
KERNEL_INLINE masks look(const uint8_t *p, size_t count, uint8_t delimiter, const carry *before)
{
    uint64_t counted = cp_bits_mask(count);
    masks m = {.quotes = bytes_equal(p, '"') & counted,
               .delimiters = bytes_equal(p, delimiter) & counted,
               .newlines = bytes_equal(p, '\n') & counted};
    m.inside = parity(m.quotes) ^ before->inside;
    uint64_t openers = (m.quotes | m.delimiters | m.newlines) & ~m.inside;
    m.is_odd = (m.quotes & m.inside & ~(openers << 1 | before->can_open)) != 0;
    return m;
}

KERNEL_INLINE carry carried(const masks *m)
{
    uint64_t openers = (m->quotes | m->delimiters | m->newlines) & ~m->inside;
    return (carry){0 - (m->inside >> (LANES - 1)), openers >> (LANES - 1)};
}

/* Where a walk over records stands. */
typedef struct walk {
    cp_span bytes;
    const cp_csv_dialect *dialect;
    size_t start; /* of the record at hand */
    carry carry;
} walk;

/* Up to 64 bytes from `at` on, by the machine. Returns whether a record has ended; with `first`,
 * no later one is looked for. */
static bool step_slowly(walk *w, size_t at, bool first)
{
    cp_csv_state state = w->carry.inside     ? CP_CSV_INSIDE
                         : w->carry.can_open ? CP_CSV_START
                                             : CP_CSV_PLAIN;
    bool ended = false;
    for (size_t i = at; i < w->bytes.size && i < at + LANES && !(ended && first); i++) {
        uint8_t byte = w->bytes.data[i];
        if (byte == '\n' && cp_csv_ends_record(state, i - w->start, w->dialect)) {
            w->start = i + 1;
            ended = true;
            state = CP_CSV_START;
        } else {
            state = cp_csv_next(state, byte, w->dialect->delimiter);
        }
    }
    w->carry.inside = state == CP_CSV_INSIDE ? UINT64_MAX : 0;
    w->carry.can_open = state == CP_CSV_START || state == CP_CSV_CLOSED;
    return ended;
}

/* The same, by parity where that holds. */
KERNEL_INLINE bool step(walk *w, size_t at, bool first)
{
    size_t left = w->bytes.size - at;
    masks m =
        look(w->bytes.data + at, left < LANES ? left : LANES, w->dialect->delimiter, &w->carry);
    bool may_be_too_large = at + LANES - w->start > w->dialect->max_record_bytes;
    if (m.is_odd || may_be_too_large)
        return step_slowly(w, at, first);
    w->carry = carried(&m);
    uint64_t ends = m.newlines & ~m.inside;
    size_t lowest = (size_t)__builtin_ctzll(ends | UINT64_C(1) << (LANES - 1));
    size_t highest = LANES - 1 - (size_t)__builtin_clzll(ends | 1);
    size_t start = at + 1 + (first ? lowest : highest);
    /* No branch: whether a record ends in 64 bytes is hard to foretell. */
    w->start = ends ? start : w->start;
    return ends != 0;
}

KERNEL_TARGET static size_t first_end(cp_span bytes, const cp_csv_dialect *dialect)
{
    walk w = {.bytes = bytes, .dialect = dialect, .carry = {.can_open = 1}};
    for (size_t at = 0; at < bytes.size; at += LANES)
        if (step(&w, at, true))
            return w.start;
    return 0;
}

KERNEL_TARGET static size_t last_end(cp_span bytes, const cp_csv_dialect *dialect)
{
    walk w = {.bytes = bytes, .dialect = dialect, .carry = {.can_open = 1}};
    for (size_t at = 0; at < bytes.size; at += LANES)
        step(&w, at, false);
    return w.start;
}

/* A '\r' outside of quotes that no '\n' follows, or text behind a closing quote. What stands behind
 * the last of the bytes counts too. */
KERNEL_INLINE bool has_odd_neighbours(const uint8_t *p, size_t count, uint8_t delimiter,
                                      const masks *m)
{
    uint8_t next = p[count];
    uint64_t last = UINT64_C(1) << (count - 1);
    uint64_t returns = bytes_equal(p, '\r') & cp_bits_mask(count);
    uint64_t before_newlines = m->newlines >> 1 | (next == '\n' ? last : 0);
    uint64_t before_ends = before_newlines | (m->delimiters | returns | m->quotes) >> 1;
    if (next == delimiter || next == '\r' || next == '"')
        before_ends |= last;
    return (((returns & ~before_newlines) | (m->quotes & ~before_ends)) & ~m->inside) != 0;
}

KERNEL_TARGET static void make_index(cp_span bytes, uint8_t delimiter, cp_csv_index *out)
{
    size_t size = bytes.size < CP_CSV_STRETCH_BYTES ? bytes.size : CP_CSV_STRETCH_BYTES;
    carry before = {.can_open = 1};
    uint64_t high = 0, inner_lines = 0;
    uint32_t fields = 0, records = 0;
    for (size_t at = 0; at < size; at += LANES) {
        const uint8_t *p = bytes.data + at;
        size_t count = size - at < LANES ? size - at : LANES;
        masks m = look(p, count, delimiter, &before);
        if (m.is_odd || has_odd_neighbours(p, count, delimiter, &m))
            break;
        before = carried(&m);
        high |= high_bits(p) & cp_bits_mask(count);
        inner_lines |= m.newlines & m.inside;
        uint64_t newlines = m.newlines & ~m.inside;
        uint64_t ends = newlines | (m.delimiters & ~m.inside);
        put_bits(ends, (uint32_t)at, out->ends + fields);
        /* The first one without a branch, most often it is the only one. */
        do {
            uint64_t up_to = newlines ^ (newlines - 1);
            out->fields[records] = fields + (uint32_t)__builtin_popcountll(ends & up_to);
            records += newlines != 0;
            newlines &= newlines - 1;
        } while (newlines);
        fields += (uint32_t)__builtin_popcountll(ends);
    }
    out->record_count = records;
    out->is_ascii = high == 0;
    out->has_inner_lines = inner_lines != 0;
}

static const cp_csv_kernels kernels = {first_end, last_end, make_index};
