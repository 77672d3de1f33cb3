/* The reader over libyaml. The file is parsed twice, as events and as a document, because only
 * events tell where an alias or a second document stands. */
#include "pipeline/config/yaml.h"

#include "pipeline/core/checked.h"
#include "pipeline/text/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

struct cp_yaml {
    char *path;
    yaml_document_t document; /* zeroed: none yet */
};

/* A file's bytes while they are parsed. */
typedef struct text_file {
    const char *path;
    uint8_t *bytes;
    size_t size;
} text_file;

/* Fails at a place that is no node yet. `message` holds no place. */
static cp_rc fail_at(const char *path, size_t line, size_t column, const char *key,
                     const char *message, cp_error *err)
{
    cp_fail(err, CP_E_CONFIG, "bad_config", "%s (column %zu)", message, column + 1);
    cp_error_in(err, path);
    if (err) {
        err->line = line + 1;
        snprintf(err->field, sizeof err->field, "%s", key);
    }
    return CP_E_CONFIG;
}

static cp_rc fail_open(const char *path, int number, cp_error *err)
{
    bool missing = number == ENOENT || number == ENOTDIR;
    cp_rc rc =
        cp_fail_errno(err, missing ? CP_E_NOINPUT : CP_E_CONFIG,
                      missing ? "no_such_file" : "unreadable_file", number, "cannot open the file");
    cp_error_in(err, path);
    return rc;
}

static cp_rc fail_read(const char *path, int number, cp_error *err)
{
    cp_rc rc = number == EISDIR
                   ? cp_fail(err, CP_E_CONFIG, "unreadable_file", "a folder, not a file")
                   : cp_fail_errno(err, CP_E_IO, "read_failed", number, "cannot read the file");
    cp_error_in(err, path);
    return rc;
}

/* Reads until the end; pipes are fine. */
static cp_rc read_all(int fd, text_file *file, cp_error *err)
{
    size_t capacity = 0;
    for (;;) {
        cp_rc rc = cp_grow(&file->bytes, &capacity, file->size + 4096, 1, err);
        if (rc)
            return rc;
        ssize_t got = read(fd, file->bytes + file->size, capacity - file->size);
        if (got == 0)
            return CP_OK;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_read(file->path, errno, err);
        file->size += (size_t)got;
        if (file->size > CP_YAML_FILE_BYTES) {
            cp_fail(err, CP_E_CONFIG, "file_too_large", "larger than %d bytes", CP_YAML_FILE_BYTES);
            cp_error_in(err, file->path);
            return CP_E_CONFIG;
        }
    }
}

static cp_rc read_file(text_file *file, cp_error *err)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_open(file->path, errno, err);
    cp_rc rc = read_all(fd, file, err);
    close(fd);
    return rc;
}

/* What libyaml says of a syntax error. Its reader, which checks the encoding, knows the byte
 * alone; the line is counted here. */
static cp_rc fail_parser(const text_file *file, const yaml_parser_t *parser, cp_error *err)
{
    /* Not every failed allocation in libyaml sets its error; a syntax error always has a text. */
    if (!parser->problem)
        return cp_fail_memory(err, file->size);
    size_t line = parser->problem_mark.line;
    size_t column = parser->problem_mark.column;
    if (parser->error == YAML_READER_ERROR) {
        line = column = 0;
        for (size_t i = 0; i < parser->problem_offset && i < file->size; i++) {
            bool newline = file->bytes[i] == '\n';
            line += newline;
            column = newline ? 0 : column + 1;
        }
    }
    char message[256];
    snprintf(message, sizeof message, "YAML syntax: %s%s%s", parser->problem,
             parser->context ? " " : "", parser->context ? parser->context : "");
    return fail_at(file->path, line, column, "", message, err);
}

/* An anchor, alias or tag that the event carries; NULL: none. *what names its kind. */
static const yaml_char_t *refused_mark(const yaml_event_t *event, const char **what)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        *what = "alias *";
        return event->data.alias.anchor;
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    *what = anchor ? "anchor &" : "tag ";
    return anchor ? anchor : tag;
}

static cp_rc check_event(const text_file *file, const yaml_event_t *event, size_t *documents,
                         cp_error *err)
{
    char message[256] = "";
    const char *what;
    const yaml_char_t *mark = refused_mark(event, &what);
    if (mark)
        snprintf(message, sizeof message, "%s%.100s is not supported, write the value out", what,
                 (const char *)mark);
    else if (event->type == YAML_DOCUMENT_START_EVENT && ++*documents > 1)
        snprintf(message, sizeof message, "a second document starts here, expected one");
    else if (event->type == YAML_STREAM_END_EVENT && *documents == 0)
        snprintf(message, sizeof message, "the document is empty");
    if (!message[0])
        return CP_OK;
    return fail_at(file->path, event->start_mark.line, event->start_mark.column, "", message, err);
}

/* Goes through the events for syntax and for what is refused. */
static cp_rc check_events(const text_file *file, yaml_parser_t *parser, cp_error *err)
{
    size_t documents = 0;
    for (bool ended = false; !ended;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return fail_parser(file, parser, err);
        cp_rc rc = check_event(file, &event, &documents, err);
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (rc)
            return rc;
    }
    return CP_OK;
}

typedef cp_rc (*parse_pass)(const text_file *, yaml_parser_t *, void *, cp_error *);

static cp_rc pass_events(const text_file *file, yaml_parser_t *parser, void *unused, cp_error *err)
{
    (void)unused;
    return check_events(file, parser, err);
}

static cp_rc pass_document(const text_file *file, yaml_parser_t *parser, void *document,
                           cp_error *err)
{
    return yaml_parser_load(parser, document) ? CP_OK : fail_parser(file, parser, err);
}

/* Runs one pass with a parser of its own. */
static cp_rc with_parser(const text_file *file, parse_pass pass, void *argument, cp_error *err)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return cp_fail_memory(err, sizeof parser);
    yaml_parser_set_input_string(&parser, file->bytes, file->size);
    cp_rc rc = pass(file, &parser, argument, err);
    yaml_parser_delete(&parser);
    return rc;
}

static cp_rc load(cp_yaml *yaml, cp_error *err)
{
    text_file file = {.path = yaml->path};
    cp_rc rc = read_file(&file, err);
    if (rc == CP_OK)
        rc = with_parser(&file, pass_events, NULL, err);
    if (rc == CP_OK)
        rc = with_parser(&file, pass_document, &yaml->document, err);
    free(file.bytes);
    if (rc)
        return rc;
    cp_yaml_node root = cp_yaml_root(yaml);
    if (cp_yaml_kind_of(root) == CP_YAML_NULL)
        return cp_yaml_fail(root, "", err, "the document is empty");
    return CP_OK;
}

cp_rc cp_yaml_open(const char *path, cp_yaml **out, cp_error *err)
{
    cp_yaml *yaml = NULL;
    cp_rc rc = cp_calloc(1, sizeof *yaml, &yaml, err);
    if (rc)
        return rc;
    rc = cp_calloc(strlen(path) + 1, 1, &yaml->path, err);
    if (rc == CP_OK) {
        memcpy(yaml->path, path, strlen(path));
        rc = load(yaml, err);
    }
    if (rc) {
        cp_yaml_close(yaml);
        return rc;
    }
    *out = yaml;
    return CP_OK;
}

void cp_yaml_close(cp_yaml *yaml)
{
    if (!yaml)
        return;
    yaml_document_delete(&yaml->document);
    free(yaml->path);
    free(yaml);
}

/* Nodes count from 1; libyaml's own accessor wants the document writable. */
static cp_yaml_node node_at(const cp_yaml *yaml, int number)
{
    return (cp_yaml_node){yaml, yaml->document.nodes.start + (number - 1)};
}

cp_yaml_node cp_yaml_root(const cp_yaml *yaml)
{
    return node_at(yaml, 1);
}

cp_span cp_yaml_raw(cp_yaml_node node)
{
    if (node.node->type != YAML_SCALAR_NODE)
        return (cp_span){0};
    return (cp_span){node.node->data.scalar.value, node.node->data.scalar.length};
}

/* Whether `text` as a whole is a JSON number. Copied, because its reader looks at the padding. */
static bool number_from(cp_span text, cp_yaml_number *out)
{
    if (text.size == 0 || text.size > CP_YAML_NUMBER_BYTES)
        return false;
    memcpy(out->bytes, text.data, text.size);
    memset(out->bytes + text.size, 0, CP_PADDING_BYTES);
    const uint8_t *end = out->bytes + text.size;
    return cp_decimal_read(out->bytes, end, &out->decimal) == end;
}

static cp_yaml_kind plain_kind(cp_span text)
{
    static const struct {
        const char *text;
        cp_yaml_kind kind;
    } words[] = {
        {"", CP_YAML_NULL},     {"~", CP_YAML_NULL},     {"null", CP_YAML_NULL},
        {"true", CP_YAML_BOOL}, {"false", CP_YAML_BOOL},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (cp_span_equal(text, cp_span_of(words[i].text)))
            return words[i].kind;
    cp_yaml_number number;
    return number_from(text, &number) ? CP_YAML_NUMBER : CP_YAML_TEXT;
}

cp_yaml_kind cp_yaml_kind_of(cp_yaml_node node)
{
    if (node.node->type == YAML_SEQUENCE_NODE)
        return CP_YAML_LIST;
    if (node.node->type == YAML_MAPPING_NODE)
        return CP_YAML_MAP;
    if (node.node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return CP_YAML_TEXT;
    return plain_kind(cp_yaml_raw(node));
}

size_t cp_yaml_count(cp_yaml_node node)
{
    const yaml_node_t *n = node.node;
    if (n->type == YAML_SEQUENCE_NODE)
        return (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
    if (n->type == YAML_MAPPING_NODE)
        return (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
    return 0;
}

cp_yaml_node cp_yaml_item(cp_yaml_node list, size_t index)
{
    return node_at(list.file, list.node->data.sequence.items.start[index]);
}

/* A value for a message: cut, at a character's edge. */
typedef struct shown {
    int size;
    const char *text;
} shown;

static shown show(cp_yaml_node node)
{
    cp_span raw = cp_yaml_raw(node);
    if (!raw.data)
        return (shown){0, ""};
    return (shown){(int)cp_utf8_cut(raw, CP_VALUE_CUT_BYTES), (const char *)raw.data};
}

cp_rc cp_yaml_fail(cp_yaml_node at, const char *key, cp_error *err, const char *format, ...)
{
    char message[CP_ERROR_MESSAGE_BYTES - 32];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    yaml_mark_t mark = at.node->start_mark;
    return fail_at(at.file->path, mark.line, mark.column, key, message, err);
}

cp_rc cp_yaml_fail_expected(cp_yaml_node at, const char *key, const char *expected, cp_error *err)
{
    static const char *const containers[] = {[CP_YAML_LIST] = "a list", [CP_YAML_MAP] = "a map"};
    static const char *const scalars[] = {
        [CP_YAML_TEXT] = "text", [CP_YAML_NUMBER] = "number", [CP_YAML_BOOL] = "truth value"};
    cp_yaml_kind kind = cp_yaml_kind_of(at);
    if (kind == CP_YAML_NULL)
        return cp_yaml_fail(at, key, err, "expected %s, found nothing (null)", expected);
    if (kind == CP_YAML_LIST || kind == CP_YAML_MAP)
        return cp_yaml_fail(at, key, err, "expected %s, found %s", expected, containers[kind]);
    shown value = show(at);
    return cp_yaml_fail(at, key, err, "expected %s, found the %s \"%.*s\"", expected, scalars[kind],
                        value.size, value.text);
}

cp_rc cp_yaml_place(cp_yaml_node at, const char *key, cp_rc rc, cp_error *err)
{
    if (!err || rc != CP_E_CONFIG || err->line)
        return rc;
    yaml_mark_t mark = at.node->start_mark;
    size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, " (column %zu)", mark.column + 1);
    snprintf(err->field, sizeof err->field, "%s", key);
    cp_error_in(err, at.file->path);
    err->line = mark.line + 1;
    return rc;
}

/* "a, b, c" into `out`, cut to its size. */
static const char *join(const char *const *names, size_t count, char *out, size_t capacity)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && used < capacity; i++) {
        int n = snprintf(out + used, capacity - used, "%s%s", i ? ", " : "", names[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    return out;
}

/* The number of the name that the scalar is as it stands, or `count`. */
static size_t name_number(cp_yaml_node node, const char *const *names, size_t count)
{
    size_t i = 0;
    while (i < count && !cp_span_equal(cp_yaml_raw(node), cp_span_of(names[i])))
        i++;
    return i;
}

cp_rc cp_yaml_map(cp_yaml_node map, const char *key, const char *const *keys, size_t key_count,
                  cp_yaml_node *values, cp_error *err)
{
    memset(values, 0, key_count * sizeof *values);
    if (cp_yaml_kind_of(map) != CP_YAML_MAP)
        return cp_yaml_fail_expected(map, key, "a map", err);
    char expected[512];
    const yaml_node_pair_t *pairs = map.node->data.mapping.pairs.start;
    for (size_t i = 0; i < cp_yaml_count(map); i++) {
        cp_yaml_node name = node_at(map.file, pairs[i].key);
        if (cp_yaml_kind_of(name) != CP_YAML_TEXT)
            return cp_yaml_fail_expected(name, key, "a key", err);
        size_t number = name_number(name, keys, key_count);
        shown text = show(name);
        char found[CP_VALUE_CUT_BYTES + 1];
        snprintf(found, sizeof found, "%.*s", text.size, text.text);
        if (number == key_count)
            return cp_yaml_fail(name, found, err, "unknown key \"%s\", expected %s", found,
                                join(keys, key_count, expected, sizeof expected));
        if (values[number].node)
            return cp_yaml_fail(name, found, err, "key \"%s\" stands twice, first on line %zu",
                                found, values[number].node->start_mark.line + 1);
        values[number] = node_at(map.file, pairs[i].value);
    }
    return CP_OK;
}

cp_rc cp_yaml_list(cp_yaml_node node, const char *key, cp_error *err)
{
    if (cp_yaml_kind_of(node) != CP_YAML_LIST)
        return cp_yaml_fail_expected(node, key, "a list", err);
    return CP_OK;
}

cp_rc cp_yaml_text(cp_yaml_node node, const char *key, cp_span *out, cp_error *err)
{
    if (cp_yaml_kind_of(node) != CP_YAML_TEXT)
        return cp_yaml_fail_expected(node, key, "text (quote what is meant as text)", err);
    *out = cp_yaml_raw(node);
    return CP_OK;
}

cp_rc cp_yaml_name(cp_yaml_node node, const char *key, const char **out, cp_error *err)
{
    cp_span text = {0};
    cp_rc rc = cp_yaml_text(node, key, &text, err);
    if (rc)
        return rc;
    if (text.size && memchr(text.data, '\0', text.size))
        return cp_yaml_fail(node, key, err, "a NUL byte in the text");
    /* libyaml ends every scalar with a NUL that its length does not count. */
    *out = text.size ? (const char *)text.data : "";
    return CP_OK;
}

cp_rc cp_yaml_string(cp_yaml_node node, const char *key, const char **out, cp_error *err)
{
    cp_rc rc = cp_yaml_name(node, key, out, err);
    return rc || **out ? rc : cp_yaml_fail(node, key, err, "expected text, found none");
}

cp_rc cp_yaml_bool(cp_yaml_node node, const char *key, bool *out, cp_error *err)
{
    if (cp_yaml_kind_of(node) != CP_YAML_BOOL)
        return cp_yaml_fail_expected(node, key, "true or false", err);
    *out = cp_span_equal(cp_yaml_raw(node), cp_span_of("true"));
    return CP_OK;
}

cp_rc cp_yaml_number_read(cp_yaml_node node, const char *key, cp_yaml_number *out, cp_error *err)
{
    if (cp_yaml_kind_of(node) != CP_YAML_NUMBER || !number_from(cp_yaml_raw(node), out))
        return cp_yaml_fail_expected(node, key, "a number", err);
    return CP_OK;
}

cp_rc cp_yaml_choice(cp_yaml_node node, const char *key, const char *const *names,
                     size_t name_count, size_t *out, cp_error *err)
{
    char expected[512];
    join(names, name_count, expected, sizeof expected);
    if (cp_yaml_raw(node).size == 0)
        return cp_yaml_fail_expected(node, key, expected, err);
    *out = name_number(node, names, name_count);
    if (*out < name_count)
        return CP_OK;
    shown value = show(node);
    return cp_yaml_fail(node, key, err, "unknown value \"%.*s\", expected %s", value.size,
                        value.text, expected);
}
