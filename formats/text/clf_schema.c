#include "formats/text/clf_schema.h"

static const struct {
    const char *name;
    cp_type type;
} rows[CP_CLF_PARTS] = {
    [CP_CLF_HOST] = {"host", CP_TYPE_STRING},
    [CP_CLF_IDENT] = {"ident", CP_TYPE_STRING},
    [CP_CLF_USER] = {"user", CP_TYPE_STRING},
    [CP_CLF_TIME] = {"time", CP_TYPE_TIMESTAMP},
    [CP_CLF_REQUEST] = {"request", CP_TYPE_STRING},
    [CP_CLF_METHOD] = {"method", CP_TYPE_STRING},
    [CP_CLF_PATH] = {"path", CP_TYPE_STRING},
    [CP_CLF_PROTOCOL] = {"protocol", CP_TYPE_STRING},
    [CP_CLF_STATUS] = {"status", CP_TYPE_UINT16},
    [CP_CLF_BYTES] = {"bytes", CP_TYPE_UINT64},
    [CP_CLF_REFERER] = {"referer", CP_TYPE_STRING},
    [CP_CLF_AGENT] = {"agent", CP_TYPE_STRING},
};

const char *cp_clf_part_name(cp_clf_part part)
{
    return rows[part].name;
}

cp_rc cp_schema_clf(cp_schema **out, cp_error *err)
{
    cp_schema *schema;
    cp_rc rc = cp_schema_new("clf", &schema, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < CP_CLF_PARTS; i++) {
        cp_field *field;
        rc = cp_schema_add(schema, rows[i].name, rows[i].type, &field, err);
    }
    if (rc)
        cp_schema_free(schema);
    else
        *out = schema;
    return rc;
}
