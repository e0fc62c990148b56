/* One run of the general kernel, shared by its phases. */
#ifndef ROUTING_VRP_GENERAL_RUN_H
#define ROUTING_VRP_GENERAL_RUN_H

#include "routing/vrp/insert.h"
#include "routing/vrp/solver.h"

struct general_run {
    struct state *s;
    const struct vrp_params *params;
    struct vrp_solution best;
    int64_t best_cost, iterations;
    double t_first, t_last, temperature;
    int32_t spent;
    int32_t *out; /* tasks to insert */
    int32_t n_out;
    int64_t *key;
    int64_t reported; /* iteration of the last incumbent call */
    bool unreported;
    struct rng rng;
    struct vrp_problem from_best; /* the problem with the best solution as its plan */
};

/* Ruin and recreate since a state_mark. Counts the iteration. */
void general_step(struct general_run *run);

/* Whether the run may go on; looks at the clock and cools. */
bool general_budget_left(struct general_run *run);

/* The state becomes the run's best solution. 0, or -1 out of memory. */
int general_keep_best(struct general_run *run);

/* As flat_fleet_reduce: dissolves routes until `share` of the budget is spent. The best solution found
 * replaces run->best; the state is left as it happens to be. */
void general_fleet_reduce(struct general_run *run, double share);

#endif
