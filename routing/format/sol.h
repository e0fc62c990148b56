/* CVRPLIB's .sol: "Route #k: c c c …", then "Cost x". A 0 inside a route is a return to re-load. Visits of a
 * shipment are written as pickup number and delivery number. */
#ifndef ROUTING_FORMAT_SOL_H
#define ROUTING_FORMAT_SOL_H

#include "routing/format/instance.h"
#include "routing/vrp/solution.h"

#include <stdio.h>

/* The .sol number of a visit. */
int32_t sol_number(const struct instance *in, int32_t stop);

int sol_write(const struct instance *in, const struct vrp_solution *s, FILE *to);

/* Routes are given vehicles in the order of the file: route k gets the type of the fleet's k-th vehicle when
 * there are several types, unless the line names one as "Route #k (type t):". 0 or -1 with *fault. */
int sol_read(const struct instance *in, const char *text, size_t n, struct vrp_solution *ret,
             struct instance_fault *fault);

#endif
