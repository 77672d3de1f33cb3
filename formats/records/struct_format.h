/* The input format "struct": records of one fixed size, packed as Python's struct module does.
 *
 *   split    blocks of the largest multiple of the record size within CP_BLOCK_TARGET_BYTES; only
 *            an input's last block may hold less, and a tail shorter than a record
 *   decode   64 records at a time, column by column; the tail is a reject
 *
 * The plan needs the schema's layout and layout_fields. Which code may feed which field:
 *
 *   b B h H i I l L q Q   integers; floats (exact values only); enums (symbol positions);
 *                         timestamps with an epoch encoding
 *   ?                     bool (any byte but zero is true)
 *   e f d                 floats (d into float32: exact values only); timestamps with an epoch
 *                         encoding
 *   c s                   string; enums (symbols); timestamps in RFC 3339. NUL bytes at the end of
 *                         an s are no part of the text
 *
 * Fields that the layout does not feed are null, required ones too: `required` is judged only
 * where a value is fed. */
#ifndef CP_FORMATS_RECORDS_STRUCT_FORMAT_H
#define CP_FORMATS_RECORDS_STRUCT_FORMAT_H

#include "pipeline/core/format.h"

extern const cp_format_type cp_struct_format;

typedef enum cp_struct_path {
    CP_STRUCT_CELLS, /* each value goes through pipeline/core/cell.h */
    CP_STRUCT_PORTABLE,
    CP_STRUCT_AVX2,
} cp_struct_path;

/* For tests: the kernels that decoders of this plan use for whole runs of values; a new plan takes
 * the fastest that the machine has. Results are the same. Not while a decoder is open. false: the
 * machine lacks these, and nothing has changed. */
bool cp_struct_use_kernels(cp_format *format, cp_struct_path path);

#endif
