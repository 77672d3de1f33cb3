/* Any bytes through every archive format that takes them for its own: the same members with the
 * same bytes and the same end, however the archive arrives and its members are asked for; from a
 * pipe, and where the format seeks, from a file. */
#include "formats/archive/containers.h"
#include "tests/fuzz/streams.h"
#include "tests/fuzz/support.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

/* Some KB can stand for gigabytes, or for thousands of members; enough is enough. */
enum { OUTPUT_MAX = 3 << 19, MEMBERS_MAX = 1000, POOL_BYTES = 1000 };

typedef struct manner {
    size_t piece, size; /* as the archive arrives, and members are asked for */
} manner;

static const manner manners[] = {
    {SIZE_MAX, 64 << 10},
    {SIZE_MAX, CP_FUZZ_GROWING},
    {7, 64 << 10},
    {CP_FUZZ_GROWING, 4099},
};

/* Members are closed unread. */
static const manner names_only = {SIZE_MAX, SIZE_MAX};

/* What a walk over an archive came to. */
typedef struct walk {
    cp_rc rc; /* CP_END: to its end; CP_MORE: given up, since there was more than enough */
    cp_error err;
    uint64_t members, size;      /* `size`: of their bytes */
    XXH64_hash_t names, content; /* digests; `names` with the sizes that members promise */
} walk;

typedef struct walker {
    cp_archive *archive;
    manner how;
    walk result;
    XXH64_state_t *names, *content;
} walker;

static void add(XXH64_state_t *hash, const void *bytes, size_t size)
{
    CHECK(XXH64_update(hash, bytes, size) == XXH_OK);
}

/* A name is shown in one line and in a bounded place, whatever it holds. */
static void check_name(const char *name)
{
    cp_error err = {.message = "m"};
    char text[sizeof err.input * 4 + 64];
    CHECK(name && strlen(name) < CP_ERROR_PATH_BYTES);
    cp_error_in(&err, name);
    cp_error_text(&err, text, sizeof text);
    for (const char *p = text; *p; p++)
        CHECK((unsigned char)*p >= ' ' && *p != 0x7F);
}

static void read_member(walker *self, cp_stream *stream)
{
    cp_fuzz_reading reading = cp_fuzz_read(stream, self->how.size, OUTPUT_MAX - self->result.size);
    self->result.size += reading.size;
    self->result.rc = reading.rc;
    self->result.err = reading.err;
    add(self->content, &reading.size, sizeof reading.size);
    add(self->content, &reading.digest, sizeof reading.digest);
}

static void step(walker *self)
{
    cp_member member = {0};
    self->result.rc = self->archive->next(self->archive, &member, &self->result.err);
    if (self->result.rc) {
        CHECK(self->result.rc == CP_END || cp_failed(self->result.rc));
        return;
    }
    check_name(member.name);
    self->result.members++;
    add(self->names, member.name, strlen(member.name) + 1);
    add(self->names, &member.bytes, sizeof member.bytes);
    if (self->how.size != SIZE_MAX)
        read_member(self, member.stream);
    member.stream->close(member.stream);
    if (self->result.size >= OUTPUT_MAX || self->result.members >= MEMBERS_MAX)
        self->result.rc = CP_MORE;
}

static void open_walker(walker *self)
{
    self->names = XXH64_createState();
    self->content = XXH64_createState();
    CHECK(self->names && XXH64_reset(self->names, 0) == XXH_OK);
    CHECK(self->content && XXH64_reset(self->content, 0) == XXH_OK);
}

static walk close_walker(walker *self)
{
    self->result.names = XXH64_digest(self->names);
    self->result.content = XXH64_digest(self->content);
    XXH64_freeState(self->names);
    XXH64_freeState(self->content);
    if (cp_failed(self->result.rc))
        cp_fuzz_check_error(self->result.rc, &self->result.err);
    return self->result;
}

static walk walk_archive(const cp_container *container, cp_span data, const char *path, manner how)
{
    cp_error err = {0};
    cp_pool *pool;
    walker self = {.how = how};
    open_walker(&self);
    CHECK_OK(cp_pool_new(POOL_BYTES, &pool, &err), &err);
    self.result.rc = container->open(cp_fuzz_source(data, how.piece, pool), path, &self.archive,
                                     &self.result.err);
    if (!self.result.rc) {
        do
            step(&self);
        while (self.result.rc == CP_OK);
        self.archive->close(self.archive);
    }
    cp_pool_free(pool);
    return close_walker(&self);
}

static void check_same_walk(const walk *a, const walk *b)
{
    if (cp_failed(a->rc) && cp_failed(b->rc))
        cp_fuzz_check_same_error(&a->err, &b->err);
    CHECK(a->rc == b->rc);
    CHECK(a->members == b->members && a->names == b->names);
    CHECK(a->size == b->size && a->content == b->content);
}

/* What is passed over is not looked into, so damage may be told in one walk and not in the other;
 * but where neither tells any, they saw the same. */
static void check_names_only(const walk *all, const walk *names)
{
    if (all->rc == CP_END && names->rc == CP_END)
        CHECK(all->members == names->members && all->names == names->names);
}

static void check_container(const cp_container *container, cp_span data, const char *path)
{
    walk first = walk_archive(container, data, path, manners[0]);
    for (size_t i = 1; i < sizeof manners / sizeof *manners; i++) {
        walk other = walk_archive(container, data, path, manners[i]);
        check_same_walk(&first, &other);
    }
    walk names = walk_archive(container, data, path, names_only);
    check_names_only(&first, &names);
}

static void check_bytes(cp_span bytes)
{
    char path[64];
    int fd = memfd_create("archive", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (size_t i = 0; cp_containers[i]; i++) {
        if (cp_containers[i]->probe(bytes) == 0)
            continue;
        check_container(cp_containers[i], bytes, NULL);
        check_container(cp_containers[i], bytes, path);
    }
    close(fd);
}

static void set_little(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

/* The checksum of what may be a header, as tar has it: the field itself counts as spaces. */
static void sign_tar_header(uint8_t *header)
{
    enum { BLOCK_BYTES = 512, CHECKSUM_AT = 148, CHECKSUM_BYTES = 8 };
    unsigned sum = 0;
    memset(header + CHECKSUM_AT, ' ', CHECKSUM_BYTES);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sum += header[i];
    for (int i = 5; i >= 0; i--, sum /= 8)
        header[CHECKSUM_AT + i] = (uint8_t)('0' + sum % 8);
}

static void sign_tar(uint8_t *bytes, size_t size)
{
    enum { BLOCK_BYTES = 512, MAGIC_AT = 257 };
    for (size_t at = 0; at + BLOCK_BYTES <= size; at += BLOCK_BYTES)
        if (memcmp(bytes + at + MAGIC_AT, "ustar", 5) == 0)
            sign_tar_header(bytes + at);
}

/* The directory's CRC-32, and that of the first bytes, which say where the directory is. */
static void sign_7z(uint8_t *bytes, size_t size)
{
    enum { START_BYTES = 32, COVERED_AT = 12, PLACE_AT = 12, SIZE_AT = 20, CRC_AT = 28 };
    uint64_t place, length;
    if (size < START_BYTES || memcmp(bytes, "7z", 2) != 0)
        return;
    memcpy(&place, bytes + PLACE_AT, sizeof place);
    memcpy(&length, bytes + SIZE_AT, sizeof length);
    place = le64toh(place);
    length = le64toh(length);
    if (place <= size - START_BYTES && length <= size - START_BYTES - place)
        set_little(bytes + CRC_AT, (uint32_t)crc32_z(0, bytes + START_BYTES + place, length));
    set_little(bytes + 8, (uint32_t)crc32_z(0, bytes + COVERED_AT, START_BYTES - COVERED_AT));
}

/* As they are, and once more with the checksums put right that would hide what lies behind them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    CHECK(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    check_bytes((cp_span){data, size});
    sign_tar(copy, size);
    sign_7z(copy, size);
    if (size && memcmp(copy, data, size) != 0)
        check_bytes((cp_span){copy, size});
    free(copy);
    return 0;
}
