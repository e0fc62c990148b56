#include "routing/vrp/state.h"

#include <stdlib.h>
#include <string.h>

enum { NEAR = 40 };
static const int64_t FLEET_BONUS = (int64_t)1 << 40;

static void *room(struct state *s, size_t n, size_t size)
{
    void *m = calloc(n + 1, size);
    if (!m)
        s->failed = true;
    return m;
}

static void allocate(struct state *s)
{
    const struct vrp_problem *p = s->p;
    size_t tasks = (size_t)p->n_tasks, types = (size_t)p->n_vehicles, res = (size_t)p->n_resources;
    s->simple = room(s, types, sizeof(bool));
    s->type_count = room(s, types, sizeof(int32_t));
    s->type_pool = room(s, types, sizeof(int32_t *));
    s->type_pooled = room(s, types, sizeof(int32_t));
    s->where = room(s, tasks * 2, sizeof(int32_t));
    s->pos = room(s, tasks * 2, sizeof(int32_t));
    s->bank = room(s, tasks, sizeof(int32_t));
    s->bank_at = room(s, tasks, sizeof(int32_t));
    s->bank_before = room(s, tasks, sizeof(int32_t));
    s->group_served = room(s, (size_t)p->n_groups, sizeof(int32_t));
    s->group_prize = room(s, (size_t)p->n_groups, sizeof(int64_t));
    s->demand = room(s, res, sizeof(int32_t));
    s->supply = room(s, res, sizeof(int32_t));
    s->narrower = room(s, res, sizeof(int32_t));
    s->near = room(s, tasks * 2, sizeof(int32_t *));
    s->k_near = NEAR;
}

static int32_t longest_route(const struct vrp_problem *p)
{
    int64_t longest = (int64_t)p->n_tasks * 3 + VRP_BREAKS + 8;
    for (int32_t i = 0; i < p->n_plan; i++)
        if (p->plan[i].n + 8 > longest)
            longest = p->plan[i].n + 8;
    return (int32_t)longest;
}

static void count_resources(struct state *s)
{
    const struct vrp_problem *p = s->p;
    for (int32_t r = 0; r < p->n_resources; r++)
        s->narrower[r] = VRP_NONE;
    for (int32_t r = 0; r < p->n_resources; r++) {
        if (p->resources[r].wider != VRP_NONE)
            s->narrower[p->resources[r].wider] = r;
        for (int32_t k = r; k != VRP_NONE; k = p->resources[k].wider)
            s->supply[r] += p->resources[k].capacity;
    }
}

static void use_resource(struct state *s, int32_t task, int32_t sign)
{
    const struct vrp_task *t = &s->p->tasks[task];
    if (t->group != VRP_NONE)
        s->group_served[t->group] += sign;
    for (int32_t k = t->resource; k != VRP_NONE; k = s->narrower[k])
        s->demand[k] += sign * t->resource_units;
}

bool state_admits(const struct state *s, int32_t task)
{
    const struct vrp_task *t = &s->p->tasks[task];
    if (t->group != VRP_NONE && s->group_served[t->group])
        return false;
    for (int32_t k = t->resource; k != VRP_NONE; k = s->narrower[k])
        if (s->demand[k] + t->resource_units > s->supply[k])
            return false;
    return true;
}

int64_t state_prize(const struct state *s, int32_t task)
{
    const struct vrp_task *t = &s->p->tasks[task];
    return t->group == VRP_NONE ? t->prize : s->group_prize[t->group];
}

static void bank_add(struct state *s, int32_t task)
{
    s->bank_at[task] = s->n_bank;
    s->bank[s->n_bank++] = task;
}

static void bank_drop(struct state *s, int32_t task)
{
    int32_t at = s->bank_at[task], last = s->bank[--s->n_bank];
    s->bank[at] = last;
    s->bank_at[last] = at;
}

/* Everything but the undo log changes through these two. */
static void enter(struct state *s, int32_t task)
{
    bank_drop(s, task);
    s->cost -= s->p->tasks[task].group == VRP_NONE || !s->group_served[s->p->tasks[task].group]
                   ? state_prize(s, task)
                   : 0;
    use_resource(s, task, 1);
}

static void leave(struct state *s, int32_t task)
{
    bank_add(s, task);
    use_resource(s, task, -1);
    s->cost += s->p->tasks[task].group == VRP_NONE || !s->group_served[s->p->tasks[task].group]
                   ? state_prize(s, task)
                   : 0;
    s->where[task * 2] = s->where[task * 2 + 1] = VRP_NONE;
}

/* A moment or load that breaks every limit, but no integer. */
static int32_t limited(int64_t x)
{
    const int32_t most = VRP_LIMIT + VRP_LIMIT / 4;
    return x > most ? most : x < -most ? -most : (int32_t)x;
}

/* ---- slack: lower bounds on times, ignoring breaks, releases and rush hours ---- */

static int32_t element_location(const struct state *s, const struct vrp_vehicle *v, int32_t stop,
                                int32_t here)
{
    if (stop <= VRP_BREAK0)
        return here;
    if (stop == VRP_RELOAD)
        return v->reload != VRP_NONE ? v->reload : v->start;
    return vrp_visit_of(s->p, stop)->location;
}

static int32_t least_drive(const struct state *s, const struct vrp_vehicle *v, int32_t a, int32_t b)
{
    if (a == VRP_NONE || b == VRP_NONE || s->p->profiles[v->profile].n_slices)
        return 0;
    return vrp_seconds(s->p, v, a, b, 0);
}

/* The depot before element `from`: what its trip takes along, and the latest release among that. */
static void begin_trip(const struct state *s, const struct state_route *r, int32_t from,
                       struct state_slack *k)
{
    int32_t release = 0;
    memset(k->load, 0, sizeof k->load);
    for (int32_t i = from; i < r->n && r->stops[i] != VRP_RELOAD; i++) {
        if (r->stops[i] < 0)
            continue;
        const struct vrp_task *t = &s->p->tasks[r->stops[i] / 2];
        release = t->release > release ? t->release : release;
        for (int d = 0; t->kind == VRP_JOB && d < s->p->n_dims; d++)
            k->load[d] = limited((int64_t)k->load[d] + t->delivery[d]);
    }
    k->leave = k->leave > release ? k->leave : release;
    k->depart = k->leave;
    memcpy(k->peak_before, k->load, sizeof k->load);
}

static struct state_slack start_slack(const struct state *s, int32_t route)
{
    const struct state_route *r = &s->routes[route];
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    struct state_slack start = {
        .leave = v->shift.from, .latest = v->shift.until, .at = v->start, .next = v->end};
    for (int32_t i = 0; i < r->n; i++)
        if (r->stops[i] > VRP_BREAK0) {
            start.next = element_location(s, v, r->stops[i], VRP_NONE);
            break;
        }
    begin_trip(s, r, 0, &start);
    return start;
}

static void slack_loads(const struct state *s, int32_t stop, struct state_slack *k)
{
    const struct vrp_task *t = &s->p->tasks[stop / 2];
    for (int d = 0; d < s->p->n_dims; d++) {
        k->load[d] = limited((int64_t)k->load[d] + (t->kind == VRP_JOB ? t->pickup[d] - t->delivery[d]
                                                    : (stop & 1)       ? -t->pickup[d]
                                                                       : t->pickup[d]));
        k->peak_before[d] = k->load[d] > k->peak_before[d] ? k->load[d] : k->peak_before[d];
    }
}

static void slack_forward(const struct state *s, struct state_route *r, struct state_slack at)
{
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    r->trips = 1;
    for (int32_t i = 0; i < r->n; i++) {
        int32_t stop = r->stops[i], to = element_location(s, v, stop, at.at);
        at.leave += least_drive(s, v, at.at, to);
        at.at = to;
        if (stop >= 0) {
            const struct vrp_visit *x = vrp_visit_of(s->p, stop);
            if (x->n_windows && at.leave < x->windows[0].from)
                at.leave = x->windows[0].from;
            at.leave += x->service;
            slack_loads(s, stop, &at);
        } else if (stop == VRP_RELOAD) {
            at.leave += v->reload_time;
            begin_trip(s, r, i + 1, &at);
            r->trips++;
        }
        at.leave = limited(at.leave);
        r->slack[i] = at;
    }
}

/* Peaks from element i on, given those of the next one. */
static void peak_after(const struct state *s, const struct state_route *r, int32_t i, struct state_slack *k)
{
    bool ends = i == r->n - 1 || r->stops[i + 1] == VRP_RELOAD;
    for (int d = 0; d < s->p->n_dims; d++)
        k->peak_after[d] =
            ends || r->slack[i + 1].peak_after[d] < k->load[d] ? k->load[d] : r->slack[i + 1].peak_after[d];
}

static void slack_backward(const struct state *s, struct state_route *r)
{
    const struct vrp_vehicle *v = &s->p->vehicles[r->vehicle];
    int32_t latest = v->shift.until, next = v->end;
    for (int32_t i = r->n - 1; i >= 0; i--) {
        struct state_slack *k = &r->slack[i];
        int32_t stop = r->stops[i];
        k->next = next;
        if (stop > VRP_BREAK0) {
            latest -= least_drive(s, v, k->at, next);
            next = k->at;
        }
        if (stop == VRP_RELOAD)
            latest -= v->reload_time;
        if (stop >= 0) {
            const struct vrp_visit *x = vrp_visit_of(s->p, stop);
            latest -= x->service;
            int64_t until =
                x->n_windows ? (int64_t)x->windows[x->n_windows - 1].until + x->late_max : VRP_LIMIT;
            latest = latest < until ? latest : (int32_t)until;
        }
        latest = limited(latest);
        k->latest = latest;
        peak_after(s, r, i, k);
    }
    peak_after(s, r, -1, &r->start);
}

static bool simple_visits(const struct vrp_problem *p)
{
    for (int32_t t = 0; t < p->n_tasks; t++)
        for (int k = 0; k < (p->tasks[t].kind == VRP_SHIPMENT ? 2 : 1); k++) {
            const struct vrp_visit *x = &p->tasks[t].visit[k];
            if (x->n_windows > 1 || x->late_max || x->setup)
                return false;
        }
    return true;
}

static void find_simple(struct state *s)
{
    bool visits = simple_visits(s->p);
    for (int32_t k = 0; k < s->p->n_vehicles; k++) {
        const struct vrp_vehicle *v = &s->p->vehicles[k];
        s->trips = v->max_trips > s->trips ? v->max_trips : s->trips;
        s->simple[k] = visits && !v->n_breaks && !s->p->profiles[v->profile].n_slices && !v->unit_duration &&
                       !v->unit_overtime && v->max_duration >= VRP_LIMIT && v->max_travel >= VRP_LIMIT &&
                       v->max_distance >= VRP_LIMIT && !v->backhaul && !v->linehaul_first;
    }
}

static void state_index(struct state *s, int32_t route)
{
    struct state_route *r = &s->routes[route];
    s->used -= r->visits > 0;
    r->visits = 0;
    for (int32_t i = 0; i < r->n; i++)
        if (r->stops[i] >= 0) {
            s->where[r->stops[i]] = route;
            s->pos[r->stops[i]] = i;
            r->visits++;
        }
    s->used += r->visits > 0;
    r->start = start_slack(s, route);
    slack_forward(s, r, r->start);
    slack_backward(s, r);
}

/* ---- routes ---- */

static bool grow_routes(struct state *s)
{
    if (s->n_routes < s->room_routes)
        return true;
    int32_t more = s->room_routes * 2 + 16;
    struct state_route *r = realloc(s->routes, (size_t)more * sizeof *r);
    struct state_undo *u = realloc(s->undo, (size_t)more * sizeof *u);
    if (r)
        s->routes = r;
    if (u)
        s->undo = u;
    if (!r || !u) {
        s->failed = true;
        return false;
    }
    s->room_routes = more;
    return true;
}

static int32_t new_route(struct state *s, int32_t vehicle)
{
    const struct vrp_vehicle *v = &s->p->vehicles[vehicle];
    if (!grow_routes(s))
        return VRP_NONE;
    struct state_route *r = &s->routes[s->n_routes];
    *r = (struct state_route){.vehicle = vehicle, .room = v->n_breaks + 16};
    r->stops = malloc((size_t)r->room * sizeof(int32_t));
    r->slack = malloc((size_t)r->room * sizeof *r->slack);
    if (!r->stops || !r->slack) {
        s->failed = true;
        return VRP_NONE;
    }
    for (r->n = 0; r->n < v->n_breaks; r->n++)
        r->stops[r->n] = VRP_BREAK0 - r->n;
    s->type_count[vehicle]++;
    state_index(s, s->n_routes++);
    return s->n_routes - 1;
}

static void pool(struct state *s, int32_t route)
{
    struct state_route *r = &s->routes[route];
    if (r->visits || r->pooled || r->frozen)
        return;
    r->pooled = true;
    s->type_pool[r->vehicle][s->type_pooled[r->vehicle]++] = route;
}

static int32_t fleet_of(const struct state *s, int32_t vehicle)
{
    int32_t count = s->p->vehicles[vehicle].count, most = s->p->n_tasks + s->p->n_plan + 1;
    return count < most ? count : most;
}

int32_t state_empty_route(struct state *s, int32_t vehicle)
{
    int32_t *stack = s->type_pool[vehicle];
    if (s->used >= s->used_most)
        return VRP_NONE;
    while (s->type_pooled[vehicle]) {
        int32_t route = stack[s->type_pooled[vehicle] - 1];
        if (!s->routes[route].visits)
            return route;
        s->routes[route].pooled = false;
        s->type_pooled[vehicle]--;
    }
    if (s->type_count[vehicle] >= fleet_of(s, vehicle))
        return VRP_NONE;
    int32_t route = new_route(s, vehicle);
    if (route != VRP_NONE)
        pool(s, route);
    return route;
}

static bool fit(struct state *s, struct state_route *r, int32_t n)
{
    if (n <= r->room)
        return true;
    int32_t more = n * 2;
    int32_t *stops = realloc(r->stops, (size_t)more * sizeof *stops);
    if (!stops) {
        s->failed = true;
        return false;
    }
    r->stops = stops;
    struct state_slack *slack = realloc(r->slack, (size_t)more * sizeof *slack);
    if (!slack) {
        s->failed = true;
        return false;
    }
    r->slack = slack;
    r->room = more;
    return true;
}

static void save(struct state *s, int32_t route)
{
    struct state_route *r = &s->routes[route];
    if (r->saved)
        return;
    if (s->undo_used + r->n > s->undo_room) {
        int32_t more = (s->undo_used + r->n) * 2 + 64;
        int32_t *stops = realloc(s->undo_stops, (size_t)more * sizeof *stops);
        if (!stops) {
            s->failed = true;
            return;
        }
        s->undo_stops = stops;
        s->undo_room = more;
    }
    r->saved = true;
    s->undo[s->n_undo++] = (struct state_undo){route, r->n, r->cost, s->undo_used};
    if (r->n)
        memcpy(s->undo_stops + s->undo_used, r->stops, (size_t)r->n * sizeof(int32_t));
    s->undo_used += r->n;
}

int64_t state_route_cost(struct state *s, int32_t vehicle, const int32_t *stops, int32_t n, bool *ret_ok)
{
    struct timing_totals t;
    timing_eval(s->timing, vehicle, stops, n, true, &t);
    *ret_ok = !t.broken;
    if (t.broken)
        return 4 * VRP_REQUIRED;
    return t.visits ? t.cost + s->route_bonus : 0;
}

/* Drops reloads that serve nothing: doubled, first or last. */
static void tidy(struct state_route *r)
{
    int32_t n = 0;
    bool loaded = false;
    for (int32_t i = 0; i < r->n; i++) {
        if (r->stops[i] == VRP_RELOAD && !loaded && i >= r->frozen)
            continue;
        loaded = r->stops[i] == VRP_RELOAD ? false : loaded || r->stops[i] >= 0;
        r->stops[n++] = r->stops[i];
    }
    for (int32_t i = n - 1; i >= r->frozen && !loaded && n; i--)
        if (r->stops[i] == VRP_RELOAD) {
            memmove(r->stops + i, r->stops + i + 1, (size_t)(n - i - 1) * sizeof(int32_t));
            n--;
            break;
        }
    r->n = n;
}

void state_remove(struct state *s, int32_t task)
{
    int32_t route = s->where[task * 2];
    struct state_route *r = &s->routes[route];
    save(s, route);
    int32_t n = 0;
    for (int32_t i = 0; i < r->n; i++)
        if (r->stops[i] < 0 || r->stops[i] / 2 != task)
            r->stops[n++] = r->stops[i];
    r->n = n;
    tidy(r);
    leave(s, task);
    state_index(s, route);
    bool ok;
    s->cost -= r->cost;
    r->cost = state_route_cost(s, r->vehicle, r->stops, r->n, &ok);
    s->cost += r->cost;
    pool(s, route);
}

void state_replace(struct state *s, int32_t route, const int32_t *stops, int32_t n, int64_t cost,
                   int32_t added)
{
    struct state_route *r = &s->routes[route];
    save(s, route);
    if (!fit(s, r, n))
        return;
    memcpy(r->stops, stops, (size_t)n * sizeof(int32_t));
    r->n = n;
    s->cost += cost - r->cost;
    r->cost = cost;
    if (added != VRP_NONE)
        enter(s, added);
    state_index(s, route);
    pool(s, route);
}

/* ---- undo ---- */

void state_mark(struct state *s)
{
    for (int32_t i = 0; i < s->n_undo; i++)
        s->routes[s->undo[i].route].saved = false;
    s->n_undo = s->undo_used = 0;
    s->n_bank_before = s->n_bank;
    memcpy(s->bank_before, s->bank, (size_t)s->n_bank * sizeof(int32_t));
    s->cost_before = s->cost;
}

static void each_task(struct state *s, const int32_t *stops, int32_t n, int32_t sign)
{
    for (int32_t i = 0; i < n; i++)
        if (stops[i] >= 0) {
            s->where[stops[i]] = VRP_NONE;
            if (!(stops[i] & 1))
                use_resource(s, stops[i] / 2, sign);
        }
}

void state_undo(struct state *s)
{
    for (int32_t i = 0; i < s->n_undo; i++) {
        const struct state_route *r = &s->routes[s->undo[i].route];
        each_task(s, r->stops, r->n, -1);
    }
    for (int32_t i = 0; i < s->n_undo; i++) {
        const struct state_undo *u = &s->undo[i];
        struct state_route *r = &s->routes[u->route];
        r->n = u->n;
        r->cost = u->cost;
        if (u->n)
            memcpy(r->stops, s->undo_stops + u->at, (size_t)u->n * sizeof(int32_t));
        each_task(s, r->stops, r->n, 1);
        state_index(s, u->route);
        pool(s, u->route);
        r->saved = false;
    }
    s->n_undo = s->undo_used = 0;
    s->n_bank = s->n_bank_before;
    memcpy(s->bank, s->bank_before, (size_t)s->n_bank * sizeof(int32_t));
    for (int32_t i = 0; i < s->n_bank; i++)
        s->bank_at[s->bank[i]] = i;
    s->cost = s->cost_before;
}

/* ---- neighbours ---- */

static int64_t closeness(const struct vrp_problem *p, int32_t a, int32_t b)
{
    return (int64_t)vrp_metres(p, 0, a, b) + vrp_metres(p, 0, b, a);
}

static void keep_nearest(struct state *s, int32_t visit, int32_t *list, int64_t *key)
{
    const struct vrp_problem *p = s->p;
    int32_t n = 0, here = vrp_visit_of(p, visit)->location;
    for (int32_t u = 0; u < p->n_tasks * 2; u++) {
        if (u / 2 == visit / 2 || ((u & 1) && p->tasks[u / 2].kind == VRP_JOB))
            continue;
        int64_t d = closeness(p, here, vrp_visit_of(p, u)->location);
        if (n == s->k_near && d >= key[n - 1])
            continue;
        int32_t i = n < s->k_near ? n++ : n - 1;
        for (; i > 0 && key[i - 1] > d; i--) {
            key[i] = key[i - 1];
            list[i] = list[i - 1];
        }
        key[i] = d;
        list[i] = u;
    }
    list[n] = VRP_NONE;
}

const int32_t *state_near(struct state *s, int32_t visit)
{
    if (s->near[visit])
        return s->near[visit];
    static const int32_t nobody[] = {VRP_NONE};
    int64_t key[NEAR];
    int32_t *list = malloc(((size_t)s->k_near + 1) * sizeof *list);
    if (!list) {
        s->failed = true;
        return nobody;
    }
    keep_nearest(s, visit, list, key);
    return s->near[visit] = list;
}

/* ---- making and unmaking ---- */

/* Lays a planned route down: what appears twice or not at all in the problem has been checked; a visit
 * that another route already has is left out. */
static void lay(struct state *s, const struct vrp_route *plan)
{
    int32_t n = 0, breaks = 0;
    int32_t route =
        s->type_count[plan->vehicle] < fleet_of(s, plan->vehicle) ? new_route(s, plan->vehicle) : VRP_NONE;
    if (route == VRP_NONE)
        return;
    struct state_route *r = &s->routes[route];
    for (int32_t i = 0; i < plan->n; i++) {
        int32_t stop = plan->stops[i];
        if (stop >= 0 && s->where[stop] != VRP_NONE)
            continue;
        if (stop >= 0)
            s->where[stop] = route;
        breaks += stop <= VRP_BREAK0;
        s->scratch[n++] = stop;
    }
    while (breaks < s->p->vehicles[plan->vehicle].n_breaks)
        s->scratch[n++] = VRP_BREAK0 - breaks++;
    if (!fit(s, r, n))
        return;
    memcpy(r->stops, s->scratch, (size_t)n * sizeof(int32_t));
    r->n = n;
    r->frozen = plan->frozen;
    for (int32_t i = 0; i < n; i++)
        if (r->stops[i] >= 0 && !(r->stops[i] & 1))
            enter(s, r->stops[i] / 2);
    state_index(s, route);
    bool ok;
    r->cost = state_route_cost(s, r->vehicle, r->stops, r->n, &ok);
    s->cost += r->cost;
}

static void prizes(struct state *s)
{
    const struct vrp_problem *p = s->p;
    for (int32_t t = 0; t < p->n_tasks; t++) {
        bank_add(s, t);
        s->where[t * 2] = s->where[t * 2 + 1] = VRP_NONE;
        int32_t g = p->tasks[t].group;
        if (g == VRP_NONE)
            s->cost += p->tasks[t].prize;
        else if (p->tasks[t].prize > s->group_prize[g]) {
            s->cost += p->tasks[t].prize - s->group_prize[g];
            s->group_prize[g] = p->tasks[t].prize;
        }
    }
}

struct state *state_new(const struct vrp_problem *p, uint64_t seed)
{
    struct state *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->p = p;
    s->used_most = INT32_MAX;
    rng_init(&s->rng, seed);
    allocate(s);
    int32_t longest = longest_route(p);
    s->scratch = room(s, (size_t)longest + 16, sizeof(int32_t) * 2);
    s->legs = room(s, (size_t)longest + 16, sizeof *s->legs);
    s->timing = timing_new(p, longest);
    for (int32_t v = 0; v < p->n_vehicles && !s->failed; v++)
        s->type_pool[v] = room(s, (size_t)fleet_of(s, v) + 1, sizeof(int32_t));
    if (s->failed || !s->timing) {
        state_free(s);
        return NULL;
    }
    s->route_bonus = p->fleet_first ? FLEET_BONUS : 0;
    find_simple(s);
    count_resources(s);
    prizes(s);
    for (int32_t i = 0; i < p->n_plan; i++)
        lay(s, &p->plan[i]);
    state_mark(s);
    return s;
}

void state_free(struct state *s)
{
    if (!s)
        return;
    for (int32_t i = 0; i < s->n_routes; i++)
        free(s->routes[i].slack), free(s->routes[i].stops);
    for (int32_t v = 0; s->type_pool && v < s->p->n_vehicles; v++)
        free(s->type_pool[v]);
    for (int32_t i = 0; s->near && i < s->p->n_tasks * 2; i++)
        free(s->near[i]);
    void *owned[] = {s->simple,       s->routes,      s->type_count, s->type_pool,  s->type_pooled,
                     s->where,        s->pos,         s->bank,       s->bank_at,    s->bank_before,
                     s->group_served, s->group_prize, s->demand,     s->supply,     s->narrower,
                     s->near,         s->scratch,     s->undo,       s->undo_stops, s->legs};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    timing_free(s->timing);
    free(s);
}

int state_export(const struct state *s, struct vrp_solution *ret)
{
    struct vrp_solution to = {.cost = s->cost};
    to.routes = calloc((size_t)s->n_routes + 1, sizeof *to.routes);
    to.unserved = calloc((size_t)s->n_bank + 1, sizeof *to.unserved);
    bool ok = to.routes && to.unserved;
    for (int32_t i = 0; ok && i < s->n_routes; i++) {
        const struct state_route *r = &s->routes[i];
        if (!r->visits)
            continue;
        struct vrp_route *out = &to.routes[to.n_routes];
        *out = (struct vrp_route){r->vehicle, r->n, malloc((size_t)r->n * sizeof(int32_t)), r->frozen};
        if (!out->stops) {
            ok = false;
            break;
        }
        memcpy(out->stops, r->stops, (size_t)r->n * sizeof(int32_t));
        to.n_routes++;
        to.cost -= s->route_bonus;
    }
    if (!ok) {
        vrp_solution_fini(&to);
        return -1;
    }
    for (int32_t t = 0; t < s->p->n_tasks; t++)
        if (s->where[t * 2] == VRP_NONE)
            to.unserved[to.n_unserved++] = (struct vrp_unserved){t, VRP_R_STOPPED, 0};
    *ret = to;
    return 0;
}
