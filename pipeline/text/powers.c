/* The tables of powers of ten. */
#include "pipeline/text/powers.h"

#include "pipeline/text/number.h"

const cp_power cp_powers[CP_POWER_MAX - CP_POWER_MIN + 1] = {
#include "pipeline/text/powers_of_ten.h"
};

#define E(n) UINT64_C(1##n)
const uint64_t cp_tens[CP_TENS_COUNT] = {
    E(),
    E(0),
    E(00),
    E(000),
    E(0000),
    E(00000),
    E(000000),
    E(0000000),
    E(00000000),
    E(000000000),
    E(0000000000),
    E(00000000000),
    E(000000000000),
    E(0000000000000),
    E(00000000000000),
    E(000000000000000),
    E(0000000000000000),
    E(00000000000000000),
    E(000000000000000000),
    E(0000000000000000000),
};
#undef E

const double cp_exact_doubles[CP_EXACT_DOUBLES] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};
