/* What the fuzz targets share: a check that stops the program, blocks as decoders see them, and a
 * walk over a splitter's cuts. */
#ifndef CP_TESTS_FUZZ_SUPPORT_H
#define CP_TESTS_FUZZ_SUPPORT_H

#include "pipeline/core/format.h"

/* The entry of every target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold. Says where and what, then aborts. */
#define CHECK(condition) ((condition) ? (void)0 : cp_fuzz_failed(#condition, __FILE__, __LINE__))
_Noreturn void cp_fuzz_failed(const char *what, const char *file, int line);

/* As CHECK(rc == CP_OK), and says the error. */
#define CHECK_OK(rc, err) cp_fuzz_check_ok(rc, err, __FILE__, __LINE__)
void cp_fuzz_check_ok(cp_rc rc, const cp_error *err, const char *file, int line);

/* A failed call says what and why: the code it returned, a reason and a message. */
void cp_fuzz_check_error(cp_rc rc, const cp_error *err);

/* Takes the first byte off the input, 0 where there is none: a choice. */
uint8_t cp_fuzz_take(const uint8_t **data, size_t *size);

/* A block that is the whole of an input: in a buffer of its own that ends with the padding, so that
 * any read beyond is seen; '\n' behind the bytes, as sources do. Release with cp_block_release. */
cp_block cp_fuzz_block(const uint8_t *data, size_t size);

/* Gives the block, which is the whole of its input, what its records stand under, if the format has
 * that. CP_E_DATA: it is damaged. */
cp_rc cp_fuzz_open(const cp_format *plan, cp_block *block);

/* What decoding a block came to. The digests are over the wanted values in row order, and over
 * places, reasons and messages of the rejects. */
typedef struct cp_fuzz_result {
    uint64_t records, rows, rejects;
    uint64_t row_digest, reject_digest;
} cp_fuzz_result;

/* Decodes a whole block with a decoder of its own, in batches of `capacity` rows, and checks what
 * holds for every format: the cursor moves forward and ends at the block's size, rows and rejects
 * add up to the records, every reject lies inside the block and behind the one before, and there
 * are as many records as they stand (find_record). */
cp_fuzz_result cp_fuzz_decode(const cp_format *plan, const cp_schema *schema, const cp_block *block,
                              uint32_t capacity);

/* The same records, values and rejects; or the same but for the values, which one of them may not
 * have kept. */
bool cp_fuzz_same(const cp_fuzz_result *a, const cp_fuzz_result *b);
bool cp_fuzz_same_verdicts(const cp_fuzz_result *a, const cp_fuzz_result *b);

/* A hash of the cuts that a new splitter makes of `bytes`, shown `step` bytes more at each
 * CP_MORE. Cuts that pass over parts of one record, or of what lies between records, count as one,
 * since where they part depends on what is shown. `late_end`: the end is told only when everything
 * was shown before. Checks that the cuts follow each other without gaps to the end of the bytes, or
 * to an error, which is hashed too. */
uint64_t cp_fuzz_cuts(const cp_format *plan, cp_span bytes, size_t step, bool late_end);

#endif
