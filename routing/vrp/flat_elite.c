#include "routing/vrp/flat_elite.h"

#include <stdlib.h>

static const double SHARE_LEAST = 0.1, SHARE_MOST = 0.5; /* of the routes, exchanged */

void flat_elites_fini(struct flat_elites *e)
{
    for (int32_t i = 0; i < e->n; i++)
        flat_snapshot_fini(&e->kept[i]);
    free(e->tally);
    *e = (struct flat_elites){0};
}

int flat_elites_offer(struct flat_elites *e, const struct flat_snapshot *s, const struct flat_tour *t)
{
    struct flat_snapshot copy;
    for (int32_t i = 0; i < e->n; i++)
        if (e->kept[i].cost == s->cost)
            return 0;
    if (e->n == FLAT_ELITES && e->kept[e->n - 1].cost < s->cost)
        return 0;
    if (!e->tally && !(e->tally = calloc((size_t)t->max_routes + 1, sizeof *e->tally)))
        return -1;
    if (flat_snapshot_copy(&copy, s, t) < 0)
        return -1;
    if (e->n == FLAT_ELITES)
        flat_snapshot_fini(&e->kept[--e->n]);
    int32_t at = e->n++;
    for (; at > 0 && e->kept[at - 1].cost > copy.cost; at--)
        e->kept[at] = e->kept[at - 1];
    e->kept[at] = copy;
    return 0;
}

/* Empties the routes next to the seed, `most` of them. */
static void clear_around(struct flat_tour *t, int32_t seed, int32_t most)
{
    int32_t cleared = 0;
    for (const int32_t *near = flat_near(t->m, seed); cleared < most; near++) {
        int32_t v = *near < 0 ? seed : *near & FLAT_NODE, route = t->nodes[v].route;
        if (route != VRP_NONE) {
            while (t->routes[route].count)
                flat_remove(t, t->nodes[flat_first(t, route)].next);
            flat_retime(t, route);
            cleared++;
        }
        if (*near < 0)
            break;
    }
}

/* What a route of the other has among the absent. */
static int32_t lacking(const struct flat_snapshot *from, const struct flat_tour *t, int32_t route)
{
    int32_t n = 0;
    for (int32_t v = from->nodes[flat_first(t, route)].next; v < t->n; v = from->nodes[v].next)
        n += t->nodes[v].route == VRP_NONE;
    return n;
}

/* Lays the absent clients of a route in their order; the others of it are served elsewhere. */
static void take_over(struct flat_tour *t, const struct flat_snapshot *from, int32_t route)
{
    int32_t type = from->routes[route].type, n_log = t->n_log;
    if (!flat_left(t, type))
        return;
    int32_t r = flat_open(t, type);
    for (int32_t v = from->nodes[flat_first(t, route)].next; v < t->n; v = from->nodes[v].next)
        if (t->nodes[v].route == VRP_NONE)
            flat_insert(t, v, t->nodes[flat_last(t, r)].prev);
    if (!flat_route_ok(t, r))
        flat_rollback_to(t, n_log);
    flat_retime(t, r);
}

void flat_elites_mix(struct flat_elites *e, struct flat_tour *t, struct rng *rng)
{
    int32_t a = rng_below(rng, e->n), b = rng_below(rng, e->n - 1);
    const struct flat_snapshot *from = &e->kept[b + (b >= a)];
    flat_snapshot_restore(&e->kept[a], t);
    double share = SHARE_LEAST + rng_unit(rng) * (SHARE_MOST - SHARE_LEAST);
    clear_around(t, rng_below(rng, t->n), 1 + (int32_t)(share * t->used));
    for (int32_t r = 0; r < from->n_routes; r++)
        e->tally[r] = from->routes[r].count ? lacking(from, t, r) : 0;
    for (int32_t r = 0; r < from->n_routes; r++)
        if (e->tally[r] * 2 > from->routes[r].count)
            take_over(t, from, r);
    flat_mark(t);
}
