/* A plan: routes, and for every task left out the reason. Owned by its struct vrp_solution. */
#ifndef ROUTING_VRP_SOLUTION_H
#define ROUTING_VRP_SOLUTION_H

#include "routing/vrp/problem.h"

/* Why a task is not served; the strongest statement that holds. */
enum vrp_reason {
    VRP_SERVED = 0,
    VRP_R_ALTERNATIVE, /* another task of its group is served */
    VRP_R_NO_VEHICLE,  /* the fleet is empty */
    VRP_R_NOT_ALLOWED, /* no vehicle is permitted to serve it */
    VRP_R_SKILLS,      /* no permitted vehicle has the skills */
    VRP_R_TOO_BIG,     /* larger than every such vehicle, even empty */
    VRP_R_WINDOW,      /* no such vehicle reaches it in time even alone */
    VRP_R_RANGE,       /* alone it already exceeds max_travel, max_distance or max_duration */
    VRP_R_RESOURCE,    /* the resource (locker compartment, slot) is used up */
    VRP_R_CAPACITY,    /* alone it could go; all vehicles it could use are full */
    VRP_R_TIME,        /* there is room, but no time on any route */
    VRP_R_LIMIT,       /* routes' task, travel, distance or duration limits are reached */
    VRP_R_PRIZE,       /* it could be served at extra_cost, which is more than its prize */
    VRP_R_STOPPED,     /* it could be served, but the budget ended before it was tried */
    VRP_REASONS
};

/* A fixed snake_case word for each reason, as used in JSON. */
const char *vrp_reason_name(enum vrp_reason r);

struct vrp_unserved {
    int32_t task;
    enum vrp_reason reason;
    int64_t extra_cost; /* for VRP_R_PRIZE: what serving it would add */
};

struct vrp_solution {
    int32_t n_routes;
    struct vrp_route *routes;
    int32_t n_unserved;
    struct vrp_unserved *unserved; /* ascending by task; alternatives of served groups included */
    int64_t cost;                  /* routes, assignment and serving costs, prizes of what is left out */
    bool feasible;                 /* every required task is served and every constraint kept */
};

/* Frees what the solution owns and zeroes it. NULL is fine. */
void vrp_solution_fini(struct vrp_solution *s);

/* Deep copy; 0, or -1 out of memory (*ret untouched). */
int vrp_solution_copy(const struct vrp_solution *s, struct vrp_solution *ret);

#endif
