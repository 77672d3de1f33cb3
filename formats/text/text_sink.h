/* Sinks whose rows are text: what JSON lines, JSON arrays and CSV share.
 *
 *   group --gather, every column--> before value before value ... text --codec--> frame
 *
 *   file    head  group  between  group  between  ...  tail        each a frame of its own
 *
 * A form says what stands around the values and how text looks; numbers look the same in all. */
#ifndef CP_FORMATS_TEXT_TEXT_SINK_H
#define CP_FORMATS_TEXT_TEXT_SINK_H

#include "formats/text/text_row.h"
#include "pipeline/core/sink.h"

typedef struct cp_text_form {
    const cp_sink_type *type;
    const char *null;    /* what stands for a null */
    const char *joint;   /* between two rows */
    const char *tail;    /* behind the last row */
    const char *nothing; /* head and tail of a file without rows; NULL: those two */
    bool quotes_times;   /* RFC 3339 times stand in quotes */

    /* What comes before the first row. */
    cp_rc (*head)(const cp_schema *, cp_bytes *, cp_error *);
    /* The wanted fields in the order of their values, and what stands around those. */
    cp_rc (*row)(const cp_schema *, cp_text_row *, cp_error *);

    /* A string, or the text of a JSON value, at `to`, where text_factor times its size and two
     * bytes more are free; each returns the end. */
    uint8_t *(*put_string)(cp_span text, uint8_t *to);
    uint8_t *(*put_json)(cp_span text, uint8_t *to);
    size_t text_factor;
} cp_text_form;

/* As cp_sink_type.open has it; the rest of the type is the same for all forms. */
cp_rc cp_text_sink_open(const cp_text_form *form, const cp_schema *schema,
                        const cp_sink_options *options, cp_sink **out, cp_error *err);
cp_rc cp_text_encoder_open(const cp_sink *sink, cp_encoder **out, cp_error *err);
void cp_text_encoder_close(cp_encoder *encoder);
cp_rc cp_text_encode(const cp_sink *sink, cp_encoder *encoder, const cp_group *group,
                     cp_encoded **out, cp_error *err);
void cp_text_encoded_free(cp_encoded *encoded);
cp_rc cp_text_append(cp_sink *sink, const cp_encoded *encoded, cp_writer *writer, cp_error *err);
cp_rc cp_text_finish(cp_sink *sink, cp_writer *writer, cp_error *err);
uint64_t cp_text_file_bytes(const cp_sink *sink, const cp_encoded *next);
void cp_text_sink_close(cp_sink *sink);

/* The members of cp_sink_type that all forms share. */
#define CP_TEXT_SINK_MEMBERS                                                                       \
    .is_compressed_whole = true, .group_rows = 1 << 16, .group_bytes = 1 << 20,                    \
    .encoder_open = cp_text_encoder_open, .encoder_close = cp_text_encoder_close,                  \
    .encode = cp_text_encode, .encoded_free = cp_text_encoded_free, .append = cp_text_append,      \
    .finish = cp_text_finish, .file_bytes = cp_text_file_bytes, .close = cp_text_sink_close

#endif
