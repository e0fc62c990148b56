/* Queries, tables, trees and traffic against plain Dijkstra on synthetic towns: a grid with random one-ways,
 * classes, bends, dead ends, restrictions and footpaths, drawn from a seed. */
#include "routing/road/many.h"
#include "routing/road/mem.h"
#include "routing/road/provider.h"
#include "routing/road/reach.h"
#include "routing/road/test_map.h"
#include "routing/road/traffic.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % n;
}

enum { SIDE = 9 };

struct street {
    int ax, ay, bx, by;
};
static struct street streets[400];

static void add_street(struct text *t, int *id, int ax, int ay, int bx, int by)
{
    static const char *const classes[] = {"residential", "tertiary", "service", "footway", "primary", "path"};
    static const char *const extras[] = {"",
                                         "",
                                         "",
                                         "oneway=yes",
                                         "oneway=-1",
                                         "access=private",
                                         "oneway=yes oneway:bicycle=no",
                                         "surface=gravel"};

    streets[*id] = (struct street){ax, ay, bx, by};
    text_add(t, "w %d n%d_%d n%d_%d highway=%s %s\n", ++*id, ax, ay, bx, by, classes[random_below(6)],
             extras[random_below(8)]);
}

/* Another street at (x, y), or -1. */
static int neighbour(int id, int x, int y, int not_this)
{
    int start = (int)random_below((uint32_t)id);

    for (int k = 0; k < id; k++) {
        int i = (start + k) % id;
        const struct street *s = &streets[i];

        if (i != not_this && ((s->ax == x && s->ay == y) || (s->bx == x && s->by == y)))
            return i;
    }
    return -1;
}

/* From a street over its far end into another one, by the node or by a street between. */
static void add_restriction(struct text *t, int number, int id)
{
    static const char *const kinds[] = {"no_left_turn", "only_straight_on", "no_right_turn", "no_u_turn"};
    int from = (int)random_below((uint32_t)id), via = neighbour(id, streets[from].bx, streets[from].by, from),
        to, x, y;

    if (via < 0)
        return;
    x = streets[via].ax == streets[from].bx && streets[via].ay == streets[from].by ? streets[via].bx
                                                                                   : streets[via].ax;
    y = streets[via].ax == streets[from].bx && streets[via].ay == streets[from].by ? streets[via].by
                                                                                   : streets[via].ay;
    to = neighbour(id, x, y, via);
    if (number % 3)
        text_add(t, "r %d from=%d via=n%d_%d to=%d restriction=%s\n", number, from + 1, streets[from].bx,
                 streets[from].by, number % 7 ? via + 1 : from + 1,
                 number % 7 ? kinds[number % 2] : kinds[3]);
    else if (to >= 0)
        text_add(t, "r %d from=%d via=%d to=%d restriction=%s\n", number, from + 1, via + 1, to + 1,
                 kinds[number % 3]);
}

/* Some nodes are barriers or signals; every street is a way of its own, so restrictions are easy to draw. */
static char *town(uint32_t seed)
{
    static const char *const nodes[] = {
        "", "", "", "", "highway=traffic_signals", "barrier=gate", "barrier=bollard"};
    struct text t = {0};
    int id = 0;

    random_state = seed;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            text_add(&t, "n n%d_%d %d %d %s\n", x, y, x * 100 + (int)random_below(30),
                     y * 100 + (int)random_below(30), nodes[random_below(7)]);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            if (x + 1 < SIDE && random_below(8))
                add_street(&t, &id, x, y, x + 1, y);
            if (y + 1 < SIDE && random_below(8))
                add_street(&t, &id, x, y, x, y + 1);
        }
    for (int i = 0; i < 60; i++)
        add_restriction(&t, i, id);
    return t.at;
}

static struct place random_place(const struct road_profile *p, const struct metric *m)
{
    struct place place = {.n = 0};

    for (int tries = 0; !place.n && tries < 10000; tries++) {
        uint32_t s = random_below(p->graph.n_segments), along = p->graph.segment_dlink[s];
        double fraction = random_below(1001) / 1000.0;

        for (uint32_t k = 0; along != NET_NONE && k < 2; k++)
            if (p->graph.dlink_flags[along ^ k] & GRAPH_OPEN && (random_below(3) || !place.n))
                place.n += placement_set(&p->graph, m, along ^ k, s, fraction, &place.at[place.n]);
        place.asked = (struct geo_point){(int32_t)s, (int32_t)(fraction * 1000)};
    }
    ck_assert_uint_gt(place.n, 0);
    return place;
}

static cost expected(const struct road_profile *p, const struct metric *m, const struct place *from,
                     const struct place *to)
{
    cost *reached = MEM_NEW(cost, p->graph.n_vertices), best;
    struct spot s[SPOTS_MAX];
    uint32_t n, a, b;

    dijkstra(&p->graph, m, s, spot_sources(&p->graph, from, s), COST_NONE, reached);
    best = spot_direct_best(from, to, &a, &b);
    n = spot_targets(&p->graph, m, to, s);
    for (uint32_t i = 0; i < n; i++)
        if (reached[s[i].vertex] + s[i].offset < best)
            best = reached[s[i].vertex] + s[i].offset;
    free(reached);
    return best;
}

static cost path_cost(const struct road_profile *p, const struct metric *m, const struct spot *s,
                      const struct spot *t, const struct query_path *path)
{
    uint32_t v = s[path->from].vertex;
    cost sum = s[path->from].offset;

    for (size_t i = 0; i < path->n_arcs; i++) {
        ck_assert_uint_eq(p->graph.arcs[path->arcs[i]].from, v);
        v = p->graph.arcs[path->arcs[i]].to;
        sum += metric_arc(m, &p->graph.arcs[path->arcs[i]]);
    }
    ck_assert_uint_eq(v, t[path->to].vertex);
    return sum + t[path->to].offset;
}

enum { N = 40 };

static void check_all(const struct road_profile *p, const struct metric *m)
{
    struct place from[N], to[N];
    static int32_t seconds[N * N], metres[N * N], only[N * N];
    struct query *q = query_new(&p->graph, &p->cch, m);
    struct spot s[SPOTS_MAX], t[SPOTS_MAX];

    for (int i = 0; i < N; i++) {
        from[i] = random_place(p, m);
        to[i] = i % 5 ? random_place(p, m) : from[i];
    }
    road_matrix(p, m, from, N, to, N, 2, seconds, metres);
    road_matrix(p, m, from, N, to, N, 1, only, NULL);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            cost want = expected(p, m, &from[i], &to[k]), got;
            uint32_t n = spot_sources(&p->graph, &from[i], s), n_to = spot_targets(&p->graph, m, &to[k], t),
                     a, b;
            struct query_path path = query_path(q, s, n, t, n_to);
            cost direct = spot_direct_best(&from[i], &to[k], &a, &b);

            got = query_cost(q, s, n, t, n_to);
            ck_assert_uint_eq(path.cost, got);
            if (got < COST_NONE)
                ck_assert_uint_eq(path_cost(p, m, s, t, &path), got);
            ck_assert_uint_eq(direct < got ? direct : got, want);
            ck_assert_int_eq(seconds[i * N + k],
                             want < COST_NONE ? (int)((cost_ms(want) + 500) / 1000) : MATRIX_UNREACHABLE);
            ck_assert_int_eq(metres[i * N + k],
                             want < COST_NONE ? (int)((cost_dm(want) + 5) / 10) : MATRIX_UNREACHABLE);
            ck_assert_int_eq(only[i * N + k], seconds[i * N + k]);
        }
    query_free(q);
}

static void check_tree(const struct road_profile *p, const struct metric *m)
{
    cost *a = MEM_NEW(cost, p->graph.n_vertices), *b = MEM_NEW(cost, p->graph.n_vertices);
    struct place from = random_place(p, m);
    struct spot s[SPOTS_MAX];
    uint32_t n = spot_sources(&p->graph, &from, s);

    dijkstra(&p->graph, m, s, n, COST_NONE, a);
    reach_all(&p->cch, m, s, n, b);
    for (uint32_t v = 0; v < p->graph.n_vertices; v++)
        ck_assert_uint_eq(a[v], b[v]);
    free(a);
    free(b);
}

START_TEST(every_query_equals_dijkstra)
{
    char *lines = town((uint32_t)_i + 1);
    struct test_map m;

    test_map_new(&m, lines);
    ck_assert_uint_gt(m.report.profiles[0].graph.restrictions, 5);
    for (size_t i = 0; i < m.road->n_profiles; i++) {
        const struct road_profile *p = &m.road->profiles[i];
        uint32_t *speeds = metric_speeds(&m.road->net, &p->graph, p->profile, 8);
        struct metric *busy;

        for (uint32_t d = 0; d < 2 * p->graph.n_segments; d++)
            speeds[d] = random_below(30) ? speeds[d] * (20 + random_below(100)) / 100 : 0;
        busy = metric_new(&m.road->net, &p->graph, &p->cch, speeds);
        check_all(p, &p->metric);
        check_all(p, busy);
        check_tree(p, &p->metric);
        check_tree(p, busy);
        metric_free(busy);
        free(speeds);
    }
    test_map_free(&m);
    free(lines);
}
END_TEST

START_TEST(a_given_seed_gives_the_same_file)
{
    char *lines = town(77);
    struct test_map a, b;

    test_map_new(&a, lines);
    test_map_new(&b, lines);
    ck_assert_uint_eq(a.size, b.size);
    ck_assert_int_eq(memcmp(a.data, b.data, a.size), 0);
    test_map_free(&a);
    test_map_free(&b);
    free(lines);
}
END_TEST

#define LADDER                                                                                               \
    "n a 0 0\nn b 500 0\nn c 0 200\nn d 500 200\nw 1 a b highway=residential\nw 2 c d highway=residential\n" \
    "w 3 a c highway=residential\nw 4 b d highway=residential\n"

static int with_traffic(const struct test_map *m, const char *text, double x1, double y1, double x2,
                        double y2)
{
    const struct road_profile *p = road_profile_find(m->road, "van", NULL);
    uint32_t *speeds = metric_speeds(&m->road->net, &p->graph, p->profile, -1);
    struct metric *metric;
    struct place from, to;
    struct route_error err = {0};
    int32_t seconds, metres;

    ck_assert_msg(!traffic_apply(&m->road->net, text, strlen(text), "t", 8, speeds, NULL, &err), "%s",
                  err.text);
    metric = metric_new(&m->road->net, &p->graph, &p->cch, speeds);
    snap_point(m->road, p, metric, test_at(x1, y1), NULL, &from);
    snap_point(m->road, p, metric, test_at(x2, y2), NULL, &to);
    road_matrix(p, metric, &from, 1, &to, 1, 1, &seconds, &metres);
    metric_free(metric);
    free(speeds);
    return metres;
}

START_TEST(traffic_closes_and_slows)
{
    struct test_map m;

    test_map_new(&m, LADDER);
    ck_assert_int_le(abs(with_traffic(&m, "way,direction,speed\n", 0, 0, 500, 0) - 500), 1);
    ck_assert_int_le(abs(with_traffic(&m, "way,direction,speed\n1,forward,0\n", 0, 10, 500, 10) - 880), 2);
    ck_assert_int_le(abs(with_traffic(&m, "# closed the other way\n1,backward,0\n", 0, 10, 500, 10) - 520),
                     2);
    ck_assert_int_le(abs(with_traffic(&m, "1,both,x0.1\r\n", 0, 10, 500, 10) - 880), 2);
    ck_assert_int_le(abs(with_traffic(&m, "segment,direction,speed\n0,both,0\n", 0, 10, 500, 10) - 880), 2);
    ck_assert_int_le(abs(with_traffic(&m, "999,both,0\n", 0, 0, 500, 0) - 500), 1);
    /* at eight in the morning */
    ck_assert_int_le(abs(with_traffic(&m, "1,both,0,7-9\n", 0, 10, 500, 10) - 880), 2);
    ck_assert_int_le(abs(with_traffic(&m, "1,both,0,8\n", 0, 10, 500, 10) - 880), 2);
    ck_assert_int_le(abs(with_traffic(&m, "1,both,0,22-9\n", 0, 10, 500, 10) - 880), 2);
    ck_assert_int_le(abs(with_traffic(&m, "1,both,0,7\n1,both,0,9-8\n", 0, 10, 500, 10) - 520), 2);
    test_map_free(&m);
}
END_TEST

static int ask(const struct matrix_provider *p, int hour)
{
    const struct geo_point ends[2] = {test_at(0, 10), test_at(500, 10)};
    struct matrix_query q = {
        .from = ends, .n_from = 1, .to = ends + 1, .n_to = 1, .profile = "van", .hour = hour};
    int32_t seconds, metres;

    ck_assert_int_eq(matrix_get(p, &q, &seconds, &metres, NULL), 0);
    return metres;
}

static struct traffic *told(const struct test_map *m, const char *text)
{
    struct traffic *t = traffic_read(&m->road->net, text, strlen(text), "t", NULL, NULL);

    ck_assert_ptr_nonnull(t);
    return t;
}

/* Who holds a state keeps it; who asks next has the new one; hours that are the same are one metric. */
START_TEST(traffic_changes_under_way)
{
    struct test_map m;
    struct live *l;
    struct live_state *before, *now;
    struct matrix_provider p;
    size_t van;

    test_map_new(&m, LADDER);
    van = (size_t)(road_profile_find(m.road, "van", NULL) - m.road->profiles);
    l = live_new(m.road, NULL);
    matrix_live_init(&p, l, 1);
    before = live_take(l);
    ck_assert_ptr_eq(live_metric(before, van, -1), &m.road->profiles[van].metric);
    ck_assert_int_le(abs(ask(&p, -1) - 520), 2);
    live_put(l, told(&m, "1,both,0\n"));
    ck_assert_int_le(abs(ask(&p, -1) - 880), 2);
    ck_assert_ptr_eq(live_metric(before, van, -1), &m.road->profiles[van].metric);
    live_drop(before);
    live_put(l, told(&m, "1,both,0,3-5\n"));
    ck_assert_int_le(abs(ask(&p, -1) - 520), 2);
    ck_assert_int_le(abs(ask(&p, 4) - 880), 2);
    ck_assert_int_le(abs(ask(&p, 5) - 520), 2);
    now = live_take(l);
    ck_assert_ptr_eq(live_metric(now, van, 3), live_metric(now, van, 4));
    ck_assert_ptr_ne(live_metric(now, van, 3), live_metric(now, van, 12));
    live_drop(now);
    live_put(l, NULL);
    ck_assert_int_le(abs(ask(&p, 4) - 520), 2);
    matrix_free(&p);
    live_free(l);
    l = live_new(m.road, told(&m, "segment,direction,speed\n0,both,0,8\n"));
    matrix_live_init(&p, l, 1);
    ck_assert_int_le(abs(ask(&p, 8) - 880), 2);
    live_put(l, told(&m, "1,both,30\n")); /* does not open what was learned as closed at eight */
    ck_assert_int_le(abs(ask(&p, 8) - 880), 2);
    ck_assert_int_le(abs(ask(&p, 9) - 520), 2);
    matrix_free(&p);
    live_free(l);
    test_map_free(&m);
}
END_TEST

START_TEST(broken_traffic_names_the_line)
{
    static const char *const broken[] = {"1,forward\n",     "1,sideways,20\n", "\n1,both,fast\n",
                                         "1,both,400\n",    "x,both,3\n",      "1,both,30,24\n",
                                         "1,both,30,9-9\n", "1,both,30,9,1\n", "1,both,30;\n"};
    static const int line[] = {1, 1, 2, 1, 1, 1, 1, 1, 1};
    struct test_map m;
    uint32_t speeds[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct route_error err = {0};

    test_map_new(&m, LADDER);
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        ck_assert_int_eq(
            traffic_apply(&m.road->net, broken[i], strlen(broken[i]), "t.csv", 8, speeds, NULL, &err), -1);
        ck_assert_int_eq(err.offset, line[i]);
        ck_assert_uint_eq(speeds[0], 1);
    }
    test_map_free(&m);
}
END_TEST

START_TEST(hours_change_the_metric)
{
    struct matrix_provider road;
    struct geo_point points[2];
    struct matrix_query q = {points, 2, points, 2, "van", MATRIX_ANY_HOUR};
    int32_t free_flow[4], rush[4], metres[4];
    struct route_error err = {0};
    struct test_map m;

    test_map_new(&m, "n a 0 0\nn b 3000 0\nw 1 a b highway=residential");
    points[0] = test_at(0, 0);
    points[1] = test_at(3000, 0);
    matrix_road_init(&road, m.road, 2);
    ck_assert_int_eq(matrix_get(&road, &q, free_flow, metres, &err), 0);
    q.hour = 8;
    ck_assert_int_eq(matrix_get(&road, &q, rush, NULL, &err), 0);
    ck_assert_int_eq(free_flow[1], 450);
    ck_assert_int_eq(rush[1], 600); /* the van profile's 0.75 */
    ck_assert_int_eq(free_flow[0], 0);
    ck_assert_int_eq(metres[1], 3000);
    q.profile = "tram";
    ck_assert_int_eq(matrix_get(&road, &q, rush, NULL, &err), -1);
    ck_assert_int_eq(err.code, ROUTE_NO_PROFILE);
    matrix_free(&road);
    test_map_free(&m);
}
END_TEST

START_TEST(reversed_and_asymmetric)
{
    struct test_map m;

    test_map_new(&m,
                 "n a 0 0\nn b 400 0\nn c 400 300\nn d 0 300\nw 1 a b c d a highway=residential oneway=yes");
    ck_assert_int_le(abs(test_metres(&m, "van", 100, 0, 300, 0) - 200), 1);
    ck_assert_int_le(abs(test_metres(&m, "van", 300, 0, 100, 0) - 1200), 1);
    ck_assert_int_le(abs(test_metres(&m, "foot", 300, 0, 100, 0) - 200), 1);
    test_map_free(&m);
}
END_TEST

START_TEST(nearest_by_time_not_by_air)
{
    struct test_map m;
    const struct road_profile *p;
    struct place from, places[3];
    struct reach_near near[3];

    /* b is near across the one-way, c is further by air and nearer by road */
    test_map_new(&m,
                 "n a 0 0\nn b 400 0\nn c 400 300\nn d 0 300\nw 1 a b c d a highway=residential oneway=yes");
    p = road_profile_find(m.road, "van", NULL);
    snap_point(m.road, p, &p->metric, test_at(200, 0), NULL, &from);
    snap_point(m.road, p, &p->metric, test_at(150, 0), NULL, &places[0]);
    snap_point(m.road, p, &p->metric, test_at(400, 200), NULL, &places[1]);
    snap_point(m.road, p, &p->metric, test_at(100, 300), NULL, &places[2]);
    ck_assert_uint_eq(reach_nearest(p, &p->metric, &from, places, 3, 2, near), 2);
    ck_assert_uint_eq(near[0].place, 1);
    ck_assert_uint_eq(near[1].place, 2);
    test_map_free(&m);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("road hierarchy");
    TCase *t = tcase_create("hierarchy");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, every_query_equals_dijkstra, 0, 6);
    tcase_add_test(t, a_given_seed_gives_the_same_file);
    tcase_add_test(t, traffic_closes_and_slows);
    tcase_add_test(t, broken_traffic_names_the_line);
    tcase_add_test(t, traffic_changes_under_way);
    tcase_add_test(t, hours_change_the_metric);
    tcase_add_test(t, reversed_and_asymmetric);
    tcase_add_test(t, nearest_by_time_not_by_air);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
