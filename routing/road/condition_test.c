/* Conditional tags: when they hold, and what a map does with them by the hour. */
#include "routing/geo/matrix.h"
#include "routing/road/condition.h"
#include "routing/road/provider.h"
#include "routing/road/test_map.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MO = CONDITION_WEEK,
    TU = MO + 24,
    WE = TU + 24,
    TH = WE + 24,
    FR = TH + 24,
    SA = FR + 24,
    SU = SA + 24
};

static const struct {
    const char *text;
    int hour;
    bool holds;
} times[] = {
    {"Mo-Fr 07:00-19:00", 7, true},
    {"Mo-Fr 07:00-19:00", 19, false},
    {"Mo-Fr 07:00-19:00", 6, false},
    {"Mo-Fr 07:00-19:00", -1, false},
    {"Mo-Fr 07:00-19:00", SA + 10, false},
    {"Mo-Fr 07:00-19:00", FR + 18, true},
    {"07:00-09:00,17:00-19:00", 18, true},
    {"07:00-09:00, 17:00-19:00", 12, false},
    {"Sa,Su", SU + 3, true},
    {"Sa,Su", 3, false},
    {"Su", MO, false},
    {"Fr-Mo", SU + 5, true},
    {"Fr-Mo", TU + 5, false},
    {"22:00-06:00", 23, true},
    {"22:00-06:00", 5, true},
    {"22:00-06:00", 6, false},
    {"Fr 22:00-06:00", SA + 3, true},
    {"Fr 22:00-06:00", FR + 3, false},
    {"Mo-Fr 07:00-09:00; Sa 10:00-12:00", SA + 11, true},
    {"Mo-Fr 07:00-09:00; Sa 10:00-12:00", SA + 8, false},
    {"Mo,We 08:00-09:00", WE + 8, true},
    {"Mo,We 08:00-09:00", TU + 8, false},
    {"08:00-08:30", 8, false}, /* the middle of the hour lies behind it */
    {"00:00-24:00", 0, true},
    {"weight>7.5", 8, false},
    {"Nov 1-Mar 31", 8, false},
    {"PH", SU + 8, false},
    {"Mo-Fr 07:00-19:00 AND weight>7.5", 8, false},
    {"Mo-Fr 07:00", 8, false},
    {"25:00-26:00", 8, false},
    {"Mo-", 8, false},
    {"", 8, false},
    {"(((", 8, false},
};

START_TEST(holds)
{
    ck_assert_msg(condition_holds(times[_i].text, strlen(times[_i].text), times[_i].hour) == times[_i].holds,
                  "%s at %d", times[_i].text, times[_i].hour);
}
END_TEST

static const struct {
    const char *text;
    int hour;
    const char *value; /* NULL: none */
} values[] = {
    {"no @ (07:00-19:00)", 8, "no"},
    {"no @ 07:00-19:00", 8, "no"},
    {"no@(07:00-19:00)", 8, "no"},
    {"no @ (07:00-19:00)", 20, NULL},
    {"no @ (07:00-19:00); delivery @ (07:00-10:00)", 8, "delivery"},
    {"no @ (Mo-Fr 07:00-19:00; Sa 08:00-12:00); yes @ (Su)", SU + 9, "yes"},
    {"no @ (Mo-Fr 07:00-19:00; Sa 08:00-12:00); yes @ (Su)", SA + 9, "no"},
    {"no", 8, NULL},
    {"@ (07:00-19:00)", 8, NULL},
    {"a-value-that-is-longer-than-any-of-those-known @ (07:00-19:00)", 8, NULL},
};

START_TEST(value)
{
    char got[CONDITION_VALUE_MAX];
    bool any = condition_value(values[_i].text, values[_i].hour, got);

    ck_assert_msg(any == (values[_i].value != NULL), "%s", values[_i].text);
    if (any)
        ck_assert_str_eq(got, values[_i].value);
}
END_TEST

/* a—c directly or round by d and f; the way is 300 or 500 m. */
#define BLOCK                                                                                                \
    "n s -60 100\nn a 0 100\nn c 200 100\nn t 260 100\nn d 0 0\nn f 200 0\n"                                 \
    "w 10 s a highway=residential\nw 11 c t highway=residential\nw 2 a d f c highway=residential\n"
enum { SHORT = 300, LONG = 500 };

static const struct {
    const char *rest, *profile;
    int hour;
    bool back;
    int metres;
} maps[] = {
    {"w 1 a c highway=residential motor_vehicle:conditional=no_@_(07:00-19:00)", "van", 8, false, LONG},
    {"w 1 a c highway=residential motor_vehicle:conditional=no_@_(07:00-19:00)", "van", 20, false, SHORT},
    {"w 1 a c highway=residential motor_vehicle:conditional=no_@_(07:00-19:00)", "ebike", 8, false, SHORT},
    {"w 1 a c highway=residential motor_vehicle=no motor_vehicle:conditional=yes_@_(22:00-06:00)", "van", 23,
     false, SHORT},
    {"w 1 a c highway=residential motor_vehicle=no motor_vehicle:conditional=yes_@_(22:00-06:00)", "van", 12,
     false, LONG},
    {"w 1 a c highway=residential access:conditional=no_@_(Sa,Su)", "van", SA + 8, false, LONG},
    {"w 1 a c highway=residential access:conditional=no_@_(Sa,Su)", "van", 8, false, SHORT},
    {"w 1 a c highway=residential oneway:conditional=yes_@_(07:00-09:00)", "van", 8, true, LONG},
    {"w 1 a c highway=residential oneway:conditional=yes_@_(07:00-09:00)", "van", 8, false, SHORT},
    {"w 1 a c highway=residential oneway:conditional=yes_@_(07:00-09:00)", "van", 10, true, SHORT},
    {"w 1 a c highway=residential oneway=yes oneway:conditional=no_@_(07:00-09:00)", "van", 8, true, SHORT},
    {"w 1 a c highway=residential oneway=yes oneway:conditional=no_@_(07:00-09:00)", "van", -1, true, LONG},
    {"w 1 a c highway=residential\nr 9 from=10 via=a to=1 "
     "restriction:conditional=no_straight_on@(07:00-09:00)",
     "van", 8, false, LONG},
    {"w 1 a c highway=residential\nr 9 from=10 via=a to=1 "
     "restriction:conditional=no_straight_on@(07:00-09:00)",
     "van", 12, false, LONG}, /* at every hour */
    {"w 1 a c highway=residential\nr 9 from=10 via=a to=1 "
     "restriction:conditional=no_straight_on@(weight>7.5)",
     "van", 8, false, SHORT},
    {"w 1 a c highway=residential\nr 9 from=10 via=a to=1 "
     "restriction:conditional=no_straight_on@(07:00-09:00) "
     "except=bicycle",
     "ebike", 8, false, SHORT},
    {"w 1 a c highway=residential oneway:conditional=reversible_@_(07:00-09:00)", "van", 8, true, SHORT},
};

START_TEST(map)
{
    struct test_map m;
    struct matrix_provider p;
    const struct geo_point ends[2] = {test_at(-50, 100), test_at(250, 100)};
    struct matrix_query q = {.from = &ends[maps[_i].back],
                             .n_from = 1,
                             .to = &ends[!maps[_i].back],
                             .n_to = 1,
                             .profile = maps[_i].profile,
                             .hour = maps[_i].hour};
    int32_t seconds, metres;
    char lines[512];

    snprintf(lines, sizeof lines, "%s%s", BLOCK, maps[_i].rest);
    test_map_new(&m, lines);
    matrix_road_init(&p, m.road, 1);
    ck_assert_int_eq(matrix_get(&p, &q, &seconds, &metres, NULL), 0);
    ck_assert_msg(abs(metres - maps[_i].metres) <= 2, "%s for %s at %d: %d m", maps[_i].rest,
                  maps[_i].profile, maps[_i].hour, metres);
    matrix_free(&p);
    test_map_free(&m);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("road conditions");
    TCase *t = tcase_create("conditions");

    tcase_add_loop_test(t, holds, 0, sizeof times / sizeof *times);
    tcase_add_loop_test(t, value, 0, sizeof values / sizeof *values);
    tcase_add_loop_test(t, map, 0, sizeof maps / sizeof *maps);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
