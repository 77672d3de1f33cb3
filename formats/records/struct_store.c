/* A store for each pairing of value kind and field group. */
#include "formats/records/struct_store.h"

#include "formats/records/struct_narrow.h"
#include "pipeline/text/number.h"
#include "pipeline/text/time.h"

#include <math.h>
#include <stdlib.h>

static void store_bits(const cp_struct_store *store, uint64_t bits, uint8_t *at)
{
    uint32_t size = store->step->size;
    for (uint32_t i = 0; i < size; i++)
        at[store->big_endian ? size - 1 - i : i] = (uint8_t)(bits >> (8 * i));
}

/* ---- integers, bools, symbols ---- */

static uint64_t bits_of(cp_type type, const void *value)
{
    switch (type) {
    case CP_TYPE_INT8:
        return (uint64_t) * (const int8_t *)value;
    case CP_TYPE_INT16:
        return (uint64_t) * (const int16_t *)value;
    case CP_TYPE_INT32:
        return (uint64_t) * (const int32_t *)value;
    case CP_TYPE_BOOL:
    case CP_TYPE_UINT8:
        return *(const uint8_t *)value;
    case CP_TYPE_ENUM:
    case CP_TYPE_UINT16:
        return *(const uint16_t *)value;
    case CP_TYPE_UINT32:
        return *(const uint32_t *)value;
    default:
        return *(const uint64_t *)value;
    }
}

static bool put_bits(const cp_struct_store *store, const void *value, uint8_t *at)
{
    store_bits(store, bits_of(store->step->field->type, value), at);
    return true;
}

/* ---- reals ---- */

/* The nearest binary16, ties to even (IEEE 754-2008): 1 sign, 5 exponent (bias 15), 10 fraction
 * bits. rint rounds to even as long as nobody has changed the rounding mode. */
static uint16_t half_of_real(double real)
{
    uint16_t sign = signbit(real) ? 0x8000 : 0;
    double size = fabs(real);
    if (isnan(real))
        return 0x7E00 | sign;
    if (size < 0x1p-14)
        return (uint16_t)(sign | (uint16_t)rint(size * 0x1p24));
    if (size >= 65520)
        return 0x7C00 | sign;
    int exponent = ilogb(size);
    int fraction = (int)rint(ldexp(size, 10 - exponent)) - 1024; /* 1024 carries over */
    return (uint16_t)(sign | (((exponent + 15) << 10) + fraction));
}

static double real_of_half(uint16_t half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double size = exponent == 0    ? ldexp(fraction, -24)
                  : exponent == 31 ? (fraction ? NAN : INFINITY)
                                   : ldexp(fraction + 1024, exponent - 25);
    return half & 0x8000 ? -size : size;
}

/* Returns what now stands there. */
static double store_real(const cp_struct_store *store, double real, uint8_t *at)
{
    if (store->step->size == 8) {
        store_bits(store, cp_struct_bits_of_real(real), at);
        return real;
    }
    if (store->step->size == 2) {
        uint16_t half = half_of_real(real);
        store_bits(store, half, at);
        return real_of_half(half);
    }
    float single = (float)real;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    store_bits(store, bits, at);
    return (double)single;
}

static bool put_real(const cp_struct_store *store, const void *value, uint8_t *at)
{
    double real = store->step->field->type == CP_TYPE_FLOAT32 ? (double)*(const float *)value
                                                              : *(const double *)value;
    return store_real(store, real, at) == real || isnan(real);
}

/* ---- times ---- */

/* To the nearest, ties to even; divisor > 0. */
static int64_t divide_even(int64_t value, int64_t divisor)
{
    int64_t whole = value / divisor, rest = value % divisor;
    if (rest < 0) {
        whole--;
        rest += divisor;
    }
    if (rest > divisor - rest || (rest == divisor - rest && whole % 2))
        whole++;
    return whole;
}

static bool put_whole_time(const cp_struct_store *store, const void *value, uint8_t *at)
{
    int64_t time = *(const int64_t *)value;
    int64_t whole = divide_even(time, store->divisor);
    store_bits(store, (uint64_t)whole * (uint64_t)store->multiplier, at);
    return whole * store->divisor == time;
}

/* Rounded once: by way of the exact spelling. It is exact where reading it gives the time again. */
static bool put_real_time(const cp_struct_store *store, const void *value, uint8_t *at)
{
    const cp_field *field = store->step->field;
    int64_t time = *(const int64_t *)value, again;
    char text[CP_TIME_BYTES * 2] = {0};
    size_t size = cp_time_write_epoch(time, field->unit, field->encoding, text);
    cp_decimal decimal;
    double real;
    text[size] = '\0';
    cp_decimal_read((const uint8_t *)text, (const uint8_t *)text + sizeof text, &decimal);
    cp_decimal_to_double(&decimal, &real);
    real = store_real(store, real, at);
    return cp_time_from_double(real, field->encoding, field->unit, &again) == CP_TIME_OK &&
           again == time;
}

static bool put_text_time(const cp_struct_store *store, const void *value, uint8_t *at)
{
    char text[CP_TIME_BYTES];
    size_t size = cp_time_write(*(const int64_t *)value, store->step->field->unit, text);
    memcpy(at, text, size < store->step->size ? size : store->step->size);
    return true;
}

/* ---- texts ---- */

static bool put_text(const cp_struct_store *store, const void *value, uint8_t *at)
{
    const cp_span *text = value;
    (void)store;
    if (text->size)
        memcpy(at, text->data, text->size);
    return true;
}

static bool put_symbol(const cp_struct_store *store, const void *value, uint8_t *at)
{
    return put_text(store, &store->step->field->symbols[*(const uint16_t *)value], at);
}

/* ---- which ---- */

static bool (*put_of(const cp_struct_step *step))(const cp_struct_store *, const void *, uint8_t *)
{
    bool is_text = step->kind == CP_STRUCT_TEXT;
    switch (step->field->type) {
    case CP_TYPE_FLOAT32:
    case CP_TYPE_FLOAT64:
        return put_real;
    case CP_TYPE_STRING:
        return put_text;
    case CP_TYPE_ENUM:
        return is_text ? put_symbol : put_bits;
    case CP_TYPE_TIMESTAMP:
        return is_text                        ? put_text_time
               : step->kind == CP_STRUCT_REAL ? put_real_time
                                              : put_whole_time;
    default:
        return put_bits;
    }
}

cp_struct_store cp_struct_store_of(const cp_struct_step *step, bool big_endian)
{
    cp_struct_store store = {
        .step = step, .big_endian = big_endian, .divisor = 1, .multiplier = 1, .put = put_of(step)};
    cp_struct_null(step, &store.null);
    const cp_field *field = step->field;
    if (field->type == CP_TYPE_TIMESTAMP && field->encoding != CP_TIME_RFC3339) {
        int scale = cp_time_epoch_scale(field->encoding, field->unit);
        *(scale > 0 ? &store.divisor : &store.multiplier) = (int64_t)cp_tens[abs(scale)];
    }
    return store;
}

void cp_struct_store_null(const cp_struct_store *store, uint8_t *at)
{
    const cp_field *field = store->step->field;
    const cp_literal *literal = store->null;
    if (!literal)
        store_real(store, NAN, at);
    else if (store->step->kind == CP_STRUCT_TEXT && field->type != CP_TYPE_TIMESTAMP)
        memcpy(at, literal->text.data, literal->text.size);
    else if (field->type == CP_TYPE_ENUM)
        store_bits(store, (uint64_t)cp_names_find(field->symbol_codes, literal->text), at);
    else if (cp_type_is_float(field->type))
        store_real(store, literal->f, at);
    else
        store->put(store, &literal->u, at); /* the low bytes of an integer come first */
}
