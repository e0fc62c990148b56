#include "routing/vrp/flat_tour.h"

#include <stdlib.h>
#include <string.h>

static const int64_t FLEET_BONUS = (int64_t)1 << 40;

static void *room(struct flat_tour *t, size_t n, size_t size)
{
    void *m = calloc(n + 1, size);
    if (!m)
        t->failed = true;
    return m;
}

static int32_t routes_possible(const struct flat_model *m)
{
    int64_t sum = 0;
    for (int32_t k = 0; k < m->n_types; k++)
        sum += m->types[k].count;
    int64_t most = (int64_t)m->n + m->n_types;
    return (int32_t)(sum < most ? sum : most);
}

struct flat_tour *flat_tour_new(const struct flat_model *m, bool fleet_first)
{
    struct flat_tour *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->m = m;
    t->n = m->n;
    t->max_routes = routes_possible(m);
    t->route_bonus = fleet_first ? FLEET_BONUS : 0;
    size_t routes = (size_t)t->max_routes, nodes = (size_t)t->n + 2 * routes;
    t->nodes = room(t, nodes, sizeof *t->nodes);
    t->routes = room(t, routes, sizeof *t->routes);
    t->slot = room(t, (size_t)t->n, sizeof *t->slot);
    t->reach = room(t, (size_t)t->n, sizeof *t->reach);
    t->room = room(t, routes + 1, sizeof *t->room);
    t->absent = room(t, (size_t)t->n, sizeof *t->absent);
    t->absent_at = room(t, (size_t)t->n, sizeof *t->absent_at);
    t->touched = room(t, routes, sizeof *t->touched);
    t->dirty = room(t, nodes, sizeof *t->dirty);
    t->is_dirty = room(t, nodes, sizeof *t->is_dirty);
    if (m->durations) {
        t->before = room(t, nodes, sizeof *t->before);
        t->after = room(t, nodes, sizeof *t->after);
    }
    t->free_routes = room(t, routes, sizeof *t->free_routes);
    t->room_log = 4 * t->n + 64;
    t->log = room(t, (size_t)t->room_log, sizeof *t->log);
    if (t->failed) {
        flat_tour_free(t);
        return NULL;
    }
    for (int32_t i = 0; i < t->n; i++) {
        t->nodes[i] = (struct flat_node){.prev = VRP_NONE, .next = VRP_NONE, .route = VRP_NONE, .place = i};
        t->absent_at[i] = t->n_absent;
        t->absent[t->n_absent++] = i;
        t->cost += m->clients[i].prize;
    }
    t->room[0] = -1;
    t->stamp = 1;
    t->used_most = INT32_MAX;
    return t;
}

void flat_tour_free(struct flat_tour *t)
{
    if (!t)
        return;
    void *owned[] = {t->reach,     t->free_routes, t->nodes, t->routes,   t->slot,   t->room,  t->absent,
                     t->absent_at, t->touched,     t->dirty, t->is_dirty, t->before, t->after, t->log};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
    free(t);
}

/* ---- small changes ---- */

static void soil(struct flat_tour *t, int32_t node)
{
    if (t->is_dirty[node])
        return;
    t->is_dirty[node] = true;
    t->dirty[t->n_dirty++] = node;
}

/* What a scan passes a client over for. */
static void reseat(struct flat_tour *t, int32_t node)
{
    const struct flat_node *x = &t->nodes[node];
    if (node >= t->n)
        return;
    int32_t longer = x->arc > x->back_arc ? x->arc : x->back_arc;
    t->reach[node] = x->next >= t->n || x->prev >= t->n ? FLAT_REACH : longer;
}

static void touch(struct flat_tour *t, int32_t route)
{
    if (t->routes[route].touched == t->stamp)
        return;
    t->routes[route].touched = t->stamp;
    t->touched[t->n_touched++] = route;
}

static void note(struct flat_tour *t, enum flat_op op, int32_t node, int32_t prev, int32_t extra)
{
    if (t->n_log == t->room_log) {
        struct flat_log *more = realloc(t->log, 2 * (size_t)t->room_log * sizeof *more);
        if (!more) {
            t->failed = true;
            return;
        }
        t->log = more;
        t->room_log *= 2;
    }
    t->log[t->n_log++] = (struct flat_log){op, node, prev, extra};
}

static void offer_free(struct flat_tour *t, int32_t route)
{
    if (t->routes[route].free_listed)
        return;
    t->routes[route].free_listed = true;
    t->free_routes[t->n_free++] = route;
}

static int32_t make_route(struct flat_tour *t)
{
    int32_t r = t->n_routes++, a = flat_first(t, r), b = flat_last(t, r);
    t->routes[r] = (struct flat_route){.type = VRP_NONE};
    t->nodes[a] = (struct flat_node){.prev = VRP_NONE, .next = b, .route = r};
    t->nodes[b] = (struct flat_node){.prev = a, .next = VRP_NONE, .route = r};
    offer_free(t, r);
    return r;
}

/* What an empty route needs to be of a type. */
static void equip(struct flat_tour *t, int32_t route, int32_t type)
{
    struct flat_route *r = &t->routes[route];
    int32_t a = flat_first(t, route), b = flat_last(t, route);
    if (r->type == type)
        return;
    r->type = type;
    r->capacity = t->room[route + 1] = t->m->types[type].capacity;
    t->nodes[a].place = t->m->types[type].start;
    t->nodes[b].place = t->m->types[type].end;
    t->nodes[a].arc = t->nodes[b].back_arc = flat_arc(t, a, b);
    soil(t, a);
    soil(t, b);
    flat_retime(t, route);
}

int32_t flat_open(struct flat_tour *t, int32_t type)
{
    int32_t r = VRP_NONE;
    while (t->n_free && r == VRP_NONE) {
        r = t->free_routes[t->n_free - 1];
        if (!t->routes[r].count)
            break;
        t->routes[r].free_listed = false;
        t->n_free--;
        r = VRP_NONE;
    }
    if (r == VRP_NONE)
        r = make_route(t);
    if (t->routes[r].type != type && t->routes[r].type != VRP_NONE)
        note(t, FLAT_EQUIPPED, r, 0, t->routes[r].type);
    equip(t, r, type);
    return r;
}

static void opened(struct flat_tour *t, const struct flat_route *r, int32_t sign)
{
    t->used += sign;
    t->in_use[r->type] += sign;
    t->cost += sign * (t->m->types[r->type].fixed + t->route_bonus);
}

static void cut(struct flat_tour *t, int32_t client)
{
    struct flat_node *x = &t->nodes[client];
    int32_t a = x->prev, b = x->next;
    struct flat_route *r = &t->routes[x->route];
    int32_t direct = flat_arc(t, a, b);
    int32_t saved = t->nodes[a].arc + x->arc - (r->count == 1 ? 0 : direct);
    t->nodes[a].next = b;
    t->nodes[a].arc = direct;
    t->nodes[b].prev = a;
    t->nodes[b].back_arc = direct;
    soil(t, a);
    soil(t, b);
    soil(t, client);
    touch(t, x->route);
    const struct flat_client *c = &t->m->clients[client];
    *(c->backhaul ? &r->back : &r->load) -= c->demand;
    t->room[x->route + 1] = r->capacity - r->load;
    t->slot[client] = 0;
    reseat(t, a);
    reseat(t, b);
    r->length -= saved;
    t->cost += c->prize - saved * t->m->types[r->type].unit;
    if (--r->count == 0) {
        opened(t, r, -1);
        offer_free(t, x->route);
    }
    x->route = VRP_NONE;
    t->absent_at[client] = t->n_absent;
    t->absent[t->n_absent++] = client;
}

static void link(struct flat_tour *t, int32_t client, int32_t prev)
{
    struct flat_node *x = &t->nodes[client];
    int32_t next = t->nodes[prev].next, route = t->nodes[prev].route;
    struct flat_route *r = &t->routes[route];
    int32_t arrive = flat_arc(t, prev, client);
    x->arc = flat_arc(t, client, next);
    int32_t added = arrive + x->arc - (r->count ? t->nodes[prev].arc : 0);
    t->nodes[prev].arc = x->back_arc = arrive;
    t->nodes[next].back_arc = x->arc;
    x->prev = prev;
    x->next = next;
    x->route = route;
    t->nodes[prev].next = client;
    t->nodes[next].prev = client;
    soil(t, prev);
    soil(t, next);
    soil(t, client);
    touch(t, route);
    const struct flat_client *c = &t->m->clients[client];
    *(c->backhaul ? &r->back : &r->load) += c->demand;
    t->room[route + 1] = r->capacity - r->load;
    t->slot[client] = route + 1;
    reseat(t, prev);
    reseat(t, client);
    reseat(t, next);
    r->length += added;
    t->cost += added * t->m->types[r->type].unit - c->prize;
    if (r->count++ == 0)
        opened(t, r, 1);
    int32_t at = t->absent_at[client], last = t->absent[--t->n_absent];
    t->absent[at] = last;
    t->absent_at[last] = at;
}

static void change_type(struct flat_tour *t, int32_t route, int32_t type)
{
    struct flat_route *r = &t->routes[route];
    int32_t a = flat_first(t, route), b = flat_last(t, route);
    const struct flat_type *old = &t->m->types[r->type], *new = &t->m->types[type];
    t->in_use[r->type]--;
    t->in_use[type]++;
    t->cost -= old->fixed + r->length * old->unit;
    int32_t z = t->nodes[b].prev;
    r->length -= t->nodes[a].arc + t->nodes[z].arc;
    t->nodes[a].place = new->start;
    t->nodes[b].place = new->end;
    t->nodes[a].arc = t->nodes[t->nodes[a].next].back_arc = flat_arc(t, a, t->nodes[a].next);
    t->nodes[z].arc = t->nodes[b].back_arc = flat_arc(t, z, b);
    soil(t, t->nodes[a].next);
    r->length += t->nodes[a].arc + t->nodes[z].arc;
    r->capacity = new->capacity;
    t->room[route + 1] = r->capacity - r->load;
    soil(t, z);
    t->cost += new->fixed + r->length *new->unit;
    r->type = type;
    soil(t, a);
    soil(t, b);
    touch(t, route);
}

void flat_remove(struct flat_tour *t, int32_t client)
{
    note(t, FLAT_REMOVED, client, t->nodes[client].prev, 0);
    cut(t, client);
}

void flat_insert(struct flat_tour *t, int32_t client, int32_t prev)
{
    note(t, FLAT_INSERTED, client, prev, 0);
    link(t, client, prev);
}

void flat_retype(struct flat_tour *t, int32_t route, int32_t type)
{
    note(t, FLAT_RETYPED, route, 0, t->routes[route].type);
    change_type(t, route, type);
}

void flat_mark(struct flat_tour *t)
{
    t->n_log = t->n_touched = 0;
    t->stamp++;
}

void flat_rollback_to(struct flat_tour *t, int32_t n)
{
    while (t->n_log > n) {
        const struct flat_log *l = &t->log[--t->n_log];
        if (l->op == FLAT_REMOVED)
            link(t, l->node, l->prev);
        else if (l->op == FLAT_INSERTED)
            cut(t, l->node);
        else if (l->op == FLAT_EQUIPPED)
            equip(t, l->node, l->extra);
        else
            change_type(t, l->node, l->extra);
    }
}

void flat_rollback(struct flat_tour *t)
{
    flat_rollback_to(t, 0);
    for (int32_t i = 0; t->m->timed && i < t->n_touched; i++)
        flat_retime(t, t->touched[i]);
}

/* ---- times ---- */

static struct flat_span span_join(struct flat_span a, struct flat_span b, int32_t drive)
{
    int32_t delta = a.duration + drive;
    int32_t wait = b.early - delta - a.late;
    wait = wait > 0 ? wait : 0;
    int32_t early = b.early - delta > a.early ? b.early - delta : a.early;
    int32_t late = b.late - delta < a.late ? b.late - delta : a.late;
    return (struct flat_span){a.duration + b.duration + drive + wait, early - wait, late};
}

static struct flat_span span_of(const struct flat_tour *t, int32_t v)
{
    if (v >= t->n) {
        const struct flat_type *k = &t->m->types[t->routes[t->nodes[v].route].type];
        return (struct flat_span){0, k->from, k->until};
    }
    const struct flat_client *c = &t->m->clients[v];
    return (struct flat_span){c->service, c->from, c->until};
}

static int32_t drive(const struct flat_tour *t, int32_t a, int32_t b)
{
    return flat_time(t->m, t->nodes[a].place, t->nodes[b].place);
}

static int32_t leave_after(const struct flat_tour *t, int32_t prev, int32_t v)
{
    int32_t at = t->nodes[prev].leave + drive(t, prev, v);
    if (v >= t->n)
        return at;
    const struct flat_client *c = &t->m->clients[v];
    return (at > c->from ? at : c->from) + c->service;
}

static int32_t latest_before(const struct flat_tour *t, int32_t v, int32_t next)
{
    int32_t at = t->nodes[next].latest - drive(t, v, next);
    if (v >= t->n)
        return at;
    const struct flat_client *c = &t->m->clients[v];
    at -= c->service;
    return at < c->until ? at : c->until;
}

static void respan(struct flat_tour *t, int32_t route)
{
    int32_t a = flat_first(t, route), b = flat_last(t, route);
    t->before[a] = span_of(t, a);
    for (int32_t v = a; v != b; v = t->nodes[v].next) {
        int32_t w = t->nodes[v].next;
        t->before[w] = span_join(t->before[v], span_of(t, w), drive(t, v, w));
    }
    t->after[b] = span_of(t, b);
    for (int32_t w = b; w != a; w = t->nodes[w].prev) {
        int32_t v = t->nodes[w].prev;
        t->after[v] = span_join(span_of(t, v), t->after[w], drive(t, v, w));
    }
}

void flat_retime(struct flat_tour *t, int32_t route)
{
    int32_t a = flat_first(t, route), b = flat_last(t, route);
    const struct flat_type *k = &t->m->types[t->routes[route].type];
    if (!t->m->timed)
        return;
    t->nodes[a].leave = k->from;
    for (int32_t v = a; v != b; v = t->nodes[v].next)
        t->nodes[t->nodes[v].next].leave = leave_after(t, v, t->nodes[v].next);
    t->nodes[b].latest = k->until;
    for (int32_t w = b; w != a; w = t->nodes[w].prev)
        t->nodes[t->nodes[w].prev].latest = latest_before(t, t->nodes[w].prev, w);
    if (t->m->durations)
        respan(t, route);
}

void flat_retime_from(struct flat_tour *t, int32_t client)
{
    int32_t route = t->nodes[client].route, a = flat_first(t, route), b = flat_last(t, route);
    t->nodes[client].leave = leave_after(t, t->nodes[client].prev, client);
    t->nodes[client].latest = latest_before(t, client, t->nodes[client].next);
    for (int32_t v = client; v != b; v = t->nodes[v].next) {
        int32_t w = t->nodes[v].next, leave = leave_after(t, v, w);
        if (t->nodes[w].leave == leave)
            break;
        t->nodes[w].leave = leave;
    }
    for (int32_t w = client; w != a; w = t->nodes[w].prev) {
        int32_t v = t->nodes[w].prev, latest = latest_before(t, v, w);
        if (t->nodes[v].latest == latest)
            break;
        t->nodes[v].latest = latest;
    }
    if (t->m->durations)
        respan(t, route);
}

/* ---- whole routes ---- */

bool flat_route_ok(const struct flat_tour *t, int32_t route)
{
    const struct flat_route *r = &t->routes[route];
    const struct flat_type *k = &t->m->types[r->type];
    if (!r->count)
        return true;
    if (r->load > k->capacity || r->back > k->capacity || r->length > k->max_distance)
        return false;
    if (t->m->linehaul_first && r->back && !r->load)
        return false;
    int32_t now = k->from, b = flat_last(t, route);
    bool back = false;
    struct flat_span span = {0, k->from, k->until};
    for (int32_t v = flat_first(t, route); v != b; v = t->nodes[v].next) {
        int32_t w = t->nodes[v].next;
        if (w < t->n) {
            const struct flat_client *c = &t->m->clients[w];
            if (!(c->types >> r->type & 1) || (back && !c->backhaul && t->m->backhauls))
                return false;
            back |= c->backhaul;
        }
        if (!t->m->timed)
            continue;
        now += drive(t, v, w);
        if (now > (w < t->n ? t->m->clients[w].until : k->until))
            return false;
        if (w < t->n)
            now = (now > t->m->clients[w].from ? now : t->m->clients[w].from) + t->m->clients[w].service;
        span = span_join(span, span_of(t, w), drive(t, v, w));
    }
    return !t->m->durations || span.duration <= k->max_duration;
}

void flat_lay(struct flat_tour *t, const struct vrp_route *routes, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        if (!flat_left(t, routes[i].vehicle))
            continue;
        int32_t r = flat_open(t, routes[i].vehicle);
        flat_mark(t);
        for (int32_t j = 0; j < routes[i].n; j++)
            if (routes[i].stops[j] >= 0 && t->nodes[routes[i].stops[j] / 2].route == VRP_NONE)
                flat_insert(t, routes[i].stops[j] / 2, t->nodes[flat_last(t, r)].prev);
        if (!flat_route_ok(t, r))
            flat_rollback(t);
        flat_retime(t, r);
    }
    flat_mark(t);
}

int flat_export(const struct flat_tour *t, struct vrp_solution *ret)
{
    struct vrp_solution s = {.cost = t->cost - t->used * t->route_bonus};
    s.routes = calloc((size_t)t->used + 1, sizeof *s.routes);
    s.unserved = calloc((size_t)t->n_absent + 1, sizeof *s.unserved);
    bool ok = s.routes && s.unserved;
    for (int32_t r = 0; ok && r < t->n_routes; r++) {
        if (!t->routes[r].count)
            continue;
        struct vrp_route *out = &s.routes[s.n_routes++];
        *out = (struct vrp_route){.vehicle = t->routes[r].type};
        out->stops = malloc((size_t)t->routes[r].count * sizeof(int32_t));
        ok = out->stops != NULL;
        for (int32_t v = t->nodes[flat_first(t, r)].next; ok && v < t->n; v = t->nodes[v].next)
            out->stops[out->n++] = v * 2;
    }
    if (!ok) {
        vrp_solution_fini(&s);
        return -1;
    }
    for (int32_t i = 0; i < t->n; i++)
        if (t->nodes[i].route == VRP_NONE)
            s.unserved[s.n_unserved++] = (struct vrp_unserved){i, VRP_R_STOPPED, 0};
    *ret = s;
    return 0;
}

/* ---- snapshots ---- */

static size_t nodes_of(const struct flat_tour *t)
{
    return (size_t)t->n + 2 * (size_t)t->max_routes;
}

int flat_snapshot_init(struct flat_snapshot *s, const struct flat_tour *t)
{
    size_t nodes = nodes_of(t);
    *s = (struct flat_snapshot){0};
    s->nodes = calloc(nodes + 1, sizeof *s->nodes);
    s->routes = calloc((size_t)t->max_routes + 1, sizeof *s->routes);
    if (!s->nodes || !s->routes) {
        flat_snapshot_fini(s);
        return -1;
    }
    flat_snapshot_assign(s, t);
    return 0;
}

void flat_snapshot_assign(struct flat_snapshot *s, const struct flat_tour *t)
{
    memcpy(s->nodes, t->nodes, nodes_of(t) * sizeof *s->nodes);
    memcpy(s->routes, t->routes, (size_t)t->n_routes * sizeof *s->routes);
    s->n_routes = t->n_routes;
    s->cost = t->cost;
}

int flat_snapshot_copy(struct flat_snapshot *s, const struct flat_snapshot *from, const struct flat_tour *t)
{
    if (flat_snapshot_init(s, t) < 0)
        return -1;
    memcpy(s->nodes, from->nodes, nodes_of(t) * sizeof *s->nodes);
    memcpy(s->routes, from->routes, (size_t)from->n_routes * sizeof *s->routes);
    s->n_routes = from->n_routes;
    s->cost = from->cost;
    return 0;
}

void flat_snapshot_fini(struct flat_snapshot *s)
{
    free(s->nodes);
    free(s->routes);
    *s = (struct flat_snapshot){0};
}

void flat_snapshot_take(struct flat_snapshot *s, struct flat_tour *t)
{
    for (int32_t i = 0; i < t->n_dirty; i++) {
        int32_t v = t->dirty[i];
        s->nodes[v] = t->nodes[v];
        t->is_dirty[v] = false;
    }
    t->n_dirty = 0;
    memcpy(s->routes, t->routes, (size_t)t->n_routes * sizeof *s->routes);
    s->n_routes = t->n_routes;
    s->cost = t->cost;
}

/* Counts and lists that follow from nodes and routes. */
static void recount(struct flat_tour *t)
{
    t->n_absent = t->used = 0;
    for (int32_t i = 0; i < t->n; i++) {
        t->slot[i] = t->nodes[i].route + 1;
        if (t->nodes[i].route != VRP_NONE)
            reseat(t, i);
        if (t->nodes[i].route == VRP_NONE) {
            t->absent_at[i] = t->n_absent;
            t->absent[t->n_absent++] = i;
        }
    }
    memset(t->in_use, 0, sizeof t->in_use);
    t->n_free = 0;
    for (int32_t r = 0; r < t->n_routes; r++) {
        t->in_use[t->routes[r].type] += t->routes[r].count > 0;
        t->routes[r].free_listed = false;
        t->routes[r].touched = 0;
        t->room[r + 1] = t->routes[r].capacity - t->routes[r].load;
        t->used += t->routes[r].count > 0;
        if (!t->routes[r].count)
            offer_free(t, r);
        flat_retime(t, r);
    }
}

void flat_snapshot_restore(const struct flat_snapshot *s, struct flat_tour *t)
{
    /* routes made since are empty in the snapshot: give them back */
    t->n_routes = s->n_routes;
    memcpy(t->nodes, s->nodes, ((size_t)t->n + 2 * (size_t)s->n_routes) * sizeof *t->nodes);
    memcpy(t->routes, s->routes, (size_t)s->n_routes * sizeof *t->routes);
    for (int32_t i = 0; i < t->n_dirty; i++)
        t->is_dirty[t->dirty[i]] = false;
    t->n_dirty = 0;
    t->cost = s->cost;
    recount(t);
    flat_mark(t);
}
