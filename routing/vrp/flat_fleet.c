#include "routing/vrp/flat_run.h"

#include <stdlib.h>

enum { ASK_EVERY = 64 };

static int32_t total_demand_routes(const struct flat_model *m)
{
    int64_t load = 0, capacity = 1;
    for (int32_t c = 0; c < m->n; c++)
        load += m->clients[c].demand;
    for (int32_t k = 0; k < m->n_types; k++)
        capacity = m->types[k].capacity > capacity ? m->types[k].capacity : capacity;
    return (int32_t)((load + capacity - 1) / capacity);
}

/* The route whose clients have been hard to place least often. */
static int32_t easiest_route(const struct flat_tour *t, const int64_t *count)
{
    int32_t best = VRP_NONE;
    int64_t least = 0;
    for (int32_t r = 0; r < t->n_routes; r++) {
        if (!t->routes[r].count)
            continue;
        int64_t sum = t->routes[r].count;
        for (int32_t v = t->nodes[flat_first(t, r)].next; v < t->n; v = t->nodes[v].next)
            sum += count[v] * 16;
        if (best == VRP_NONE || sum < least) {
            best = r;
            least = sum;
        }
    }
    return best;
}

static void dissolve(struct flat_tour *t, int32_t route)
{
    flat_mark(t);
    while (t->routes[route].count)
        flat_remove(t, t->nodes[flat_first(t, route)].next);
    flat_retime(t, route);
    flat_mark(t);
}

static int64_t absence(const struct flat_tour *t, const int64_t *count)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < t->n_absent; i++)
        sum += 1 + count[t->absent[i]];
    return sum;
}

/* Cost without what is left out, for the annealed part of the acceptance. */
static int64_t way(const struct flat_tour *t)
{
    int64_t cost = t->cost;
    for (int32_t i = 0; i < t->n_absent; i++)
        cost -= t->m->clients[t->absent[i]].prize;
    return cost;
}

static void attempt(struct flat_run *run, int64_t *count)
{
    struct flat_tour *t = run->t;
    int64_t before = absence(t, count), way_before = way(t);
    int32_t n_before = t->n_absent;
    bool ok = flat_step(run);
    int64_t after = absence(t, count);
    double worse = (double)(way(t) - way_before);
    bool keep = after < before || (t->n_absent <= n_before && after == before &&
                                   worse < -run->temperature * rng_ln(rng_unit(&run->rng) + 1e-300));
    for (int32_t i = 0; i < t->n_absent; i++)
        count[t->absent[i]]++;
    if (!ok || !keep)
        flat_rollback(t);
}

static bool in_share(struct flat_run *run, double share)
{
    return flat_budget_left(run) && run->spent < share * VRP_SPENT_ALL;
}

void flat_fleet_reduce(struct flat_run *run, double share)
{
    struct flat_tour *t = run->t;
    int32_t least = total_demand_routes(run->m);
    int64_t *count = calloc((size_t)t->n, sizeof *count);
    t->failed |= !count;
    bool more = count && t->n_absent == 0;
    while (more && t->used > least) {
        t->used_most = t->used - 1;
        dissolve(t, easiest_route(t, count));
        while (t->n_absent && (more = in_share(run, share)))
            for (int32_t i = 0; i < ASK_EVERY && t->n_absent; i++)
                attempt(run, count);
        if (t->n_absent == 0)
            flat_snapshot_take(&run->best, t);
    }
    flat_snapshot_restore(&run->best, t);
    if (t->n_absent == 0)
        t->used_most = t->used;
    free(count);
}
