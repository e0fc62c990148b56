/* VROOM's JSON API (its docs/API.md, version 1.15): problems in, solutions out, and what is kept between. */
#ifndef ROUTING_FORMAT_VROOM_H
#define ROUTING_FORMAT_VROOM_H

#include "routing/format/instance.h"
#include "routing/vrp/solution.h"
#include "routing/vrp/timing.h"

#include <stdio.h>

/* A step of the input's `steps`: a stop as in struct vrp_route, or TIMING_START, TIMING_END; the earliest
 * and latest begin that service_at, service_after and service_before leave it. */
struct vroom_step {
    int32_t stop;
    int64_t earliest, latest;
};

struct vroom_task {
    int64_t id[2];
    const char *description[2];
    int32_t priority;
};

struct vroom_vehicle {
    int64_t id;
    const char *description;
    const char *type;
    int64_t break_id[VRP_BREAKS];
    const char *break_description[VRP_BREAKS];
    bool has_shift;
    struct vroom_step *steps; /* from start to end when there are any */
    int32_t n_steps;
};

/* instance.detail of a "vroom" instance. Vehicle types and VROOM's vehicles are one to one. */
struct vroom_detail {
    struct vroom_task *tasks;
    struct vroom_vehicle *vehicles;
    int64_t time_base;        /* added to every time on the way out */
    bool matrices, distances; /* given, so indices and distances are reported */
    bool *has_point;          /* by location */
    int64_t *index;           /* location_index by location */
    const int32_t **metres;   /* by profile, when distances were given */
    int64_t prize_unit;
};

/* A solution in VROOM's shape, `unassigned` with a `reason` each. */
int vroom_write(const struct instance *in, const struct vrp_solution *s, FILE *to);

/* What vroom_write, or VROOM, wrote, as a solution of the same instance: the order of its routes. 0, or -1
 * with *fault, *ret untouched. */
int vroom_read_solution(const struct instance *in, const char *text, size_t n, struct vrp_solution *ret,
                        struct instance_fault *fault);

/* ---- plan mode: VROOM's -c ---- */

enum vroom_cause {
    VROOM_LEAD_TIME,
    VROOM_DELAY,
    VROOM_LOAD,
    VROOM_MAX_TASKS,
    VROOM_SKILLS,
    VROOM_PRECEDENCE,
    VROOM_MISSING_BREAK,
    VROOM_MAX_TRAVEL_TIME,
    VROOM_MAX_DISTANCE,
    VROOM_MAX_LOAD,
    VROOM_CAUSES
};

/* VROOM's word. */
const char *vroom_cause_name(enum vroom_cause c);

struct vroom_violations {
    uint32_t causes; /* bits 1 << enum vroom_cause */
    int64_t lead_time, delay;
};

struct vroom_route {
    int32_t vehicle, n; /* elements of steps, start and end included */
    struct timing_step *steps;
    struct vroom_violations *step_violations, violations;
    int64_t cost;
};

/* The routes of the input's `steps` with times that break time windows least (routing/vrp/eta.h). */
struct vroom_plan {
    int32_t n_routes;
    struct vroom_route *routes;
    bool *served; /* by visit */
    int32_t n_unassigned;
    int64_t cost;
    struct vroom_violations violations;
};

/* Free with vroom_plan_fini. -1 with *fault, *ret untouched: not VROOM's format, no steps, steps whose forced
 * times contradict each other, out of memory. */
int vroom_plan_make(const struct instance *in, struct vroom_plan *ret, struct instance_fault *fault);
void vroom_plan_fini(struct vroom_plan *plan);

int vroom_plan_write(const struct instance *in, const struct vroom_plan *plan, FILE *to);

#endif
