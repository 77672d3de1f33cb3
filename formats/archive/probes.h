/* Telling archives by their first bytes, and whether they were read to their end. */
#ifndef CP_FORMATS_ARCHIVE_PROBES_H
#define CP_FORMATS_ARCHIVE_PROBES_H

#include "pipeline/core/span.h"

/* As cp_container.probe has it. */
int cp_probe_tar(cp_span head);
int cp_probe_zip(cp_span head);
int cp_probe_7z(cp_span head);
int cp_probe_cpio(cp_span head);

/* Whether `last`, the bytes up to where a tar reader stopped, end with its end marker: two blocks
 * of zeros (POSIX.1-2017, pax, "ustar Interchange Format"). */
bool cp_tar_end_is_marked(cp_span last);

/* Whether `last`, the last bytes of a zip file, hold its end of central directory record (APPNOTE
 * 6.3.10, section 4.3.16), complete with its comment. */
enum { CP_ZIP_END_BYTES_MAX = 22 + 65535 };
bool cp_zip_end_is_there(cp_span last);

#endif
