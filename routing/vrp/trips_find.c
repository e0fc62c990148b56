#include "routing/vrp/trips_find.h"

#include <stdlib.h>

enum {
    KNOWN_MOST = 1000000, /* most remembered pairs of task and route: 80 MB */
    ALL_ROUTES = 8,       /* of more routes than this only those are looked at … */
    NEIGHBOURS = 20       /* … that serve one of this many nearest neighbours */
};

void trips_find_init(struct trips_find *f, struct trips_tour *t, struct rng *rng, int32_t blink_mean)
{
    *f = (struct trips_find){.t = t, .rng = rng, .blink_mean = blink_mean};
    f->until_blink = blink_mean ? 1 + rng_below(rng, 2 * blink_mean) : 0;
}

void trips_find_fini(struct trips_find *f)
{
    free(f->known);
    free(f->glance);
    free(f->stamp_of);
    free(f->later);
    *f = (struct trips_find){0};
}

static bool blinks(struct trips_find *f)
{
    if (!f->blink_mean || --f->until_blink)
        return false;
    f->until_blink = 1 + rng_below(f->rng, 2 * f->blink_mean);
    return true;
}

/* Makes room for what is remembered about all routes there are, if that is not too much. */
static void grow_known(struct trips_find *f)
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

/* A task that looks for its place. */
struct look {
    const struct trips_tour *t;
    const struct trips_model *m;
    const struct trips_elem *e;
    const struct trips_load *loads;
    const struct trips_type *type;
    const struct vrp_task *task;
    const struct trips_node *x;
    int32_t reload_time;
    struct trips_leg from_home, to_home;
    struct trips_known *best;
};

/* Enters a place that is cheaper than the last one known. */
static void enter(struct trips_known *k, int64_t arc, int32_t at, enum trips_form form)
{
    int i = TRIPS_PLACES - 1;
    for (; i > 0 && k->arc[i - 1] > arc; i--) {
        k->arc[i] = k->arc[i - 1];
        k->at[i] = k->at[i - 1];
        k->form[i] = k->form[i - 1];
    }
    k->arc[i] = arc;
    k->at[i] = at;
    k->form[i] = (uint8_t)form;
}

static int64_t worst(const struct trips_known *k)
{
    int64_t last = k->arc[TRIPS_PLACES - 1];
    return last < k->limit ? last : k->limit;
}

/* When the element, of a trip that begins at element b, is left if the trip leaves at `depart`. */
static int32_t left_at(const struct trips_elem *e, int32_t i, int32_t b, int32_t depart)
{
    if (i == b)
        return depart;
    int32_t at = depart + e[i].sum;
    return at > e[i].floor ? at : e[i].floor;
}

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The end of the call at the task, reached at `at`; INT32_MAX if that is too late. */
static int32_t called(const struct look *l, int32_t at)
{
    return at > l->x->until ? INT32_MAX : later(at, l->x->from) + l->x->service;
}

static bool plain_fits(const struct look *l, int32_t i)
{
    const struct trips_load *k = l->loads + (size_t)(i - 1) * (size_t)l->m->dims;
    for (int32_t d = 0; d < l->m->dims; d++)
        if (k[d].before > l->type->capacity[d] - l->task->delivery[d] ||
            k[d].after > l->type->capacity[d] - l->task->pickup[d])
            return false;
    return true;
}

static void try_plain(const struct look *l, int32_t i, struct trips_leg in, struct trips_leg out)
{
    const struct trips_elem *e = l->e, *prev = &e[i - 1];
    int64_t arc = (int64_t)in.arc + out.arc - prev->arc;
    int32_t b = prev->depot, leave = prev->leave;
    if (arc >= worst(l->best))
        return;
    if (l->x->release > e[b].leave) {
        if (l->x->release > e[b].latest + e[b].service)
            return;
        leave = left_at(e, i - 1, b, l->x->release);
    }
    int32_t done = called(l, leave + in.drive);
    if (done == INT32_MAX || done + out.drive > e[i].latest || !plain_fits(l, i))
        return;
    enter(l->best, arc, i, TRIPS_PLAIN);
}

static bool before_fits(const struct look *l, int32_t i)
{
    const struct trips_load *k = l->loads + (size_t)(i - 1) * (size_t)l->m->dims;
    for (int32_t d = 0; d < l->m->dims; d++) {
        int32_t without = k[d].load - k[d].rest; /* what the first trip then takes home */
        if (k[d].rest > l->type->capacity[d] - l->task->delivery[d] ||
            k[d].after - without > l->type->capacity[d] - l->task->pickup[d])
            return false;
    }
    return true;
}

/* The trip ends at the element before i; the task begins one that goes on with the rest. */
static void try_home_before(const struct look *l, int32_t i, struct trips_leg out)
{
    const struct trips_elem *e = l->e, *prev = &e[i - 1];
    struct trips_leg in = prev->to_home;
    int64_t arc = (int64_t)in.arc + l->from_home.arc + out.arc - prev->arc;
    if (arc >= worst(l->best))
        return;
    int32_t b = prev->depot, first = later(e[b].floor, prev->front);
    int32_t home = left_at(e, i - 1, b, first) + in.drive + l->reload_time;
    home = later(home, later(prev->back, l->x->release));
    int32_t done = called(l, home + l->from_home.drive);
    if (done == INT32_MAX || done + out.drive > e[i].latest || !before_fits(l, i))
        return;
    enter(l->best, arc, i, TRIPS_HOME_BEFORE);
}

static bool after_fits(const struct look *l, int32_t i)
{
    const struct trips_load *k = l->loads + (size_t)(i - 1) * (size_t)l->m->dims;
    for (int32_t d = 0; d < l->m->dims; d++)
        if (k[d].before - k[d].rest > l->type->capacity[d] - l->task->delivery[d] ||
            k[d].load - k[d].rest > l->type->capacity[d] - l->task->pickup[d])
            return false;
    return true;
}

/* The trip ends with the task; what is behind it makes one of its own. */
static void try_home_after(const struct look *l, int32_t i, struct trips_leg in)
{
    const struct trips_elem *e = l->e, *prev = &e[i - 1];
    struct trips_leg out = e[i].from_home;
    int64_t arc = (int64_t)in.arc + l->to_home.arc + out.arc - prev->arc;
    int32_t b = prev->depot, first = later(e[b].floor, later(prev->front, l->x->release));
    if (arc >= worst(l->best) || first > e[b].latest + e[b].service)
        return;
    int32_t done = called(l, left_at(e, i - 1, b, first) + in.drive);
    if (done == INT32_MAX)
        return;
    int32_t home = later(done + l->to_home.drive + l->reload_time, prev->back);
    if (home + out.drive > e[i].latest || !after_fits(l, i))
        return;
    enter(l->best, arc, i, TRIPS_HOME_AFTER);
}

static bool fits_empty(const struct trips_model *m, int32_t task, const struct trips_type *type)
{
    const struct vrp_task *t = &m->p->tasks[task];
    for (int32_t d = 0; d < m->dims; d++)
        if (t->delivery[d] > type->capacity[d] || t->pickup[d] > type->capacity[d])
            return false;
    return true;
}

/* First element that may be arrived at as late as `early`; latest never falls along a route. */
static int32_t first_after(const struct trips_route *r, int32_t early)
{
    int32_t lo = 1, hi = r->n - 1;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (r->e[mid].latest < early)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* What cannot be left before the task's window is over, whatever its trip leaves out, ends the search. */
static void look_into(const struct look *l, int32_t task, const struct trips_route *r)
{
    const struct trips_model *m = l->m;
    const struct trips_elem *e = r->e;
    bool more_trips = r->trips < l->type->most_trips;
    for (int32_t i = first_after(r, l->x->from + l->x->service); i < r->n; i++) {
        const struct trips_elem *prev = &e[i - 1];
        if (left_at(e, i - 1, prev->depot, e[prev->depot].floor) > l->x->until)
            return;
        struct trips_leg in = trips_leg_into(m, task, prev->node), out = trips_leg(m, task, e[i].node);
        try_plain(l, i, in, out);
        if (!more_trips)
            continue;
        if (prev->node < m->n)
            try_home_before(l, i, out);
        if (e[i].node < m->n)
            try_home_after(l, i, in);
    }
}

void trips_find_in(const struct trips_find *f, int32_t task, const struct trips_route *r, int64_t limit,
                   struct trips_known *ret)
{
    const struct trips_model *m = f->t->m;
    struct look l = {.t = f->t, .m = m, .e = r->e, .loads = r->loads, .type = &m->type[r->type]};
    ret->limit = limit;
    for (int k = 0; k < TRIPS_PLACES; k++)
        ret->arc[k] = NEVER;
    if (!(m->types[task] >> r->type & 1) || !fits_empty(m, task, l.type))
        return;
    l.task = &m->p->tasks[task];
    l.x = &m->nodes[task];
    l.reload_time = m->nodes[trips_first(m, r->type) + TRIPS_HOME].service;
    l.from_home = trips_leg(m, trips_first(m, r->type) + TRIPS_HOME, task);
    l.to_home = trips_leg(m, task, trips_first(m, r->type) + TRIPS_HOME);
    l.best = ret;
    look_into(&l, task, r);
}

/* ---- all routes ---- */

/* The detour from which on a place is of no interest, with some room so that what is remembered serves later.
 */
static int64_t limit_of(const struct trips_find *f, int64_t delta)
{
    int64_t unit = f->t->m->unit ? f->t->m->unit : 1, arc = delta / unit;
    return delta >= FAR_OFF ? NEVER : arc + arc / 4 + (int64_t)(f->t->m->typical / (double)unit) + 1;
}

/* What the task costs on a vehicle of the type besides the way. */
static int64_t extra(const struct trips_find *f, int32_t task, int32_t type)
{
    const int32_t *by_task = f->t->m->type[type].extra;
    return by_task ? by_task[task] : 0;
}

/* Takes the best place there that is not overlooked. False if more has to be found out first. */
static bool choose(struct trips_find *f, const struct trips_known *k, int32_t route, int64_t more,
                   struct trips_place *best)
{
    int64_t unit = f->t->m->unit;
    for (int i = 0; i < TRIPS_PLACES; i++) {
        if (k->arc[i] == NEVER)
            return k->limit == NEVER || k->limit * unit + more >= best->delta;
        if (k->arc[i] * unit + more >= best->delta)
            return true;
        if (blinks(f))
            continue;
        *best = (struct trips_place){k->arc[i] * unit + more, route, VRP_NONE, k->at[i],
                                     (enum trips_form)k->form[i]};
        return true;
    }
    return true;
}

/* Looks at what is known of a route; what is not is put off until there is a bound. */
static void look(struct trips_find *f, int32_t task, int32_t route, struct trips_place *best)
{
    const struct trips_route *r = &f->t->routes[route];
    if (r->n == 2)
        return;
    if (f->glance) {
        size_t at = (size_t)task * (size_t)f->known_routes + (size_t)route;
        const struct trips_glance *g = &f->glance[at];
        int64_t more = extra(f, task, r->type);
        if (g->stamp == r->stamp && (g->least == NEVER || g->least * f->t->m->unit + more >= best->delta ||
                                     choose(f, &f->known[at], route, more, best)))
            return;
    }
    f->later[f->n_later++] = route;
}

/* The route that promised most when it was looked at last comes first, so that there is a bound. */
static void promising_first(struct trips_find *f, int32_t task)
{
    const struct trips_glance *g = f->glance + (size_t)task * (size_t)f->known_routes;
    int32_t first = 0;
    for (int32_t i = 1; i < f->n_later; i++)
        if (g[f->later[i]].least < g[f->later[first]].least)
            first = i;
    int32_t route = f->later[first];
    f->later[first] = f->later[0];
    f->later[0] = route;
}

static void look_again(struct trips_find *f, int32_t task, struct trips_place *best)
{
    if (f->glance && f->n_later > 1)
        promising_first(f, task);
    for (int32_t i = 0; i < f->n_later; i++) {
        int32_t route = f->later[i];
        const struct trips_route *r = &f->t->routes[route];
        struct trips_known fresh, *k = &fresh;
        size_t at = (size_t)task * (size_t)f->known_routes + (size_t)route;
        if (f->known)
            k = &f->known[at];
        int64_t more = extra(f, task, r->type);
        trips_find_in(f, task, r, limit_of(f, best->delta - more), k);
        if (f->glance)
            f->glance[at] = (struct trips_glance){r->stamp, k->arc[0] < k->limit ? k->arc[0] : k->limit};
        choose(f, k, route, more, best);
    }
}

static void look_fresh(const struct trips_find *f, int32_t task, int32_t type, struct trips_place *best)
{
    const struct trips_model *m = f->t->m;
    const struct trips_type *k = &m->type[type];
    int32_t start = trips_first(m, type), end = start + TRIPS_END;
    if (!(m->types[task] >> type & 1) || !trips_left(f->t, type) || !fits_empty(m, task, k))
        return;
    struct trips_leg in = trips_leg(m, start, task), out = trips_leg(m, task, end);
    int64_t delta =
        ((int64_t)in.arc + out.arc) * m->unit + k->fixed + f->t->route_bonus + extra(f, task, type);
    const struct trips_node *x = &m->nodes[task];
    int32_t at = later(m->nodes[start].from, x->release) + in.drive;
    if (delta < best->delta && at <= x->until &&
        later(at, x->from) + x->service + out.drive <= m->nodes[end].until)
        *best = (struct trips_place){delta, VRP_NONE, type, 1, TRIPS_PLAIN};
}

static bool new_look(struct trips_find *f)
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

static void look_near(struct trips_find *f, int32_t task, struct trips_place *best)
{
    const struct trips_model *m = f->t->m;
    const int32_t *near = m->near + (size_t)task * (size_t)(m->n_near + 1);
    for (const int32_t *u = near; *u != VRP_NONE && u < near + NEIGHBOURS; u++) {
        int32_t route = f->t->where[*u];
        if (route == VRP_NONE || f->stamp_of[route] == f->stamp)
            continue;
        f->stamp_of[route] = f->stamp;
        look(f, task, route, best);
    }
}

struct trips_place trips_find(struct trips_find *f, int32_t task, int64_t limit, bool far)
{
    struct trips_place best = {limit, VRP_NONE, VRP_NONE, 0, TRIPS_PLAIN};
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

void trips_apply(struct trips_find *f, int32_t task, const struct trips_place *at)
{
    int32_t route = at->route != VRP_NONE ? at->route : trips_open(f->t, at->type);
    if (route != VRP_NONE)
        trips_insert(f->t, task, route, at->at, at->form);
}
