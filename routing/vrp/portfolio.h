/* Several searches of one problem side by side, each with its own seed and an equal share of the iterations;
 * the cheapest result wins, ties by the lower seed, so that threads do not make results random. */
#ifndef ROUTING_VRP_PORTFOLIO_H
#define ROUTING_VRP_PORTFOLIO_H

#include "routing/vrp/solver.h"

/* A kernel: as vrp_solve for a checked problem, without reasons. */
typedef int kernel_fn(const struct vrp_problem *p, const struct vrp_params *params, struct vrp_result *ret);

/* Runs the kernel on params->threads threads, the caller's among them; callbacks stay on the caller's. */
int portfolio_solve(kernel_fn *kernel, const struct vrp_problem *p, const struct vrp_params *params,
                    struct vrp_result *ret);

#endif
