/* Candidates come from the neighbours' routes; lower bounds on cost (distances and travel alone) and on times
 * (struct state_slack) spare most of the exact evaluations: those of least bound are evaluated first, and few
 * of the others are worth it then. */
#include "routing/vrp/insert.h"

#include <string.h>

enum {
    NEAR_ROUTES = 10, /* most routes that are looked at around one end of a shipment */
    CANDIDATES = 16   /* places whose evaluation is put off until all bounds are known */
};
enum form { PLAIN, RELOAD_BEFORE, RELOAD_AFTER };

struct candidate {
    int64_t bound;
    struct insert_place place;
};

struct search {
    struct state *s;
    int32_t task;
    const struct insert_how *how;
    struct insert_place *best;
    int64_t opening; /* what the task costs on the route under examination besides the way */
    bool at_once;    /* evaluate places as they come */
    int n;
    struct candidate candidates[CANDIDATES]; /* by bound */
};

/* The bound from which on a place is of no interest. */
static int64_t worth(const struct search *q)
{
    int64_t last = q->n == CANDIDATES ? q->candidates[CANDIDATES - 1].bound : q->best->delta;
    return last < q->best->delta ? last : q->best->delta;
}

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

static void evaluate(struct search *q, const struct insert_place *at)
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

/* A place that costs at least `bound`, which is worth it. */
static void consider(struct search *q, int64_t bound, const struct insert_place *at)
{
    if (q->at_once) {
        evaluate(q, at);
        return;
    }
    int i = q->n < CANDIDATES ? q->n++ : CANDIDATES - 1;
    for (; i > 0 && q->candidates[i - 1].bound > bound; i--)
        q->candidates[i] = q->candidates[i - 1];
    q->candidates[i] = (struct candidate){bound, *at};
}

/* ---- bounds ---- */

/* An element and what surrounds it; at −1 the start. */
static const struct state_slack *slack_at(const struct state *s, int32_t route, int32_t element)
{
    return element < 0 ? &s->routes[route].start : &s->routes[route].slack[element];
}

static int32_t latest_at(const struct state *s, int32_t route, int32_t element)
{
    const struct state_route *r = &s->routes[route];
    return element < r->n ? r->slack[element].latest : s->p->vehicles[r->vehicle].shift.until;
}

static int32_t least_drive(const struct state *s, const struct vrp_vehicle *v, int32_t a, int32_t b)
{
    if (a == VRP_NONE || b == VRP_NONE || s->p->profiles[v->profile].n_slices)
        return 0;
    return vrp_seconds(s->p, v, a, b, 0);
}

/* Earliest leaving of a visit that is reached at `now`; false if it is too late for it. */
static bool call_at(const struct vrp_visit *x, int32_t now, int32_t *ret_leave)
{
    if (x->n_windows && now - x->late_max > x->windows[x->n_windows - 1].until)
        return false;
    if (x->n_windows && now < x->windows[0].from)
        now = x->windows[0].from;
    *ret_leave = now + x->service;
    return true;
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

static int64_t detour(const struct state *s, const struct vrp_vehicle *v, int32_t a, int32_t via, int32_t b)
{
    return leg_cost(s, v, a, via) + leg_cost(s, v, via, b) - leg_cost(s, v, a, b);
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

/* Whether the job can be on time between the elements at − 1 and at, by the bounds. */
static bool job_in_time(const struct state *s, int32_t route, int32_t at, const struct state_slack *before,
                        const struct vrp_visit *x)
{
    const struct vrp_vehicle *v = &s->p->vehicles[s->routes[route].vehicle];
    int32_t leave;
    return call_at(x, before->leave + least_drive(s, v, before->at, x->location), &leave) &&
           leave + least_drive(s, v, x->location, before->next) <= latest_at(s, route, at);
}

/* Whether the trip has room for the job between an element and the next. */
static bool job_fits(const struct state *s, const struct vrp_vehicle *v, const struct state_slack *before,
                     const struct vrp_task *t)
{
    for (int d = 0; d < s->p->n_dims; d++)
        if (before->peak_before[d] > v->capacity[d] - t->delivery[d] ||
            before->peak_after[d] > v->capacity[d] - t->pickup[d])
            return false;
    return true;
}

/* Whether what the bounds say of a job there is all there is to say. */
static bool exact(const struct state *s, const struct state_route *r, const struct state_slack *before,
                  const struct vrp_task *t)
{
    return s->simple[r->vehicle] && r->visits && r->cost < VRP_REQUIRED && t->release <= before->depart &&
           r->visits < s->p->vehicles[r->vehicle].max_tasks;
}

/* Whether the next element is reached in time if the job is called at before or behind a visit to the depot.
 */
static bool reload_in_time(const struct state *s, int32_t route, int32_t at, const struct state_slack *before,
                           const struct vrp_task *t, bool ahead)
{
    const struct vrp_vehicle *v = &s->p->vehicles[s->routes[route].vehicle];
    const struct vrp_visit *x = &t->visit[0];
    int32_t home = v->reload != VRP_NONE ? v->reload : v->start, now = before->leave;
    if (ahead) {
        if (!call_at(x, now + least_drive(s, v, before->at, x->location), &now))
            return false;
        now += least_drive(s, v, x->location, home) + v->reload_time;
        return now + least_drive(s, v, home, before->next) <= latest_at(s, route, at);
    }
    now += least_drive(s, v, before->at, home) + v->reload_time;
    now = now > t->release ? now : t->release;
    return call_at(x, now + least_drive(s, v, home, x->location), &now) &&
           now + least_drive(s, v, x->location, before->next) <= latest_at(s, route, at);
}

/* A job in a trip that begins or ends there. */
static void try_reloads(struct search *q, int32_t route, int32_t at)
{
    struct state *s = q->s;
    const struct state_route *r = &s->routes[route];
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    const struct vrp_task *t = &s->p->tasks[q->task];
    const struct state_slack *before = slack_at(s, route, at - 1);
    int32_t here = t->visit[0].location, home = v->reload != VRP_NONE ? v->reload : v->start;
    if (v->max_trips < 2 || !r->visits || at < r->frozen || r->trips >= v->max_trips || overlooked(q))
        return;
    int64_t base = opening_cost(s, r, q->task) - leg_cost(s, v, before->at, before->next);
    int64_t behind =
        leg_cost(s, v, before->at, home) + leg_cost(s, v, home, here) + leg_cost(s, v, here, before->next);
    int64_t ahead =
        leg_cost(s, v, before->at, here) + leg_cost(s, v, here, home) + leg_cost(s, v, home, before->next);
    if (base + behind < worth(q) && reload_in_time(s, route, at, before, t, false))
        consider(q, base + behind,
                 &(struct insert_place){.route = route, .at = at, .at2 = at, .form = RELOAD_BEFORE});
    if (base + ahead < worth(q) && reload_in_time(s, route, at, before, t, true))
        consider(q, base + ahead,
                 &(struct insert_place){.route = route, .at = at, .at2 = at, .form = RELOAD_AFTER});
}

static void try_job(struct search *q, int32_t route, int32_t at)
{
    struct state *s = q->s;
    const struct state_route *r = &s->routes[route];
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    const struct vrp_task *t = &s->p->tasks[q->task];
    if (at < r->frozen || overlooked(q))
        return;
    const struct state_slack *before = slack_at(s, route, at - 1);
    int64_t bound = opening_cost(s, r, q->task);
    if (r->visits)
        bound += detour(s, v, before->at, t->visit[0].location, before->next);
    if (bound >= worth(q) || !job_fits(s, v, before, t) || !job_in_time(s, route, at, before, &t->visit[0]))
        return;
    struct insert_place place = {.route = route, .at = at, .at2 = at, .delta = bound};
    if (exact(s, r, before, t))
        *q->best = place;
    else
        consider(q, bound, &place);
}

static bool room_for(const struct state *s, const struct vrp_vehicle *v, const struct state_slack *k,
                     const struct vrp_task *t)
{
    for (int d = 0; d < s->p->n_dims; d++)
        if (k->load[d] > v->capacity[d] - t->pickup[d])
            return false;
    return true;
}

/* The delivery's ways and detours before each element, in s->legs. */
static void lay_deliveries(struct state *s, int32_t route, const struct vrp_visit *b)
{
    const struct state_route *r = &s->routes[route];
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    int64_t least = INT64_MAX;
    for (int32_t j = r->n; j >= r->frozen; j--) {
        const struct state_slack *before = slack_at(s, route, j - 1);
        struct state_leg *leg = &s->legs[j];
        leg->in = least_drive(s, v, before->at, b->location);
        leg->out = least_drive(s, v, b->location, before->next);
        leg->detour = detour(s, v, before->at, b->location, before->next);
        leg->least = least = leg->detour < least ? leg->detour : least;
        if (j < r->n && r->stops[j] >= 0)
            leg->hop = least_drive(s, v, before->at, vrp_visit_of(s->p, r->stops[j])->location);
    }
}

/* Places of the delivery behind a pickup before element i that is left at `leave`. */
static void try_deliveries(struct search *q, int32_t route, int32_t i, int32_t leave, int64_t so_far)
{
    struct state *s = q->s;
    const struct state_route *r = &s->routes[route];
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    const struct vrp_task *t = &s->p->tasks[q->task];
    const struct vrp_visit *a = &t->visit[0], *b = &t->visit[1];
    const struct state_slack *before = slack_at(s, route, i - 1);
    int64_t bound = leg_cost(s, v, before->at, a->location) + leg_cost(s, v, a->location, b->location) +
                    leg_cost(s, v, b->location, before->next) - leg_cost(s, v, before->at, before->next);
    int32_t done, in = least_drive(s, v, a->location, b->location);
    bool behind = false; /* whether an element is called at between the two */
    for (int32_t j = i; j <= r->n; j++) {
        const struct state_leg *leg = &s->legs[j];
        if (j > i && q->opening + so_far + leg->least >= worth(q))
            return;
        if (q->opening + bound < worth(q) && call_at(b, leave + in, &done) &&
            done + leg->out <= latest_at(s, route, j))
            consider(q, q->opening + bound, &(struct insert_place){.route = route, .at = i, .at2 = j});
        if (j == r->n || r->stops[j] == VRP_RELOAD || !room_for(s, v, &r->slack[j], t))
            return;
        if (r->stops[j] >= 0) {
            const struct vrp_visit *x = vrp_visit_of(s->p, r->stops[j]);
            leave += behind ? leg->hop : least_drive(s, v, a->location, x->location);
            if (leave > r->slack[j].latest || !call_at(x, leave, &leave))
                return;
            behind = true;
        }
        bound = so_far + leg[1].detour;
        in = behind ? leg[1].in : in;
    }
}

static void try_shipment(struct search *q, int32_t route)
{
    struct state *s = q->s;
    const struct state_route *r = &s->routes[route];
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    const struct vrp_task *t = &s->p->tasks[q->task];
    bool laid = false;
    q->opening = opening_cost(s, r, q->task);
    for (int32_t i = r->frozen; i <= r->n; i++) {
        const struct state_slack *before = slack_at(s, route, i - 1);
        int32_t leave, at = before->leave + least_drive(s, v, before->at, t->visit[0].location);
        if (t->visit[0].n_windows &&
            at - t->visit[0].late_max > t->visit[0].windows[t->visit[0].n_windows - 1].until)
            return;
        if (overlooked(q) || !call_at(&t->visit[0], at, &leave) || !room_for(s, v, before, t) ||
            leave + least_drive(s, v, t->visit[0].location, before->next) > latest_at(s, route, i))
            continue;
        int64_t so_far = r->visits ? detour(s, v, before->at, t->visit[0].location, before->next) : 0;
        if (q->opening + so_far >= worth(q))
            continue;
        if (!laid)
            lay_deliveries(s, route, &t->visit[1]);
        laid = true;
        try_deliveries(q, route, i, leave, so_far);
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
    for (int32_t at = r->frozen; at <= r->n; at++)
        try_reloads(q, route, at);
}

/* Beside each near neighbour; what needs a further visit to the depot last, when there is a bound. */
static void try_near_jobs(struct search *q)
{
    struct state *s = q->s;
    for (int pass = 0; pass < 1 + (s->trips > 1); pass++)
        for (const int32_t *u = state_near(s, q->task * 2); *u != VRP_NONE; u++) {
            int32_t route = s->where[*u];
            if (route == VRP_NONE || !vrp_may_serve(s->p, s->routes[route].vehicle, q->task))
                continue;
            for (int32_t at = s->pos[*u]; at <= s->pos[*u] + 1; at++)
                (pass ? try_reloads : try_job)(q, route, at);
        }
}

static void try_near_routes(struct search *q, int32_t visit)
{
    struct state *s = q->s;
    int32_t seen[NEAR_ROUTES], n_seen = 0;
    for (const int32_t *u = state_near(s, visit); *u != VRP_NONE && n_seen < NEAR_ROUTES; u++) {
        int32_t route = s->where[*u];
        bool again = route == VRP_NONE || !vrp_may_serve(s->p, s->routes[route].vehicle, q->task);
        for (int k = 0; k < n_seen; k++)
            again |= seen[k] == route;
        if (again)
            continue;
        seen[n_seen++] = route;
        try_shipment(q, route);
    }
}

static void try_all(struct search *q)
{
    struct state *s = q->s;
    if (q->how->everywhere) {
        for (int32_t r = 0; r < s->n_routes; r++)
            if (s->routes[r].visits || s->routes[r].frozen)
                try_route(q, r);
    } else if (s->p->tasks[q->task].kind == VRP_SHIPMENT) {
        try_near_routes(q, q->task * 2);
        try_near_routes(q, q->task * 2 + 1);
    } else {
        try_near_jobs(q);
    }
    for (int32_t v = 0; v < s->p->n_vehicles; v++) {
        int32_t r = state_empty_route(s, v);
        if (r != VRP_NONE)
            try_route(q, r);
    }
}

void insert_find(struct state *s, int32_t task, const struct insert_how *how, struct insert_place *ret)
{
    struct insert_place best = {.route = VRP_NONE, .delta = how->limit};
    struct search q = {.s = s, .task = task, .how = how, .best = &best};
    if (state_admits(s, task)) {
        try_all(&q);
        for (int i = 0; i < q.n && q.candidates[i].bound < best.delta; i++)
            evaluate(&q, &q.candidates[i].place);
        if (best.route == VRP_NONE && q.n == CANDIDATES) { /* none of them was allowed; others may be */
            q.n = 0;
            q.at_once = true;
            try_all(&q);
        }
    }
    *ret = best;
}

void insert_apply(struct state *s, int32_t task, const struct insert_place *place)
{
    int32_t n = compose(s, task, place);
    const struct state_route *r = &s->routes[place->route];
    state_replace(s, place->route, s->scratch, n, r->cost + place->delta, task);
}
