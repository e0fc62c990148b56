#include "routing/vrp/pairs_tour.h"

#include <stdlib.h>
#include <string.h>

/* Times stop here: a route that is not on time is only there until it is played back. */
enum { TOO_LATE = VRP_LIMIT + VRP_LIMIT / 4, TOO_EARLY = -VRP_LIMIT };
static const int64_t FLEET_BONUS = (int64_t)1 << 40;

/* ---- memory ---- */

struct pairs_tour *pairs_tour_new(const struct pairs_model *m, bool fleet_first)
{
    struct pairs_tour *t = calloc(1, sizeof *t);
    size_t n = (size_t)m->n;
    if (!t)
        return NULL;
    t->m = m;
    t->used_most = INT32_MAX;
    t->route_bonus = fleet_first ? FLEET_BONUS : 0;
    t->where = malloc(n * sizeof *t->where);
    t->at = malloc(2 * n * sizeof *t->at);
    t->absent = malloc(n * sizeof *t->absent);
    t->absent_at = malloc(n * sizeof *t->absent_at);
    t->absent_before = malloc(n * sizeof *t->absent_before);
    if (!t->where || !t->at || !t->absent || !t->absent_at || !t->absent_before) {
        pairs_tour_free(t);
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

void pairs_tour_free(struct pairs_tour *t)
{
    if (!t)
        return;
    for (int32_t r = 0; r < t->n_routes; r++)
        free(t->routes[r].e);
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
    free(t->best);
    free(t);
}

static bool grow_routes(struct pairs_tour *t)
{
    if (t->n_routes < t->room_routes)
        return true;
    int32_t more = t->room_routes * 2 + 16;
    struct pairs_route *r = realloc(t->routes, (size_t)more * sizeof *r);
    if (r)
        t->routes = r;
    struct pairs_saved *s = realloc(t->saved, (size_t)more * sizeof *s);
    if (s)
        t->saved = s;
    t->failed |= !r || !s;
    if (r && s)
        t->room_routes = more;
    return r && s;
}

static bool grow_elems(struct pairs_tour *t, struct pairs_route *r, int32_t n)
{
    if (n <= r->room)
        return true;
    struct pairs_elem *e = realloc(r->e, (size_t)n * 2 * sizeof *e);
    t->failed |= !e;
    if (!e)
        return false;
    r->e = e;
    r->room = n * 2;
    return true;
}

/* ---- absence ---- */

static void come(struct pairs_tour *t, int32_t task, int32_t route)
{
    int32_t last = t->absent[--t->n_absent], at = t->absent_at[task];
    t->absent[at] = last;
    t->absent_at[last] = at;
    t->where[task] = route;
    t->cost -= t->m->p->tasks[task].prize;
}

static void go(struct pairs_tour *t, int32_t task)
{
    t->absent_at[task] = t->n_absent;
    t->absent[t->n_absent++] = task;
    t->where[task] = VRP_NONE;
    t->cost += t->m->p->tasks[task].prize;
}

/* ---- routes ---- */

static void save(struct pairs_tour *t, int32_t route)
{
    struct pairs_route *r = &t->routes[route];
    r->dirty = true;
    if (r->saved)
        return;
    size_t need = t->n_buffer + (size_t)r->n;
    if (need > t->room_buffer) {
        struct pairs_elem *b = realloc(t->buffer, (need * 2 + 256) * sizeof *b);
        t->failed |= !b;
        if (!b)
            return;
        t->buffer = b;
        t->room_buffer = need * 2 + 256;
    }
    r->saved = true;
    t->saved[t->n_saved++] = (struct pairs_saved){route, r->n, r->type, r->length, r->stamp, t->n_buffer};
    memcpy(t->buffer + t->n_buffer, r->e, (size_t)r->n * sizeof *r->e);
    t->n_buffer = need;
}

static struct pairs_elem elem_of(const struct pairs_model *m, int32_t node)
{
    const struct pairs_node *x = &m->nodes[node];
    return (struct pairs_elem){.node = node, .from = x->from, .service = x->service};
}

/* What a vehicle on the road costs besides its way. */
static int64_t price(const struct pairs_tour *t, int32_t type)
{
    return t->m->type[type].fixed + t->route_bonus;
}

static void set_used(struct pairs_tour *t, int32_t type, bool used)
{
    int32_t sign = used ? 1 : -1;
    t->used += sign;
    t->in_use[type] += sign;
    t->cost += sign * price(t, type);
}

static void join(struct pairs_tour *t, struct pairs_route *r, int32_t i)
{
    r->e[i].arc = pairs_arc(t->m, r->e[i].node, r->e[i + 1].node);
    r->e[i].drive = pairs_drive(t->m, r->e[i].node, r->e[i + 1].node);
    r->length += r->e[i].arc;
    t->cost += r->e[i].arc * t->m->unit;
}

static void part(struct pairs_tour *t, struct pairs_route *r, int32_t i)
{
    r->length -= r->e[i].arc;
    t->cost -= r->e[i].arc * t->m->unit;
}

static void set_ends(struct pairs_tour *t, struct pairs_route *r, int32_t type)
{
    int32_t start = pairs_first(t->m, type);
    r->type = type;
    r->n = 2;
    r->e[0] = elem_of(t->m, start);
    r->e[1] = elem_of(t->m, start + 1);
    r->length = 0; /* an empty route costs nothing: its arc counts from the first task on */
    r->e[0].arc = r->e[0].drive = 0;
}

int32_t pairs_open(struct pairs_tour *t, int32_t type)
{
    int32_t r = 0;
    while (r < t->n_routes && t->routes[r].n > 2)
        r++;
    if (r == t->n_routes) {
        if (!grow_routes(t))
            return VRP_NONE;
        t->routes[r] = (struct pairs_route){0};
        if (!grow_elems(t, &t->routes[r], 32))
            return VRP_NONE;
        t->n_routes++;
        set_ends(t, &t->routes[r], type);
        t->routes[r].stamp = ++t->stamps;
    }
    save(t, r);
    set_ends(t, &t->routes[r], type);
    return r;
}

static void cut(struct pairs_tour *t, struct pairs_route *r, int32_t i)
{
    part(t, r, i - 1);
    part(t, r, i);
    memmove(r->e + i, r->e + i + 1, (size_t)(r->n - i - 1) * sizeof *r->e);
    r->n--;
    if (r->n > 2)
        join(t, r, i - 1);
}

void pairs_remove(struct pairs_tour *t, int32_t task)
{
    int32_t route = t->where[task];
    struct pairs_route *r = &t->routes[route];
    save(t, route);
    for (int32_t i = r->n - 2, left = 2; left && i > 0; i--)
        if (r->e[i].node / 2 == task) {
            cut(t, r, i);
            left--;
        }
    r->stamp = ++t->stamps;
    if (r->n == 2)
        set_used(t, r->type, false);
    go(t, task);
}

static void put(struct pairs_tour *t, struct pairs_route *r, int32_t i, int32_t node)
{
    if (r->n > 2)
        part(t, r, i - 1);
    memmove(r->e + i + 1, r->e + i, (size_t)(r->n - i) * sizeof *r->e);
    r->e[i] = elem_of(t->m, node);
    r->n++;
    join(t, r, i - 1);
    join(t, r, i);
}

void pairs_insert(struct pairs_tour *t, int32_t task, int32_t route, int32_t pickup, int32_t delivery)
{
    struct pairs_route *r = &t->routes[route];
    save(t, route);
    if (!grow_elems(t, r, r->n + 2))
        return;
    if (r->n == 2)
        set_used(t, r->type, true);
    put(t, r, delivery, task * 2 + 1);
    put(t, r, pickup, task * 2);
    r->stamp = ++t->stamps;
    come(t, task, route);
    pairs_retime(t, route);
}

/* Times and loads, from nodes and drives. */
static void time_elems(const struct pairs_model *m, struct pairs_elem *e, int32_t n)
{
    int32_t last = n - 1;
    e[0].leave = e[0].from;
    e[0].load = 0;
    for (int32_t i = 1; i <= last; i++) {
        int32_t at = e[i - 1].leave + e[i - 1].drive;
        at = (at > e[i].from ? at : e[i].from) + e[i].service;
        e[i].leave = at < TOO_LATE ? at : TOO_LATE;
        e[i].load = e[i - 1].load + m->nodes[e[i].node].load;
    }
    e[last].latest = m->nodes[e[last].node].until;
    for (int32_t i = last - 1; i >= 0; i--) {
        int32_t by = e[i + 1].latest - e[i].drive - e[i].service, until = m->nodes[e[i].node].until;
        by = by < until ? by : until;
        e[i].latest = by > TOO_EARLY ? by : TOO_EARLY;
    }
}

void pairs_retime(struct pairs_tour *t, int32_t route)
{
    const struct pairs_route *r = &t->routes[route];
    time_elems(t->m, r->e, r->n);
    for (int32_t i = 1; i < r->n - 1; i++)
        t->at[r->e[i].node] = i;
}

void pairs_without(const struct pairs_tour *t, const struct pairs_route *r, int32_t a, int32_t b,
                   struct pairs_route *ret)
{
    int32_t n = 0;
    struct pairs_elem *e = ret->e;
    for (int32_t i = 0; i < r->n; i++) {
        int32_t node = r->e[i].node, task = i && i < r->n - 1 ? node / 2 : VRP_NONE;
        if (task != VRP_NONE && (task == a || task == b))
            continue;
        e[n] = r->e[i];
        if (n && r->e[i - 1].node != e[n - 1].node) {
            e[n - 1].arc = pairs_arc(t->m, e[n - 1].node, node);
            e[n - 1].drive = pairs_drive(t->m, e[n - 1].node, node);
        }
        n++;
    }
    ret->n = n;
    ret->type = r->type;
    time_elems(t->m, e, n);
}

bool pairs_route_ok(const struct pairs_tour *t, int32_t route)
{
    const struct pairs_route *r = &t->routes[route];
    const struct pairs_elem *e = r->e;
    if (r->n == 2)
        return true;
    for (int32_t i = 0; i < r->n; i++)
        if (e[i].load > t->m->type[r->type].capacity)
            return false;
    return e[0].latest >= e[0].from;
}

/* ---- way back ---- */

void pairs_mark(struct pairs_tour *t)
{
    for (int32_t i = 0; i < t->n_saved; i++)
        t->routes[t->saved[i].route].saved = false;
    t->n_saved = 0;
    t->n_buffer = 0;
    t->n_absent_before = t->n_absent;
    memcpy(t->absent_before, t->absent, (size_t)t->n_absent * sizeof *t->absent);
    t->cost_before = t->cost;
}

static void put_back(struct pairs_tour *t, const struct pairs_saved *s)
{
    struct pairs_route *r = &t->routes[s->route];
    bool was = s->n > 2, is = r->n > 2;
    t->used += was - is;
    t->in_use[s->type] += was;
    t->in_use[r->type] -= is;
    memcpy(r->e, t->buffer + s->at, (size_t)s->n * sizeof *r->e);
    r->n = s->n;
    r->type = s->type;
    r->length = s->length;
    r->stamp = s->stamp;
    r->saved = false;
    for (int32_t i = 1; i < r->n - 1; i++) {
        t->at[r->e[i].node] = i;
        t->where[r->e[i].node / 2] = s->route;
    }
}

void pairs_rollback(struct pairs_tour *t)
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

static bool copy_route(struct pairs_copy *c, const struct pairs_route *r)
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

void pairs_keep(struct pairs_tour *t)
{
    if (t->room_best < t->room_routes) {
        struct pairs_copy *b = realloc(t->best, (size_t)t->room_routes * sizeof *b);
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

static void refill(struct pairs_tour *t, int32_t route, const struct pairs_copy *c)
{
    struct pairs_route *r = &t->routes[route];
    if (!grow_elems(t, r, c->n + 2))
        return;
    set_ends(t, r, c->type);
    if (c->n)
        set_used(t, r->type, true);
    for (int32_t i = 0; i < c->n; i++) {
        put(t, r, r->n - 1, c->nodes[i]);
        if (!(c->nodes[i] & 1))
            come(t, c->nodes[i] / 2, route);
    }
    r->stamp = ++t->stamps;
    r->dirty = false;
    pairs_retime(t, route);
}

void pairs_restore(struct pairs_tour *t)
{
    pairs_mark(t);
    for (int32_t r = 0; r < t->n_routes; r++)
        while (t->routes[r].n > 2)
            pairs_remove(t, t->routes[r].e[1].node / 2);
    for (int32_t r = 0; r < t->n_best; r++)
        refill(t, r, &t->best[r]);
    pairs_mark(t);
}

/* ---- in and out ---- */

/* Whether the route's stops are whole, new shipments in order that its type may carry. */
static bool sound(const struct pairs_tour *t, const struct vrp_route *r)
{
    for (int32_t i = 0; i < r->n; i++) {
        int32_t stop = r->stops[i], mates = 0;
        if (stop < 0 || t->where[stop / 2] != VRP_NONE || !(t->m->types[stop / 2] >> r->vehicle & 1))
            return false;
        for (int32_t k = 0; k < r->n; k++) {
            if (k != i && r->stops[k] == stop)
                return false;
            mates += r->stops[k] == (stop ^ 1) && ((stop & 1) ? k < i : k > i);
        }
        if (mates != 1)
            return false;
    }
    return true;
}

void pairs_lay(struct pairs_tour *t, const struct vrp_route *routes, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const struct vrp_route *in = &routes[i];
        if (!in->n || !pairs_left(t, in->vehicle) || !sound(t, in))
            continue;
        pairs_mark(t);
        int32_t route = pairs_open(t, in->vehicle);
        if (route == VRP_NONE || !grow_elems(t, &t->routes[route], in->n + 2))
            return;
        struct pairs_copy c = {.nodes = in->stops, .n = in->n, .type = in->vehicle};
        refill(t, route, &c);
        t->routes[route].dirty = true;
        if (!pairs_route_ok(t, route))
            pairs_rollback(t);
    }
    pairs_mark(t);
}

int pairs_export(const struct pairs_tour *t, struct vrp_solution *ret)
{
    struct vrp_solution s = {.cost = t->best_cost};
    bool *there = calloc((size_t)t->m->n, sizeof *there);
    s.routes = calloc((size_t)t->n_best + 1, sizeof *s.routes);
    s.unserved = calloc((size_t)t->m->n + 1, sizeof *s.unserved);
    bool ok = there && s.routes && s.unserved;
    for (int32_t r = 0; ok && r < t->n_best; r++) {
        const struct pairs_copy *c = &t->best[r];
        if (!c->n)
            continue;
        struct vrp_route *out = &s.routes[s.n_routes++];
        *out = (struct vrp_route){.vehicle = c->type, .n = c->n};
        out->stops = malloc((size_t)c->n * sizeof *out->stops);
        ok = out->stops != NULL;
        for (int32_t i = 0; ok && i < c->n; i++) {
            out->stops[i] = c->nodes[i];
            there[c->nodes[i] / 2] = true;
        }
    }
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
