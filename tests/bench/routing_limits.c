/* What a caller of the solver waits for, in processor milliseconds, by kernel: the first plan of 1,000
 * customers, the longest silence between two looks at the clock and the return after the clock says stop; and
 * a task put into a plan of 2,000 stops of which a third is frozen. */
#include "routing/vrp/random.h"
#include "routing/vrp/solver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 2001 };
enum kind { FLAT, PAIRS, TRIPS, GENERAL, KINDS };

static const char *const kind_names[KINDS] = {"flat", "pairs", "trips", "general"};

struct world {
    struct vrp_problem p;
    struct vrp_task tasks[MOST];
    struct vrp_window windows[MOST][2];
    struct vrp_vehicle vehicle;
    struct vrp_break rest;
    struct vrp_window rest_window;
    struct vrp_profile profile;
    double x[2 * MOST + 1], y[2 * MOST + 1];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void make_task(struct world *w, int32_t i, enum kind kind, struct rng *r)
{
    struct vrp_task *t = &w->tasks[i];
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    t->kind = kind == PAIRS || (kind == GENERAL && i % 4 == 0) ? VRP_SHIPMENT : VRP_JOB;
    *(t->kind == VRP_SHIPMENT ? t->pickup : t->delivery) = 1 + rng_below(r, 5);
    int32_t from = 4000 + rng_below(r, 20000);
    for (int k = 0; k < 2; k++) {
        w->windows[i][k] = (struct vrp_window){from + 5000 * k, from + 6000 + 5000 * k};
        t->visit[k] = (struct vrp_visit){
            .location = 1 + 2 * i + k, .service = 60, .n_windows = 1, .windows = &w->windows[i][k]};
    }
    t->release = kind == TRIPS ? w->windows[i][0].from / 2 : 0;
}

static void make_world(struct world *w, enum kind kind, int32_t n)
{
    struct rng r;
    rng_init(&r, 1);
    int32_t places = 2 * n + 1;
    for (int32_t i = 0; i < places; i++) {
        w->x[i] = rng_below(&r, 3000);
        w->y[i] = rng_below(&r, 3000);
    }
    w->p = (struct vrp_problem){.n_locations = places,
                                .n_tasks = n,
                                .n_vehicles = 1,
                                .n_profiles = 1,
                                .n_dims = 1,
                                .plane = {w->x, w->y, 1, 0.5, false},
                                .profiles = &w->profile,
                                .tasks = w->tasks,
                                .vehicles = &w->vehicle};
    for (int32_t i = 0; i < n; i++)
        make_task(w, i, kind, &r);
    w->vehicle = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    w->vehicle.count = n;
    w->vehicle.shift.until = 40000;
    w->vehicle.capacity[0] = 60;
    w->vehicle.max_trips = kind == TRIPS ? 3 : 1;
    w->rest_window = (struct vrp_window){9000, 15000};
    w->rest = (struct vrp_break){.n_windows = 1, .windows = &w->rest_window, .service = 1800};
    w->vehicle.breaks = &w->rest;
    w->vehicle.n_breaks = kind == GENERAL;
}

struct watch {
    double began, last, longest, stop_after, stopped; /* ms */
};

static int32_t spent(void *arg)
{
    struct watch *w = arg;
    double t = now();
    w->longest = t - w->last > w->longest ? t - w->last : w->longest;
    w->last = t;
    if (t - w->began < w->stop_after)
        return (int32_t)((t - w->began) / w->stop_after * VRP_SPENT_ALL);
    w->stopped = w->stopped > 0 ? w->stopped : t;
    return VRP_SPENT_ALL;
}

static int measure_kernel(struct world *w, enum kind kind)
{
    struct vrp_result result;
    make_world(w, kind, kind == PAIRS ? 500 : 1000);
    double began = now();
    if (vrp_solve(&w->p, &(struct vrp_params){.seed = 1}, &result, NULL) < 0)
        return -1;
    double first = now() - began;
    bool feasible = result.best.feasible;
    vrp_solution_fini(&result.best);
    struct watch watch = {.began = now(), .last = now(), .stop_after = 2000};
    struct vrp_params params = {.iterations = -1, .seed = 1, .spent = spent, .arg = &watch};
    if (vrp_solve(&w->p, &params, &result, NULL) < 0)
        return -1;
    double back = now() - watch.stopped;
    printf("{\"kernel\":\"%s\",\"tasks\":%d,\"first_plan_ms\":%.1f,\"feasible\":%s,\"longest_silence_ms\":%"
           ".2f,"
           "\"return_after_stop_ms\":%.2f,\"iterations\":%lld}\n",
           kind_names[kind], w->p.n_tasks, first, feasible ? "true" : "false", watch.longest, back,
           (long long)result.iterations);
    vrp_solution_fini(&result.best);
    return 0;
}

static int measure_insertion(struct world *w, enum kind kind)
{
    struct vrp_result plan, result;
    make_world(w, kind, 2001);
    w->p.n_tasks = 2000;
    if (vrp_solve(&w->p, &(struct vrp_params){.seed = 1}, &plan, NULL) < 0)
        return -1;
    for (int32_t i = 0; i < plan.best.n_routes; i++)
        plan.best.routes[i].frozen = plan.best.routes[i].n / 3;
    w->p.n_tasks = 2001;
    w->p.plan = plan.best.routes;
    w->p.n_plan = plan.best.n_routes;
    double began = now();
    int status = vrp_solve(&w->p, &(struct vrp_params){.seed = 1}, &result, NULL);
    double took = now() - began;
    if (status == 0) {
        printf("{\"insertion_into\":\"%s\",\"stops\":2000,\"ms\":%.2f,\"left_out\":%d}\n", kind_names[kind],
               took, result.best.n_unserved);
        vrp_solution_fini(&result.best);
    }
    vrp_solution_fini(&plan.best);
    return status;
}

int main(void)
{
    struct world *w = calloc(1, sizeof *w);
    int status = w ? 0 : -1;
    for (int kind = 0; status == 0 && kind < KINDS; kind++)
        status = measure_kernel(w, (enum kind)kind);
    for (int kind = 0; status == 0 && kind < KINDS; kind++)
        if (kind != PAIRS)
            status = measure_insertion(w, (enum kind)kind);
    free(w);
    return status < 0;
}
