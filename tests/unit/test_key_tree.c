/* formats/json/key_tree.h: paths to nodes and numbers, clashes, and the one-compare match. */
#include "formats/json/key_tree.h"
#include "tests/unit/json_support.h"

/* The key at a dotted path, looked up as readers do; NULL where there is none. */
static const cp_key *find(const cp_key_tree *tree, const char *path)
{
    const cp_key_node *node = tree->root;
    const cp_key *key = NULL;
    for (;; path++) {
        size_t size = strcspn(path, ".");
        int32_t index = node ? cp_names_find(node->names, (cp_span){(const uint8_t *)path, size})
                             : CP_NAME_ABSENT;
        if (index == CP_NAME_ABSENT)
            return NULL;
        assert_in_range(index, 0, node->key_count - 1);
        key = &node->keys[index];
        assert_true(cp_span_equal(key->name, (cp_span){(const uint8_t *)path, size}));
        path += size;
        if (!*path)
            return key;
        node = key->inner;
    }
}

static void test_flat(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("id:string status:enum value:float64");
    cp_key_tree tree;
    assert_int_equal(cp_key_tree_build(schema, &tree, NULL), CP_OK);
    assert_int_equal(tree.number_count, 3);
    assert_int_equal(tree.root->key_count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        const cp_key *key = find(&tree, schema->fields[i].name);
        assert_non_null(key);
        assert_int_equal(key->number, i);
        assert_null(key->inner);
    }
    assert_null(find(&tree, "i"));
    assert_null(find(&tree, "idd"));
    assert_null(find(&tree, ""));
    cp_key_tree_free(&tree);
    cp_schema_free(schema);
}

/* Leaves have their field's number; inner keys the numbers behind, each its own. */
static void test_nested(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a.b.c:int8 x:int8 a.b.d:int8 a.e:int8 f.b:int8");
    cp_key_tree tree;
    bool taken[8] = {false};
    assert_int_equal(cp_key_tree_build(schema, &tree, NULL), CP_OK);
    assert_int_equal(tree.number_count, 8);
    for (uint32_t i = 0; i < 5; i++) {
        const cp_key *key = find(&tree, schema->fields[i].name);
        assert_non_null(key);
        assert_int_equal(key->number, i);
        assert_null(key->inner);
        taken[i] = true;
    }
    static const char *const inner[] = {"a", "a.b", "f"};
    for (size_t i = 0; i < 3; i++) {
        const cp_key *key = find(&tree, inner[i]);
        assert_non_null(key);
        assert_non_null(key->inner);
        assert_in_range(key->number, 5, 7);
        assert_false(taken[key->number]);
        taken[key->number] = true;
    }
    assert_null(find(&tree, "b"));
    assert_null(find(&tree, "a.x"));
    assert_null(find(&tree, "x.y"));
    cp_key_tree_free(&tree);
    cp_schema_free(schema);
}

static void test_clashing_paths(void **state)
{
    (void)state;
    static const char *const clashes[][2] = {
        {"a", "a"}, {"a", "a.b"}, {"a.b", "a"}, {"a.b", "a.b"}, {"a.b.c", "a.b"}, {"a.b", "a.b.c"},
    };
    for (size_t i = 0; i < sizeof clashes / sizeof *clashes; i++) {
        cp_schema *schema = schema_of("");
        for (size_t k = 0; k < 2; k++) {
            cp_field *field;
            cp_span path[3];
            size_t count = 0;
            for (const char *p = clashes[i][k]; *p; p += 1 + (p[1] == '.'))
                path[count++] = (cp_span){(const uint8_t *)p, 1};
            assert_int_equal(
                cp_schema_add(schema, k ? "second" : "first", CP_TYPE_INT8, &field, NULL), CP_OK);
            assert_int_equal(cp_field_set_path(field, path, count, NULL), CP_OK);
        }
        cp_key_tree tree;
        cp_error err = {0};
        assert_int_equal(cp_key_tree_build(schema, &tree, &err), CP_E_CONFIG);
        assert_int_equal(err.rc, CP_E_CONFIG);
        assert_string_equal(err.reason, "path_conflict");
        assert_non_null(strstr(err.message, "\"second\""));
        cp_format *format;
        cp_format_options options = {.max_record_bytes = MEBIBYTE};
        assert_int_equal(cp_jsonl_format.plan(schema, &options, &format, NULL), CP_E_CONFIG);
        cp_key_tree_free(&tree);
        cp_schema_free(schema);
    }
}

static void test_many_keys(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("");
    char name[64];
    for (int i = 0; i < CP_SCHEMA_FIELDS_MAX; i++) {
        cp_field *field;
        snprintf(name, sizeof name, "%s%d.k%d", i % 3 ? "n" : "a_longer_prefix_", i / 10, i);
        assert_int_equal(cp_schema_add(schema, name, CP_TYPE_INT8, &field, NULL), CP_OK);
        set_dotted_path(field);
    }
    cp_key_tree tree;
    assert_int_equal(cp_key_tree_build(schema, &tree, NULL), CP_OK);
    for (uint32_t i = 0; i < CP_SCHEMA_FIELDS_MAX; i++) {
        const cp_key *key = find(&tree, schema->fields[i].name);
        assert_true(key && key->number == i && !key->inner);
    }
    cp_key_tree_free(&tree);
    cp_schema_free(schema);
}

static void test_free_twice(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("a.b:int8");
    cp_key_tree tree;
    assert_int_equal(cp_key_tree_build(schema, &tree, NULL), CP_OK);
    cp_key_tree_free(&tree);
    assert_null(tree.root);
    cp_key_tree_free(&tree);
    assert_int_equal(tree.number_count, 0);
    cp_schema_free(schema);
}

/* No fields: every record is good, whatever its keys. */
static void test_no_fields(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("");
    decoded out = decode_bytes(schema, "{}\n{\"a\":1}\n[]\n", 14);
    assert_int_equal(out.accepted, 2);
    assert_int_equal(out.rejected, 1);
    decoded_free(&out);
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flat),           cmocka_unit_test(test_nested),
        cmocka_unit_test(test_clashing_paths), cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_free_twice),     cmocka_unit_test(test_no_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
