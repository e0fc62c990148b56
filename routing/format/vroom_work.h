/* What the parts of VROOM's reader share: vroom_read.c (vehicles, travel, steps, the whole) and
 * vroom_tasks.c. */
#ifndef ROUTING_FORMAT_VROOM_WORK_H
#define ROUTING_FORMAT_VROOM_WORK_H

#include "routing/format/json_in.h"
#include "routing/format/vroom.h"

/* Skills behind the 64 that fit into a task's mask. */
struct vroom_skill_list {
    int32_t *index, n;
};

struct vroom_work {
    struct json_in j;
    json_t *root;
    struct vroom_detail *d;
    struct vrp_task *tasks;
    struct vrp_vehicle *vehicles;
    struct vrp_profile *profiles;
    const char *profile_names[64];
    double *lon, *lat;
    int32_t n_tasks, n_groups, n_profiles, n_locations, dims;
    bool *used;     /* by location: someone goes there */
    int64_t *skill; /* VROOM's skill by index; the first 64 are bits */
    int32_t n_skills, room_skills;
    struct vroom_skill_list *vehicle_skills;
    int64_t scale; /* problem cost of one VROOM cost unit */
    int32_t room_tasks;
};

/* The location of a task or vehicle end: by index with matrices, else by coordinates, each its own. VRP_NONE
 * if it is not given. */
int32_t vroom_location(struct vroom_work *w, json_t *o, const char *point, const char *index);

/* An amount has n dimensions. */
void vroom_dims(struct vroom_work *w, int n);

/* ---- vroom_tasks.c; errors go to w->j ---- */

/* The bits of those among the first 64 skills; the rest goes to *ret_more. */
uint64_t vroom_skills(struct vroom_work *w, json_t *o, struct vroom_skill_list *ret_more);

/* How many tasks there will be, with the copies for vehicle types. */
size_t vroom_count_tasks(const json_t *root);

/* Entry i of jobs / shipments; all vehicles have been read. */
void vroom_job(struct vroom_work *w, json_t *o, size_t i);
void vroom_shipment(struct vroom_work *w, json_t *o, size_t i);

/* Jobs, pickups and deliveries have ids of their own, each kind of them once. */
void vroom_refuse_doubles(struct vroom_work *w);

/* A task is worth more than any route could cost, and a point of priority more than all tasks. */
void vroom_prizes(struct vroom_work *w);

/* Cost of time spent on tasks, by vehicle, as the problem's assign_cost. Setup counts as if always needed. */
void vroom_task_costs(struct vroom_work *w);

#endif
