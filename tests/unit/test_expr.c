/* pipeline/expr/expr.h: what is refused, with its place, by the parser and by the binder; bounds;
 * which fields are read. */
#include "tests/unit/expr_support.h"
#include "tests/unit/failing_memory.h"

typedef struct refusal {
    const char *condition, *reason, *message;
} refusal;

static void assert_refused(const refusal *row, cp_rc rc, const cp_error *err)
{
    assert_int_equal(rc, CP_E_USAGE);
    assert_string_equal(err->reason, row->reason);
    if (strcmp(err->message, row->message) != 0)
        fail_msg("%s\n says   %s\n and not %s", row->condition, err->message, row->message);
}

#define OPERAND "a field, a value or ( is expected here"
#define CHAIN   "these operators do not chain; use AND or ()"

static void test_parser_refuses(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"", "bad_expression", "where: column 1, at the end: the condition is empty"},
        {" \t\n", "bad_expression", "where: column 4, at the end: the condition is empty"},
        {"a >", "bad_expression", "where: column 4, at the end: " OPERAND},
        {"a > > 1", "bad_expression", "where: column 5, at \"> 1\": " OPERAND},
        {"AND a", "bad_expression", "where: column 1, at \"AND a\": " OPERAND},
        {"(a = 1", "bad_expression",
         "where: column 7, at the end: an operator or ) is expected here"},
        {"a = 1)", "bad_expression", "where: column 6, at \")\": an operator is expected here"},
        {"a = 1 b", "bad_expression", "where: column 7, at \"b\": an operator is expected here"},
        {"a < b < c", "bad_expression", "where: column 7, at \"< c\": " CHAIN},
        {"a = b <> c", "bad_expression", "where: column 7, at \"<> c\": " CHAIN},
        {"a IS NULL IS NULL", "bad_expression", "where: column 11, at \"IS NULL\": " CHAIN},
        {"a IN (1) IN (2)", "bad_expression", "where: column 10, at \"IN (2)\": " CHAIN},
        {"a IS 3", "bad_expression",
         "where: column 6, at \"3\": IS is followed by NULL, TRUE or FALSE, or NOT and one of "
         "them"},
        {"a NOT 3", "bad_expression",
         "where: column 7, at \"3\": IN, BETWEEN or LIKE is expected here"},
        {"a = NOT b", "bad_expression",
         "where: column 5, at \"NOT b\": NOT reaches further than the operator before it: put it "
         "in ()"},
        {"a IN 3", "bad_expression", "where: column 6, at \"3\": IN needs a list in ()"},
        {"a IN ()", "bad_expression", "where: column 7, at \")\": " OPERAND},
        {"a IN (1 2)", "bad_expression",
         "where: column 9, at \"2)\": a comma or ) is expected here"},
        {"a BETWEEN 1 OR 2", "bad_expression",
         "where: column 13, at \"OR 2\": BETWEEN needs AND here"},
        {"a LIKE b", "bad_expression", "where: column 8, at \"b\": LIKE needs a 'pattern'"},
        {"a LIKE 'b' ESCAPE 3", "bad_expression",
         "where: column 19, at \"3\": ESCAPE needs a 'character'"},
        {"a LIKE 'b' ESCAPE ''", "bad_expression",
         "where: column 19, at \"''\": ESCAPE needs one character"},
        {"a LIKE 'b' ESCAPE '!!'", "bad_expression",
         "where: column 19, at \"'!!'\": ESCAPE needs one character"},
        {"a = 'b", "bad_expression", "where: column 5, at \"'b\": the closing ' is missing"},
        {"a = 'b''", "bad_expression", "where: column 5, at \"'b''\": the closing ' is missing"},
        {"\"a = 1", "bad_expression", "where: column 1, at \"\"a = 1\": the closing \" is missing"},
        {"\"\" = 1", "bad_expression", "where: column 1, at \"\"\" = 1\": a name is empty"},
        {"a = 01", "bad_expression",
         "where: column 5, at \"01\": this is no number such as 12, 0.5 or 2e3"},
        {"a = 1..5", "bad_expression",
         "where: column 5, at \"1..5\": this is no number such as 12, 0.5 or 2e3"},
        {"a = .5.", "bad_expression",
         "where: column 5, at \".5.\": this is no number such as 12, 0.5 or 2e3"},
        {"a = 1.e", "bad_expression",
         "where: column 5, at \"1.e\": this is no number such as 12, 0.5 or 2e3"},
        {"a = 1x", "bad_expression",
         "where: column 5, at \"1x\": this is no number such as 12, 0.5 or 2e3"},
        {"a = .", "bad_expression",
         "where: column 5, at \".\": this begins no number, string, name or operator"},
        {"a + = 1", "bad_expression", "where: column 5, at \"= 1\": " OPERAND},
        {"a = 1e309", "bad_expression",
         "where: column 5, at \"1e309\": the number is too large for a float64"},
        {"a == 1", "bad_expression", "where: column 4, at \"= 1\": " OPERAND},
        {"a ! b", "bad_expression",
         "where: column 3, at \"! b\": this begins no number, string, name or operator"},
        {"a = 1; b", "bad_expression",
         "where: column 6, at \"; b\": this begins no number, string, name or operator"},
        {"\xc3\xa4 = \xc3\xb6 =", "bad_expression", "where: column 7, at \"=\": " CHAIN},
        {"a = \xff", "bad_expression", "where: byte 5 is not UTF-8"},
        {"a = TIMESTAMP '2026-13-01T00:00:00Z'", "bad_expression",
         "where: column 15, at \"'2026-13-01T00:00:00Z'\": this is no time such as "
         "'2026-11-19T00:00:00Z' (RFC 3339; a space for T, at most nine decimals; UTC without an "
         "offset)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_expr *expr;
        cp_error err = {0};
        assert_refused(&rows[i], cp_expr_parse(cp_span_of(rows[i].condition), &expr, &err), &err);
    }
}

static void test_times_refused(void **state)
{
    (void)state;
    static const char *const times[] = {
        "",
        "2026",
        "2026-11-19",
        "2026-11-19T00:00:00.",
        "2026-11-19T00:00:00.1234567890Z",
        "2026-11-19T00:00:00.5.5Z",
        "2026-11-19T24:00:00Z",
        "2026-11-19T00:00:00+0100",
        "2026-11-19T00:00:00Z and much more than any time has, so that it is cut off somewhere",
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char condition[160];
        cp_expr *expr;
        cp_error err = {0};
        snprintf(condition, sizeof condition, "a = TIMESTAMP '%s'", times[i]);
        assert_int_equal(cp_expr_parse(cp_span_of(condition), &expr, &err), CP_E_USAGE);
        assert_non_null(strstr(err.message, "where: column 15, at"));
    }
}

#define ROW                                                                                        \
    "flag:bool n:int8 u:uint64 f:float64 s:string e:enum at:timestamp[ms] j:json other:string"

static void test_binder_refuses(void **state)
{
    (void)state;
    static const refusal rows[] = {
        {"nn > 3", "no_such_field",
         "where: column 1, at \"nn > 3\": no field \"nn\"; did you mean \"n\"?"},
        {"TRUE AND somewhere = 3", "no_such_field",
         "where: column 10, at \"somewhere = 3\": no field \"somewhere\""},
        {"n", "type_mismatch",
         "where: column 1, at \"n\": rows are kept by a condition, not field \"n\" (int8)"},
        {"1 + 1", "type_mismatch",
         "where: column 3, at \"+ 1\": rows are kept by a condition, not a number"},
        {"n AND flag", "type_mismatch",
         "where: column 1, at \"n AND flag\": AND and OR join a condition, not field \"n\" (int8)"},
        {"+'s' = s", "type_mismatch",
         "where: column 1, at \"+'s' = s\": arithmetic needs numbers, not a string"},
        {"+at = at", "type_mismatch",
         "where: column 1, at \"+at = at\": arithmetic needs numbers, not field \"at\" "
         "(timestamp[ms])"},
        {"n LIKE NULL", "type_mismatch",
         "where: column 3, at \"LIKE NULL\": LIKE needs a string, not field \"n\" (int8)"},
        {"NOT 's'", "type_mismatch",
         "where: column 5, at \"'s'\": NOT needs a condition, not a string"},
        {"n IS TRUE", "type_mismatch",
         "where: column 1, at \"n IS TRUE\": IS TRUE and IS FALSE need a condition, not field "
         "\"n\" "
         "(int8)"},
        {"n = '3'", "type_mismatch",
         "where: column 3, at \"= '3'\": field \"n\" (int8) does not compare with a string"},
        {"flag = 1", "type_mismatch",
         "where: column 6, at \"= 1\": field \"flag\" (bool) does not compare with a number"},
        {"at > '2026-11-19T00:00:00Z'", "type_mismatch",
         "where: column 4, at \"> '2026-11-19T00:00:00Z'\": field \"at\" (timestamp[ms]) does not "
         "compare with a string; a time is written as TIMESTAMP '...'"},
        {"at > 1700000000", "type_mismatch",
         "where: column 4, at \"> 1700000000\": field \"at\" (timestamp[ms]) does not compare with "
         "a number"},
        {"s BETWEEN 'a' AND 3", "type_mismatch",
         "where: column 3, at \"BETWEEN 'a' AND 3\": field \"s\" (string) does not compare with a "
         "number"},
        {"n IN (1, 'a')", "type_mismatch",
         "where: column 10, at \"'a')\": field \"n\" (int8) does not compare with a string"},
        {"e = 'NEWW'", "unknown_symbol",
         "where: column 5, at \"'NEWW'\": \"e\" has no symbol of this name; it has NEW, OPEN, "
         "SHUT"},
        {"e IN ('NEW', 'new')", "unknown_symbol",
         "where: column 14, at \"'new')\": \"e\" has no symbol of this name; it has NEW, OPEN, "
         "SHUT"},
        {"e < s", "type_mismatch",
         "where: column 3, at \"< s\": field \"e\" (enum) and field \"s\" (string) have no order "
         "in "
         "common; = and <> compare them"},
        {"j < 'a'", "type_mismatch",
         "where: column 3, at \"< 'a'\": field \"j\" (json) and a string have no order in common; "
         "= "
         "and <> compare them"},
        {"s + 1 = 2", "type_mismatch",
         "where: column 3, at \"+ 1 = 2\": arithmetic needs numbers, not field \"s\" (string)"},
        {"-at = at", "type_mismatch",
         "where: column 1, at \"-at = at\": arithmetic needs numbers, not field \"at\" "
         "(timestamp[ms])"},
        {"n LIKE '1%'", "type_mismatch",
         "where: column 3, at \"LIKE '1%'\": LIKE needs a string, not field \"n\" (int8)"},
        {"s LIKE 'a!' ESCAPE '!'", "bad_expression",
         "where: column 3, at \"LIKE 'a!' ESCAPE '!'\": the pattern ends with its escape "
         "character"},
        {"18446744073709551615 * 18446744073709551615 = 1", "integer_overflow",
         "where: column 22, at \"* 18446744073709551615 =\"...: the number is beyond 128 bits"},
    };
    cp_schema *schema = schema_of(ROW);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cp_expr *expr = parse_condition(rows[i].condition);
        cp_filter *filter;
        cp_error err = {0};
        assert_refused(&rows[i], cp_filter_bind(expr, schema, &filter, &err), &err);
        cp_expr_free(expr);
    }
    cp_schema_free(schema);
}

static void test_a_guessed_schema_says_so(void **state)
{
    (void)state;
    cp_schema *schema = schema_of("value:float64");
    cp_expr *expr = parse_condition("temperature > 3");
    cp_filter *filter;
    cp_error err = {0};
    schema->inferred = true;
    assert_int_equal(cp_filter_bind(expr, schema, &filter, &err), CP_E_USAGE);
    assert_string_equal(err.message,
                        "where: column 1, at \"temperature > 3\": no field \"temperature\" in the "
                        "first records; describe the records with --schema");
    cp_expr_free(expr);
    cp_schema_free(schema);
}

static void test_fields(void **state)
{
    (void)state;
    cp_expr *expr = parse_condition("b = 1 and \"a \"\"x\"\"\" in (b, c) or timestamp is null or "
                                    "NULL or B < TIMESTAMP '2026-01-01 00:00:00'");
    static const char *const names[] = {"b", "a \"x\"", "c", "timestamp", "B"};
    assert_int_equal(cp_expr_field_count(expr), 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(cp_span_equal(cp_expr_field(expr, i), cp_span_of(names[i])));
    cp_expr_free(expr);
}

static void test_only_its_fields_are_wanted(void **state)
{
    (void)state;
    cp_schema *schema = schema_of(ROW);
    cp_expr *expr = parse_condition("n > 3 AND s IS NULL");
    cp_filter *filter;
    for (size_t i = 0; i < schema->field_count; i++)
        schema->fields[i].wanted = false;
    assert_int_equal(cp_filter_bind(expr, schema, &filter, NULL), CP_OK);
    for (size_t i = 0; i < schema->field_count; i++)
        assert_int_equal(schema->fields[i].wanted, i == 1 || i == 4);
    cp_filter_free(filter);
    cp_expr_free(expr);
    cp_schema_free(schema);
}

/* ---- bounds ---- */

static void put_repeated(text *out, const char *piece, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(out, "%s", piece);
}

static cp_rc parse_nested(const char *before, size_t depth, const char *inner, const char *behind,
                          cp_error *err)
{
    text condition = {0};
    cp_expr *expr = NULL;
    put_repeated(&condition, before, depth);
    put(&condition, "%s", inner);
    put_repeated(&condition, behind, depth);
    cp_rc rc = cp_expr_parse(cp_span_of(shown(&condition)), &expr, err);
    cp_expr_free(expr);
    text_free(&condition);
    return rc;
}

static void test_depth(void **state)
{
    (void)state;
    static const char *const nests[][2] = {{"(", ")"}, {"NOT ", ""}, {"a IN (", ")"}};
    for (size_t i = 0; i < 3; i++) {
        cp_error err = {0};
        assert_int_equal(parse_nested(nests[i][0], CP_EXPR_DEPTH_MAX - 1, "a", nests[i][1], &err),
                         CP_OK);
        assert_int_equal(parse_nested(nests[i][0], CP_EXPR_DEPTH_MAX, "a", nests[i][1], &err),
                         CP_E_USAGE);
        assert_string_equal(err.reason, "expression_too_deep");
        assert_int_equal(parse_nested(nests[i][0], 9000, "a", nests[i][1], &err), CP_E_USAGE);
        assert_string_equal(err.reason, "expression_too_deep");
    }
}

/* Chains are as long as the text, and what a long one keeps is right. */
static void test_length(void **state)
{
    (void)state;
    text condition = {0};
    cp_expr *expr;
    cp_error err = {0};
    put(&condition, "n = 0");
    for (int i = 0; condition.size < CP_EXPR_BYTES_MAX - 20; i++)
        put(&condition, " OR n = %d", i % 100 + 20);
    assert_kept("n:int16", "0\n1\n20\n119\n120\n", shown(&condition), "0 2 3");
    put_repeated(&condition, " ", CP_EXPR_BYTES_MAX - condition.size);
    assert_kept("n:int16", "0\n1\n20\n119\n120\n", shown(&condition), "0 2 3");
    put(&condition, " ");
    assert_int_equal(cp_expr_parse(cp_span_of(shown(&condition)), &expr, &err), CP_E_USAGE);
    assert_string_equal(err.reason, "expression_too_long");
    text_free(&condition);
}

static void test_long_lists(void **state)
{
    (void)state;
    text numbers = {0}, words = {0};
    put(&numbers, "n IN (-7");
    put(&words, "s NOT IN ('x'");
    for (int i = 0; i < 6000; i++) {
        put(&numbers, ", %d", i * 2);
        put(&words, ", 'w%d'", i % 3000 * 2);
    }
    put(&numbers, ")");
    put(&words, ")");
    assert_kept("n:int32", "-7\n0\n1\n11998\n11999\n12000\nnull\n", shown(&numbers), "0 1 3");
    assert_kept("s:string", "x\nw0\nw1\nw5998\nw5999\nnull\n", shown(&words), "2 4");
    text_free(&numbers);
    text_free(&words);
}

#define EVERYTHING                                                                                 \
    "(n + 1.5 > f % 2 OR -u * 3 <> n / 2) AND s NOT LIKE '%a\xc3\xa4_' ESCAPE '!' AND e IN "       \
    "('NEW', other, NULL) AND n IN (1, 2, u) AND at NOT BETWEEN TIMESTAMP '2026-11-19 "            \
    "00:00:00.5' "                                                                                 \
    "AND at AND NOT (flag IS NOT TRUE OR s IN ('b', 'a', 'b') OR j = '[]') AND f IN (1, 2.5)"

/* Every beginning of a condition is one, or is refused with a place. */
static void test_every_truncation(void **state)
{
    (void)state;
    cp_schema *schema = schema_of(ROW);
    for (size_t size = 0; size <= strlen(EVERYTHING); size++) {
        cp_expr *expr = NULL;
        cp_filter *filter = NULL;
        cp_error err = {0};
        cp_rc rc = cp_expr_parse((cp_span){(const uint8_t *)EVERYTHING, size}, &expr, &err);
        if (!rc)
            rc = cp_filter_bind(expr, schema, &filter, &err);
        assert_true(rc == CP_OK || rc == CP_E_USAGE);
        if (rc)
            assert_int_equal(strncmp(err.message, "where: ", 7), 0);
        cp_filter_free(filter);
        cp_expr_free(expr);
    }
    cp_schema_free(schema);
}

/* Whichever allocation fails, the call fails for want of memory, and leaves nothing behind. */
static void test_memory(void **state)
{
    (void)state;
    cp_schema *schema = schema_of(ROW);
    bool failed = true;
    for (long left = 0; failed; left++) {
        cp_expr *expr = NULL;
        cp_filter *filter = NULL;
        cp_filter_scratch *scratch = NULL;
        fail_allocation(left);
        cp_rc rc = cp_expr_parse(cp_span_of(EVERYTHING), &expr, NULL);
        if (!rc)
            rc = cp_filter_bind(expr, schema, &filter, NULL);
        if (!rc)
            rc = cp_filter_scratch_open(filter, &scratch, NULL);
        failed = end_failing();
        assert_int_equal(rc, failed ? CP_E_MEMORY : CP_OK);
        cp_filter_scratch_close(scratch);
        cp_filter_free(filter);
        cp_expr_free(expr);
    }
    cp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parser_refuses), cmocka_unit_test(test_times_refused),
        cmocka_unit_test(test_binder_refuses), cmocka_unit_test(test_a_guessed_schema_says_so),
        cmocka_unit_test(test_fields),         cmocka_unit_test(test_only_its_fields_are_wanted),
        cmocka_unit_test(test_depth),          cmocka_unit_test(test_length),
        cmocka_unit_test(test_long_lists),     cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
