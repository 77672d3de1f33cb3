/* YAML files as trees whose nodes know their place: a thin reader over libyaml's document API.
 *
 *   file --read whole--> bytes --events: what we refuse--> --document: nodes--> cp_yaml_node
 *
 * Accepted is one document of lists, maps and scalars. Anchors, aliases and tags are refused: a
 * tree without them is as large as its file and means what it says. A quoted scalar is text. A
 * plain one is a number where JSON would spell it so, a truth value for true and false, null for
 * null, ~ and nothing, and text otherwise.
 *
 * Every failure here is CP_E_CONFIG with the file in `input`, `line`, the key in `field`, and the
 * column in the message; CP_E_MEMORY where memory is out. Trees are immutable: any thread may
 * read them. */
#ifndef CP_CONFIG_YAML_H
#define CP_CONFIG_YAML_H

#include "pipeline/core/buffer.h"
#include "pipeline/core/error.h"
#include "pipeline/core/span.h"
#include "pipeline/text/number.h"

typedef struct cp_yaml cp_yaml;

/* Borrowed from the tree and good until it is closed. `node` NULL: there is none. */
typedef struct cp_yaml_node {
    const cp_yaml *file;
    const struct yaml_node_s *node;
} cp_yaml_node;

typedef enum cp_yaml_kind {
    CP_YAML_TEXT,
    CP_YAML_NUMBER,
    CP_YAML_BOOL,
    CP_YAML_NULL,
    CP_YAML_LIST,
    CP_YAML_MAP,
} cp_yaml_kind;

enum {
    CP_YAML_FILE_BYTES = 16 << 20, /* longer files are refused */
    CP_YAML_NUMBER_BYTES = 1024,   /* longer plain scalars are text */
};

/* Reads a file whole and checks its syntax. Besides the above: CP_E_NOINPUT for a missing file,
 * CP_E_IO for a failed read. Close with cp_yaml_close (NULL is allowed). */
cp_rc cp_yaml_open(const char *path, cp_yaml **out, cp_error *err);
void cp_yaml_close(cp_yaml *yaml);

cp_yaml_node cp_yaml_root(const cp_yaml *yaml);

cp_yaml_kind cp_yaml_kind_of(cp_yaml_node node);

/* A scalar's text as it stands, quotes and escapes resolved; empty for lists and maps. */
cp_span cp_yaml_raw(cp_yaml_node node);

/* A list's items, or a map's pairs; 0 for scalars. */
size_t cp_yaml_count(cp_yaml_node node);
cp_yaml_node cp_yaml_item(cp_yaml_node list, size_t index);

/* Finds the values of a map's keys: values[i] is that of keys[i], its `node` NULL where the key
 * is absent. Fails for what is no map, and for an unknown, repeated or non-text key. `key` names
 * the map in such errors. */
cp_rc cp_yaml_map(cp_yaml_node map, const char *key, const char *const *keys, size_t key_count,
                  cp_yaml_node *values, cp_error *err);

/* The value under `key`, which must be of that kind. Text may be empty or hold NUL bytes, a name
 * may be empty, a string neither. All live as long as the tree. */
cp_rc cp_yaml_list(cp_yaml_node node, const char *key, cp_error *err);
cp_rc cp_yaml_text(cp_yaml_node node, const char *key, cp_span *out, cp_error *err);
cp_rc cp_yaml_name(cp_yaml_node node, const char *key, const char **out, cp_error *err);
cp_rc cp_yaml_string(cp_yaml_node node, const char *key, const char **out, cp_error *err);
cp_rc cp_yaml_bool(cp_yaml_node node, const char *key, bool *out, cp_error *err);

/* A number, spelled in `bytes`, to which `decimal` points: not to be copied. */
typedef struct cp_yaml_number {
    cp_decimal decimal;
    uint8_t bytes[CP_YAML_NUMBER_BYTES + CP_PADDING_BYTES];
} cp_yaml_number;
cp_rc cp_yaml_number_read(cp_yaml_node node, const char *key, cp_yaml_number *out, cp_error *err);

/* Which of `names` the scalar is, compared as it stands (a plain null is "null"). */
cp_rc cp_yaml_choice(cp_yaml_node node, const char *key, const char *const *names,
                     size_t name_count, size_t *out, cp_error *err);

/* Fails with CP_E_CONFIG at a node, under `key` ("" for none). */
cp_rc cp_yaml_fail(cp_yaml_node at, const char *key, cp_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fails because the node is not what `expected` says; shows what it is. */
cp_rc cp_yaml_fail_expected(cp_yaml_node at, const char *key, const char *expected, cp_error *err);

/* Gives place and key to a CP_E_CONFIG that another module filled in, unless it has a line
 * already; returns `rc`. */
cp_rc cp_yaml_place(cp_yaml_node at, const char *key, cp_rc rc, cp_error *err);

#endif
