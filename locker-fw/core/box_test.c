/* Alarms of the box: raised at once, ended after a while, never by what is not known. */
#include "locker-fw/core/box.h"

#include <check.h>

static struct box b;
static struct box_change got[BOX_ALARMS];

static void setup(void)
{
    box_init(&b, 60000, -20000);
}

static int judge(int64_t now_ms)
{
    return box_judge(&b, now_ms, got);
}

START_TEST(nothing_known_nothing_said)
{
    struct box_picture p = box_picture(&b, 1);

    ck_assert_int_eq(judge(1), 0);
    ck_assert_int_eq(p.tamper, -1);
    ck_assert_int_eq(p.mains, -1);
    ck_assert_int_eq(p.has_temperature, 0);
    box_read(&b, BOX_SOURCES, BOX_TAMPER, 1, 1);
    box_read(&b, 0, BOX_INPUTS, 1, 1);
    box_read(&b, 0, BOX_TEMPERATURE, BOX_MAX_MC + 1, 1);
    box_read(&b, 0, BOX_TEMPERATURE, BOX_MIN_MC - 1, 1);
    ck_assert_int_eq(judge(2), 0);
}
END_TEST

START_TEST(tamper_at_once_and_its_end_later)
{
    int64_t t = 5000;

    box_read(&b, 0, BOX_TAMPER, 0, t);
    ck_assert_int_eq(judge(t), 0);
    box_read(&b, 3, BOX_TAMPER, 1, t += 10);
    ck_assert_int_eq(judge(t), 1);
    ck_assert_int_eq(got[0].type, EVENT_TAMPER);
    ck_assert_int_eq(got[0].why, WHY_SENSOR);
    ck_assert_int_eq(got[0].value, 1);
    ck_assert_int_eq(judge(t), 0);
    for (int i = 0; i < 100; i++) { /* a loose contact: one alarm, not a hundred */
        box_read(&b, 3, BOX_TAMPER, i % 2, t += 1000);
        ck_assert_int_eq(judge(t), 0);
    }
    box_read(&b, 3, BOX_TAMPER, 0, t);
    box_read(&b, 0, BOX_TAMPER, 0, t);
    ck_assert_int_eq(judge(t), 0);
    ck_assert_int_eq(judge(t + BOX_CLEAR_MS - 1), 0);
    ck_assert_int_eq(judge(t + BOX_CLEAR_MS), 1);
    ck_assert_int_eq(got[0].value, 0);
}
END_TEST

START_TEST(what_is_not_read_any_more_ends_nothing)
{
    box_read(&b, 1, BOX_MAINS, 1, 1000);
    box_read(&b, 2, BOX_MAINS, 0, 1000);
    ck_assert_int_eq(judge(1000), 1);
    ck_assert_int_eq(got[0].type, EVENT_MAINS);
    ck_assert_int_eq(got[0].value, 0);
    ck_assert_int_eq(box_picture(&b, 1000 + BOX_STALE_MS).mains, 0);
    ck_assert_int_eq(box_picture(&b, 1001 + BOX_STALE_MS).mains, -1);
    ck_assert_int_eq(judge(100000), 0);
    ck_assert_int_eq(judge(200000), 0);
    box_read(&b, 1, BOX_MAINS, 1, 200000);
    ck_assert_int_eq(judge(200000), 0);
    box_read(&b, 1, BOX_MAINS, 1, 220000);
    ck_assert_int_eq(judge(220000), 1);
    ck_assert_int_eq(got[0].value, 1);
}
END_TEST

START_TEST(heat_and_cold_with_a_band)
{
    struct box_picture p;

    box_read(&b, 1, BOX_TEMPERATURE, 60000, 1000);
    box_read(&b, 2, BOX_TEMPERATURE, -20000, 1000);
    ck_assert_int_eq(judge(1000), 0);
    p = box_picture(&b, 1000);
    ck_assert_int_eq(p.hottest_mc, 60000);
    ck_assert_int_eq(p.coldest_mc, -20000);
    box_read(&b, 1, BOX_TEMPERATURE, 60001, 2000);
    box_read(&b, 2, BOX_TEMPERATURE, -20001, 2000);
    ck_assert_int_eq(judge(2000), 2);
    ck_assert_int_eq(got[0].type, EVENT_TEMPERATURE);
    ck_assert_int_eq(got[0].why, WHY_HOT);
    ck_assert_int_eq(got[0].value, 60001);
    ck_assert_int_eq(got[1].why, WHY_COLD);
    ck_assert_int_eq(got[1].value, -20001);
    box_read(&b, 1, BOX_TEMPERATURE, 58001, 3000); /* within the band: still an alarm */
    box_read(&b, 2, BOX_TEMPERATURE, -18001, 3000);
    ck_assert_int_eq(judge(3000) + judge(3000 + 2 * BOX_CLEAR_MS), 0);
    box_read(&b, 1, BOX_TEMPERATURE, 58000, 40000);
    box_read(&b, 2, BOX_TEMPERATURE, -18000, 40000);
    ck_assert_int_eq(judge(40000), 0);
    ck_assert_int_eq(judge(40000 + BOX_CLEAR_MS), 2);
    ck_assert_int_eq(got[0].why, WHY_NONE);
    ck_assert_int_eq(got[1].why, WHY_NONE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("box");
    TCase *c = tcase_create("box");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, nothing_known_nothing_said);
    tcase_add_test(c, tamper_at_once_and_its_end_later);
    tcase_add_test(c, what_is_not_read_any_more_ends_nothing);
    tcase_add_test(c, heat_and_cold_with_a_band);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
