#include "base/log.h"

#include "base/log_limit.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *text, *value;
} values[] = {
    {"plain", "plain"},
    {"/v1/parcels/YZ-1_2.3", "/v1/parcels/YZ-1_2.3"},
    {"", "\"\""},
    {"two words", "\"two words\""},
    {"a=b", "\"a=b\""},
    {"say \"no\"", "\"say \\\"no\\\"\""},
    {"back\\slash", "\"back\\\\slash\""},
    {"line\nforged level=error", "\"line\\nforged level=error\""},
    {"\t\r\x01\x7f", "\"\\t\\r\\x01\\x7f\""},
    {"驿站", "\"驿站\""},
};

START_TEST(a_value_is_one_word_or_quoted)
{
    char room[LOG_VALUE_MAX];
    ck_assert_str_eq(log_value(values[_i].text, room, sizeof room), values[_i].value);
}
END_TEST

START_TEST(a_long_value_is_cut_between_characters)
{
    char text[1000] = "", room[32];
    for (int i = 0; i < 100; i++)
        strcat(text, "驿");
    for (size_t n = 16; n <= sizeof room; n++) {
        memset(room, 'x', sizeof room);
        const char *got = log_value(text, room, n);
        size_t len = strlen(got);
        ck_assert_uint_lt(len, n);
        ck_assert_str_eq(got + len - 4, "…\"");
        ck_assert_uint_eq((len - 5) % 3, 0); /* whole characters between the quotes and the dots */
    }
}
END_TEST

START_TEST(a_line_is_counted_when_it_comes_too_often)
{
    static struct log_limit limit = {.most = 3, .window_us = 1000};
    int held = -1, written = 0;
    for (int i = 0; i < 10; i++)
        written += log_limit_allows(&limit, "the same", i, &held);
    ck_assert_int_eq(written, 3);
    ck_assert(log_limit_allows(&limit, "another", 10, &held) && held == 0);
    ck_assert(!log_limit_allows(&limit, "the same", 999, &held));
    ck_assert(log_limit_allows(&limit, "the same", 1000, &held));
    ck_assert_int_eq(held, 8);
    ck_assert(log_limit_allows(&limit, "the same", 1001, &held) && held == 0);
}
END_TEST

/* What goes to stderr while `write_it` runs. */
static char *caught(void (*write_it)(void))
{
    static char text[65536];
    char path[] = "/tmp/log_test.XXXXXX";
    int file = mkstemp(path), before = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    write_it();
    dup2(before, STDERR_FILENO);
    ssize_t n = pread(file, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    close(file);
    close(before);
    unlink(path);
    return text;
}

static void write_several(void)
{
    log_init("prog", LOG_L_INFO);
    log_info("client said %s", "x\n<3>2026-01-01T00:00:00Z prog error: forged");
    log_debug("not asked for");
    for (int i = 0; i < 100; i++)
        log_warn("again");
    for (int i = 0; i < 8; i++)
        log_warn("another %d", i);
}

START_TEST(lines_are_whole_and_limited)
{
    int lines = 0;
    char *text = caught(write_several);
    for (char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    ck_assert_int_eq(lines, 1 + LOG_REPEATS + 8);
    ck_assert_int_eq(strncmp(text, "<6>", 3), 0);
    ck_assert_ptr_nonnull(strstr(text, "prog info: client said x\\n<3>"));
    ck_assert_ptr_null(strstr(text, "not asked for"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/log");
    TCase *t = tcase_create("log");
    tcase_add_loop_test(t, a_value_is_one_word_or_quoted, 0, sizeof values / sizeof values[0]);
    tcase_add_test(t, a_long_value_is_cut_between_characters);
    tcase_add_test(t, a_line_is_counted_when_it_comes_too_often);
    tcase_add_test(t, lines_are_whole_and_limited);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
