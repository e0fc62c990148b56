/* The flat kernel's working solution: routes as doubly linked lists between two sentinels each, changed in
 * place with a log that is played back when a change is rejected. Times are kept per node, so that an
 * insertion is judged in O(1):
 *   leave  earliest moment at which the node is left
 *   latest latest moment at which service there may begin for the rest of the route to be on time */
#ifndef ROUTING_VRP_FLAT_TOUR_H
#define ROUTING_VRP_FLAT_TOUR_H

#include "routing/vrp/flat_model.h"
#include "routing/vrp/solution.h"

struct flat_node {
    int32_t prev, next;
    int32_t route; /* VRP_NONE = not served */
    int32_t place;
    int32_t arc, back_arc; /* cost of the arc to next and from prev */
    int32_t leave, latest;
};

/* A stretch of a route seen from outside, for duration limits: least duration, and the earliest and latest
 * moment of its begin at which that duration is kept. Vidal et al. 2013, without time warp. */
struct flat_span {
    int32_t duration, early, late;
};

enum { FLAT_REACH = 1 << 30 };

struct flat_route {
    int32_t load, back; /* deliveries; pickups behind them */
    int32_t capacity;
    int32_t count, type;
    int64_t length;  /* sum of arc costs */
    int32_t touched; /* stamp */
    bool free_listed;
};

enum flat_op { FLAT_REMOVED, FLAT_INSERTED, FLAT_RETYPED, FLAT_EQUIPPED };

struct flat_log {
    int32_t op, node, prev, extra;
};

struct flat_tour {
    const struct flat_model *m;
    int32_t n, max_routes;
    struct flat_node *nodes;          /* clients, then first(r) = n + 2r and last(r) = n + 2r + 1 */
    struct flat_span *before, *after; /* spans start … v and v … end, with duration limits only */
    struct flat_route *routes;
    int32_t *slot;  /* by client: route + 1, or 0 = absent; small enough to stay in the first cache */
    int32_t *reach; /* by client: the longer of its arcs; FLAT_REACH beside a depot */
    int32_t *room;  /* by slot: what deliveries still fit; -1 for slot 0 */
    int32_t *free_routes, n_free; /* empty routes; may hold stale ones */
    int32_t in_use[FLAT_TYPES];   /* routes of a type that serve someone */
    int32_t n_routes;             /* made so far, empty ones included */
    int32_t used;                 /* not empty */
    int32_t used_most;            /* no more may be in use */
    int32_t *absent, *absent_at, n_absent;
    int64_t cost; /* arcs × unit + fixed costs + prizes of the absent */
    int64_t route_bonus;
    struct flat_log *log;
    int32_t n_log, room_log;
    int32_t *touched, n_touched, stamp;
    /* nodes changed since the last snapshot */
    int32_t *dirty, n_dirty;
    bool *is_dirty;
    bool failed;
};

struct flat_tour *flat_tour_new(const struct flat_model *m, bool fleet_first);
void flat_tour_free(struct flat_tour *t);

static inline int32_t flat_first(const struct flat_tour *t, int32_t route)
{
    return t->n + 2 * route;
}

static inline int32_t flat_last(const struct flat_tour *t, int32_t route)
{
    return t->n + 2 * route + 1;
}

static inline int32_t flat_arc(const struct flat_tour *t, int32_t a, int32_t b)
{
    return flat_cost(t->m, t->nodes[a].place, t->nodes[b].place);
}

/* Whether a vehicle of the type is still unused. */
static inline bool flat_left(const struct flat_tour *t, int32_t type)
{
    return t->in_use[type] < t->m->types[type].count && t->used < t->used_most;
}

/* An empty route, made to be of the type, of which a vehicle must be left. */
int32_t flat_open(struct flat_tour *t, int32_t type);

/* Take a client out / put it in behind `prev`. Cost is kept; times are not: call flat_retime for the route
 * before the next insertion is judged. */
void flat_remove(struct flat_tour *t, int32_t client);
void flat_insert(struct flat_tour *t, int32_t client, int32_t prev);

/* Gives the route another type with the same or another depot. */
void flat_retype(struct flat_tour *t, int32_t route, int32_t type);

/* Times of the whole route. */
void flat_retime(struct flat_tour *t, int32_t route);

/* Times after one insertion: stops where nothing changes. */
void flat_retime_from(struct flat_tour *t, int32_t client);

/* The point flat_rollback returns to. */
void flat_mark(struct flat_tour *t);
void flat_rollback(struct flat_tour *t);
/* Back to where the log had n entries; times of what changed are for the caller. */
void flat_rollback_to(struct flat_tour *t, int32_t n);

/* Whether a route keeps all limits, by a walk. */
bool flat_route_ok(const struct flat_tour *t, int32_t route);

/* Lays down routes (jobs only); those that do not fit stay absent. */
void flat_lay(struct flat_tour *t, const struct vrp_route *routes, int32_t n);

int flat_export(const struct flat_tour *t, struct vrp_solution *ret);

/* A copy of the sequence that follows the tour by what changed. */
struct flat_snapshot {
    struct flat_node *nodes;
    struct flat_route *routes;
    int32_t n_routes;
    int64_t cost;
};

int flat_snapshot_init(struct flat_snapshot *s, const struct flat_tour *t);
int flat_snapshot_copy(struct flat_snapshot *s, const struct flat_snapshot *from, const struct flat_tour *t);
/* `s` becomes equal to `from`, which the tour was just made equal to. */
void flat_snapshot_assign(struct flat_snapshot *s, const struct flat_tour *t);
void flat_snapshot_fini(struct flat_snapshot *s);
void flat_snapshot_take(struct flat_snapshot *s, struct flat_tour *t);
/* Makes the tour equal the snapshot. */
void flat_snapshot_restore(const struct flat_snapshot *s, struct flat_tour *t);

#endif
