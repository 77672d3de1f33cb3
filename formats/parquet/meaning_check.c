/* LogicalTypes.md, at each type: which physical types may carry it, and which converted type old
 * readers are told. */
#include "formats/parquet/meaning_check.h"

#include "formats/parquet/meaning.h"

#define BIT(type) (1u << (type))

enum {
    INTEGERS = BIT(CP_PARQUET_INT32) | BIT(CP_PARQUET_INT64),
    BYTES = BIT(CP_PARQUET_BYTE_ARRAY),
    FIXED = BIT(CP_PARQUET_FIXED_LEN_BYTE_ARRAY),
    ANY = BIT(CP_PARQUET_TYPE_COUNT) - 1,
};

/* Which physical types a leaf of the logical type may have; groups have none. */
static const unsigned carriers[CP_PARQUET_LOGICAL_COUNT] = {
    [CP_PARQUET_LOGICAL_NONE] = ANY,
    [CP_PARQUET_LOGICAL_STRING] = BYTES,
    [CP_PARQUET_LOGICAL_ENUM] = BYTES,
    [CP_PARQUET_LOGICAL_DECIMAL] = INTEGERS | BYTES | FIXED,
    [CP_PARQUET_LOGICAL_DATE] = BIT(CP_PARQUET_INT32),
    [CP_PARQUET_LOGICAL_TIME] = INTEGERS,
    [CP_PARQUET_LOGICAL_TIMESTAMP] = BIT(CP_PARQUET_INT64),
    [CP_PARQUET_LOGICAL_INTEGER] = INTEGERS,
    [CP_PARQUET_LOGICAL_UNKNOWN] = ANY,
    [CP_PARQUET_LOGICAL_JSON] = BYTES,
    [CP_PARQUET_LOGICAL_BSON] = BYTES,
    [CP_PARQUET_LOGICAL_UUID] = FIXED,
    [CP_PARQUET_LOGICAL_FLOAT16] = FIXED,
    [CP_PARQUET_LOGICAL_GEOMETRY] = BYTES,
    [CP_PARQUET_LOGICAL_GEOGRAPHY] = BYTES,
};

/* The wider integers in INT64, all others in INT32. */
static bool bits_fit(const cp_parquet_schema_element *element, const cp_parquet_meaning *meaning)
{
    bool is_wide = meaning->bits == 64;
    bool is_known = is_wide || meaning->bits == 8 || meaning->bits == 16 || meaning->bits == 32;
    return is_known && is_wide == (element->type == CP_PARQUET_INT64);
}

/* Milliseconds in INT32, finer ones in INT64. */
static bool time_fits(const cp_parquet_schema_element *element, const cp_parquet_meaning *meaning)
{
    return meaning->time_unit == 0 ||
           (meaning->time_unit == CP_PARQUET_MILLIS) == (element->type == CP_PARQUET_INT32);
}

static bool is_carried(const cp_parquet_schema_element *element, const cp_parquet_meaning *meaning)
{
    if (!cp_thrift_has(element->has, CP_ELEMENT_TYPE))
        return true;
    if ((carriers[meaning->logical] & BIT(element->type)) == 0)
        return false;
    switch (meaning->logical) {
    case CP_PARQUET_LOGICAL_INTEGER:
        return bits_fit(element, meaning);
    case CP_PARQUET_LOGICAL_TIME:
        return time_fits(element, meaning);
    default:
        return true;
    }
}

/* Whether a zone is meant is left out: writers tell old readers of local times, too. MAP and
 * MAP_KEY_VALUE are the same; a converted type that has no logical one says nothing. */
static bool agree(const cp_parquet_meaning *logical, const cp_parquet_meaning *converted)
{
    if (logical->logical == CP_PARQUET_LOGICAL_NONE ||
        converted->logical == CP_PARQUET_LOGICAL_NONE)
        return true;
    return logical->logical == converted->logical && logical->time_unit == converted->time_unit &&
           logical->bits == converted->bits && logical->is_signed == converted->is_signed &&
           (logical->logical != CP_PARQUET_LOGICAL_DECIMAL ||
            (logical->scale == converted->scale && logical->precision == converted->precision));
}

const char *cp_parquet_meaning_conflict(const cp_parquet_schema_element *element)
{
    cp_parquet_schema_element old = *element;
    cp_parquet_meaning meaning = cp_parquet_meaning_of(element);
    if (!is_carried(element, &meaning))
        return "its logical type is none that its type can carry";
    old.has &= ~(UINT64_C(1) << CP_ELEMENT_LOGICAL);
    cp_parquet_meaning converted = cp_parquet_meaning_of(&old);
    return agree(&meaning, &converted) ? NULL : "its logical and its converted type do not agree";
}
