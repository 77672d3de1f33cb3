/* What each code can hold, as rules of the field. */
#include "formats/records/struct_narrow.h"

#include "formats/records/struct_plan.h"
#include "pipeline/core/narrow.h"
#include "pipeline/text/number.h"
#include "pipeline/text/time.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct range {
    cp_bound low, high;
} range;

static range range_of_code(const cp_struct_step *step)
{
    unsigned bits = step->size * 8;
    if (step->kind == CP_STRUCT_SIGNED)
        return (range){-((cp_bound)1 << (bits - 1)), ((cp_bound)1 << (bits - 1)) - 1};
    return (range){0, ((cp_bound)1 << bits) - 1};
}

static cp_rc refuse(const cp_field *field, cp_error *err, const char *why)
{
    cp_fail(err, CP_E_CONFIG, "bad_layout", "%s", why);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", field->name);
    return CP_E_CONFIG;
}

static cp_rc narrow_integer(cp_field *field, const cp_struct_step *step, cp_error *err)
{
    (void)err;
    range r = range_of_code(step);
    if (cp_type_is_unsigned(field->type))
        cp_narrow_unsigned(field, r.low, r.high);
    else
        cp_narrow_signed(field, r.low, r.high);
    return CP_OK;
}

/* The largest double that becomes a finite number of the code: half a step behind the code's
 * largest one (65504, FLT_MAX) rounding goes to infinity. */
static double largest_of_code(char code)
{
    return nextafter(code == 'e' ? 65520 : 0x1.ffffffp127, 0);
}

static cp_rc narrow_float(cp_field *field, const cp_struct_step *step, cp_error *err)
{
    if (step->kind != CP_STRUCT_REAL)
        return refuse(field, err, "an integer of the layout cannot hold its fractions");
    if (step->code != 'd')
        field->finite_max = largest_of_code(step->code);
    return CP_OK;
}

static cp_rc narrow_enum(cp_field *field, const cp_struct_step *step, cp_error *err)
{
    if (step->kind != CP_STRUCT_TEXT)
        return (cp_bound)field->symbol_count - 1 <= range_of_code(step).high
                   ? CP_OK
                   : refuse(field, err, "the layout's code has fewer values than it has symbols");
    for (size_t i = 0; i < field->symbol_count; i++)
        if (field->symbols[i].size > step->size ||
            (step->code == 'c' && field->symbols[i].size != 1))
            return refuse(field, err, "a symbol does not fit the layout's bytes");
    return CP_OK;
}

/* "2023-11-29T09:26:39.000000Z" at most: such times were read from RFC 3339, so their years have
 * four digits. */
static cp_rc check_text_time(const cp_field *field, const cp_struct_step *step, cp_error *err)
{
    static const unsigned places[] = {
        [CP_UNIT_S] = 0, [CP_UNIT_MS] = 3, [CP_UNIT_US] = 6, [CP_UNIT_NS] = 9};
    enum { WHOLE_SECONDS_BYTES = 20 };
    unsigned digits = places[field->unit];
    return step->size >= WHOLE_SECONDS_BYTES + (digits ? digits + 1 : 0)
               ? CP_OK
               : refuse(field, err, "a time does not fit the layout's bytes");
}

/* Times that the code can hold, in the field's unit. */
static cp_rc narrow_time(cp_field *field, const cp_struct_step *step, cp_error *err)
{
    if (step->kind == CP_STRUCT_TEXT)
        return check_text_time(field, step, err);
    if (step->kind == CP_STRUCT_REAL)
        return CP_OK;
    range r = range_of_code(step);
    int scale = cp_time_epoch_scale(field->encoding, field->unit);
    cp_bound factor = (cp_bound)cp_tens[abs(scale)];
    if (scale >= 0)
        cp_narrow_signed(field, r.low * factor, r.high * factor);
    else
        cp_narrow_signed(field, r.low / factor, r.high / factor);
    return CP_OK;
}

static cp_rc narrow_string(cp_field *field, const cp_struct_step *step, cp_error *err)
{
    (void)err;
    field->fixed_bytes = step->size;
    field->is_padded = step->code == 's';
    return CP_OK;
}

static cp_rc narrow_nothing(cp_field *field, const cp_struct_step *step, cp_error *err)
{
    (void)field, (void)step, (void)err;
    return CP_OK;
}

static cp_rc narrow_field(cp_field *field, const cp_struct_step *step, cp_error *err)
{
    static cp_rc (*const narrows[])(cp_field *, const cp_struct_step *, cp_error *) = {
        [CP_TYPE_BOOL] = narrow_nothing,   [CP_TYPE_INT8] = narrow_integer,
        [CP_TYPE_INT16] = narrow_integer,  [CP_TYPE_INT32] = narrow_integer,
        [CP_TYPE_INT64] = narrow_integer,  [CP_TYPE_UINT8] = narrow_integer,
        [CP_TYPE_UINT16] = narrow_integer, [CP_TYPE_UINT32] = narrow_integer,
        [CP_TYPE_UINT64] = narrow_integer, [CP_TYPE_FLOAT32] = narrow_float,
        [CP_TYPE_FLOAT64] = narrow_float,  [CP_TYPE_STRING] = narrow_string,
        [CP_TYPE_ENUM] = narrow_enum,      [CP_TYPE_TIMESTAMP] = narrow_time,
        [CP_TYPE_JSON] = narrow_nothing,
    };
    const cp_literal *null;
    if (!cp_struct_null(step, &null))
        field->required = true;
    return narrows[field->type](field, step, err);
}

cp_rc cp_struct_narrow(cp_schema *schema, cp_error *err)
{
    cp_format *format;
    cp_rc rc = cp_struct_plan_open(
        schema, &(cp_format_options){.max_record_bytes = CP_LAYOUT_RECORD_BYTES_MAX}, &format, err);
    if (rc)
        return rc;
    const cp_struct_plan *plan = (const cp_struct_plan *)format;
    for (size_t i = 0; !rc && i < plan->step_count; i++)
        rc = narrow_field(&schema->fields[plan->steps[i].column], &plan->steps[i], err);
    cp_struct_plan_close(format);
    return rc;
}

/* ---- nulls ---- */

static bool literal_fits(const cp_struct_step *step, const cp_literal *literal)
{
    const cp_field *field = step->field;
    if (step->kind == CP_STRUCT_TEXT)
        return field->type != CP_TYPE_TIMESTAMP && literal->text.size <= step->size &&
               (step->code == 's' || literal->text.size == 1);
    if (field->type == CP_TYPE_ENUM)
        return cp_names_find(field->symbol_codes, literal->text) >= 0;
    if (step->kind == CP_STRUCT_REAL)
        return field->type != CP_TYPE_TIMESTAMP &&
               (step->code == 'd' || (double)(float)literal->f == literal->f) && step->code != 'e';
    if (field->type == CP_TYPE_TIMESTAMP)
        return false;
    range r = range_of_code(step);
    cp_bound value = cp_type_is_unsigned(field->type) ? (cp_bound)literal->u : (cp_bound)literal->i;
    return value >= r.low && value <= r.high;
}

bool cp_struct_null(const cp_struct_step *step, const cp_literal **out)
{
    const cp_field *field = step->field;
    *out = NULL;
    for (size_t i = 0; !*out && i < field->null_if_count; i++)
        if (literal_fits(step, &field->null_if[i]))
            *out = &field->null_if[i];
    bool has_nan =
        step->kind == CP_STRUCT_REAL && cp_type_is_float(field->type) && field->nan == CP_NAN_NULL;
    return *out || has_nan;
}
