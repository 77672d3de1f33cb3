/* Everyday values of everyday fields, read in line: short cuts beside cp_json_value_read, never
 * instead of it. A short cut that does not fit answers NULL and has changed nothing; the general
 * way then reads the value again and knows every rule and every refusal. */
#ifndef CP_FORMATS_JSON_JSON_LEAF_H
#define CP_FORMATS_JSON_JSON_LEAF_H

#include "formats/json/key_tree.h"
#include "formats/json/string_scan.h"
#include "pipeline/core/batch.h"
#include "pipeline/text/digits.h"
#include "pipeline/text/number_quick.h"

/* One loop with all of them in it is what makes them short. */
#define CP_LEAF_INLINE static inline __attribute__((always_inline))

/* The short cut that a field allows: only types without rules of their own have one. */
static inline cp_leaf_kind cp_leaf_kind_of(const cp_field *field)
{
    if (field->has_min || field->has_max || field->null_if_count || field->fixed_bytes ||
        field->finite_max > 0)
        return CP_LEAF_GENERAL;
    switch (field->type) {
    case CP_TYPE_STRING:
        return CP_LEAF_STRING;
    case CP_TYPE_ENUM:
        return CP_LEAF_ENUM;
    case CP_TYPE_UINT16:
        return CP_LEAF_UINT16;
    case CP_TYPE_INT64:
        return CP_LEAF_INT64;
    case CP_TYPE_FLOAT64:
        return CP_LEAF_FLOAT64;
    case CP_TYPE_TIMESTAMP:
        return field->encoding == CP_TIME_EPOCH_S ? CP_LEAF_EPOCH_S : CP_LEAF_GENERAL;
    default:
        return CP_LEAF_GENERAL;
    }
}

/* A string without escapes, all ASCII. p is at its opening quote, if it is one. */
CP_LEAF_INLINE const uint8_t *cp_leaf_text(const uint8_t *p, cp_span *text)
{
    if (*p != '"')
        return NULL;
    const uint8_t *end = cp_json_string_scan(p + 1);
    *text = (cp_span){p + 1, (size_t)(end - p - 1)};
    return *end == '"' ? end + 1 : NULL;
}

CP_LEAF_INLINE const uint8_t *cp_leaf_string(const uint8_t *p, cp_column *column, uint32_t row)
{
    cp_span text;
    p = cp_leaf_text(p, &text);
    if (p && column->data)
        ((cp_span *)column->data)[row] = text;
    return p;
}

CP_LEAF_INLINE const uint8_t *cp_leaf_enum(const uint8_t *p, const cp_field *field,
                                           cp_column *column, uint32_t row)
{
    cp_span text;
    p = cp_leaf_text(p, &text);
    int32_t code = p ? cp_names_find_readable(field->symbol_codes, text) : CP_NAME_ABSENT;
    if (code < 0)
        return NULL;
    if (column->data)
        ((uint16_t *)column->data)[row] = (uint16_t)code;
    return p;
}

/* An everyday number: digits / 10^fraction, at most 15 digits. */
typedef struct cp_leaf_number {
    uint64_t digits;
    unsigned fraction;  /* digits behind the point */
    unsigned has_point; /* truth values; two bools would share a register, at a cost */
    unsigned negative;
} cp_leaf_number;

/* The cp_leaf_keep functions store what they can tell to be right; false: look at it in full. */
CP_LEAF_INLINE bool cp_leaf_keep_uint16(const cp_leaf_number *n, cp_column *column, uint32_t row)
{
    if (n->negative || n->has_point || n->digits > UINT16_MAX)
        return false;
    if (column->data)
        ((uint16_t *)column->data)[row] = (uint16_t)n->digits;
    return true;
}

CP_LEAF_INLINE bool cp_leaf_keep_int64(const cp_leaf_number *n, cp_column *column, uint32_t row)
{
    if (n->has_point)
        return false;
    if (column->data)
        ((int64_t *)column->data)[row] = n->negative ? -(int64_t)n->digits : (int64_t)n->digits;
    return true;
}

/* Digits and power of ten are exact doubles, so one division rounds once (Clinger 1990). */
CP_LEAF_INLINE bool cp_leaf_keep_float64(const cp_leaf_number *n, cp_column *column, uint32_t row)
{
    double value = (double)(int64_t)n->digits / cp_exact_doubles[n->fraction];
    if (column->data)
        ((double *)column->data)[row] = n->negative ? -value : value;
    return true;
}

/* Seconds with at most as many digits behind the point as the unit has. */
CP_LEAF_INLINE bool cp_leaf_keep_epoch_s(const cp_leaf_number *n, const cp_field *field,
                                         cp_column *column, uint32_t row)
{
    static const unsigned unit_digits[] = {0, 3, 6, 9};
    unsigned digits = unit_digits[field->unit], missing = digits - n->fraction;
    /* Below 10^18 the product stays inside int64. */
    if (n->negative || n->fraction > digits || n->digits >= cp_tens[18 - missing])
        return false;
    if (column->data)
        ((int64_t *)column->data)[row] = (int64_t)(n->digits * cp_tens[missing]);
    return true;
}

CP_LEAF_INLINE bool cp_leaf_keep(const cp_leaf_number *n, cp_leaf_kind kind, const cp_field *field,
                                 cp_column *column, uint32_t row)
{
    switch (kind) {
    case CP_LEAF_UINT16:
        return cp_leaf_keep_uint16(n, column, row);
    case CP_LEAF_INT64:
        return cp_leaf_keep_int64(n, column, row);
    case CP_LEAF_FLOAT64:
        return cp_leaf_keep_float64(n, column, row);
    default:
        return cp_leaf_keep_epoch_s(n, field, column, row);
    }
}

/* `e`, sign and one or two digits; NULL: look at it in full. p is at the e. */
CP_LEAF_INLINE const uint8_t *cp_leaf_exponent_at(const uint8_t *p, int *exponent)
{
    bool negative = p[1] == '-';
    p += 1 + (negative || p[1] == '+');
    if (!cp_is_digit(*p))
        return NULL;
    int value = *p++ - '0';
    if (cp_is_digit(*p))
        value = value * 10 + (*p++ - '0');
    *exponent = negative ? -value : value;
    return cp_is_digit(*p) ? NULL : p;
}

/* digits * 10^power, where that is a whole number below 10^18; else false. */
CP_LEAF_INLINE bool cp_leaf_scale(uint64_t *digits, int power)
{
    if (power < 0 || power > 18 || *digits >= cp_tens[18 - power])
        return false;
    *digits *= cp_tens[power];
    return true;
}

/* As cp_leaf_keep, of a number with an exponent. */
CP_LEAF_INLINE bool cp_leaf_keep_scaled(const cp_leaf_number *n, int exponent, cp_leaf_kind kind,
                                        const cp_field *field, cp_column *column, uint32_t row)
{
    int power = exponent - (int)n->fraction;
    cp_leaf_number scaled = {.digits = n->digits, .negative = n->negative};
    switch (kind) {
    case CP_LEAF_FLOAT64:
        if (power >= 0 && cp_leaf_scale(&scaled.digits, power))
            return scaled.digits <= UINT64_C(1) << 53 && cp_leaf_keep_float64(&scaled, column, row);
        scaled.fraction = (unsigned)-power;
        return power < 0 && power > -CP_EXACT_DOUBLES && cp_leaf_keep_float64(&scaled, column, row);
    case CP_LEAF_EPOCH_S:
        scaled.fraction = power < 0 ? (unsigned)-power : 0;
        return (power < 0 || cp_leaf_scale(&scaled.digits, power)) &&
               cp_leaf_keep_epoch_s(&scaled, field, column, row);
    default:
        return cp_leaf_scale(&scaled.digits, power) &&
               cp_leaf_keep(&scaled, kind, field, column, row);
    }
}

CP_LEAF_INLINE const uint8_t *cp_leaf_number_at(const uint8_t *p, cp_leaf_number *n)
{
    cp_decimal number;
    const uint8_t *end = cp_decimal_read_quick(p, p + (*p == '-'), &number);
    if (end)
        *n = (cp_leaf_number){number.digits, (unsigned)-number.exponent, !number.integral,
                              number.negative};
    return end;
}

CP_LEAF_INLINE const uint8_t *cp_leaf_read(const uint8_t *p, cp_leaf_kind kind,
                                           const cp_field *field, cp_column *column, uint32_t row)
{
    switch (kind) {
    case CP_LEAF_STRING:
        return cp_leaf_string(p, column, row);
    case CP_LEAF_ENUM:
        return cp_leaf_enum(p, field, column, row);
    case CP_LEAF_UINT16:
    case CP_LEAF_INT64:
    case CP_LEAF_FLOAT64:
    case CP_LEAF_EPOCH_S: {
        cp_leaf_number n;
        p = cp_leaf_number_at(p, &n);
        return p && cp_leaf_keep(&n, kind, field, column, row) ? p : NULL;
    }
    default:
        return NULL;
    }
}

#endif
