/* Solutions into files. */
#ifndef ROUTING_FORMAT_OUTPUT_H
#define ROUTING_FORMAT_OUTPUT_H

#include "routing/format/instance.h"
#include "routing/vrp/solution.h"

#include <stdio.h>

/* A JSON string with its quotes. */
void output_string(FILE *to, const char *text);

/* The cost in the file's own convention; for real-number conventions recomputed in doubles. */
double output_cost(const struct instance *in, const struct vrp_solution *s);

/* By the ending of path: .sol, .geojson, .json (VROOM's shape for VROOM's input). 0 or -1 with *fault. */
int output_write(const struct instance *in, const struct vrp_solution *s, const char *path,
                 struct instance_fault *fault);

#endif
