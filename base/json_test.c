#include "base/json.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *const colours[] = {"red", "green", NULL};
static const struct json_field inner_fields[] = {{"name", JSON_K_TEXT, true, 1, 4, NULL, NULL}};
static const struct json_shape inner = {"inner", inner_fields, 1};
static const struct json_field fields[] = {
    {"id", JSON_K_UUID, true, 0, 0, NULL, NULL},       {"n", JSON_K_INT, false, 0, 10, NULL, NULL},
    {"x", JSON_K_REAL, false, -1, 1, NULL, NULL},      {"ok", JSON_K_BOOL, false, 0, 0, NULL, NULL},
    {"at", JSON_K_TIME, false, 0, 0, NULL, NULL},      {"colour", JSON_K_WORD, false, 0, 0, colours, NULL},
    {"who", JSON_K_OBJECT, false, 0, 0, NULL, &inner}, {"list", JSON_K_LIST, false, 1, 2, NULL, &inner},
    {"words", JSON_K_LIST, false, 0, 3, NULL, NULL},   {"any", JSON_K_ANY, false, 0, 20, NULL, NULL},
};
static const struct json_shape shape = {"shape", fields, 10};

#define ID "\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\""

static const struct row {
    const char *json, *pointer; /* pointer NULL: it fits */
} rows[] = {
    {"{" ID "}", NULL},
    {"{" ID ",\"n\":0,\"x\":0.5,\"ok\":true,\"at\":\"2026-11-11T00:00:00Z\",\"colour\":\"red\",\"who\":{"
     "\"name\":\"王芳\"},"
     "\"list\":[{\"name\":\"a\"}],\"words\":[\"b\"],\"any\":{\"k\":[1]}}",
     NULL},
    {"{" ID ",\"n\":null}", NULL},
    {"[]", ""},
    {"{}", "/id"},
    {"{\"id\":null}", "/id"},
    {"{\"id\":\"01890a5d-ac96-774b-bcce-b302099a805\"}", "/id"},
    {"{" ID ",\"n\":11}", "/n"},
    {"{" ID ",\"n\":1.0}", "/n"},
    {"{" ID ",\"n\":\"1\"}", "/n"},
    {"{" ID ",\"x\":1.5}", "/x"},
    {"{" ID ",\"ok\":1}", "/ok"},
    {"{" ID ",\"at\":\"tomorrow\"}", "/at"},
    {"{" ID ",\"colour\":\"blue\"}", "/colour"},
    {"{" ID ",\"who\":{}}", "/who/name"},
    {"{" ID ",\"who\":{\"name\":\"five!\"}}", "/who/name"},
    {"{" ID ",\"list\":[]}", "/list"},
    {"{" ID ",\"list\":[{\"name\":\"a\"},{\"nome\":\"b\"}]}", "/list/1/name"},
    {"{" ID ",\"words\":[\"\"]}", "/words/0"},
    {"{" ID ",\"any\":{\"long\":\"aaaaaaaaaaaaaaaa\"}}", "/any"},
    {"{" ID ",\"surprise\":1}", "/surprise"},
};

START_TEST(fits_or_says_where)
{
    struct error err;
    struct json_faults faults = {0};
    json_t *v = json_read(rows[_i].json, strlen(rows[_i].json), &err);
    ck_assert_msg(v != NULL, "%s", err.text);
    bool fits = json_fits(&shape, v, "", &faults);
    ck_assert_int_eq(fits, rows[_i].pointer == NULL);
    if (rows[_i].pointer)
        ck_assert_str_eq(faults.list[0].pointer, rows[_i].pointer);
    json_decref(v);
}
END_TEST

static const char *const malformed[] = {
    "",
    "{",
    "{\"a\":1,}",
    "{\"a\":1,\"a\":2}",
    "{'a':1}",
    "[1,2",
    "nul",
    "{\"a\":\"\xff\"}",
    "{\"a\":01}",
    "{}x",
    "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
};

START_TEST(malformed_is_refused)
{
    struct error err = {0};
    ck_assert_ptr_null(json_read(malformed[_i], strlen(malformed[_i]), &err));
    ck_assert_str_ne(err.text, "");
}
END_TEST

START_TEST(many_faults_are_counted_and_bounded)
{
    struct json_faults faults = {0};
    json_t *v = json_object();
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        json_object_set_new(v, name, json_true());
    }
    ck_assert(!json_fits(&shape, v, "", &faults));
    ck_assert_int_eq(faults.n, 101);
    json_decref(v);
}
END_TEST

START_TEST(query_text_is_converted)
{
    struct json_faults faults = {0};
    json_t *n = json_from_text(&fields[1], "7", &faults);
    ck_assert(json_is_integer(n) && json_integer_value(n) == 7);
    json_decref(n);
    ck_assert_ptr_null(json_from_text(&fields[1], "7a", &faults));
    ck_assert_ptr_null(json_from_text(&fields[1], "11", &faults));
    ck_assert_ptr_null(json_from_text(&fields[5], "blue", &faults));
    ck_assert_int_eq(faults.n, 3);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/json");
    TCase *t = tcase_create("json");
    tcase_add_loop_test(t, fits_or_says_where, 0, sizeof rows / sizeof rows[0]);
    tcase_add_loop_test(t, malformed_is_refused, 0, sizeof malformed / sizeof malformed[0]);
    tcase_add_test(t, many_faults_are_counted_and_bounded);
    tcase_add_test(t, query_text_is_converted);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
