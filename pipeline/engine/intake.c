/* What an input is, told by its first bytes. */
#include "pipeline/engine/intake.h"

#include "pipeline/io/source.h"

#include <fnmatch.h>

static const cp_codec *find_codec(const cp_codec *const *codecs, cp_span head)
{
    const cp_codec *best = NULL;
    int best_score = 0;
    for (; *codecs; codecs++) {
        int score = (*codecs)->probe(head);
        if (score > best_score) {
            best = *codecs;
            best_score = score;
        }
    }
    return best;
}

/* The stream of a file whose frames several threads may decompress. */
static cp_rc open_frames(cp_intake *intake, const cp_codec *codec, cp_source *compressed,
                         const cp_intake_options *options, cp_pool *pool, cp_stream **out,
                         cp_error *err)
{
    cp_rc rc = cp_frames_open(codec, compressed, options->window_limit_bytes, pool,
                              options->frames_room, &intake->frames, err);
    if (!rc)
        *out = cp_frames_stream(intake->frames);
    return rc;
}

/* Puts a source over the decompressor over intake->records. Under another codec frames come too
 * slowly to be worth more than one thread. */
static cp_rc add_layer(cp_intake *intake, const cp_codec *codec, const cp_intake_options *options,
                       cp_pool *pool, cp_error *err)
{
    cp_source *compressed = intake->records;
    bool is_first = compressed == intake->stored;
    cp_stream *stream;
    intake->records = NULL;
    intake->frames = NULL;
    intake->codecs[intake->codec_count++] = codec;
    cp_rc rc = is_first && codec->measure && options->frames_room
                   ? open_frames(intake, codec, compressed, options, pool, &stream, err)
                   : codec->open(compressed, options->window_limit_bytes, &stream, err);
    return rc ? rc : cp_buffered_source_open(stream, pool, &intake->records, err);
}

static cp_rc open_codecs(cp_intake *intake, const cp_intake_options *options, cp_pool *pool,
                         cp_error *err)
{
    for (int layer = 0; layer <= CP_CODEC_LAYERS_MAX; layer++) {
        enum { MAGIC_BYTES = 512 };
        cp_view view;
        cp_rc rc = intake->records->peek(intake->records, MAGIC_BYTES, &view, err);
        const cp_codec *codec = rc ? NULL : find_codec(options->codecs, view.bytes);
        if (!codec)
            return rc;
        if (layer == CP_CODEC_LAYERS_MAX)
            break;
        rc = add_layer(intake, codec, options, pool, err);
        if (rc)
            return rc;
    }
    return cp_fail(err, CP_E_DATA, "codecs_nested", "compressed more than %d times over",
                   (int)CP_CODEC_LAYERS_MAX);
}

static const cp_format_type *best_format(const cp_format_type *const *formats, const cp_view *head)
{
    const cp_format_type *best = NULL;
    int best_score = 0;
    for (; *formats; formats++) {
        int score = (*formats)->probe(head->bytes, head->at_end);
        if (score > best_score) {
            best = *formats;
            best_score = score;
        }
    }
    return best;
}

/* Of those that are as sure as `score_min`. */
static const cp_container *best_container(const cp_container *const *containers, cp_span head,
                                          int score_min)
{
    const cp_container *best = NULL;
    int best_score = score_min - 1;
    for (; containers && *containers; containers++) {
        int score = (*containers)->probe(head);
        if (score > best_score) {
            best = *containers;
            best_score = score;
        }
    }
    return best;
}

/* Records without lines may be any bytes, also those of what only seems to be an archive. */
static int sure_enough(const cp_format_type *said)
{
    return said && !said->has_lines ? CP_CONTAINER_SURE : 1;
}

static cp_rc unknown_format(cp_error *err)
{
    return cp_fail(err, CP_E_USAGE, "unknown_format",
                   "the content is of no format that can be told; say it with --from, or --layout "
                   "for fixed-width records");
}

/* `path` as in find_content. */
static cp_rc open_archive(cp_intake *intake, const char *path, cp_error *err)
{
    cp_source *bytes = intake->records;
    intake->records = NULL;
    intake->frames = NULL;
    return intake->container->open(bytes, bytes == intake->stored ? path : NULL, &intake->archive,
                                   err);
}

/* From here on records or an archive. `path` names the bytes where no codec lies over them. */
static cp_rc find_content(cp_intake *intake, const cp_intake_options *options, const char *path,
                          cp_error *err)
{
    cp_view view;
    cp_rc rc = intake->records->peek(intake->records, CP_CONTAINER_HEAD_BYTES, &view, err);
    if (rc)
        return rc;
    intake->container =
        best_container(options->containers, view.bytes, sure_enough(options->format));
    if (intake->container)
        return options->name_archives ? CP_OK : open_archive(intake, path, err);
    intake->is_empty = view.bytes.size == 0;
    intake->format = options->format;
    if (!intake->format && !intake->is_empty)
        intake->format = best_format(options->formats, &view);
    return intake->is_empty || intake->format || options->any_content ? CP_OK : unknown_format(err);
}

static cp_rc open_layers(cp_intake *intake, const cp_intake_options *options, const char *path,
                         cp_pool *pool, cp_error *err)
{
    intake->stored = intake->records;
    cp_rc rc = open_codecs(intake, options, pool, err);
    return rc ? rc : find_content(intake, options, path, err);
}

cp_rc cp_intake_open(const char *path, const cp_intake_options *options, cp_pool *pool,
                     cp_pool *codec_pool, cp_intake *out, cp_error *err)
{
    *out = (cp_intake){0};
    cp_rc rc =
        cp_input_open(path, &options->io, codec_pool, &out->records, &out->stored_bytes, err);
    bool regular = !rc && out->stored_bytes != UINT64_MAX && strcmp(path, "-") != 0;
    if (!rc)
        rc = open_layers(out, options, regular ? path : NULL, pool, err);
    if (rc) {
        cp_error_in(err, path);
        cp_intake_close(out);
    }
    return rc;
}

bool cp_member_is_selected(const char *glob, const char *member)
{
    return !glob || fnmatch(glob, member, 0) == 0;
}

cp_rc cp_intake_open_member(cp_stream *member, const cp_intake_options *options, cp_pool *pool,
                            cp_pool *codec_pool, cp_intake *out, cp_error *err)
{
    *out = (cp_intake){.stored_bytes = UINT64_MAX};
    cp_rc rc = cp_buffered_source_open(member, codec_pool, &out->records, err);
    if (!rc)
        rc = open_layers(out, options, NULL, pool, err);
    if (!rc && out->archive)
        rc = cp_fail(err, CP_E_USAGE, "archives_nested", "is an archive inside an archive");
    if (rc)
        cp_intake_close(out);
    return rc;
}

/* From the first `want` bytes. */
static cp_rc look_at(cp_intake *intake, const cp_format_options *options, size_t want,
                     cp_sample *out, cp_error *err)
{
    cp_view view;
    *out = (cp_sample){0};
    cp_rc rc = intake->records->peek(intake->records, want, &view, err);
    if (rc)
        return rc;
    out->whole = view.at_end && view.bytes.size <= want;
    out->bytes = view.bytes.size <= want ? view.bytes.size : want;
    cp_span bytes = {view.bytes.data, out->bytes};
    return intake->format->infer(options, bytes, out->whole, &out->guess, err);
}

/* Nothing more to be seen, or to be looked for. */
static bool is_enough(const cp_sample *sample, const cp_format_options *options)
{
    uint64_t most = options->sample_bytes;
    if (sample->guess.records == 0 && most <= options->max_record_bytes)
        most = options->max_record_bytes + 1; /* a record and its end */
    return sample->whole || sample->guess.records >= cp_sample_records(options) ||
           sample->bytes >= most;
}

cp_rc cp_intake_infer(cp_intake *intake, const cp_format_options *options, cp_sample *out,
                      cp_error *err)
{
    if (!intake->format->infer)
        return cp_fail(err, CP_E_USAGE, "schema_needed",
                       "%s records cannot be guessed; describe them with --layout and --fields, "
                       "or with --schema",
                       intake->format->name);
    size_t want = CP_BLOCK_TARGET_BYTES;
    cp_rc rc = look_at(intake, options, want, out, err);
    while (!rc && !is_enough(out, options)) {
        cp_schema_free(out->guess.schema);
        want *= 2;
        rc = look_at(intake, options, want, out, err);
    }
    return rc;
}

void cp_intake_close(cp_intake *intake)
{
    if (intake->records)
        intake->records->close(intake->records);
    if (intake->archive)
        intake->archive->close(intake->archive);
    *intake = (cp_intake){0};
}
