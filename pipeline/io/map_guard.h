/* Files that shrink while they are mapped: the kernel answers a read behind the new end with
 * SIGBUS. The guard puts zeros where the bytes were, so that the reader goes on, and marks the
 * buffer as lost, so that what was read is thrown away and the run ends with an error. */
#ifndef CP_IO_MAP_GUARD_H
#define CP_IO_MAP_GUARD_H

#include "pipeline/core/buffer.h"

/* Watches `length` bytes from buffer->data on, until the mapping is given back. Any thread. false
 * where as many mappings are watched as can be: then the file is to be read, not mapped. */
bool cp_map_guard_add(cp_buffer *buffer, size_t length);
void cp_map_guard_remove(const cp_buffer *buffer);

#endif
