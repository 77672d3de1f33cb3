/* Telling archives by their first bytes, and whether they were read to their end. */
#ifndef CP_FORMATS_ARCHIVE_PROBES_H
#define CP_FORMATS_ARCHIVE_PROBES_H

#include "pipeline/core/span.h"

/* As cp_container.probe has it. */
int cp_probe_tar(cp_span head);
int cp_probe_zip(cp_span head);
int cp_probe_7z(cp_span head);
int cp_probe_cpio(cp_span head);

/* Zeros alone, as they stand behind an end mark. */
bool cp_is_padding(cp_span bytes);

/* Whether `end`, what stands behind the last member, ends with a tar's end mark: two blocks of
 * zeros (POSIX.1-2017, pax, "ustar Interchange Format"). */
bool cp_tar_end_is_marked(cp_span end);

/* Whether `end`, what stands behind the last member, is just the trailer of a cpio archive: a
 * header for the name "TRAILER!!!" (POSIX.1-2017, pax, "cpio Interchange Format"; cpio(5) for the
 * new formats). */
bool cp_cpio_end_is_marked(cp_span end);

/* Whether `last`, the last bytes of a zip file, hold its end of central directory record (APPNOTE
 * 6.3.10, section 4.3.16), complete with its comment. *entry_count is how many entries it promises,
 * in 16 bits; CP_ZIP_COUNT_ELSEWHERE says that a zip64 record may know better. */
enum { CP_ZIP_END_BYTES_MAX = 22 + 65535, CP_ZIP_COUNT_ELSEWHERE = 0xFFFF };
bool cp_zip_end_is_there(cp_span last, uint16_t *entry_count);

/* Whether an end of central directory record stands in `last`, which begins at byte `last_at` of a
 * zip file, right behind the directory that it speaks of, and is not the end. Those of zips within
 * the zip speak of other places. */
bool cp_zip_goes_on_behind_end(cp_span last, uint64_t last_at);

/* Whether `head`, the first bytes of a 7z file, have the CRC-32 that they promise (7-Zip,
 * DOC/7zFormat.txt, "SignatureHeader"); libarchive does not look (as of 3.6.2). */
enum { CP_7Z_START_BYTES = 32 };
bool cp_7z_start_is_sound(cp_span head);

#endif
