#include "daemon/intake/sheet.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char *read_as_json(const char *text, size_t len, const char *charset, struct error *err,
                          int *ret_first_line)
{
    json_t *rows;
    int *lines;
    if (sheet_read(text, len, charset, &rows, &lines, err))
        return NULL;
    if (ret_first_line)
        *ret_first_line = lines[0];
    char *dump = json_dumps(rows, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(rows);
    free(lines);
    return dump;
}

static const struct good {
    const char *text, *json;
} good[] = {
    {"waybill,recipient.name,weight_g\nYZ0001,王芳,500\n",
     "[{\"recipient\":{\"name\":\"王芳\"},\"waybill\":\"YZ0001\",\"weight_g\":500}]"},
    {"\xEF\xBB\xBF运单号,收件人,地址\r\nYZ1,\"李, 雷\",\"太白楼路 1 号\r\n2 单元\"\r\n",
     "[{\"recipient\":{\"address\":\"太白楼路 1 号\\r\\n2 单元\",\"name\":\"李, 雷\"},\"waybill\":\"YZ1\"}]"},
    {"waybill,weight_g\nA,heavy\nB,\n", "[{\"waybill\":\"A\",\"weight_g\":\"heavy\"},{\"waybill\":\"B\"}]"},
    {"waybill,note\nA,\"say \"\"hi\"\"\"\n\n", "[{\"note\":\"say \\\"hi\\\"\",\"waybill\":\"A\"}]"},
};

START_TEST(reads)
{
    struct error err = {0};
    char *json = read_as_json(good[_i].text, strlen(good[_i].text), NULL, &err, NULL);
    ck_assert_msg(json != NULL, "%s", err.text);
    ck_assert_str_eq(json, good[_i].json);
    free(json);
}
END_TEST

static const struct bad {
    const char *text, *says;
} bad[] = {
    {"waybill,colour\nA,red\n", "line 1, column 2: no such column: colour"},
    {"waybill,waybill\nA,B\n", "column named twice"},
    {"waybill\nA\nB,C\n", "line 3, column 2: more cells"},
    {"waybill\n\"A\n", "a quote is not closed"},
    {"waybill\nA\"B\n", "not CSV"},
    {"", "the sheet is empty"},
    {"waybill\n\xff\xfe\n", "byte 8 is not valid utf-8"},
};

START_TEST(refuses)
{
    struct error err = {0};
    ck_assert_ptr_null(read_as_json(bad[_i].text, strlen(bad[_i].text), NULL, &err, NULL));
    ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "'%s' lacks '%s'", err.text, bad[_i].says);
}
END_TEST

START_TEST(reads_gb18030)
{
    /* 收件人 / 王 in GB18030 */
    static const char text[] = "waybill,\xca\xd5\xbc\xfe\xc8\xcb\nA,\xcd\xf5\n";
    struct error err = {0};
    char *json = read_as_json(text, sizeof text - 1, "GB18030", &err, NULL);
    ck_assert_msg(json != NULL, "%s", err.text);
    ck_assert_str_eq(json, "[{\"recipient\":{\"name\":\"王\"},\"waybill\":\"A\"}]");
    free(json);
    ck_assert_ptr_null(read_as_json(text, sizeof text - 1, "latin-1", &err, NULL));
    ck_assert_ptr_nonnull(strstr(err.text, "unknown charset"));
}
END_TEST

START_TEST(knows_the_line_and_the_limit)
{
    struct error err = {0};
    int line = 0;
    free(read_as_json("waybill\n\n\nA\n", 12, NULL, &err, &line));
    ck_assert_int_eq(line, 4);

    size_t n = 8;
    char *text = malloc(n + 2 * (SHEET_ROWS_MAX + 1) + 1);
    strcpy(text, "waybill\n");
    for (int i = 0; i <= SHEET_ROWS_MAX; i++, n += 2)
        strcpy(text + n, "A\n");
    ck_assert_ptr_null(read_as_json(text, n, NULL, &err, NULL));
    ck_assert_ptr_nonnull(strstr(err.text, "line 1002"));
    char *json = read_as_json(text, n - 2, NULL, &err, NULL);
    ck_assert_ptr_nonnull(json);
    free(json);
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("intake/sheet");
    TCase *t = tcase_create("sheet");
    tcase_add_loop_test(t, reads, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(t, refuses, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(t, reads_gb18030);
    tcase_add_test(t, knows_the_line_and_the_limit);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
