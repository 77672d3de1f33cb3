/* By the field's type; no coercion: 1.5 is no integer. */
#include "pipeline/text/value_cell.h"

#include "pipeline/text/time.h"

static const cp_reason integer_reasons[] = {
    [CP_INTEGER_OK] = CP_ACCEPTED,
    [CP_NOT_WHOLE] = CP_NOT_AN_INTEGER,
    [CP_INTEGER_RANGE] = CP_OUT_OF_RANGE,
};

static const cp_reason time_reasons[] = {
    [CP_TIME_OK] = CP_ACCEPTED,
    [CP_TIME_MALFORMED] = CP_INVALID_TIME,
    [CP_TIME_RANGE] = CP_TIME_OUT_OF_RANGE,
};

static cp_reason signed_cell(const cp_field *field, cp_column *column, uint32_t row,
                             const cp_decimal *number)
{
    int64_t value;
    cp_reason reason = integer_reasons[cp_decimal_to_int64(number, &value)];
    return reason ? reason : cp_cell_int(field, column, row, value);
}

static cp_reason unsigned_cell(const cp_field *field, cp_column *column, uint32_t row,
                               const cp_decimal *number)
{
    uint64_t value;
    cp_reason reason = integer_reasons[cp_decimal_to_uint64(number, &value)];
    return reason ? reason : cp_cell_uint(field, column, row, value);
}

static cp_reason float32_cell(const cp_field *field, cp_column *column, uint32_t row,
                              const cp_decimal *number)
{
    float value;
    return cp_decimal_to_float(number, &value) ? cp_cell_float(field, column, row, (double)value)
                                               : CP_FLOAT_OVERFLOW;
}

static cp_reason float64_cell(const cp_field *field, cp_column *column, uint32_t row,
                              const cp_decimal *number)
{
    double value;
    return cp_decimal_to_double(number, &value) ? cp_cell_float(field, column, row, value)
                                                : CP_FLOAT_OVERFLOW;
}

static cp_reason epoch_cell(const cp_field *field, cp_column *column, uint32_t row,
                            const cp_decimal *number)
{
    int64_t value = 0;
    cp_reason reason =
        time_reasons[cp_time_from_decimal(number, field->encoding, field->unit, &value)];
    return reason ? reason : cp_cell_time(field, column, row, value);
}

cp_reason cp_cell_decimal(const cp_field *field, cp_column *column, uint32_t row,
                          const cp_decimal *number)
{
    switch (field->type) {
    case CP_TYPE_FLOAT32:
        return float32_cell(field, column, row, number);
    case CP_TYPE_FLOAT64:
        return float64_cell(field, column, row, number);
    case CP_TYPE_TIMESTAMP:
        return epoch_cell(field, column, row, number);
    default:
        return cp_type_is_signed(field->type) ? signed_cell(field, column, row, number)
                                              : unsigned_cell(field, column, row, number);
    }
}

cp_reason cp_cell_rfc3339(const cp_field *field, cp_column *column, uint32_t row, cp_span text)
{
    int64_t value = 0;
    cp_reason reason = time_reasons[cp_time_parse(text, field->unit, field->zone_utc, &value)];
    return reason ? reason : cp_cell_time(field, column, row, value);
}

const char *cp_time_expected(const cp_field *field)
{
    static const char *const names[] = {
        [CP_TIME_RFC3339] = "RFC 3339 such as 2026-11-19T08:30:00Z",
        [CP_TIME_EPOCH_S] = "number of seconds since 1970 (epoch_s)",
        [CP_TIME_EPOCH_MS] = "number of milliseconds since 1970 (epoch_ms)",
        [CP_TIME_EPOCH_US] = "number of microseconds since 1970 (epoch_us)",
        [CP_TIME_EPOCH_NS] = "number of nanoseconds since 1970 (epoch_ns)",
    };
    return names[field->encoding];
}
