/* The trip kernel's working solution: routes as arrays with what an insertion needs beside each element,
 * changed in place, with a copy of what an iteration touches for the way back.
 *
 * Elements are the start, tasks, homes (returns to load again) and the end. A trip is what lies between a
 * start or home and the next home or end. Within a trip that leaves its depot at D, an element is left at
 * max(D + sum, floor): so a later departure, for a release, is judged without a walk. As in the pair kernel
 * every content of a route has a stamp of its own, which comes back with the content. */
#ifndef ROUTING_VRP_TRIPS_TOUR_H
#define ROUTING_VRP_TRIPS_TOUR_H

#include "routing/vrp/solution.h"
#include "routing/vrp/trips_model.h"

struct trips_elem {
    int32_t node;
    int32_t leave;         /* earliest moment at which it is left */
    int32_t latest;        /* latest moment to arrive there for the rest of the route to be on time */
    int32_t from, service; /* the node's */
    int32_t arc, drive;    /* to the next element */
    int32_t sum, floor;    /* see above; at a depot 0 and the earliest departure without releases */
    int32_t front, back;   /* latest release in its trip up to it and after it */
    int32_t depot;         /* element at which its trip begins; of a depot: itself */
    struct trips_leg to_home, from_home;
};

/* Of one load dimension at an element. */
struct trips_load {
    int32_t load; /* on board when leaving it */
    int32_t rest; /* deliveries of the trip still to come */
    int32_t before,
        after; /* most on board from the depot until it is left, and from then to the trip's end */
};

struct trips_route {
    struct trips_elem *e;
    struct trips_load *loads; /* by element × dimension */
    int32_t n, room;          /* elements; 2 = empty */
    int32_t type, trips;
    int64_t length; /* sum of arcs */
    uint64_t stamp;
    bool saved, dirty;
    bool ok; /* on time and never overloaded, as of the last trips_retime */
};

struct trips_saved {
    int32_t route, n, type, trips;
    int64_t length;
    uint64_t stamp;
    size_t at; /* of its elements in the buffers */
};

/* A sequence of nodes, for the best solution. */
struct trips_copy {
    int32_t *nodes;
    int32_t n, room, type;
};

struct trips_tour {
    const struct trips_model *m;
    int32_t n_routes, room_routes;
    struct trips_route *routes;
    int32_t used, used_most;     /* routes that serve someone; no more may */
    int32_t in_use[TRIPS_TYPES]; /* of a type */
    int32_t *where, *at;         /* by task: route (VRP_NONE = absent) and element */
    int32_t *absent, *absent_at, n_absent;
    int64_t cost; /* arcs × unit + vehicles + extras + prizes of the absent */
    int64_t route_bonus;
    uint64_t stamps;
    /* since trips_mark */
    struct trips_saved *saved;
    int32_t n_saved;
    struct trips_elem *buffer;
    struct trips_load *load_buffer;
    size_t n_buffer, room_buffer;
    int32_t *absent_before, n_absent_before;
    int64_t cost_before;
    /* the best solution */
    struct trips_copy *best;
    int32_t n_best, room_best;
    int64_t best_cost;
    bool failed; /* out of memory */
};

struct trips_tour *trips_tour_new(const struct trips_model *m, bool fleet_first);
void trips_tour_free(struct trips_tour *t);

static inline bool trips_is_task(const struct trips_tour *t, int32_t node)
{
    return node < t->m->n;
}

static inline bool trips_left(const struct trips_tour *t, int32_t type)
{
    return t->used < t->used_most && t->in_use[type] < t->m->type[type].count;
}

/* An empty route of the type; VRP_NONE without memory. */
int32_t trips_open(struct trips_tour *t, int32_t type);

/* Takes a task out, and a home that then serves nothing. Times are not kept: trips_retime the route before
 * anything is judged in it. */
void trips_remove(struct trips_tour *t, int32_t task);

/* What comes with a task. */
enum trips_form { TRIPS_PLAIN, TRIPS_HOME_BEFORE, TRIPS_HOME_AFTER };

/* Puts an absent task in before element i. Times are kept. */
void trips_insert(struct trips_tour *t, int32_t task, int32_t route, int32_t i, enum trips_form form);

/* Replaces what lies between the ends of a route by nodes[n]: tasks that are present (in whichever route) and
 * homes of its type. No task may be in two routes or in none when all replacing is done. Times are not kept.
 */
void trips_replace(struct trips_tour *t, int32_t route, const int32_t *nodes, int32_t n);

/* Times, loads and positions of the whole route. Whether it is on time and never overloaded. */
bool trips_retime(struct trips_tour *t, int32_t route);

/* The point trips_rollback returns to. */
void trips_mark(struct trips_tour *t);
void trips_rollback(struct trips_tour *t);

/* Remembers the solution as the best / makes it the current one. */
void trips_keep(struct trips_tour *t);
void trips_restore(struct trips_tour *t);

/* Lays down the plan's routes; those that do not fit stay absent. */
void trips_lay(struct trips_tour *t, const struct vrp_route *routes, int32_t n);

/* The best solution. 0 or -1. */
int trips_export(const struct trips_tour *t, struct vrp_solution *ret);

#endif
