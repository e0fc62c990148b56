/* The project's own JSON: every field of problem.h under its own name. See yizhan-route(1). */
#ifndef ROUTING_FORMAT_NATIVE_H
#define ROUTING_FORMAT_NATIVE_H

#include "routing/format/instance.h"
#include "routing/vrp/solution.h"

#include <stdio.h>

/* Any instance's solution: routes with their steps, and the unserved with reasons. */
int native_write(const struct instance *in, const struct vrp_solution *s, FILE *to);

/* The same as GeoJSON lines and points; fails where locations have no coordinates. */
int geojson_write(const struct instance *in, const struct vrp_solution *s, FILE *to);

/* What native_write wrote, as a solution of the same instance. */
int native_read_solution(const struct instance *in, const char *text, size_t n, struct vrp_solution *ret,
                         struct instance_fault *fault);

#endif
