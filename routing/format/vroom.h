/* VROOM's JSON API (its docs/API.md, version 1.15): problems in, solutions out, and what is kept between. */
#ifndef ROUTING_FORMAT_VROOM_H
#define ROUTING_FORMAT_VROOM_H

#include "routing/format/instance.h"
#include "routing/vrp/solution.h"

#include <stdio.h>

struct vroom_step {
    const char *type; /* "job", "pickup", "delivery" … */
    int64_t id;
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

#endif
