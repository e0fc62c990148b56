/* The flat kernel: slack induction by string removals (Christiaens & Vanden Berghe 2020) on linked routes
 * changed in place. Insertion looks at near neighbours only, a rejected iteration is played back, and the
 * best solution follows by what changed: an iteration costs the same at 300 and at 30,000 clients. */
#ifndef ROUTING_VRP_FLAT_H
#define ROUTING_VRP_FLAT_H

#include "routing/vrp/solver.h"

/* As vrp_solve, for a checked problem that flat_fits; *ret's unserved tasks have no reasons yet. */
int flat_solve(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret);

#endif
