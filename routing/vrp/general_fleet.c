#include "routing/vrp/general_run.h"

#include <stdlib.h>

static int32_t easiest_route(const struct state *s, const int64_t *count)
{
    int32_t best = VRP_NONE;
    int64_t least = 0;
    for (int32_t r = 0; r < s->n_routes; r++) {
        const struct state_route *route = &s->routes[r];
        if (!route->visits)
            continue;
        int64_t sum = route->visits;
        for (int32_t i = 0; i < route->n; i++)
            sum += route->stops[i] >= 0 ? count[route->stops[i] / 2] * 16 : 0;
        if (best == VRP_NONE || sum < least) {
            best = r;
            least = sum;
        }
    }
    return best;
}

static void dissolve(struct state *s, int32_t route)
{
    state_mark(s);
    for (int32_t i = 0; i < s->routes[route].n;)
        if (s->routes[route].stops[i] >= 0)
            state_remove(s, s->routes[route].stops[i] / 2);
        else
            i++;
    state_mark(s);
}

static int64_t absence(const struct state *s, const int64_t *count, int64_t *ret_prizes)
{
    int64_t sum = 0;
    *ret_prizes = 0;
    for (int32_t i = 0; i < s->n_bank; i++) {
        sum += 1 + count[s->bank[i]];
        *ret_prizes += state_prize(s, s->bank[i]);
    }
    return sum;
}

static void attempt(struct general_run *run, int64_t *count)
{
    struct state *s = run->s;
    int64_t prizes_before, prizes;
    int64_t before = absence(s, count, &prizes_before), cost_before = s->cost - prizes_before;
    int32_t n_before = s->n_bank;
    general_step(run);
    int64_t after = absence(s, count, &prizes);
    double worse = (double)(s->cost - prizes - cost_before);
    bool keep = after < before || (s->n_bank <= n_before && after == before &&
                                   worse < -run->temperature * rng_ln(rng_unit(&s->rng) + 1e-300));
    for (int32_t i = 0; i < s->n_bank; i++)
        count[s->bank[i]]++;
    if (!keep)
        state_undo(s);
}

void general_fleet_reduce(struct general_run *run, double share)
{
    struct state *s = run->s;
    int64_t *count = calloc((size_t)s->p->n_tasks + 1, sizeof *count);
    s->failed |= !count;
    bool more = count && s->n_bank == 0;
    while (more && s->used > 1 && !s->failed) {
        s->used_most = s->used - 1;
        dissolve(s, easiest_route(s, count));
        while (s->n_bank &&
               (more = general_budget_left(run) && run->spent < share * VRP_SPENT_ALL && !s->failed))
            attempt(run, count);
        if (s->n_bank == 0 && general_keep_best(run) < 0)
            s->failed = true;
    }
    free(count);
}
