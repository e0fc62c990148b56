/* Vehicle types that are equal in all but their name become one type with the sum of their counts, so that
 * the kernels that look at types one by one do not look at the same thing again: files that list every
 * vehicle, as VROOM's do, have as many types as vehicles. Types that a plan names stay as they are: its
 * routes keep theirs. */
#ifndef ROUTING_VRP_ALIKE_H
#define ROUTING_VRP_ALIKE_H

#include "routing/vrp/solution.h"

struct alike;

/* *ret: NULL where nothing is equal. p must outlive it. 0, or -1 out of memory. */
int alike_new(const struct vrp_problem *p, struct alike **ret);
void alike_free(struct alike *f);

/* The problem with fewer types; lives as long as f. */
const struct vrp_problem *alike_problem(const struct alike *f);

/* Gives the routes of a solution of the folded problem their types in the original one. */
void alike_undo(const struct alike *f, struct vrp_solution *s);

#endif
