/* gzip read through ISA-L, whose inflate is several times as fast as zlib's.
 *
 *   in --> bit buffer, up to 8 bytes ahead --> tables --> out
 *          what it holds at the end belongs to the trailer
 *
 * ISA-L begins every call in a 64 KiB buffer of its own and copies from there; behind that it
 * writes to `out` itself. Where it meets damage, good bytes may still wait in that buffer. */
#include "formats/compress/codecs.h"
#include "formats/compress/gzip.h"
#include "pipeline/core/checked.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

typedef struct isal_inflater {
    struct inflate_state isal;
    struct inflate_state before; /* as it was when the running call began */
    const char *damage;          /* met, but told only when the bytes before it were given */
} isal_inflater;

/* ISA-L's CRC for AVX-512 (as of 2.30) ends without vzeroupper. Every SSE instruction that comes
 * after it, in whatever code, would then depend on the upper half of its register, and run at a
 * fraction of its speed (Intel 64 and IA-32 Architectures Optimization Reference Manual, "Mixing
 * AVX Code with SSE Code"). */
#ifdef __x86_64__
__attribute__((target("avx"))) static void zero_upper_halves(void)
{
    __builtin_ia32_vzeroupper();
}

static void clean_registers(void)
{
    if (__builtin_cpu_supports("avx"))
        zero_upper_halves();
}
#else
static void clean_registers(void) {}
#endif

static cp_rc isal_open(void **state, cp_error *err)
{
    isal_inflater *self;
    cp_rc rc = cp_calloc(1, sizeof *self, &self, err);
    *state = self;
    return rc;
}

static void isal_reset(void *state)
{
    isal_inflater *self = state;
    isal_inflate_init(&self->isal);
    self->damage = NULL;
}

static const char *damage_name(int code)
{
    switch (code) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
        return "a distance reaches before the start";
    default:
        return "invalid deflate data";
    }
}

static uint32_t cut_to_u32(size_t size)
{
    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

/* All but the part of the buffer that holds nothing. */
static void copy_state(struct inflate_state *to, const struct inflate_state *from)
{
    size_t held = (size_t)from->tmp_out_valid;
    memcpy(to, from, offsetof(struct inflate_state, tmp_out_buffer) + held);
}

static bool is_done(const struct inflate_state *isal)
{
    return isal->avail_out == 0 || isal->block_state == ISAL_BLOCK_FINISH;
}

/* Shows ISA-L at most `piece` bytes at a time. */
static void inflate_pieces(isal_inflater *self, cp_inflation *io, uint32_t piece)
{
    struct inflate_state *isal = &self->isal;
    uint32_t left = cut_to_u32(io->in.size), shown;
    int32_t bits_before = isal->read_in_length;
    isal->next_in = (uint8_t *)io->in.data; /* ISA-L only reads there */
    isal->next_out = io->out;
    isal->avail_out = cut_to_u32(io->capacity);
    self->damage = NULL;
    do {
        isal->avail_in = shown = left < piece ? left : piece;
        int code = isal_inflate(isal);
        left -= shown - isal->avail_in;
        if (code < 0)
            self->damage = damage_name(code);
    } while (!self->damage && left > 0 && isal->avail_in < shown && !is_done(isal));
    io->consumed = cut_to_u32(io->in.size) - left;
    io->produced = (size_t)(isal->next_out - io->out);
    io->progress = io->consumed > 0 || io->produced > 0 || isal->read_in_length != bits_before;
}

/* ISA-L's fast loop counts the bytes of a copy before it looks where they would come from (as of
 * 2.30), and what it counts then was never written. Within 8 bytes of the end of what it is shown
 * it takes a careful loop. So what led to damage is done once more, with care. */
static void inflate_some(isal_inflater *self, cp_inflation *io)
{
    enum { CAREFUL_BYTES = 8 };
    copy_state(&self->before, &self->isal);
    inflate_pieces(self, io, UINT32_MAX);
    if (!self->damage)
        return;
    copy_state(&self->isal, &self->before);
    inflate_pieces(self, io, CAREFUL_BYTES);
}

static void give_what_waits(isal_inflater *self, cp_inflation *io)
{
    struct inflate_state *isal = &self->isal;
    size_t waiting = (size_t)(isal->tmp_out_valid - isal->tmp_out_processed);
    size_t room = io->capacity - io->produced;
    size_t size = waiting < room ? waiting : room;
    memcpy(io->out + io->produced, isal->tmp_out_buffer + isal->tmp_out_processed, size);
    isal->tmp_out_processed += (int32_t)size;
    io->produced += size;
    io->progress = true;
    if (size == waiting)
        io->damage = self->damage;
}

/* The bits of the last, broken byte are deflate's padding; behind them come whole bytes. */
static void take_back_what_is_ahead(const isal_inflater *self, cp_inflation *io)
{
    uint64_t bits = self->isal.read_in >> (self->isal.read_in_length % 8);
    io->ahead_bytes = (size_t)(self->isal.read_in_length / 8);
    for (size_t i = 0; i < io->ahead_bytes; i++)
        io->ahead[i] = (uint8_t)(bits >> (8 * i));
}

static cp_rc isal_run(void *state, cp_inflation *io, cp_error *err)
{
    (void)err;
    isal_inflater *self = state;
    if (!self->damage)
        inflate_some(self, io);
    if (self->damage)
        give_what_waits(self, io);
    io->ended = !self->damage && self->isal.block_state == ISAL_BLOCK_FINISH;
    if (io->ended)
        take_back_what_is_ahead(self, io);
    return CP_OK;
}

static uint32_t isal_crc32(uint32_t crc, const uint8_t *bytes, size_t size)
{
    crc = crc32_gzip_refl(crc, bytes, size);
    clean_registers();
    return crc;
}

static cp_rc gzip_open(cp_source *compressed, size_t window_limit_bytes, cp_stream **out,
                       cp_error *err)
{
    (void)window_limit_bytes; /* deflate never looks back further than 32 KiB */
    static const cp_inflater inflater = {isal_open, isal_reset, isal_run, free, isal_crc32};
    return cp_gzip_open(&inflater, compressed, out, err);
}

const cp_codec cp_codec_gzip_isal = {
    .name = "gzip",
    .extension = ".gz",
    .probe = cp_gzip_probe,
    .open = gzip_open,
    .compress = cp_gzip_compress,
};
