/* Reading VROOM's problems. Its objective, priorities before everything, then the number of tasks, then cost,
 * becomes prizes; its costs per hour and kilometre become whole numbers by one scale for all vehicles. A
 * service time that depends on the vehicle's type becomes alternatives of which one is served. */
#include "routing/format/json_in.h"
#include "routing/format/reader.h"
#include "routing/format/vroom.h"
#include "routing/vrp/eta.h"

#include <math.h>
#include <string.h>

enum { MOST_TASKS = 100000, MOST_VEHICLES = 20000, MOST_LOCATIONS = 20000, MOST_TYPES = 16 };
static const double DETOUR = 1.3, METRES_PER_SECOND = 10; /* where neither matrices nor roads are given */

/* Several reads share this. */
struct work {
    struct json_in j;
    json_t *root;
    struct vroom_detail *d;
    struct vrp_task *tasks;
    struct vrp_vehicle *vehicles;
    struct vrp_profile *profiles;
    const char *profile_names[64];
    double *lon, *lat;
    int32_t n_tasks, n_groups, n_profiles, n_locations, dims;
    int64_t skill[64]; /* VROOM's skill by bit */
    int n_skills;
    int64_t scale; /* problem cost of one VROOM cost unit */
    const char *types[MOST_TYPES];
    int n_types;
    int32_t room_tasks;
};

static int64_t gcd(int64_t a, int64_t b)
{
    return b ? gcd(b, a % b) : a;
}

/* ---- skills, profiles, locations ---- */

static uint64_t read_skills(struct work *w, json_t *o)
{
    uint64_t bits = 0;
    json_t *list = json_in_array(&w->j, o, "skills"), *v;
    size_t i;
    json_array_foreach(list, i, v)
    {
        int64_t skill = json_integer_value(v);
        int k = 0;
        while (k < w->n_skills && w->skill[k] != skill)
            k++;
        if (k == 64) {
            json_in_fail(&w->j, "skills", "more than 64 different skills");
            return bits;
        }
        if (k == w->n_skills)
            w->skill[w->n_skills++] = skill;
        bits |= (uint64_t)1 << k;
    }
    return bits;
}

static int32_t profile_of(struct work *w, const char *name)
{
    int32_t k = 0;
    while (k < w->n_profiles && strcmp(w->profile_names[k], name))
        k++;
    if (k == 64) {
        json_in_fail(&w->j, "profile", "more than 64 profiles");
        return 0;
    }
    if (k == w->n_profiles)
        w->profile_names[w->n_profiles++] = name;
    return k;
}

/* The location of a task or vehicle end: by index with matrices, else by coordinates, each its own. */
static int32_t read_location(struct work *w, json_t *o, const char *point, const char *index)
{
    double lon = 0, lat = 0;
    bool has = json_in_point(&w->j, o, point, &lon, &lat);
    int32_t at = VRP_NONE;
    if (w->d->matrices) {
        at = (int32_t)json_in_integer(&w->j, o, index, 0, MOST_LOCATIONS - 1, VRP_NONE);
        if (at == VRP_NONE)
            return at;
        w->n_locations = at >= w->n_locations ? at + 1 : w->n_locations;
    } else {
        if (!has)
            return VRP_NONE;
        for (at = 0; at < w->n_locations && (w->lon[at] != lon || w->lat[at] != lat); at++)
            ;
        if (at == MOST_LOCATIONS) {
            json_in_fail(&w->j, point, "too many locations");
            return VRP_NONE;
        }
        w->n_locations = at == w->n_locations ? at + 1 : w->n_locations;
    }
    if (has) {
        w->lon[at] = lon;
        w->lat[at] = lat;
        w->d->has_point[at] = true;
    }
    return at;
}

static void note_dims(struct work *w, int n)
{
    w->dims = n > w->dims ? n : w->dims;
}

/* ---- times ---- */

static void lower_base(json_t *o, const char *key, int64_t *base)
{
    json_t *list = json_object_get(o, key), *pair;
    size_t i;
    if (!strcmp(key, "time_window") && json_array_size(list) == 2 &&
        json_number_value(json_array_get(list, 0)) < (double)*base)
        *base = (int64_t)json_number_value(json_array_get(list, 0));
    if (strcmp(key, "time_windows"))
        return;
    json_array_foreach(list, i, pair)
    {
        double from = json_number_value(json_array_get(pair, 0));
        if (json_array_size(pair) == 2 && from < (double)*base)
            *base = (int64_t)from;
    }
}

/* Absolute timestamps are counted from the earliest window. */
static int64_t find_base(json_t *root)
{
    int64_t base = INT64_MAX;
    json_t *o, *b;
    size_t i, k;
    json_array_foreach(json_object_get(root, "vehicles"), i, o)
    {
        lower_base(o, "time_window", &base);
        json_array_foreach(json_object_get(o, "breaks"), k, b) lower_base(b, "time_windows", &base);
    }
    json_array_foreach(json_object_get(root, "jobs"), i, o) lower_base(o, "time_windows", &base);
    json_array_foreach(json_object_get(root, "shipments"), i, o)
    {
        lower_base(json_object_get(o, "pickup"), "time_windows", &base);
        lower_base(json_object_get(o, "delivery"), "time_windows", &base);
    }
    return base == INT64_MAX || base < VRP_LIMIT / 4 ? 0 : base;
}

/* ---- vehicles ---- */

static void find_scale(struct work *w)
{
    json_t *o;
    size_t i;
    int64_t hour = 0, km = 0;
    json_array_foreach(json_object_get(w->root, "vehicles"), i, o)
    {
        json_t *c = json_object_get(o, "costs");
        json_in_at(&w->j, "vehicles", i);
        hour = gcd(hour, json_in_integer(&w->j, c, "per_hour", 0, 1000000, 3600));
        hour = gcd(hour, json_in_integer(&w->j, c, "per_task_hour", 0, 1000000, 0));
        km = gcd(km, json_in_integer(&w->j, c, "per_km", 0, 1000000, 0));
    }
    int64_t by_hour = 3600 / gcd(3600, hour), by_km = 1000 / gcd(1000, km);
    w->scale = by_hour / gcd(by_hour, by_km) * by_km;
}

static void read_breaks(struct work *w, json_t *o, struct vrp_vehicle *v, struct vroom_vehicle *about)
{
    json_t *list = json_in_array(&w->j, o, "breaks"), *b;
    size_t i;
    if (json_array_size(list) > VRP_BREAKS) {
        json_in_fail(&w->j, "breaks", "too many");
        return;
    }
    struct vrp_break *breaks = json_in_alloc(&w->j, json_array_size(list), sizeof *breaks);
    json_array_foreach(list, i, b)
    {
        if (!breaks)
            return;
        about->break_id[i] = json_in_integer(&w->j, b, "id", 0, INT64_MAX, 0);
        about->break_description[i] = json_in_text(&w->j, b, "description");
        breaks[i].service = (int32_t)json_in_integer(&w->j, b, "service", 0, VRP_LIMIT, 0);
        breaks[i].n_windows = json_in_windows(&w->j, b, "time_windows", w->d->time_base, &breaks[i].windows);
        breaks[i].limit_load = json_in_amounts(&w->j, b, "max_load", breaks[i].max_load) > 0;
    }
    v->breaks = breaks;
    v->n_breaks = (int32_t)json_array_size(list);
}

static void read_costs(struct work *w, json_t *o, struct vrp_vehicle *v)
{
    json_t *c = json_object_get(o, "costs");
    v->fixed_cost = json_in_integer(&w->j, c, "fixed", 0, 1000000000, 0) * w->scale;
    v->unit_travel = json_in_integer(&w->j, c, "per_hour", 0, 1000000, 3600) * w->scale / 3600;
    v->unit_distance = json_in_integer(&w->j, c, "per_km", 0, 1000000, 0) * w->scale / 1000;
}

static void read_shift(struct work *w, json_t *o, struct vrp_vehicle *v)
{
    json_t *pair = json_in_array(&w->j, o, "time_window");
    if (!pair)
        return;
    w->d->vehicles[v - w->vehicles].has_shift = true;
    json_t *wrapped = json_pack("{s:[O]}", "time_window", pair);
    const struct vrp_window *shift = NULL;
    if (json_in_windows(&w->j, wrapped, "time_window", w->d->time_base, &shift) == 1)
        v->shift = *shift;
    json_decref(wrapped);
}

static void note_type(struct work *w, const char *type)
{
    int k = 0;
    while (type && k < w->n_types && strcmp(w->types[k], type))
        k++;
    if (!type || k < w->n_types)
        return;
    if (w->n_types == MOST_TYPES)
        json_in_fail(&w->j, "type", "too many vehicle types");
    else
        w->types[w->n_types++] = type;
}

static void read_vehicle(struct work *w, json_t *o, size_t i)
{
    struct vrp_vehicle *v = &w->vehicles[i];
    struct vroom_vehicle *about = &w->d->vehicles[i];
    json_in_at(&w->j, "vehicles", i);
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    about->id = json_in_integer(&w->j, o, "id", 0, INT64_MAX, -1);
    if (about->id < 0)
        json_in_fail(&w->j, "id", "is missing");
    about->description = json_in_text(&w->j, o, "description");
    about->type = json_in_text(&w->j, o, "type");
    note_type(w, about->type);
    const char *profile = json_in_text(&w->j, o, "profile");
    v->profile = profile_of(w, profile ? profile : "car");
    v->start = read_location(w, o, "start", "start_index");
    v->end = read_location(w, o, "end", "end_index");
    if (v->start == VRP_NONE && v->end == VRP_NONE)
        json_in_fail(&w->j, "start", "neither start nor end");
    for (int d = 0; d < VRP_DIMS; d++)
        v->capacity[d] = json_object_get(o, "capacity") ? 0 : VRP_LIMIT;
    note_dims(w, json_in_amounts(&w->j, o, "capacity", v->capacity));
    v->skills = read_skills(w, o);
    double factor = json_in_real(&w->j, o, "speed_factor", 0.01, 5, 1);
    v->travel_permille = (int32_t)lround(1000 / factor);
    v->max_tasks = (int32_t)json_in_integer(&w->j, o, "max_tasks", 0, INT64_MAX, VRP_LIMIT) & INT32_MAX;
    v->max_tasks = v->max_tasks > VRP_LIMIT ? VRP_LIMIT : v->max_tasks;
    v->max_travel = (int32_t)json_in_integer(&w->j, o, "max_travel_time", 0, VRP_LIMIT, VRP_LIMIT);
    v->max_distance = (int32_t)json_in_integer(&w->j, o, "max_distance", 0, VRP_LIMIT, VRP_LIMIT);
    read_shift(w, o, v);
    read_costs(w, o, v);
    read_breaks(w, o, v, about);
}

/* ---- tasks ---- */

static void read_visit(struct work *w, json_t *o, struct vrp_visit *v)
{
    v->location = read_location(w, o, "location", "location_index");
    if (v->location == VRP_NONE)
        json_in_fail(&w->j, w->d->matrices ? "location_index" : "location", "is missing");
    v->setup = (int32_t)json_in_integer(&w->j, o, "setup", 0, VRP_LIMIT, 0);
    v->service = (int32_t)json_in_integer(&w->j, o, "service", 0, VRP_LIMIT, 0);
    v->n_windows = json_in_windows(&w->j, o, "time_windows", w->d->time_base, &v->windows);
}

static bool per_type(json_t *o)
{
    return json_object_size(json_object_get(o, "service_per_type")) ||
           json_object_size(json_object_get(o, "setup_per_type"));
}

static void retime_visit(struct work *w, json_t *o, struct vrp_visit *v, const char *type)
{
    v->service = (int32_t)json_in_integer(&w->j, json_object_get(o, "service_per_type"), type, 0, VRP_LIMIT,
                                          v->service);
    v->setup =
        (int32_t)json_in_integer(&w->j, json_object_get(o, "setup_per_type"), type, 0, VRP_LIMIT, v->setup);
}

static bool *allow_type(struct work *w, const char *type)
{
    size_t n = json_array_size(json_object_get(w->root, "vehicles"));
    bool *allowed = json_in_alloc(&w->j, n, sizeof *allowed);
    for (size_t v = 0; allowed && v < n; v++) {
        const char *its = w->d->vehicles[v].type;
        bool named = false;
        for (int k = 0; k < w->n_types; k++)
            named |= its && !strcmp(its, w->types[k]);
        allowed[v] = type ? its && !strcmp(its, type) : !named;
    }
    return allowed;
}

static bool add_task(struct work *w, const struct vrp_task *t, const struct vroom_task *about)
{
    if (w->n_tasks >= w->room_tasks) {
        json_in_fail(&w->j, "", "too many tasks");
        return false;
    }
    w->d->tasks[w->n_tasks] = *about;
    w->tasks[w->n_tasks++] = *t;
    return true;
}

/* One copy a vehicle type, exclusive of each other, and one for vehicles without a type. */
static void add_per_type(struct work *w, json_t *first, json_t *second, struct vrp_task t,
                         const struct vroom_task *about)
{
    t.group = w->n_groups++;
    for (int k = 0; k <= w->n_types; k++) {
        struct vrp_task copy = t;
        const char *type = k < w->n_types ? w->types[k] : NULL;
        if (type) {
            retime_visit(w, first, &copy.visit[0], type);
            if (second)
                retime_visit(w, second, &copy.visit[1], type);
        }
        copy.allowed = allow_type(w, type);
        if (!add_task(w, &copy, about))
            return;
    }
}

static int32_t read_priority(struct work *w, json_t *o)
{
    return (int32_t)json_in_integer(&w->j, o, "priority", 0, 100, 0);
}

static void read_job(struct work *w, json_t *o, size_t i)
{
    struct vrp_task t = VRP_TASK_DEFAULT;
    struct vroom_task about = {.priority = read_priority(w, o)};
    json_in_at(&w->j, "jobs", i);
    about.id[0] = json_in_integer(&w->j, o, "id", 0, INT64_MAX, -1);
    if (about.id[0] < 0)
        json_in_fail(&w->j, "id", "is missing");
    about.description[0] = json_in_text(&w->j, o, "description");
    read_visit(w, o, &t.visit[0]);
    note_dims(w, json_in_amounts(&w->j, o, "amount", t.delivery));
    note_dims(w, json_in_amounts(&w->j, o, "delivery", t.delivery));
    note_dims(w, json_in_amounts(&w->j, o, "pickup", t.pickup));
    t.skills = read_skills(w, o);
    if (per_type(o))
        add_per_type(w, o, NULL, t, &about);
    else
        add_task(w, &t, &about);
}

static void read_shipment(struct work *w, json_t *o, size_t i)
{
    struct vrp_task t = VRP_TASK_DEFAULT;
    struct vroom_task about = {.priority = read_priority(w, o)};
    json_t *ends[2] = {json_object_get(o, "pickup"), json_object_get(o, "delivery")};
    json_in_at(&w->j, "shipments", i);
    t.kind = VRP_SHIPMENT;
    for (int k = 0; k < 2; k++) {
        if (!json_is_object(ends[k])) {
            json_in_fail(&w->j, k ? "delivery" : "pickup", "is missing");
            return;
        }
        about.id[k] = json_in_integer(&w->j, ends[k], "id", 0, INT64_MAX, -1);
        about.description[k] = json_in_text(&w->j, ends[k], "description");
        read_visit(w, ends[k], &t.visit[k]);
    }
    note_dims(w, json_in_amounts(&w->j, o, "amount", t.pickup));
    t.skills = read_skills(w, o);
    if (per_type(ends[0]) || per_type(ends[1]))
        add_per_type(w, ends[0], ends[1], t, &about);
    else
        add_task(w, &t, &about);
}

/* ---- travel ---- */

static void great_circles(struct work *w, struct vrp_profile *f)
{
    size_t n = (size_t)w->n_locations;
    int32_t *seconds = json_in_alloc(&w->j, n * n, sizeof *seconds);
    int32_t *metres = json_in_alloc(&w->j, n * n, sizeof *metres);
    for (size_t a = 0; seconds && metres && a < n; a++)
        for (size_t b = 0; b < n; b++) {
            double m = a == b ? 0 : DETOUR * json_in_metres(w->lon[a], w->lat[a], w->lon[b], w->lat[b]);
            metres[a * n + b] = (int32_t)lround(m);
            seconds[a * n + b] = (int32_t)lround(m / METRES_PER_SECOND);
        }
    f->seconds = seconds;
    f->metres = metres;
}

static void read_profile(struct work *w, int32_t k)
{
    struct vrp_profile *f = &w->profiles[k];
    json_t *m = json_object_get(json_object_get(w->root, "matrices"), w->profile_names[k]);
    json_t *lone = json_object_get(w->root, "matrix");
    if (!w->d->matrices) {
        great_circles(w, f);
        return;
    }
    snprintf(w->j.where, sizeof w->j.where, "matrices.%.60s", w->profile_names[k]);
    f->seconds = lone ? json_in_matrix(&w->j, w->root, "matrix", w->n_locations)
                      : json_in_matrix(&w->j, m, "durations", w->n_locations);
    if (!f->seconds)
        json_in_fail(&w->j, "durations", "are missing");
    f->metres = w->d->metres[k] = json_in_matrix(&w->j, m, "distances", w->n_locations);
    w->d->distances |= f->metres != NULL;
    const int32_t *costs = json_in_matrix(&w->j, m, "costs", w->n_locations);
    for (size_t v = 0; costs && v < json_array_size(json_object_get(w->root, "vehicles")); v++) {
        struct vrp_vehicle *vehicle = &w->vehicles[v];
        if (vehicle->profile != k)
            continue;
        if (vehicle->max_distance < VRP_LIMIT || vehicle->unit_distance || vehicle->unit_travel != w->scale)
            json_in_fail(&w->j, "costs", "cannot go with max_distance, per_km or per_hour");
        vehicle->unit_travel = 0;
        vehicle->unit_distance = w->scale;
    }
    if (costs)
        f->metres = costs;
}

/* A task is worth more than any route could cost, and a point of priority more than all tasks. */
static void set_prizes(struct work *w)
{
    int64_t worst = 1;
    size_t n_vehicles = json_array_size(json_object_get(w->root, "vehicles")), n = (size_t)w->n_locations;
    for (size_t v = 0; v < n_vehicles; v++) {
        const struct vrp_profile *f = &w->profiles[w->vehicles[v].profile];
        int64_t arc = 0;
        for (size_t i = 0; f->seconds && i < n * n; i++) {
            int64_t c = w->vehicles[v].unit_travel * f->seconds[i] +
                        (f->metres ? w->vehicles[v].unit_distance * f->metres[i] : 0);
            arc = c > arc ? c : arc;
        }
        arc = 4 * arc + w->vehicles[v].fixed_cost;
        worst = arc > worst ? arc : worst;
    }
    int64_t step = w->n_tasks + 1;
    while (worst > 1 && worst * step > VRP_REQUIRED / 128)
        step = step > 2 ? step / 2 : 1, worst = step == 1 && worst > VRP_REQUIRED / 256 ? worst / 2 : worst;
    w->d->prize_unit = worst;
    for (int32_t t = 0; t < w->n_tasks; t++)
        w->tasks[t].prize = worst * (1 + step * w->d->tasks[t].priority);
}

/* Cost of time spent on tasks, by vehicle. Setup counts as if always needed. */
static void read_task_costs(struct work *w)
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

/* ---- steps: a starting plan ---- */

static int32_t find_visit(const struct work *w, const char *type, int64_t id, int32_t vehicle)
{
    for (int32_t t = 0; t < w->n_tasks; t++) {
        const struct vrp_task *task = &w->tasks[t];
        if (task->allowed && !task->allowed[vehicle])
            continue;
        if (task->kind == VRP_JOB ? !strcmp(type, "job") && w->d->tasks[t].id[0] == id
                                  : !strcmp(type, "pickup") && w->d->tasks[t].id[0] == id)
            return t * 2;
        if (task->kind == VRP_SHIPMENT && !strcmp(type, "delivery") && w->d->tasks[t].id[1] == id)
            return t * 2 + 1;
    }
    return VRP_NONE;
}

/* The stop a step names; false with the fault set if there is no such. */
static bool read_stop(struct work *w, json_t *o, int32_t vehicle, int32_t *ret)
{
    const char *type = json_string_value(json_object_get(o, "type"));
    int64_t id = json_in_integer(&w->j, o, "id", 0, INT64_MAX, -1);
    *ret = VRP_NONE;
    if (type && (!strcmp(type, "start") || !strcmp(type, "end"))) {
        *ret = *type == 's' ? TIMING_START : TIMING_END;
        return true;
    }
    for (int b = 0; type && !strcmp(type, "break") && b < w->vehicles[vehicle].n_breaks; b++)
        if (w->d->vehicles[vehicle].break_id[b] == id)
            *ret = VRP_BREAK0 - b;
    if (type && *ret == VRP_NONE)
        *ret = find_visit(w, type, id, vehicle);
    if (*ret == VRP_NONE)
        json_in_fail(&w->j, "steps", "a step's task or break is not there");
    return *ret != VRP_NONE;
}

/* service_at, service_after, service_before, less the time base. */
static struct vroom_step read_forced(struct work *w, json_t *o)
{
    struct vroom_step s = {.earliest = ETA_ANY_EARLY, .latest = ETA_ANY_LATE};
    int64_t base = w->d->time_base, most = INT64_C(4000000000);
    if (json_object_get(o, "service_at"))
        s.earliest = s.latest = json_in_integer(&w->j, o, "service_at", 0, most, 0) - base;
    if (json_object_get(o, "service_after")) {
        int64_t after = json_in_integer(&w->j, o, "service_after", 0, most, 0) - base;
        s.earliest = after > s.earliest ? after : s.earliest;
    }
    if (json_object_get(o, "service_before")) {
        int64_t before = json_in_integer(&w->j, o, "service_before", 0, most, 0) - base;
        s.latest = before < s.latest ? before : s.latest;
    }
    return s;
}

/* Fills the vehicle's steps, and r with those of them that are stops; start and end are added where they are
 * not given. */
static void read_steps(struct work *w, json_t *list, int32_t vehicle, struct vrp_route *r)
{
    struct vroom_vehicle *about = &w->d->vehicles[vehicle];
    size_t i, n = json_array_size(list);
    json_t *o;
    *r = (struct vrp_route){.vehicle = vehicle};
    r->stops = json_in_alloc(&w->j, n + VRP_BREAKS, sizeof *r->stops);
    about->steps = json_in_alloc(&w->j, n + 2, sizeof *about->steps);
    if (!r->stops || !about->steps)
        return;
    about->steps[about->n_steps++] = (struct vroom_step){TIMING_START, ETA_ANY_EARLY, ETA_ANY_LATE};
    struct vroom_step end = {TIMING_END, ETA_ANY_EARLY, ETA_ANY_LATE};
    json_array_foreach(list, i, o)
    {
        struct vroom_step s = read_forced(w, o);
        if (!read_stop(w, o, vehicle, &s.stop))
            return;
        if (s.stop == TIMING_START && i == 0) {
            about->steps[0] = s;
        } else if (s.stop == TIMING_END && i == n - 1) {
            end = s;
        } else if (s.stop == TIMING_START || s.stop == TIMING_END) {
            json_in_fail(&w->j, "steps", "start is not first or end not last");
            return;
        } else {
            about->steps[about->n_steps++] = s;
            r->stops[r->n++] = s.stop;
        }
    }
    about->steps[about->n_steps++] = end;
}

static void read_plan(struct work *w)
{
    json_t *o, *vehicles = json_object_get(w->root, "vehicles");
    size_t i;
    struct vrp_route *plan = json_in_alloc(&w->j, json_array_size(vehicles), sizeof *plan);
    int32_t n = 0;
    json_array_foreach(vehicles, i, o)
    {
        json_in_at(&w->j, "vehicles", i);
        json_t *steps = json_in_array(&w->j, o, "steps");
        if (plan && json_array_size(steps))
            read_steps(w, steps, (int32_t)i, &plan[n++]);
    }
    w->j.in->p.plan = plan;
    w->j.in->p.n_plan = n;
}

/* ---- all ---- */

static bool allocate(struct work *w, size_t jobs, size_t shipments, size_t vehicles)
{
    struct json_in *j = &w->j;
    if (jobs + shipments > MOST_TASKS || vehicles > MOST_VEHICLES) {
        json_in_fail(j, "", "too many tasks or vehicles");
        return false;
    }
    w->room_tasks = (int32_t)((jobs + shipments) * 2 + MOST_TYPES * 64);
    w->d = json_in_alloc(j, 1, sizeof *w->d);
    w->tasks = json_in_alloc(j, (size_t)w->room_tasks, sizeof *w->tasks);
    w->vehicles = json_in_alloc(j, vehicles, sizeof *w->vehicles);
    w->profiles = json_in_alloc(j, 64, sizeof *w->profiles);
    w->lon = json_in_alloc(j, MOST_LOCATIONS, sizeof *w->lon);
    w->lat = json_in_alloc(j, MOST_LOCATIONS, sizeof *w->lat);
    if (j->failed)
        return false;
    w->d->tasks = json_in_alloc(j, (size_t)w->room_tasks, sizeof *w->d->tasks);
    w->d->vehicles = json_in_alloc(j, vehicles, sizeof *w->d->vehicles);
    w->d->has_point = json_in_alloc(j, MOST_LOCATIONS, sizeof *w->d->has_point);
    w->d->metres = json_in_alloc(j, 64, sizeof *w->d->metres);
    return !j->failed;
}

static void read_all(struct work *w)
{
    struct instance *in = w->j.in;
    json_t *o, *vehicles = json_in_array(&w->j, w->root, "vehicles");
    json_t *jobs = json_in_array(&w->j, w->root, "jobs"),
           *shipments = json_in_array(&w->j, w->root, "shipments");
    size_t i;
    if (!json_array_size(vehicles))
        json_in_fail(&w->j, "vehicles", "there is none");
    if (w->j.failed ||
        !allocate(w, json_array_size(jobs), json_array_size(shipments), json_array_size(vehicles)))
        return;
    w->d->matrices = json_object_get(w->root, "matrices") || json_object_get(w->root, "matrix");
    w->d->time_base = find_base(w->root);
    find_scale(w);
    json_array_foreach(vehicles, i, o) read_vehicle(w, o, i);
    json_array_foreach(jobs, i, o) read_job(w, o, i);
    json_array_foreach(shipments, i, o) read_shipment(w, o, i);
    for (int32_t k = 0; k < w->n_profiles && !w->j.failed; k++)
        read_profile(w, k);
    if (w->j.failed)
        return;
    set_prizes(w);
    in->p = (struct vrp_problem){.n_locations = w->n_locations,
                                 .n_tasks = w->n_tasks,
                                 .n_vehicles = (int32_t)json_array_size(vehicles),
                                 .n_profiles = w->n_profiles,
                                 .n_dims = w->dims,
                                 .n_groups = w->n_groups,
                                 .profiles = w->profiles,
                                 .tasks = w->tasks,
                                 .vehicles = w->vehicles};
    read_task_costs(w);
    read_plan(w);
    in->cost_unit = 1.0 / (double)w->scale;
    in->lon = w->lon;
    in->lat = w->lat;
    in->detail = w->d;
}

int vroom_read(const char *text, size_t n, const struct instance_options *options, struct instance *in,
               struct instance_fault *fault)
{
    json_error_t error;
    (void)options;
    struct work *w = instance_alloc(in, 1, sizeof *w);
    if (!w)
        return instance_complain(fault, "out of memory");
    w->j = (struct json_in){.in = in, .fault = fault};
    w->root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (!w->root)
        return instance_complain(fault, "line %d: %s", error.line, error.text);
    if (json_is_object(w->root))
        read_all(w);
    else
        json_in_fail(&w->j, "", "not a JSON object");
    json_decref(w->root);
    return w->j.failed ? -1 : 0;
}
