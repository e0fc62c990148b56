#include "base/clock.h"

#include <check.h>
#include <stdlib.h>

#define NEAR_US 200000 /* a busy machine */

START_TEST(real_business_time_is_the_wall_clock)
{
    struct clock c;
    clock_init_real(&c);
    ck_assert_int_lt(llabs(clock_business_us(&c) - clock_real_us()), NEAR_US);
}
END_TEST

START_TEST(simulated_time_runs_at_its_rate_from_its_origin)
{
    struct clock c;
    int64_t start = 1794354600000000, origin = clock_real_us() - 60000000; /* a minute ago */
    clock_init_simulated(&c, start, origin, 100);
    ck_assert_int_lt(llabs(clock_business_us(&c) - (start + 6000000000)), 100 * NEAR_US);
    int64_t mono = clock_mono_us(), business = clock_business_us(&c);
    while (clock_mono_us() < mono + 5000)
        ;
    ck_assert_int_ge(clock_business_us(&c) - business, 490000);
}
END_TEST

START_TEST(programs_with_the_same_numbers_agree)
{
    struct clock early, late;
    int64_t origin = clock_real_us() - 1000000;
    clock_init_simulated(&early, 0, origin, 10);
    int64_t mono = clock_mono_us();
    while (clock_mono_us() < mono + 20000)
        ;
    clock_init_simulated(&late, 0, origin, 10);
    ck_assert_int_lt(llabs(clock_business_us(&early) - clock_business_us(&late)), 10 * NEAR_US);
}
END_TEST

START_TEST(monotonic_time_does_not_go_back)
{
    int64_t last = clock_mono_us();
    for (int i = 0; i < 100000; i++) {
        int64_t now = clock_mono_us();
        ck_assert_int_ge(now, last);
        last = now;
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/clock");
    TCase *t = tcase_create("clock");
    tcase_add_test(t, real_business_time_is_the_wall_clock);
    tcase_add_test(t, simulated_time_runs_at_its_rate_from_its_origin);
    tcase_add_test(t, programs_with_the_same_numbers_agree);
    tcase_add_test(t, monotonic_time_does_not_go_back);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
