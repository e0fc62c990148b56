/* Candidates come from the neighbours' routes; a lower bound from distances and travel alone spares most
 * of the exact evaluations. */
#include "routing/vrp/insert.h"

#include <string.h>

enum form { PLAIN, RELOAD_BEFORE, RELOAD_AFTER };

struct search {
    struct state *s;
    int32_t task;
    const struct insert_how *how;
    struct insert_place *best;
    int32_t route; /* under examination */
};

static bool overlooked(struct search *q)
{
    return q->how->blink && rng_below(&q->s->rng, 1000) < q->how->blink;
}

/* The route with the task in place, in s->scratch; returns its length. */
static int32_t compose(const struct state *s, int32_t task, const struct insert_place *at)
{
    const struct state_route *r = &s->routes[at->route];
    int32_t *out = s->scratch, n = at->at;
    if (n)
        memcpy(out, r->stops, (size_t)n * sizeof *out);
    if (at->form == RELOAD_BEFORE)
        out[n++] = VRP_RELOAD;
    out[n++] = task * 2;
    if (at->form == RELOAD_AFTER)
        out[n++] = VRP_RELOAD;
    int32_t rest = at->at;
    if (s->p->tasks[task].kind == VRP_SHIPMENT) {
        while (rest < at->at2)
            out[n++] = r->stops[rest++];
        out[n++] = task * 2 + 1;
    }
    if (r->n > rest)
        memcpy(out + n, r->stops + rest, (size_t)(r->n - rest) * sizeof *out);
    return n + r->n - rest;
}

static void consider(struct search *q, const struct insert_place *at)
{
    struct state *s = q->s;
    const struct state_route *r = &s->routes[at->route];
    bool ok;
    int32_t n = compose(s, q->task, at);
    int64_t delta = state_route_cost(s, r->vehicle, s->scratch, n, &ok) - r->cost;
    if (!ok || delta >= q->best->delta)
        return;
    *q->best = *at;
    q->best->delta = delta;
}

/* ---- the bound ---- */

static int32_t place_before(const struct state *s, const struct state_route *r, int32_t at)
{
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    while (at > 0 && r->stops[at - 1] <= VRP_BREAK0)
        at--;
    if (at == 0)
        return v->start;
    int32_t stop = r->stops[at - 1];
    return stop == VRP_RELOAD ? (v->reload != VRP_NONE ? v->reload : v->start)
                              : vrp_visit_of(s->p, stop)->location;
}

static int32_t place_after(const struct state *s, const struct state_route *r, int32_t at)
{
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    while (at < r->n && r->stops[at] <= VRP_BREAK0)
        at++;
    if (at == r->n)
        return v->end;
    int32_t stop = r->stops[at];
    return stop == VRP_RELOAD ? (v->reload != VRP_NONE ? v->reload : v->start)
                              : vrp_visit_of(s->p, stop)->location;
}

static int64_t leg_cost(const struct state *s, const struct vrp_vehicle *v, int32_t a, int32_t b)
{
    if (a == VRP_NONE || b == VRP_NONE)
        return 0;
    int64_t cost = v->unit_distance ? v->unit_distance * vrp_metres(s->p, v->profile, a, b) : 0;
    if (v->unit_travel && !s->p->profiles[v->profile].n_slices)
        cost += v->unit_travel * vrp_seconds(s->p, v, a, b, 0);
    return cost;
}

static int64_t bound_at(const struct state *s, const struct state_route *r, int32_t at, int32_t location)
{
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    int32_t a = place_before(s, r, at), b = place_after(s, r, at);
    return leg_cost(s, v, a, location) + leg_cost(s, v, location, b) - leg_cost(s, v, a, b);
}

static int64_t opening_cost(const struct state *s, const struct state_route *r, int32_t task)
{
    const struct vrp_problem *p = s->p;
    int64_t cost = p->tasks[task].cost;
    if (!r->visits)
        cost += p->vehicles[r->vehicle].fixed_cost + s->route_bonus;
    if (p->assign_cost)
        cost += p->assign_cost[(size_t)r->vehicle * (size_t)p->n_tasks + (size_t)task];
    return cost;
}

/* ---- places ---- */

static void try_job(struct search *q, int32_t route, int32_t at)
{
    struct state *s = q->s;
    const struct state_route *r = &s->routes[route];
    if (at < r->frozen || overlooked(q))
        return;
    int64_t bound = opening_cost(s, r, q->task);
    if (r->visits)
        bound += bound_at(s, r, at, s->p->tasks[q->task].visit[0].location);
    struct insert_place place = {.route = route, .at = at, .at2 = at};
    if (bound < q->best->delta)
        consider(q, &place);
    if (s->p->vehicles[r->vehicle].max_trips < 2 || !r->visits)
        return;
    for (place.form = RELOAD_BEFORE; place.form <= RELOAD_AFTER; place.form++)
        consider(q, &place);
}

/* All pairs of places in a route. A pickup place that is impossible alone is impossible with its delivery,
 * unless loads fall again; only the bound prunes, to stay exact. */
static void try_shipment(struct search *q, int32_t route)
{
    struct state *s = q->s;
    const struct state_route *r = &s->routes[route];
    const struct vrp_task *t = &s->p->tasks[q->task];
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    int64_t opening = opening_cost(s, r, q->task);
    for (int32_t i = r->frozen; i <= r->n; i++) {
        if (overlooked(q))
            continue;
        int64_t first = r->visits ? bound_at(s, r, i, t->visit[0].location) : 0;
        for (int32_t j = i; j <= r->n; j++) {
            if (j > i && r->stops[j - 1] == VRP_RELOAD)
                break;
            int64_t second = r->visits ? bound_at(s, r, j, t->visit[1].location) : 0;
            if (j == i && r->visits)
                second = leg_cost(s, v, place_before(s, r, i), t->visit[0].location) +
                         leg_cost(s, v, t->visit[0].location, t->visit[1].location) +
                         leg_cost(s, v, t->visit[1].location, place_after(s, r, i)) -
                         leg_cost(s, v, place_before(s, r, i), place_after(s, r, i)) - first;
            if (opening + first + second < q->best->delta)
                consider(q, &(struct insert_place){.route = route, .at = i, .at2 = j});
        }
    }
}

static void try_route(struct search *q, int32_t route)
{
    const struct state_route *r = &q->s->routes[route];
    if (!vrp_may_serve(q->s->p, r->vehicle, q->task))
        return;
    if (q->s->p->tasks[q->task].kind == VRP_SHIPMENT) {
        try_shipment(q, route);
        return;
    }
    for (int32_t at = r->frozen; at <= r->n; at++)
        try_job(q, route, at);
}

static void try_near(struct search *q, int32_t visit)
{
    struct state *s = q->s;
    bool whole = s->p->tasks[q->task].kind == VRP_SHIPMENT;
    int32_t seen[8] = {VRP_NONE, VRP_NONE, VRP_NONE, VRP_NONE, VRP_NONE, VRP_NONE, VRP_NONE, VRP_NONE},
            at = 0;
    for (const int32_t *u = state_near(s, visit); *u != VRP_NONE; u++) {
        int32_t route = s->where[*u];
        if (route == VRP_NONE || !vrp_may_serve(s->p, s->routes[route].vehicle, q->task))
            continue;
        if (!whole) {
            try_job(q, route, s->pos[*u]);
            try_job(q, route, s->pos[*u] + 1);
            continue;
        }
        bool again = false;
        for (int k = 0; k < 8; k++)
            again |= seen[k] == route;
        if (again)
            continue;
        seen[at++ & 7] = route;
        try_shipment(q, route);
    }
}

void insert_find(struct state *s, int32_t task, const struct insert_how *how, struct insert_place *ret)
{
    struct insert_place best = {.route = VRP_NONE, .delta = how->limit};
    struct search q = {.s = s, .task = task, .how = how, .best = &best};
    if (!state_admits(s, task)) {
        *ret = best;
        return;
    }
    if (how->everywhere) {
        for (int32_t r = 0; r < s->n_routes; r++)
            if (s->routes[r].visits || s->routes[r].frozen)
                try_route(&q, r);
    } else {
        try_near(&q, task * 2);
        if (s->p->tasks[task].kind == VRP_SHIPMENT)
            try_near(&q, task * 2 + 1);
    }
    for (int32_t v = 0; v < s->p->n_vehicles; v++) {
        int32_t r = state_empty_route(s, v);
        if (r != VRP_NONE)
            try_route(&q, r);
    }
    *ret = best;
}

void insert_apply(struct state *s, int32_t task, const struct insert_place *place)
{
    int32_t n = compose(s, task, place);
    const struct state_route *r = &s->routes[place->route];
    state_replace(s, place->route, s->scratch, n, r->cost + place->delta, task);
}
