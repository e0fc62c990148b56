#include "routing/vrp/flat_insert.h"

#include <stdlib.h>

enum {
    FAR_MOST = 2000, /* most clients among which a place is looked for everywhere before a route is opened */
    INDEX_BITS = 8   /* of a place among those weighed */
};

#define INLINE static inline __attribute__((always_inline))

int flat_insert_init(struct flat_insert *s, struct flat_tour *t, struct rng *rng, double blink)
{
    size_t n = (size_t)t->max_routes + 1;
    *s = (struct flat_insert){
        .t = t, .rng = rng, .blink_spread = blink > 0 ? 1 / blink : 0, .blink_in = INT32_MAX};
    if (blink > 0)
        s->blink_in = (int32_t)s->blink_spread;
    s->upgrade = malloc(n * sizeof *s->upgrade);
    s->upgrade_type = malloc(n * sizeof *s->upgrade_type);
    s->upgrade_stamp = calloc(n, sizeof *s->upgrade_stamp);
    if (s->upgrade && s->upgrade_type && s->upgrade_stamp)
        return 0;
    flat_insert_fini(s);
    return -1;
}

void flat_insert_fini(struct flat_insert *s)
{
    free(s->upgrade);
    free(s->upgrade_type);
    free(s->upgrade_stamp);
    *s = (struct flat_insert){0};
}

static void next_blink(struct flat_insert *s)
{
    if (s->blink_spread <= 0) {
        s->blink_in = INT32_MAX;
        return;
    }
    s->blink_in = (int32_t)(-s->blink_spread * rng_ln(rng_unit(s->rng) + 1e-18));
}

INLINE bool blinks(struct flat_insert *s)
{
    if (__builtin_expect(--s->blink_in >= 0, 1))
        return false;
    next_blink(s);
    return true;
}

/* ---- a change of type ---- */

/* Types that every client of the route accepts. */
static uint64_t accepted(const struct flat_tour *t, int32_t route)
{
    uint64_t types = ~(uint64_t)0;
    for (int32_t v = t->nodes[flat_first(t, route)].next; v < t->n; v = t->nodes[v].next)
        types &= t->m->clients[v].types;
    return types;
}

static void find_upgrade(struct flat_insert *s, int32_t route, int32_t client)
{
    const struct flat_tour *t = s->t;
    const struct flat_model *m = t->m;
    const struct flat_route *r = &t->routes[route];
    const struct flat_client *c = &m->clients[client];
    const struct flat_type *now = &m->types[r->type];
    uint64_t types = c->types & (m->masked ? accepted(t, route) : ~(uint64_t)0);
    s->upgrade_stamp[route] = s->stamp;
    s->upgrade_type[route] = VRP_NONE;
    for (int32_t k = 0; k < m->n_types; k++) {
        const struct flat_type *to = &m->types[k];
        if (k == r->type || !(types >> k & 1) || to->capacity < r->load + c->demand ||
            to->start != now->start || to->end != now->end || to->from > now->from ||
            to->until < now->until || to->max_duration < now->max_duration)
            continue;
        if (!flat_left(t, k))
            continue;
        int64_t cost = to->fixed + r->length * to->unit - now->fixed - r->length * now->unit;
        if (s->upgrade_type[route] == VRP_NONE || cost < s->upgrade[route]) {
            s->upgrade[route] = cost;
            s->upgrade_type[route] = k;
        }
    }
}

/* ---- one place ---- */

INLINE bool in_time(const struct flat_tour *t, int32_t client, int32_t v, int32_t w)
{
    const struct flat_model *m = t->m;
    const struct flat_client *c = &m->clients[client];
    int32_t at = t->nodes[v].leave + flat_time_into(m, client, t->nodes[v].place);
    if (at > c->until)
        return false;
    at = (at > c->from ? at : c->from) + c->service;
    return at + flat_time(m, client, t->nodes[w].place) <= t->nodes[w].latest;
}

static bool in_duration(const struct flat_tour *t, int32_t client, int32_t v, int32_t w)
{
    const struct flat_model *m = t->m;
    const struct flat_client *c = &m->clients[client];
    struct flat_span a = t->before[v], b = t->after[w], x = {c->service, c->from, c->until};
    int32_t d1 = a.duration + flat_time(m, t->nodes[v].place, client);
    int32_t wait = x.early - d1 - a.late;
    wait = wait > 0 ? wait : 0;
    int32_t late = x.late - d1 < a.late ? x.late - d1 : a.late;
    int32_t duration = d1 + x.duration + wait + flat_time(m, client, t->nodes[w].place);
    wait = b.early - duration - late;
    return duration + b.duration + (wait > 0 ? wait : 0) <=
           m->types[t->routes[t->nodes[v].route].type].max_duration;
}

/* Backhauls come behind all linehauls. */
INLINE bool in_order(const struct flat_tour *t, int32_t client, int32_t v, int32_t w)
{
    const struct flat_client *c = t->m->clients;
    if (c[client].backhaul)
        return w >= t->n || c[w].backhaul;
    return v >= t->n || !c[v].backhaul;
}

/* What a route asks for a client: `base` and `unit` a metre of detour, as another type if it gets too full.
 */
struct price {
    int64_t base, unit;
    int32_t type; /* VRP_NONE = stays as it is */
};

/* False: the route cannot take it. */
INLINE bool price_of(struct flat_insert *s, int32_t client, int32_t route, struct price *ret)
{
    const struct flat_model *m = s->t->m;
    const struct flat_route *r = &s->t->routes[route];
    const struct flat_client *c = &m->clients[client];
    if (!(c->types >> r->type & 1))
        return false;
    *ret = (struct price){0, m->types[r->type].unit, VRP_NONE};
    if ((c->backhaul ? r->back : r->load) + c->demand <= r->capacity)
        return true;
    if (!m->upgrades)
        return false;
    if (s->upgrade_stamp[route] != s->stamp)
        find_upgrade(s, route, client);
    if (s->upgrade_type[route] == VRP_NONE)
        return false;
    *ret = (struct price){s->upgrade[route], m->types[s->upgrade_type[route]].unit, s->upgrade_type[route]};
    return true;
}

/* The arc v … w, to which the client adds `arc`. */
INLINE void judge(struct flat_insert *s, struct flat_place *best, int32_t client, int32_t v, int32_t w,
                  int32_t arc, const struct price *price, const bool timed, const bool rich)
{
    struct flat_tour *t = s->t;
    const struct flat_model *m = t->m;
    int64_t delta = rich ? price->base + arc * price->unit : arc;
    if (delta >= best->delta)
        return;
    if (rich) {
        const struct flat_route *r = &t->routes[t->nodes[v].route];
        if ((m->backhauls && !in_order(t, client, v, w)) ||
            (m->ranged && r->length + arc > m->types[r->type].max_distance))
            return;
    }
    if ((timed && !in_time(t, client, v, w)) || (rich && m->durations && !in_duration(t, client, v, w)))
        return;
    *best = (struct flat_place){delta, v, rich ? price->type : VRP_NONE, false};
}

INLINE int32_t added(const struct flat_tour *t, int32_t client, int32_t v, int32_t w)
{
    return flat_cost_into(t->m, client, t->nodes[v].place) + flat_cost(t->m, client, t->nodes[w].place) -
           t->nodes[v].arc;
}

/* Which neighbours are served by a route with room, without a branch on what is hard to predict. */
INLINE int32_t with_room(const struct flat_tour *t, int32_t client, int32_t *ret)
{
    const int32_t *slot = t->slot, *room = t->room, *near = flat_near(t->m, client);
    int32_t n = 0, demand = t->m->upgrades || t->m->backhauls ? 0 : t->m->clients[client].demand;
    for (int32_t i = 0; near[i] >= 0; i++) {
        ret[n] = i;
        n += room[slot[near[i] & FLAT_NODE]] >= demand;
    }
    return n;
}

/* The two arcs at v, which is `to` away. */
INLINE void weigh(struct flat_insert *s, struct flat_place *best, int32_t client, int32_t near, int32_t to,
                  const bool timed, const bool rich)
{
    const struct flat_tour *t = s->t;
    const struct flat_model *m = t->m;
    int32_t v = near & FLAT_NODE;
    const struct flat_node *x = &t->nodes[v];
    struct price price = {0, 1, VRP_NONE};
    if (rich && !price_of(s, client, x->route, &price))
        return;
    int64_t twice = 2 * (int64_t)to, least = best->delta;
    if (rich && (twice - t->reach[v]) * price.unit + price.base >= least)
        return;
    if ((!timed || (near & FLAT_AFTER)) &&
        ((twice - x->arc) * price.unit + price.base < least || x->next >= t->n) && !blinks(s)) {
        int32_t from = m->symmetric ? to : flat_cost_into(m, client, v);
        judge(s, best, client, v, x->next, from + flat_cost(m, client, t->nodes[x->next].place) - x->arc,
              &price, timed, rich);
    }
    if ((!timed || (near & FLAT_BEFORE)) &&
        ((twice - x->back_arc) * price.unit + price.base < least || x->prev >= t->n) && !blinks(s))
        judge(s, best, client, x->prev, v,
              flat_cost_into(m, client, t->nodes[x->prev].place) + to - x->back_arc, &price, timed, rich);
}

/* An arc whose nearer end is v makes a detour of at least twice the distance to v less the arc: most are
 * passed over for that. Arcs at the depot have no such bound. */
INLINE void scan(struct flat_insert *s, struct flat_place *best, int32_t client, const bool timed,
                 const bool rich)
{
    const struct flat_tour *t = s->t;
    const int32_t *near = flat_near(t->m, client), *cost = flat_near_cost(t->m, client);
    int32_t found[FLAT_NEAR], n = with_room(t, client, found);
    int64_t unit = rich ? t->m->least_unit : 1;
    for (int32_t i = 0; i < n; i++)
        if ((2 * (int64_t)cost[found[i]] - t->reach[near[found[i]] & FLAT_NODE]) * unit < best->delta)
            weigh(s, best, client, near[found[i]], cost[found[i]], timed, rich);
}

static bool alone_in_time(const struct flat_model *m, int32_t client, const struct flat_type *k)
{
    const struct flat_client *c = &m->clients[client];
    int32_t out = flat_time(m, k->start, client), back = flat_time(m, client, k->end), at = k->from + out;
    int32_t begin = at > c->from ? at : c->from;
    return at <= c->until && begin + c->service + back <= k->until &&
           out + c->service + back <= k->max_duration;
}

static void judge_new(struct flat_insert *s, struct flat_place *best, int32_t client, int32_t type)
{
    struct flat_tour *t = s->t;
    const struct flat_model *m = t->m;
    const struct flat_type *k = &m->types[type];
    const struct flat_client *c = &m->clients[client];
    if (!(c->types >> type & 1) || c->demand > k->capacity || (m->linehaul_first && c->backhaul))
        return;
    int32_t arc = flat_cost(m, k->start, client) + flat_cost(m, client, k->end);
    int64_t delta = k->fixed + arc * k->unit + t->route_bonus;
    if (delta >= best->delta || arc > k->max_distance)
        return;
    if (!flat_left(t, type) || (m->timed && !alone_in_time(m, client, k)))
        return;
    *best = (struct flat_place){delta, VRP_NONE, type, true};
}

struct flat_place flat_insert_find(struct flat_insert *s, int32_t client, int64_t limit)
{
    const struct flat_model *m = s->t->m;
    struct flat_place best = {.delta = limit, .prev = VRP_NONE, .type = VRP_NONE};
    s->stamp++;
    for (int32_t k = 0; k < m->n_types && m->weigh_routes; k++)
        judge_new(s, &best, client, k);
    if (m->rich && m->timed)
        scan(s, &best, client, true, true);
    else if (m->rich)
        scan(s, &best, client, false, true);
    else if (m->timed)
        scan(s, &best, client, true, false);
    else
        scan(s, &best, client, false, false);
    if (flat_place_found(&best) || m->weigh_routes)
        return best;
    if (m->n <= FAR_MOST)
        best = flat_insert_find_far(s, client, limit);
    for (int32_t k = 0; k < m->n_types && !flat_place_found(&best); k++)
        judge_new(s, &best, client, k);
    return best;
}

struct flat_place flat_insert_open(struct flat_insert *s, int32_t client)
{
    struct flat_place best = {.delta = VRP_REQUIRED, .prev = VRP_NONE, .type = VRP_NONE};
    for (int32_t k = 0; k < s->t->m->n_types; k++)
        judge_new(s, &best, client, k);
    return best;
}

struct flat_place flat_insert_find_far(struct flat_insert *s, int32_t client, int64_t limit)
{
    const struct flat_tour *t = s->t;
    const struct flat_client *c = &t->m->clients[client];
    struct flat_place best = {.delta = limit, .prev = VRP_NONE, .type = VRP_NONE};
    s->stamp++;
    for (int32_t r = 0; r < t->n_routes; r++) {
        const struct flat_route *route = &t->routes[r];
        struct price price = {0, 1, VRP_NONE};
        if (!route->count || !(t->m->rich ? price_of(s, client, r, &price) : t->room[r + 1] >= c->demand))
            continue;
        for (int32_t v = flat_first(t, r), end = flat_last(t, r); v != end; v = t->nodes[v].next)
            judge(s, &best, client, v, t->nodes[v].next, added(t, client, v, t->nodes[v].next), &price,
                  t->m->timed, t->m->rich);
    }
    return best;
}

void flat_insert_apply(struct flat_insert *s, int32_t client, const struct flat_place *at)
{
    struct flat_tour *t = s->t;
    int32_t prev = at->fresh ? flat_first(t, flat_open(t, at->type)) : at->prev, route = t->nodes[prev].route;
    bool changes = !at->fresh && at->type != VRP_NONE;
    if (changes)
        flat_retype(t, route, at->type);
    flat_insert(t, client, prev);
    if (!t->m->timed)
        return;
    if (changes)
        flat_retime(t, route);
    else
        flat_retime_from(t, client);
}
