/* The pair kernel: pickup and delivery with time windows. Slack induction by string removals (Christiaens &
 * Vanden Berghe 2020) where a removed visit takes its counterpart along, on the routes of pairs_tour.h with
 * the places of pairs_find.h; fewer vehicles first by ejection (pairs_fleet.c). */
#ifndef ROUTING_VRP_PAIRS_H
#define ROUTING_VRP_PAIRS_H

#include "routing/vrp/solver.h"

/* As vrp_solve, for a checked problem that pairs_fit; *ret's unserved tasks have no reasons yet. */
int pairs_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret);

#endif
