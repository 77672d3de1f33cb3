/* The decoder of struct records, as cp_format_type has it. */
#ifndef CP_FORMATS_RECORDS_STRUCT_DECODER_H
#define CP_FORMATS_RECORDS_STRUCT_DECODER_H

#include "pipeline/core/format.h"

cp_rc cp_struct_decoder_open(const cp_format *format, cp_decoder **out, cp_error *err);
void cp_struct_decoder_close(cp_decoder *decoder);
cp_rc cp_struct_decode(cp_decoder *decoder, const cp_block *block, cp_cursor *cursor,
                       cp_batch *batch, cp_rejects *rejects, cp_error *err);

#endif
