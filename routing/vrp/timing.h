/* The timing, load and cost of one route, element by element: the meaning of a route that the general
 * kernel optimises and that the writers of formats print.
 *
 * Rules. A vehicle leaves at its shift's start (or when the first trip's goods are released) and goes
 * on as early as it can; then, where that does not bring it back later, its departure and every stop
 * are moved as late as possible, so that the duration is least for the earliest possible return.
 * Waiting happens before service; service, preceded by the setup, begins inside a window. A break is
 * taken at the first allowed moment after the stop before it, driving on until then if there is road
 * left. A reload empties the pickups and loads the next trip's deliveries. */
#ifndef ROUTING_VRP_TIMING_H
#define ROUTING_VRP_TIMING_H

#include "routing/vrp/problem.h"

/* One element as it happens. `stop` is as in struct vrp_route; the first and the last step are the
 * start and the end of the vehicle and have stop TIMING_START and TIMING_END. */
enum { TIMING_START = INT32_MIN, TIMING_END = INT32_MIN + 1 };

struct timing_step {
    int32_t stop;
    int32_t location;             /* VRP_NONE for a break on the road or an open end without a stop */
    int32_t arrive, begin, leave; /* waiting = begin − arrive; service and setup = leave − begin */
    int32_t setup;
    int32_t late;             /* seconds after the (soft) window */
    int64_t travel, distance; /* so far */
    int32_t load[VRP_DIMS];   /* when leaving */
};

struct timing_totals {
    int64_t cost; /* fixed, distance, travel, duration, overtime, lateness, assignment, serving */
    int64_t distance, travel, waiting, service, late;
    int32_t start, end; /* duration = end − start */
    int32_t visits;
    uint32_t
        broken; /* bits 1 << enum vrp_rule of checker.h; resources, groups and fleet are not of a route */
    int32_t broken_at; /* first element that breaks a rule */
};

struct timing; /* scratch; one per thread */

/* Room for routes up to max_elements. NULL: out of memory. */
struct timing *timing_new(const struct vrp_problem *p, int32_t max_elements);
void timing_free(struct timing *t);

/* The totals of a route. With `strict`, stops at the first broken rule (cost is then undefined). */
void timing_eval(struct timing *t, int32_t vehicle, const int32_t *stops, int32_t n, bool strict,
                 struct timing_totals *ret);

/* As timing_eval without strict, plus n + 2 steps. */
void timing_steps(struct timing *t, int32_t vehicle, const int32_t *stops, int32_t n,
                  struct timing_totals *ret, struct timing_step *ret_steps);

#endif
