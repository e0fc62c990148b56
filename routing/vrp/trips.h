/* The kernel for several trips, releases and several load dimensions; see trips_model.h for what it can
 * solve. */
#ifndef ROUTING_VRP_TRIPS_H
#define ROUTING_VRP_TRIPS_H

#include "routing/vrp/solver.h"

/* trips_fit(p) must hold. Single-threaded. 0 with *ret filled (reasons not yet told), -1 out of memory. */
int trips_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret);

#endif
