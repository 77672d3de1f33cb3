/* Integer times to RFC 3339 text in UTC, and to epoch numbers. */
#include "pipeline/text/calendar.h"
#include "pipeline/text/powers.h"
#include "pipeline/text/time.h"

/* The last `width` digits of a number, with leading zeros. */
static char *put_digits(char *out, uint64_t value, unsigned width)
{
    for (unsigned i = width; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + width;
}

/* Four digits; outside 0000 to 9999 a sign and at least four. */
static char *put_year(char *out, int64_t year)
{
    if (year < 0)
        *out++ = '-';
    else if (year > 9999)
        *out++ = '+';
    uint64_t magnitude = (uint64_t)(year < 0 ? -year : year);
    unsigned width = 4;
    while (magnitude >= cp_tens[width])
        width++;
    return put_digits(out, magnitude, width);
}

static char *put_date(char *out, cp_date date)
{
    out = put_year(out, date.year);
    *out++ = '-';
    out = put_digits(out, date.month, 2);
    *out++ = '-';
    return put_digits(out, date.day, 2);
}

static char *put_clock(char *out, unsigned seconds)
{
    out = put_digits(out, seconds / 3600, 2);
    *out++ = ':';
    out = put_digits(out, seconds / 60 % 60, 2);
    *out++ = ':';
    return put_digits(out, seconds % 60, 2);
}

static char *put_fraction(char *out, uint64_t fraction, unsigned places)
{
    if (fraction == 0)
        return out;
    *out++ = '.';
    out = put_digits(out, fraction, places);
    while (out[-1] == '0')
        out--;
    return out;
}

size_t cp_time_write(int64_t value, cp_unit unit, char out[CP_TIME_BYTES])
{
    unsigned places = cp_unit_places[unit];
    int64_t per_second = (int64_t)cp_tens[places];
    int64_t seconds = cp_floor_div(value, per_second);
    char *p = put_date(out, cp_date_of_days(cp_floor_div(seconds, CP_DAY_SECONDS)));
    *p++ = 'T';
    p = put_clock(p, (unsigned)cp_floor_mod(seconds, CP_DAY_SECONDS));
    p = put_fraction(p, (uint64_t)cp_floor_mod(value, per_second), places);
    *p++ = 'Z';
    return (size_t)(p - out);
}

size_t cp_time_write_epoch(int64_t value, cp_unit unit, cp_time_encoding encoding,
                           char out[CP_TIME_BYTES])
{
    int scale = cp_time_epoch_scale(encoding, unit);
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    uint64_t part = scale > 0 ? cp_tens[scale] : 1;
    char *p = out;
    if (value < 0)
        *p++ = '-';
    p += cp_uint64_write(magnitude / part, p);
    for (int i = scale; i < 0 && magnitude; i++)
        *p++ = '0';
    p = put_fraction(p, magnitude % part, scale > 0 ? (unsigned)scale : 0);
    return (size_t)(p - out);
}
