/* The general kernel's working solution: routes as arrays, changed in place, with an undo log, so that
 * an iteration costs what it touches. */
#ifndef ROUTING_VRP_STATE_H
#define ROUTING_VRP_STATE_H

#include "routing/vrp/random.h"
#include "routing/vrp/solution.h"
#include "routing/vrp/timing.h"

struct state_slack {
    int32_t leave;          /* earliest moment of leaving the element */
    int32_t latest;         /* latest moment service may begin at it */
    int32_t at, next;       /* location there, and of the next element that has one (or the end) */
    int32_t depart;         /* earliest moment at which its trip leaves the depot */
    int32_t load[VRP_DIMS]; /* on board when leaving */
    /* most on board in its trip from the depot until it is left, and from then to the trip's end */
    int32_t peak_before[VRP_DIMS], peak_after[VRP_DIMS];
};

struct state_route {
    int32_t vehicle, n, room, frozen;
    int32_t *stops;
    int32_t visits; /* elements that are visits */
    int32_t trips;
    int64_t cost;
    bool saved, pooled;
    /* What no schedule of the route can beat, by element; a filter that spares exact evaluations, and exact
     * itself where the vehicle is simple. */
    struct state_slack *slack, start; /* start: as if of an element before the first */
};

/* A shipment's delivery before an element of the route under examination. */
struct state_leg {
    int32_t in, out, hop;  /* seconds from the element before, to the element, between them */
    int64_t detour, least; /* what it costs there; the least of all from there on */
};

struct state_undo {
    int32_t route, n;
    int64_t cost;
    int32_t at; /* where its stops begin in the undo buffer */
};

struct state {
    const struct vrp_problem *p;
    struct timing *timing;
    struct rng rng;
    int32_t n_routes, room_routes;
    struct state_route *routes;
    int32_t used;      /* routes that serve someone */
    int32_t used_most; /* no more may */
    /* By type: no breaks, rush hours, soft windows, setups, limits or costs that depend on more than the
     * order of the stops and the earliest times: an insertion is judged in O(1). */
    bool *simple;
    int32_t trips;       /* most trips of any type */
    int32_t *type_count; /* routes made of a type */
    int32_t **type_pool; /* empty routes of a type (may hold stale ones) */
    int32_t *type_pooled;
    int32_t *where, *pos; /* by visit; where VRP_NONE = not served */
    int32_t n_bank;
    int32_t *bank, *bank_at; /* tasks not served; bank_at by task */
    int32_t *group_served;
    int64_t *group_prize;
    int32_t *demand, *supply, *narrower; /* by resource: of it and all wider ones */
    int64_t route_bonus;                 /* added to every used route's cost when the fleet comes first */
    int64_t cost;
    int32_t *scratch; /* room for the longest route + 8 */
    struct state_leg *legs;
    /* undo */
    int32_t n_undo, undo_used, undo_room, undo_slots;
    struct state_undo *undo;
    int32_t *undo_stops;
    int32_t n_bank_before;
    int32_t *bank_before;
    int64_t cost_before;
    bool failed; /* out of memory */
    /* neighbours, made on first use */
    int32_t k_near;
    int32_t **near;
};

/* Builds the state with every task in the bank and the plan's routes laid down (what of it can be). */
struct state *state_new(const struct vrp_problem *p, uint64_t seed);
void state_free(struct state *s);

/* Marks this moment as the one state_undo returns to. */
void state_mark(struct state *s);
void state_undo(struct state *s);

/* An empty route of the type, or VRP_NONE if the fleet is used up. */
int32_t state_empty_route(struct state *s, int32_t vehicle);

/* Removes the task from its route into the bank. */
void state_remove(struct state *s, int32_t task);

/* Replaces a route's elements by stops[n], which hold the same tasks plus `added` (VRP_NONE = none), at
 * the new cost of timing_eval; `added` leaves the bank. */
void state_replace(struct state *s, int32_t route, const int32_t *stops, int32_t n, int64_t cost,
                   int32_t added);

/* Whether task may be added as far as groups and resources go. */
bool state_admits(const struct state *s, int32_t task);

/* What serving the task saves: its prize, or its group's. */
int64_t state_prize(const struct state *s, int32_t task);

/* The k_near nearest visits of a visit's location, nearest first, ended by VRP_NONE. */
const int32_t *state_near(struct state *s, int32_t visit);

/* Route cost as the objective sees it; prohibitive where a rule is broken. */
int64_t state_route_cost(struct state *s, int32_t vehicle, const int32_t *stops, int32_t n, bool *ret_ok);

/* Writes the routes that serve something, and the bank without reasons, into *ret. 0 or -1. */
int state_export(const struct state *s, struct vrp_solution *ret);

#endif
