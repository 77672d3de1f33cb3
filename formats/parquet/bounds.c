/* Least and greatest values: typed loops, and texts through the ranks of their dictionary. */
#include "formats/parquet/bounds.h"

typedef struct number_range {
    cp_parquet_bound least, greatest;
} number_range;

static number_range range_signed_32(const uint32_t *values, size_t count)
{
    int32_t least = INT32_MAX, greatest = INT32_MIN;
    for (size_t i = 0; i < count; i++) {
        int32_t value = (int32_t)values[i];
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
    }
    return (number_range){{.i = least}, {.i = greatest}};
}

static number_range range_unsigned_32(const uint32_t *values, size_t count)
{
    uint32_t least = UINT32_MAX, greatest = 0;
    for (size_t i = 0; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        greatest = values[i] > greatest ? values[i] : greatest;
    }
    return (number_range){{.u = least}, {.u = greatest}};
}

static number_range range_signed_64(const uint64_t *values, size_t count)
{
    int64_t least = INT64_MAX, greatest = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        int64_t value = (int64_t)values[i];
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
    }
    return (number_range){{.i = least}, {.i = greatest}};
}

static number_range range_unsigned_64(const uint64_t *values, size_t count)
{
    uint64_t least = UINT64_MAX, greatest = 0;
    for (size_t i = 0; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        greatest = values[i] > greatest ? values[i] : greatest;
    }
    return (number_range){{.u = least}, {.u = greatest}};
}

static number_range range_bools(const uint8_t *values, size_t count)
{
    number_range range = {{.u = 1}, {.u = 0}};
    for (size_t i = 0; i < count; i++) {
        range.least.u &= values[i];
        range.greatest.u |= values[i];
    }
    return range;
}

static number_range range_of(const cp_parquet_values *values, size_t first, size_t count)
{
    bool is_signed = values->order == CP_PARQUET_SIGNED;
    if (values->type == CP_PARQUET_BOOLEAN)
        return range_bools(values->bools + first, count);
    if (values->type == CP_PARQUET_INT32)
        return is_signed ? range_signed_32(values->words32 + first, count)
                         : range_unsigned_32(values->words32 + first, count);
    return is_signed ? range_signed_64(values->words64 + first, count)
                     : range_unsigned_64(values->words64 + first, count);
}

/* ---- floats ---- */

static double float_at(const cp_parquet_values *values, size_t i)
{
    if (values->type == CP_PARQUET_FLOAT) {
        float narrow;
        memcpy(&narrow, &values->words32[i], sizeof narrow);
        return (double)narrow;
    }
    double wide;
    memcpy(&wide, &values->words64[i], sizeof wide);
    return wide;
}

/* A NaN is neither less nor greater than anything. */
static cp_parquet_bounds bounds_of_floats(const cp_parquet_values *values, size_t first,
                                          size_t count)
{
    cp_parquet_bounds bounds = {0};
    double least = __builtin_inf(), greatest = -__builtin_inf();
    for (size_t i = first; i < first + count; i++) {
        double value = float_at(values, i);
        least = value < least ? value : least;
        greatest = value > greatest ? value : greatest;
        bounds.nan_count += value != value;
    }
    bounds.any = count > bounds.nan_count;
    bounds.least.f = least == 0 ? -0.0 : least;
    bounds.greatest.f = greatest == 0 ? 0.0 : greatest;
    return bounds;
}

/* ---- texts ---- */

/* Each entry is the value of some row. */
static cp_parquet_bounds bounds_of_entries(const cp_parquet_dictionary *d)
{
    const cp_parquet_entry *least = d->entries, *greatest = least;
    for (uint32_t i = 1; i < d->count; i++) {
        const cp_parquet_entry *entry = &d->entries[i];
        least = entry->rank < least->rank ? entry : least;
        greatest = entry->rank > greatest->rank ? entry : greatest;
    }
    return (cp_parquet_bounds){
        .any = true, .least.text = least->text, .greatest.text = greatest->text};
}

static cp_parquet_bounds bounds_of_ranks(const cp_parquet_dictionary *d, size_t first, size_t count)
{
    const cp_parquet_entry *least = &d->entries[d->indices[first]], *greatest = least;
    for (size_t i = first + 1; i < first + count; i++) {
        const cp_parquet_entry *entry = &d->entries[d->indices[i]];
        least = entry->rank < least->rank ? entry : least;
        greatest = entry->rank > greatest->rank ? entry : greatest;
    }
    return (cp_parquet_bounds){
        .any = true, .least.text = least->text, .greatest.text = greatest->text};
}

/* A text and its first 16 bytes, zeros behind it, as two words in byte-wise order. */
typedef struct ordered_text {
    uint64_t first, second;
    cp_span text;
} ordered_text;

static ordered_text ordered(cp_span text)
{
    cp_text_key key = cp_text_is_short(text)
                          ? cp_text_key_of_readable(text)
                          : (cp_text_key){cp_text_word8(text.data), cp_text_word8(text.data + 8)};
    return (ordered_text){__builtin_bswap64(key.low), __builtin_bswap64(key.high), text};
}

static bool is_less(const ordered_text *a, const ordered_text *b)
{
    if (a->first != b->first)
        return a->first < b->first;
    if (a->second != b->second)
        return a->second < b->second;
    return cp_span_compare(a->text, b->text) < 0;
}

/* In texts that ascend, one comparison each is enough. */
static cp_parquet_bounds bounds_of_texts(const cp_span *texts, size_t first, size_t count)
{
    ordered_text least = ordered(texts[first]), greatest = least;
    for (size_t i = first + 1; i < first + count; i++) {
        ordered_text next = ordered(texts[i]);
        if (is_less(&greatest, &next))
            greatest = next;
        else if (is_less(&next, &least))
            least = next;
    }
    return (cp_parquet_bounds){
        .any = true, .least.text = least.text, .greatest.text = greatest.text};
}

cp_parquet_bounds cp_parquet_bounds_of(const cp_parquet_values *values,
                                       const cp_parquet_dictionary *dictionary, size_t first,
                                       size_t count)
{
    if (count == 0)
        return (cp_parquet_bounds){0};
    if (values->order == CP_PARQUET_FLOATING)
        return bounds_of_floats(values, first, count);
    if (values->type != CP_PARQUET_BYTE_ARRAY) {
        number_range range = range_of(values, first, count);
        return (cp_parquet_bounds){.any = true, .least = range.least, .greatest = range.greatest};
    }
    if (dictionary && dictionary->usable)
        return count == values->count ? bounds_of_entries(dictionary)
                                      : bounds_of_ranks(dictionary, first, count);
    return bounds_of_texts(values->texts, first, count);
}

/* ---- comparing and joining ---- */

int cp_parquet_bound_compare(cp_parquet_order order, const cp_parquet_bound *a,
                             const cp_parquet_bound *b)
{
    switch (order) {
    case CP_PARQUET_SIGNED:
        return (a->i > b->i) - (a->i < b->i);
    case CP_PARQUET_UNSIGNED:
        return (a->u > b->u) - (a->u < b->u);
    case CP_PARQUET_FLOATING:
        return (a->f > b->f) - (a->f < b->f);
    case CP_PARQUET_BYTEWISE:
        break;
    }
    return cp_span_compare(a->text, b->text);
}

void cp_parquet_bounds_join(cp_parquet_order order, cp_parquet_bounds *into,
                            const cp_parquet_bounds *from)
{
    into->null_count += from->null_count;
    into->nan_count += from->nan_count;
    if (!from->any)
        return;
    if (!into->any || cp_parquet_bound_compare(order, &from->least, &into->least) < 0)
        into->least = from->least;
    if (!into->any || cp_parquet_bound_compare(order, &from->greatest, &into->greatest) > 0)
        into->greatest = from->greatest;
    into->any = true;
}
