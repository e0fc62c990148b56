/* When to begin each step of a given route: the times that break time windows least.
 *
 * A step begins at t[i] within its hard bounds; what lies outside all of its (soft) windows counts as a
 * violation, by the seconds to the nearest of them. Driving of a leg is spread around its breaks as it fits:
 *     t[j] ≥ t[i] + busy[i] + drive[j]    plus the busy seconds of the breaks between calls i and j,
 *     t[k] ≥ t[k − 1] + busy[k − 1]       from and to a break.
 * Least, in this order: the sum of the violations, the duration (last − first), the sum of all t. The result
 * is exact, also with several windows a step: the optimum lies where a chain of steps that touch each other
 * hangs on an end of a window, so a dynamic program over those moments finds it. */
#ifndef ROUTING_VRP_ETA_H
#define ROUTING_VRP_ETA_H

#include "routing/vrp/problem.h"

#define ETA_ANY_EARLY INT64_MIN
#define ETA_ANY_LATE INT64_MAX

struct eta_step {
    int64_t earliest, latest; /* hard; ETA_ANY_… = unbounded. The first step needs an earliest */
    const struct vrp_window *windows;
    int32_t n_windows; /* 0 = always right */
    int32_t busy;      /* seconds from its begin until it is left */
    int32_t drive;     /* from the previous step that is no break; 0 for a break */
    bool is_break;
};

enum eta_status { ETA_OK, ETA_IMPOSSIBLE /* the hard bounds */, ETA_TOO_LARGE, ETA_NO_MEMORY };

/* The distance of moment t to the step's nearest window, negative before it. */
int64_t eta_violation(const struct eta_step *s, int64_t t);

/* Fills ret_begin[n]; the first and the last step are no breaks, n ≥ 2. Times within ±2^40. */
enum eta_status eta_choose(const struct eta_step *steps, int32_t n, int64_t *ret_begin);

#endif
