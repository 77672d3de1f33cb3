/* Bytes out: a file being published, a compressor over it, memory in tests. */
#ifndef CP_CORE_WRITER_H
#define CP_CORE_WRITER_H

#include "pipeline/core/error.h"

/* One thread at a time. */
typedef struct cp_writer {
    /* All of `bytes`, one at least, or a failure. */
    cp_rc (*write)(struct cp_writer *, const void *bytes, size_t size, cp_error *);
    /* Whatever has to come last; the only way to success. Once. */
    cp_rc (*finish)(struct cp_writer *, cp_error *);
    void (*close)(struct cp_writer *); /* frees the writer, finished or not */
} cp_writer;

/* Nothing may be NULL. */
static inline cp_rc cp_write(cp_writer *writer, const void *bytes, size_t size, cp_error *err)
{
    return size ? writer->write(writer, bytes, size, err) : CP_OK;
}

/* printf into a writer; lines of up to 64 KiB. CP_E_BUG beyond. */
cp_rc cp_writef(cp_writer *writer, cp_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
