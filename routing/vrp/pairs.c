#include "routing/vrp/pairs.h"
#include "routing/vrp/pairs_run.h"

#include <stdlib.h>

enum {
    REMOVED_MEAN = 10, /* visits in strings, on average */
    STRING_MAX = 10,   /* longest string */
    BLINK_MEAN = 20,
    ABSENT_TRIES = 30, /* of those left out, tried again in an iteration */
    ASK_EVERY = 16,    /* iterations between looks at the budget … */
    ASK_MOST = 1000,   /* … up to this many tasks; else after each */
    REPORT_EVERY = 5000
};
static const double SPLIT_CHANCE = 0.5;
static const double FAR_WORTH = 30;       /* typical distances at stake: then all routes are looked at */
static const double FLEET_SHARE = 0.4;    /* of the budget, for fewer routes where those come first */
static const double HOT = 20, COLD = 0.3; /* first and last temperature in typical distances */

/* ---- ruin ---- */

static void take(struct pairs_run *run, int32_t task)
{
    pairs_remove(run->t, task);
    run->out[run->n_out++] = task;
}

/* Removes the tasks of a string of visits around the element; with `keep` > 0 that many in its middle stay.
 */
static void take_string(struct pairs_run *run, int32_t route, int32_t at, int32_t length, int32_t keep)
{
    const struct pairs_route *r = &run->t->routes[route];
    int32_t visits = r->n - 2, span = length + keep, tasks[2 * STRING_MAX], n = 0;
    int32_t from = at - rng_below(&run->rng, span);
    from = from < 1 ? 1 : from > visits - span + 1 ? visits - span + 1 : from;
    int32_t skip = keep ? from + 1 + rng_below(&run->rng, length > 1 ? length - 1 : 1) : from + span;
    for (int32_t i = from; i < from + span; i++)
        if (i < skip || i >= skip + keep)
            tasks[n++] = r->e[i].node / 2;
    while (n-- > 0)
        if (run->t->where[tasks[n]] != VRP_NONE)
            take(run, tasks[n]);
    pairs_retime(run->t, route);
}

static void ruin_route(struct pairs_run *run, int32_t visit, double longest)
{
    int32_t route = run->t->where[visit / 2], visits = run->t->routes[route].n - 2;
    int32_t most = longest < visits ? (int32_t)longest : visits;
    int32_t length = 1 + rng_below(&run->rng, most), keep = 0;
    if (length > 1 && length < visits && rng_unit(&run->rng) < SPLIT_CHANCE)
        keep = 1;
    while (keep && length + keep < visits && rng_below(&run->rng, 100) == 0)
        keep++;
    run->ruined[route] = run->stamp;
    run->n_ruined++;
    take_string(run, route, run->t->at[visit], length, keep);
}

static bool new_ruin(struct pairs_run *run)
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

/* Strings of routes next to each other around a seed. */
static void ruin(struct pairs_run *run)
{
    const struct pairs_tour *t = run->t;
    const struct pairs_model *m = run->m;
    int32_t seed = rng_below(&run->rng, 2 * m->n);
    double longest = t->used ? 2.0 * (m->n - t->n_absent) / t->used : 1;
    longest = longest < STRING_MAX ? longest : STRING_MAX;
    int32_t strings = (int32_t)(1 + rng_unit(&run->rng) * (4.0 * REMOVED_MEAN / (1 + longest) - 1));
    if (!new_ruin(run))
        return;
    if (t->where[seed / 2] != VRP_NONE)
        ruin_route(run, seed, longest);
    for (const int32_t *u = m->near + (size_t)seed * (size_t)(m->n_near + 1);
         *u != VRP_NONE && run->n_ruined < strings; u++) {
        int32_t route = t->where[*u / 2];
        if (route != VRP_NONE && run->ruined[route] != run->stamp)
            ruin_route(run, *u, longest);
    }
}

/* ---- recreate ---- */

static void add_absent(struct pairs_run *run)
{
    const struct pairs_tour *t = run->t;
    int32_t before = t->n_absent_before, tries = before < ABSENT_TRIES ? before : ABSENT_TRIES;
    int32_t from = before > tries ? rng_below(&run->rng, before) : 0;
    for (int32_t i = 0; i < tries; i++)
        run->out[run->n_out++] = t->absent_before[(from + i) % before];
}

enum order { RANDOM, DEMAND, FAR, CLOSE, NARROW, EARLY, LATE };

static int64_t order_key(struct pairs_run *run, enum order order, int32_t task)
{
    const struct pairs_model *m = run->m;
    const struct pairs_node *p = &m->nodes[2 * task], *d = p + 1;
    int32_t start = pairs_first(m, 0);
    switch (order) {
    case DEMAND:
        return -(int64_t)p->load;
    case FAR:
        return -(int64_t)pairs_arc(m, start, 2 * task) - pairs_arc(m, 2 * task + 1, start + 1);
    case CLOSE:
        return (int64_t)pairs_arc(m, start, 2 * task) + pairs_arc(m, 2 * task + 1, start + 1);
    case NARROW:
        return (int64_t)p->until - p->from + d->until - d->from;
    case EARLY:
        return (int64_t)p->from + d->from;
    case LATE:
        return -(int64_t)p->until - d->until;
    default:
        return (int64_t)(rng_next(&run->rng) >> 2);
    }
}

static void sort_out(struct pairs_run *run)
{
    static const uint8_t orders[] = {RANDOM, RANDOM, RANDOM, RANDOM, DEMAND, DEMAND, FAR, FAR,
                                     CLOSE,  NARROW, NARROW, EARLY,  EARLY,  LATE,   LATE};
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
static bool put_back(struct pairs_run *run, int64_t allowed)
{
    int64_t open = 0; /* prizes of those still to come */
    for (int32_t i = 0; i < run->n_out; i++)
        open += run->m->p->tasks[run->out[i]].prize;
    for (int32_t i = 0; i < run->n_out; i++) {
        int64_t prize = run->m->p->tasks[run->out[i]].prize, room = allowed - (run->t->cost - open);
        int64_t limit = prize < room ? prize : room;
        struct pairs_place at = pairs_find(&run->find, run->out[i], limit, false);
        if (!pairs_found(&at) && limit == prize && (double)prize >= FAR_WORTH * run->m->typical)
            at = pairs_find(&run->find, run->out[i], limit, true);
        if (pairs_found(&at))
            pairs_apply(&run->find, run->out[i], &at);
        else if (prize > room)
            return false;
        open -= prize;
    }
    return true;
}

/* Insertions keep the limits; removals need not where ways break the triangle inequality. */
static bool limits_kept(const struct pairs_tour *t)
{
    for (int32_t i = 0; i < t->n_saved; i++) {
        const struct pairs_route *r = &t->routes[t->saved[i].route];
        if (r->n > 2 && r->e[0].latest < r->e[0].from)
            return false;
    }
    return true;
}

bool pairs_step(struct pairs_run *run, int64_t allowed)
{
    pairs_mark(run->t);
    run->n_out = 0;
    ruin(run);
    add_absent(run);
    sort_out(run);
    run->iterations++;
    return put_back(run, allowed) && limits_kept(run->t);
}

/* ---- the run ---- */

static void report(struct pairs_run *run)
{
    struct vrp_solution s;
    if (!run->params->incumbent || !run->unreported || run->iterations - run->reported < REPORT_EVERY)
        return;
    run->reported = run->iterations;
    run->unreported = false;
    if (pairs_export(run->t, &s) == 0) {
        run->params->incumbent(run->params->arg, &s, run->iterations);
        vrp_solution_fini(&s);
    }
}

bool pairs_budget_left(struct pairs_run *run)
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

static void iterate(struct pairs_run *run)
{
    struct pairs_tour *t = run->t;
    double most = -run->temperature * rng_ln(rng_unit(&run->rng) + 1e-300);
    bool ok = pairs_step(run, t->cost + (int64_t)most + 1);
    double worse = (double)(t->cost - t->cost_before);
    if (!ok || (worse > 0 && worse >= most)) {
        pairs_rollback(t);
    } else if (t->cost < t->best_cost) {
        pairs_keep(t);
        run->unreported = true;
    }
}

/* Everybody gets the best place there is, until the time is over. */
static void place_all(struct pairs_run *run)
{
    for (int32_t i = 0; i < run->n_out; i++) {
        int64_t prize = run->m->p->tasks[run->out[i]].prize;
        struct pairs_place at = pairs_find(&run->find, run->out[i], prize, false);
        if (!pairs_found(&at) && (double)prize >= FAR_WORTH * run->m->typical)
            at = pairs_find(&run->find, run->out[i], prize, true);
        if (pairs_found(&at))
            pairs_apply(&run->find, run->out[i], &at);
        if (i % ASK_EVERY == 0 && run->params->spent && run->params->spent(run->params->arg) >= VRP_SPENT_ALL)
            return;
    }
}

static void start(struct pairs_run *run)
{
    struct pairs_tour *t = run->t;
    pairs_lay(t, run->m->p->plan, run->m->p->n_plan);
    pairs_mark(t);
    run->n_out = 0;
    for (int32_t i = 0; i < t->n_absent; i++)
        run->out[run->n_out++] = t->absent[i];
    if (run->n_out <= 5000)
        sort_out(run);
    place_all(run);
    pairs_mark(t);
    pairs_keep(t);
}

static void run_all(struct pairs_run *run)
{
    struct pairs_tour *t = run->t;
    start(run);
    run->t_first = run->m->typical * HOT;
    run->t_last = run->m->typical * COLD;
    if (run->m->p->fleet_first && t->n_absent == 0)
        pairs_fleet_reduce(run, FLEET_SHARE);
    run->cooled_from = run->spent;
    int64_t last = run->params->iterations > 0 ? run->params->iterations : INT64_MAX;
    int32_t in_a_row = t->m->n > ASK_MOST ? 1 : ASK_EVERY;
    while (pairs_budget_left(run))
        for (int32_t i = 0; i < in_a_row && run->iterations < last; i++)
            iterate(run);
}

int pairs_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret)
{
    struct pairs_run run = {.params = params};
    struct pairs_model *m = pairs_model_new(p);
    int status = -1;
    if (!m)
        return -1;
    run.m = m;
    rng_init(&run.rng, params->seed);
    run.t = pairs_tour_new(m, p->fleet_first);
    run.out = malloc(((size_t)m->n + ABSENT_TRIES) * sizeof *run.out);
    run.key = malloc(((size_t)m->n + ABSENT_TRIES) * sizeof *run.key);
    if (run.t && run.out && run.key && pairs_find_init(&run.find, run.t, &run.rng, BLINK_MEAN) == 0) {
        run_all(&run);
        if (!run.t->failed && pairs_export(run.t, &ret->best) == 0) {
            ret->iterations = run.iterations;
            status = 0;
        }
    }
    pairs_find_fini(&run.find);
    free(run.out);
    free(run.key);
    free(run.ruined);
    pairs_tour_free(run.t);
    pairs_model_free(m);
    return status;
}
