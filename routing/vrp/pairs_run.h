/* One run of the pair kernel, shared by its phases. */
#ifndef ROUTING_VRP_PAIRS_RUN_H
#define ROUTING_VRP_PAIRS_RUN_H

#include "routing/vrp/pairs_find.h"
#include "routing/vrp/solver.h"

struct pairs_run {
    const struct pairs_model *m;
    const struct vrp_params *params;
    struct pairs_tour *t;
    struct pairs_find find;
    struct rng rng;
    int64_t iterations, reported;
    int32_t spent, cooled_from; /* millionths of the budget; when cooling began */
    double t_first, t_last, temperature;
    int32_t *out, n_out; /* tasks to insert */
    int64_t *key;
    int32_t *ruined, n_ruined; /* by route: stamp of the last ruin */
    int32_t room_ruined, stamp;
    bool unreported;
};

/* Ruin and recreate since a pairs_mark; false if the result breaks a limit or costs more than `allowed` and
 * must be played back. Counts the iteration. */
bool pairs_step(struct pairs_run *run, int64_t allowed);

/* Whether the run may go on; looks at the clock, cools and reports. */
bool pairs_budget_left(struct pairs_run *run);

/* Fewer routes, until `share` of the budget is spent: a route is dissolved and its tasks are pressed into the
 * others, which may eject tasks that were easier to place so far (Nagata & Kobayashi 2010; counts as in
 * Pisinger & Ropke 2007 and Curtois et al. 2018). Leaves the best solution, with its number of routes as the
 * limit. */
void pairs_fleet_reduce(struct pairs_run *run, double share);

#endif
