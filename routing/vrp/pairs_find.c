#include "routing/vrp/pairs_find.h"

#include <stdlib.h>
#include <string.h>

enum {
    KNOWN_MOST = 1000000, /* most remembered pairs of task and route: 72 MB */
    ALL_ROUTES = 8,       /* of more routes than this only those are looked at … */
    NEIGHBOURS = 30       /* … that serve one of this many nearest neighbours of an end */
};

int pairs_find_init(struct pairs_find *f, struct pairs_tour *t, struct rng *rng, int32_t blink_mean)
{
    *f = (struct pairs_find){.t = t, .rng = rng, .blink_mean = blink_mean};
    f->until_blink = blink_mean ? 1 + rng_below(rng, 2 * blink_mean) : 0;
    return 0;
}

void pairs_find_fini(struct pairs_find *f)
{
    free(f->known);
    free(f->glance);
    free(f->detour);
    free(f->least);
    free(f->stamp_of);
    free(f->later);
    *f = (struct pairs_find){0};
}

static bool blinks(struct pairs_find *f)
{
    if (!f->blink_mean || --f->until_blink)
        return false;
    f->until_blink = 1 + rng_below(f->rng, 2 * f->blink_mean);
    return true;
}

static bool grow(struct pairs_find *f, int32_t n)
{
    if (n <= f->room)
        return true;
    int64_t *d = realloc(f->detour, (size_t)n * 2 * sizeof *d);
    if (d)
        f->detour = d;
    int64_t *l = realloc(f->least, (size_t)n * 2 * sizeof *l);
    if (l)
        f->least = l;
    f->t->failed |= !d || !l;
    if (d && l)
        f->room = n * 2;
    return d && l;
}

/* Makes room for what is remembered about all routes there are, if that is not too much. */
static void grow_known(struct pairs_find *f)
{
    int32_t routes = f->t->room_routes;
    if (f->known_routes >= routes || (int64_t)f->t->m->n * routes > KNOWN_MOST)
        return;
    size_t n = (size_t)f->t->m->n * (size_t)routes;
    free(f->known);
    free(f->glance);
    f->known = malloc(n * sizeof *f->known);
    f->glance = calloc(n, sizeof *f->glance);
    if (!f->known || !f->glance) {
        free(f->known);
        free(f->glance);
        f->known = NULL;
        f->glance = NULL;
    }
    f->known_routes = f->known ? routes : 0;
}

/* ---- one route ---- */

static const int64_t NEVER = INT64_MAX, FAR_OFF = (int64_t)1 << 38;

/* First element from `from` on that may be arrived at as late as `early`; latest never falls along a route.
 */
static int32_t first_after(const struct pairs_route *r, int32_t from, int32_t early)
{
    int32_t lo = from, hi = r->n - 1;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (r->e[mid].latest < early)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* detour[j]: of the delivery before element j, NEVER where it is late even without the pickup; least[j]: of
 * all from j on; both from *ret_from on, before which there is none. Returns the first j from which there is
 * none. */
static int32_t lay_deliveries(struct pairs_find *f, const struct pairs_route *r, int32_t d, int32_t *ret_from)
{
    const struct pairs_model *m = f->t->m;
    const struct pairs_node *x = &m->nodes[d];
    const struct pairs_elem *e = r->e;
    int32_t from = r->n > 2 ? first_after(r, 2, x->from + x->service) : 2, last = from - 1;
    *ret_from = from;
    for (int32_t j = from; j < r->n; j++) {
        f->detour[j] = NEVER;
        if (e[j - 1].leave > x->until)
            break;
        int32_t at = e[j - 1].leave + pairs_drive_into(m, d, e[j - 1].node);
        if (at > x->until)
            continue;
        at = (at > x->from ? at : x->from) + x->service;
        if (at + pairs_drive(m, d, e[j].node) > e[j].latest)
            continue;
        f->detour[j] =
            (int64_t)pairs_arc_into(m, d, e[j - 1].node) + pairs_arc(m, d, e[j].node) - e[j - 1].arc;
        last = j;
    }
    int64_t least = NEVER;
    for (int32_t j = last; j >= from; j--)
        f->least[j] = least = f->detour[j] < least ? f->detour[j] : least;
    return last + 1;
}

/* Enters a place that is cheaper than the last one known. */
static void enter(struct pairs_known *k, int64_t arc, int32_t pickup, int32_t delivery)
{
    int at = PAIRS_PLACES - 1;
    for (; at > 0 && k->arc[at - 1] > arc; at--) {
        k->arc[at] = k->arc[at - 1];
        k->pickup[at] = k->pickup[at - 1];
        k->delivery[at] = k->delivery[at - 1];
    }
    k->arc[at] = arc;
    k->pickup[at] = pickup;
    k->delivery[at] = delivery;
}

static int64_t worst(const struct pairs_known *k)
{
    int64_t last = k->arc[PAIRS_PLACES - 1];
    return last < k->limit ? last : k->limit;
}

/* The delivery right behind the pickup, both before element i. */
static void try_together(const struct pairs_model *m, const struct pairs_elem *e, int32_t i, int32_t p,
                         int32_t leave, struct pairs_known *best)
{
    int32_t d = p + 1;
    const struct pairs_node *y = &m->nodes[d];
    int64_t arc = (int64_t)pairs_arc_into(m, p, e[i - 1].node) + pairs_arc(m, p, d) +
                  pairs_arc(m, d, e[i].node) - e[i - 1].arc;
    int32_t at = leave + pairs_drive(m, p, d);
    if (arc >= worst(best) || at > y->until)
        return;
    at = (at > y->from ? at : y->from) + y->service;
    if (at + pairs_drive(m, d, e[i].node) > e[i].latest)
        return;
    enter(best, arc, i, i);
}

/* A pickup before element i, left at `leave`. */
struct before {
    int32_t i, leave;
    int64_t detour;
    int32_t spare; /* what may be on board beside it */
};

/* The delivery further behind, between elements from and end. */
static void try_apart(const struct pairs_find *f, const struct pairs_route *r, int32_t p,
                      const struct before *pickup, int32_t from, int32_t end, struct pairs_known *best)
{
    const struct pairs_model *m = f->t->m;
    const struct pairs_elem *e = r->e;
    int32_t d = p + 1, i = pickup->i, at = pickup->leave + pairs_drive(m, p, e[i].node);
    const struct pairs_node *y = &m->nodes[d];
    for (int32_t j = i + 1; j < end; j++) {
        const struct pairs_elem *before = &e[j - 1];
        if (at > before->latest || before->load > pickup->spare)
            return;
        int32_t left = (at > before->from ? at : before->from) + before->service;
        if (j >= from) {
            if (left > y->until || pickup->detour + f->least[j] >= worst(best))
                return;
            int32_t there = left + pairs_drive_into(m, d, before->node);
            if (f->detour[j] != NEVER && pickup->detour + f->detour[j] < worst(best) && there <= y->until) {
                int32_t done = (there > y->from ? there : y->from) + y->service;
                if (done + pairs_drive(m, d, e[j].node) <= e[j].latest)
                    enter(best, pickup->detour + f->detour[j], i, j);
            }
        }
        at = left + before->drive;
    }
}

void pairs_find_in(struct pairs_find *f, int32_t task, const struct pairs_route *r, int64_t limit,
                   struct pairs_known *ret)
{
    const struct pairs_model *m = f->t->m;
    const struct pairs_elem *e = r->e;
    int32_t p = task * 2, spare = m->type[r->type].capacity - m->nodes[p].load, from;
    const struct pairs_node *x = &m->nodes[p];
    ret->limit = limit;
    for (int k = 0; k < PAIRS_PLACES; k++)
        ret->arc[k] = NEVER;
    if (spare < 0 || !(m->types[task] >> r->type & 1) || !grow(f, r->n))
        return;
    int32_t end = lay_deliveries(f, r, p + 1, &from);
    for (int32_t i = first_after(r, 1, x->from + x->service); i < r->n && e[i - 1].leave <= x->until; i++) {
        int32_t at = e[i - 1].leave + pairs_drive_into(m, p, e[i - 1].node),
                next = i + 1 > from ? i + 1 : from;
        if (at > x->until || e[i - 1].load > spare)
            continue;
        struct before pickup = {i, (at > x->from ? at : x->from) + x->service, 0, spare};
        pickup.detour =
            (int64_t)pairs_arc_into(m, p, e[i - 1].node) + pairs_arc(m, p, e[i].node) - e[i - 1].arc;
        try_together(m, e, i, p, pickup.leave, ret);
        if (next < end && f->least[next] != NEVER && pickup.detour + f->least[next] < worst(ret))
            try_apart(f, r, p, &pickup, from, end, ret);
    }
}

/* ---- all routes ---- */

/* The detour from which on a place is of no interest, with some room so that what is remembered serves later.
 */
static int64_t limit_of(const struct pairs_find *f, const struct pairs_place *best)
{
    int64_t unit = f->t->m->unit ? f->t->m->unit : 1, arc = best->delta / unit;
    return best->delta >= FAR_OFF ? NEVER : arc + arc / 4 + (int64_t)(f->t->m->typical / (double)unit) + 1;
}

/* Takes the best place there that is not overlooked. False if more has to be found out first. */
static bool choose(struct pairs_find *f, const struct pairs_known *k, int32_t route, struct pairs_place *best)
{
    int64_t unit = f->t->m->unit;
    for (int i = 0; i < PAIRS_PLACES; i++) {
        if (k->arc[i] == NEVER)
            return k->limit == NEVER || k->limit * unit >= best->delta;
        if (k->arc[i] * unit >= best->delta)
            return true;
        if (blinks(f))
            continue;
        *best = (struct pairs_place){k->arc[i] * unit, route, VRP_NONE, k->pickup[i], k->delivery[i]};
        return true;
    }
    return true;
}

/* Looks at what is known of a route; what is not is put off until there is a bound. */
static void look(struct pairs_find *f, int32_t task, int32_t route, struct pairs_place *best)
{
    const struct pairs_route *r = &f->t->routes[route];
    if (r->n == 2)
        return;
    if (f->glance) {
        size_t at = (size_t)task * (size_t)f->known_routes + (size_t)route;
        const struct pairs_glance *g = &f->glance[at];
        if (g->stamp == r->stamp && (g->least == NEVER || g->least * f->t->m->unit >= best->delta ||
                                     choose(f, &f->known[at], route, best)))
            return;
    }
    f->later[f->n_later++] = route;
}

static void look_again(struct pairs_find *f, int32_t task, struct pairs_place *best)
{
    for (int32_t i = 0; i < f->n_later; i++) {
        int32_t route = f->later[i];
        const struct pairs_route *r = &f->t->routes[route];
        struct pairs_known fresh, *k = &fresh;
        size_t at = (size_t)task * (size_t)f->known_routes + (size_t)route;
        if (f->known)
            k = &f->known[at];
        pairs_find_in(f, task, r, limit_of(f, best), k);
        if (f->glance)
            f->glance[at] = (struct pairs_glance){r->stamp, k->arc[0] < k->limit ? k->arc[0] : k->limit};
        choose(f, k, route, best);
    }
}

static bool alone_in_time(const struct pairs_model *m, int32_t task, int32_t start)
{
    int32_t p = task * 2, at = m->nodes[start].from + pairs_drive(m, start, p);
    const struct pairs_node *x = &m->nodes[p], *y = x + 1, *end = &m->nodes[start + 1];
    if (at > x->until)
        return false;
    at = (at > x->from ? at : x->from) + x->service + pairs_drive(m, p, p + 1);
    if (at > y->until)
        return false;
    return (at > y->from ? at : y->from) + y->service + pairs_drive(m, p + 1, start + 1) <= end->until;
}

static void look_fresh(const struct pairs_find *f, int32_t task, int32_t type, struct pairs_place *best)
{
    const struct pairs_model *m = f->t->m;
    int32_t start = pairs_first(m, type), p = task * 2;
    if (!(m->types[task] >> type & 1) || !pairs_left(f->t, type) || m->nodes[p].load > m->type[type].capacity)
        return;
    int64_t arc = (int64_t)pairs_arc(m, start, p) + pairs_arc(m, p, p + 1) + pairs_arc(m, p + 1, start + 1);
    int64_t delta = arc * m->unit + m->type[type].fixed + f->t->route_bonus;
    if (delta < best->delta && alone_in_time(m, task, start))
        *best = (struct pairs_place){delta, VRP_NONE, type, 1, 1};
}

static bool new_look(struct pairs_find *f)
{
    if (f->room_stamps < f->t->room_routes) {
        free(f->stamp_of);
        free(f->later);
        f->stamp_of = calloc((size_t)f->t->room_routes, sizeof *f->stamp_of);
        f->later = calloc((size_t)f->t->room_routes, sizeof *f->later);
        f->room_stamps = f->stamp_of && f->later ? f->t->room_routes : 0;
        f->stamp = 0;
    }
    f->stamp++;
    f->n_later = 0;
    f->t->failed |= f->room_stamps < f->t->room_routes;
    return !f->t->failed;
}

static void look_near(struct pairs_find *f, int32_t task, struct pairs_place *best)
{
    const struct pairs_model *m = f->t->m;
    for (int32_t v = 2 * task; v < 2 * task + 2; v++) {
        const int32_t *near = m->near + (size_t)v * (size_t)(m->n_near + 1);
        for (const int32_t *u = near; *u != VRP_NONE && u < near + NEIGHBOURS; u++) {
            int32_t route = f->t->where[*u / 2];
            if (route == VRP_NONE || f->stamp_of[route] == f->stamp)
                continue;
            f->stamp_of[route] = f->stamp;
            look(f, task, route, best);
        }
    }
}

struct pairs_place pairs_find(struct pairs_find *f, int32_t task, int64_t limit, bool far)
{
    struct pairs_place best = {limit, VRP_NONE, VRP_NONE, 0, 0};
    grow_known(f);
    if (!new_look(f))
        return best;
    if (far || f->t->n_routes <= ALL_ROUTES)
        for (int32_t r = 0; r < f->t->n_routes; r++)
            look(f, task, r, &best);
    else
        look_near(f, task, &best);
    look_again(f, task, &best);
    for (int32_t k = 0; k < f->t->m->n_types; k++)
        look_fresh(f, task, k, &best);
    return best;
}

void pairs_apply(struct pairs_find *f, int32_t task, const struct pairs_place *at)
{
    int32_t route = at->route != VRP_NONE ? at->route : pairs_open(f->t, at->type);
    if (route != VRP_NONE)
        pairs_insert(f->t, task, route, at->pickup, at->delivery);
}
