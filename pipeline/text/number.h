/* Numbers: JSON's grammar to binary, correctly rounded; binary to the shortest decimal.
 *
 * Readers of a number see the bytes behind it up to the block's padding: every number in a text
 * format is followed by at least one byte that is no part of it. */
#ifndef CP_TEXT_NUMBER_H
#define CP_TEXT_NUMBER_H

#include "pipeline/core/span.h"

/* A number as spelled: (-1)^negative * digits * 10^exponent. */
typedef struct cp_decimal {
    uint64_t digits;  /* the first 19 significant digits */
    int64_t exponent; /* saturates at +-10^9: far beyond every type */
    bool negative;
    bool integral;  /* no '.', no exponent in the spelling */
    bool truncated; /* more significant digits stand in the text than fit `digits` */
    cp_span text;   /* the whole spelling */
} cp_decimal;

/* Reads the longest RFC 8259 number at p (end exclusive; *end need not be readable). Returns the
 * byte behind it, or NULL where no number starts at p or it breaks off ("-", "1.", "1e+"). A
 * leading zero ends the number: "01" reads "0", and the caller trips over the 1. */
const uint8_t *cp_decimal_read(const uint8_t *p, const uint8_t *end, cp_decimal *out);

/* Nearest, ties to even; subnormals and -0 included. false: beyond the largest finite value. */
bool cp_decimal_to_double(const cp_decimal *decimal, double *out);
/* Rounded once, directly to float. */
bool cp_decimal_to_float(const cp_decimal *decimal, float *out);

/* Exact integers. A spelling whose value is whole (1.0, 1e3) counts as an integer; CP_NOT_WHOLE
 * for 1.5; CP_INTEGER_RANGE beyond 64 bits (or below zero, for unsigned). */
typedef enum cp_integer_rc { CP_INTEGER_OK, CP_NOT_WHOLE, CP_INTEGER_RANGE } cp_integer_rc;
cp_integer_rc cp_decimal_to_int64(const cp_decimal *decimal, int64_t *out);
cp_integer_rc cp_decimal_to_uint64(const cp_decimal *decimal, uint64_t *out);

/* value * 10^scale rounded to the nearest integer, ties to even, exactly from the spelling, for
 * scale 0 to 9. false beyond int64. */
bool cp_decimal_scaled(const cp_decimal *decimal, unsigned scale, int64_t *out);
/* The same from a finite double, exactly. */
bool cp_double_scaled(double value, unsigned scale, int64_t *out);

/* The shortest decimal that reads back to the same value, the nearest such; "18.0", "1e+300" has
 * the form 1e300; "-0.0". Finite values only. Writes no terminator; returns the length. The form:
 * plain digits with ".0" or a fraction where -5 <= decimal exponent < 17, else d.ddde[-]x. */
enum { CP_DOUBLE_BYTES = 32, CP_INTEGER_BYTES = 20 };
size_t cp_double_write(double value, char out[CP_DOUBLE_BYTES]);
size_t cp_float_write(float value, char out[CP_DOUBLE_BYTES]);
size_t cp_int64_write(int64_t value, char out[CP_INTEGER_BYTES]);
size_t cp_uint64_write(uint64_t value, char out[CP_INTEGER_BYTES]);

/* "64", "64K", "64KiB", "1.5GiB", "10MB": bytes, powers of 1024 for K and KiB, of 1000 for KB;
 * lower case too. false where it is no size or does not fit. */
bool cp_size_parse(cp_span text, uint64_t *bytes);

#endif
