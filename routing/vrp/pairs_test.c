/* The pair kernel: random instances of each of its features against the checker, what it keeps and finds
 * against a walk, the way back, and golden costs. */
#include "routing/vrp/checker.h"
#include "routing/vrp/pairs_find.h"
#include "routing/vrp/pairs_model.h"
#include "routing/vrp/solver.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 120, TYPES = 3, PLACES = 2 * MOST + 2 };
enum feature {
    WINDOWS = 1,
    FLEET = 2,
    SITES = 4,
    PRIZES = 8,
    DEPOTS = 16,
    MATRIX = 32,
    TRAVEL = 64,
    FIRST = 128,
    ALL = 255
};

struct world {
    struct vrp_problem p;
    struct vrp_task tasks[MOST];
    struct vrp_window windows[MOST][2];
    struct vrp_vehicle vehicles[TYPES];
    struct vrp_profile profile;
    bool allowed[MOST][TYPES];
    double x[PLACES], y[PLACES];
    int32_t seconds[PLACES * PLACES];
};

static void make_task(struct world *w, struct rng *r, int i, int features)
{
    struct vrp_task *t = &w->tasks[i];
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    t->kind = VRP_SHIPMENT;
    t->pickup[0] = 1 + rng_below(r, 20);
    for (int k = 0; k < 2; k++) {
        int32_t from = rng_below(r, 2000) + 600 * k;
        t->visit[k].location = 2 + 2 * i + k;
        t->visit[k].service = rng_below(r, 40);
        w->windows[i][k] = (struct vrp_window){from, from + 300 + rng_below(r, 1500)};
        t->visit[k].windows = &w->windows[i][k];
        t->visit[k].n_windows = (features & WINDOWS) != 0;
    }
    if (features & PRIZES && rng_below(r, 2))
        t->prize = rng_below(r, 300);
    for (int k = 0; k < TYPES; k++)
        w->allowed[i][k] = k == i % TYPES || rng_below(r, 3) > 0;
    t->allowed = features & SITES ? w->allowed[i] : NULL;
}

static void make_vehicle(struct world *w, struct rng *r, int k, int features, int n)
{
    struct vrp_vehicle *v = &w->vehicles[k];
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->count = features & FLEET ? 1 + n / 8 : n;
    v->capacity[0] = 40 + 20 * k;
    v->shift = (struct vrp_window){rng_below(r, 200), 5000};
    v->end = features & DEPOTS ? 1 : 0;
    v->start = features & DEPOTS && k ? 1 : 0;
    v->fixed_cost = features & FLEET ? rng_below(r, 500) : 0;
    if (features & TRAVEL) {
        v->unit_distance = 0;
        v->unit_travel = 3;
        v->travel_permille = 1100;
    }
}

/* A matrix without symmetry and, here and there, without the triangle inequality. */
static void make_matrix(struct world *w, struct rng *r, int n)
{
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++) {
            double d = (w->x[a] > w->x[b] ? w->x[a] - w->x[b] : w->x[b] - w->x[a]) +
                       (w->y[a] > w->y[b] ? w->y[a] - w->y[b] : (w->y[b] - w->y[a]) * 1.2);
            w->seconds[a * n + b] = a == b ? 0 : (int32_t)d + (rng_below(r, 20) ? 0 : 40);
        }
}

static void make_world(struct world *w, uint64_t seed, int n, int features)
{
    struct rng r;
    rng_init(&r, seed);
    memset(w, 0, sizeof *w);
    int places = 2 * n + 2, types = features & (FLEET | SITES | DEPOTS) ? TYPES : 1;
    for (int i = 0; i < places; i++) {
        w->x[i] = rng_below(&r, 300);
        w->y[i] = rng_below(&r, 300);
    }
    for (int i = 0; i < n; i++)
        make_task(w, &r, i, features);
    for (int k = 0; k < types; k++)
        make_vehicle(w, &r, k, features, n);
    if (features & MATRIX) {
        make_matrix(w, &r, places);
        w->profile.seconds = w->seconds;
    }
    w->p = (struct vrp_problem){.n_locations = places,
                                .n_tasks = n,
                                .n_vehicles = types,
                                .n_profiles = 1,
                                .n_dims = 1,
                                .plane = {w->x, w->y, 1, 0.5, false},
                                .profiles = &w->profile,
                                .tasks = w->tasks,
                                .vehicles = w->vehicles,
                                .fleet_first = (features & FIRST) != 0};
    ck_assert(pairs_fit(&w->p));
}

static int64_t solve(const struct world *w, uint64_t seed, int64_t iterations)
{
    struct vrp_params params = {.iterations = iterations, .seed = seed};
    struct vrp_result result;
    struct vrp_report report;
    struct vrp_fault fault;
    ck_assert_msg(vrp_solve(&w->p, &params, &result, &fault) == 0, "%s", fault.text);
    int n = vrp_check(&w->p, &result.best, &report);
    ck_assert_int_eq(result.best.cost, report.cost);
    ck_assert_int_eq(result.best.feasible, n == 0);
    for (int i = 0; i < report.n_kept; i++)
        ck_assert_msg(report.violations[i].rule == VRP_V_REQUIRED, "%s",
                      vrp_rule_name(report.violations[i].rule));
    int64_t cost = result.best.cost;
    vrp_solution_fini(&result.best);
    return cost;
}

START_TEST(cost_is_the_checkers)
{
    static struct world w;
    int features = _i < 8 ? 1 << _i : (int)((unsigned)_i * 2654435761u >> 20) & ALL;
    make_world(&w, (uint64_t)_i + 1, 5 + _i % 40, features);
    solve(&w, (uint64_t)_i, 300);
}
END_TEST

/* ---- places ---- */

static struct pairs_model *m;
static struct pairs_tour *t;

static void open_tour(struct world *w, uint64_t seed, int features, struct rng *r)
{
    make_world(w, seed, 30, features);
    rng_init(r, seed);
    m = pairs_model_new(&w->p);
    t = pairs_tour_new(m, false);
    ck_assert(m && t);
}

static void close_tour(void)
{
    pairs_tour_free(t);
    pairs_model_free(m);
}

/* Detour of a pair at a place by laying the route out anew; −1 = not allowed. */
static int64_t walk(const struct world *w, const struct pairs_route *r, int32_t task, int32_t pickup,
                    int32_t delivery)
{
    static int32_t stops[2 * MOST];
    struct vrp_route route = {.vehicle = r->type, .stops = stops};
    struct vrp_report report;
    for (int32_t i = 1; i < r->n; i++) {
        if (i == pickup)
            stops[route.n++] = task * 2;
        if (i == delivery)
            stops[route.n++] = task * 2 + 1;
        if (i < r->n - 1)
            stops[route.n++] = r->e[i].node;
    }
    struct vrp_problem alone = w->p;
    struct vrp_task *tasks = malloc(sizeof w->tasks);
    memcpy(tasks, w->tasks, sizeof w->tasks);
    for (int i = 0; i < w->p.n_tasks; i++)
        tasks[i].prize = 0;
    alone.tasks = tasks;
    vrp_check(&alone, &(struct vrp_solution){.n_routes = 1, .routes = &route}, &report);
    free(tasks);
    return report.n_violations ? -1 : report.cost - w->vehicles[r->type].fixed_cost;
}

/* The remembered places are the cheapest of all, in order; limits only cut the list. */
static void places_are_the_best(struct pairs_find *f, const struct world *w, int32_t task, int32_t route)
{
    const struct pairs_route *r = &t->routes[route];
    struct pairs_known k, cut;
    int64_t all[PAIRS_PLACES] = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};
    for (int32_t i = 1; i < r->n; i++)
        for (int32_t j = i; j < r->n; j++) {
            int64_t cost = walk(w, r, task, i, j), arc = cost < 0 ? INT64_MAX : cost - r->length * m->unit;
            for (int s = 0; s < PAIRS_PLACES; s++)
                if (arc < all[s]) {
                    int64_t pushed = all[s];
                    all[s] = arc;
                    arc = pushed;
                }
        }
    pairs_find_in(f, task, r, INT64_MAX, &k);
    for (int s = 0; s < PAIRS_PLACES; s++) {
        int64_t found = k.arc[s] == INT64_MAX ? INT64_MAX : k.arc[s] * m->unit;
        ck_assert_int_eq(found, all[s]);
        if (found != INT64_MAX)
            ck_assert_int_eq(walk(w, r, task, k.pickup[s], k.delivery[s]) - r->length * m->unit, found);
    }
    pairs_find_in(f, task, r, k.arc[1], &cut);
    ck_assert_int_eq(cut.arc[0], k.arc[0] < k.arc[1] ? k.arc[0] : INT64_MAX);
}

START_TEST(evaluation_equals_a_walk)
{
    static struct world w;
    struct rng r;
    struct pairs_find f;
    open_tour(&w, (uint64_t)_i + 1, (_i % 2 ? WINDOWS : 0) | (_i % 3 ? MATRIX : 0) | (_i % 5 ? 0 : TRAVEL),
              &r);
    ck_assert_int_eq(pairs_find_init(&f, t, &r, 0), 0);
    for (int i = 0; i < 40; i++) {
        int32_t task = rng_below(&r, m->n);
        if (t->where[task] != VRP_NONE) {
            int32_t route = t->where[task];
            pairs_remove(t, task);
            pairs_retime(t, route);
            if (!pairs_route_ok(t, route))
                break; /* no triangle inequality: the kernel plays such an iteration back */
            continue;
        }
        for (int32_t q = 0; q < t->n_routes; q++)
            if (t->routes[q].n > 2)
                places_are_the_best(&f, &w, task, q);
        struct pairs_place at = pairs_find(&f, task, INT64_MAX / 2, true);
        if (!pairs_found(&at))
            continue; /* it is late even alone */
        int64_t before = t->cost + w.tasks[task].prize * -1;
        pairs_apply(&f, task, &at);
        ck_assert_int_eq(t->cost - before, at.delta);
        ck_assert(pairs_route_ok(t, t->where[task]));
    }
    pairs_find_fini(&f);
    close_tour();
}
END_TEST

/* What a tour says of itself: cost, positions, absence. */
static int64_t sum_of(const struct pairs_tour *u)
{
    int64_t sum = 0, absent = 0;
    for (int32_t q = 0; q < u->n_routes; q++) {
        const struct pairs_route *route = &u->routes[q];
        sum += route->n > 2 ? route->length * m->unit + m->type[route->type].fixed : 0;
        for (int32_t i = 1; i < route->n - 1; i++) {
            ck_assert_int_eq(u->at[route->e[i].node], i);
            ck_assert_int_eq(u->where[route->e[i].node / 2], q);
        }
    }
    for (int32_t i = 0; i < m->n; i++)
        if (u->where[i] == VRP_NONE) {
            ck_assert_int_eq(u->absent[u->absent_at[i]], i);
            sum += m->p->tasks[i].prize;
            absent++;
        }
    ck_assert_int_eq(absent, u->n_absent);
    return sum;
}

START_TEST(rollback_and_restore_undo_all)
{
    static struct world w;
    struct rng r;
    struct pairs_find f;
    open_tour(&w, (uint64_t)_i + 1, FLEET | DEPOTS | WINDOWS, &r);
    ck_assert_int_eq(pairs_find_init(&f, t, &r, 10), 0);
    for (int i = 0; i < 300; i++) {
        int64_t before = t->cost;
        pairs_mark(t);
        for (int k = 0; k < 6; k++) {
            int32_t task = rng_below(&r, m->n);
            if (t->where[task] != VRP_NONE) {
                int32_t route = t->where[task];
                pairs_remove(t, task);
                pairs_retime(t, route);
                continue;
            }
            struct pairs_place at = pairs_find(&f, task, INT64_MAX / 2, false);
            if (pairs_found(&at))
                pairs_apply(&f, task, &at);
        }
        ck_assert_int_eq(sum_of(t), t->cost);
        if (rng_below(&r, 2)) {
            pairs_rollback(t);
            ck_assert_int_eq(t->cost, before);
            ck_assert_int_eq(sum_of(t), before);
        } else if (i % 7 == 0) {
            pairs_keep(t);
        } else if (i % 11 == 0 && t->n_best) {
            pairs_restore(t);
            ck_assert_int_eq(t->cost, t->best_cost);
            ck_assert_int_eq(sum_of(t), t->best_cost);
        }
    }
    pairs_find_fini(&f);
    close_tour();
}
END_TEST

static const struct golden {
    int features, n;
    int64_t iterations, cost;
} goldens[] = {
    {WINDOWS, 100, 3000, 7 * VRP_REQUIRED + 13045},
    {WINDOWS | FIRST, 100, 3000, 7 * VRP_REQUIRED + 13640},
    {FLEET | SITES | DEPOTS | PRIZES | MATRIX | TRAVEL, 80, 2000, 20501},
};

START_TEST(golden_costs)
{
    static struct world w;
    const struct golden *g = &goldens[_i];
    make_world(&w, 42, g->n, g->features);
    ck_assert_int_eq(solve(&w, 42, g->iterations), g->cost);
}
END_TEST

/* A plan to start from is kept when nothing better is found, and never made worse. */
START_TEST(warm_start_is_not_lost)
{
    static struct world w;
    struct vrp_params params = {.iterations = 3000, .seed = 3};
    struct vrp_result first, second;
    make_world(&w, 9, 60, WINDOWS);
    ck_assert_int_eq(vrp_solve(&w.p, &params, &first, NULL), 0);
    w.p.plan = first.best.routes;
    w.p.n_plan = first.best.n_routes;
    params.iterations = 1;
    ck_assert_int_eq(vrp_solve(&w.p, &params, &second, NULL), 0);
    ck_assert(second.best.cost <= first.best.cost);
    vrp_solution_fini(&first.best);
    vrp_solution_fini(&second.best);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pairs");
    TCase *c = tcase_create("pairs");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, cost_is_the_checkers, 0, 60);
    tcase_add_loop_test(c, evaluation_equals_a_walk, 0, 12);
    tcase_add_loop_test(c, rollback_and_restore_undo_all, 0, 5);
    tcase_add_loop_test(c, golden_costs, 0, (int)(sizeof goldens / sizeof *goldens));
    tcase_add_test(c, warm_start_is_not_lost);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
