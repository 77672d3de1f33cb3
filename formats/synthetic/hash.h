/* Random numbers by counting: the number for (seed, record, purpose) is a hash of the three, so
 * any record can be made by itself, in any order.
 *
 * Source: SplitMix (Guy Steele, Doug Lea, Christine Flood, "Fast Splittable Pseudorandom Number
 * Generators", OOPSLA 2014): a counter that goes in steps of the odd golden ratio, and a finaliser
 * over it, here David Stafford's 64-bit mix number 13. */
#ifndef CP_FORMATS_SYNTHETIC_HASH_H
#define CP_FORMATS_SYNTHETIC_HASH_H

#include <stdbool.h>
#include <stdint.h>

#define CP_GEN_GAMMA UINT64_C(0x9e3779b97f4a7c15)

/* What a record's numbers are for. The values are part of the frozen output. */
typedef enum cp_gen_purpose {
    CP_GEN_FOR_NUMBERS = 1, /* status, sensor, noise */
    CP_GEN_FOR_TITLE,
    CP_GEN_FOR_NOTES,
    CP_GEN_FOR_LATE, /* messy: late times, negative values */
    CP_GEN_FOR_TEXT, /* messy: spellings */
    CP_GEN_FOR_LINE, /* messy: line ends */
    CP_GEN_FOR_BAD,  /* is the record a bad one? */
} cp_gen_purpose;

static inline uint64_t cp_gen_mix(uint64_t z)
{
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The key of a record (or of a sensor, from another seed). */
static inline uint64_t cp_gen_key(uint64_t seed, uint64_t number)
{
    return cp_gen_mix(cp_gen_mix(seed) + (number + 1) * CP_GEN_GAMMA);
}

static inline uint64_t cp_gen_draw(uint64_t key, cp_gen_purpose purpose)
{
    return cp_gen_mix(key + (uint64_t)purpose * CP_GEN_GAMMA);
}

/* 32 random bits to 0 .. n-1: the high word of their product. */
static inline uint32_t cp_gen_below(uint32_t random, uint32_t n)
{
    return (uint32_t)((uint64_t)random * n >> 32);
}

static inline uint32_t cp_gen_high(uint64_t draw)
{
    return (uint32_t)(draw >> 32);
}

static inline uint32_t cp_gen_low(uint64_t draw)
{
    return (uint32_t)draw;
}

/* As many numbers as a record needs, for spellings that depend on spellings. */
typedef struct cp_gen_dice {
    uint64_t state;
} cp_gen_dice;

/* 0 .. n-1 */
static inline uint32_t cp_gen_roll(cp_gen_dice *dice, uint32_t n)
{
    dice->state += CP_GEN_GAMMA;
    return cp_gen_below(cp_gen_high(cp_gen_mix(dice->state)), n);
}

/* True once in n. */
static inline bool cp_gen_one_in(cp_gen_dice *dice, uint32_t n)
{
    return cp_gen_roll(dice, n) == 0;
}

#endif
