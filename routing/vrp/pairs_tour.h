/* The pair kernel's working solution: routes as arrays with what an insertion needs beside each element,
 * changed in place, with a copy of what an iteration touches for the way back. leave   earliest moment at
 * which the element is left latest  latest moment to arrive there for the rest of the route to be on time
 *   load    on board when leaving it
 * Every content of a route has a stamp of its own, which comes back with the content: what was found out
 * about a route (pairs_insert.h) stays known as long as the route, or its return, lives. */
#ifndef ROUTING_VRP_PAIRS_TOUR_H
#define ROUTING_VRP_PAIRS_TOUR_H

#include "routing/vrp/pairs_model.h"
#include "routing/vrp/solution.h"

struct pairs_elem {
    int32_t node;
    int32_t leave, latest, load;
    int32_t from, service; /* the node's */
    int32_t arc, drive;    /* to the next element */
};

struct pairs_route {
    struct pairs_elem *e; /* start, visits, end */
    int32_t n, room;      /* elements; 2 = empty */
    int32_t type;
    int64_t length; /* sum of arcs */
    uint64_t stamp;
    bool saved, dirty;
};

struct pairs_saved {
    int32_t route, n, type;
    int64_t length;
    uint64_t stamp;
    size_t at; /* of its elements in the buffer */
};

/* A sequence of nodes, for the best solution. */
struct pairs_copy {
    int32_t *nodes;
    int32_t n, room, type;
};

struct pairs_tour {
    const struct pairs_model *m;
    int32_t n_routes, room_routes;
    struct pairs_route *routes;
    int32_t used, used_most;     /* routes that serve someone; no more may */
    int32_t in_use[PAIRS_TYPES]; /* of a type */
    int32_t *where;              /* by task: route, VRP_NONE = absent */
    int32_t *at;                 /* by visit: element */
    int32_t *absent, *absent_at, n_absent;
    int64_t cost; /* arcs × unit + vehicles + prizes of the absent */
    int64_t route_bonus;
    uint64_t stamps;
    /* since pairs_mark */
    struct pairs_saved *saved;
    int32_t n_saved;
    struct pairs_elem *buffer;
    size_t n_buffer, room_buffer;
    int32_t *absent_before, n_absent_before;
    int64_t cost_before;
    /* the best solution */
    struct pairs_copy *best;
    int32_t n_best, room_best;
    int64_t best_cost;
    bool failed; /* out of memory */
};

struct pairs_tour *pairs_tour_new(const struct pairs_model *m, bool fleet_first);
void pairs_tour_free(struct pairs_tour *t);

static inline bool pairs_left(const struct pairs_tour *t, int32_t type)
{
    return t->used < t->used_most && t->in_use[type] < t->m->type[type].count;
}

/* An empty route of the type; VRP_NONE without memory. */
int32_t pairs_open(struct pairs_tour *t, int32_t type);

/* Takes a task out. Times are not kept: pairs_retime the route before anything is judged in it. */
void pairs_remove(struct pairs_tour *t, int32_t task);

/* Puts an absent task in: the pickup before element `pickup`, the delivery before what is now element
 * `delivery` ≥ pickup. Times are kept. */
void pairs_insert(struct pairs_tour *t, int32_t task, int32_t route, int32_t pickup, int32_t delivery);

/* Times, loads and positions of the whole route. */
void pairs_retime(struct pairs_tour *t, int32_t route);

/* Fills *ret, whose room is at least r's, with the route without tasks a and b (VRP_NONE = no such); a route
 * to be judged only, with no stamp and of no solution. */
void pairs_without(const struct pairs_tour *t, const struct pairs_route *r, int32_t a, int32_t b,
                   struct pairs_route *ret);

/* Whether a route is on time and never overloaded; O(1) for the time, a walk for the load. */
bool pairs_route_ok(const struct pairs_tour *t, int32_t route);

/* The point pairs_rollback returns to. */
void pairs_mark(struct pairs_tour *t);
void pairs_rollback(struct pairs_tour *t);

/* Remembers the solution as the best / makes it the current one. */
void pairs_keep(struct pairs_tour *t);
void pairs_restore(struct pairs_tour *t);

/* Lays down the plan's routes; those that do not fit stay absent. */
void pairs_lay(struct pairs_tour *t, const struct vrp_route *routes, int32_t n);

/* The best solution. 0 or -1. */
int pairs_export(const struct pairs_tour *t, struct vrp_solution *ret);

#endif
