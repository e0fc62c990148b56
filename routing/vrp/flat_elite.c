#include "routing/vrp/flat_elite.h"

#include <stdlib.h>

static const double SHARE_LEAST = 0.05, SHARE_MOST = 0.3; /* of the routes, exchanged */

void flat_elites_fini(struct flat_elites *e)
{
    for (int32_t i = 0; i < e->n; i++)
        flat_snapshot_fini(&e->kept[i]);
    free(e->tally);
    *e = (struct flat_elites){0};
}

int flat_elites_add(struct flat_elites *e, const struct flat_snapshot *s, const struct flat_tour *t)
{
    if (!e->tally && !(e->tally = calloc((size_t)t->max_routes + 1, sizeof *e->tally)))
        return -1;
    if (flat_snapshot_copy(&e->kept[e->n], s, t) < 0)
        return -1;
    e->n++;
    return 0;
}

int flat_elites_replace(struct flat_elites *e, int32_t i, const struct flat_snapshot *s,
                        const struct flat_tour *t)
{
    struct flat_snapshot copy;
    bool new = s->cost < e->kept[i].cost;
    for (int32_t k = 0; k < e->n && new; k++)
        new = e->kept[k].cost != s->cost;
    if (!new)
        return 0;
    if (flat_snapshot_copy(&copy, s, t) < 0)
        return -1;
    flat_snapshot_fini(&e->kept[i]);
    e->kept[i] = copy;
    return 1;
}

int32_t flat_elites_best(const struct flat_elites *e)
{
    int32_t best = 0;
    for (int32_t i = 1; i < e->n; i++)
        if (e->kept[i].cost < e->kept[best].cost)
            best = i;
    return best;
}

void flat_elites_thin(struct flat_elites *e)
{
    int32_t best = flat_elites_best(e);
    struct flat_snapshot kept = e->kept[best];
    e->kept[best] = e->kept[0];
    e->kept[0] = kept;
    while (e->n > 1)
        flat_snapshot_fini(&e->kept[--e->n]);
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

static int32_t client_or_none(const struct flat_tour *t, int32_t node)
{
    return node < t->n ? node : VRP_NONE;
}

/* Whether the client has other neighbours in its route than there, whichever way the route runs. */
static bool differs(const struct flat_tour *t, const struct flat_snapshot *s, int32_t client)
{
    const struct flat_node *x = &t->nodes[client], *y = &s->nodes[client];
    int32_t a = client_or_none(t, x->prev), b = client_or_none(t, x->next);
    int32_t c = client_or_none(t, y->prev), d = client_or_none(t, y->next);
    return (x->route == VRP_NONE) != (y->route == VRP_NONE) || !((a == c && b == d) || (a == d && b == c));
}

int32_t flat_elites_mix(struct flat_elites *e, struct flat_tour *t, struct rng *rng)
{
    int32_t a = rng_below(rng, e->n), b = rng_below(rng, e->n - 1);
    const struct flat_snapshot *from = &e->kept[b + (b >= a)];
    flat_snapshot_restore(&e->kept[a], t);
    double share = SHARE_LEAST + rng_unit(rng) * (SHARE_MOST - SHARE_LEAST);
    int32_t seed = rng_below(rng, t->n);
    for (int32_t i = 0; i < t->n && !differs(t, from, seed); i++)
        seed = seed + 1 < t->n ? seed + 1 : 0;
    clear_around(t, seed, 1 + (int32_t)(share * t->used));
    for (int32_t r = 0; r < from->n_routes; r++)
        e->tally[r] = from->routes[r].count ? lacking(from, t, r) : 0;
    for (int32_t r = 0; r < from->n_routes; r++)
        if (e->tally[r] * 2 > from->routes[r].count)
            take_over(t, from, r);
    flat_mark(t);
    return a;
}

int32_t flat_elites_differ(struct flat_elites *e, int32_t i, const struct flat_tour *t, int32_t *ret)
{
    int32_t n = 0;
    for (int32_t r = 0; r < t->n_routes; r++)
        e->tally[r] = 0;
    for (int32_t v = 0; v < t->n; v++)
        if (t->nodes[v].route != VRP_NONE && differs(t, &e->kept[i], v))
            e->tally[t->nodes[v].route] = 1;
    for (int32_t v = 0; v < t->n; v++)
        if (t->nodes[v].route != VRP_NONE && e->tally[t->nodes[v].route])
            ret[n++] = v;
    return n;
}
