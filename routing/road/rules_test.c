/* Every tagging rule on a map drawn by hand. The usual map is a square block, 100 m a side, with spurs so
 * that points lie apart from junctions:
 *
 *     a---b---c        way 1: a b c (the short way), way 2: a d e f c below it (the detour)
 *     |       |
 *     d---e---f
 */
#include "routing/road/mem.h"
#include "routing/road/test_map.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK                                                                                                \
    "n s -60 100\nn a 0 100\nn c 200 100\nn t 260 100\nn d 0 0\nn f 200 0\n"                                 \
    "w 10 s a highway=residential\nw 11 c t highway=residential\nw 2 a d f c highway=residential\n"
enum { SHORT = 300, LONG = 500 }; /* from 50 m before a to 50 m after c */

static int via_block(const char *rest, const char *profile, bool back)
{
    struct test_map m;
    struct text map = {0};
    int metres;

    text_add(&map, "%s%s", BLOCK, rest);
    test_map_new(&m, map.at);
    metres =
        back ? test_metres(&m, profile, 250, 100, -50, 100) : test_metres(&m, profile, -50, 100, 250, 100);
    test_map_free(&m);
    free(map.at);
    return metres;
}

static const struct {
    const char *rest, *profile;
    int there, back;
} rules[] = {
    /* conditions do not hold without an hour: see conditions[] */
    {"w 1 a c highway=residential motor_vehicle:conditional=no_@_(Mo-Su_00:00-24:00)", "van", SHORT, SHORT},
    {"w 1 a c highway=residential motor_vehicle=no motor_vehicle:conditional=yes_@_(22:00-06:00)", "van",
     LONG, LONG},
    /* one-way streets and who is excepted */
    {"w 1 a c highway=residential", "van", SHORT, SHORT},
    {"w 1 a c highway=residential oneway=yes", "van", SHORT, LONG},
    {"w 1 a c highway=residential oneway=-1", "van", LONG, SHORT},
    {"w 1 a c highway=residential oneway=yes", "etrike", SHORT, LONG},
    {"w 1 a c highway=residential oneway=yes", "foot", SHORT, SHORT},
    {"w 1 a c highway=residential oneway=yes oneway:bicycle=no", "ebike", SHORT, SHORT},
    {"w 1 a c highway=residential oneway=yes oneway:bicycle=no", "etrike", SHORT, SHORT},
    {"w 1 a c highway=residential oneway=yes oneway:bicycle=no", "van", SHORT, LONG},
    {"w 1 a c highway=residential oneway=yes cycleway=opposite_lane", "etrike", SHORT, SHORT},
    {"w 1 a c highway=residential oneway=no oneway:motor_vehicle=yes", "van", SHORT, LONG},
    {"w 1 a c highway=residential junction=roundabout", "van", SHORT, LONG},
    /* access from general to special */
    {"w 1 a c highway=residential access=no", "van", LONG, LONG},
    {"w 1 a c highway=residential access=no bicycle=yes", "ebike", SHORT, SHORT},
    {"w 1 a c highway=residential access=no bicycle=yes", "van", LONG, LONG},
    {"w 1 a c highway=residential vehicle=no", "foot", SHORT, SHORT},
    {"w 1 a c highway=residential vehicle=no motor_vehicle=delivery", "van", SHORT, SHORT},
    {"w 1 a c highway=residential motor_vehicle=no", "etrike", SHORT, SHORT},
    {"w 1 a c highway=residential access=private", "van", LONG, LONG},
    {"w 1 a c highway=residential motorroad=yes", "ebike", LONG, LONG},
    /* classes that need a word of permission */
    {"w 1 a c highway=footway", "van", LONG, LONG},
    {"w 1 a c highway=footway", "foot", SHORT, SHORT},
    {"w 1 a c highway=footway motor_vehicle=yes surface=asphalt", "foot", SHORT, SHORT},
    {"w 1 a c highway=bridleway", "ebike", LONG, LONG},
    {"w 1 a c highway=path bicycle=yes", "ebike", SHORT, SHORT},
    {"w 1 a c highway=steps", "ebike", LONG, LONG},
    {"w 1 a c highway=construction", "foot", LONG, LONG},
    /* barriers, on a node between */
    {"n b 100 100 barrier=bollard\nw 1 a b c highway=residential", "van", LONG, LONG},
    {"n b 100 100 barrier=bollard\nw 1 a b c highway=residential", "ebike", SHORT, SHORT},
    {"n b 100 100 barrier=bollard\nw 1 a b c highway=residential", "foot", SHORT, SHORT},
    {"n b 100 100 barrier=bollard bicycle=yes\nw 1 a b c highway=residential", "etrike", SHORT, SHORT},
    {"n b 100 100 barrier=gate\nw 1 a b c highway=residential", "van", SHORT, SHORT},
    {"n b 100 100 barrier=gate access=no\nw 1 a b c highway=residential", "van", LONG, LONG},
    {"n b 100 100 barrier=gate access=private\nw 1 a b c highway=residential", "van", LONG, LONG},
    {"n b 100 100 barrier=wall\nw 1 a b c highway=footway", "foot", LONG, LONG},
    /* turn restrictions at a node, by mode, with exceptions */
    {"w 1 a c highway=residential\nr 1 from=10 via=a to=1 restriction=no_straight_on", "van", LONG, SHORT},
    {"w 1 a c highway=residential\nr 1 from=10 via=a to=1 restriction=no_straight_on", "foot", SHORT, SHORT},
    {"w 1 a c highway=residential\nr 1 from=10 via=a to=1 restriction=no_straight_on except=bicycle",
     "etrike", SHORT, SHORT},
    {"w 1 a c highway=residential\nr 1 from=10 via=a to=1 restriction=no_straight_on except=psv;motorcar",
     "van", SHORT, SHORT},
    {"w 1 a c highway=residential\nr 1 from=10 via=a to=1 restriction:bicycle=no_straight_on", "van", SHORT,
     SHORT},
    {"w 1 a c highway=residential\nr 1 from=10 via=a to=1 restriction:bicycle=no_straight_on", "ebike", LONG,
     SHORT},
    {"w 1 a c highway=residential\nr 1 from=10 via=a to=2 restriction=only_right_turn", "van", LONG, SHORT},
    {"w 1 a c highway=residential\nr 1 from=11 via=c to=1 restriction=no_straight_on", "van", SHORT, LONG},
    /* a restriction over a via way: from s–a over the short way to c–t */
    {"w 1 a c highway=residential\nr 1 from=10 via=1 to=11 restriction=no_straight_on", "van", LONG, SHORT},
    {"n b 100 100\nw 1 a b highway=residential\nw 3 b c highway=residential\nr 1 from=10 via=1,3 to=11 "
     "restriction=no_straight_on",
     "van", LONG, SHORT},
    {"w 1 a c highway=residential\nr 1 from=10 via=2 to=11 restriction=only_straight_on", "van", LONG, SHORT},
    /* a ferry where there is nothing quicker is another test; here it is slower than the road */
    {"w 1 a c route=ferry duration=00:30", "van", LONG, LONG},
};

START_TEST(rule)
{
    ck_assert_msg(abs(via_block(rules[_i].rest, rules[_i].profile, false) - rules[_i].there) <= 2,
                  "%s for %s: %d m instead of %d", rules[_i].rest, rules[_i].profile,
                  via_block(rules[_i].rest, rules[_i].profile, false), rules[_i].there);
    ck_assert_msg(abs(via_block(rules[_i].rest, rules[_i].profile, true) - rules[_i].back) <= 2,
                  "%s for %s, back: %d m instead of %d", rules[_i].rest, rules[_i].profile,
                  via_block(rules[_i].rest, rules[_i].profile, true), rules[_i].back);
}
END_TEST

/* A straight road of 1 km; the time tells the speed. */
static int one_road(const char *tags, const char *profile)
{
    struct test_map m;
    struct text map = {0};
    int ms;

    text_add(&map, "n a 0 0\nn b 1000 0\nw 1 a b %s", tags);
    test_map_new(&m, map.at);
    ms = test_ms(&m, profile, 0, 0, 1000, 0);
    test_map_free(&m);
    free(map.at);
    return ms;
}

static const struct {
    const char *tags, *profile;
    double kmh;
} speeds[] = {
    {"highway=residential", "van", 24},
    {"highway=primary maxspeed=40", "van", 40 * 0.85},
    {"highway=primary maxspeed=30_mph", "van", 30 * 1.609344 * 0.85},
    {"highway=primary maxspeed=40", "ebike", 23},
    {"highway=residential surface=gravel", "van", 24 * 0.6},
    {"highway=residential maxspeed=nonsense", "van", 24},
    {"highway=motorway maxspeed=120", "van", 90},
    {"highway=steps", "foot", 2.2},
};

START_TEST(speed)
{
    int want = (int)(3600 / speeds[_i].kmh * 1000);

    /* motorways may not be stopped on */
    if (_i == 6)
        ck_assert_int_eq(one_road(speeds[_i].tags, speeds[_i].profile), -1);
    else
        ck_assert_int_le(abs(one_road(speeds[_i].tags, speeds[_i].profile) - want), want / 500 + 2);
}
END_TEST

START_TEST(directional_maxspeed)
{
    struct test_map m;

    test_map_new(&m, "n a 0 0\nn b 1000 0\nw 1 a b highway=primary maxspeed:forward=60 maxspeed:backward=30");
    ck_assert_int_gt(test_ms(&m, "van", 1000, 0, 0, 0), 2 * test_ms(&m, "van", 0, 0, 1000, 0) - 200);
    test_map_free(&m);
}
END_TEST

START_TEST(ferry_takes_its_duration)
{
    struct test_map m;

    test_map_new(
        &m, "n a 0 0\nn b 500 0\nn c 2500 0\nn d 3000 0\n"
            "w 1 a b highway=residential\nw 2 b c route=ferry duration=00:20\nw 3 c d highway=residential");
    /* 1 km at 24 km/h, twenty minutes, five minutes of boarding */
    ck_assert_int_le(abs(test_ms(&m, "van", 0, 0, 3000, 0) - (150000 + 1200000 + 300000)), 3000);
    test_map_free(&m);
}
END_TEST

START_TEST(turns_cost_by_side)
{
    struct test_map m;
    int left, right, straight;

    /* a crossroads of equal arms */
    test_map_new(&m, "n w -200 0\nn e 200 0\nn n 0 200\nn s 0 -200\nn o 0 0\n"
                     "w 1 w o highway=residential\nw 2 o e highway=residential\nw 3 o n "
                     "highway=residential\nw 4 o s highway=residential");
    straight = test_ms(&m, "van", -100, 0, 100, 0);
    left = test_ms(&m, "van", -100, 0, 0, 100);
    right = test_ms(&m, "van", -100, 0, 0, -100);
    ck_assert_int_le(abs(right - straight - 3000), 50);
    ck_assert_int_le(abs(left - straight - 6000), 50);
    ck_assert_int_le(abs(test_ms(&m, "foot", -100, 0, 0, 100) - test_ms(&m, "foot", -100, 0, 100, 0)), 50);
    test_map_free(&m);
}
END_TEST

START_TEST(turning_round_only_at_dead_ends)
{
    struct test_map m;

    /* s–a–t, with a stub at a: to come back from 50 m after a to 50 m before a on the same side, the van must
     * go to an end; placements on one direction only are had by heading */
    struct snap_options east = {.bearing = 90, .range = 20, .no_parking = true},
                        west = {.bearing = 270, .range = 20, .no_parking = true};
    const struct road_profile *p;
    struct place from, to;
    struct spot s[SPOTS_MAX], t[SPOTS_MAX];
    struct query *q;
    cost c;

    test_map_new(&m, "n s -200 0\nn a 0 0\nn t 300 0\nn u 0 40\nw 1 s a t highway=residential\nw 2 a u "
                     "highway=residential");
    p = road_profile_find(m.road, "van", NULL);
    ck_assert(snap_point(m.road, p, &p->metric, test_at(-50, 0), &east, &from));
    ck_assert(snap_point(m.road, p, &p->metric, test_at(-60, 0), &west, &to));
    ck_assert_int_eq(from.n, 1);
    q = query_new(&p->graph, &p->cch, &p->metric);
    c = query_cost(q, s, spot_sources(&p->graph, &from, s), t, spot_targets(&p->graph, &p->metric, &to, t));
    /* nearest dead end is the stub: 50 + 40 + 40 + 60 m */
    ck_assert_int_le(abs((int)cost_dm(c) - 1900), 20);
    query_free(q);
    test_map_free(&m);
}
END_TEST

START_TEST(entering_private_costs_once)
{
    struct test_map m;

    test_map_new(&m, "n a 0 0\nn b 200 0\nn c 400 0\nn d 600 0\nw 1 a b highway=residential\n"
                     "w 2 b c highway=service access=private\nw 3 c d highway=service access=private");
    ck_assert_int_gt(test_ms(&m, "van", 100, 0, 500, 0), 90000);
    ck_assert_int_lt(test_ms(&m, "van", 100, 0, 500, 0), 90000 + 100000);
    ck_assert_int_lt(test_ms(&m, "van", 500, 0, 100, 0), 100000);
    test_map_free(&m);
}
END_TEST

START_TEST(islands_are_found_and_avoided)
{
    struct test_map m;
    struct place place;
    const struct road_profile *p;
    char map[4096];
    int n = 0;

    /* a ladder of streets, and one street apart from it, nearer to the point asked */
    for (int i = 0; i < 12; i++)
        n += snprintf(map + n, sizeof map - (size_t)n,
                      "n a%d %d 0\nn b%d %d 100\nw %d a%d b%d highway=residential\n", i, i * 100, i, i * 100,
                      i + 1, i, i);
    for (int i = 0; i < 11; i++)
        n +=
            snprintf(map + n, sizeof map - (size_t)n, "w %d a%d a%d highway=residential\n", 20 + i, i, i + 1);
    n += snprintf(map + n, sizeof map - (size_t)n, "n x 0 200\nn y 300 200\nw 99 x y highway=residential\n");
    test_map_new(&m, map);
    ck_assert_uint_eq(m.report.profiles[0].graph.islands, 1);
    ck_assert_uint_eq(m.report.profiles[0].graph.island_links, 1);
    p = road_profile_find(m.road, "van", NULL);
    ck_assert(snap_point(m.road, p, &p->metric, test_at(100, 190), NULL, &place));
    ck_assert_int_eq(m.road->net.ways.at[m.road->net.segments.at[place.at[0].segment].way].osm_id, 2);
    ck_assert(snap_point(m.road, p, &p->metric, test_at(100, 190), &(struct snap_options){.islands = true},
                         &place));
    ck_assert_int_eq(m.road->net.ways.at[m.road->net.segments.at[place.at[0].segment].way].osm_id, 99);
    test_map_free(&m);
}
END_TEST

START_TEST(park_at_the_gate_and_walk)
{
    struct test_map m;
    const struct road_profile *p;
    struct place place;
    bool parked = false;

    /* a campus path leads 200 m from the street to the door; the street behind is 30 m away from it but far
     * to drive to */
    test_map_new(&m, "n a 0 0\nn b 100 0\nn c 500 0\nn door 100 200\nw 1 a b c highway=residential\nw 2 b "
                     "door highway=footway");
    p = road_profile_find(m.road, "van", NULL);
    ck_assert(snap_point(m.road, p, &p->metric, test_at(100, 195), NULL, &place));
    for (uint32_t i = 0; i < place.n; i++)
        if (place.at[i].parked && !parked) {
            parked = true; /* the quickest gate comes first: 195 m on foot at 4.5 km/h = 156 s */
            ck_assert_int_le(abs((int)cost_ms(place.at[i].walk) - 156000), 3000);
            ck_assert_double_lt(geo_distance(place.at[i].point, test_at(100, 0)), 2);
        }
    ck_assert(parked);
    test_map_free(&m);
}
END_TEST

START_TEST(heading_and_side_choose_the_direction)
{
    struct test_map m;
    const struct road_profile *p;
    struct place place;

    test_map_new(&m, "n a 0 0\nn b 500 0\nw 1 a b highway=residential");
    p = road_profile_find(m.road, "van", NULL);
    snap_point(m.road, p, &p->metric, test_at(250, 10), NULL, &place);
    ck_assert_uint_eq(place.n, 2);
    ck_assert_uint_eq(cost_dm(place.at[0].walk), 100);
    ck_assert_int_le(abs((int)cost_ms(place.at[0].walk) - 8000), 10);
    /* a point north of an east–west street is at the right-hand side when driving west */
    snap_point(m.road, p, &p->metric, test_at(250, 10), &(struct snap_options){.curb = true}, &place);
    ck_assert_uint_eq(place.n, 1);
    ck_assert_uint_eq(place.at[0].dlink & 1, 1);
    snap_point(m.road, p, &p->metric, test_at(250, -10), &(struct snap_options){.curb = true}, &place);
    ck_assert_uint_eq(place.at[0].dlink & 1, 0);
    snap_point(m.road, p, &p->metric, test_at(250, 10), &(struct snap_options){.bearing = 80, .range = 30},
               &place);
    ck_assert_uint_eq(place.n, 1);
    ck_assert_uint_eq(place.at[0].dlink & 1, 0);
    ck_assert(
        !snap_point(m.road, p, &p->metric, test_at(250, 50), &(struct snap_options){.radius = 20}, &place));
    test_map_free(&m);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("road rules");
    TCase *t = tcase_create("rules");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, rule, 0, sizeof rules / sizeof *rules);
    tcase_add_loop_test(t, speed, 0, sizeof speeds / sizeof *speeds);
    tcase_add_test(t, directional_maxspeed);
    tcase_add_test(t, ferry_takes_its_duration);
    tcase_add_test(t, turns_cost_by_side);
    tcase_add_test(t, turning_round_only_at_dead_ends);
    tcase_add_test(t, entering_private_costs_once);
    tcase_add_test(t, islands_are_found_and_avoided);
    tcase_add_test(t, park_at_the_gate_and_walk);
    tcase_add_test(t, heading_and_side_choose_the_direction);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
