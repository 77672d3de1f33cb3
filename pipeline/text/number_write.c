/* Integers to text, two digits at a time. */
#include "pipeline/text/number.h"
#include "pipeline/text/powers.h"

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

static size_t put_digits(uint64_t value, char *out)
{
    unsigned count = cp_digit_count(value);
    char *p = out + count;
    while (value >= 100) {
        p -= 2;
        memcpy(p, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10)
        memcpy(out, digit_pairs + value * 2, 2);
    else
        out[0] = (char)('0' + value);
    return count;
}

size_t cp_uint64_write(uint64_t value, char out[CP_INTEGER_BYTES])
{
    return put_digits(value, out);
}

size_t cp_int64_write(int64_t value, char out[CP_INTEGER_BYTES])
{
    if (value >= 0)
        return put_digits((uint64_t)value, out);
    out[0] = '-';
    return 1 + put_digits(0 - (uint64_t)value, out + 1);
}
