#include "routing/vrp/trips_tour.h"

#include <stdlib.h>
#include <string.h>

/* Times stop here: a route that is not on time is only there until it is played back. */
enum { TOO_LATE = VRP_LIMIT + VRP_LIMIT / 4, TOO_EARLY = -VRP_LIMIT };
static const int64_t FLEET_BONUS = (int64_t)1 << 40;

/* ---- memory ---- */

struct trips_tour *trips_tour_new(const struct trips_model *m, bool fleet_first)
{
    struct trips_tour *t = calloc(1, sizeof *t);
    size_t n = (size_t)m->n;
    if (!t)
        return NULL;
    t->m = m;
    t->used_most = INT32_MAX;
    t->route_bonus = fleet_first ? FLEET_BONUS : 0;
    t->where = malloc(n * sizeof *t->where);
    t->at = malloc(n * sizeof *t->at);
    t->absent = malloc(n * sizeof *t->absent);
    t->absent_at = malloc(n * sizeof *t->absent_at);
    t->absent_before = malloc(n * sizeof *t->absent_before);
    if (!t->where || !t->at || !t->absent || !t->absent_at || !t->absent_before) {
        trips_tour_free(t);
        return NULL;
    }
    for (int32_t i = 0; i < m->n; i++) {
        t->where[i] = VRP_NONE;
        t->absent_at[i] = t->n_absent;
        t->absent[t->n_absent++] = i;
        t->cost += m->p->tasks[i].prize;
    }
    return t;
}

void trips_tour_free(struct trips_tour *t)
{
    if (!t)
        return;
    for (int32_t r = 0; r < t->n_routes; r++) {
        free(t->routes[r].e);
        free(t->routes[r].loads);
    }
    for (int32_t r = 0; r < t->room_best; r++)
        free(t->best[r].nodes);
    free(t->routes);
    free(t->where);
    free(t->at);
    free(t->absent);
    free(t->absent_at);
    free(t->absent_before);
    free(t->saved);
    free(t->buffer);
    free(t->load_buffer);
    free(t->best);
    free(t);
}

static bool grow_routes(struct trips_tour *t)
{
    if (t->n_routes < t->room_routes)
        return true;
    int32_t more = t->room_routes * 2 + 16;
    struct trips_route *r = realloc(t->routes, (size_t)more * sizeof *r);
    if (r)
        t->routes = r;
    struct trips_saved *s = realloc(t->saved, (size_t)more * sizeof *s);
    if (s)
        t->saved = s;
    t->failed |= !r || !s;
    if (r && s)
        t->room_routes = more;
    return r && s;
}

static bool grow_elems(struct trips_tour *t, struct trips_route *r, int32_t n)
{
    if (n <= r->room)
        return true;
    size_t room = (size_t)n * 2;
    struct trips_elem *e = realloc(r->e, room * sizeof *e);
    if (e)
        r->e = e;
    struct trips_load *l = realloc(r->loads, (room * (size_t)t->m->dims + 1) * sizeof *l);
    if (l)
        r->loads = l;
    t->failed |= !e || !l;
    if (!e || !l)
        return false;
    r->room = (int32_t)room;
    return true;
}

static bool grow_buffers(struct trips_tour *t, size_t n)
{
    if (n <= t->room_buffer)
        return true;
    size_t room = n * 2 + 256;
    struct trips_elem *e = realloc(t->buffer, room * sizeof *e);
    if (e)
        t->buffer = e;
    struct trips_load *l = realloc(t->load_buffer, (room * (size_t)t->m->dims + 1) * sizeof *l);
    if (l)
        t->load_buffer = l;
    t->failed |= !e || !l;
    if (!e || !l)
        return false;
    t->room_buffer = room;
    return true;
}

/* ---- absence ---- */

static void come(struct trips_tour *t, int32_t task, int32_t route)
{
    int32_t last = t->absent[--t->n_absent], at = t->absent_at[task];
    t->absent[at] = last;
    t->absent_at[last] = at;
    t->where[task] = route;
    t->cost -= t->m->p->tasks[task].prize;
}

static void go(struct trips_tour *t, int32_t task)
{
    t->absent_at[task] = t->n_absent;
    t->absent[t->n_absent++] = task;
    t->where[task] = VRP_NONE;
    t->cost += t->m->p->tasks[task].prize;
}

/* ---- routes ---- */

static void save(struct trips_tour *t, int32_t route)
{
    struct trips_route *r = &t->routes[route];
    size_t n = (size_t)r->n, dims = (size_t)t->m->dims;
    r->dirty = true;
    if (r->saved || !grow_buffers(t, t->n_buffer + n))
        return;
    r->saved = true;
    t->saved[t->n_saved++] =
        (struct trips_saved){route, r->n, r->type, r->trips, r->length, r->stamp, t->n_buffer};
    memcpy(t->buffer + t->n_buffer, r->e, n * sizeof *r->e);
    if (dims)
        memcpy(t->load_buffer + t->n_buffer * dims, r->loads, n * dims * sizeof *r->loads);
    t->n_buffer += n;
}

static struct trips_elem elem_of(const struct trips_model *m, int32_t node, int32_t type)
{
    const struct trips_node *x = &m->nodes[node];
    int32_t home = trips_first(m, type) + TRIPS_HOME;
    return (struct trips_elem){.node = node,
                               .from = x->from,
                               .service = x->service,
                               .to_home = trips_leg_into(m, home, node),
                               .from_home = trips_leg(m, home, node)};
}

/* What a vehicle on the road costs besides its way. */
static int64_t price(const struct trips_tour *t, int32_t type)
{
    return t->m->type[type].fixed + t->route_bonus;
}

static int64_t extra(const struct trips_tour *t, const struct trips_route *r, int32_t node)
{
    const int32_t *by_task = t->m->type[r->type].extra;
    return by_task && trips_is_task(t, node) ? by_task[node] : 0;
}

static void set_used(struct trips_tour *t, int32_t type, bool used)
{
    int32_t sign = used ? 1 : -1;
    t->used += sign;
    t->in_use[type] += sign;
    t->cost += sign * price(t, type);
}

static void join(struct trips_tour *t, struct trips_route *r, int32_t i)
{
    struct trips_leg leg = trips_leg(t->m, r->e[i].node, r->e[i + 1].node);
    r->e[i].arc = leg.arc;
    r->e[i].drive = leg.drive;
    r->length += leg.arc;
    t->cost += leg.arc * t->m->unit;
}

static void part(struct trips_tour *t, struct trips_route *r, int32_t i)
{
    r->length -= r->e[i].arc;
    t->cost -= r->e[i].arc * t->m->unit;
}

static void set_ends(struct trips_tour *t, struct trips_route *r, int32_t type)
{
    int32_t first = trips_first(t->m, type);
    r->type = type;
    r->n = 2;
    r->trips = 1;
    r->e[0] = elem_of(t->m, first + TRIPS_START, type);
    r->e[1] = elem_of(t->m, first + TRIPS_END, type);
    r->length = 0; /* an empty route costs nothing: its arc counts from the first task on */
    r->e[0].arc = r->e[0].drive = 0;
}

int32_t trips_open(struct trips_tour *t, int32_t type)
{
    int32_t r = 0;
    while (r < t->n_routes && t->routes[r].n > 2)
        r++;
    if (r == t->n_routes) {
        if (!grow_routes(t))
            return VRP_NONE;
        t->routes[r] = (struct trips_route){0};
        if (!grow_elems(t, &t->routes[r], 32))
            return VRP_NONE;
        t->n_routes++;
        set_ends(t, &t->routes[r], type);
        t->routes[r].stamp = ++t->stamps;
        trips_retime(t, r);
    }
    save(t, r);
    set_ends(t, &t->routes[r], type);
    return r;
}

static void cut(struct trips_tour *t, struct trips_route *r, int32_t i)
{
    part(t, r, i - 1);
    part(t, r, i);
    t->cost -= extra(t, r, r->e[i].node);
    r->trips -= !trips_is_task(t, r->e[i].node);
    memmove(r->e + i, r->e + i + 1, (size_t)(r->n - i - 1) * sizeof *r->e);
    r->n--;
    if (r->n > 2)
        join(t, r, i - 1);
}

void trips_remove(struct trips_tour *t, int32_t task)
{
    int32_t route = t->where[task], i = 1;
    struct trips_route *r = &t->routes[route];
    save(t, route);
    while (r->e[i].node != task)
        i++;
    bool alone = !trips_is_task(t, r->e[i - 1].node) && !trips_is_task(t, r->e[i + 1].node);
    cut(t, r, i);
    if (alone && r->n > 2)
        cut(t, r, i < r->n - 1 ? i : i - 1);
    r->stamp = ++t->stamps;
    if (r->n == 2)
        set_used(t, r->type, false);
    go(t, task);
}

static void put(struct trips_tour *t, struct trips_route *r, int32_t i, int32_t node)
{
    if (r->n > 2)
        part(t, r, i - 1);
    memmove(r->e + i + 1, r->e + i, (size_t)(r->n - i) * sizeof *r->e);
    r->e[i] = elem_of(t->m, node, r->type);
    r->n++;
    r->trips += !trips_is_task(t, node);
    t->cost += extra(t, r, node);
    join(t, r, i - 1);
    join(t, r, i);
}

void trips_insert(struct trips_tour *t, int32_t task, int32_t route, int32_t i, enum trips_form form)
{
    struct trips_route *r = &t->routes[route];
    int32_t home = trips_first(t->m, r->type) + TRIPS_HOME;
    save(t, route);
    if (!grow_elems(t, r, r->n + 2))
        return;
    if (r->n == 2)
        set_used(t, r->type, true);
    put(t, r, i, task);
    if (form != TRIPS_PLAIN)
        put(t, r, form == TRIPS_HOME_BEFORE ? i : i + 1, home);
    r->stamp = ++t->stamps;
    come(t, task, route);
    trips_retime(t, route);
}

void trips_replace(struct trips_tour *t, int32_t route, const int32_t *nodes, int32_t n)
{
    struct trips_route *r = &t->routes[route];
    save(t, route);
    if (!grow_elems(t, r, n + 2))
        return;
    if (r->n > 2)
        set_used(t, r->type, false);
    for (int32_t i = 1; i < r->n - 1; i++)
        t->cost -= extra(t, r, r->e[i].node);
    t->cost -= r->length * t->m->unit;
    set_ends(t, r, r->type);
    if (n)
        set_used(t, r->type, true);
    for (int32_t i = 0; i < n; i++) {
        put(t, r, r->n - 1, nodes[i]);
        if (trips_is_task(t, nodes[i]))
            t->where[nodes[i]] = route;
    }
    r->stamp = ++t->stamps;
}

/* ---- times and loads ---- */

static int32_t limited(int32_t moment)
{
    return moment > TOO_LATE ? TOO_LATE : moment < TOO_EARLY ? TOO_EARLY : moment;
}

/* Releases of the trip behind the depot at element b: `front` and `back` of its elements. Returns the end of
 * the trip, the next depot. */
static int32_t releases(const struct trips_model *m, struct trips_elem *e, int32_t b)
{
    int32_t i = b + 1, front = 0, back = 0;
    e[b].front = 0;
    for (; e[i].node < m->n; i++) {
        int32_t release = m->nodes[e[i].node].release;
        front = release > front ? release : front;
        e[i].front = front;
        e[i].depot = b;
    }
    for (int32_t k = i - 1; k >= b; k--) {
        e[k].back = back;
        int32_t release = k > b ? m->nodes[e[k].node].release : 0;
        back = release > back ? release : back;
    }
    return i;
}

/* Forward times; whether every element is reached in time. */
static bool forward(const struct trips_model *m, struct trips_elem *e, int32_t n)
{
    int32_t b = 0, ready = e[0].from, next = releases(m, e, 0);
    bool ok = true;
    for (int32_t i = 0; i < n; i++) {
        if (i == next || !i) {
            b = i;
            e[i].depot = i;
            if (i && i < n - 1)
                next = releases(m, e, i);
            e[i].sum = 0;
            e[i].floor = ready;
            e[i].leave = i < n - 1 && e[i].back > ready ? e[i].back : ready;
            ok &= i < n - 1 || ready <= m->nodes[e[i].node].until;
        } else {
            int32_t at = e[i - 1].leave + e[i - 1].drive, floor = e[i - 1].floor + e[i - 1].drive;
            ok &= at <= m->nodes[e[i].node].until;
            /* the floor of what follows the depot is that of its window alone: the depot's own comes by D */
            floor = i - 1 == b || floor < e[i].from ? e[i].from : floor;
            e[i].sum = limited(e[i - 1].sum + e[i - 1].drive + e[i].service);
            e[i].floor = limited(floor + e[i].service);
            e[i].leave = limited((at > e[i].from ? at : e[i].from) + e[i].service);
        }
        if (i + 1 == next)
            ready = limited(e[i].leave + e[i].drive + e[next].service);
    }
    return ok;
}

static void backward(const struct trips_model *m, struct trips_elem *e, int32_t n)
{
    e[n - 1].latest = m->nodes[e[n - 1].node].until;
    for (int32_t i = n - 2; i >= 0; i--) {
        int32_t by = e[i + 1].latest - e[i].drive - e[i].service, until = m->nodes[e[i].node].until;
        e[i].latest = limited(by < until ? by : until);
    }
}

/* Loads of one dimension. Whether the capacity holds. */
static bool load_up(const struct trips_tour *t, struct trips_route *r, int32_t d)
{
    int32_t dims = t->m->dims, capacity = t->m->type[r->type].capacity[d];
    int64_t most = 0;
    struct trips_load *l = r->loads + d;
    for (int32_t b = 0; b < r->n - 1;) {
        int32_t end = b + 1;
        int64_t load = 0;
        for (; trips_is_task(t, r->e[end].node); end++)
            load += t->m->p->tasks[r->e[end].node].delivery[d];
        int64_t rest = load, peak = load;
        for (int32_t i = b; i < end; i++) {
            if (i > b) {
                const struct vrp_task *k = &t->m->p->tasks[r->e[i].node];
                load += k->pickup[d] - k->delivery[d];
                rest -= k->delivery[d];
            }
            peak = load > peak ? load : peak;
            l[(size_t)i * (size_t)dims] =
                (struct trips_load){limited((int32_t)(load < TOO_LATE ? load : TOO_LATE)),
                                    (int32_t)(rest < TOO_LATE ? rest : TOO_LATE),
                                    (int32_t)(peak < TOO_LATE ? peak : TOO_LATE), 0};
        }
        most = peak > most ? peak : most;
        for (int32_t i = end - 1, after = 0; i >= b; i--) {
            struct trips_load *k = &l[(size_t)i * (size_t)dims];
            k->after = after = k->load > after ? k->load : after;
        }
        b = end;
    }
    l[(size_t)(r->n - 1) * (size_t)dims] = (struct trips_load){0};
    return most <= capacity;
}

bool trips_retime(struct trips_tour *t, int32_t route)
{
    struct trips_route *r = &t->routes[route];
    bool ok = forward(t->m, r->e, r->n);
    backward(t->m, r->e, r->n);
    for (int32_t d = 0; d < t->m->dims; d++)
        ok &= load_up(t, r, d);
    for (int32_t i = 1; i < r->n - 1; i++)
        if (trips_is_task(t, r->e[i].node))
            t->at[r->e[i].node] = i;
    r->ok = r->n == 2 || (ok && r->trips <= t->m->type[r->type].most_trips);
    return r->ok;
}

/* ---- way back ---- */

void trips_mark(struct trips_tour *t)
{
    for (int32_t i = 0; i < t->n_saved; i++)
        t->routes[t->saved[i].route].saved = false;
    t->n_saved = 0;
    t->n_buffer = 0;
    t->n_absent_before = t->n_absent;
    memcpy(t->absent_before, t->absent, (size_t)t->n_absent * sizeof *t->absent);
    t->cost_before = t->cost;
}

static void put_back(struct trips_tour *t, const struct trips_saved *s)
{
    struct trips_route *r = &t->routes[s->route];
    size_t n = (size_t)s->n, dims = (size_t)t->m->dims;
    bool was = s->n > 2, is = r->n > 2;
    t->used += was - is;
    t->in_use[s->type] += was;
    t->in_use[r->type] -= is;
    memcpy(r->e, t->buffer + s->at, n * sizeof *r->e);
    if (dims)
        memcpy(r->loads, t->load_buffer + s->at * dims, n * dims * sizeof *r->loads);
    r->n = s->n;
    r->type = s->type;
    r->trips = s->trips;
    r->length = s->length;
    r->stamp = s->stamp;
    r->ok = true;
    r->saved = false;
    for (int32_t i = 1; i < r->n - 1; i++)
        if (trips_is_task(t, r->e[i].node)) {
            t->at[r->e[i].node] = i;
            t->where[r->e[i].node] = s->route;
        }
}

void trips_rollback(struct trips_tour *t)
{
    for (int32_t i = 0; i < t->n_saved; i++)
        put_back(t, &t->saved[i]);
    t->n_saved = 0;
    t->n_buffer = 0;
    t->n_absent = t->n_absent_before;
    memcpy(t->absent, t->absent_before, (size_t)t->n_absent * sizeof *t->absent);
    for (int32_t i = 0; i < t->n_absent; i++) {
        t->absent_at[t->absent[i]] = i;
        t->where[t->absent[i]] = VRP_NONE;
    }
    t->cost = t->cost_before;
}

/* ---- the best ---- */

static bool copy_route(struct trips_copy *c, const struct trips_route *r)
{
    int32_t n = r->n - 2;
    if (n > c->room) {
        int32_t *nodes = realloc(c->nodes, (size_t)n * 2 * sizeof *nodes);
        if (!nodes)
            return false;
        c->nodes = nodes;
        c->room = n * 2;
    }
    c->n = n;
    c->type = r->type;
    for (int32_t i = 0; i < n; i++)
        c->nodes[i] = r->e[i + 1].node;
    return true;
}

void trips_keep(struct trips_tour *t)
{
    if (t->room_best < t->room_routes) {
        struct trips_copy *b = realloc(t->best, (size_t)t->room_routes * sizeof *b);
        t->failed |= !b;
        if (!b)
            return;
        memset(b + t->room_best, 0, (size_t)(t->room_routes - t->room_best) * sizeof *b);
        t->best = b;
        t->room_best = t->room_routes;
    }
    for (int32_t r = 0; r < t->n_routes; r++) {
        if (t->routes[r].dirty)
            t->failed |= !copy_route(&t->best[r], &t->routes[r]);
        t->routes[r].dirty = false;
    }
    t->n_best = t->n_routes;
    t->best_cost = t->cost;
}

/* An empty route of the type gets these elements, whose tasks are absent. */
static bool refill(struct trips_tour *t, int32_t route, int32_t type, const int32_t *nodes, int32_t n)
{
    struct trips_route *r = &t->routes[route];
    set_ends(t, r, type);
    for (int32_t i = 0; i < n; i++)
        if (trips_is_task(t, nodes[i]))
            come(t, nodes[i], route);
    trips_replace(t, route, nodes, n);
    return trips_retime(t, route);
}

void trips_restore(struct trips_tour *t)
{
    trips_mark(t);
    for (int32_t r = 0; r < t->n_routes; r++)
        while (t->routes[r].n > 2)
            trips_remove(t, t->routes[r].e[1].node);
    for (int32_t r = 0; r < t->n_best; r++) {
        refill(t, r, t->best[r].type, t->best[r].nodes, t->best[r].n);
        t->routes[r].dirty = false;
    }
    trips_mark(t);
}

/* ---- in and out ---- */

/* The plan's route as nodes, without what serves nothing; the number, or −1 if it is not sound. */
static int32_t nodes_of(const struct trips_tour *t, const struct vrp_route *r, int32_t *nodes)
{
    int32_t n = 0, home = trips_first(t->m, r->vehicle) + TRIPS_HOME;
    for (int32_t i = 0; i < r->n; i++) {
        int32_t stop = r->stops[i];
        if (stop == VRP_RELOAD) {
            if (n && nodes[n - 1] != home)
                nodes[n++] = home;
            continue;
        }
        if (stop < 0 || t->where[stop / 2] != VRP_NONE || !(t->m->types[stop / 2] >> r->vehicle & 1))
            return -1;
        for (int32_t k = 0; k < n; k++)
            if (nodes[k] == stop / 2)
                return -1;
        nodes[n++] = stop / 2;
    }
    return n && nodes[n - 1] == home ? n - 1 : n;
}

void trips_lay(struct trips_tour *t, const struct vrp_route *routes, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const struct vrp_route *in = &routes[i];
        if (!in->n || !trips_left(t, in->vehicle))
            continue;
        trips_mark(t);
        int32_t route = trips_open(t, in->vehicle);
        int32_t *nodes = malloc((size_t)in->n * sizeof *nodes);
        t->failed |= !nodes;
        int32_t many = nodes && route != VRP_NONE ? nodes_of(t, in, nodes) : -1;
        if (many < 0 || !refill(t, route, in->vehicle, nodes, many))
            trips_rollback(t);
        free(nodes);
    }
    trips_mark(t);
}

static bool export_route(const struct trips_tour *t, const struct trips_copy *c, struct vrp_route *out,
                         bool *there)
{
    *out = (struct vrp_route){.vehicle = c->type, .n = c->n};
    out->stops = malloc((size_t)c->n * sizeof *out->stops);
    for (int32_t i = 0; out->stops && i < c->n; i++) {
        bool task = trips_is_task(t, c->nodes[i]);
        out->stops[i] = task ? c->nodes[i] * 2 : VRP_RELOAD;
        if (task)
            there[c->nodes[i]] = true;
    }
    return out->stops != NULL;
}

int trips_export(const struct trips_tour *t, struct vrp_solution *ret)
{
    struct vrp_solution s = {.cost = t->best_cost};
    bool *there = calloc((size_t)t->m->n, sizeof *there);
    s.routes = calloc((size_t)t->n_best + 1, sizeof *s.routes);
    s.unserved = calloc((size_t)t->m->n + 1, sizeof *s.unserved);
    bool ok = there && s.routes && s.unserved;
    for (int32_t r = 0; ok && r < t->n_best; r++)
        if (t->best[r].n)
            ok = export_route(t, &t->best[r], &s.routes[s.n_routes++], there);
    if (!ok) {
        free(there);
        vrp_solution_fini(&s);
        return -1;
    }
    for (int32_t i = 0; i < t->m->n; i++)
        if (!there[i])
            s.unserved[s.n_unserved++] = (struct vrp_unserved){i, VRP_R_STOPPED, 0};
    s.cost -= s.n_routes * t->route_bonus;
    free(there);
    *ret = s;
    return 0;
}
