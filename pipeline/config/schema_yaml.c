/* A schema through libyaml's emitter.
 *
 *   name: case
 *   fields:
 *     - {name: id, type: string, required: true}
 *     - ...
 *   layout: "<dHfB"
 *
 * The emitter keeps its first failure; every step after it does nothing. */
#include "pipeline/config/schema_yaml.h"

#include "pipeline/config/schema_names.h"
#include "pipeline/core/checked.h"
#include "pipeline/text/number.h"
#include "pipeline/text/time.h"

#include <yaml.h>

typedef struct page {
    yaml_emitter_t emitter;
    bool failed; /* memory is all that can be missing */
    char *bytes;
    size_t size, capacity;
} page;

static int add_bytes(void *context, unsigned char *bytes, size_t size)
{
    page *self = context;
    cp_error err;
    if (cp_grow(&self->bytes, &self->capacity, self->size + size + 1, 1, &err))
        return 0;
    memcpy(self->bytes + self->size, bytes, size);
    self->size += size;
    self->bytes[self->size] = '\0';
    return 1;
}

/* ---- events ---- */

/* The event, unless it could not be made; it belongs to the emitter then. */
static void emit(page *self, int made, yaml_event_t *event)
{
    if (made && self->failed)
        yaml_event_delete(event);
    else if (!made || !yaml_emitter_emit(&self->emitter, event))
        self->failed = true;
}

static void begin_map(page *self, yaml_mapping_style_t style)
{
    yaml_event_t event;
    emit(self, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style), &event);
}

static void end_map(page *self)
{
    yaml_event_t event;
    emit(self, yaml_mapping_end_event_initialize(&event), &event);
}

static void begin_list(page *self, yaml_sequence_style_t style)
{
    yaml_event_t event;
    emit(self, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style), &event);
}

static void end_list(page *self)
{
    yaml_event_t event;
    emit(self, yaml_sequence_end_event_initialize(&event), &event);
}

static void put_scalar(page *self, cp_span text, yaml_scalar_style_t style)
{
    yaml_event_t event;
    int made = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text.data,
                                            (int)text.size, 1, 1, style);
    emit(self, made, &event);
}

/* Words of the file's own and numbers. */
static void put_word(page *self, const char *word)
{
    put_scalar(self, cp_span_of(word), YAML_PLAIN_SCALAR_STYLE);
}

static void put_key(page *self, const char *key, const char *word)
{
    put_word(self, key);
    put_word(self, word);
}

static bool is_name_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (byte >= '0' && byte <= '9');
}

/* YAML 1.1 and 1.2 take these words, in any case, for something other than text. */
static bool is_reserved(cp_span text)
{
    static const char *const words[] = {"y",  "n",   "yes",  "no",  "true", "false",
                                        "on", "off", "null", "inf", "nan"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.size == strlen(words[i]) &&
            strncasecmp((const char *)text.data, words[i], text.size) == 0)
            return true;
    return false;
}

/* Plain where nobody could take it for anything else. */
static void put_text(page *self, cp_span text)
{
    bool plain = text.size > 0 && !(text.data[0] >= '0' && text.data[0] <= '9');
    for (size_t i = 0; plain && i < text.size; i++)
        plain = is_name_byte(text.data[i]);
    put_scalar(self, text,
               plain && !is_reserved(text) ? YAML_PLAIN_SCALAR_STYLE
                                           : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

/* ---- literals ---- */

static void put_time(page *self, const cp_field *field, int64_t value)
{
    char text[CP_TIME_BYTES];
    bool is_text = field->encoding == CP_TIME_RFC3339;
    size_t size = is_text ? cp_time_write(value, field->unit, text)
                          : cp_time_write_epoch(value, field->unit, field->encoding, text);
    put_scalar(self, (cp_span){(const uint8_t *)text, size},
               is_text ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE);
}

static void put_literal(page *self, const cp_field *field, const cp_literal *value)
{
    char text[CP_DOUBLE_BYTES];
    size_t size;
    if (field->type == CP_TYPE_TIMESTAMP) {
        put_time(self, field, value->i);
        return;
    }
    if (cp_type_is_signed(field->type))
        size = cp_int64_write(value->i, text);
    else if (cp_type_is_unsigned(field->type))
        size = cp_uint64_write(value->u, text);
    else if (field->type == CP_TYPE_FLOAT32)
        size = cp_float_write((float)value->f, text);
    else if (field->type == CP_TYPE_FLOAT64)
        size = cp_double_write(value->f, text);
    else {
        put_text(self, value->text);
        return;
    }
    put_scalar(self, (cp_span){(const uint8_t *)text, size}, YAML_PLAIN_SCALAR_STYLE);
}

/* ---- the schema ---- */

static void put_symbols(page *self, const cp_field *field)
{
    put_word(self, "symbols");
    begin_list(self, YAML_FLOW_SEQUENCE_STYLE);
    for (size_t i = 0; i < field->symbol_count; i++)
        put_text(self, field->symbols[i]);
    end_list(self);
}

static void put_null_if(page *self, const cp_field *field)
{
    put_word(self, "null_if");
    begin_list(self, YAML_FLOW_SEQUENCE_STYLE);
    for (size_t i = 0; i < field->null_if_count; i++)
        put_literal(self, field, &field->null_if[i]);
    end_list(self);
}

static bool has_own_path(const cp_field *field)
{
    return field->path_count != 1 || !cp_span_equal(field->path[0], cp_span_of(field->name));
}

static void put_path(page *self, const cp_field *field)
{
    size_t size = 0;
    for (size_t i = 0; i < field->path_count; i++)
        size += field->path[i].size + 1;
    uint8_t *path = malloc(size + 1), *end = path;
    if (!path) {
        self->failed = true;
        return;
    }
    for (size_t i = 0; i < field->path_count; i++) {
        if (i > 0)
            *end++ = '.';
        memcpy(end, field->path[i].data, field->path[i].size);
        end += field->path[i].size;
    }
    put_word(self, "path");
    put_text(self, (cp_span){path, (size_t)(end - path)});
    free(path);
}

static void put_rules(page *self, const cp_field *field)
{
    if (field->required)
        put_key(self, "required", "true");
    if (field->symbol_count)
        put_symbols(self, field);
    if (field->type == CP_TYPE_TIMESTAMP)
        put_key(self, "encoding", cp_time_encoding_names[field->encoding]);
    if (field->zone_utc)
        put_key(self, "zone", "UTC");
    if (field->nan != CP_NAN_REJECT)
        put_key(self, "nan", cp_nan_policy_names[field->nan]);
    if (field->has_min) {
        put_word(self, "min");
        put_literal(self, field, &field->min);
    }
    if (field->has_max) {
        put_word(self, "max");
        put_literal(self, field, &field->max);
    }
    if (field->null_if_count)
        put_null_if(self, field);
    if (has_own_path(field))
        put_path(self, field);
}

static void put_field(page *self, const cp_field *field)
{
    char type[CP_TYPE_NAME_BYTES];
    begin_map(self, YAML_FLOW_MAPPING_STYLE);
    put_word(self, "name");
    put_text(self, cp_span_of(field->name));
    put_word(self, "type");
    put_text(self, cp_span_of(cp_type_name(field, type)));
    put_rules(self, field);
    end_map(self);
}

static void put_layout(page *self, const cp_schema *schema)
{
    put_word(self, "layout");
    put_text(self, cp_span_of(schema->layout));
    put_word(self, "layout_fields");
    begin_list(self, YAML_FLOW_SEQUENCE_STYLE);
    for (size_t i = 0; i < schema->layout_field_count; i++)
        put_text(self, cp_span_of(schema->fields[schema->layout_fields[i]].name));
    end_list(self);
}

static void put_schema(page *self, const cp_schema *schema)
{
    begin_map(self, YAML_BLOCK_MAPPING_STYLE);
    put_word(self, "name");
    put_text(self, cp_span_of(schema->name));
    put_word(self, "fields");
    begin_list(self, YAML_BLOCK_SEQUENCE_STYLE);
    for (size_t i = 0; i < schema->field_count; i++)
        put_field(self, &schema->fields[i]);
    end_list(self);
    if (schema->layout)
        put_layout(self, schema);
    if (schema->reject_unknown && !schema->inferred) /* what a run does of its own is no rule */
        put_key(self, "unknown_fields", cp_unknown_policy_names[1]);
    if (schema->duplicates != CP_DUPLICATE_REJECT)
        put_key(self, "duplicate_keys", cp_duplicate_policy_names[schema->duplicates]);
    end_map(self);
}

static void put_document(page *self, const cp_schema *schema)
{
    yaml_event_t event;
    emit(self, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);
    emit(self, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
    put_schema(self, schema);
    emit(self, yaml_document_end_event_initialize(&event, 1), &event);
    emit(self, yaml_stream_end_event_initialize(&event), &event);
}

cp_rc cp_schema_to_yaml(const cp_schema *schema, char **out, cp_error *err)
{
    page self = {0};
    if (!yaml_emitter_initialize(&self.emitter))
        return cp_fail_memory(err, sizeof self);
    yaml_emitter_set_output(&self.emitter, add_bytes, &self);
    yaml_emitter_set_unicode(&self.emitter, 1);
    yaml_emitter_set_width(&self.emitter, -1); /* a field stays on one line */
    put_document(&self, schema);
    if (!yaml_emitter_flush(&self.emitter))
        self.failed = true;
    yaml_emitter_delete(&self.emitter);
    if (self.failed) {
        free(self.bytes);
        return cp_fail_memory(err, self.size);
    }
    *out = self.bytes;
    return CP_OK;
}
