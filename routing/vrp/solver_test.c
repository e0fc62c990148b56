/* Random instances of every feature: the solver's cost is the checker's, and what is called feasible is. */
#include "routing/vrp/checker.h"
#include "routing/vrp/random.h"
#include "routing/vrp/solver.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 64, TYPES = 3 };

/* Features a random instance may have; bits. */
enum feature {
    WINDOWS = 1,
    TWO_WINDOWS = 2,
    SHIPMENTS = 4,
    BREAKS = 8,
    TRIPS = 16,
    GROUPS = 32,
    RESOURCES = 64,
    SKILLS = 128,
    SOFT = 256,
    OPEN = 512,
    PRIZES = 1024,
    DURATION = 2048,
    SLICES = 4096,
    LIFO = 8192,
    BACKHAUL = 16384,
    ASSIGN = 32768,
    LIMITS = 65536,
    RELEASE = 131072,
    ALL = 262143,
    PLAIN = 262144 /* no setup: insertions are judged in O(1) where nothing else is in the way */
};

struct world {
    struct vrp_problem p;
    struct vrp_task tasks[MOST];
    struct vrp_vehicle vehicles[TYPES];
    struct vrp_resource resources[3];
    struct vrp_profile profile;
    struct vrp_break breaks[TYPES][2];
    struct vrp_window windows[MOST * 2][2], break_windows[TYPES][2];
    int32_t matrix[(MOST * 2 + 1) * (MOST * 2 + 1)], rush[(MOST * 2 + 1) * (MOST * 2 + 1)];
    int32_t slice_from[2];
    const int32_t *slices[2];
    int32_t assign[TYPES * MOST];
    int x[MOST * 2 + 1], y[MOST * 2 + 1];
};

static void make_matrix(struct world *w, struct rng *r, int n)
{
    for (int i = 0; i < n; i++) {
        w->x[i] = rng_below(r, 600);
        w->y[i] = rng_below(r, 600);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int d = abs(w->x[i] - w->x[j]) + abs(w->y[i] - w->y[j]) + (i < j && i != j ? 3 : 0);
            w->matrix[i * n + j] = i == j ? 0 : d;
            w->rush[i * n + j] = i == j ? 0 : d + d / 4;
        }
}

static void make_visit(struct world *w, struct rng *r, struct vrp_visit *v, int at, int features)
{
    struct vrp_window *win = w->windows[at - 1];
    v->location = at;
    v->service = rng_below(r, 40);
    v->setup = features & PLAIN ? 0 : rng_below(r, 20);
    win[0].from = rng_below(r, 4000);
    win[0].until = win[0].from + 300 + rng_below(r, 2000);
    win[1].from = win[0].until + 400;
    win[1].until = win[1].from + 800;
    v->windows = win;
    v->n_windows = features & TWO_WINDOWS && rng_below(r, 2) ? 2 : features & WINDOWS ? 1 : 0;
    if (features & SOFT && rng_below(r, 2)) {
        v->late_max = 500;
        v->late_cost = 3;
    }
}

static void make_task(struct world *w, struct rng *r, int i, int features)
{
    struct vrp_task *t = &w->tasks[i];
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    make_visit(w, r, &t->visit[0], 1 + 2 * i, features);
    make_visit(w, r, &t->visit[1], 2 + 2 * i, features);
    bool pickup = rng_below(r, 3) == 0;
    t->kind = features & SHIPMENTS && rng_below(r, 2) ? VRP_SHIPMENT : VRP_JOB;
    for (int d = 0; d < 2; d++)
        (t->kind == VRP_SHIPMENT || pickup ? t->pickup : t->delivery)[d] = 1 + rng_below(r, 10);
    if (features & PRIZES && rng_below(r, 2))
        t->prize = rng_below(r, 900);
    if (features & GROUPS && i % 4 < 2)
        t->group = i / 4;
    if (features & RESOURCES && rng_below(r, 2)) {
        t->resource = rng_below(r, 3);
        t->resource_units = 1 + rng_below(r, 2);
    }
    t->skills = features & SKILLS ? (uint64_t)rng_below(r, 4) : 0;
    t->release = features & RELEASE ? rng_below(r, 1500) : 0;
    t->cost = features & GROUPS ? rng_below(r, 50) : 0;
}

static void make_vehicle(struct world *w, struct rng *r, int i, int features)
{
    struct vrp_vehicle *v = &w->vehicles[i];
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->count = 1 + rng_below(r, 4);
    v->end = features & OPEN && i == 1 ? VRP_NONE : 0;
    v->start = features & OPEN && i == 2 ? VRP_NONE : 0;
    v->shift = (struct vrp_window){rng_below(r, 300), 9000 + rng_below(r, 2000)};
    v->capacity[0] = 25 + rng_below(r, 40);
    v->capacity[1] = 25 + rng_below(r, 40);
    v->skills = 1u | (uint64_t)rng_below(r, 4);
    v->fixed_cost = rng_below(r, 500);
    v->unit_distance = 1 + rng_below(r, 3);
    if (features & DURATION) {
        v->unit_duration = 1;
        v->soft_duration = 4000;
        v->unit_overtime = 2;
        v->unit_travel = rng_below(r, 2);
    }
    if (features & TRIPS && v->start == 0) {
        v->max_trips = 3;
        v->reload_time = 60;
    }
    w->break_windows[i][0] = (struct vrp_window){1500 + rng_below(r, 2000), 5000};
    w->break_windows[i][1] = (struct vrp_window){5500, 9000};
    for (int b = 0; b < 2; b++)
        w->breaks[i][b] =
            (struct vrp_break){.n_windows = 1, .windows = &w->break_windows[i][b], .service = 300};
    v->breaks = w->breaks[i];
    v->n_breaks = features & BREAKS ? 1 + rng_below(r, 2) : 0;
    v->lifo = (features & LIFO) != 0;
    v->backhaul = features & BACKHAUL && i == 0;
    v->linehaul_first = features & BACKHAUL && i == 0;
    if (features & LIMITS) {
        v->max_tasks = 12;
        v->max_distance = 4000;
        v->max_duration = 6000;
        v->travel_permille = 1000 + 100 * i;
    }
}

static void make_world(struct world *w, uint64_t seed, int n, int features)
{
    struct rng r;
    rng_init(&r, seed);
    int places = 2 * n + 1;
    make_matrix(w, &r, places);
    w->slice_from[0] = 0;
    w->slice_from[1] = 2500;
    w->slices[0] = w->matrix;
    w->slices[1] = w->rush;
    w->profile = (struct vrp_profile){.seconds = w->matrix, .metres = w->matrix};
    if (features & SLICES) {
        w->profile.n_slices = 2;
        w->profile.slice_from = w->slice_from;
        w->profile.slice_seconds = w->slices;
    }
    for (int i = 0; i < n; i++)
        make_task(w, &r, i, features);
    for (int i = 0; i < TYPES; i++)
        make_vehicle(w, &r, i, features);
    for (int i = 0; i < 3; i++)
        w->resources[i] = (struct vrp_resource){3, i < 2 ? i + 1 : VRP_NONE};
    for (int i = 0; i < TYPES * n; i++)
        w->assign[i] = rng_below(&r, 30);
    w->p = (struct vrp_problem){.n_locations = places,
                                .n_tasks = n,
                                .n_vehicles = TYPES,
                                .n_profiles = 1,
                                .n_dims = 2,
                                .n_resources = 3,
                                .n_groups = n / 4 + 1,
                                .profiles = &w->profile,
                                .tasks = w->tasks,
                                .vehicles = w->vehicles,
                                .resources = w->resources,
                                .assign_cost = features & ASSIGN ? w->assign : NULL};
}

static void solve_and_check(int features, uint64_t seed, int n, int64_t iterations)
{
    static struct world w;
    make_world(&w, seed, n, features);
    struct vrp_params params = {.iterations = iterations, .seed = seed};
    struct vrp_result result;
    struct vrp_report report;
    struct vrp_fault fault;
    ck_assert_msg(vrp_solve(&w.p, &params, &result, &fault) == 0, "%s", fault.text);
    int n_violations = vrp_check(&w.p, &result.best, &report);
    for (int i = 0; i < report.n_kept; i++) {
        ck_assert_msg(report.violations[i].rule == VRP_V_REQUIRED, "features %x seed %d: %s route %d task %d",
                      (unsigned)features, (int)seed, vrp_rule_name(report.violations[i].rule),
                      report.violations[i].route, report.violations[i].task);
    }
    ck_assert_msg(report.cost == result.best.cost, "features %x seed %d: checker %lld solver %lld",
                  (unsigned)features, (int)seed, (long long)report.cost, (long long)result.best.cost);
    ck_assert_int_eq(result.best.feasible, n_violations == 0);
    for (int32_t i = 0; i < result.best.n_unserved; i++)
        ck_assert_int_ne(result.best.unserved[i].reason, VRP_SERVED);
    vrp_solution_fini(&result.best);
}

START_TEST(each_feature)
{
    int feature = _i < 18 ? 1 << _i : 0;
    for (uint64_t seed = 1; seed <= 4; seed++)
        solve_and_check(feature, seed, 24, 150);
}
END_TEST

START_TEST(mixed_features)
{
    struct rng r;
    rng_init(&r, (uint64_t)_i);
    for (uint64_t seed = 1; seed <= 4; seed++)
        solve_and_check((int)(rng_next(&r) & rng_next(&r) & ALL), seed + 100 * (uint64_t)_i, 24, 100);
}
END_TEST

START_TEST(plain_routes)
{
    static const int with[] = {TRIPS,
                               TRIPS | WINDOWS | RELEASE,
                               TRIPS | WINDOWS | RELEASE | ASSIGN | SKILLS,
                               TRIPS | WINDOWS | SHIPMENTS | RELEASE,
                               TRIPS | GROUPS | RESOURCES | PRIZES | WINDOWS,
                               WINDOWS | SHIPMENTS | OPEN | LIFO,
                               TRIPS | WINDOWS | BACKHAUL | RELEASE};
    for (uint64_t seed = 1; seed <= 6; seed++)
        solve_and_check(PLAIN | with[_i], seed, 30, 300);
}
END_TEST

static int64_t cost_of(struct world *w, int64_t iterations)
{
    struct vrp_params params = {.iterations = iterations, .seed = 7};
    struct vrp_result result;
    ck_assert_int_eq(vrp_solve(&w->p, &params, &result, NULL), 0);
    int64_t cost = result.best.cost;
    vrp_solution_fini(&result.best);
    return cost;
}

START_TEST(same_seed_same_result)
{
    static struct world w;
    make_world(&w, 5, 40, WINDOWS | SHIPMENTS | DURATION);
    int64_t first = cost_of(&w, 400);
    ck_assert_int_eq(first, cost_of(&w, 400));
    ck_assert_int_le(first, cost_of(&w, 0));
}
END_TEST

/* A frozen prefix stays, the rest of the plan is completed. */
/* The same under every compiler and sanitizer. */
START_TEST(golden_trips)
{
    static struct world w;
    make_world(&w, 11, 40, PLAIN | TRIPS | WINDOWS | RELEASE);
    ck_assert_int_eq(cost_of(&w, 2000), 2 * VRP_REQUIRED + 8280);
}
END_TEST

/* Vehicles listed one by one are planned as if they were counted, and each drives at most one route. */
START_TEST(equal_vehicles_are_one_type)
{
    static struct world w;
    static struct vrp_vehicle listed[32];
    static int32_t assign[32 * MOST];
    struct vrp_params params = {.iterations = 300, .seed = 7};
    struct vrp_result result;
    struct vrp_report report;
    make_world(&w, 20 + (uint64_t)_i, 30, _i % 2 ? WINDOWS | ASSIGN | BREAKS : TRIPS | SKILLS | SHIPMENTS);
    int64_t counted = cost_of(&w, 300);
    int32_t n = 0;
    for (int32_t k = 0; k < TYPES; k++)
        for (int32_t c = 0; c < w.vehicles[k].count; c++) {
            for (int32_t t = 0; t < w.p.n_tasks; t++)
                assign[n * w.p.n_tasks + t] = w.assign[k * w.p.n_tasks + t];
            listed[n] = w.vehicles[k];
            listed[n++].count = 1;
        }
    w.p.vehicles = listed;
    w.p.n_vehicles = n;
    w.p.assign_cost = w.p.assign_cost ? assign : NULL;
    ck_assert_int_eq(vrp_solve(&w.p, &params, &result, NULL), 0);
    ck_assert_int_eq(result.best.cost, counted);
    vrp_check(&w.p, &result.best, &report);
    ck_assert_int_eq(report.cost, counted);
    for (int32_t i = 0; i < report.n_kept; i++)
        ck_assert_int_eq(report.violations[i].rule, VRP_V_REQUIRED);
    vrp_solution_fini(&result.best);
}
END_TEST

START_TEST(frozen_prefix_stays)
{
    static struct world w;
    make_world(&w, 11, 30, 0);
    int32_t stops[] = {2 * 3, 2 * 9, 2 * 1};
    struct vrp_route plan = {.vehicle = 1, .n = 3, .stops = stops, .frozen = 2};
    w.vehicles[1].capacity[0] = w.vehicles[1].capacity[1] = 300;
    w.p.plan = &plan;
    w.p.n_plan = 1;
    struct vrp_params params = {.iterations = 300, .seed = 1};
    struct vrp_result result;
    ck_assert_int_eq(vrp_solve(&w.p, &params, &result, NULL), 0);
    const struct vrp_route *kept = NULL;
    for (int32_t i = 0; i < result.best.n_routes; i++)
        if (result.best.routes[i].frozen == 2)
            kept = &result.best.routes[i];
    ck_assert_ptr_nonnull(kept);
    ck_assert_int_eq(kept->vehicle, 1);
    ck_assert_int_eq(kept->stops[0], 6);
    ck_assert_int_eq(kept->stops[1], 18);
    vrp_solution_fini(&result.best);
}
END_TEST

struct reason_case {
    enum vrp_reason reason;
    void (*spoil)(struct world *w);
};

static void spoil_skills(struct world *w)
{
    w->tasks[0].skills = 1u << 20;
}
static void spoil_size(struct world *w)
{
    w->tasks[0].delivery[0] = 100000;
}
static void spoil_window(struct world *w)
{
    static const struct vrp_window early = {0, 0};
    w->tasks[0].visit[0].windows = &early;
    w->tasks[0].visit[0].n_windows = 1;
}
static void spoil_permission(struct world *w)
{
    static const bool none[TYPES] = {false};
    w->tasks[0].allowed = none;
}
static void spoil_prize(struct world *w)
{
    w->tasks[0].prize = 0;
}
static void spoil_fleet(struct world *w)
{
    for (int i = 0; i < TYPES; i++)
        w->vehicles[i].count = 0;
}

static const struct reason_case reasons[] = {
    {VRP_R_SKILLS, spoil_skills},          {VRP_R_TOO_BIG, spoil_size}, {VRP_R_WINDOW, spoil_window},
    {VRP_R_NOT_ALLOWED, spoil_permission}, {VRP_R_PRIZE, spoil_prize},  {VRP_R_NO_VEHICLE, spoil_fleet},
};

START_TEST(reason_is_told)
{
    static struct world w;
    make_world(&w, 3, 12, 0);
    reasons[_i].spoil(&w);
    struct vrp_params params = {.iterations = 100, .seed = 1};
    struct vrp_result result;
    ck_assert_int_eq(vrp_solve(&w.p, &params, &result, NULL), 0);
    ck_assert_int_ge(result.best.n_unserved, 1);
    ck_assert_int_eq(result.best.unserved[0].task, 0);
    ck_assert_str_eq(vrp_reason_name(result.best.unserved[0].reason), vrp_reason_name(reasons[_i].reason));
    vrp_solution_fini(&result.best);
}
END_TEST

START_TEST(malformed_is_refused)
{
    static struct world w;
    make_world(&w, 3, 12, 0);
    w.tasks[4].visit[0].location = 999;
    struct vrp_result result;
    struct vrp_fault fault;
    ck_assert_int_eq(vrp_solve(&w.p, &(struct vrp_params){0}, &result, &fault), -1);
    ck_assert_str_eq(fault.text, "task 4: location out of range");
}
END_TEST

/* What no integer can hold is refused; what only breaks every limit is solved as such. */
static void absurd_distance(struct world *w)
{
    w->matrix[5] = VRP_LEG_LIMIT + 1;
}
static void absurd_service(struct world *w)
{
    w->tasks[0].visit[0].service = VRP_LIMIT;
}
static void absurd_cost(struct world *w)
{
    w->vehicles[0].unit_distance = (int64_t)1 << 50;
}
static void absurd_lateness(struct world *w)
{
    w->tasks[0].visit[0].late_max = w->tasks[0].visit[0].late_cost = VRP_LIMIT;
    w->tasks[1].visit[0].late_max = w->tasks[1].visit[0].late_cost = VRP_LIMIT;
}
static void long_ways(struct world *w)
{
    for (int i = 0; i < w->p.n_locations * w->p.n_locations; i++)
        w->matrix[i] = VRP_LEG_LIMIT;
    for (int i = 0; i < w->p.n_tasks; i++)
        w->tasks[i].visit[0].service = w->tasks[i].visit[0].setup = VRP_LEG_LIMIT;
}

static const struct absurd {
    void (*spoil)(struct world *w);
    const char *says; /* NULL = solved */
} absurds[] = {
    {absurd_distance, "profile 0: a time or distance is out of range"},
    {absurd_service, "task 0: setup, service or lateness out of range"},
    {absurd_cost, "problem 0: the costs are so large that their sums overflow"},
    {absurd_lateness, "problem 0: the costs are so large that their sums overflow"},
    {long_ways, NULL},
};

START_TEST(absurd_is_refused_or_solved)
{
    static struct world w;
    make_world(&w, 3, 12, 0);
    absurds[_i].spoil(&w);
    struct vrp_result result;
    struct vrp_report report;
    struct vrp_fault fault;
    int status = vrp_solve(&w.p, &(struct vrp_params){.iterations = 50}, &result, &fault);
    ck_assert_int_eq(status, absurds[_i].says ? -1 : 0);
    if (absurds[_i].says) {
        ck_assert_str_eq(fault.text, absurds[_i].says);
        return;
    }
    vrp_check(&w.p, &result.best, &report);
    ck_assert_int_eq(report.cost, result.best.cost);
    vrp_solution_fini(&result.best);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("solver");
    TCase *t = tcase_create("solver");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, each_feature, 0, 19);
    tcase_add_loop_test(t, mixed_features, 0, 20);
    tcase_add_loop_test(t, plain_routes, 0, 7);
    tcase_add_test(t, same_seed_same_result);
    tcase_add_test(t, golden_trips);
    tcase_add_loop_test(t, equal_vehicles_are_one_type, 0, 4);
    tcase_add_test(t, frozen_prefix_stays);
    tcase_add_loop_test(t, reason_is_told, 0, (int)(sizeof reasons / sizeof *reasons));
    tcase_add_test(t, malformed_is_refused);
    tcase_add_loop_test(t, absurd_is_refused_or_solved, 0, (int)(sizeof absurds / sizeof *absurds));
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
