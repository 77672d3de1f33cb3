/* Everyday values of everyday fields, read in line: short cuts beside cp_json_value_read, never
 * instead of it. A short cut that does not fit answers NULL and has changed nothing; the general
 * way then reads the value again and knows every rule and every refusal. */
#ifndef CP_FORMATS_JSON_JSON_LEAF_H
#define CP_FORMATS_JSON_JSON_LEAF_H

#include "formats/json/key_tree.h"
#include "formats/json/string_scan.h"
#include "pipeline/core/batch.h"
#include "pipeline/text/number_quick.h"

/* One loop with all of them in it is what makes them short. */
#define CP_LEAF_INLINE static inline __attribute__((always_inline))

/* The short cut that a field allows: only types without rules of their own have one. */
static inline cp_leaf_kind cp_leaf_kind_of(const cp_field *field)
{
    if (field->has_min || field->has_max || field->null_if_count)
        return CP_LEAF_GENERAL;
    switch (field->type) {
    case CP_TYPE_STRING:
        return CP_LEAF_STRING;
    case CP_TYPE_ENUM:
        return CP_LEAF_ENUM;
    case CP_TYPE_UINT16:
        return CP_LEAF_UINT16;
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
    int32_t code = p ? cp_names_find(field->symbol_codes, text) : CP_NAME_ABSENT;
    if (code < 0)
        return NULL;
    if (column->data)
        ((uint16_t *)column->data)[row] = (uint16_t)code;
    return p;
}

CP_LEAF_INLINE const uint8_t *cp_leaf_uint16(const uint8_t *p, cp_column *column, uint32_t row)
{
    cp_decimal number;
    p = cp_decimal_read_quick(p, p, &number);
    if (!p || !number.integral || number.digits > UINT16_MAX)
        return NULL;
    if (column->data)
        ((uint16_t *)column->data)[row] = (uint16_t)number.digits;
    return p;
}

CP_LEAF_INLINE const uint8_t *cp_leaf_float64(const uint8_t *p, cp_column *column, uint32_t row)
{
    cp_decimal number;
    const uint8_t *start = p;
    p = cp_decimal_read_quick(start, start + (*start == '-'), &number);
    if (!p)
        return NULL;
    /* At most 15 digits and 14 behind the point: both are exact doubles, so one division rounds
     * once (Clinger 1990). */
    double value = (double)(int64_t)number.digits / cp_exact_doubles[-number.exponent];
    if (column->data)
        ((double *)column->data)[row] = number.negative ? -value : value;
    return p;
}

/* Seconds with at most as many digits behind the point as the unit has. */
CP_LEAF_INLINE const uint8_t *cp_leaf_epoch_s(const uint8_t *p, const cp_field *field,
                                              cp_column *column, uint32_t row)
{
    static const int64_t unit_digits[] = {0, 3, 6, 9};
    cp_decimal number;
    p = cp_decimal_read_quick(p, p, &number);
    if (!p)
        return NULL;
    int64_t missing = unit_digits[field->unit] + number.exponent;
    /* Below 10^18 the product stays inside int64. */
    if (missing < 0 || number.digits >= cp_tens[18 - missing])
        return NULL;
    if (column->data)
        ((int64_t *)column->data)[row] = (int64_t)(number.digits * cp_tens[missing]);
    return p;
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
        return cp_leaf_uint16(p, column, row);
    case CP_LEAF_FLOAT64:
        return cp_leaf_float64(p, column, row);
    case CP_LEAF_EPOCH_S:
        return cp_leaf_epoch_s(p, field, column, row);
    default:
        return NULL;
    }
}

#endif
