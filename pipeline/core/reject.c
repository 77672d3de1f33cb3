/* The table of reasons, and the sentences that people read. */
#include "pipeline/core/reject.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *const reason_names[CP_REASON_COUNT] = {
    [CP_ACCEPTED] = "accepted",
    [CP_ACCEPTED_NULL] = "accepted_null",
    [CP_JSON_SYNTAX] = "json_syntax",
    [CP_CSV_SYNTAX] = "csv_syntax",
    [CP_CLF_SYNTAX] = "clf_syntax",
    [CP_INVALID_UTF8] = "invalid_utf8",
    [CP_INVALID_ESCAPE] = "invalid_escape",
    [CP_NESTING_TOO_DEEP] = "nesting_too_deep",
    [CP_UNBALANCED_RECORD] = "unbalanced_record",
    [CP_RECORD_TOO_LARGE] = "record_too_large",
    [CP_TRUNCATED_RECORD] = "truncated_record",
    [CP_WRONG_FIELD_COUNT] = "wrong_field_count",
    [CP_NOT_AN_OBJECT] = "not_an_object",
    [CP_UNKNOWN_FIELD] = "unknown_field",
    [CP_DUPLICATE_KEY] = "duplicate_key",
    [CP_MISSING_FIELD] = "missing_field",
    [CP_NULL_VALUE] = "null_value",
    [CP_WRONG_TYPE] = "wrong_type",
    [CP_NOT_AN_INTEGER] = "not_an_integer",
    [CP_OUT_OF_RANGE] = "out_of_range",
    [CP_FLOAT_OVERFLOW] = "float_overflow",
    [CP_NOT_FINITE] = "not_finite",
    [CP_BELOW_MIN] = "below_min",
    [CP_ABOVE_MAX] = "above_max",
    [CP_UNKNOWN_SYMBOL] = "unknown_symbol",
    [CP_INVALID_TIME] = "invalid_time",
    [CP_TIME_OUT_OF_RANGE] = "time_out_of_range",
    [CP_DOES_NOT_FIT] = "does_not_fit",
};

const char *cp_reason_name(cp_reason reason)
{
    return reason_names[reason];
}

/* A sentence being composed; cut where it is full. */
typedef struct sentence {
    char text[CP_ERROR_MESSAGE_BYTES];
    size_t used;
    bool full;
} sentence;

/* Takes off a character of which the cut has left only a part. */
static void end_at_character(sentence *s)
{
    size_t lead = s->used - 1;
    while (lead > 0 && ((unsigned char)s->text[lead] & 0xC0) == 0x80)
        lead--;
    unsigned char first = (unsigned char)s->text[lead];
    size_t wanted = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (s->used - lead < wanted)
        s->used = lead;
}

__attribute__((format(printf, 2, 3))) static void say(sentence *s, const char *format, ...)
{
    if (s->full)
        return;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(s->text + s->used, sizeof s->text - s->used, format, args);
    va_end(args);
    if (n > 0)
        s->used += (size_t)n;
    s->full = s->used >= sizeof s->text;
    if (s->full) {
        s->used = sizeof s->text - 1;
        end_at_character(s);
    }
}

/* The value as it stands in the input, cut, with control characters shown as \xNN. */
static void say_value(sentence *s, cp_span value)
{
    size_t shown = value.size;
    if (shown > CP_VALUE_CUT_BYTES) {
        shown = CP_VALUE_CUT_BYTES;
        while (shown > 0 && (value.data[shown] & 0xC0) == 0x80)
            shown--; /* not inside a character */
    }
    for (size_t i = 0; i < shown; i++) {
        unsigned c = value.data[i];
        say(s, c < 0x20 || c == 0x7f ? "\\x%02x" : "%c", c);
    }
    if (shown < value.size)
        say(s, "...");
}

static void say_symbols(sentence *s, const cp_field *field)
{
    enum { SHOWN = 12 };
    for (size_t i = 0; i < field->symbol_count && i < SHOWN; i++)
        say(s, "%s%.*s", i ? ", " : "", (int)field->symbols[i].size,
            (const char *)field->symbols[i].data);
    if (field->symbol_count > SHOWN)
        say(s, ", ... (%zu symbols)", field->symbol_count);
}

/* With as few digits as tell the number from its neighbours. */
static void say_float(sentence *s, double value, bool single)
{
    char text[40];
    int digits = single ? 6 : 15, most = single ? 9 : 17;
    do
        snprintf(text, sizeof text, "%.*g", digits, value);
    while (digits++ < most && (single ? (double)strtof(text, NULL) : strtod(text, NULL)) != value);
    say(s, "%s", text);
}

/* To the second; a bound finer than that is rare, and told in full. */
static void say_time(sentence *s, const cp_field *field, int64_t value)
{
    static const int64_t second[] = {1, 1000, 1000000, 1000000000};
    time_t seconds = (time_t)(value / second[field->unit]);
    char text[40];
    struct tm parts;
    if (value % second[field->unit] || !gmtime_r(&seconds, &parts) ||
        !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts))
        snprintf(text, sizeof text, "%" PRId64, value);
    say(s, "%s", text);
}

static void say_limit(sentence *s, const cp_field *field, const cp_literal *limit)
{
    if (cp_type_is_float(field->type))
        say_float(s, limit->f, field->type == CP_TYPE_FLOAT32);
    else if (field->type == CP_TYPE_TIMESTAMP)
        say_time(s, field, limit->i);
    else if (cp_type_is_unsigned(field->type))
        say(s, "%" PRIu64, limit->u);
    else
        say(s, "%" PRId64, limit->i);
}

/* What an output of fixed width has for the field. */
static void say_room(sentence *s, const cp_field *field)
{
    if (cp_type_is_float(field->type))
        say(s, " does not fit the output, whose largest float is about %.4g", field->finite_max);
    else
        say(s, " does not fit the %" PRIu32 " bytes that the output has for it",
            field->fixed_bytes);
}

/* Units coarser than nanoseconds hold all years that RFC 3339 can spell. */
static void say_out_of_time(sentence *s, const cp_field *field, const char *type)
{
    if (field->encoding == CP_TIME_RFC3339 && field->unit != CP_UNIT_NS)
        say(s, " is outside of the years 0000 to 9999 in UTC");
    else
        say(s, " does not fit %s", type);
}

/* For reasons about a value: "70000 does not fit uint16". */
static void say_about_value(sentence *s, const cp_refusal *why)
{
    const cp_field *field = why->field;
    char type[CP_TYPE_NAME_BYTES];
    if (why->reason == CP_UNKNOWN_SYMBOL)
        say(s, "unknown value ");
    say_value(s, why->value);
    if (!field)
        return; /* there is nothing to hold the value against */
    cp_type_name(field, type);
    switch (why->reason) {
    case CP_WRONG_TYPE:
        say(s, " is no %s", why->detail ? why->detail : type);
        break;
    case CP_NOT_AN_INTEGER:
        say(s, " is no integer, expected %s", type);
        break;
    case CP_OUT_OF_RANGE:
    case CP_FLOAT_OVERFLOW:
        say(s, " does not fit %s", type);
        break;
    case CP_TIME_OUT_OF_RANGE:
        say_out_of_time(s, field, type);
        break;
    case CP_NOT_FINITE:
        say(s, " is not finite, and the schema does not keep such values");
        break;
    case CP_BELOW_MIN:
        say(s, " is below the minimum ");
        say_limit(s, field, &field->min);
        break;
    case CP_ABOVE_MAX:
        say(s, " is above the maximum ");
        say_limit(s, field, &field->max);
        break;
    case CP_UNKNOWN_SYMBOL:
        say(s, ", expected ");
        say_symbols(s, field);
        break;
    case CP_DOES_NOT_FIT:
        say_room(s, field);
        break;
    default: /* CP_INVALID_TIME */
        say(s, " is no time, expected %s", why->detail ? why->detail : type);
        break;
    }
}

/* Bytes are counted in the value where a field is named. */
static const char *counted_in(const cp_refusal *why)
{
    return why->field ? "value" : "record";
}

static void compose(sentence *s, const cp_refusal *why)
{
    switch (why->reason) {
    case CP_JSON_SYNTAX:
        say(s, "invalid JSON at byte %" PRIu64 " of the %s: %s", why->at, counted_in(why),
            why->detail);
        break;
    case CP_CSV_SYNTAX:
        say(s, "invalid CSV at byte %" PRIu64 " of the record: %s", why->at, why->detail);
        break;
    case CP_CLF_SYNTAX:
        say(s, "no access log line, at byte %" PRIu64 " of the record: %s", why->at, why->detail);
        break;
    case CP_INVALID_UTF8:
        say(s, "invalid UTF-8 at byte %" PRIu64 " of the %s", why->at, counted_in(why));
        break;
    case CP_INVALID_ESCAPE:
        say(s, "\\u escape of half a surrogate pair at byte %" PRIu64 " of the %s", why->at,
            counted_in(why));
        break;
    case CP_NESTING_TOO_DEEP:
        say(s, "nested deeper than %" PRIu64 " levels", why->at);
        break;
    case CP_UNBALANCED_RECORD:
        say(s,
            "quotes or brackets do not balance: passed over up to the line that begins at byte "
            "%" PRIu64,
            why->at);
        break;
    case CP_RECORD_TOO_LARGE:
        say(s, "the record is larger than --max-record-size %" PRIu64, why->at);
        break;
    case CP_TRUNCATED_RECORD:
        if (why->detail)
            say(s, "the input ends inside %s", why->detail);
        else
            say(s, "the input ends inside a record of %" PRIu64 " bytes", why->at);
        break;
    case CP_WRONG_FIELD_COUNT:
        say(s, "%" PRIu64 " fields instead of %" PRIu64, why->at, why->expected);
        break;
    case CP_NOT_AN_OBJECT:
        say(s, "the record is no JSON object: ");
        say_value(s, why->value);
        break;
    case CP_UNKNOWN_FIELD:
        say(s, "unknown field \"");
        say_value(s, why->value);
        say(s, "\"");
        break;
    case CP_DUPLICATE_KEY:
        say(s, "the key stands twice");
        break;
    case CP_MISSING_FIELD:
        say(s, "required field is missing");
        break;
    case CP_NULL_VALUE:
        say(s, "required field is null");
        break;
    default:
        say_about_value(s, why);
        break;
    }
}

/* What of a guessed schema the reason rests on, and the remedy; NULL: nothing. */
static const char *guess_behind(const cp_refusal *why)
{
    if (why->reason == CP_UNKNOWN_FIELD)
        return " (the fields were guessed from the first records; say them with --schema, or those "
               "to keep with --select)";
    if (why->field && why->reason > CP_UNKNOWN_FIELD)
        return " (the type was guessed from the first records; say it with --schema)";
    return NULL;
}

cp_rc cp_rejects_add(cp_rejects *rejects, const cp_schema *schema, const cp_reject *where,
                     const cp_refusal *why, cp_error *err)
{
    sentence s = {.used = 0};
    compose(&s, why);
    if (schema && schema->inferred && guess_behind(why))
        say(&s, "%s", guess_behind(why));
    char *message = cp_arena_take(&rejects->arena, s.used + 1);
    if (!message)
        return cp_fail_memory(err, s.used + 1);
    memcpy(message, s.text, s.used);
    message[s.used] = '\0';
    cp_reject *reject = &rejects->items[rejects->count++];
    *reject = *where;
    reject->reason = why->reason;
    reject->field = why->field ? why->field->name : NULL;
    reject->message = message;
    return CP_OK;
}

void cp_rejects_reset(cp_rejects *rejects)
{
    rejects->count = 0;
    cp_arena_reset(&rejects->arena);
}

void cp_rejects_free(cp_rejects *rejects)
{
    cp_arena_free(&rejects->arena);
    rejects->count = 0;
}
