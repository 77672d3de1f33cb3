/* Roles to fields. */
#include "pipeline/cli/roles.h"

#include "pipeline/text/time.h"

enum { ROLE_COUNT = 4 };

typedef struct role_row {
    const char *option, *field;
    cp_type guess; /* where no value has been seen */
} role_row;

static void list_roles(const cp_roles *roles, role_row out[ROLE_COUNT])
{
    out[0] = (role_row){"--status", roles->status, CP_TYPE_STRING};
    out[1] = (role_row){"--by", roles->by, CP_TYPE_STRING};
    out[2] = (role_row){"--value", roles->value, CP_TYPE_FLOAT64};
    out[3] = (role_row){"--time", roles->time, CP_TYPE_FLOAT64};
}

/* A rule's literal from epoch seconds to the field's unit. */
static bool literal_to_time(cp_type type, cp_literal *literal)
{
    int64_t value;
    cp_time_rc rc;
    if (cp_type_is_float(type))
        rc = cp_time_from_double(literal->f, CP_TIME_EPOCH_S, CP_UNIT_US, &value);
    else if (cp_type_is_unsigned(type) && literal->u > INT64_MAX)
        return false;
    else
        rc = cp_time_from_int(literal->i, CP_TIME_EPOCH_S, CP_UNIT_US, &value);
    literal->i = value;
    return rc == CP_TIME_OK;
}

static bool is_number(const cp_field *field)
{
    return cp_type_is_float(field->type) || cp_type_is_integer(field->type);
}

/* Numbers become epoch seconds, strings RFC 3339, both to the microsecond. */
static cp_rc make_time(cp_field *field, cp_error *err)
{
    if (field->type == CP_TYPE_TIMESTAMP)
        return CP_OK;
    bool number = is_number(field);
    char name[CP_TYPE_NAME_BYTES];
    if (!number && field->type != CP_TYPE_STRING)
        return cp_fail(err, CP_E_USAGE, "not_a_time", "--time: the field \"%s\" is %s, no time",
                       field->name, cp_type_name(field, name));
    bool fits = !field->has_min || literal_to_time(field->type, &field->min);
    fits &= !field->has_max || literal_to_time(field->type, &field->max);
    for (size_t i = 0; number && i < field->null_if_count; i++)
        fits &= literal_to_time(field->type, &field->null_if[i]);
    if (!fits || (!number && field->null_if_count))
        return cp_fail(err, CP_E_USAGE, "not_a_time",
                       "--time: min, max or null_if of the field \"%s\" is no time", field->name);
    field->type = CP_TYPE_TIMESTAMP;
    field->unit = CP_UNIT_US;
    field->encoding = number ? CP_TIME_EPOCH_S : CP_TIME_RFC3339;
    return CP_OK;
}

static cp_rc find_role(const role_row *role, const cp_schema *schema, size_t *number, cp_error *err)
{
    *number = cp_schema_find(schema, cp_span_of(role->field));
    if (*number != SIZE_MAX)
        return CP_OK;
    if (schema->inferred)
        return cp_fail(err, CP_E_USAGE, "no_such_field",
                       "no field \"%s\" in the first records; name the field with %s, or describe "
                       "the records with --schema",
                       role->field, role->option);
    return cp_fail(err, CP_E_USAGE, "no_such_field",
                   "the schema has no field \"%s\"; name the field with %s", role->field,
                   role->option);
}

static cp_rc check_value(const cp_field *field, cp_error *err)
{
    char name[CP_TYPE_NAME_BYTES];
    return is_number(field) ? CP_OK
                            : cp_fail(err, CP_E_USAGE, "not_a_number",
                                      "--value: the field \"%s\" is %s, no number", field->name,
                                      cp_type_name(field, name));
}

cp_rc cp_roles_check(const cp_roles *roles, cp_schema *schema, cp_error *err)
{
    role_row list[ROLE_COUNT];
    size_t number = 0;
    cp_rc rc = CP_OK;
    list_roles(roles, list);
    for (size_t i = 0; !rc && i < ROLE_COUNT; i++)
        rc = find_role(&list[i], schema, &number, err);
    if (!rc)
        rc = make_time(&schema->fields[number], err); /* the last role is the time */
    return rc ? rc
              : check_value(&schema->fields[cp_schema_find(schema, cp_span_of(roles->value))], err);
}

/* One role's field from the guess onto `out`; a field may play more than one role. */
static cp_rc adapt_role(const role_row *role, const cp_schema *inferred, cp_schema *out,
                        cp_error *err)
{
    size_t number;
    cp_field *field;
    if (cp_schema_find(out, cp_span_of(role->field)) != SIZE_MAX)
        return CP_OK;
    if (inferred->field_count == 0)
        return cp_schema_add(out, role->field, role->guess, &field, err);
    cp_rc rc = find_role(role, inferred, &number, err);
    if (!rc)
        rc = cp_schema_add_copy(out, &inferred->fields[number], NULL, &field, err);
    return rc;
}

/* The condition's fields; what it says of one that is not there it says itself. */
static cp_rc adapt_where(const cp_expr *where, const cp_schema *inferred, cp_schema *out,
                         cp_error *err)
{
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && where && i < cp_expr_field_count(where); i++) {
        cp_span name = cp_expr_field(where, i);
        size_t number = cp_schema_find(inferred, name);
        cp_field *field;
        if (number != SIZE_MAX && cp_schema_find(out, name) == SIZE_MAX)
            rc = cp_schema_add_copy(out, &inferred->fields[number], NULL, &field, err);
    }
    return rc;
}

cp_rc cp_roles_adapt(void *context, cp_schema *inferred, cp_schema **out, cp_error *err)
{
    const cp_roles *roles = context;
    role_row list[ROLE_COUNT];
    cp_schema *adapted = NULL;
    cp_rc rc = cp_schema_new("inferred", &adapted, err);
    list_roles(roles, list);
    for (size_t i = 0; !rc && i < ROLE_COUNT; i++)
        rc = adapt_role(&list[i], inferred, adapted, err);
    if (!rc)
        rc = adapt_where(roles->where, inferred, adapted, err);
    if (!rc) {
        adapted->inferred = inferred->inferred;
        cp_field *value = &adapted->fields[cp_schema_find(adapted, cp_span_of(roles->value))];
        /* A sample of whole numbers, or of nulls, says little: 18 may be followed by 18.5. */
        if (value->type == CP_TYPE_INT64 || value->type == CP_TYPE_JSON)
            value->type = CP_TYPE_FLOAT64;
        cp_field *time = &adapted->fields[cp_schema_find(adapted, cp_span_of(roles->time))];
        if (time->type == CP_TYPE_JSON)
            time->type = CP_TYPE_FLOAT64;
        rc = make_time(time, err);
        if (!rc)
            rc = check_value(value, err);
    }
    cp_schema_free(inferred);
    if (rc) {
        cp_schema_free(adapted);
        adapted = NULL;
    }
    *out = adapted;
    return rc;
}
