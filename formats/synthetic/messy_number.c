/* Messy numbers: the same value in other spellings. */
#include "formats/synthetic/json_record.h"

/* whole.fraction, with its sign. */
typedef struct decimal {
    bool negative;
    uint64_t whole;
    cp_span fraction; /* shortest, at least one digit */
} decimal;

/* Writes a decimal without its sign. */
typedef void (*spelling)(cp_gen_out *, cp_gen_dice *, const decimal *);

/* 18.3125 */
static void put_shortest(cp_gen_out *out, cp_gen_dice *dice, const decimal *d)
{
    (void)dice;
    cp_gen_put_uint(out, d->whole);
    cp_gen_put_byte(out, '.');
    cp_gen_put_span(out, d->fraction);
}

/* 18.31250, with 1 to 6 zeros */
static void put_zeros(cp_gen_out *out, cp_gen_dice *dice, const decimal *d)
{
    put_shortest(out, dice, d);
    cp_gen_put(out, "000000", 1 + cp_gen_roll(dice, 6));
}

/* 1.83125e1, with e, E, e+, E+0 */
static void put_scientific(cp_gen_out *out, cp_gen_dice *dice, const decimal *d)
{
    static const char *const marks[] = {"e", "E", "e+", "E+0"};
    char digits[CP_INTEGER_BYTES];
    size_t count = cp_uint64_write(d->whole, digits);
    cp_gen_put_byte(out, digits[0]);
    cp_gen_put_byte(out, '.');
    cp_gen_put(out, digits + 1, count - 1);
    cp_gen_put_span(out, d->fraction);
    cp_gen_put_text(out, marks[cp_gen_roll(dice, 4)]);
    cp_gen_put_uint(out, count - 1);
}

/* 183125e-4 */
static void put_scaled(cp_gen_out *out, cp_gen_dice *dice, const decimal *d)
{
    (void)dice;
    cp_gen_put_uint(out, d->whole);
    cp_gen_put_span(out, d->fraction);
    cp_gen_put_text(out, "e-");
    cp_gen_put_uint(out, d->fraction.size);
}

/* 18, where the fraction is nothing */
static void put_whole(cp_gen_out *out, cp_gen_dice *dice, const decimal *d)
{
    if (d->fraction.data[0] == '0' && d->fraction.size == 1)
        cp_gen_put_uint(out, d->whole);
    else
        put_shortest(out, dice, d);
}

static void put_decimal(cp_gen_out *out, cp_gen_dice *dice, const decimal *d)
{
    static const spelling spellings[8] = {put_shortest, put_shortest,   put_shortest, put_shortest,
                                          put_zeros,    put_scientific, put_scaled,   put_whole};
    if (d->negative)
        cp_gen_put_byte(out, '-');
    spellings[cp_gen_roll(dice, 8)](out, dice, d);
}

void cp_gen_put_messy_time(cp_gen_out *out, cp_gen_dice *dice, uint64_t quarters)
{
    put_decimal(out, dice, &(decimal){false, quarters / 4, cp_gen_quarter_fractions[quarters % 4]});
}

void cp_gen_put_messy_value(cp_gen_out *out, cp_gen_dice *dice, int32_t value16)
{
    uint32_t sixteenths = (uint32_t)(value16 < 0 ? -value16 : value16);
    put_decimal(
        out, dice,
        &(decimal){value16 < 0, sixteenths / 16, cp_gen_sixteenth_fractions[sixteenths % 16]});
}
