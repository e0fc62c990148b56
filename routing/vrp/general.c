#include "routing/vrp/general.h"
#include "routing/vrp/general_run.h"

#include <stdlib.h>
#include <string.h>

enum {
    BLINK = 10,      /* ‰ */
    STRING_MAX = 10, /* longest string removed */
    REMOVED_MEAN = 10,
    BANK_TRIES = 24,   /* tasks left out earlier that an iteration tries again */
    TABLE_MOST = 2500, /* most locations of a table */
    REPORT_EVERY = 1000
};
static const double FLEET_SHARE = 0.5; /* of the budget, for fewer routes where those come first */

/* ---- ruin ---- */

static void take_out(struct general_run *run, int32_t task)
{
    struct state *s = run->s;
    int32_t route = s->where[task * 2];
    if (route == VRP_NONE)
        return;
    if (s->pos[task * 2] < s->routes[route].frozen)
        return;
    state_remove(s, task);
    run->out[run->n_out++] = task;
}

/* A string of `length` elements around the visit, from its route. */
static void take_string(struct general_run *run, int32_t visit, int32_t length)
{
    struct state *s = run->s;
    const struct state_route *r = &s->routes[s->where[visit]];
    int32_t span = length < r->n ? length : r->n;
    int32_t from = s->pos[visit] - rng_below(&s->rng, span);
    from = from < 0 ? 0 : from > r->n - span ? r->n - span : from;
    int32_t tasks[STRING_MAX], n = 0;
    for (int32_t i = from; i < from + span; i++)
        if (r->stops[i] >= 0)
            tasks[n++] = r->stops[i] / 2;
    while (n > 0)
        take_out(run, tasks[--n]);
}

static int32_t random_visit(struct general_run *run)
{
    struct state *s = run->s;
    for (int tries = 0; tries < 50; tries++) {
        int32_t t = rng_below(&s->rng, s->p->n_tasks);
        int32_t v = t * 2 + (s->p->tasks[t].kind == VRP_SHIPMENT ? rng_below(&s->rng, 2) : 0);
        if (tries > 25 || s->where[v] != VRP_NONE)
            return v;
    }
    return 0;
}

static void ruin_strings(struct general_run *run)
{
    struct state *s = run->s;
    int32_t seed = random_visit(run), done[16], n_done = 0;
    int32_t strings = 1 + rng_below(&s->rng, 3);
    if (s->where[seed] != VRP_NONE) {
        done[n_done++] = s->where[seed];
        take_string(run, seed, 1 + rng_below(&s->rng, STRING_MAX));
    }
    for (const int32_t *u = state_near(s, seed); *u != VRP_NONE && n_done < strings; u++) {
        int32_t route = s->where[*u];
        bool again = route == VRP_NONE;
        for (int32_t k = 0; k < n_done && !again; k++)
            again = done[k] == route;
        if (again)
            continue;
        done[n_done++] = route;
        take_string(run, *u, 1 + rng_below(&s->rng, STRING_MAX));
    }
}

static void ruin_scattered(struct general_run *run)
{
    struct state *s = run->s;
    int32_t many = 1 + rng_below(&s->rng, REMOVED_MEAN);
    for (int32_t i = 0; i < many; i++)
        take_out(run, random_visit(run) / 2);
}

static void ruin_near(struct general_run *run)
{
    struct state *s = run->s;
    int32_t seed = random_visit(run), many = 1 + rng_below(&s->rng, 2 * REMOVED_MEAN);
    take_out(run, seed / 2);
    for (const int32_t *u = state_near(s, seed); *u != VRP_NONE && run->n_out < many; u++)
        if (rng_below(&s->rng, 4))
            take_out(run, *u / 2);
}

static void ruin_route(struct general_run *run)
{
    struct state *s = run->s;
    int32_t route = s->where[random_visit(run)];
    if (route == VRP_NONE || s->routes[route].visits > 5 * REMOVED_MEAN)
        return;
    for (int32_t i = s->routes[route].n - 1; i >= 0; i--) {
        if (i < s->routes[route].n && s->routes[route].stops[i] >= 0)
            take_out(run, s->routes[route].stops[i] / 2);
    }
}

static void ruin(struct general_run *run)
{
    int32_t dice = rng_below(&run->s->rng, 100);
    if (dice < 65)
        ruin_strings(run);
    else if (dice < 85)
        ruin_near(run);
    else if (dice < 95)
        ruin_scattered(run);
    else
        ruin_route(run);
}

/* ---- recreate ---- */

static void add_bank(struct general_run *run)
{
    struct state *s = run->s;
    int32_t before = s->n_bank_before, tries = before < BANK_TRIES ? before : BANK_TRIES;
    int32_t from = before ? rng_below(&s->rng, before) : 0;
    for (int32_t i = 0; i < tries; i++)
        run->out[run->n_out++] = s->bank_before[(from + i) % before];
}

static int32_t width(const struct vrp_visit *v)
{
    return v->n_windows ? v->windows[v->n_windows - 1].until - v->windows[0].from : VRP_LIMIT;
}

/* The order of insertion: random, big first, far first, near first, narrow window first, due first. */
static int64_t order_key(struct general_run *run, int32_t order, int32_t task)
{
    const struct vrp_problem *p = run->s->p;
    const struct vrp_task *t = &p->tasks[task];
    const struct vrp_visit *last = &t->visit[t->kind == VRP_SHIPMENT];
    int32_t depot = p->vehicles[0].start;
    int64_t load = 0, far = depot == VRP_NONE ? 0 : vrp_metres(p, 0, depot, t->visit[0].location);
    for (int d = 0; d < p->n_dims; d++)
        load += t->delivery[d] + t->pickup[d];
    switch (order) {
    case 1:
        return -load;
    case 2:
        return -far;
    case 3:
        return far;
    case 4:
        return width(last);
    case 5:
        return last->n_windows ? last->windows[last->n_windows - 1].until : VRP_LIMIT;
    default:
        return rng_below(&run->s->rng, VRP_LIMIT);
    }
}

static void sort_out(struct general_run *run)
{
    static const int32_t weight[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 5, 5};
    int32_t order = weight[rng_below(&run->s->rng, (int32_t)(sizeof weight / sizeof *weight))];
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

/* The alternatives of a task that is to be inserted come with it: any of the group may be served. */
static void place_task(struct general_run *run, int32_t task, const struct insert_how *base)
{
    struct state *s = run->s;
    struct insert_how how = *base;
    struct insert_place place;
    how.limit = state_prize(s, task);
    if (s->where[task * 2] != VRP_NONE)
        return;
    insert_find(s, task, &how, &place);
    if (place.route == VRP_NONE && !how.everywhere && how.limit >= VRP_REQUIRED &&
        rng_below(&s->rng, 8) == 0) {
        how.everywhere = true;
        insert_find(s, task, &how, &place);
    }
    if (place.route != VRP_NONE)
        insert_apply(s, task, &place);
}

static void recreate(struct general_run *run)
{
    struct insert_how how = {.blink = BLINK};
    add_bank(run);
    sort_out(run);
    for (int32_t i = 0; i < run->n_out; i++)
        place_task(run, run->out[i], &how);
}

/* Breaks moved within the routes that this iteration touched. */
static void move_break(struct general_run *run, int32_t route, int32_t from)
{
    struct state *s = run->s;
    const struct state_route *r = &s->routes[route];
    int64_t best = r->cost;
    int32_t best_to = VRP_NONE, stop = r->stops[from];
    for (int32_t to = r->frozen; to < r->n; to++) {
        if (to == from)
            continue;
        memcpy(s->scratch, r->stops, (size_t)from * sizeof(int32_t));
        memcpy(s->scratch + from, r->stops + from + 1, (size_t)(r->n - from - 1) * sizeof(int32_t));
        memmove(s->scratch + to + 1, s->scratch + to, (size_t)(r->n - 1 - to) * sizeof(int32_t));
        s->scratch[to] = stop;
        bool ok;
        int64_t cost = state_route_cost(s, r->vehicle, s->scratch, r->n, &ok);
        if (ok && cost < best) {
            best = cost;
            best_to = to;
        }
    }
    if (best_to == VRP_NONE)
        return;
    memcpy(s->scratch, r->stops, (size_t)from * sizeof(int32_t));
    memcpy(s->scratch + from, r->stops + from + 1, (size_t)(r->n - from - 1) * sizeof(int32_t));
    memmove(s->scratch + best_to + 1, s->scratch + best_to, (size_t)(r->n - 1 - best_to) * sizeof(int32_t));
    s->scratch[best_to] = stop;
    state_replace(s, route, s->scratch, r->n, best, VRP_NONE);
}

static void move_breaks(struct general_run *run)
{
    struct state *s = run->s;
    for (int32_t k = 0; k < s->n_undo; k++) {
        int32_t route = s->undo[k].route;
        if (!s->p->vehicles[s->routes[route].vehicle].n_breaks || !s->routes[route].visits)
            continue;
        for (int32_t i = s->routes[route].frozen; i < s->routes[route].n; i++)
            if (s->routes[route].stops[i] <= VRP_BREAK0)
                move_break(run, route, i);
    }
}

/* ---- the run ---- */

static int complete(struct general_run *run)
{
    struct state *s = run->s;
    struct insert_how how = {.everywhere = s->n_bank <= 64};
    state_mark(s);
    run->n_out = 0;
    for (int32_t i = 0; i < s->n_bank; i++)
        run->out[run->n_out++] = s->bank[i];
    if (run->n_out < 20000)
        sort_out(run);
    for (int32_t i = 0; i < run->n_out; i++) {
        place_task(run, run->out[i], &how);
        if ((i & 15) == 0 && run->params->spent && run->params->spent(run->params->arg) >= VRP_SPENT_ALL)
            break;
    }
    move_breaks(run);
    state_mark(s);
    run->best_cost = s->cost;
    return s->failed ? -1 : state_export(s, &run->best);
}

bool general_budget_left(struct general_run *run)
{
    const struct vrp_params *q = run->params;
    if (q->iterations >= 0 && (run->iterations >= q->iterations) && (q->iterations || !q->spent))
        return false;
    if (run->iterations % 8 == 0) {
        if (q->spent)
            run->spent = q->spent(q->arg);
        if (q->iterations > 0) {
            int32_t by = (int32_t)(run->iterations * VRP_SPENT_ALL / q->iterations);
            run->spent = by > run->spent ? by : run->spent;
        }
        double share = (double)run->spent / VRP_SPENT_ALL;
        run->temperature = run->t_first * rng_exp(rng_ln(run->t_last / run->t_first) * share);
    }
    return run->spent < VRP_SPENT_ALL;
}

int general_keep_best(struct general_run *run)
{
    struct vrp_solution now;
    if (state_export(run->s, &now) < 0)
        return -1;
    vrp_solution_fini(&run->best);
    run->best = now;
    run->best_cost = run->s->cost;
    run->unreported = true;
    return 0;
}

static void report(struct general_run *run)
{
    if (!run->unreported || !run->params->incumbent || run->iterations - run->reported < REPORT_EVERY)
        return;
    run->reported = run->iterations;
    run->unreported = false;
    run->params->incumbent(run->params->arg, &run->best, run->iterations);
}

void general_step(struct general_run *run)
{
    state_mark(run->s);
    run->n_out = 0;
    ruin(run);
    recreate(run);
    move_breaks(run);
    run->iterations++;
}

static void iterate(struct general_run *run)
{
    struct state *s = run->s;
    general_step(run);
    double worse = (double)(s->cost - s->cost_before);
    if (worse > 0 && worse > -run->temperature * rng_ln(rng_unit(&s->rng) + 1e-300))
        state_undo(s);
    else if (s->cost < run->best_cost && general_keep_best(run) < 0)
        s->failed = true;
    report(run);
}

/* Temperatures from the mean cost of serving one task. */
static void heat(struct general_run *run)
{
    const struct state *s = run->s;
    int64_t cost = 0, visits = 1;
    for (int32_t r = 0; r < s->n_routes; r++)
        if (s->routes[r].visits && s->routes[r].cost < VRP_REQUIRED) {
            cost += s->routes[r].cost - s->route_bonus;
            visits += s->routes[r].visits;
        }
    double mean = (double)cost / (double)visits;
    run->t_first = mean * 0.5 + 1;
    run->t_last = mean * 0.005 + 0.01;
    run->temperature = run->t_first;
}

static bool frozen(const struct vrp_problem *p)
{
    for (int32_t i = 0; i < p->n_plan; i++)
        if (p->plan[i].frozen)
            return true;
    return false;
}

/* The best solution as a state again, with its number of routes as the limit. */
static void resume(struct general_run *run, const struct vrp_problem *p)
{
    run->from_best = *p;
    run->from_best.plan = run->best.routes;
    run->from_best.n_plan = run->best.n_routes;
    state_free(run->s);
    run->s = state_new(&run->from_best, rng_next(&run->rng));
    if (!run->s)
        return;
    run->s->p = p;
    if (run->s->n_bank == 0)
        run->s->used_most = run->s->used;
    run->best_cost = run->s->cost;
}

static void anneal(struct general_run *run, const struct vrp_problem *p)
{
    heat(run);
    if (p->fleet_first && !frozen(p) && general_budget_left(run)) {
        general_fleet_reduce(run, FLEET_SHARE);
        resume(run, p);
    }
    while (run->s && p->n_tasks && general_budget_left(run) && !run->s->failed)
        iterate(run);
}

static int solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret)
{
    struct general_run run = {.params = params, .s = state_new(p, params->seed)};
    int status = -1;
    if (!run.s)
        return -1;
    rng_init(&run.rng, params->seed);
    run.out = malloc(((size_t)p->n_tasks + BANK_TRIES + 64) * 2 * sizeof *run.out);
    run.key = malloc(((size_t)p->n_tasks + BANK_TRIES + 64) * 2 * sizeof *run.key);
    if (run.out && run.key && complete(&run) == 0) {
        anneal(&run, p);
        if (run.s && !run.s->failed) {
            *ret = (struct vrp_result){run.best, run.iterations};
            run.best = (struct vrp_solution){0};
            status = 0;
        }
    }
    vrp_solution_fini(&run.best);
    free(run.out);
    free(run.key);
    state_free(run.s);
    return status;
}

/* Distances of the plane as a matrix, where that is small: roots are dear. */
static int32_t *tabulate(const struct vrp_problem *p)
{
    size_t n = (size_t)p->n_locations;
    int32_t *m = malloc(n * n * sizeof *m + 1);
    for (size_t a = 0; m && a < n; a++)
        for (size_t b = 0; b < n; b++)
            m[a * n + b] = vrp_metres(p, 0, (int32_t)a, (int32_t)b);
    return m;
}

int general_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret)
{
    const struct vrp_profile *f = p->profiles;
    if (p->n_profiles != 1 || f->seconds || f->metres || f->n_slices || p->n_locations > TABLE_MOST)
        return solve(p, params, ret);
    struct vrp_problem with_table = *p;
    struct vrp_profile profile = {.seconds = tabulate(p)};
    with_table.profiles = &profile;
    int status = profile.seconds ? solve(&with_table, params, ret) : -1;
    free((void *)profile.seconds);
    return status;
}
