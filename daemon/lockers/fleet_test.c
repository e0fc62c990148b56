#include "daemon/lockers/fleet.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(stored_in_order_is_acknowledged)
{
    struct progress p = {0};
    progress_begin(&p, 5, 1);
    progress_begin(&p, 5, 11);
    ck_assert(progress_end(&p, 5, 1, 10, true));
    ck_assert_uint_eq(p.upto, 10);
    ck_assert(progress_end(&p, 5, 11, 20, true));
    ck_assert_uint_eq(p.upto, 20);
}
END_TEST

START_TEST(nothing_behind_a_gap_is_acknowledged)
{
    struct progress p = {0};
    progress_begin(&p, 5, 1);
    progress_begin(&p, 5, 11);
    ck_assert(!progress_end(&p, 5, 1, 10, false));
    ck_assert(!progress_end(&p, 5, 11, 20, true));
    progress_begin(&p, 5, 1); /* sent again */
    ck_assert(progress_end(&p, 5, 1, 10, true));
    ck_assert_uint_eq(p.upto, 10);
}
END_TEST

START_TEST(a_new_boot_does_not_hide_an_unstored_old_one)
{
    struct progress p = {0};
    progress_begin(&p, 5, 1);
    progress_begin(&p, 6, 1);
    ck_assert(!progress_end(&p, 5, 1, 10, false));
    ck_assert(!progress_end(&p, 6, 1, 3, true));
    progress_begin(&p, 5, 1);
    ck_assert(progress_end(&p, 5, 1, 10, true));
    progress_begin(&p, 6, 1);
    ck_assert(progress_end(&p, 6, 1, 3, true));
    ck_assert_uint_eq(p.boot, 6);
    ck_assert_uint_eq(p.upto, 3);
}
END_TEST

START_TEST(a_repeat_is_acknowledged_again)
{
    struct progress p = {0};
    progress_begin(&p, 5, 1);
    ck_assert(progress_end(&p, 5, 1, 10, true));
    progress_begin(&p, 5, 1);
    ck_assert(progress_end(&p, 5, 1, 10, true));
    ck_assert_uint_eq(p.upto, 10);
    progress_reset(&p);
    progress_begin(&p, 5, 11);
    ck_assert(progress_end(&p, 5, 11, 12, true));
}
END_TEST

START_TEST(lockers_are_found_by_code)
{
    struct fleet f = {0};
    struct locker_keys keys = {{0}, {0}, {0}, {0}};
    for (int i = 0; i < 1000; i++) {
        char code[16];
        snprintf(code, sizeof code, "LK-%d", i);
        fleet_put(&f, code, "S1", &keys);
    }
    fleet_put(&f, "LK-7", "S2", &keys);
    ck_assert_str_eq(fleet_find(&f, "LK-7")->site, "S2");
    ck_assert_ptr_null(fleet_find(&f, "LK-1000"));
    ck_assert_int_eq(HASH_COUNT(f.lockers), 1000);
    fleet_clear(&f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("lockers/fleet");
    TCase *t = tcase_create("fleet");
    tcase_add_test(t, stored_in_order_is_acknowledged);
    tcase_add_test(t, nothing_behind_a_gap_is_acknowledged);
    tcase_add_test(t, a_new_boot_does_not_hide_an_unstored_old_one);
    tcase_add_test(t, a_repeat_is_acknowledged_again);
    tcase_add_test(t, lockers_are_found_by_code);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
