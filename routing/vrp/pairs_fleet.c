/* Two searches take turns while tasks of a dissolved route are left out: ruin and recreate, accepted by how
 * often the absent were absent, and ejection, which places the last absent task where the tasks that have to
 * make room were easiest to place so far. */
#include "routing/vrp/pairs_run.h"

#include <stdlib.h>

enum { STEPS = 10 /* of ruin and recreate between ejections */ };

struct fleet {
    struct pairs_run *run;
    struct pairs_tour *t;
    int64_t *absences; /* by task: iterations after which it was left out */
    int32_t *hard;     /* by task: 1 + how often it had no place */
    struct pairs_route without;
};

struct ejection {
    int64_t sum; /* of `hard` of the ejected */
    int32_t route, tasks[2];
    int32_t pickup, delivery; /* places once they are gone */
};

/* ---- ejection ---- */

static bool judge(struct fleet *f, int32_t task, int32_t route, int32_t a, int32_t b, struct ejection *best)
{
    struct pairs_known k;
    int64_t sum = f->hard[a] + (b == VRP_NONE ? 0 : f->hard[b]);
    if (sum >= best->sum)
        return false;
    pairs_without(f->t, &f->t->routes[route], a, b, &f->without);
    if (f->without.e[0].latest < f->without.e[0].from)
        return false;
    pairs_find_in(&f->run->find, task, &f->without, INT64_MAX, &k);
    if (k.arc[0] == INT64_MAX)
        return false;
    *best = (struct ejection){sum, route, {a, b}, k.pickup[0], k.delivery[0]};
    return true;
}

static void eject_one(struct fleet *f, int32_t task, int32_t route, struct ejection *best)
{
    const struct pairs_route *r = &f->t->routes[route];
    for (int32_t i = 1; i < r->n - 1; i++)
        if (!(r->e[i].node & 1))
            judge(f, task, route, r->e[i].node / 2, VRP_NONE, best);
}

static void eject_two(struct fleet *f, int32_t task, int32_t route, struct ejection *best)
{
    const struct pairs_route *r = &f->t->routes[route];
    for (int32_t i = 1; i < r->n - 1; i++)
        for (int32_t j = i + 1; j < r->n - 1 && !(r->e[i].node & 1); j++)
            if (!(r->e[j].node & 1))
                judge(f, task, route, r->e[i].node / 2, r->e[j].node / 2, best);
}

static bool room_without(struct fleet *f)
{
    int32_t most = 0;
    for (int32_t r = 0; r < f->t->n_routes; r++)
        most = f->t->routes[r].n > most ? f->t->routes[r].n : most;
    if (most <= f->without.room)
        return true;
    struct pairs_elem *e = realloc(f->without.e, (size_t)most * 2 * sizeof *e);
    f->t->failed |= !e;
    if (e) {
        f->without.e = e;
        f->without.room = most * 2;
    }
    return e != NULL;
}

/* Places the task for the price of one or two others, if there is a way. */
static void eject(struct fleet *f, int32_t task)
{
    struct pairs_tour *t = f->t;
    struct ejection best = {.sum = INT64_MAX, .route = VRP_NONE};
    int32_t from = rng_below(&f->run->rng, t->n_routes);
    if (!room_without(f))
        return;
    f->hard[task]++;
    for (int pass = 0; pass < 2; pass++)
        for (int32_t i = 0; i < t->n_routes; i++) {
            int32_t route = (from + i) % t->n_routes;
            if (pass && !pairs_budget_left(f->run))
                return;
            if (t->routes[route].n == 2 || !(t->m->types[task] >> t->routes[route].type & 1))
                continue;
            (pass ? eject_two : eject_one)(f, task, route, &best);
        }
    if (best.route == VRP_NONE)
        return;
    pairs_remove(t, best.tasks[0]);
    if (best.tasks[1] != VRP_NONE)
        pairs_remove(t, best.tasks[1]);
    if (t->routes[best.route].n == 2)
        return; /* alone it has no place there: the route is of another task's kind */
    pairs_insert(t, task, best.route, best.pickup, best.delivery);
}

/* ---- ruin and recreate ---- */

static int64_t absence(const struct fleet *f)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < f->t->n_absent; i++)
        sum += 1 + f->absences[f->t->absent[i]];
    return sum;
}

/* Cost without what is left out, for the annealed part of the acceptance. */
static int64_t way(const struct pairs_tour *t)
{
    int64_t cost = t->cost;
    for (int32_t i = 0; i < t->n_absent; i++)
        cost -= t->m->p->tasks[t->absent[i]].prize;
    return cost;
}

static void attempt(struct fleet *f)
{
    struct pairs_run *run = f->run;
    struct pairs_tour *t = f->t;
    int64_t before = absence(f), way_before = way(t);
    int32_t n_before = t->n_absent;
    bool ok = pairs_step(run, INT64_MAX);
    int64_t after = absence(f);
    double worse = (double)(way(t) - way_before);
    bool keep = after < before || (t->n_absent <= n_before && after == before &&
                                   worse < -run->temperature * rng_ln(rng_unit(&run->rng) + 1e-300));
    for (int32_t i = 0; i < t->n_absent; i++)
        f->absences[t->absent[i]]++;
    if (!ok || !keep)
        pairs_rollback(t);
}

/* ---- routes ---- */

static int32_t easiest_route(const struct fleet *f)
{
    int32_t best = VRP_NONE;
    int64_t least = 0;
    for (int32_t r = 0; r < f->t->n_routes; r++) {
        const struct pairs_route *route = &f->t->routes[r];
        if (route->n == 2)
            continue;
        int64_t sum = route->n;
        for (int32_t i = 1; i < route->n - 1; i++)
            sum += f->absences[route->e[i].node / 2] * 16;
        if (best == VRP_NONE || sum < least) {
            best = r;
            least = sum;
        }
    }
    return best;
}

static void dissolve(struct pairs_tour *t, int32_t route)
{
    pairs_mark(t);
    while (t->routes[route].n > 2)
        pairs_remove(t, t->routes[route].e[1].node / 2);
    pairs_mark(t);
}

/* Whether all tasks of a dissolved route found a place before the share was spent. */
static bool place_all(struct fleet *f, double share)
{
    struct pairs_tour *t = f->t;
    while (t->n_absent) {
        if (!pairs_budget_left(f->run) || f->run->spent >= share * VRP_SPENT_ALL)
            return false;
        for (int32_t i = 0; i < STEPS && t->n_absent && pairs_budget_left(f->run); i++)
            attempt(f);
        pairs_mark(t);
        if (t->n_absent)
            eject(f, t->absent[t->n_absent - 1]);
        pairs_mark(t);
    }
    return true;
}

void pairs_fleet_reduce(struct pairs_run *run, double share)
{
    struct pairs_tour *t = run->t;
    struct fleet f = {.run = run, .t = t};
    f.absences = calloc((size_t)t->m->n, sizeof *f.absences);
    f.hard = malloc((size_t)t->m->n * sizeof *f.hard);
    t->failed |= !f.absences || !f.hard;
    for (int32_t i = 0; f.hard && i < t->m->n; i++)
        f.hard[i] = 1;
    bool more = !t->failed;
    while (more && t->used > 1) {
        t->used_most = t->used - 1;
        dissolve(t, easiest_route(&f));
        more = place_all(&f, share);
        if (t->n_absent == 0)
            pairs_keep(t);
    }
    pairs_restore(t);
    t->used_most = t->used;
    free(f.absences);
    free(f.hard);
    free(f.without.e);
}
