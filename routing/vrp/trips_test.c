/* The trip kernel: random instances of each of its features against the checker, what it finds against laying
 * the route out anew, the way back, and golden costs. */
#include "routing/vrp/checker.h"
#include "routing/vrp/solver.h"
#include "routing/vrp/trips.h"
#include "routing/vrp/trips_run.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 120, TYPES = 3, PLACES = MOST + 2 };
enum feature {
    WINDOWS = 1,
    RELEASES = 2,
    TRIPS = 4,
    FLEET = 8,
    SITES = 16,
    PRIZES = 32,
    DEPOTS = 64,
    MATRIX = 128,
    TRAVEL = 256,
    FIRST = 512,
    DIMS = 1024,
    PICKUPS = 2048,
    EXTRAS = 4096,
    FEATURES = 13,
    ALL = 8191
};

struct world {
    struct vrp_problem p;
    struct vrp_task tasks[MOST];
    struct vrp_window windows[MOST];
    struct vrp_vehicle vehicles[TYPES];
    struct vrp_profile profile;
    bool allowed[MOST][TYPES];
    int32_t extra[MOST * TYPES];
    double x[PLACES], y[PLACES];
    int32_t seconds[PLACES * PLACES];
};

static void make_task(struct world *w, struct rng *r, int i, int features)
{
    struct vrp_task *t = &w->tasks[i];
    int32_t from = rng_below(r, 3000);
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    for (int d = 0; d < (features & DIMS ? 3 : 1); d++) {
        t->delivery[d] = 1 + rng_below(r, 20);
        if (features & PICKUPS) {
            t->pickup[d] = rng_below(r, 3) ? 0 : 1 + rng_below(r, 20);
            t->delivery[d] = rng_below(r, 3) ? t->delivery[d] : 0;
        }
    }
    t->visit[0].location = 2 + i;
    t->visit[0].service = rng_below(r, 40);
    w->windows[i] = (struct vrp_window){from, from + 300 + rng_below(r, 1500)};
    t->visit[0].windows = &w->windows[i];
    t->visit[0].n_windows = (features & WINDOWS) != 0;
    t->release = features & RELEASES ? from / 2 : 0;
    if (features & PRIZES && rng_below(r, 2))
        t->prize = rng_below(r, 300);
    for (int k = 0; k < TYPES; k++) {
        w->allowed[i][k] = k == i % TYPES || rng_below(r, 3) > 0;
        w->extra[k * MOST + i] = rng_below(r, 50) - 10;
    }
    t->allowed = features & SITES ? w->allowed[i] : NULL;
}

static void make_vehicle(struct world *w, struct rng *r, int k, int features, int n)
{
    struct vrp_vehicle *v = &w->vehicles[k];
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->count = features & FLEET ? 1 + n / 8 : n;
    for (int d = 0; d < 3; d++)
        v->capacity[d] = 60 + 20 * k + 5 * d;
    v->shift = (struct vrp_window){rng_below(r, 200), 6000};
    v->end = features & DEPOTS ? 1 : 0;
    v->start = features & DEPOTS && k ? 1 : 0;
    v->reload = features & DEPOTS && k == 1 ? 0 : VRP_NONE;
    v->max_trips = features & TRIPS ? 1 + rng_below(r, 4) : 1;
    v->reload_time = rng_below(r, 60);
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
    int places = n + 2, types = features & (FLEET | SITES | DEPOTS) ? TYPES : 1;
    for (int i = 0; i < places; i++) {
        w->x[i] = rng_below(&r, 300);
        w->y[i] = rng_below(&r, 300);
    }
    for (int i = 0; i < n; i++)
        make_task(w, &r, i, features);
    for (int k = 0; k < types; k++) {
        make_vehicle(w, &r, k, features, n);
        memmove(w->extra + k * n, w->extra + k * MOST, (size_t)n * sizeof *w->extra);
    }
    if (features & MATRIX) {
        make_matrix(w, &r, places);
        w->profile.seconds = w->seconds;
    }
    w->p = (struct vrp_problem){.n_locations = places,
                                .n_tasks = n,
                                .n_vehicles = types,
                                .n_profiles = 1,
                                .n_dims = features & DIMS ? 3 : 1,
                                .plane = {w->x, w->y, 1, 0.5, false},
                                .profiles = &w->profile,
                                .tasks = w->tasks,
                                .vehicles = w->vehicles,
                                .assign_cost = features & EXTRAS ? w->extra : NULL,
                                .fleet_first = (features & FIRST) != 0};
    ck_assert(trips_fit(&w->p));
}

static int64_t judge(const struct world *w, struct vrp_result *result)
{
    struct vrp_report report;
    int n = vrp_check(&w->p, &result->best, &report);
    ck_assert_int_eq(result->best.cost, report.cost);
    ck_assert_int_eq(result->best.feasible, n == 0);
    for (int i = 0; i < report.n_kept; i++)
        ck_assert_msg(report.violations[i].rule == VRP_V_REQUIRED, "%s",
                      vrp_rule_name(report.violations[i].rule));
    return report.cost;
}

static int64_t solve(const struct world *w, uint64_t seed, int64_t iterations)
{
    struct vrp_params params = {.iterations = iterations, .seed = seed};
    struct vrp_result result;
    ck_assert_int_eq(trips_solve(&w->p, &params, &result), 0);
    result.best.feasible = result.best.cost < VRP_REQUIRED;
    int64_t cost = judge(w, &result);
    vrp_solution_fini(&result.best);
    return cost;
}

START_TEST(cost_is_the_checkers)
{
    static struct world w;
    int features = _i < FEATURES ? 1 << _i : (int)((unsigned)_i * 2654435761u >> 15) & ALL;
    make_world(&w, (uint64_t)_i + 1, 5 + _i % 40, features);
    solve(&w, (uint64_t)_i, 300);
}
END_TEST

/* ---- places ---- */

static struct trips_model *m;
static struct trips_tour *t;

static void open_tour(struct world *w, uint64_t seed, int features, struct rng *r)
{
    make_world(w, seed, 30, features);
    rng_init(r, seed);
    m = trips_model_new(&w->p);
    t = trips_tour_new(m, false);
    ck_assert(m && t);
}

static void close_tour(void)
{
    trips_tour_free(t);
    trips_model_free(m);
}

/* Cost of the route with the task at a place (0 = without it), by the checker; −1 = not allowed. */
static int64_t walk(const struct world *w, const struct trips_route *r, int32_t task, int32_t at,
                    enum trips_form form)
{
    static int32_t stops[3 * MOST];
    struct vrp_route route = {.vehicle = r->type, .stops = stops};
    struct vrp_report report;
    for (int32_t i = 1; i < r->n; i++) {
        if (i == at) {
            if (form == TRIPS_HOME_BEFORE)
                stops[route.n++] = VRP_RELOAD;
            stops[route.n++] = task * 2;
            if (form == TRIPS_HOME_AFTER)
                stops[route.n++] = VRP_RELOAD;
        }
        if (i < r->n - 1)
            stops[route.n++] = r->e[i].node < m->n ? r->e[i].node * 2 : VRP_RELOAD;
    }
    struct vrp_problem alone = w->p;
    struct vrp_task *tasks = malloc(sizeof w->tasks);
    memcpy(tasks, w->tasks, sizeof w->tasks);
    for (int i = 0; i < w->p.n_tasks; i++)
        tasks[i].prize = 0;
    alone.tasks = tasks;
    vrp_check(&alone, &(struct vrp_solution){.n_routes = 1, .routes = &route}, &report);
    free(tasks);
    return report.n_violations ? -1 : report.cost;
}

static bool sensible(const struct trips_route *r, int32_t i, enum trips_form form)
{
    return form == TRIPS_PLAIN || r->e[form == TRIPS_HOME_BEFORE ? i - 1 : i].node < m->n;
}

/* The remembered places are the cheapest of all, in order; limits only cut the list. */
static void places_are_the_best(struct trips_find *f, const struct world *w, int32_t task, int32_t route)
{
    const struct trips_route *r = &t->routes[route];
    struct trips_known k, cut;
    int64_t all[TRIPS_PLACES], without = walk(w, r, task, 0, TRIPS_PLAIN);
    int64_t extra = w->p.assign_cost ? w->p.assign_cost[r->type * w->p.n_tasks + task] : 0;
    for (int s = 0; s < TRIPS_PLACES; s++)
        all[s] = INT64_MAX;
    for (int32_t i = 1; i < r->n; i++)
        for (int form = TRIPS_PLAIN; form <= TRIPS_HOME_AFTER; form++) {
            int64_t cost =
                sensible(r, i, (enum trips_form)form) ? walk(w, r, task, i, (enum trips_form)form) : -1;
            int64_t arc = cost < 0 ? INT64_MAX : cost - without - extra;
            for (int s = 0; s < TRIPS_PLACES; s++)
                if (arc < all[s]) {
                    int64_t pushed = all[s];
                    all[s] = arc;
                    arc = pushed;
                }
        }
    trips_find_in(f, task, r, INT64_MAX, &k);
    for (int s = 0; s < TRIPS_PLACES; s++) {
        int64_t found = k.arc[s] == INT64_MAX ? INT64_MAX : k.arc[s] * m->unit;
        ck_assert_int_eq(found, all[s]);
        if (found != INT64_MAX)
            ck_assert_int_eq(walk(w, r, task, k.at[s], (enum trips_form)k.form[s]) - without - extra, found);
    }
    trips_find_in(f, task, r, k.arc[1], &cut);
    ck_assert_int_eq(cut.arc[0], k.arc[0] < k.arc[1] ? k.arc[0] : INT64_MAX);
}

START_TEST(evaluation_equals_a_walk)
{
    static struct world w;
    struct rng r;
    struct trips_find f;
    int features = TRIPS | (_i % 2 ? WINDOWS : 0) | (_i % 3 ? RELEASES : 0) | (_i % 4 ? 0 : MATRIX) |
                   (_i % 5 ? 0 : TRAVEL) | (_i % 3 == 1 ? PICKUPS | DIMS : 0) |
                   (_i % 7 ? 0 : DEPOTS | EXTRAS);
    open_tour(&w, (uint64_t)_i + 1, features, &r);
    w.vehicles[0].count = 3; /* so that trips are made */
    trips_tour_free(t);
    trips_model_free(m);
    m = trips_model_new(&w.p);
    t = trips_tour_new(m, false);
    trips_find_init(&f, t, &r, 0);
    for (int i = 0; i < 60; i++) {
        int32_t task = rng_below(&r, m->n);
        if (t->where[task] != VRP_NONE) {
            int32_t route = t->where[task];
            if (i % 3)
                continue;
            trips_remove(t, task);
            if (!trips_retime(t, route))
                break; /* no triangle inequality: the kernel plays such an iteration back */
            continue;
        }
        for (int32_t q = 0; q < t->n_routes; q++)
            if (t->routes[q].n > 2)
                places_are_the_best(&f, &w, task, q);
        struct trips_place at = trips_find(&f, task, INT64_MAX / 2, true);
        if (!trips_found(&at))
            continue; /* it is late even alone */
        int64_t before = t->cost - w.tasks[task].prize;
        trips_apply(&f, task, &at);
        ck_assert_int_eq(t->cost - before, at.delta);
        ck_assert(t->routes[t->where[task]].ok);
    }
    trips_find_fini(&f);
    close_tour();
}
END_TEST

/* What a tour says of itself: cost, positions, absence. */
static int64_t sum_of(const struct trips_tour *u)
{
    int64_t sum = 0, absent = 0;
    for (int32_t q = 0; q < u->n_routes; q++) {
        const struct trips_route *route = &u->routes[q];
        int32_t trips = 1;
        sum += route->n > 2 ? route->length * m->unit + m->type[route->type].fixed : 0;
        for (int32_t i = 1; i < route->n - 1; i++) {
            int32_t node = route->e[i].node;
            trips += node >= m->n;
            if (node >= m->n)
                continue;
            ck_assert_int_eq(u->at[node], i);
            ck_assert_int_eq(u->where[node], q);
            sum += m->type[route->type].extra ? m->type[route->type].extra[node] : 0;
        }
        ck_assert_int_eq(route->trips, trips);
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

static void change(struct trips_run *run, int32_t task)
{
    if (t->where[task] != VRP_NONE) {
        int32_t route = t->where[task];
        trips_remove(t, task);
        trips_retime(t, route);
        return;
    }
    struct trips_place at = trips_find(&run->find, task, INT64_MAX / 2, false);
    if (trips_found(&at))
        trips_apply(&run->find, task, &at);
}

START_TEST(rollback_and_restore_undo_all)
{
    static struct world w;
    static struct trips_run run;
    open_tour(&w, (uint64_t)_i + 1, FLEET | DEPOTS | WINDOWS | TRIPS | RELEASES | EXTRAS, &run.rng);
    run.m = m;
    run.t = t;
    trips_find_init(&run.find, t, &run.rng, 10);
    for (int i = 0; i < 400; i++) {
        int64_t before = t->cost;
        trips_mark(t);
        trips_swap(&run, rng_below(&run.rng, m->n));
        for (int k = 0; k < 6; k++)
            change(&run, rng_below(&run.rng, m->n));
        ck_assert_int_eq(sum_of(t), t->cost);
        if (rng_below(&run.rng, 2)) {
            trips_rollback(t);
            ck_assert_int_eq(t->cost, before);
            ck_assert_int_eq(sum_of(t), before);
        } else if (i % 7 == 0) {
            trips_keep(t);
        } else if (i % 11 == 0 && t->n_best) {
            trips_restore(t);
            ck_assert_int_eq(t->cost, t->best_cost);
            ck_assert_int_eq(sum_of(t), t->best_cost);
        }
    }
    trips_find_fini(&run.find);
    close_tour();
}
END_TEST

static const struct golden {
    int features, n;
    int64_t iterations, cost;
} goldens[] = {
    {WINDOWS | RELEASES | TRIPS, 100, 3000, 7269},
    {WINDOWS | RELEASES | TRIPS | FIRST, 100, 3000, 7718},
    {FLEET | SITES | DEPOTS | PRIZES | MATRIX | TRAVEL | DIMS | PICKUPS | TRIPS, 80, 2000, 13622},
};

START_TEST(golden_costs)
{
    static struct world w;
    const struct golden *g = &goldens[_i];
    make_world(&w, 42, g->n, g->features);
    ck_assert_int_eq(solve(&w, 42, g->iterations), g->cost);
}
END_TEST

/* A plan to start from is never made worse. */
START_TEST(warm_start_is_not_lost)
{
    static struct world w;
    struct vrp_params params = {.iterations = 3000, .seed = 3};
    struct vrp_result first, second;
    make_world(&w, 9, 60, WINDOWS | RELEASES | TRIPS | DIMS);
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
    Suite *s = suite_create("trips");
    TCase *c = tcase_create("trips");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, cost_is_the_checkers, 0, 80);
    tcase_add_loop_test(c, evaluation_equals_a_walk, 0, 20);
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
