/* What people and clients see: routes and their words, OSRM answers, tiles, isochrones, traces. */
#include "routing/road/mem.h"
#include "routing/road/osrm_url.h"
#include "routing/road/provider.h"
#include "routing/road/reach.h"
#include "routing/road/test_map.h"
#include "routing/road/tile.h"
#include "routing/road/trace.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A crossing, a street that changes its name, a roundabout with an exit north. */
#define TOWN                                                                                                       \
    "n w -400 0\nn o 0 0\nn e 300 0\nn n 0 300\nn s 0 -300\nn x 600 0\n"                                           \
    "w 1 w o highway=residential name=人民路 name:en=Renmin_Road\nw 2 o e highway=residential name=人民路\n" \
    "w 3 o n highway=residential name=北街 name:en=North_Street\nw 4 o s highway=residential name=南街\n"      \
    "w 5 e x highway=residential name=建设路\n"                                                                 \
    "n ra 0 300\nn r1 -20 320\nn r2 0 340\nn r3 20 320\nn nn 0 600\n"

static char *say(const struct test_map *m, double x1, double y1, double x2, double y2,
                 enum route_language language)
{
    const struct road_profile *p = road_profile_find(m->road, "van", NULL);
    struct query *q = query_new(&p->graph, &p->cch, &p->metric);
    struct text t = {0};
    struct place from, to;
    struct route route;

    snap_point(m->road, p, &p->metric, test_at(x1, y1), NULL, &from);
    snap_point(m->road, p, &p->metric, test_at(x2, y2), NULL, &to);
    ck_assert_int_eq(route_find(m->road, p, &p->metric, q, &from, &to, &route, NULL), 0);
    for (size_t i = 0; i < route.steps.n; i++) {
        text_add(&t, i ? "|" : "");
        route_step_text(m->road, &route.steps.at[i], language, &t);
    }
    route_fini(&route);
    query_free(q);
    return t.at;
}

static const struct {
    double x1, y1, x2, y2;
    enum route_language language;
    const char *words;
} talks[] = {
    {-300, 0, 0, 200, ROUTE_ZH, "向东出发，沿人民路行驶|向左转，进入北街|到达目的地"},
    {-300, 0, 0, 200, ROUTE_EN,
     "Head east on Renmin Road|Turn left onto North Street|Arrive at the destination"},
    {-300, 0, 0, -200, ROUTE_ZH, "向东出发，沿人民路行驶|向右转，进入南街|到达目的地"},
    {-300, 0, 200, 0, ROUTE_EN, "Head east on Renmin Road|Arrive at the destination"},
    {-300, 0, 500, 0, ROUTE_ZH, "向东出发，沿人民路行驶|继续直行，进入建设路|到达目的地"},
};

START_TEST(instructions)
{
    struct test_map m;
    char *words;

    test_map_new(&m, TOWN);
    words = say(&m, talks[_i].x1, talks[_i].y1, talks[_i].x2, talks[_i].y2, talks[_i].language);
    ck_assert_str_eq(words, talks[_i].words);
    free(words);
    test_map_free(&m);
}
END_TEST

START_TEST(roundabout_exits_are_counted)
{
    struct test_map m;
    char *words;

    /* anticlockwise ring of 20 m: in from the south, exits east, north, west */
    test_map_new(
        &m, "n s 0 -300\nn e 300 0\nn n 0 300\nn w -300 0\nn rs 0 -20\nn re 20 0\nn rn 0 20\nn rw -20 0\n"
            "w 9 rs re rn rw rs highway=residential junction=roundabout\n"
            "w 1 s rs highway=residential name=南街\nw 2 re e highway=residential name=东街\n"
            "w 3 rn n highway=residential name=北街\nw 4 rw w highway=residential name=西街");
    words = say(&m, 0, -200, 0, 200, ROUTE_ZH);
    ck_assert_str_eq(words, "向北出发，沿南街行驶|进入环岛，从第2个出口驶出，进入北街|到达目的地");
    free(words);
    words = say(&m, 0, -200, -200, 0, ROUTE_EN);
    ck_assert_str_eq(
        words, "Head north on 南街|Enter the roundabout and take exit 3 onto 西街|Arrive at the destination");
    free(words);
    test_map_free(&m);
}
END_TEST

START_TEST(route_adds_up)
{
    const struct road_profile *p;
    struct test_map m;
    struct place from, to;
    struct route route;
    struct query *q;
    uint64_t ms = 0, dm = 0;
    double metres = 0;

    test_map_new(&m, TOWN);
    p = road_profile_find(m.road, "van", NULL);
    q = query_new(&p->graph, &p->cch, &p->metric);
    snap_point(m.road, p, &p->metric, test_at(-300, 0), NULL, &from);
    snap_point(m.road, p, &p->metric, test_at(0, 200), NULL, &to);
    ck_assert_int_eq(route_find(m.road, p, &p->metric, q, &from, &to, &route, NULL), 0);
    for (size_t i = 0; i < route.steps.n; i++) {
        ms += route.steps.at[i].ms;
        dm += route.steps.at[i].dm;
    }
    for (size_t i = 1; i < route.points.n; i++)
        metres += geo_distance(route.points.at[i - 1], route.points.at[i]);
    ck_assert_int_le(llabs((long long)ms - cost_ms(route.total)), 10);
    ck_assert_int_le(llabs((long long)dm - cost_dm(route.total)), 3);
    ck_assert_double_eq_tol(metres, 500, 1);
    route_fini(&route);
    query_free(q);
    test_map_free(&m);
}
END_TEST

static const struct {
    const char *target;
    int status;
    const char *contains;
} requests[] = {
    {"/route/v1/driving/116.597,35.4;116.6,35.402", 200, "\"code\":\"Ok\",\"routes\":[{\"geometry\":\""},
    {"/route/v1/driving/116.597,35.4;116.6,35.402?overview=false", 200, "\"routes\":[{\"distance\":"},
    {"/route/v1/driving/116.597,35.4;116.6,35.402.json?steps=true&geometries=geojson", 200,
     "\"instruction_zh\":\"向左转，进入北街\""},
    {"/route/v1/van/116.597,35.4;116.6,35.402;116.603,35.4?annotations=true", 200,
     "\"annotation\":{\"distance\":["},
    {"/route/v1/driving/"
     "116.597,35.4;116.6,35.402?alternatives=3&continue_straight=default&geometries=polyline6",
     200, "Ok"},
    {"/table/v1/driving/116.597,35.4;116.6,35.402;116.603,35.4", 200, "\"durations\":[[0,"},
    {"/table/v1/driving/116.597,35.4;116.6,35.402;116.603,35.4?sources=0", 200, "\"sources\":[{"},
    {"/table/v1/driving/116.597,35.4;116.6,35.402?sources=0&destinations=1&annotations=distance", 200,
     "\"distances\":[[4"},
    {"/table/v1/driving/116.597,35.4;116.6,35.402;116.603,35.4?annotations=duration,distance", 200,
     "\"distances\":[[0,"},
    {"/nearest/v1/walking/116.597,35.4?number=2&bearings=0,180", 200,
     "\"waypoints\":[{\"hint\":\"\",\"distance\":"},
    {"/trip/v1/cycling/116.597,35.4;116.6,35.402;116.603,35.4", 200, "\"waypoint_index\":"},
    {"/trip/v1/driving/116.597,35.4;116.6,35.402;116.603,35.4?roundtrip=false&source=first&destination=last",
     200, "\"trips_index\":0"},
    {"/match/v1/driving/116.597,35.4;116.598,35.4;116.599,35.4?timestamps=0;10;20&radiuses=5;5;5", 200,
     "\"matchings\":[{\"confidence\":"},
    {"/route/v1/driving/polyline(wjxwEkaejUoKgQ)?overview=false", 400, "NoSegment"},
    {"/route/v1/driving/116.597,35.4;116.6,35.402?radiuses=10;unlimited", 200, "Ok"},
    {"/route/v1/driving/116.597,35.4", 400, "InvalidOptions"},
    {"/route/v1/driving/116.597,35.4;;", 400, "InvalidUrl"},
    {"/route/v1/driving/116.597;35.4", 400, "InvalidUrl"},
    {"/route/v1/driving/416.597,35.4;1,1", 400, "InvalidOptions"},
    {"/route/v1/driving/116.597,35.4;116.6,35.402?steps=perhaps", 400, "InvalidOptions"},
    {"/route/v1/driving/116.597,35.4;116.6,35.402?colour=red", 400, "InvalidQuery"},
    {"/route/v1/driving/116.597,35.4;116.6,35.402?bearings=90", 400, "InvalidOptions"},
    {"/table/v1/driving/116.597,35.4;116.6,35.402?sources=7", 400, "InvalidOptions"},
    {"/route/v2/driving/116.597,35.4;116.6,35.402", 400, "InvalidVersion"},
    {"/fly/v1/driving/116.597,35.4;116.6,35.402", 400, "InvalidService"},
    {"/route/v1/rocket/116.597,35.4;116.6,35.402", 400, "InvalidValue"},
    {"/route/v1/driving/10,10;116.6,35.402", 400, "NoSegment"},
    {"", 400, "InvalidUrl"},
    {"/////", 400, "Invalid"},
    {"/route/v1/driving/polyline(%ff%00?", 400, "InvalidUrl"},
};

START_TEST(osrm)
{
    struct test_map m;
    struct text t = {0};
    struct osrm *o;

    test_map_new(&m, TOWN);
    o = osrm_new(m.road);
    ck_assert_msg(osrm_answer(o, requests[_i].target, &t) == requests[_i].status, "%s: %s",
                  requests[_i].target, t.at);
    ck_assert_msg(strstr(t.at, requests[_i].contains) != NULL, "%s: %s", requests[_i].target, t.at);
    osrm_free(o);
    free(t.at);
    test_map_free(&m);
}
END_TEST

/* Three streets side by side from a to z, of 1000, 1100 and 1900 m, and one that only adds a loop. */
#define SIDE_BY_SIDE                                                                                         \
    "n s -200 0\nn a 0 0\nn z 1000 0\nn t 1200 0\nn u 500 229\nn l1 300 -700\nn l2 700 -700\n"               \
    "n m 500 0\nn k 480 40\nn k2 520 40\n"                                                                   \
    "w 1 s a highway=residential\nw 2 a m z highway=residential\nw 3 z t highway=residential\n"              \
    "w 4 a u z highway=residential\nw 5 a l1 l2 z highway=residential\nw 6 m k k2 m highway=residential"

START_TEST(alternatives)
{
    static const struct {
        double from, to;
        int max, routes;
    } asked[] = {
        {-100, 1100, 3, 2}, {-100, 1100, 1, 2}, {-100, 1100, 0, 1}, {-150, -50, 3, 1}, {100, 400, 3, 1}};
    struct test_map m;
    struct osrm *o;

    test_map_new(&m, SIDE_BY_SIDE);
    o = osrm_new(m.road);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct geo_point a = test_at(asked[i].from, 0), b = test_at(asked[i].to, 0);
        struct text t = {0};
        char target[160];
        int routes = 0;

        snprintf(target, sizeof target, "/route/v1/van/%.6f,%.6f;%.6f,%.6f?overview=false&alternatives=%d",
                 geo_lon(a), geo_lat(a), geo_lon(b), geo_lat(b), asked[i].max);
        ck_assert_int_eq(osrm_answer(o, target, &t), 200);
        for (const char *c = t.at; (c = strstr(c, "weight_name")); c++)
            routes++;
        ck_assert_msg(routes == asked[i].routes, "%s: %s", target, t.at);
        free(t.at);
    }
    osrm_free(o);
    test_map_free(&m);
}
END_TEST

static bool after(void *arg)
{
    int *left = arg;

    return --*left < 0;
}

/* Whenever it is stopped, an answer is whole: the timeout's or the usual one. */
START_TEST(osrm_stops)
{
    static const char *const targets[] = {
        "/route/v1/van/116.597,35.4;116.6,35.402;116.603,35.4",
        "/table/v1/van/116.597,35.4;116.6,35.402;116.603,35.4",
        "/trip/v1/van/116.597,35.4;116.6,35.402;116.603,35.4",
        "/match/v1/van/116.597,35.4;116.598,35.4;116.599,35.4",
    };
    struct test_map m;
    struct osrm *o;
    int finished = 0;

    test_map_new(&m, TOWN);
    o = osrm_new(m.road);
    for (int when = 0; when < 12; when++) {
        struct text t = {0};
        int left = when, status;

        osrm_set_stop(o, after, &left);
        status = osrm_answer(o, targets[_i], &t);
        ck_assert_msg(status == 200 || status == 504, "%s", t.at);
        ck_assert(!strncmp(t.at, status == 200 ? "{\"code\":\"Ok\"" : "{\"code\":\"Timeout\"", 12));
        ck_assert(when || status == 504);
        finished += status == 200;
        free(t.at);
    }
    ck_assert_int_gt(finished, 0);
    osrm_free(o);
    test_map_free(&m);
}
END_TEST

/* Google's documented example. */
START_TEST(polyline)
{
    struct osrm_request q = {0};
    struct text t = {0};

    ck_assert(osrm_polyline_decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@", 27, 1e5, &q));
    ck_assert_uint_eq(q.points.n, 3);
    ck_assert_int_eq(q.points.at[0].lat, 385000000);
    ck_assert_int_eq(q.points.at[2].lon, -1264530000);
    osrm_polyline_encode(q.points.at, 3, 1e5, &t);
    ck_assert_str_eq(t.at, "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
    ck_assert(!osrm_polyline_decode("_p~iF~ps|", 9, 1e5, &q));
    free(t.at);
    free(q.points.at);
}
END_TEST

static bool contains(const struct text *t, const char *s)
{
    for (size_t i = 0; i + strlen(s) <= t->n; i++)
        if (!memcmp(t->at + i, s, strlen(s)))
            return true;
    return false;
}

START_TEST(tiles)
{
    struct test_map m;
    struct text t = {0}, json = {0};
    double n = 1 << 14, lat = 35.4 * M_PI / 180;
    uint32_t x = (uint32_t)((116.6 + 180) / 360 * n), y = (uint32_t)((1 - asinh(tan(lat)) / M_PI) / 2 * n);

    test_map_new(&m, TOWN);
    ck_assert(tile_draw(m.road, 14, x, y, &t));
    ck_assert_uint_gt(t.n, 100);
    ck_assert_uint_eq((uint8_t)t.at[0], 3 << 3 | 2); /* Tile.layers */
    ck_assert(contains(&t, "roads"));
    ck_assert(contains(&t, "人民路"));
    t.n = 0;
    ck_assert(tile_draw(m.road, 14, x + 5, y, &t));
    ck_assert_uint_eq(t.n, 0);
    ck_assert(tile_draw(m.road, 8, (uint32_t)((116.6 + 180) / 360 * 256), 100, &t));
    ck_assert_uint_eq(t.n, 0); /* residential streets are not drawn at zoom 8 */
    ck_assert(!tile_draw(m.road, 3, 8, 0, &t));
    ck_assert(!tile_draw(m.road, 40, 0, 0, &t));
    tile_json(m.road, "/tiles/{z}/{x}/{y}.mvt", &json);
    ck_assert_ptr_nonnull(strstr(json.at, ROAD_ATTRIBUTION));
    free(t.at);
    free(json.at);
    test_map_free(&m);
}
END_TEST

static bool covers(const struct reach_area *a, struct geo_point p)
{
    bool in = false;

    for (size_t r = 0; r < a->rings.n; r++) {
        const struct geo_point *ring = a->points.at + a->rings.at[r].first;
        uint32_t n = a->rings.at[r].n;

        for (uint32_t i = 0, k = n - 1; i < n; k = i++)
            if ((ring[i].lat > p.lat) != (ring[k].lat > p.lat) &&
                p.lon < ((double)ring[k].lon - ring[i].lon) * ((double)p.lat - ring[i].lat) /
                                ((double)ring[k].lat - ring[i].lat) +
                            ring[i].lon)
                in = !in;
    }
    return in;
}

START_TEST(isochrone_covers_what_is_in_reach)
{
    const struct road_profile *p;
    struct test_map m;
    struct reach_area a;
    struct text t = {0};
    struct place from;

    test_map_new(&m, "n a 0 0\nn b 1000 0\nn c 0 1000\nw 1 a b highway=residential\nw 2 a c "
                     "highway=residential oneway=-1");
    p = road_profile_find(m.road, "van", NULL);
    snap_point(m.road, p, &p->metric, test_at(500, 0), NULL, &from);
    /* 45 s at 24 km/h = 300 m either way along the street */
    reach_isochrone(m.road, p, &p->metric, &from, 45000, 30, &a);
    ck_assert(covers(&a, test_at(500, 0)));
    ck_assert(covers(&a, test_at(740, 0)));
    ck_assert(covers(&a, test_at(260, 0)));
    ck_assert(!covers(&a, test_at(850, 0)));
    ck_assert(!covers(&a, test_at(100, 0)));
    ck_assert(!covers(&a, test_at(500, 90)));
    reach_area_json(&a, 45000, &t);
    ck_assert_ptr_nonnull(strstr(t.at, "\"MultiPolygon\",\"coordinates\":[[[["));
    free(t.at);
    reach_area_fini(&a);
    /* the street north is one-way towards us: not in reach */
    reach_isochrone(m.road, p, &p->metric, &from, 300000, 30, &a);
    ck_assert(covers(&a, test_at(100, 0)));
    ck_assert(!covers(&a, test_at(0, 500)));
    reach_area_fini(&a);
    test_map_free(&m);
}
END_TEST

START_TEST(traces_are_cleaned)
{
    struct trace_fix f[] = {
        {3000, test_at(30, 0), 5},   {1000, test_at(10, 0), 5},   {2000, test_at(20, 0), 5},
        {2000, test_at(20, 0), 5},   {4000, test_at(5000, 0), 5}, {5000, test_at(50, 0), 5},
        {6000, test_at(60, 0), 500}, {7000, test_at(70, 0), 5},
    };
    size_t n = trace_clean(f, 8, NULL);

    ck_assert_uint_eq(n, 5);
    for (size_t i = 1; i < n; i++)
        ck_assert_int_lt(f[i - 1].ms, f[i].ms);
    ck_assert_int_eq(f[4].ms, 7000);
}
END_TEST

/* What was learned goes into the metrics of its hours. */
static void teaches_by_hour(const struct test_map *m, const struct text *t)
{
    struct live *l = live_new(m->road, traffic_read(&m->road->net, t->at, t->n, "learned", NULL, NULL));
    const struct geo_point ends[2] = {test_at(100, 0), test_at(500, 0)};
    const int hours[3] = {0, 5, 12};
    int32_t seconds[3], metres;
    struct matrix_provider p;

    matrix_live_init(&p, l, 1);
    for (int i = 0; i < 3; i++) {
        struct matrix_query q = {
            .from = ends, .n_from = 1, .to = ends + 1, .n_to = 1, .profile = "van", .hour = hours[i]};

        ck_assert_int_eq(matrix_get(&p, &q, &seconds[i], &metres, NULL), 0);
    }
    ck_assert_int_le(abs(seconds[0] - 400 / 5), 8);
    ck_assert_int_gt(seconds[1], seconds[0] + 20); /* or round by the parallel street */
    ck_assert_int_le(seconds[1], 2 * 400 / 5 + 16);
    ck_assert_int_le(abs(seconds[2] - 120), 12);
    matrix_free(&p);
    live_free(l);
}

START_TEST(traces_find_their_street_and_teach_speeds)
{
    const struct road_profile *p;
    struct trace_fix f[26];
    struct match match;
    struct test_map m;
    struct text t = {0};
    struct learn *l;
    struct query *q;
    uint32_t segment;
    double kmh;

    /* two parallel streets 30 m apart; the trace jitters by ±8 m round the first at 5 m/s, then turns north
     */
    test_map_new(&m, "n a 0 0\nn b 600 0\nn c 0 30\nn d 600 30\nn u 600 300\nw 1 a b highway=residential\nw "
                     "2 c d highway=residential\n"
                     "w 3 b d u highway=residential\nw 4 a c highway=residential");
    p = road_profile_find(m.road, "van", NULL);
    for (int i = 0; i < 26; i++)
        f[i] = (struct trace_fix){i * 6000,
                                  i < 19 ? test_at(50 + i * 30, i % 2 ? 8 : -8)
                                         : test_at(600 + (i % 2 ? 5 : -5), (i - 19) * 30 + 20),
                                  8};
    q = query_new(&p->graph, &p->cch, &p->metric);
    match_trace(m.road, p, &p->metric, q, f, 26, NULL, &match);
    ck_assert_uint_eq(match.n_groups, 1);
    for (int i = 0; i < 18; i++) {
        ck_assert(match.points.at[i].matched);
        ck_assert_int_eq(
            m.road->net.ways.at[m.road->net.segments.at[match.points.at[i].placement.segment].way].osm_id, 1);
    }
    ck_assert_int_eq(
        m.road->net.ways.at[m.road->net.segments.at[match.points.at[25].placement.segment].way].osm_id, 3);
    l = learn_new(m.road);
    ck_assert_uint_gt(learn_add(l, m.road, p, &p->metric, q, f, &match, 0), 15);
    learn_traffic(l, 3, &t);
    ck_assert_int_eq(sscanf(t.at, "segment,direction,speed,hours\n%u,forward,%lf\n", &segment, &kmh), 2);
    ck_assert_double_eq_tol(kmh, 18, 1.5);
    t.n = 0;
    learn_traffic(l, 1000, &t);
    ck_assert_str_eq(t.at, "segment,direction,speed,hours\n");
    match_fini(&match);
    /* at five in the morning half as fast */
    for (int i = 0; i < 26; i++)
        f[i].ms = 5 * 3600000 + 2 * f[i].ms;
    match_trace(m.road, p, &p->metric, q, f, 26, NULL, &match);
    learn_add(l, m.road, p, &p->metric, q, f, &match, 0);
    t.n = 0;
    learn_traffic(l, 3, &t);
    teaches_by_hour(&m, &t);
    free(t.at);
    learn_free(l);
    match_fini(&match);
    query_free(q);
    test_map_free(&m);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("road surface");
    TCase *t = tcase_create("surface");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, instructions, 0, sizeof talks / sizeof *talks);
    tcase_add_test(t, roundabout_exits_are_counted);
    tcase_add_test(t, route_adds_up);
    tcase_add_loop_test(t, osrm, 0, sizeof requests / sizeof *requests);
    tcase_add_loop_test(t, osrm_stops, 0, 4);
    tcase_add_test(t, alternatives);
    tcase_add_test(t, polyline);
    tcase_add_test(t, tiles);
    tcase_add_test(t, isochrone_covers_what_is_in_reach);
    tcase_add_test(t, traces_are_cleaned);
    tcase_add_test(t, traces_find_their_street_and_teach_speeds);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
