/* The scan for records' ends: the same text for each instruction set. The file that includes it
 * defines KERNEL_TARGET, and includes json_bytes_*.h before it. */
#include "formats/json/json_scan.h"

#define KERNEL_INLINE KERNEL_TARGET static inline __attribute__((always_inline))

/* What stands where in up to 64 bytes; bits beyond them are 0. */
typedef struct masks {
    uint64_t quote, open, close, feed;
    uint64_t in_string; /* the opening quote is, the closing one is not */
} masks;

/* `count` is 1 to 64. */
static inline uint64_t low_bits(unsigned count)
{
    return UINT64_MAX >> (64 - count);
}

/* Bits from `from` up to `to`, which is at most 64. */
static inline uint64_t bits_between(unsigned from, unsigned to)
{
    return to > from ? low_bits(to) & UINT64_MAX << from : 0;
}

/* Byte by byte, where backslashes stand outside of strings: there they hide no quote. */
static __attribute__((noinline)) void read_strings(cp_json_scan *scan, uint64_t slash,
                                                   unsigned count, masks *m)
{
    uint64_t escaped = scan->escaped, inside = scan->in_string & 1, strings = 0, quotes = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t is_quote = (m->quote >> i & 1) & ~escaped;
        escaped = (slash >> i & 1) & inside & ~escaped;
        inside ^= is_quote;
        strings |= inside << i;
        quotes |= is_quote << i;
    }
    m->quote = quotes;
    m->in_string = strings;
    scan->escaped = escaped;
}

/* The backslashes that are not themselves behind one, which hides what follows. */
static inline uint64_t hiding_slashes(uint64_t slash, uint64_t first_hidden)
{
    uint64_t hiding = 0;
    for (slash &= ~first_hidden; slash; slash &= slash - 1) {
        uint64_t lowest = slash & (0 - slash);
        hiding |= lowest;
        slash &= ~(lowest << 1);
    }
    return hiding;
}

/* With a backslash among the bytes, or before them. */
KERNEL_INLINE void find_escaped_strings(cp_json_scan *scan, uint64_t slash, unsigned count,
                                        masks *m)
{
    uint64_t hiding = hiding_slashes(slash, scan->escaped);
    uint64_t quote = m->quote & ~(hiding << 1 | scan->escaped);
    m->in_string = running_xor(quote) ^ scan->in_string;
    if (hiding & ~m->in_string) {
        read_strings(scan, slash, count, m);
        return;
    }
    m->quote = quote;
    scan->escaped = hiding >> (count - 1) & 1;
}

KERNEL_INLINE masks find_masks(cp_json_scan *scan, const bytes64 *bytes, unsigned count)
{
    uint64_t valid = low_bits(count), slash = equal64(bytes, '\\') & valid;
    masks m = {.quote = equal64(bytes, '"') & valid};
    if (__builtin_expect((slash | scan->escaped) != 0, 0))
        find_escaped_strings(scan, slash, count, &m);
    else
        m.in_string = running_xor(m.quote) ^ scan->in_string;
    uint64_t outside = valid & ~m.in_string;
    m.open = either64(bytes, '{') & outside;
    m.close = either64(bytes, '}') & outside;
    m.feed = equal64(bytes, '\n') & valid;
    return m;
}

/* A chunk in which depth 0 may be reached, as far as it is to be believed: up to a '\n' in a
 * string. */
typedef struct walk {
    uint64_t depth;
    uint64_t level;  /* bits at depth 0; brackets are none, but for those that close nothing */
    uint64_t closes; /* bits of brackets with which depth 0 is reached */
    unsigned stop;   /* of a bracket that closes nothing; else `count` */
} walk;

static inline walk walk_brackets(uint64_t depth, const masks *m, unsigned count)
{
    walk w = {.depth = depth, .stop = count};
    unsigned from = 0;
    for (uint64_t brackets = (m->open | m->close) & bits_between(0, count); brackets;
         brackets &= brackets - 1) {
        unsigned i = (unsigned)__builtin_ctzll(brackets);
        if (m->open >> i & 1) {
            w.level |= w.depth == 0 ? bits_between(from, i) : 0;
            w.depth++;
        } else if (w.depth == 0) {
            w.stop = i;
            break;
        } else if (--w.depth == 0) {
            w.closes |= UINT64_C(1) << i;
            from = i + 1;
        }
    }
    if (w.depth == 0)
        w.level |= bits_between(from, w.stop);
    return w;
}

/* White space at depth 0 ends what is no white space before it, if that is no closing bracket. */
KERNEL_INLINE uint64_t ends_of_values(const bytes64 *bytes, const masks *m, const walk *w,
                                      uint64_t *in_scalar)
{
    uint64_t space = space64(bytes) & ~m->in_string;
    uint64_t text = w->level & ~space;
    uint64_t ends = w->closes | (w->level & space & (text << 1 | *in_scalar));
    *in_scalar = w->stop > 0 ? text >> (w->stop - 1) & 1 : *in_scalar;
    return ends;
}

/* The ends among `count` bytes at p; whether the scan ends in them. */
KERNEL_INLINE bool find_ends(cp_json_scan *scan, const uint8_t *p, const bytes64 *bytes,
                             const masks *m, unsigned count, cp_json_form form, bool first,
                             cp_json_found *found)
{
    walk w = walk_brackets(scan->depth, m, count);
    uint64_t ends = form == CP_JSON_VALUES ? ends_of_values(bytes, m, &w, &scan->in_scalar)
                                           : equal64(bytes, ',') & w.level & ~m->in_string;
    scan->depth = w.depth;
    if (ends && first) {
        *found = (cp_json_found){CP_SEEN_END, p + __builtin_ctzll(ends) + 1, found->last};
        return true;
    }
    if (ends)
        found->last = p + (64 - __builtin_clzll(ends));
    if (w.stop == count)
        return false;
    *found = (cp_json_found){CP_SEEN_CLOSE, p + w.stop, found->last};
    *scan = (cp_json_scan){.in_scalar = 1};
    return true;
}

/* Whether depth 0 is not reached by what the brackets `open` and `close` stand for. They reach it
 * the later, the more of them open first; that the first one does is enough to know here. */
static inline bool stays_inside(uint64_t depth, uint64_t open, uint64_t close)
{
    uint64_t first = (open | close) & (0 - (open | close));
    uint64_t opens_first = (open & first) != 0;
    return depth + opens_first > (unsigned)__builtin_popcountll(close);
}

/* The everyday chunk that reaches depth 0: once, and with `},{`, so that no bracket needs a look of
 * its own. false: it is another. */
KERNEL_INLINE bool pass_boundary(cp_json_scan *scan, const uint8_t *p, const bytes64 *bytes,
                                 const masks *m, cp_json_found *found)
{
    uint64_t boundary = m->close & equal64(bytes, ',') >> 1 & m->open >> 2;
    uint64_t at = boundary & (0 - boundary), before = at - 1, behind = ~(before | at * 7);
    uint64_t open = m->open & before, close = m->close & before;
    uint64_t depth = scan->depth + (unsigned)__builtin_popcountll(open) -
                     (uint64_t)(unsigned)__builtin_popcountll(close);
    if (!boundary || depth != 1 || !stays_inside(scan->depth, open, close) ||
        !stays_inside(1, m->open & behind, m->close & behind))
        return false;
    scan->depth = 1 + (unsigned)__builtin_popcountll(m->open & behind) -
                  (uint64_t)(unsigned)__builtin_popcountll(m->close & behind);
    found->last = p + __builtin_ctzll(boundary) + 2;
    return true;
}

/* The next `count` bytes; whether the scan ends in them. */
KERNEL_INLINE bool scan_chunk(cp_json_scan *scan, const uint8_t *p, unsigned count,
                              cp_json_form form, bool first, cp_json_found *found)
{
    bytes64 bytes = load64(p);
    masks m = find_masks(scan, &bytes, count);
    uint64_t breaks = m.feed & m.in_string;
    unsigned trusted = breaks ? (unsigned)__builtin_ctzll(breaks) : count;
    unsigned closes = (unsigned)__builtin_popcountll(m.close);
    if (__builtin_expect(scan->depth > closes && !breaks, 1)) {
        scan->depth += (unsigned)__builtin_popcountll(m.open) - (uint64_t)closes;
        scan->in_scalar = 0;
    } else if (form == CP_JSON_ELEMENTS && !first && !breaks &&
               pass_boundary(scan, p, &bytes, &m, found)) {
        /* nothing ends in it that has to be told */
    } else if (find_ends(scan, p, &bytes, &m, trusted, form, first, found)) {
        return true;
    }
    if (breaks) {
        scan->in_string = UINT64_MAX;
        scan->escaped = 0;
        *found = (cp_json_found){CP_SEEN_BREAK, p + trusted, found->last};
        return true;
    }
    scan->in_string = 0 - (m.in_string >> (count - 1) & 1);
    return false;
}

KERNEL_TARGET static cp_json_found scan_run(cp_json_scan *scan, const uint8_t *p,
                                            const uint8_t *end, cp_json_form form, bool first)
{
    cp_json_found found = {CP_SEEN_ALL, end, NULL};
    for (; end - p >= 64; p += 64)
        if (scan_chunk(scan, p, 64, form, first, &found))
            return found;
    if (p < end)
        scan_chunk(scan, p, (unsigned)(end - p), form, first, &found);
    return found;
}

KERNEL_TARGET static bool has_gaps(const uint8_t *p, const uint8_t *end)
{
    cp_json_scan scan = {0};
    for (; p < end; p += 64) {
        unsigned count = end - p < 64 ? (unsigned)(end - p) : 64;
        bytes64 bytes = load64(p);
        masks m = find_masks(&scan, &bytes, count);
        if (space64(&bytes) & ~m.in_string & low_bits(count))
            return true;
        scan.in_string = 0 - (m.in_string >> (count - 1) & 1);
    }
    return false;
}
