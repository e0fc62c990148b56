#include "routing/vrp/trips_run.h"

#include <stdlib.h>

struct fleet {
    struct trips_run *run;
    struct trips_tour *t;
    int64_t *absences; /* by task: iterations after which it was left out */
};

static int64_t absence(const struct fleet *f)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < f->t->n_absent; i++)
        sum += 1 + f->absences[f->t->absent[i]];
    return sum;
}

/* Cost without what is left out, for the annealed part of the acceptance. */
static int64_t way(const struct trips_tour *t)
{
    int64_t cost = t->cost;
    for (int32_t i = 0; i < t->n_absent; i++)
        cost -= t->m->p->tasks[t->absent[i]].prize;
    return cost;
}

static void attempt(struct fleet *f)
{
    struct trips_run *run = f->run;
    struct trips_tour *t = f->t;
    int64_t before = absence(f), way_before = way(t);
    int32_t n_before = t->n_absent;
    bool ok = trips_step(run, INT64_MAX);
    int64_t after = absence(f);
    double worse = (double)(way(t) - way_before);
    bool keep = after < before || (t->n_absent <= n_before && after == before &&
                                   worse < -run->temperature * rng_ln(rng_unit(&run->rng) + 1e-300));
    for (int32_t i = 0; i < t->n_absent; i++)
        f->absences[t->absent[i]]++;
    if (!ok || !keep)
        trips_rollback(t);
}

static int32_t easiest_route(const struct fleet *f)
{
    int32_t best = VRP_NONE;
    int64_t least = 0;
    for (int32_t r = 0; r < f->t->n_routes; r++) {
        const struct trips_route *route = &f->t->routes[r];
        if (route->n == 2)
            continue;
        int64_t sum = route->n;
        for (int32_t i = 1; i < route->n - 1; i++)
            sum += trips_is_task(f->t, route->e[i].node) ? f->absences[route->e[i].node] * 16 : 0;
        if (best == VRP_NONE || sum < least) {
            best = r;
            least = sum;
        }
    }
    return best;
}

static void dissolve(struct trips_tour *t, int32_t route)
{
    trips_mark(t);
    while (t->routes[route].n > 2)
        trips_remove(t, t->routes[route].e[1].node);
    trips_retime(t, route);
    trips_mark(t);
}

void trips_fleet_reduce(struct trips_run *run, double share)
{
    struct trips_tour *t = run->t;
    struct fleet f = {run, t, calloc((size_t)t->m->n, sizeof *f.absences)};
    t->failed |= !f.absences;
    bool more = !t->failed;
    while (more && t->used > 1) {
        t->used_most = t->used - 1;
        dissolve(t, easiest_route(&f));
        while (t->n_absent && (more = trips_budget_left(run) && run->spent < share * VRP_SPENT_ALL))
            attempt(&f);
        trips_mark(t);
        if (t->n_absent == 0)
            trips_keep(t);
    }
    trips_restore(t);
    t->used_most = t->used;
    free(f.absences);
}
