/* VROOM's jobs and shipments: skills, times by vehicle type, ids, priorities as prizes. */
#include "routing/format/vroom_work.h"

#include <stdlib.h>
#include <string.h>

enum { TYPES_NAMED = 64 /* most vehicle types with times of their own at one task */ };

static int32_t skill_index(struct vroom_work *w, int64_t skill)
{
    int32_t k = 0;
    while (k < w->n_skills && w->skill[k] != skill)
        k++;
    if (k == w->room_skills) {
        json_in_fail(&w->j, "skills", "too many different skills");
        return 0;
    }
    if (k == w->n_skills)
        w->skill[w->n_skills++] = skill;
    return k;
}

uint64_t vroom_skills(struct vroom_work *w, json_t *o, struct vroom_skill_list *ret_more)
{
    uint64_t bits = 0;
    json_t *list = json_in_array(&w->j, o, "skills"), *v;
    size_t i;
    *ret_more = (struct vroom_skill_list){0};
    json_array_foreach(list, i, v)
    {
        int32_t k = skill_index(w, json_integer_value(v));
        if (!json_is_integer(v))
            json_in_fail(&w->j, "skills", "a skill is not an integer");
        if (k < 64) {
            bits |= (uint64_t)1 << k;
            continue;
        }
        if (!ret_more->index)
            ret_more->index = json_in_alloc(&w->j, json_array_size(list), sizeof *ret_more->index);
        if (ret_more->index)
            ret_more->index[ret_more->n++] = k;
    }
    return bits;
}

static bool has_all(const struct vroom_skill_list *has, const struct vroom_skill_list *needs)
{
    for (int32_t i = 0; i < needs->n; i++) {
        int32_t k = 0;
        while (k < has->n && has->index[k] != needs->index[i])
            k++;
        if (k == has->n)
            return false;
    }
    return true;
}

/* Skills that are no bits: the vehicles that have them all. */
static void restrict_by_skills(struct vroom_work *w, struct vrp_task *t, const struct vroom_skill_list *needs)
{
    size_t n = json_array_size(json_object_get(w->root, "vehicles"));
    bool *allowed = needs->n ? json_in_alloc(&w->j, n, sizeof *allowed) : NULL;
    for (size_t v = 0; allowed && v < n; v++)
        allowed[v] = has_all(&w->vehicle_skills[v], needs);
    t->allowed = allowed;
}

/* ---- tasks ---- */

static void read_visit(struct vroom_work *w, json_t *o, struct vrp_visit *v)
{
    v->location = vroom_location(w, o, "location", "location_index");
    if (v->location == VRP_NONE)
        json_in_fail(&w->j, w->d->matrices ? "location_index" : "location", "is missing");
    v->setup = (int32_t)json_in_integer(&w->j, o, "setup", 0, VRP_LIMIT, 0);
    v->service = (int32_t)json_in_integer(&w->j, o, "service", 0, VRP_LIMIT, 0);
    v->n_windows = json_in_windows(&w->j, o, "time_windows", w->d->time_base, &v->windows);
}

static const char *const per_type_keys[] = {"service_per_type", "setup_per_type"};

/* The vehicle types that one or two visits name, each once; returns how many. */
static size_t types_named(const json_t *first, const json_t *second, const char **ret, size_t room)
{
    const json_t *visits[] = {first, second};
    size_t n = 0;
    for (int k = 0; k < 4; k++) {
        json_t *map = json_object_get(visits[k / 2], per_type_keys[k % 2]), *value;
        const char *type;
        json_object_foreach(map, type, value)
        {
            size_t i = 0;
            while (i < n && i < room && strcmp(ret[i], type))
                i++;
            if (i == n && n < room)
                ret[n++] = type;
        }
    }
    return n;
}

static void retime_visit(struct vroom_work *w, json_t *o, struct vrp_visit *v, const char *type)
{
    v->service = (int32_t)json_in_integer(&w->j, json_object_get(o, "service_per_type"), type, 0, VRP_LIMIT,
                                          v->service);
    v->setup =
        (int32_t)json_in_integer(&w->j, json_object_get(o, "setup_per_type"), type, 0, VRP_LIMIT, v->setup);
}

/* Vehicles of the type, or with NULL of none of those named, that `also` lets in. */
static bool *allow_type(struct vroom_work *w, const char *type, const char *const *named, size_t n_named,
                        const bool *also)
{
    size_t n = json_array_size(json_object_get(w->root, "vehicles"));
    bool *allowed = json_in_alloc(&w->j, n, sizeof *allowed);
    for (size_t v = 0; allowed && v < n; v++) {
        const char *its = w->d->vehicles[v].type;
        bool is = false;
        for (size_t k = 0; k < n_named; k++)
            is |= its && !strcmp(its, named[k]);
        allowed[v] = (type ? its && !strcmp(its, type) : !is) && (!also || also[v]);
    }
    return allowed;
}

static bool add_task(struct vroom_work *w, const struct vrp_task *t, const struct vroom_task *about)
{
    if (w->n_tasks >= w->room_tasks) {
        json_in_fail(&w->j, "", "too many tasks");
        return false;
    }
    w->d->tasks[w->n_tasks] = *about;
    w->tasks[w->n_tasks++] = *t;
    return true;
}

/* One copy for each vehicle type that has times of its own, exclusive of each other, and one for the others.
 */
static void add_per_type(struct vroom_work *w, json_t *first, json_t *second, struct vrp_task t,
                         const struct vroom_task *about)
{
    const char *named[TYPES_NAMED];
    size_t n = types_named(first, second, named, TYPES_NAMED);
    if (!n) {
        add_task(w, &t, about);
        return;
    }
    const bool *also = t.allowed;
    t.group = w->n_groups++;
    for (size_t k = 0; k <= n; k++) {
        struct vrp_task copy = t;
        const char *type = k < n ? named[k] : NULL;
        if (type) {
            retime_visit(w, first, &copy.visit[0], type);
            if (second)
                retime_visit(w, second, &copy.visit[1], type);
        }
        copy.allowed = allow_type(w, type, named, n, also);
        if (!add_task(w, &copy, about))
            return;
    }
}

static int32_t read_priority(struct vroom_work *w, json_t *o)
{
    return (int32_t)json_in_integer(&w->j, o, "priority", 0, 100, 0);
}

void vroom_job(struct vroom_work *w, json_t *o, size_t i)
{
    struct vrp_task t = VRP_TASK_DEFAULT;
    struct vroom_skill_list more;
    json_in_at(&w->j, "jobs", i);
    struct vroom_task about = {.priority = read_priority(w, o)};
    about.id[0] = json_in_integer(&w->j, o, "id", 0, INT64_MAX, -1);
    if (about.id[0] < 0)
        json_in_fail(&w->j, "id", "is missing");
    about.description[0] = json_in_text(&w->j, o, "description");
    read_visit(w, o, &t.visit[0]);
    /* the old key counts only where neither of the new ones is there */
    bool old = !json_object_get(o, "delivery") && !json_object_get(o, "pickup");
    vroom_dims(w, json_in_amounts(&w->j, o, old ? "amount" : "delivery", t.delivery));
    vroom_dims(w, json_in_amounts(&w->j, o, "pickup", t.pickup));
    t.skills = vroom_skills(w, o, &more);
    restrict_by_skills(w, &t, &more);
    add_per_type(w, o, NULL, t, &about);
}

void vroom_shipment(struct vroom_work *w, json_t *o, size_t i)
{
    struct vrp_task t = VRP_TASK_DEFAULT;
    struct vroom_skill_list more;
    json_in_at(&w->j, "shipments", i);
    struct vroom_task about = {.priority = read_priority(w, o)};
    json_t *ends[2] = {json_object_get(o, "pickup"), json_object_get(o, "delivery")};
    t.kind = VRP_SHIPMENT;
    for (int k = 0; k < 2; k++) {
        if (!json_is_object(ends[k])) {
            json_in_fail(&w->j, k ? "delivery" : "pickup", "is missing");
            return;
        }
        about.id[k] = json_in_integer(&w->j, ends[k], "id", 0, INT64_MAX, -1);
        if (about.id[k] < 0)
            json_in_fail(&w->j, k ? "delivery.id" : "pickup.id", "is missing");
        about.description[k] = json_in_text(&w->j, ends[k], "description");
        read_visit(w, ends[k], &t.visit[k]);
    }
    vroom_dims(w, json_in_amounts(&w->j, o, "amount", t.pickup));
    t.skills = vroom_skills(w, o, &more);
    restrict_by_skills(w, &t, &more);
    add_per_type(w, ends[0], ends[1], t, &about);
}

static int64_t largest(const int32_t *matrix, int32_t n)
{
    int32_t most = 0;
    for (size_t i = 0; matrix && i < (size_t)n * (size_t)n; i++)
        most = matrix[i] > most ? matrix[i] : most;
    return most;
}

void vroom_prizes(struct vroom_work *w)
{
    int64_t worst = 1, seconds[64], metres[64];
    for (int32_t k = 0; k < w->n_profiles; k++) {
        seconds[k] = largest(w->profiles[k].seconds, w->n_locations);
        metres[k] = largest(w->profiles[k].metres, w->n_locations);
    }
    for (size_t i = 0; i < json_array_size(json_object_get(w->root, "vehicles")); i++) {
        const struct vrp_vehicle *v = &w->vehicles[i];
        int64_t arc = v->unit_travel * seconds[v->profile] + v->unit_distance * metres[v->profile];
        arc = 4 * arc + v->fixed_cost;
        worst = arc > worst ? arc : worst;
    }
    int64_t step = w->n_tasks + 1;
    while (worst > 1 && worst * step > VRP_REQUIRED / 128)
        step = step > 2 ? step / 2 : 1, worst = step == 1 && worst > VRP_REQUIRED / 256 ? worst / 2 : worst;
    w->d->prize_unit = worst;
    for (int32_t t = 0; t < w->n_tasks; t++)
        w->tasks[t].prize = worst * (1 + step * w->d->tasks[t].priority);
}

void vroom_task_costs(struct vroom_work *w)
{
    size_t n_vehicles = json_array_size(json_object_get(w->root, "vehicles"));
    int32_t *cost = NULL;
    for (size_t v = 0; v < n_vehicles; v++) {
        json_t *c = json_object_get(json_array_get(json_object_get(w->root, "vehicles"), v), "costs");
        int64_t unit = json_in_integer(&w->j, c, "per_task_hour", 0, 1000000, 0) * w->scale / 3600;
        if (!unit)
            continue;
        if (!cost && !(cost = json_in_alloc(&w->j, n_vehicles * (size_t)w->n_tasks, sizeof *cost)))
            return;
        for (int32_t t = 0; t < w->n_tasks; t++) {
            const struct vrp_task *task = &w->tasks[t];
            int64_t busy = (int64_t)task->visit[0].service + task->visit[0].setup +
                           (task->kind == VRP_SHIPMENT ? task->visit[1].service + task->visit[1].setup : 0);
            int64_t all = busy * unit;
            cost[v * (size_t)w->n_tasks + (size_t)t] = (int32_t)(all < VRP_LIMIT ? all : VRP_LIMIT);
        }
    }
    w->j.in->p.assign_cost = cost;
}

struct named {
    int64_t id;
    int32_t kind, group; /* 0 job, 1 pickup, 2 delivery; copies for vehicle types share a group */
};

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return x->kind != y->kind ? x->kind - y->kind : (x->id > y->id) - (x->id < y->id);
}

void vroom_refuse_doubles(struct vroom_work *w)
{
    static const char *const lists[] = {"jobs", "shipments: pickup", "shipments: delivery"};
    struct named *all = json_in_alloc(&w->j, (size_t)w->n_tasks * 2, sizeof *all);
    size_t n = 0;
    for (int32_t t = 0; all && t < w->n_tasks; t++) {
        int ends = w->tasks[t].kind == VRP_SHIPMENT ? 2 : 1;
        int32_t group = w->tasks[t].group;
        for (int k = 0; k < ends && (!t || group == VRP_NONE || group != w->tasks[t - 1].group); k++)
            all[n++] = (struct named){w->d->tasks[t].id[k], ends == 1 ? 0 : 1 + k, group};
    }
    if (n)
        qsort(all, n, sizeof *all, by_name);
    for (size_t i = 1; i < n && !w->j.failed; i++)
        if (!by_name(&all[i - 1], &all[i])) {
            snprintf(w->j.where, sizeof w->j.where, "%s", lists[all[i].kind]);
            json_in_fail(&w->j, "id", "two have the same");
        }
}

size_t vroom_count_tasks(const json_t *root)
{
    const char *named[TYPES_NAMED];
    json_t *o;
    size_t i, n = 0;
    json_array_foreach(json_object_get(root, "jobs"), i, o) n += 1 + types_named(o, NULL, named, TYPES_NAMED);
    json_array_foreach(json_object_get(root, "shipments"), i, o) n +=
        1 + types_named(json_object_get(o, "pickup"), json_object_get(o, "delivery"), named, TYPES_NAMED);
    return n;
}
