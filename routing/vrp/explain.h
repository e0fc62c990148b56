/* Why tasks are not served: fills the reasons of a finished solution. */
#ifndef ROUTING_VRP_EXPLAIN_H
#define ROUTING_VRP_EXPLAIN_H

#include "routing/vrp/solution.h"

/* 0, or -1 out of memory. Each unserved task is tried alone on every vehicle type, then on the plan. */
int explain(const struct vrp_problem *p, struct vrp_solution *s);

#endif
