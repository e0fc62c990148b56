/* One run of the trip kernel, shared by its phases. */
#ifndef ROUTING_VRP_TRIPS_RUN_H
#define ROUTING_VRP_TRIPS_RUN_H

#include "routing/vrp/solver.h"
#include "routing/vrp/trips_find.h"

enum {
    TRIPS_TOUCHED = 64, /* most routes ruined in an iteration */
};

struct trips_run {
    const struct trips_model *m;
    const struct vrp_params *params;
    struct trips_tour *t;
    struct trips_find find;
    struct rng rng;
    int64_t iterations, reported;
    int32_t spent, cooled_from; /* millionths of the budget; when cooling began */
    double t_first, t_last, temperature;
    int32_t *out, n_out; /* tasks to insert */
    int64_t *key;
    int32_t *ruined; /* by route: stamp of the last ruin */
    int32_t room_ruined, stamp;
    int32_t touched[TRIPS_TOUCHED], n_ruined; /* routes of this ruin */
    bool unreported;
};

/* Ruin and recreate since a trips_mark; false if the result breaks a limit or costs more than `allowed` and
 * must be played back. Counts the iteration. */
bool trips_step(struct trips_run *run, int64_t allowed);

/* Whether the run may go on; looks at the clock, cools and reports. */
bool trips_budget_left(struct trips_run *run);

/* Fewer routes, until `share` of the budget is spent: a route is dissolved and no other opened until its
 * tasks have places in the rest, solutions being judged by how often those left out were left out before.
 * Leaves the best solution, with its number of routes as the limit. */
void trips_fleet_reduce(struct trips_run *run, double share);

/* Just after a trips_mark: some trips of the task's route change places with some or none of another vehicle
 * of its type; nothing happens where they cannot. */
void trips_swap(struct trips_run *run, int32_t task);

#endif
