#include "base/time.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct good {
    const char *text, *utc;
} good[] = {
    {"2026-11-11T08:30:00+08:00", "2026-11-11T00:30:00.000000Z"},
    {"2026-11-11T00:30:00Z", "2026-11-11T00:30:00.000000Z"},
    {"2026-11-11T00:30:00.5Z", "2026-11-11T00:30:00.500000Z"},
    {"2026-11-11t00:30:00.123456789z", "2026-11-11T00:30:00.123456Z"},
    {"2024-02-29T23:59:59-11:30", "2024-03-01T11:29:59.000000Z"},
    {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"},
};

START_TEST(reads_and_writes)
{
    int64_t us;
    char out[TIME_TEXT_MAX];
    ck_assert_int_eq(time_parse(good[_i].text, &us, NULL), 0);
    time_format(us, out);
    ck_assert_str_eq(out, good[_i].utc);
}
END_TEST

static const char *const bad[] = {
    "",
    "2026-11-11",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-11-11T24:00:00Z",
    "2026-11-11T00:00:00",
    "2026-11-11T00:00:00.Z",
    "2026-11-11T00:00:00+0800",
    "2026-11-11T00:00:00Z ",
    "1969-12-31T23:59:59Z",
    "now",
};

START_TEST(refuses)
{
    int64_t us = 42;
    struct error err = {0};
    ck_assert_int_eq(time_parse(bad[_i], &us, &err), -1);
    ck_assert_int_eq(us, 42);
    ck_assert(strstr(err.text, "no time") != NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/time");
    TCase *t = tcase_create("time");
    tcase_add_loop_test(t, reads_and_writes, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(t, refuses, 0, sizeof bad / sizeof bad[0]);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
