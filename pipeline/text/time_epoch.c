/* Epoch numbers to times: the number times a power of ten, rounded once, ties to even. */
#include "pipeline/text/calendar.h"
#include "pipeline/text/digits.h"
#include "pipeline/text/powers.h"
#include "pipeline/text/time.h"

int cp_time_epoch_scale(cp_time_encoding encoding, cp_unit unit)
{
    return (int)cp_unit_places[unit] - (int)cp_unit_places[encoding - CP_TIME_EPOCH_S];
}

cp_time_rc cp_time_from_decimal(const cp_decimal *decimal, cp_time_encoding encoding, cp_unit unit,
                                int64_t *out)
{
    int scale = cp_time_epoch_scale(encoding, unit);
    if (scale >= 0)
        return cp_decimal_scaled(decimal, (unsigned)scale, out) ? CP_TIME_OK : CP_TIME_RANGE;
    cp_decimal smaller = *decimal;
    smaller.exponent += scale;
    return cp_decimal_scaled(&smaller, 0, out) ? CP_TIME_OK : CP_TIME_RANGE;
}

/* value / unit, for an even unit. */
static int64_t divide_even(int64_t value, int64_t unit)
{
    int64_t whole = cp_floor_div(value, unit);
    int64_t rest = cp_floor_mod(value, unit);
    return whole + (rest > unit / 2 || (rest == unit / 2 && (whole & 1)));
}

/* value / 10^places for a double: its bits are mantissa * 2^exponent, so this is a
 * quotient of two integers below 2^96. */
static cp_time_rc divide_double(double value, unsigned places, int64_t *out)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int exponent = (int)(bits >> 52 & 0x7ff) - 1075;
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    *out = 0;
    if (exponent < -64) /* below a half by far; so are subnormals and zeros */
        return CP_TIME_OK;
    if (exponent > 42) /* beyond int64 * 10^9; so are NaN and infinity */
        return CP_TIME_RANGE;
    unsigned __int128 numerator = (unsigned __int128)mantissa << (exponent > 0 ? exponent : 0);
    unsigned __int128 divisor = (unsigned __int128)cp_tens[places]
                                << (exponent < 0 ? -exponent : 0);
    unsigned __int128 whole = numerator / divisor;
    unsigned __int128 twice = (numerator - whole * divisor) * 2;
    whole += twice > divisor || (twice == divisor && (whole & 1));
    if (whole > UINT64_MAX)
        return CP_TIME_RANGE;
    return cp_with_sign((uint64_t)whole, bits >> 63, out) ? CP_TIME_OK : CP_TIME_RANGE;
}

cp_time_rc cp_time_from_double(double value, cp_time_encoding encoding, cp_unit unit, int64_t *out)
{
    int scale = cp_time_epoch_scale(encoding, unit);
    if (scale < 0)
        return divide_double(value, (unsigned)-scale, out);
    return cp_double_scaled(value, (unsigned)scale, out) ? CP_TIME_OK : CP_TIME_RANGE;
}

cp_time_rc cp_time_from_int(int64_t value, cp_time_encoding encoding, cp_unit unit, int64_t *out)
{
    int scale = cp_time_epoch_scale(encoding, unit);
    if (scale >= 0) {
        bool beyond = __builtin_mul_overflow(value, (int64_t)cp_tens[scale], out);
        return beyond ? CP_TIME_RANGE : CP_TIME_OK;
    }
    *out = divide_even(value, (int64_t)cp_tens[-scale]);
    return CP_TIME_OK;
}
