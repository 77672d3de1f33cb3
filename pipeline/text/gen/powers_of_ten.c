/* Build-time program: writes the powers of ten that number conversion multiplies by.
 *
 *     powers_of_ten FILE
 *
 * FILE becomes a C fragment, one row "{high, low}," for each q of CP_POWER_MIN..CP_POWER_MAX: the
 * most significant 128 bits of 10^q, cut off (not rounded). 10^q and 5^q differ in the exponent of
 * two alone, so only powers of five are computed: 5^q by multiplying, and 5^-q as 2^b / 5^q, by
 * dividing q times. Every step is exact, because floor(floor(x / 5) / 5) = floor(x / 25). */
#include "pipeline/text/powers.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* 5^342 has 795 bits, and 2^b has 127 more: 922. */
enum { LIMBS = 30, LIMB_BITS = 32, MANTISSA_BITS = 128 };

/* An unsigned integer, the least significant limb first. */
typedef struct big {
    uint32_t limbs[LIMBS];
} big;

static void multiply_by_5(big *number)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)number->limbs[i] * 5;
        number->limbs[i] = (uint32_t)carry;
        carry >>= LIMB_BITS;
    }
}

static void divide_by_5(big *number)
{
    uint64_t rest = 0;
    for (size_t i = LIMBS; i-- > 0;) {
        rest = rest << LIMB_BITS | number->limbs[i];
        number->limbs[i] = (uint32_t)(rest / 5);
        rest %= 5;
    }
}

static bool bit_at(const big *number, int index)
{
    return index >= 0 && (number->limbs[index / LIMB_BITS] >> (index % LIMB_BITS) & 1) != 0;
}

static int bit_count(const big *number)
{
    int bits = LIMBS * LIMB_BITS;
    while (bits > 0 && !bit_at(number, bits - 1))
        bits--;
    return bits;
}

static big power_of_5(int exponent)
{
    big number = {{1}};
    for (int i = 0; i < exponent; i++)
        multiply_by_5(&number);
    return number;
}

/* floor(2^b / 5^exponent), with b such that the result has 128 bits. */
static big inverse_power_of_5(int exponent)
{
    big divisor = power_of_5(exponent);
    int shift = bit_count(&divisor) + MANTISSA_BITS - 1;
    big number = {{0}};
    number.limbs[shift / LIMB_BITS] = (uint32_t)1 << (shift % LIMB_BITS);
    for (int i = 0; i < exponent; i++)
        divide_by_5(&number);
    return number;
}

/* The 64 bits whose highest stands at `top`; bits below the number's lowest are 0. */
static uint64_t bits_from(const big *number, int top)
{
    uint64_t word = 0;
    for (int i = 0; i < 64; i++)
        word = word << 1 | bit_at(number, top - i);
    return word;
}

static bool write_row(FILE *file, int exponent)
{
    big number = exponent < 0 ? inverse_power_of_5(-exponent) : power_of_5(exponent);
    int top = bit_count(&number) - 1;
    return fprintf(file, "{UINT64_C(0x%016" PRIx64 "), UINT64_C(0x%016" PRIx64 ")}, /* 10^%d */\n",
                   bits_from(&number, top), bits_from(&number, top - 64), exponent) > 0;
}

static bool write_rows(FILE *file)
{
    bool done = fputs("/* Made by pipeline/text/gen/powers_of_ten.c. */\n", file) >= 0;
    for (int exponent = CP_POWER_MIN; done && exponent <= CP_POWER_MAX; exponent++)
        done = write_row(file, exponent);
    return done;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: powers_of_ten FILE\n");
        return 64;
    }
    FILE *file = fopen(argv[1], "w");
    if (!file) {
        perror(argv[1]);
        return 73;
    }
    bool written = write_rows(file);
    bool closed = fclose(file) == 0;
    if (!written || !closed) {
        perror(argv[1]);
        return 74;
    }
    return 0;
}
