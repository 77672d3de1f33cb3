/* RFC 3339 text to an integer time.
 *
 *     2023-11-14 T 22:13:20 .123456789 +01:00
 *     date         clock    fraction   offset
 *     0         10 11       19         ...                */
#include "pipeline/text/calendar.h"
#include "pipeline/text/digits.h"
#include "pipeline/text/powers.h"
#include "pipeline/text/time.h"

enum {
    DATE_BYTES = 10,
    DATE_TIME_BYTES = 19,
    OFFSET_BYTES = 6,
    NOT_DIGITS = 100, /* what `pair` answers where there are none: above every field's range */
};

static inline unsigned pair(const uint8_t *p)
{
    unsigned high = (unsigned)p[0] - '0';
    unsigned low = (unsigned)p[1] - '0';
    return high <= 9 && low <= 9 ? high * 10 + low : NOT_DIGITS;
}

static inline bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* "2023-11-14" to days since the epoch. */
static inline bool parse_date(const uint8_t *p, int64_t *days)
{
    static const uint8_t month_days[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned century = pair(p), year = pair(p + 2), month = pair(p + 5), day = pair(p + 8);
    if (century == NOT_DIGITS || year == NOT_DIGITS || p[4] != '-' || p[7] != '-' || month < 1 ||
        month > 12 || day < 1)
        return false;
    year += century * 100;
    if (day > month_days[month] + (unsigned)(month == 2 && is_leap(year)))
        return false;
    *days = cp_days_of_date((cp_date){year, month, day});
    return true;
}

/* "22:13:20" to seconds of the day; second 60 is let through. */
static inline bool parse_clock(const uint8_t *p, int64_t *seconds, bool *leap_second)
{
    unsigned hour = pair(p), minute = pair(p + 3), second = pair(p + 6);
    *leap_second = second == 60;
    *seconds = hour * 3600 + minute * 60 + second;
    return p[2] == ':' && p[5] == ':' && hour < 24 && minute < 60 && second <= 60;
}

/* "", "Z" or "+01:00", the rest of the text, to the seconds that local time is ahead of UTC. */
static inline bool parse_offset(cp_span text, bool zone_utc, int64_t *seconds)
{
    const uint8_t *p = text.data;
    *seconds = 0;
    if (text.size == 0)
        return zone_utc;
    if (text.size == 1)
        return *p == 'Z' || *p == 'z';
    if (text.size != OFFSET_BYTES || (p[0] != '+' && p[0] != '-') || p[3] != ':')
        return false;
    unsigned hour = pair(p + 1), minute = pair(p + 4);
    *seconds = (int64_t)(hour * 3600 + minute * 60) * (p[0] == '-' ? -1 : 1);
    return hour < 24 && minute < 60;
}

/* Whether a leap second may be counted as `seconds`: the start of a January or July. */
static bool follows_leap_second(int64_t seconds)
{
    cp_date date = cp_date_of_days(cp_floor_div(seconds, CP_DAY_SECONDS));
    return seconds % CP_DAY_SECONDS == 0 && date.day == 1 && (date.month == 1 || date.month == 7);
}

/* The digits behind the point: `value` in the unit, and how what it leaves over compares with a
 * half: below (also where nothing is left), equal, above. */
typedef struct fraction {
    uint64_t value;
    int against_half;
} fraction;

/* Reads digits at p. Returns the byte behind them. */
static const uint8_t *parse_fraction(const uint8_t *p, const uint8_t *end, unsigned places,
                                     fraction *out)
{
    *out = (fraction){0, -1};
    unsigned count = 0;
    for (; p < end && cp_is_digit(*p); p++, count += count <= places) {
        unsigned digit = (unsigned)*p - '0';
        if (count < places)
            out->value = out->value * 10 + digit;
        else if (count == places)
            out->against_half = digit == 5 ? 0 : digit > 5 ? 1 : -1;
        else if (digit != 0 && out->against_half == 0)
            out->against_half = 1;
    }
    if (count < places)
        out->value *= cp_tens[places - count];
    return p;
}

/* What RFC 3339 can spell in UTC, by unit: the years 0000 to 9999, or what int64 holds of them. */
static const struct {
    int64_t first, last;
} spellable[] = {
    [CP_UNIT_S] = {-62167219200, 253402300799},
    [CP_UNIT_MS] = {-62167219200000, 253402300799999},
    [CP_UNIT_US] = {-62167219200000000, 253402300799999999},
    [CP_UNIT_NS] = {INT64_MIN, INT64_MAX},
};

/* seconds + part in the unit, rounded. In 128 bits, because the seconds alone may lie beyond what
 * the sum does not. */
static cp_time_rc join(int64_t seconds, fraction part, cp_unit unit, int64_t *out)
{
    __int128 total =
        (__int128)seconds * (int64_t)cp_tens[cp_unit_places[unit]] + (int64_t)part.value;
    total += part.against_half > 0 || (part.against_half == 0 && (total & 1));
    if (total < spellable[unit].first || total > spellable[unit].last)
        return CP_TIME_RANGE;
    *out = (int64_t)total;
    return CP_TIME_OK;
}

cp_time_rc cp_time_parse(cp_span text, cp_unit unit, bool zone_utc, int64_t *out)
{
    int64_t days, clock, offset;
    bool leap_second;
    if (text.size < DATE_TIME_BYTES)
        return CP_TIME_MALFORMED;
    const uint8_t *p = text.data;
    const uint8_t *end = p + text.size;
    uint8_t between = p[DATE_BYTES];
    if ((between != 'T' && between != 't' && between != ' ') || !parse_date(p, &days) ||
        !parse_clock(p + DATE_BYTES + 1, &clock, &leap_second))
        return CP_TIME_MALFORMED;
    p += DATE_TIME_BYTES;
    fraction part = {0, -1};
    if (p < end && *p == '.') {
        const uint8_t *digits = p + 1;
        p = parse_fraction(digits, end, cp_unit_places[unit], &part);
        if (p == digits)
            return CP_TIME_MALFORMED;
    }
    if (!parse_offset((cp_span){p, (size_t)(end - p)}, zone_utc, &offset))
        return CP_TIME_MALFORMED;
    int64_t seconds = days * CP_DAY_SECONDS + clock - offset;
    if (leap_second && !follows_leap_second(seconds))
        return CP_TIME_MALFORMED;
    return join(seconds, part, unit, out);
}
