/* A compressor for each frame, into memory. */
#include "formats/compress/framer.h"

#include "formats/compress/codecs.h"

typedef struct memory_writer {
    cp_writer base;
    cp_bytes *out;
} memory_writer;

static cp_rc memory_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    return cp_bytes_put(((memory_writer *)writer)->out, bytes, size, err);
}

static cp_rc find_codec(const char *name, const cp_codec **out, cp_error *err)
{
    static const cp_codec *const codecs[] = {&cp_codec_zstd, &cp_codec_gzip};
    *out = NULL;
    if (!name || strcmp(name, "none") == 0)
        return CP_OK;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        if (strcmp(name, codecs[i]->name) == 0)
            *out = codecs[i];
    return *out ? CP_OK
                : cp_fail(err, CP_E_USAGE, "bad_value",
                          "--compression: \"%s\" is none of zstd, gzip, none", name);
}

cp_rc cp_framer_open(cp_framer *framer, const cp_sink_options *options, cp_error *err)
{
    *framer = (cp_framer){.level = options->compression_level};
    cp_rc rc = find_codec(options->compression, &framer->codec, err);
    if (rc)
        return rc;
    cp_bytes probe = {0}; /* the codec knows which levels it has */
    rc = cp_framer_add(framer, cp_span_of("?"), &probe, err);
    cp_bytes_free(&probe);
    return rc;
}

cp_rc cp_framer_add(const cp_framer *framer, cp_span plain, cp_bytes *out, cp_error *err)
{
    if (!framer->codec || plain.size == 0)
        return cp_bytes_put(out, plain.data, plain.size, err);
    memory_writer memory = {{.write = memory_write}, out};
    cp_writer *frame;
    cp_rc rc = framer->codec->compress(&memory.base, framer->level, &frame, err);
    if (rc)
        return rc;
    rc = cp_write(frame, plain.data, plain.size, err);
    if (!rc)
        rc = frame->finish(frame, err);
    frame->close(frame);
    return rc;
}
