/* The flat kernel: random instances of each of its features against the checker, what it keeps per node
 * against a walk, and golden costs. */
#include "routing/vrp/checker.h"
#include "routing/vrp/flat_insert.h"
#include "routing/vrp/near.h"
#include "routing/vrp/random.h"
#include "routing/vrp/solver.h"

#include <check.h>
#include <stdlib.h>

enum { MOST = 400, TYPES = 4 };
enum feature {
    WINDOWS = 1,
    FLEET = 2,
    SITES = 4,
    DURATIONS = 8,
    RANGE = 16,
    PRIZES = 32,
    BACKHAULS = 64,
    DEPOTS = 128,
    MATRIX = 256,
    TIGHT = 512,
    TRAVEL = 1024,
    ALL_DAY = 2048,
    FEATURES = 12
};

struct world {
    int features;
    struct vrp_problem p;
    struct vrp_task tasks[MOST];
    struct vrp_window windows[MOST];
    struct vrp_vehicle vehicles[TYPES];
    struct vrp_profile profile;
    bool allowed[MOST][TYPES];
    double x[MOST + 2], y[MOST + 2];
    int32_t metres[(MOST + 2) * (MOST + 2)], seconds[(MOST + 2) * (MOST + 2)];
};

static void make_task(struct world *w, struct rng *r, int i, int features)
{
    struct vrp_task *t = &w->tasks[i];
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    t->visit[0].location = i + 2;
    *(features & BACKHAULS && rng_below(r, 3) == 0 ? &t->pickup[0] : &t->delivery[0]) = 1 + rng_below(r, 20);
    if (features & WINDOWS) {
        int32_t from = rng_below(r, 3000);
        w->windows[i] = (struct vrp_window){from, from + 200 + rng_below(r, 1500)};
        t->visit[0].windows = &w->windows[i];
        t->visit[0].n_windows = 1;
        t->visit[0].service = rng_below(r, 60);
    }
    if (features & PRIZES && rng_below(r, 2))
        t->prize = rng_below(r, 400);
    for (int k = 0; k < TYPES; k++)
        w->allowed[i][k] = k == i % TYPES || rng_below(r, 3) > 0;
    t->allowed = features & SITES ? w->allowed[i] : NULL;
}

static void make_vehicle(struct world *w, struct rng *r, int k, int features, int n)
{
    struct vrp_vehicle *v = &w->vehicles[k];
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->count = features & TIGHT ? n / 24 + 1 : n;
    v->start = v->end = features & DEPOTS ? k & 1 : 0;
    v->capacity[0] = 60 + 30 * k;
    v->shift = (struct vrp_window){0, features & ALL_DAY ? VRP_LIMIT : 6000};
    if (features & FLEET) {
        v->fixed_cost = rng_below(r, 500);
        v->unit_distance = 1 + rng_below(r, 4);
    }
    if (features & TRAVEL)
        v->unit_travel = v->unit_distance = 2;
    if (features & DURATIONS)
        v->max_duration = 2500 + 200 * k;
    if (features & RANGE)
        v->max_distance = 2600;
    v->backhaul = v->linehaul_first = (features & BACKHAULS) != 0;
}

static void make_world(struct world *w, uint64_t seed, int n, int features)
{
    struct rng r;
    rng_init(&r, seed);
    w->features = features;
    int places = n + 2, types = features & (FLEET | SITES | DEPOTS) ? TYPES : 1;
    for (int i = 0; i < places; i++) {
        w->x[i] = rng_below(&r, 1000);
        w->y[i] = rng_below(&r, 1000);
    }
    for (int i = 0; i < n; i++)
        make_task(w, &r, i, features);
    for (int k = 0; k < types; k++)
        make_vehicle(w, &r, k, features, n);
    w->profile = (struct vrp_profile){0};
    w->p = (struct vrp_problem){.n_locations = places,
                                .n_tasks = n,
                                .n_vehicles = types,
                                .n_profiles = 1,
                                .n_dims = 1,
                                .plane = {w->x, w->y, 1, 0.5, false},
                                .profiles = &w->profile,
                                .tasks = w->tasks,
                                .vehicles = w->vehicles};
    if (!(features & (MATRIX | TRAVEL)))
        return;
    for (int i = 0; i < places; i++)
        for (int j = 0; j < places; j++) {
            int32_t d = vrp_metres(&w->p, 0, i, j);
            w->metres[i * places + j] = d + (i < j ? d / 16 : 0);
            w->seconds[i * places + j] = d + (i > j ? d / 8 : 0);
        }
    w->profile = (struct vrp_profile){.seconds = w->seconds, .metres = w->metres};
}

static int64_t solve(struct world *w, uint64_t seed, int64_t iterations)
{
    struct vrp_params params = {.iterations = iterations, .seed = seed};
    struct vrp_result result;
    struct vrp_report report;
    struct vrp_fault fault;
    ck_assert_msg(flat_fits(&w->p), "the instance is not for the flat kernel");
    ck_assert_msg(vrp_solve(&w->p, &params, &result, &fault) == 0, "%s", fault.text);
    int violations = vrp_check(&w->p, &result.best, &report);
    for (int i = 0; i < report.n_kept; i++)
        ck_assert_msg(report.violations[i].rule == VRP_V_REQUIRED,
                      "features %x seed %d: %s by %d on route %d, task %d", (unsigned)w->features, (int)seed,
                      vrp_rule_name(report.violations[i].rule), (int)report.violations[i].amount,
                      report.violations[i].route, report.violations[i].task);
    ck_assert_int_eq(report.cost, result.best.cost);
    ck_assert_int_eq(result.best.feasible, violations == 0);
    ck_assert_int_eq(result.iterations, iterations);
    vrp_solution_fini(&result.best);
    return report.cost;
}

static bool together(int features)
{
    return !(features & TRAVEL && features & (FLEET | RANGE));
}

START_TEST(each_feature)
{
    static struct world w;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        make_world(&w, seed, 60, _i < FEATURES ? 1 << _i : 0);
        solve(&w, seed, 400);
    }
}
END_TEST

START_TEST(mixed_features)
{
    static struct world w;
    struct rng r;
    rng_init(&r, (uint64_t)_i + 99);
    for (uint64_t seed = 1; seed <= 3;) {
        int features = (int)(rng_next(&r) & rng_next(&r) & ((1 << FEATURES) - 1));
        if (!together(features))
            continue;
        make_world(&w, seed + (uint64_t)_i, 50, features);
        solve(&w, seed++, 300);
    }
}
END_TEST

/* Budgets long enough for the size that solutions are mixed. */
START_TEST(long_runs)
{
    static struct world w;
    struct rng r;
    rng_init(&r, (uint64_t)_i + 7);
    int features = _i < FEATURES ? 1 << _i : (int)(rng_next(&r) & rng_next(&r) & ((1 << FEATURES) - 1));
    make_world(&w, (uint64_t)_i, 12, together(features) ? features : 0);
    solve(&w, 1, 120000);
}
END_TEST

/* The same on every compiler and machine. */
static const struct golden {
    int features, n;
    int64_t iterations, cost;
} goldens[] = {
    {0, 300, 3000, 66137},
    {ALL_DAY, 300, 3000, 64004},
    {ALL_DAY | FLEET, 20, 130000, 8838},
    {WINDOWS, 200, 3000, 2 * VRP_REQUIRED + 45123},
    {FLEET | TIGHT | DEPOTS, 200, 2000, 43666},
};

START_TEST(golden_costs)
{
    static struct world w;
    const struct golden *g = &goldens[_i];
    make_world(&w, 42, g->n, g->features);
    ck_assert_int_eq(solve(&w, 42, g->iterations), g->cost);
}
END_TEST

/* Threads share the iterations and change nothing but the seeds: the result is as fixed as one thread's. */
START_TEST(threads_are_deterministic)
{
    static struct world w;
    int64_t cost[2];
    make_world(&w, 6, 150, WINDOWS);
    for (int i = 0; i < 2; i++) {
        struct vrp_params params = {.iterations = 2001, .seed = 5, .threads = 3};
        struct vrp_result result;
        ck_assert_int_eq(vrp_solve(&w.p, &params, &result, NULL), 0);
        ck_assert_int_eq(result.iterations, 2001);
        cost[i] = result.best.cost;
        vrp_solution_fini(&result.best);
    }
    ck_assert_int_eq(cost[0], cost[1]);
}
END_TEST

static int32_t spent_at_once(void *arg)
{
    int *asked = arg;
    return (*asked)++ > 3 ? VRP_SPENT_ALL : 0;
}

START_TEST(stops_when_told)
{
    static struct world w;
    int asked = 0;
    make_world(&w, 6, 150, 0);
    struct vrp_params params = {
        .iterations = -1, .seed = 5, .spent = spent_at_once, .arg = &asked, .threads = _i};
    struct vrp_result result;
    ck_assert_int_eq(vrp_solve(&w.p, &params, &result, NULL), 0);
    ck_assert_int_lt(asked, 8);
    ck_assert(result.best.feasible);
    vrp_solution_fini(&result.best);
}
END_TEST

/* ---- what is kept per node ---- */

static void compare_times(struct flat_tour *t)
{
    int64_t cost = 0;
    for (int32_t r = 0; r < t->n_routes; r++) {
        int64_t length = 0;
        int32_t load = 0, end = flat_last(t, r);
        for (int32_t v = flat_first(t, r); v != end && t->routes[r].count; v = t->nodes[v].next) {
            length += flat_arc(t, v, t->nodes[v].next);
            load += v < t->n ? t->m->clients[v].demand : 0;
            ck_assert_int_eq(t->nodes[v].arc, flat_arc(t, v, t->nodes[v].next));
            ck_assert_int_eq(t->nodes[t->nodes[v].next].back_arc, t->nodes[v].arc);
        }
        ck_assert_int_eq(length, t->routes[r].length);
        ck_assert_int_eq(load, t->routes[r].load);
        cost += length;
    }
    for (int32_t i = 0; i < t->n_absent; i++)
        cost += t->m->clients[t->absent[i]].prize;
    ck_assert_int_eq(cost, t->cost);
}

static int64_t times_sum(struct flat_tour *t, bool anew)
{
    int64_t sum = 0;
    for (int32_t r = 0; r < t->n_routes; r++) {
        if (!t->routes[r].count)
            continue;
        if (anew)
            flat_retime(t, r);
        for (int32_t v = t->nodes[flat_first(t, r)].next, k = 1; v < t->n; v = t->nodes[v].next, k++)
            sum += (int64_t)t->nodes[v].leave * k + (int64_t)t->nodes[v].latest * 7;
    }
    return sum;
}

START_TEST(increments_equal_recomputation)
{
    static struct world w;
    struct rng r;
    struct flat_insert in;
    make_world(&w, 17, 120, WINDOWS);
    struct flat_model *m = flat_model_new(&w.p);
    struct flat_tour *t = flat_tour_new(m, false);
    rng_init(&r, 3);
    ck_assert_int_eq(flat_insert_init(&in, t, &r, 0.01), 0);
    for (int step = 0; step < 2000; step++) {
        int32_t c = rng_below(&r, t->n), route = t->nodes[c].route;
        if (step % 40 == 0)
            flat_mark(t);
        if (route != VRP_NONE) {
            flat_remove(t, c);
            flat_retime(t, route);
        } else {
            struct flat_place at = flat_insert_find(&in, c, VRP_REQUIRED);
            if (flat_place_found(&at)) {
                int64_t before = t->cost;
                flat_insert_apply(&in, c, &at);
                ck_assert_int_eq(t->cost - before, at.delta - m->clients[c].prize);
                ck_assert(flat_route_ok(t, t->nodes[c].route));
            }
        }
        if (step % 40 == 39 && rng_below(&r, 3) == 0)
            flat_rollback(t);
        compare_times(t);
        ck_assert_int_eq(times_sum(t, false), times_sum(t, true));
    }
    flat_insert_fini(&in);
    flat_tour_free(t);
    flat_model_free(m);
}
END_TEST

START_TEST(snapshot_restores)
{
    static struct world w;
    struct rng r;
    struct flat_insert in;
    struct flat_snapshot s;
    make_world(&w, 23, 80, 0);
    struct flat_model *m = flat_model_new(&w.p);
    struct flat_tour *t = flat_tour_new(m, false);
    rng_init(&r, 3);
    ck_assert_int_eq(flat_insert_init(&in, t, &r, 0), 0);
    ck_assert_int_eq(flat_snapshot_init(&s, t), 0);
    for (int32_t c = 0; c < t->n; c++) {
        struct flat_place at = flat_insert_find(&in, c, VRP_REQUIRED);
        flat_insert_apply(&in, c, &at);
        if (c == t->n / 2)
            flat_snapshot_take(&s, t);
    }
    ck_assert_int_eq(t->n_absent, 0);
    flat_snapshot_restore(&s, t);
    ck_assert_int_eq(t->n_absent, t->n - t->n / 2 - 1);
    compare_times(t);
    flat_snapshot_fini(&s);
    flat_insert_fini(&in);
    flat_tour_free(t);
    flat_model_free(m);
}
END_TEST

START_TEST(tree_finds_the_nearest)
{
    enum { N = 300, K = 7 };
    struct rng r;
    double x[N], y[N];
    int32_t found[N * K], expected[K];
    int64_t key[N];
    rng_init(&r, 8);
    for (int i = 0; i < N; i++) {
        x[i] = rng_below(&r, 40);
        y[i] = rng_below(&r, 40);
    }
    ck_assert_int_eq(near_plane(x, y, N, K, found), 0);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++)
            key[j] = i == j ? -1 : (int64_t)((x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j]));
        ck_assert_int_eq(near_select(key, N, K, expected), K);
        for (int k = 0; k < K; k++)
            ck_assert_int_eq(key[found[i * K + k]], key[expected[k]]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flat");
    TCase *t = tcase_create("flat");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, each_feature, 0, FEATURES + 1);
    tcase_add_loop_test(t, mixed_features, 0, 20);
    tcase_add_loop_test(t, long_runs, 0, FEATURES + 10);
    tcase_add_loop_test(t, golden_costs, 0, (int)(sizeof goldens / sizeof *goldens));
    tcase_add_test(t, threads_are_deterministic);
    tcase_add_loop_test(t, stops_when_told, 1, 3);
    tcase_add_test(t, increments_equal_recomputation);
    tcase_add_test(t, snapshot_restores);
    tcase_add_test(t, tree_finds_the_nearest);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
