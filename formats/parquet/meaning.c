/* Logical types, and values as text. */
#include "formats/parquet/meaning.h"

#include "pipeline/text/number.h"
#include "pipeline/text/time.h"
#include "pipeline/text/utf8.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_BYTES = 64, DECIMAL_BYTES_MAX = 16, DECIMAL_SCALE_MAX = 38 };

/* ---- types ---- */

/* The one member of a union that stood there; 0: none. */
static int member_of(uint64_t has)
{
    return has ? __builtin_ctzll(has) : 0;
}

static cp_parquet_meaning by_logical_type(const cp_parquet_logical_type *type)
{
    return (cp_parquet_meaning){
        .logical = member_of(type->has),
        .is_utc = type->time.is_utc,
        .time_unit = member_of(type->time.unit.has),
        .bits = (unsigned)(uint8_t)type->integer.bit_width,
        .is_signed = type->integer.is_signed,
        .scale = type->decimal.scale,
        .precision = type->decimal.precision,
    };
}

/* LogicalTypes.md, "Compatibility" of each type. Times are then in UTC. */
static cp_parquet_meaning by_converted_type(const cp_parquet_schema_element *element)
{
    static const cp_parquet_meaning meanings[CP_PARQUET_CONVERTED_COUNT] = {
        [CP_PARQUET_UTF8] = {.logical = CP_PARQUET_LOGICAL_STRING},
        [CP_PARQUET_MAP] = {.logical = CP_PARQUET_LOGICAL_MAP},
        [CP_PARQUET_MAP_KEY_VALUE] = {.logical = CP_PARQUET_LOGICAL_MAP},
        [CP_PARQUET_LIST] = {.logical = CP_PARQUET_LOGICAL_LIST},
        [CP_PARQUET_ENUM] = {.logical = CP_PARQUET_LOGICAL_ENUM},
        [CP_PARQUET_DECIMAL] = {.logical = CP_PARQUET_LOGICAL_DECIMAL},
        [CP_PARQUET_DATE] = {.logical = CP_PARQUET_LOGICAL_DATE},
        [CP_PARQUET_TIME_MILLIS] = {CP_PARQUET_LOGICAL_TIME, CP_PARQUET_MILLIS, .is_utc = true},
        [CP_PARQUET_TIME_MICROS] = {CP_PARQUET_LOGICAL_TIME, CP_PARQUET_MICROS, .is_utc = true},
        [CP_PARQUET_TIMESTAMP_MILLIS] = {CP_PARQUET_LOGICAL_TIMESTAMP, CP_PARQUET_MILLIS,
                                         .is_utc = true},
        [CP_PARQUET_TIMESTAMP_MICROS] = {CP_PARQUET_LOGICAL_TIMESTAMP, CP_PARQUET_MICROS,
                                         .is_utc = true},
        [CP_PARQUET_UINT_8] = {.logical = CP_PARQUET_LOGICAL_INTEGER, .bits = 8},
        [CP_PARQUET_UINT_16] = {.logical = CP_PARQUET_LOGICAL_INTEGER, .bits = 16},
        [CP_PARQUET_UINT_32] = {.logical = CP_PARQUET_LOGICAL_INTEGER, .bits = 32},
        [CP_PARQUET_UINT_64] = {.logical = CP_PARQUET_LOGICAL_INTEGER, .bits = 64},
        [CP_PARQUET_INT_8] = {.logical = CP_PARQUET_LOGICAL_INTEGER, .bits = 8, .is_signed = true},
        [CP_PARQUET_INT_16] = {.logical = CP_PARQUET_LOGICAL_INTEGER,
                               .bits = 16,
                               .is_signed = true},
        [CP_PARQUET_INT_32] = {.logical = CP_PARQUET_LOGICAL_INTEGER,
                               .bits = 32,
                               .is_signed = true},
        [CP_PARQUET_INT_64] = {.logical = CP_PARQUET_LOGICAL_INTEGER,
                               .bits = 64,
                               .is_signed = true},
        [CP_PARQUET_JSON] = {.logical = CP_PARQUET_LOGICAL_JSON},
        [CP_PARQUET_BSON] = {.logical = CP_PARQUET_LOGICAL_BSON},
    };
    cp_parquet_meaning meaning = meanings[element->converted];
    meaning.scale = element->scale;
    meaning.precision = element->precision;
    return meaning;
}

cp_parquet_meaning cp_parquet_meaning_of(const cp_parquet_schema_element *element)
{
    if (cp_thrift_has(element->has, CP_ELEMENT_LOGICAL))
        return by_logical_type(&element->logical);
    if (cp_thrift_has(element->has, CP_ELEMENT_CONVERTED))
        return by_converted_type(element);
    return (cp_parquet_meaning){.logical = CP_PARQUET_LOGICAL_NONE};
}

const char *cp_parquet_meaning_name(const cp_parquet_meaning *meaning,
                                    char out[CP_PARQUET_MEANING_BYTES])
{
    static const char *const names[CP_PARQUET_LOGICAL_COUNT] = {
        "",     "STRING",    "MAP",     "LIST",     "ENUM",      "DECIMAL", "DATE",
        "TIME", "TIMESTAMP", "",        "INTEGER",  "UNKNOWN",   "JSON",    "BSON",
        "UUID", "FLOAT16",   "VARIANT", "GEOMETRY", "GEOGRAPHY",
    };
    static const char *const units[] = {"?", "MILLIS", "MICROS", "NANOS"};
    const char *name = names[meaning->logical];
    switch (meaning->logical) {
    case CP_PARQUET_LOGICAL_TIME:
    case CP_PARQUET_LOGICAL_TIMESTAMP:
        snprintf(out, CP_PARQUET_MEANING_BYTES, "%s(%s, %s)", name, units[meaning->time_unit],
                 meaning->is_utc ? "UTC" : "local");
        break;
    case CP_PARQUET_LOGICAL_INTEGER:
        snprintf(out, CP_PARQUET_MEANING_BYTES, "%s(%u, %s)", name, meaning->bits,
                 meaning->is_signed ? "signed" : "unsigned");
        break;
    case CP_PARQUET_LOGICAL_DECIMAL:
        snprintf(out, CP_PARQUET_MEANING_BYTES, "%s(%d, %d)", name, meaning->precision,
                 meaning->scale);
        break;
    default:
        snprintf(out, CP_PARQUET_MEANING_BYTES, "%s", name);
    }
    return out;
}

/* ---- values ---- */

/* Little-endian, sign extended; up to 8 bytes. */
static int64_t signed_of(cp_span value)
{
    uint64_t bits = value.size && value.data[value.size - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = value.size; i-- > 0;)
        bits = bits << 8 | value.data[i];
    return (int64_t)bits;
}

static uint64_t unsigned_of(cp_span value)
{
    uint64_t bits = (uint64_t)signed_of(value);
    return value.size < 8 ? bits & ((UINT64_C(1) << 8 * value.size) - 1) : bits;
}

static size_t put_word(const char *word, char *out)
{
    size_t size = strlen(word);
    memcpy(out, word, size);
    return size;
}

/* NaN and infinities are words, and no numbers. */
static size_t put_double(double value, bool single, char *out, bool *is_number)
{
    *is_number = isfinite(value);
    if (isnan(value))
        return put_word("NaN", out);
    if (isinf(value))
        return put_word(value > 0 ? "Infinity" : "-Infinity", out);
    return single ? cp_float_write((float)value, out) : cp_double_write(value, out);
}

/* IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
static double half_of(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
    double value = exponent == 31  ? (fraction ? NAN : INFINITY)
                   : exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(1024 + fraction, exponent - 25);
    return bits >> 15 & 1 ? -value : value;
}

static size_t put_floating(int32_t type, cp_span value, char *out, bool *is_number)
{
    uint64_t bits = unsigned_of(value);
    uint32_t low = (uint32_t)bits;
    float single;
    double wide;
    if (type == CP_PARQUET_FIXED_LEN_BYTE_ARRAY)
        return put_double(half_of(bits), true, out, is_number);
    memcpy(&single, &low, sizeof single);
    memcpy(&wide, &bits, sizeof wide);
    return type == CP_PARQUET_FLOAT ? put_double((double)single, true, out, is_number)
                                    : put_double(wide, false, out, is_number);
}

/* Digits with a point before the last `scale` of them. */
static size_t put_decimal(__int128 value, int32_t scale, char *out)
{
    char digits[48];
    size_t count = 0, size = 0;
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    for (; rest > 0 || count <= (size_t)scale; rest /= 10)
        digits[count++] = (char)('0' + (int)(rest % 10));
    if (value < 0)
        out[size++] = '-';
    while (count > 0) {
        if (count == (size_t)scale)
            out[size++] = '.';
        out[size++] = digits[--count];
    }
    return size;
}

/* Big-endian in byte arrays (LogicalTypes.md, "DECIMAL"). */
static bool decimal_of(int32_t type, cp_span value, __int128 *out)
{
    unsigned __int128 bits = 0;
    if (type == CP_PARQUET_INT32 || type == CP_PARQUET_INT64) {
        *out = signed_of(value);
        return true;
    }
    if (value.size == 0 || value.size > DECIMAL_BYTES_MAX)
        return false;
    if (value.data[0] & 0x80)
        bits = ~(unsigned __int128)0;
    for (size_t i = 0; i < value.size; i++)
        bits = bits << 8 | value.data[i];
    *out = (__int128)bits;
    return true;
}

/* From behind `from` to before `to`, each of which stands there once; moved to the front. */
static size_t keep_between(char *text, size_t size, char from, char to)
{
    char *start = from ? (char *)memchr(text, from, size) + 1 : text;
    char *end = memchr(start, to, (size_t)(text + size - start));
    memmove(text, start, (size_t)(end - start));
    return (size_t)(end - start);
}

static size_t put_time(const cp_parquet_meaning *meaning, int64_t value, char *out)
{
    static const cp_unit units[] = {CP_UNIT_S, CP_UNIT_MS, CP_UNIT_US, CP_UNIT_NS};
    bool is_date = meaning->logical == CP_PARQUET_LOGICAL_DATE;
    char text[CP_TIME_BYTES];
    size_t size = cp_time_write(is_date ? value * 86400 : value,
                                units[is_date ? 0 : meaning->time_unit], text);
    if (is_date)
        size = keep_between(text, size, '\0', 'T');
    else if (meaning->logical == CP_PARQUET_LOGICAL_TIME)
        size = keep_between(text, size, 'T', 'Z');
    else if (!meaning->is_utc)
        size--;
    memcpy(out, text, size);
    return size;
}

static size_t put_uuid(cp_span value, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < value.size; i++)
        size += (size_t)snprintf(out + size, TEXT_BYTES - size, "%s%02x",
                                 i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", value.data[i]);
    return size;
}

/* A clock shows times of one day, and units that are known. */
static bool has_time_form(const cp_parquet_meaning *meaning, int64_t value)
{
    static const int64_t per_day[] = {0, 86400000, 86400000000, 86400000000000};
    switch (meaning->logical) {
    case CP_PARQUET_LOGICAL_DATE:
        return true;
    case CP_PARQUET_LOGICAL_TIME:
        return value >= 0 && value < per_day[meaning->time_unit];
    case CP_PARQUET_LOGICAL_TIMESTAMP:
        return meaning->time_unit > 0;
    default:
        return false;
    }
}

/* Integers and times in INT32 and INT64. */
static size_t put_integer(const cp_parquet_meaning *meaning, cp_span value, char *out,
                          bool *is_number)
{
    bool is_time = has_time_form(meaning, signed_of(value));
    *is_number = !is_time;
    if (is_time)
        return put_time(meaning, signed_of(value), out);
    return meaning->logical == CP_PARQUET_LOGICAL_INTEGER && !meaning->is_signed
               ? cp_uint64_write(unsigned_of(value), out)
               : cp_int64_write(signed_of(value), out);
}

/* What takes few bytes; 0: it has no such form. */
static size_t put_short(const cp_parquet_schema_element *element, cp_span value, char *out,
                        bool *is_number)
{
    cp_parquet_meaning meaning = cp_parquet_meaning_of(element);
    __int128 decimal;
    if (meaning.logical == CP_PARQUET_LOGICAL_DECIMAL)
        return meaning.scale >= 0 && meaning.scale <= DECIMAL_SCALE_MAX &&
                       decimal_of(element->type, value, &decimal)
                   ? put_decimal(decimal, meaning.scale, out)
                   : 0;
    switch (element->type) {
    case CP_PARQUET_BOOLEAN:
        *is_number = true;
        return put_word(value.data[0] ? "true" : "false", out);
    case CP_PARQUET_INT32:
    case CP_PARQUET_INT64:
        return put_integer(&meaning, value, out, is_number);
    case CP_PARQUET_FLOAT:
    case CP_PARQUET_DOUBLE:
        return put_floating(element->type, value, out, is_number);
    case CP_PARQUET_FIXED_LEN_BYTE_ARRAY:
        if (meaning.logical == CP_PARQUET_LOGICAL_FLOAT16 && value.size == 2)
            return put_floating(element->type, value, out, is_number);
        return meaning.logical == CP_PARQUET_LOGICAL_UUID && value.size == 16 ? put_uuid(value, out)
                                                                              : 0;
    default:
        return 0;
    }
}

static bool is_text(const cp_parquet_schema_element *element, cp_span value)
{
    int logical = cp_parquet_meaning_of(element).logical;
    return (logical == CP_PARQUET_LOGICAL_STRING || logical == CP_PARQUET_LOGICAL_ENUM ||
            logical == CP_PARQUET_LOGICAL_JSON) &&
           cp_utf8_valid(value) == value.size;
}

static cp_rc put_hex(cp_span value, cp_bytes *out, cp_error *err)
{
    static const char digits[] = "0123456789abcdef";
    cp_rc rc = cp_bytes_put(out, "0x", 2, err);
    for (size_t i = 0; !rc && i < value.size; i++) {
        const char pair[] = {digits[value.data[i] >> 4], digits[value.data[i] & 15]};
        rc = cp_bytes_put(out, pair, sizeof pair, err);
    }
    return rc;
}

cp_rc cp_parquet_value_text(const cp_parquet_schema_element *element, cp_span value, cp_bytes *out,
                            bool *is_number, cp_error *err)
{
    char text[TEXT_BYTES];
    *is_number = false;
    if (is_text(element, value))
        return cp_bytes_put(out, value.data, value.size, err);
    size_t size = value.size ? put_short(element, value, text, is_number) : 0;
    return size ? cp_bytes_put(out, text, size, err) : put_hex(value, out, err);
}
