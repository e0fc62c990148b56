#include "routing/vrp/trips.h"
#include "routing/vrp/trips_run.h"

#include <stdlib.h>

enum {
    REMOVED_MEAN = 10, /* tasks in strings, on average */
    STRING_MAX = 10,   /* longest string */
    BLINK_MEAN = 50,
    TRIP_MOST = 40,    /* tasks of a trip that are taken together */
    WHOLE_TRIPS = 10,  /* % of ruins that take whole trips */
    SWAPS = 20,        /* % of iterations in which trips change vehicles first */
    ABSENT_TRIES = 30, /* of those left out, tried again in an iteration */
    ASK_EVERY = 16,    /* iterations between looks at the budget … */
    ASK_MOST = 2000,   /* … up to this many tasks; else after each */
    REPORT_EVERY = 5000
};
static const double SPLIT_CHANCE = 0.5;
static const double FAR_WORTH = 30;       /* typical distances at stake: then all routes are looked at */
static const double FLEET_SHARE = 0.4;    /* of the budget, for fewer routes where those come first */
static const double HOT = 10, COLD = 0.1; /* first and last temperature in typical distances */

/* ---- ruin ---- */

static void take(struct trips_run *run, int32_t task)
{
    trips_remove(run->t, task);
    run->out[run->n_out++] = task;
}

/* Removes a string of tasks around an element, homes not counted; with `keep` > 0 that many in its middle
 * stay. */
static void take_string(struct trips_run *run, int32_t route, int32_t at, int32_t length, int32_t keep)
{
    const struct trips_route *r = &run->t->routes[route];
    int32_t visits = r->n - 2, span = length + keep, tasks[2 * STRING_MAX], n = 0;
    int32_t from = at - rng_below(&run->rng, span);
    from = from < 1 ? 1 : from > visits - span + 1 ? visits - span + 1 : from;
    int32_t skip = keep ? from + 1 + rng_below(&run->rng, length > 1 ? length - 1 : 1) : from + span;
    for (int32_t i = from; i < from + span; i++)
        if ((i < skip || i >= skip + keep) && trips_is_task(run->t, r->e[i].node))
            tasks[n++] = r->e[i].node;
    while (n-- > 0)
        take(run, tasks[n]);
}

/* Removes the whole trip of a task. */
static void take_trip(struct trips_run *run, int32_t task)
{
    struct trips_tour *t = run->t;
    const struct trips_route *r = &t->routes[t->where[task]];
    int32_t tasks[TRIP_MOST], n = 0, i = r->e[t->at[task]].depot + 1;
    for (; trips_is_task(t, r->e[i].node) && n < TRIP_MOST; i++)
        tasks[n++] = r->e[i].node;
    while (n-- > 0)
        take(run, tasks[n]);
}

static void ruin_route(struct trips_run *run, int32_t task, double longest)
{
    int32_t route = run->t->where[task], visits = run->t->routes[route].n - 2;
    int32_t most = longest < visits ? (int32_t)longest : visits;
    int32_t length = 1 + rng_below(&run->rng, most), keep = 0;
    if (length > 1 && length < visits && rng_unit(&run->rng) < SPLIT_CHANCE)
        keep = 1;
    while (keep && keep < STRING_MAX && length + keep < visits && rng_below(&run->rng, 100) == 0)
        keep++;
    take_string(run, route, run->t->at[task], length, keep);
}

static bool new_ruin(struct trips_run *run)
{
    if (run->room_ruined < run->t->room_routes) {
        free(run->ruined);
        run->ruined = calloc((size_t)run->t->room_routes, sizeof *run->ruined);
        run->room_ruined = run->ruined ? run->t->room_routes : 0;
        run->t->failed |= !run->ruined;
        run->stamp = 0;
    }
    run->stamp++;
    run->n_ruined = 0;
    return run->ruined != NULL;
}

/* The route of the task, unless it was ruined in this iteration or has none. */
static int32_t route_to_ruin(struct trips_run *run, int32_t task)
{
    int32_t route = run->t->where[task];
    if (route == VRP_NONE || run->ruined[route] == run->stamp)
        return VRP_NONE;
    run->ruined[route] = run->stamp;
    run->touched[run->n_ruined++] = route;
    return route;
}

/* Strings, or now and then whole trips, of routes next to each other around a seed. */
static void ruin(struct trips_run *run)
{
    const struct trips_tour *t = run->t;
    const struct trips_model *m = run->m;
    int32_t seed = rng_below(&run->rng, m->n);
    double longest = t->used ? (double)(m->n - t->n_absent) / t->used : 1;
    longest = longest < STRING_MAX ? longest : STRING_MAX;
    bool whole = rng_below(&run->rng, 100) < WHOLE_TRIPS;
    int32_t strings = whole ? 1 + rng_below(&run->rng, 3)
                            : (int32_t)(1 + rng_unit(&run->rng) * (4.0 * REMOVED_MEAN / (1 + longest) - 1));
    strings = strings < TRIPS_TOUCHED ? strings : TRIPS_TOUCHED;
    if (!new_ruin(run))
        return;
    const int32_t *u = m->near + (size_t)seed * (size_t)(m->n_near + 1);
    for (int32_t task = seed; task != VRP_NONE && run->n_ruined < strings; task = *u++) {
        if (route_to_ruin(run, task) == VRP_NONE)
            continue;
        if (whole)
            take_trip(run, task);
        else
            ruin_route(run, task, longest);
    }
    for (int32_t i = 0; i < run->n_ruined; i++)
        trips_retime(run->t, run->touched[i]);
}

/* ---- recreate ---- */

static void add_absent(struct trips_run *run)
{
    const struct trips_tour *t = run->t;
    int32_t before = t->n_absent_before, tries = before < ABSENT_TRIES ? before : ABSENT_TRIES;
    int32_t from = before > tries ? rng_below(&run->rng, before) : 0;
    for (int32_t i = 0; i < tries; i++)
        run->out[run->n_out++] = t->absent_before[(from + i) % before];
}

enum order { RANDOM, DEMAND, FAR, CLOSE, NARROW, EARLY, LATE, RELEASE };

static int64_t order_key(struct trips_run *run, enum order order, int32_t task)
{
    const struct trips_model *m = run->m;
    const struct trips_node *x = &m->nodes[task];
    int32_t home = trips_first(m, 0) + TRIPS_HOME;
    switch (order) {
    case DEMAND:
        return m->dims ? -(int64_t)m->p->tasks[task].delivery[0] - m->p->tasks[task].pickup[0] : 0;
    case FAR:
        return -(int64_t)trips_leg(m, home, task).arc;
    case CLOSE:
        return trips_leg(m, home, task).arc;
    case NARROW:
        return (int64_t)x->until - x->from;
    case EARLY:
        return x->from;
    case LATE:
        return -(int64_t)x->until;
    case RELEASE:
        return x->release;
    default:
        return (int64_t)(rng_next(&run->rng) >> 2);
    }
}

static void sort_out(struct trips_run *run)
{
    static const uint8_t orders[] = {RANDOM, RANDOM, RANDOM, RANDOM, DEMAND, DEMAND, FAR,    FAR,
                                     CLOSE,  NARROW, NARROW, EARLY,  LATE,   LATE,   RELEASE};
    enum order order = orders[rng_below(&run->rng, (int32_t)sizeof orders)];
    for (int32_t i = 0; i < run->n_out; i++) {
        int32_t task = run->out[i], j = i;
        int64_t key = order_key(run, order, task);
        for (; j > 0 && run->key[j - 1] > key; j--) {
            run->key[j] = run->key[j - 1];
            run->out[j] = run->out[j - 1];
        }
        run->key[j] = key;
        run->out[j] = task;
    }
}

/* Places those that are out, best place first. False, and the rest left out, as soon as the cost is bound to
 * end above `allowed`. */
static bool put_back(struct trips_run *run, int64_t allowed)
{
    int64_t open = 0; /* prizes of those still to come */
    for (int32_t i = 0; i < run->n_out; i++)
        open += run->m->p->tasks[run->out[i]].prize;
    for (int32_t i = 0; i < run->n_out; i++) {
        int64_t prize = run->m->p->tasks[run->out[i]].prize, room = allowed - (run->t->cost - open);
        int64_t limit = prize < room ? prize : room;
        struct trips_place at = trips_find(&run->find, run->out[i], limit, false);
        if (!trips_found(&at) && limit == prize && (double)prize >= FAR_WORTH * run->m->typical)
            at = trips_find(&run->find, run->out[i], limit, true);
        if (trips_found(&at))
            trips_apply(&run->find, run->out[i], &at);
        else if (prize > room)
            return false;
        open -= prize;
    }
    return true;
}

/* Insertions keep the limits; removals need not where ways break the triangle inequality. */
static bool limits_kept(const struct trips_run *run)
{
    const struct trips_tour *t = run->t;
    for (int32_t i = 0; i < t->n_saved; i++) {
        const struct trips_route *r = &t->routes[t->saved[i].route];
        if (r->n > 2 && !r->ok)
            return false;
    }
    return true;
}

bool trips_step(struct trips_run *run, int64_t allowed)
{
    trips_mark(run->t);
    run->n_out = 0;
    if (run->m->several && rng_below(&run->rng, 100) < SWAPS)
        trips_swap(run, rng_below(&run->rng, run->m->n));
    ruin(run);
    add_absent(run);
    sort_out(run);
    run->iterations++;
    return put_back(run, allowed) && limits_kept(run);
}

/* ---- the run ---- */

static void report(struct trips_run *run)
{
    struct vrp_solution s;
    if (!run->params->incumbent || !run->unreported || run->iterations - run->reported < REPORT_EVERY)
        return;
    run->reported = run->iterations;
    run->unreported = false;
    if (trips_export(run->t, &s) == 0) {
        run->params->incumbent(run->params->arg, &s, run->iterations);
        vrp_solution_fini(&s);
    }
}

bool trips_budget_left(struct trips_run *run)
{
    const struct vrp_params *q = run->params;
    if (q->iterations >= 0 && run->iterations >= q->iterations && (q->iterations || !q->spent))
        return false;
    if (q->spent)
        run->spent = q->spent(q->arg);
    if (q->iterations > 0) {
        int32_t by = (int32_t)((double)run->iterations / (double)q->iterations * VRP_SPENT_ALL);
        run->spent = by > run->spent ? by : run->spent;
    }
    double share = (double)(run->spent - run->cooled_from) / (VRP_SPENT_ALL - run->cooled_from + 1);
    run->temperature = run->t_first * rng_exp(rng_ln(run->t_last / run->t_first) * share);
    report(run);
    return run->spent < VRP_SPENT_ALL && !run->t->failed;
}

static void iterate(struct trips_run *run)
{
    struct trips_tour *t = run->t;
    double most = -run->temperature * rng_ln(rng_unit(&run->rng) + 1e-300);
    bool ok = trips_step(run, t->cost + (int64_t)most + 1);
    double worse = (double)(t->cost - t->cost_before);
    if (!ok || (worse > 0 && worse >= most)) {
        trips_rollback(t);
    } else if (t->cost < t->best_cost) {
        trips_keep(t);
        run->unreported = true;
    }
}

/* Everybody gets the best place there is, until the time is over. */
static void place_all(struct trips_run *run)
{
    for (int32_t i = 0; i < run->n_out; i++) {
        int32_t task = run->out[i];
        int64_t prize = run->m->p->tasks[task].prize;
        struct trips_place at = trips_find(&run->find, task, prize, false);
        if (!trips_found(&at) && (double)prize >= FAR_WORTH * run->m->typical)
            at = trips_find(&run->find, task, prize, true);
        if (trips_found(&at))
            trips_apply(&run->find, task, &at);
        if (i % ASK_EVERY == 0 && run->params->spent && run->params->spent(run->params->arg) >= VRP_SPENT_ALL)
            return;
    }
}

static void start(struct trips_run *run)
{
    struct trips_tour *t = run->t;
    trips_lay(t, run->m->p->plan, run->m->p->n_plan);
    trips_mark(t);
    run->n_out = 0;
    for (int32_t i = 0; i < t->n_absent; i++)
        run->out[run->n_out++] = t->absent[i];
    if (run->n_out <= 5000)
        sort_out(run);
    place_all(run);
    trips_mark(t);
    trips_keep(t);
}

static void run_all(struct trips_run *run)
{
    struct trips_tour *t = run->t;
    start(run);
    run->t_first = run->m->typical * HOT;
    run->t_last = run->m->typical * COLD;
    if (run->m->p->fleet_first && t->n_absent == 0)
        trips_fleet_reduce(run, FLEET_SHARE);
    run->cooled_from = run->spent;
    int64_t last = run->params->iterations > 0 ? run->params->iterations : INT64_MAX;
    int32_t in_a_row = t->m->n > ASK_MOST ? 1 : ASK_EVERY;
    while (trips_budget_left(run))
        for (int32_t i = 0; i < in_a_row && run->iterations < last; i++)
            iterate(run);
}

int trips_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret)
{
    struct trips_run run = {.params = params};
    struct trips_model *m = trips_model_new(p);
    int status = -1;
    if (!m)
        return -1;
    run.m = m;
    rng_init(&run.rng, params->seed);
    run.t = trips_tour_new(m, p->fleet_first);
    run.out = malloc(((size_t)m->n + ABSENT_TRIES) * sizeof *run.out);
    run.key = malloc(((size_t)m->n + ABSENT_TRIES) * sizeof *run.key);
    if (run.t && run.out && run.key) {
        trips_find_init(&run.find, run.t, &run.rng, BLINK_MEAN);
        run_all(&run);
        if (!run.t->failed && trips_export(run.t, &ret->best) == 0) {
            ret->iterations = run.iterations;
            status = 0;
        }
    }
    trips_find_fini(&run.find);
    free(run.out);
    free(run.key);
    free(run.ruined);
    trips_tour_free(run.t);
    trips_model_free(m);
    return status;
}
