/* Numbers in sorted arrays, texts in a name table. */
#include "pipeline/expr/set.h"

#include "pipeline/core/checked.h"

cp_rc cp_set_add_whole(cp_set *set, cp_wide value, cp_error *err)
{
    cp_rc rc = cp_grow(&set->wholes, &set->capacity, set->count + 1, sizeof value, err);
    if (!rc)
        set->wholes[set->count++] = value;
    return rc;
}

cp_rc cp_set_add_float(cp_set *set, double value, cp_error *err)
{
    cp_rc rc = cp_grow(&set->floats, &set->capacity, set->count + 1, sizeof value, err);
    if (!rc)
        set->floats[set->count++] = value;
    return rc;
}

cp_rc cp_set_add_text(cp_set *set, cp_span value, cp_error *err)
{
    cp_rc rc = cp_grow(&set->texts, &set->capacity, set->count + 1, sizeof value, err);
    if (!rc)
        set->texts[set->count++] = value;
    return rc;
}

static int order_wholes(const void *a, const void *b)
{
    const cp_wide *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int order_floats(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int order_texts(const void *a, const void *b)
{
    const cp_span *x = a, *y = b;
    return cp_span_compare(*x, *y);
}

cp_rc cp_set_seal(cp_set *set, cp_error *err)
{
    if (set->wholes)
        qsort(set->wholes, set->count, sizeof *set->wholes, order_wholes);
    if (set->floats)
        qsort(set->floats, set->count, sizeof *set->floats, order_floats);
    if (!set->texts)
        return CP_OK;
    qsort(set->texts, set->count, sizeof *set->texts, order_texts);
    size_t kept = 1;
    for (size_t i = 1; i < set->count; i++)
        if (!cp_span_equal(set->texts[i], set->texts[kept - 1]))
            set->texts[kept++] = set->texts[i];
    set->count = kept;
    return cp_names_build(set->texts, set->count, &set->names, err);
}

bool cp_set_has_whole(const cp_set *set, cp_wide value)
{
    return set->count && bsearch(&value, set->wholes, set->count, sizeof value, order_wholes);
}

bool cp_set_has_float(const cp_set *set, double value)
{
    return set->count && value == value &&
           bsearch(&value, set->floats, set->count, sizeof value, order_floats);
}

bool cp_set_has_text(const cp_set *set, cp_span value)
{
    return set->names && cp_names_find(set->names, value) != CP_NAME_ABSENT;
}

void cp_set_close(cp_set *set)
{
    free(set->wholes);
    free(set->floats);
    free(set->texts);
    cp_names_free(set->names);
    *set = (cp_set){0};
}
