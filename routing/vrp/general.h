/* The general kernel: ruin and recreate under annealing for the whole problem of problem.h, every
 * candidate judged by timing_eval. Christiaens & Vanden Berghe 2020. */
#ifndef ROUTING_VRP_GENERAL_H
#define ROUTING_VRP_GENERAL_H

#include "routing/vrp/solver.h"

/* As vrp_solve, for a checked problem; *ret's unserved tasks have no reasons yet. */
int general_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret);

#endif
