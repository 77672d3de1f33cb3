/* Parsing a command line against option tables. */
#include "pipeline/config/options.h"

#include "pipeline/core/span.h"
#include "pipeline/text/nearest.h"
#include "pipeline/text/number.h"

#include <inttypes.h>
#include <stdio.h>

const cp_option *cp_options_find(const cp_option_table *tables, const char *name, size_t size)
{
    for (; tables->rows; tables++)
        for (const cp_option *row = tables->rows; row->name; row++)
            if (strlen(row->name) == size && memcmp(row->name, name, size) == 0)
                return row;
    return NULL;
}

static const cp_option *find_letter(const cp_option_table *tables, char letter)
{
    for (; tables->rows; tables++)
        for (const cp_option *row = tables->rows; row->name; row++)
            if (row->letter && row->letter == letter)
                return row;
    return NULL;
}

static cp_rc unknown(const cp_option_table *tables, const char *name, size_t size, cp_error *err)
{
    cp_nearest nearest = {.wanted = {(const uint8_t *)name, size}};
    for (; tables->rows; tables++)
        for (const cp_option *row = tables->rows; row->name; row++)
            cp_nearest_offer(&nearest, cp_span_of(row->name));
    if (nearest.found.data)
        return cp_fail(err, CP_E_USAGE, "unknown_option", "no option --%.*s; did you mean --%.*s?",
                       (int)size, name, (int)nearest.found.size, (const char *)nearest.found.data);
    return cp_fail(err, CP_E_USAGE, "unknown_option", "no option --%.*s", (int)size, name);
}

static cp_rc bad_value(const cp_option *option, const char *text, const char *expected,
                       cp_error *err)
{
    return cp_fail(err, CP_E_USAGE, "bad_value", "--%s: \"%s\" is no %s", option->name, text,
                   expected);
}

static cp_rc store_choice(const cp_option *option, const char *text, int *out, cp_error *err)
{
    char list[256] = "";
    size_t used = 0;
    for (int i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *out = i;
            return CP_OK;
        }
        int n =
            snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", option->choices[i]);
        used += (size_t)n < sizeof list - used ? (size_t)n : 0;
    }
    return cp_fail(err, CP_E_USAGE, "bad_value", "--%s: \"%s\" is none of %s", option->name, text,
                   list);
}

static cp_rc store_whole(const cp_option *option, const char *text, uint64_t *out, cp_error *err)
{
    cp_span span = cp_span_of(text);
    cp_decimal decimal;
    if (option->kind == CP_OPTION_SIZE) {
        if (!cp_size_parse(span, out))
            return bad_value(option, text, "size such as 64MiB", err);
    } else {
        const uint8_t *end = cp_decimal_read(span.data, span.data + span.size, &decimal);
        if (!end || *end || !decimal.integral ||
            cp_decimal_to_uint64(&decimal, out) != CP_INTEGER_OK)
            return bad_value(option, text, "whole number", err);
    }
    if (*out >= option->min && (option->max == 0 || *out <= option->max))
        return CP_OK;
    if (option->max)
        return cp_fail(err, CP_E_USAGE, "bad_value", "--%s: %s is not from %" PRIu64 " to %" PRIu64,
                       option->name, text, option->min, option->max);
    return cp_fail(err, CP_E_USAGE, "bad_value", "--%s: %s is less than %" PRIu64, option->name,
                   text, option->min);
}

static cp_rc store_ratio(const cp_option *option, const char *text, double *out, cp_error *err)
{
    cp_span span = cp_span_of(text);
    cp_decimal decimal;
    const uint8_t *end = cp_decimal_read(span.data, span.data + span.size, &decimal);
    if (!end || *end || !cp_decimal_to_double(&decimal, out) || *out < 0 || *out > 1)
        return bad_value(option, text, "number from 0 to 1", err);
    return CP_OK;
}

static cp_rc store(const cp_option *option, const char *text, void *values, cp_error *err)
{
    void *at = (char *)values + option->offset;
    switch (option->kind) {
    case CP_OPTION_FLAG:
        return cp_fail(err, CP_E_USAGE, "bad_value", "--%s takes no value", option->name);
    case CP_OPTION_TEXT:
        *(const char **)at = text;
        return CP_OK;
    case CP_OPTION_SIZE:
    case CP_OPTION_COUNT:
        return store_whole(option, text, at, err);
    case CP_OPTION_RATIO:
        return store_ratio(option, text, at, err);
    default:
        return store_choice(option, text, at, err);
    }
}

/* The option at argv[*i], with its value from the same word or the next. */
static cp_rc parse_option(const cp_option *option, const char *value, char **argv, size_t argc,
                          size_t *i, void *values, cp_error *err)
{
    if (option->kind == CP_OPTION_FLAG && !value) {
        *((bool *)((char *)values + option->offset)) = true;
        return CP_OK;
    }
    if (!value) {
        if (*i + 1 >= argc)
            return cp_fail(err, CP_E_USAGE, "value_missing", "--%s needs %s", option->name,
                           option->argument);
        value = argv[++*i];
    }
    return store(option, value, values, err);
}

static cp_rc parse_long(const cp_option_table *tables, char **argv, size_t argc, size_t *i,
                        void *values, cp_error *err)
{
    const char *name = argv[*i] + 2;
    const char *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const cp_option *option = cp_options_find(tables, name, size);
    if (!option)
        return unknown(tables, name, size, err);
    return parse_option(option, equals ? equals + 1 : NULL, argv, argc, i, values, err);
}

static cp_rc parse_short(const cp_option_table *tables, char **argv, size_t argc, size_t *i,
                         void *values, cp_error *err)
{
    const char *word = argv[*i];
    const cp_option *option = find_letter(tables, word[1]);
    if (!option)
        return cp_fail(err, CP_E_USAGE, "unknown_option", "no option -%c", word[1]);
    return parse_option(option, word[2] ? word + 2 : NULL, argv, argc, i, values, err);
}

cp_rc cp_options_parse(const cp_option_table *tables, char **argv, size_t argc, void *values,
                       size_t *operand_count, cp_error *err)
{
    bool options_end = false;
    cp_rc rc = CP_OK;
    *operand_count = 0;
    for (size_t i = 0; !rc && i < argc; i++) {
        char *word = argv[i];
        if (options_end || word[0] != '-' || word[1] == '\0')
            argv[(*operand_count)++] = word;
        else if (strcmp(word, "--") == 0)
            options_end = true;
        else if (word[1] == '-')
            rc = parse_long(tables, argv, argc, &i, values, err);
        else
            rc = parse_short(tables, argv, argc, &i, values, err);
    }
    return rc;
}
