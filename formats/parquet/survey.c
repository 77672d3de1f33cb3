/* The two ends of a Parquet file, its footer, and the order in which all is checked. */
#include "formats/parquet/survey.h"

#include "formats/parquet/chunk_check.h"
#include "formats/parquet/damage.h"
#include "formats/parquet/extents.h"
#include "formats/parquet/page_walk.h"
#include "pipeline/text/utf8.h"

#include <inttypes.h>
#include <stdio.h>

/* README.md, "File format": magic, pages and indexes, footer, its length in 4 bytes, magic. */
enum {
    LENGTH_BYTES = 4,
    TAIL_BYTES = LENGTH_BYTES + CP_PARQUET_MAGIC_BYTES,
    SMALLEST_BYTES = CP_PARQUET_MAGIC_BYTES + TAIL_BYTES,
    SIGNATURE_BYTES = 28, /* Encryption.md, "Plaintext Footer Mode": nonce 12, tag 16 */
};

/* ---- the ends ---- */

static bool is_magic(const uint8_t *bytes, const char *magic)
{
    return memcmp(bytes, magic, CP_PARQUET_MAGIC_BYTES) == 0;
}

static bool is_any_magic(const uint8_t *bytes)
{
    return is_magic(bytes, CP_PARQUET_MAGIC) || is_magic(bytes, CP_PARQUET_ENCRYPTED_MAGIC);
}

cp_rc cp_parquet_probe(cp_seekable *file, bool *is_parquet, cp_error *err)
{
    uint8_t first[CP_PARQUET_MAGIC_BYTES], last[CP_PARQUET_MAGIC_BYTES];
    *is_parquet = false;
    if (file->bytes < CP_PARQUET_MAGIC_BYTES)
        return CP_OK;
    cp_rc rc = file->read(file, 0, first, sizeof first, err);
    if (!rc)
        rc = file->read(file, file->bytes - sizeof last, last, sizeof last, err);
    *is_parquet = !rc && (is_any_magic(first) || is_any_magic(last));
    return rc;
}

static cp_rc cut_off(uint64_t byte, cp_error *err, const char *text)
{
    cp_fail(err, CP_E_DATA, "truncated_input", "%s", text);
    cp_error_at_byte(err, byte);
    return CP_E_DATA;
}

/* Both magics, and where the footer is. */
static cp_rc read_ends(cp_parquet_survey *self, cp_error *err)
{
    cp_seekable *file = self->file;
    uint8_t first[CP_PARQUET_MAGIC_BYTES], tail[TAIL_BYTES];
    if (file->bytes < SMALLEST_BYTES)
        return cut_off(file->bytes, err, "the file is shorter than any Parquet file");
    uint64_t tail_offset = file->bytes - TAIL_BYTES;
    cp_rc rc = file->read(file, 0, first, sizeof first, err);
    if (!rc)
        rc = file->read(file, tail_offset, tail, sizeof tail, err);
    if (rc)
        return rc;
    const uint8_t *magic = tail + LENGTH_BYTES;
    if (!is_any_magic(magic))
        return cut_off(tail_offset + LENGTH_BYTES, err,
                       "the file is cut off or damaged: it does not end with PAR1");
    if (memcmp(first, magic, sizeof first) != 0)
        return cp_parquet_damaged(err, 0, "the file does not begin as it ends, with %.4s", magic);
    self->footer_is_encrypted = is_magic(magic, CP_PARQUET_ENCRYPTED_MAGIC);
    self->footer_bytes = (uint64_t)tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 |
                         (uint64_t)tail[3] << 24;
    if (self->footer_bytes > tail_offset - CP_PARQUET_MAGIC_BYTES)
        return cp_parquet_damaged(err, tail_offset,
                                  "the footer is said to have %" PRIu64
                                  " bytes, and the file has room for %" PRIu64,
                                  self->footer_bytes, tail_offset - CP_PARQUET_MAGIC_BYTES);
    self->footer_offset = tail_offset - self->footer_bytes;
    return CP_OK;
}

/* ---- the footer ---- */

static cp_rc load_footer(cp_parquet_survey *self, cp_error *err)
{
    cp_rc rc = cp_bytes_reserve(&self->footer, (size_t)self->footer_bytes, err);
    if (!rc)
        rc = self->file->read(self->file, self->footer_offset, self->footer.data,
                              (size_t)self->footer_bytes, err);
    self->footer.size = (size_t)self->footer_bytes;
    return rc;
}

static cp_rc read_crypto_metadata(cp_parquet_survey *self, cp_thrift_reader *at, cp_error *err)
{
    cp_parquet_crypto_metadata crypto = {0};
    cp_rc rc = cp_thrift_read(at, &cp_parquet_crypto_metadata_shape, &crypto, err);
    self->encryption = crypto.algorithm;
    return rc;
}

static cp_rc read_metadata(cp_parquet_survey *self, cp_thrift_reader *at, cp_error *err)
{
    cp_rc rc = cp_thrift_read(at, &cp_parquet_file_metadata_shape, &self->said, err);
    self->encryption = self->said.encryption;
    size_t signature = cp_thrift_has(self->said.has, CP_FILE_ENCRYPTION) ? SIGNATURE_BYTES : 0;
    if (!rc && at->bytes.size - at->at != signature)
        rc = cp_thrift_damaged(at, err, "%zu bytes stand behind it", at->bytes.size - at->at);
    return rc;
}

static cp_rc check_text(const cp_thrift_reader *at, cp_span text, const char *what, cp_error *err)
{
    return cp_utf8_valid(text) == text.size ? CP_OK
                                            : cp_thrift_damaged(at, err, "%s is no UTF-8", what);
}

cp_rc cp_parquet_key_value_read(cp_thrift_reader *at, cp_parquet_key_value *out, cp_error *err)
{
    *out = (cp_parquet_key_value){0};
    cp_rc rc = cp_thrift_read(at, &cp_parquet_key_value_shape, out, err);
    return rc ? rc : check_text(at, out->key, "a key", err);
}

static cp_rc check_texts(const cp_parquet_survey *self, const cp_thrift_reader *footer,
                         cp_error *err)
{
    cp_thrift_reader at = self->said.key_values.reader;
    cp_rc rc = check_text(footer, self->said.created_by, "created_by", err);
    for (size_t i = 0; !rc && i < self->said.key_values.count; i++) {
        cp_parquet_key_value entry;
        rc = cp_parquet_key_value_read(&at, &entry, err);
    }
    for (size_t i = 0; !rc && i < self->tree.node_count; i++)
        rc = check_text(footer, self->tree.nodes[i].element.name, "a field's name", err);
    return rc;
}

static cp_rc check_version(const cp_parquet_survey *self, const cp_thrift_reader *footer,
                           cp_error *err)
{
    int32_t version = self->said.version;
    return version == 1 || version == 2
               ? CP_OK
               : cp_thrift_damaged(footer, err, "version %d of the format is unknown", version);
}

/* ---- groups and chunks ---- */

/* Which chunk an error is about, unless it says so itself. */
static void name_chunk(const cp_parquet_survey *self, size_t chunk, cp_error *err)
{
    const cp_parquet_node *leaf = cp_parquet_leaf(&self->tree, chunk % self->tree.leaf_count);
    if (err && err->field[0] == '\0')
        snprintf(err->field, sizeof err->field, "row group %zu, %s",
                 chunk / self->tree.leaf_count + 1, leaf->path);
}

static cp_rc read_chunk(cp_parquet_survey *self, const cp_parquet_row_group *group, size_t column,
                        cp_thrift_reader *at, cp_error *err)
{
    cp_parquet_chunk_survey *chunk = &self->chunks[self->chunk_count];
    *chunk = (cp_parquet_chunk_survey){0};
    cp_rc rc = cp_thrift_read(at, &cp_parquet_column_chunk_shape, &chunk->said, err);
    if (!rc)
        rc = cp_parquet_chunk_check(&self->tree, column, group->row_count, self->footer_offset, at,
                                    chunk, err);
    if (rc)
        name_chunk(self, self->chunk_count, err);
    self->chunk_count++;
    return rc;
}

static cp_rc read_chunks(cp_parquet_survey *self, const cp_parquet_row_group *group,
                         const cp_thrift_reader *footer, cp_error *err)
{
    cp_thrift_reader at = group->columns.reader;
    if (group->columns.count != self->tree.leaf_count)
        return cp_thrift_damaged(footer, err, "row group %zu has %zu columns, the schema %zu",
                                 self->group_count + 1, group->columns.count,
                                 self->tree.leaf_count);
    cp_rc rc = cp_grow(&self->chunks, &self->chunk_capacity,
                       self->chunk_count + group->columns.count, sizeof *self->chunks, err);
    for (size_t i = 0; !rc && i < group->columns.count; i++)
        rc = read_chunk(self, group, i, &at, err);
    return rc;
}

static bool sum_is(int64_t said, uint64_t sum)
{
    return said >= 0 && (uint64_t)said == sum;
}

/* The group's sum is that of its chunks, where all of them are known. total_byte_size is not looked
 * at: writers differ in what they count there. */
static cp_rc check_group(const cp_parquet_survey *self, const cp_parquet_group_survey *group,
                         const cp_thrift_reader *footer, cp_error *err)
{
    uint64_t stored = 0;
    for (size_t i = group->first_chunk; i < self->chunk_count; i++) {
        const cp_parquet_chunk_survey *chunk = &self->chunks[i];
        if (chunk->is_encrypted || chunk->is_elsewhere)
            return CP_OK;
        stored += (uint64_t)chunk->said.metadata.stored_bytes;
    }
    if (cp_thrift_has(group->said.has, CP_GROUP_STORED_BYTES) &&
        !sum_is(group->said.stored_bytes, stored))
        return cp_thrift_damaged(footer, err,
                                 "row group %zu is said to have %" PRId64
                                 " compressed bytes, its columns have %" PRIu64,
                                 self->group_count + 1, group->said.stored_bytes, stored);
    return CP_OK;
}

static cp_rc read_group(cp_parquet_survey *self, cp_thrift_reader *at, cp_error *err)
{
    cp_rc rc = cp_grow(&self->groups, &self->group_capacity, self->group_count + 1,
                       sizeof *self->groups, err);
    if (rc)
        return rc;
    cp_parquet_group_survey *group = &self->groups[self->group_count];
    *group = (cp_parquet_group_survey){.first_chunk = self->chunk_count};
    rc = cp_thrift_read(at, &cp_parquet_row_group_shape, &group->said, err);
    if (!rc && (group->said.row_count < 0 || group->said.plain_bytes < 0))
        rc =
            cp_thrift_damaged(at, err, "row group %zu has a negative count", self->group_count + 1);
    if (!rc)
        rc = read_chunks(self, &group->said, at, err);
    if (!rc)
        rc = check_group(self, group, at, err);
    self->group_count++;
    return rc;
}

static cp_rc read_groups(cp_parquet_survey *self, const cp_thrift_reader *footer, cp_error *err)
{
    cp_thrift_reader at = self->said.row_groups.reader;
    uint64_t rows = 0;
    cp_rc rc = CP_OK;
    for (size_t i = 0; !rc && i < self->said.row_groups.count; i++) {
        rc = read_group(self, &at, err);
        rows += rc ? 0 : (uint64_t)self->groups[i].said.row_count;
    }
    if (!rc && !sum_is(self->said.row_count, rows))
        rc = cp_thrift_damaged(
            footer, err, "the file is said to have %" PRId64 " rows, its row groups have %" PRIu64,
            self->said.row_count, rows);
    return rc;
}

/* ---- the whole ---- */

static cp_rc read_footer(cp_parquet_survey *self, cp_error *err)
{
    cp_thrift_reader at = {.what = "footer",
                           .bytes = {self->footer.data, self->footer.size},
                           .offset = self->footer_offset};
    if (self->footer_is_encrypted)
        return read_crypto_metadata(self, &at, err);
    cp_rc rc = read_metadata(self, &at, err);
    if (!rc)
        rc = check_version(self, &at, err);
    if (!rc)
        rc = cp_parquet_tree_read(&self->said, &self->tree, err);
    if (!rc)
        rc = check_texts(self, &at, err);
    if (!rc)
        rc = read_groups(self, &at, err);
    return rc ? rc : cp_parquet_extents_check(self, err);
}

cp_rc cp_parquet_survey_open(cp_seekable *file, cp_parquet_survey *out, cp_error *err)
{
    *out = (cp_parquet_survey){.file = file};
    cp_rc rc = read_ends(out, err);
    if (!rc)
        rc = load_footer(out, err);
    return rc ? rc : read_footer(out, err);
}

cp_rc cp_parquet_survey_pages(cp_parquet_survey *self, cp_error *err)
{
    cp_parquet_walk walk;
    cp_rc rc = cp_parquet_walk_open(&walk, self->file, err);
    for (size_t i = 0; !rc && i < self->chunk_count; i++) {
        const cp_parquet_node *leaf = cp_parquet_leaf(&self->tree, i % self->tree.leaf_count);
        const cp_parquet_group_survey *group = &self->groups[i / self->tree.leaf_count];
        if (self->chunks[i].is_encrypted || self->chunks[i].is_elsewhere)
            continue;
        rc = cp_parquet_walk_chunk(&walk, leaf, group->said.row_count, &self->chunks[i], err);
        if (rc)
            name_chunk(self, i, err);
    }
    cp_parquet_walk_close(&walk);
    return rc;
}

void cp_parquet_survey_close(cp_parquet_survey *self)
{
    cp_bytes_free(&self->footer);
    cp_parquet_tree_close(&self->tree);
    free(self->groups);
    free(self->chunks);
    *self = (cp_parquet_survey){0};
}
