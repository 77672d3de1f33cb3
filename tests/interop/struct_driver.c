/* Decodes struct records for struct_vs_python.py.
 *
 *   stdin   one case a line: LAYOUT TYPES BYTES, each in hex, "-" where empty; TYPES are field
 *           types with commas between
 *   stdout  one JSON object a line:
 *           {"refused": "layout"} for what is no layout,
 *           {"refused": "plan"} where fields and layout do not fit, else
 *           {"size": record bytes, "rows": [[value, ...], ...], "rejects": [[record, reason], ...]}
 *
 * Floats are printed as the integer of their 64 bits, strings as arrays of bytes: exact, and in
 * need of no escapes. */
#include "formats/records/layout.h"
#include "formats/records/struct_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIELDS_MAX = 64, NAME_BYTES = 16 };

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; the result is terminated. Returns its bytes, or SIZE_MAX where it is not hex. */
static size_t read_hex(char *text)
{
    size_t n = 0;
    for (const char *p = strcmp(text, "-") ? text : ""; *p; p += 2) {
        int high = hex_digit(p[0]), low = p[0] ? hex_digit(p[1]) : -1;
        if (high < 0 || low < 0)
            return SIZE_MAX;
        text[n++] = (char)(high * 16 + low);
    }
    text[n] = '\0';
    return n;
}

static cp_rc add_field(cp_schema *schema, const char *name, const char *type_name, cp_error *err)
{
    cp_type type;
    cp_unit unit;
    cp_field *field;
    if (!cp_type_parse(cp_span_of(type_name), &type, &unit))
        return cp_fail(err, CP_E_USAGE, "bad_type", "%s is no type", type_name);
    cp_rc rc = cp_schema_add(schema, name, type, &field, err);
    if (!rc)
        field->nan = CP_NAN_KEEP;
    return rc;
}

static cp_rc make_schema(const char *layout, char *types, cp_schema **out, cp_error *err)
{
    static char storage[FIELDS_MAX][NAME_BYTES];
    cp_span names[FIELDS_MAX];
    size_t n = 0;
    cp_rc rc = cp_schema_new("case", out, err);
    char *rest = NULL;
    for (char *type = strtok_r(types, ",", &rest); !rc && type; type = strtok_r(NULL, ",", &rest)) {
        if (n == FIELDS_MAX)
            return cp_fail(err, CP_E_USAGE, "too_many", "more than %d fields", FIELDS_MAX);
        snprintf(storage[n], NAME_BYTES, "f%zu", n);
        names[n] = cp_span_of(storage[n]);
        rc = add_field(*out, storage[n++], type, err);
    }
    return rc ? rc : cp_schema_set_layout(*out, layout, names, n, err);
}

static void print_real(double real)
{
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    printf("%" PRIu64, bits);
}

static void print_bytes(cp_span value)
{
    putchar('[');
    for (size_t i = 0; i < value.size; i++)
        printf("%s%u", i ? "," : "", value.data[i]);
    putchar(']');
}

static void print_cell(const cp_column *column, uint32_t row)
{
    switch (column->type) {
    case CP_TYPE_BOOL:
        printf("%s", ((const bool *)column->data)[row] ? "true" : "false");
        break;
    case CP_TYPE_INT8:
        printf("%d", ((const int8_t *)column->data)[row]);
        break;
    case CP_TYPE_INT16:
        printf("%d", ((const int16_t *)column->data)[row]);
        break;
    case CP_TYPE_INT32:
        printf("%d", ((const int32_t *)column->data)[row]);
        break;
    case CP_TYPE_INT64:
        printf("%" PRId64, ((const int64_t *)column->data)[row]);
        break;
    case CP_TYPE_UINT8:
        printf("%u", ((const uint8_t *)column->data)[row]);
        break;
    case CP_TYPE_UINT16:
        printf("%u", ((const uint16_t *)column->data)[row]);
        break;
    case CP_TYPE_UINT32:
        printf("%u", ((const uint32_t *)column->data)[row]);
        break;
    case CP_TYPE_UINT64:
        printf("%" PRIu64, ((const uint64_t *)column->data)[row]);
        break;
    case CP_TYPE_FLOAT32:
        print_real((double)((const float *)column->data)[row]);
        break;
    case CP_TYPE_FLOAT64:
        print_real(((const double *)column->data)[row]);
        break;
    default: /* strings: other types are not asked for */
        print_bytes(((const cp_span *)column->data)[row]);
        break;
    }
}

static void print_rows(const cp_batch *batch, bool *first)
{
    for (uint32_t row = 0; row < batch->rows; row++) {
        printf("%s[", *first ? "" : ",");
        *first = false;
        for (size_t i = 0; i < batch->schema->field_count; i++) {
            printf("%s", i ? "," : "");
            print_cell(&batch->columns[i], row);
        }
        putchar(']');
    }
}

/* Prints the rows. Rejects are few in these cases and stay in the list for later. */
static cp_rc decode(cp_decoder *decoder, cp_span bytes, cp_batch *batch, cp_rejects *rejects,
                    cp_error *err)
{
    cp_block block = {.bytes = bytes};
    cp_cursor cursor = {0};
    bool first = true;
    cp_rc rc = CP_MORE;
    while (rc == CP_MORE) {
        cp_batch_reset(batch);
        rc = cp_struct_format.decode(decoder, &block, &cursor, batch, rejects, err);
        if (rc == CP_MORE && cp_rejects_full(rejects))
            return cp_fail(err, CP_E_USAGE, "too_many", "more rejects than a list holds");
        print_rows(batch, &first);
    }
    return rc;
}

static void print_rejects(const cp_rejects *rejects)
{
    for (size_t i = 0; i < rejects->count; i++)
        printf("%s[%" PRIu64 ",\"%s\"]", i ? "," : "", rejects->items[i].record,
               cp_reason_name(rejects->items[i].reason));
}

static cp_rc decode_case(const cp_format *format, const cp_schema *schema, size_t record_bytes,
                         cp_span bytes, cp_error *err)
{
    static cp_rejects rejects;
    cp_decoder *decoder = NULL;
    cp_batch batch = {0};
    cp_rc rc = cp_batch_open(&batch, schema, CP_BATCH_ROWS, err);
    if (!rc)
        rc = cp_struct_format.decoder_open(format, &decoder, err);
    if (!rc) {
        printf("{\"size\":%zu,\"rows\":[", record_bytes);
        rc = decode(decoder, bytes, &batch, &rejects, err);
        printf("],\"rejects\":[");
        print_rejects(&rejects);
        printf("]}\n");
        cp_struct_format.decoder_close(decoder);
    }
    cp_rejects_free(&rejects);
    cp_batch_close(&batch);
    return rc;
}

/* A refusal is an answer. */
static cp_rc answer_refusal(cp_rc rc, const char *what)
{
    if (rc != CP_E_CONFIG)
        return rc;
    printf("{\"refused\":\"%s\"}\n", what);
    return CP_OK;
}

static cp_rc plan_and_decode(const cp_schema *schema, size_t record_bytes, cp_span bytes,
                             cp_error *err)
{
    const cp_format_options options = {.max_record_bytes = CP_LAYOUT_RECORD_BYTES_MAX};
    cp_format *format = NULL;
    cp_rc rc = cp_struct_format.plan(schema, &options, &format, err);
    if (rc)
        return answer_refusal(rc, "plan");
    rc = decode_case(format, schema, record_bytes, bytes, err);
    cp_struct_format.plan_close(format);
    return rc;
}

static cp_rc run_case(const char *text, char *types, cp_span bytes, cp_error *err)
{
    cp_layout layout;
    cp_rc rc = cp_layout_parse(text, &layout, err);
    if (rc)
        return answer_refusal(rc, "layout");
    size_t record_bytes = layout.record_bytes;
    cp_layout_close(&layout);
    cp_schema *schema = NULL;
    rc = make_schema(text, types, &schema, err);
    if (!rc)
        rc = plan_and_decode(schema, record_bytes, bytes, err);
    cp_schema_free(schema);
    return rc;
}

static cp_rc run_line(char *line, cp_error *err)
{
    char *rest = NULL;
    char *layout = strtok_r(line, " \n", &rest);
    char *types = strtok_r(NULL, " \n", &rest);
    char *bytes = strtok_r(NULL, " \n", &rest);
    if (!bytes || read_hex(layout) == SIZE_MAX || read_hex(types) == SIZE_MAX)
        return cp_fail(err, CP_E_USAGE, "bad_case", "not a case");
    size_t size = read_hex(bytes);
    if (size == SIZE_MAX)
        return cp_fail(err, CP_E_USAGE, "bad_case", "not hex");
    return run_case(layout, types, (cp_span){(const uint8_t *)bytes, size}, err);
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    cp_error err = {0};
    cp_rc rc = CP_OK;
    while (!rc && getline(&line, &capacity, stdin) > 0)
        rc = run_line(line, &err);
    free(line);
    if (rc)
        fprintf(stderr, "struct_driver: %s\n", err.message);
    return rc || fflush(stdout) ? 1 : 0;
}
