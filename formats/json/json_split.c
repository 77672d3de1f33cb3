/* See json_split.h. Each phase looks at what it is shown and answers one cut. */
#include "formats/json/json_split.h"

void cp_json_splitter_start(cp_json_splitter *splitter, uint64_t max_record_bytes,
                            const cp_json_pointer *pointer)
{
    *splitter = (cp_json_splitter){
        .max_record_bytes = max_record_bytes,
        .pointer = pointer,
        .scanner = cp_json_scanner_best(),
    };
    cp_json_outline_start(&splitter->outline, pointer);
}

/* ---- cuts ---- */

/* The next cut begins behind `bytes`. */
static void forget_scan(cp_json_splitter *self)
{
    self->scan = (cp_json_scan){0};
    self->scanned = self->ended = 0;
    self->indent = 0;
}

static cp_rc cut_block(cp_json_splitter *self, size_t size, cp_json_note_of_block note, cp_cut *cut)
{
    *cut = (cp_cut){.size = size, .note = note};
    forget_scan(self);
    self->behind_comma = note == CP_JSON_BLOCK_ELEMENTS;
    return CP_BLOCK;
}

static cp_rc cut_records(cp_json_splitter *self, size_t size, cp_cut *cut)
{
    return cut_block(self, size,
                     self->form == CP_JSON_ELEMENTS ? CP_JSON_BLOCK_ELEMENTS : CP_JSON_BLOCK_VALUES,
                     cut);
}

/* Bytes that are part of no record. */
static cp_rc pass_over(size_t size, cp_cut *cut)
{
    *cut = (cp_cut){.size = size};
    return CP_SKIP;
}

/* `size` bytes of a record that is too large. */
static cp_rc pass_part(cp_json_splitter *self, size_t size, cp_cut *cut)
{
    self->passed += size;
    self->scanned = self->ended = 0;
    return pass_over(size, cut);
}

/* The last of them, `behind` of which stand behind the record. */
static cp_rc pass_end(cp_json_splitter *self, size_t size, size_t behind, cp_cut *cut)
{
    *cut = (cp_cut){
        .size = size,
        .reason = CP_RECORD_TOO_LARGE,
        .length = self->passed + size - behind,
        .whole = self->passed + size,
    };
    self->phase = CP_JSON_RECORDS;
    self->passed = 0;
    forget_scan(self);
    return CP_SKIP;
}

/* ---- errors, with the byte in the stream ---- */

static cp_rc fail_truncated(uint64_t byte, const char *why, cp_error *err)
{
    cp_fail(err, CP_E_DATA, "truncated_input", "%s", why);
    cp_error_at_byte(err, byte);
    return CP_E_DATA;
}

/* In the record that is shown, or that is being passed over. */
static cp_rc fail_in_record(const cp_json_splitter *self, cp_error *err)
{
    return fail_truncated(
        self->offset - self->passed,
        "the record that begins here does not end: the input is cut off, or "
        "quotes or brackets do not balance and no later line begins like a record",
        err);
}

static cp_rc fail_outside(const cp_json_splitter *self, size_t at, cp_error *err)
{
    cp_fail(err, CP_E_DATA, "json_syntax", "invalid JSON outside of the records: %s",
            self->outline.why);
    cp_error_at_byte(err, self->offset + at);
    return CP_E_DATA;
}

static cp_rc fail_pointer(const cp_json_splitter *self, size_t at, const char *why, cp_error *err)
{
    cp_fail(err, CP_E_DATA, "no_records", "--at \"%s\": %s", self->pointer->text, why);
    cp_error_at_byte(err, self->offset + at);
    return CP_E_DATA;
}

/* ---- outside of the records ---- */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t space_bytes(cp_span bytes)
{
    size_t i = 0;
    while (i < bytes.size && is_space(bytes.data[i]))
        i++;
    return i;
}

/* The bytes are used up: a cut of all of them, or what comes of their end. */
static cp_rc all_is_outline(const cp_json_splitter *self, cp_span bytes, cp_input_end end,
                            cp_cut *cut, cp_error *err)
{
    if (bytes.size > 0)
        return pass_over(bytes.size, cut);
    if (end != CP_ENDS)
        return end == CP_GOES_ON ? CP_MORE : CP_END;
    if (self->phase == CP_JSON_BEHIND && cp_json_outline_is_whole(&self->outline))
        return CP_END;
    return fail_truncated(self->offset, "the input ends in the middle of the JSON document", err);
}

static const cp_json_pointer whole_document;

/* Without a pointer: an array, or what stands there is the first of the values. */
static cp_rc choose_form(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut)
{
    size_t space = space_bytes(bytes);
    if (space > 0)
        return pass_over(space, cut);
    if (bytes.size == 0)
        return end == CP_GOES_ON ? CP_MORE : CP_END;
    if (*bytes.data == '[') {
        cp_json_outline_start(&self->outline, &whole_document);
    } else {
        self->form = CP_JSON_VALUES;
        self->phase = CP_JSON_RECORDS;
    }
    return CP_OK;
}

static cp_rc read_outline(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                          cp_error *err)
{
    const uint8_t *at = bytes.data;
    cp_json_outline_end found = bytes.size
                                    ? cp_json_outline_read(&self->outline, at, at + bytes.size, &at)
                                    : CP_OUTLINE_ALL;
    size_t size = (size_t)(at - bytes.data);
    switch (found) {
    case CP_OUTLINE_ALL:
        return all_is_outline(self, bytes, end, cut, err);
    case CP_OUTLINE_ARRAY:
        self->form = CP_JSON_ELEMENTS;
        self->phase = CP_JSON_RECORDS;
        return pass_over(size, cut);
    case CP_OUTLINE_ABSENT:
        return fail_pointer(self, size, "there is no such value", err);
    case CP_OUTLINE_NOT_ARRAY:
        return fail_pointer(self, size, "the value there is no array", err);
    default:
        return fail_outside(self, size, err);
    }
}

/* ---- a line that begins like a record ---- */

static void seek_from(cp_json_splitter *self, size_t indent)
{
    self->seeker =
        (cp_json_line_seeker){.indent_max = indent, .place = CP_IN_LINE, .form = self->form};
}

/* Whether the line is found with this byte, which is no white space. */
static bool begins_record(cp_json_line_seeker *seeker, uint8_t c)
{
    bool in_array = seeker->form == CP_JSON_ELEMENTS;
    bool near = seeker->indent <= seeker->indent_max;
    bool is_first = seeker->place == CP_IN_INDENT;
    seeker->place = is_first && near && in_array && c == ',' ? CP_BEHIND_COMMA : CP_IN_LINE;
    return near && (c == '{' || (in_array && is_first && c == ']'));
}

/* To the record, or to the bracket that ends the array; NULL: the line begins not before `end`. */
static const uint8_t *seek_line(cp_json_line_seeker *seeker, const uint8_t *p, const uint8_t *end)
{
    for (; p < end; p++) {
        if (seeker->place == CP_IN_LINE) {
            p = memchr(p, '\n', (size_t)(end - p));
            if (!p)
                return NULL;
        }
        if (*p == '\n') {
            seeker->place = CP_IN_INDENT;
            seeker->indent = 0;
        } else if (is_space(*p)) {
            seeker->indent += seeker->place == CP_IN_INDENT;
        } else if (begins_record(seeker, *p)) {
            return p;
        }
    }
    return NULL;
}

/* ---- records ---- */

/* The limit for what is shown of one record, so that it need not be shown at once. */
static size_t record_limit(const cp_json_splitter *self)
{
    uint64_t limit = self->max_record_bytes;
    return limit < CP_BLOCK_TARGET_BYTES ? CP_BLOCK_TARGET_BYTES : (size_t)limit;
}

/* Of the line that the block's first record begins, with `space` bytes before it. */
static size_t indent_of(const cp_json_splitter *self, cp_span bytes, size_t space)
{
    const uint8_t *line = space > 0 ? memrchr(bytes.data, '\n', space) : NULL;
    return line ? space - (size_t)(line + 1 - bytes.data) : self->indent;
}

/* Passes over the white space before the block's first record. */
static cp_rc pass_space(cp_json_splitter *self, cp_span bytes, size_t space, cp_cut *cut)
{
    size_t indent = indent_of(self, bytes, space);
    size_t scanned = self->scanned > space ? self->scanned - space : 0;
    cp_json_scan scan = self->scan;
    forget_scan(self);
    self->scan = scan; /* white space has changed nothing in it */
    self->scanned = scanned;
    self->indent = indent;
    return pass_over(space, cut);
}

/* The array's bracket at `at`; behind a comma there has to be an element, be it an empty one. */
static cp_rc end_array(cp_json_splitter *self, cp_span bytes, size_t at, cp_cut *cut)
{
    bool is_empty = !self->behind_comma && space_bytes((cp_span){bytes.data, at}) == at;
    self->phase = CP_JSON_BEHIND;
    cp_json_outline_leave(&self->outline);
    return is_empty ? pass_over(at + 1, cut) : cut_records(self, at + 1, cut);
}

/* Scans on up to `limit`, or to the first record's end; *at is where that was found. Brackets that
 * close nothing, and are not the array's, are bad bytes like others. */
static cp_json_seen scan_on(cp_json_splitter *self, cp_span bytes, size_t limit, bool first,
                            size_t *at)
{
    const uint8_t *end = bytes.data + limit;
    while (self->scanned < limit) {
        cp_json_found found =
            self->scanner(&self->scan, bytes.data + self->scanned, end, self->form, first);
        *at = self->scanned = (size_t)(found.at - bytes.data);
        if (found.last)
            self->ended = (size_t)(found.last - bytes.data);
        bool is_stray =
            found.seen == CP_SEEN_CLOSE && (self->form != CP_JSON_ELEMENTS || *found.at != ']');
        if (!is_stray)
            return found.seen;
        self->scanned++;
    }
    return CP_SEEN_ALL;
}

/* The block's first record does not balance: it is cut up to the line that begins like one. */
static cp_rc split_broken(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                          cp_error *err)
{
    size_t space = space_bytes(bytes), limit = record_limit(self), shown = bytes.size - space;
    size_t visible = shown < limit ? shown : limit;
    seek_from(self, indent_of(self, bytes, space));
    const uint8_t *record = bytes.data + space,
                  *line = seek_line(&self->seeker, record, record + visible);
    if (line)
        return cut_block(self, (size_t)(line - bytes.data), CP_JSON_BLOCK_BROKEN, cut);
    if (visible < limit && end == CP_GOES_ON)
        return CP_MORE;
    if (space > 0)
        return pass_space(self, bytes, space, cut);
    if (visible == limit) {
        self->phase = CP_JSON_SEEKING;
        return pass_part(self, limit, cut);
    }
    return end == CP_ENDS ? fail_in_record(self, err) : CP_END;
}

static bool can_be_json(const uint8_t *p, size_t size)
{
    cp_json_outline outline;
    cp_json_outline_start(&outline, NULL);
    return cp_json_outline_read(&outline, p, p + size, &p) == CP_OUTLINE_ALL;
}

/* Everything is shown, and no record has ended. */
static cp_rc split_rest(cp_json_splitter *self, cp_span bytes, cp_cut *cut, cp_error *err)
{
    size_t space = space_bytes(bytes);
    if (space == bytes.size && self->form == CP_JSON_ELEMENTS)
        return fail_truncated(self->offset + space,
                              "the input ends before the array of records does", err);
    if (bytes.size == 0)
        return CP_END;
    if (space > 0)
        return pass_space(self, bytes, space, cut);
    if (self->form == CP_JSON_VALUES && self->scan.depth == 0 && !self->scan.in_string)
        return cut_records(self, bytes.size, cut);
    return can_be_json(bytes.data, bytes.size) ? fail_in_record(self, err)
                                               : split_broken(self, bytes, CP_ENDS, cut, err);
}

/* No record ends within the block size: one that is a block of its own, or too large. */
static cp_rc split_long(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                        cp_error *err)
{
    size_t space = space_bytes(bytes), at = 0;
    if (space > 0)
        return pass_space(self, bytes, space, cut);
    size_t limit = record_limit(self) + 1; /* with what ends the record */
    size_t visible = bytes.size < limit ? bytes.size : limit;
    switch (scan_on(self, bytes, visible, true, &at)) {
    case CP_SEEN_END:
        return cut_records(self, at, cut);
    case CP_SEEN_CLOSE:
        return end_array(self, bytes, at, cut);
    case CP_SEEN_BREAK:
        return split_broken(self, bytes, end, cut, err);
    case CP_SEEN_ALL:
        break;
    }
    if (visible < limit)
        return end == CP_GOES_ON ? CP_MORE
               : end == CP_ENDS  ? split_rest(self, bytes, cut, err)
                                 : CP_END;
    if (!can_be_json(bytes.data, limit))
        return split_broken(self, bytes, end, cut, err);
    self->phase = CP_JSON_PASSING;
    seek_from(self, self->indent);
    return pass_part(self, limit, cut);
}

static cp_rc split_records(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                           cp_error *err)
{
    bool is_short = bytes.size < CP_BLOCK_TARGET_BYTES;
    if (is_short && end == CP_GOES_ON)
        return CP_MORE;
    size_t at = 0;
    cp_json_seen seen =
        scan_on(self, bytes, is_short ? bytes.size : CP_BLOCK_TARGET_BYTES, false, &at);
    if (seen == CP_SEEN_CLOSE)
        return end_array(self, bytes, at, cut);
    if (self->ended > 0)
        return cut_records(self, self->ended, cut);
    if (seen == CP_SEEN_BREAK)
        return split_broken(self, bytes, end, cut, err);
    if (!is_short)
        return split_long(self, bytes, end, cut, err);
    return end == CP_ENDS ? split_rest(self, bytes, cut, err) : CP_END;
}

/* ---- a record that is too large ---- */

/* What all of the bytes are part of; behind them it may go on. */
static cp_rc all_is_record(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                           cp_error *err)
{
    if (bytes.size > 0)
        return pass_part(self, bytes.size, cut);
    if (end == CP_ENDS)
        return fail_in_record(self, err);
    return end == CP_GOES_ON ? CP_MORE : CP_END;
}

static cp_rc seek(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                  cp_error *err)
{
    const uint8_t *line =
        bytes.size ? seek_line(&self->seeker, bytes.data, bytes.data + bytes.size) : NULL;
    if (!line)
        return all_is_record(self, bytes, end, cut, err);
    self->behind_comma = false;
    return pass_end(self, (size_t)(line - bytes.data), 0, cut);
}

static cp_rc pass(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                  cp_error *err)
{
    size_t at = 0;
    switch (scan_on(self, bytes, bytes.size, true, &at)) {
    case CP_SEEN_END:
        self->behind_comma = self->form == CP_JSON_ELEMENTS;
        return pass_end(self, at, self->behind_comma || is_space(bytes.data[at - 1]), cut);
    case CP_SEEN_CLOSE:
        self->behind_comma = false;
        return pass_end(self, at, 0, cut);
    case CP_SEEN_BREAK:
        self->phase = CP_JSON_SEEKING;
        return at > 0 ? pass_part(self, at, cut) : seek(self, bytes, end, cut, err);
    default:
        return all_is_record(self, bytes, end, cut, err);
    }
}

/* ---- all phases ---- */

static cp_rc cut_next(cp_json_splitter *self, cp_span bytes, cp_input_end end, cp_cut *cut,
                      cp_error *err)
{
    if (self->phase == CP_JSON_BEFORE && !self->pointer) {
        cp_rc rc = choose_form(self, bytes, end, cut);
        if (rc)
            return rc;
    }
    switch (self->phase) {
    case CP_JSON_RECORDS:
        return split_records(self, bytes, end, cut, err);
    case CP_JSON_PASSING:
        return pass(self, bytes, end, cut, err);
    case CP_JSON_SEEKING:
        return seek(self, bytes, end, cut, err);
    default:
        return read_outline(self, bytes, end, cut, err);
    }
}

/* *size: of the byte order mark that the input begins with, or 0. */
static bool find_mark(cp_span bytes, cp_input_end end, size_t *size)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    *size =
        bytes.size >= sizeof mark && memcmp(bytes.data, mark, sizeof mark) == 0 ? sizeof mark : 0;
    return bytes.size >= sizeof mark || end != CP_GOES_ON;
}

cp_rc cp_json_splitter_cut(cp_json_splitter *splitter, cp_span bytes, cp_input_end end, cp_cut *cut,
                           cp_error *err)
{
    cp_rc rc;
    size_t mark = 0;
    if (!splitter->started && !find_mark(bytes, end, &mark))
        return CP_MORE;
    splitter->started = true;
    rc = mark ? pass_over(mark, cut) : cut_next(splitter, bytes, end, cut, err);
    if (rc == CP_BLOCK || rc == CP_SKIP)
        splitter->offset += cut->size;
    return rc;
}
