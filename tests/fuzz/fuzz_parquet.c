/* Any bytes as a Parquet file: described, or refused with the byte; in memory that the file's size
 * bounds; and every bound of what is described has a text. */
#include "formats/parquet/meaning.h"
#include "formats/parquet/survey.h"
#include "pipeline/text/utf8.h"
#include "tests/fuzz/streams.h"
#include "tests/fuzz/support.h"

/* What a byte of the footer may stand for, what one decompressor holds, and a header's window. */
enum { TIMES_MAX = 64, OVERHEAD_BYTES = 2 << 20 };

typedef struct memory_file {
    cp_seekable base;
    const uint8_t *data;
} memory_file;

static cp_rc memory_read(cp_seekable *seekable, uint64_t offset, void *out, size_t size,
                         cp_error *err)
{
    (void)err;
    CHECK(offset <= seekable->bytes && size <= seekable->bytes - offset);
    if (size)
        memcpy(out, ((memory_file *)seekable)->data + offset, size);
    return CP_OK;
}

static void memory_pass(cp_seekable *seekable, uint64_t offset)
{
    CHECK(offset <= seekable->bytes);
}

static void check_bound(const cp_parquet_node *leaf, cp_span value)
{
    cp_bytes text = {0};
    bool is_number;
    CHECK(cp_parquet_value_text(&leaf->element, value, &text, &is_number, NULL) == CP_OK);
    CHECK(cp_utf8_valid((cp_span){text.data, text.size}) == text.size);
    CHECK(!is_number || text.size > 0);
    cp_bytes_free(&text);
}

static void check_chunk(const cp_parquet_survey *s, size_t i)
{
    const cp_parquet_chunk_survey *chunk = &s->chunks[i];
    const cp_parquet_node *leaf = cp_parquet_leaf(&s->tree, i % s->tree.leaf_count);
    const cp_parquet_statistics *statistics = &chunk->said.metadata.statistics;
    const cp_parquet_pages *pages = &chunk->pages;
    uint64_t all = pages->data_pages + pages->dictionary_pages + pages->index_pages;
    CHECK(pages->checksums <= all && pages->unpacked <= all);
    CHECK(pages->v2_pages <= pages->data_pages && pages->dictionary_pages <= 1);
    CHECK(chunk->offset <= s->footer_offset);
    check_bound(leaf, statistics->min);
    check_bound(leaf, statistics->max);
    check_bound(leaf, statistics->old_min);
    check_bound(leaf, statistics->old_max);
}

static void check_survey(const cp_parquet_survey *s)
{
    CHECK(s->footer_offset + s->footer_bytes + 8 == s->file->bytes);
    if (s->footer_is_encrypted)
        return;
    CHECK(s->chunk_count == s->group_count * s->tree.leaf_count);
    for (size_t i = 0; i < s->tree.node_count; i++) {
        char name[CP_PARQUET_MEANING_BYTES];
        cp_parquet_meaning meaning = cp_parquet_meaning_of(&s->tree.nodes[i].element);
        CHECK(strlen(cp_parquet_meaning_name(&meaning, name)) < sizeof name);
    }
    for (size_t i = 0; i < s->chunk_count; i++)
        check_chunk(s, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memory_file file = {{size, memory_read, memory_pass, NULL}, data};
    cp_parquet_survey survey;
    cp_error err = {0};
    size_t held = cp_fuzz_heap_bytes();
    cp_rc rc = cp_parquet_survey_open(&file.base, &survey, &err);
    if (!rc)
        rc = cp_parquet_survey_pages(&survey, &err);
    CHECK(cp_fuzz_heap_bytes() <= held + size * TIMES_MAX + OVERHEAD_BYTES);
    if (rc) {
        CHECK(rc == CP_E_DATA && err.has_byte && err.byte <= size);
        cp_fuzz_check_error(rc, &err);
    } else {
        check_survey(&survey);
    }
    cp_parquet_survey_close(&survey);
    return 0;
}
