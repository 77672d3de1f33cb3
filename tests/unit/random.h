/* Random numbers for property tests: one sequence for each program, which says its seed, so that a
 * failure can be seen again. */
#ifndef CP_TESTS_UNIT_RANDOM_H
#define CP_TESTS_UNIT_RANDOM_H

/* cmocka.h wants the first three before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

static uint64_t random_state;

/* Begins the sequence of `seed`, or of CASEPIPE_SEED where the environment has one. */
static inline void random_start(uint64_t seed)
{
    const char *wanted = getenv("CASEPIPE_SEED");
    random_state = wanted ? strtoull(wanted, NULL, 0) : seed;
    print_message("seed %" PRIu64 "\n", random_state);
}

/* splitmix64 (Guy Steele, Doug Lea, Christine Flood, "Fast splittable pseudorandom number
 * generators", 2014; the constants are Sebastiano Vigna's). */
static inline uint64_t random_bits(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* 0 to limit - 1; the slight favour of small numbers does no harm here. */
static inline uint64_t random_below(uint64_t limit)
{
    return random_bits() % limit;
}

#endif
