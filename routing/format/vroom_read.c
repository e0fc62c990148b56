/* Reading VROOM's problems. Its objective, priorities before everything, then the number of tasks, then cost,
 * becomes prizes; its costs per hour and kilometre become whole numbers by one scale for all vehicles. A
 * service time that depends on the vehicle's type becomes alternatives of which one is served. */
#include "routing/format/json_in.h"
#include "routing/format/reader.h"
#include "routing/format/vroom_work.h"
#include "routing/vrp/eta.h"

#include <math.h>
#include <string.h>

enum { MOST_TASKS = 100000, MOST_VEHICLES = 20000, MOST_LOCATIONS = 20000, MOST_SKILLS = 20000 };
static const double DETOUR = 1.3, METRES_PER_SECOND = 10; /* where neither matrices nor roads are given */

static int64_t gcd(int64_t a, int64_t b)
{
    return b ? gcd(b, a % b) : a;
}

/* ---- profiles, locations ---- */

static int32_t profile_of(struct vroom_work *w, const char *name)
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

int32_t vroom_location(struct vroom_work *w, json_t *o, const char *point, const char *index)
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
    w->used[at] = true;
    if (has) {
        w->lon[at] = lon;
        w->lat[at] = lat;
        w->d->has_point[at] = true;
    }
    return at;
}

void vroom_dims(struct vroom_work *w, int n)
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

static void find_scale(struct vroom_work *w)
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

struct pause {
    struct vrp_break is;
    int64_t id;
    const char *description;
};

static int by_window(const void *a, const void *b)
{
    static const struct vrp_window always = {0, VRP_LIMIT};
    const struct vrp_break *x = a, *y = b; /* the first member of struct pause */
    const struct vrp_window *u = x->n_windows ? x->windows : &always,
                            *v = y->n_windows ? y->windows : &always;
    return u->from != v->from ? (u->from > v->from) - (u->from < v->from)
                              : (u->until > v->until) - (u->until < v->until);
}

static void read_pause(struct vroom_work *w, json_t *o, struct pause *p)
{
    *p = (struct pause){.id = json_in_integer(&w->j, o, "id", 0, INT64_MAX, -1),
                        .description = json_in_text(&w->j, o, "description")};
    if (p->id < 0)
        json_in_fail(&w->j, "breaks", "a break has no id");
    p->is.service = (int32_t)json_in_integer(&w->j, o, "service", 0, VRP_LIMIT, 0);
    p->is.n_windows = json_in_windows(&w->j, o, "time_windows", w->d->time_base, &p->is.windows);
    p->is.limit_load = json_in_amounts(&w->j, o, "max_load", p->is.max_load) > 0;
}

/* Breaks are taken in the order of their first windows, whatever order they are listed in. */
static void read_breaks(struct vroom_work *w, json_t *o, struct vrp_vehicle *v, struct vroom_vehicle *about)
{
    json_t *list = json_in_array(&w->j, o, "breaks"), *b;
    struct pause pauses[VRP_BREAKS];
    size_t i, n = json_array_size(list);
    if (n > VRP_BREAKS) {
        json_in_fail(&w->j, "breaks", "too many");
        return;
    }
    struct vrp_break *breaks = json_in_alloc(&w->j, n, sizeof *breaks);
    if (!breaks || !n)
        return;
    json_array_foreach(list, i, b) read_pause(w, b, &pauses[i]);
    qsort(pauses, n, sizeof *pauses, by_window);
    for (i = 0; i < n; i++) {
        breaks[i] = pauses[i].is;
        about->break_id[i] = pauses[i].id;
        about->break_description[i] = pauses[i].description;
        for (size_t k = 0; k < i; k++)
            if (pauses[k].id == pauses[i].id)
                json_in_fail(&w->j, "breaks", "two breaks have the same id");
    }
    v->breaks = breaks;
    v->n_breaks = (int32_t)n;
}

static void read_costs(struct vroom_work *w, json_t *o, struct vrp_vehicle *v)
{
    json_t *c = json_object_get(o, "costs");
    v->fixed_cost = json_in_integer(&w->j, c, "fixed", 0, 1000000000, 0) * w->scale;
    v->unit_travel = json_in_integer(&w->j, c, "per_hour", 0, 1000000, 3600) * w->scale / 3600;
    v->unit_distance = json_in_integer(&w->j, c, "per_km", 0, 1000000, 0) * w->scale / 1000;
}

static void read_shift(struct vroom_work *w, json_t *o, struct vrp_vehicle *v)
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

static void read_vehicle(struct vroom_work *w, json_t *o, size_t i)
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
    const char *profile = json_in_text(&w->j, o, "profile");
    v->profile = profile_of(w, profile ? profile : "car");
    v->start = vroom_location(w, o, "start", "start_index");
    v->end = vroom_location(w, o, "end", "end_index");
    if (v->start == VRP_NONE && v->end == VRP_NONE)
        json_in_fail(&w->j, "start", "neither start nor end");
    for (int d = 0; d < VRP_DIMS; d++)
        v->capacity[d] = json_object_get(o, "capacity") ? 0 : VRP_LIMIT;
    vroom_dims(w, json_in_amounts(&w->j, o, "capacity", v->capacity));
    v->skills = vroom_skills(w, o, &w->vehicle_skills[i]);
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

/* ---- travel ---- */

/* Great circles with a detour; NULL where someone goes to a place without coordinates. */
static int32_t *great_circles(struct vroom_work *w)
{
    size_t n = (size_t)w->n_locations;
    for (size_t a = 0; a < n; a++)
        if (w->used[a] && !w->d->has_point[a])
            return NULL;
    return json_in_circles(&w->j, w->lon, w->lat, w->n_locations, DETOUR);
}

static void travel_by_circles(struct vroom_work *w, struct vrp_profile *f)
{
    size_t n = (size_t)w->n_locations;
    const int32_t *metres = great_circles(w);
    int32_t *seconds = metres ? json_in_alloc(&w->j, n * n, sizeof *seconds) : NULL;
    for (size_t i = 0; seconds && i < n * n; i++)
        seconds[i] = (int32_t)lround(metres[i] / METRES_PER_SECOND);
    f->seconds = seconds;
    f->metres = metres;
}

/* Whether a vehicle of the profile pays for metres or may not drive too many. */
static bool metres_count(const struct vroom_work *w, int32_t k)
{
    for (size_t v = 0; v < json_array_size(json_object_get(w->root, "vehicles")); v++)
        if (w->vehicles[v].profile == k &&
            (w->vehicles[v].unit_distance || w->vehicles[v].max_distance < VRP_LIMIT))
            return true;
    return false;
}

static void read_profile(struct vroom_work *w, int32_t k)
{
    struct vrp_profile *f = &w->profiles[k];
    json_t *m = json_object_get(json_object_get(w->root, "matrices"), w->profile_names[k]);
    json_t *lone = json_object_get(w->root, "matrices") ? NULL : json_object_get(w->root, "matrix");
    snprintf(w->j.where, sizeof w->j.where, "matrices.%.60s", w->profile_names[k]);
    f->seconds = lone ? json_in_matrix(&w->j, w->root, "matrix", w->n_locations)
                      : json_in_matrix(&w->j, m, "durations", w->n_locations);
    if (!f->seconds && !w->j.failed)
        travel_by_circles(w, f);
    if (!f->seconds) {
        json_in_fail(&w->j, "durations", "are missing, and coordinates too");
        return;
    }
    const int32_t *metres = json_in_matrix(&w->j, m, "distances", w->n_locations);
    if (metres) {
        f->metres = w->d->metres[k] = metres;
        w->d->distances = true;
    } else if (!f->metres && metres_count(w, k)) {
        f->metres = w->d->metres[k] = great_circles(w);
        w->d->distances = true;
        if (!f->metres)
            json_in_fail(&w->j, "distances",
                         "are missing, and coordinates too: per_km and max_distance need them");
    }
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

/* ---- steps: a starting plan ---- */

static int32_t find_visit(const struct vroom_work *w, const char *type, int64_t id, int32_t vehicle)
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
static bool read_stop(struct vroom_work *w, json_t *o, int32_t vehicle, int32_t *ret)
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
static struct vroom_step read_forced(struct vroom_work *w, json_t *o)
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
static void read_steps(struct vroom_work *w, json_t *list, int32_t vehicle, struct vrp_route *r)
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

static void read_plan(struct vroom_work *w)
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

static bool allocate(struct vroom_work *w, size_t jobs, size_t shipments, size_t vehicles)
{
    struct json_in *j = &w->j;
    if (jobs + shipments > MOST_TASKS || vehicles > MOST_VEHICLES) {
        json_in_fail(j, "", "too many tasks or vehicles");
        return false;
    }
    w->room_tasks = (int32_t)vroom_count_tasks(w->root);
    w->room_skills = MOST_SKILLS;
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
    w->used = json_in_alloc(j, MOST_LOCATIONS, sizeof *w->used);
    w->skill = json_in_alloc(j, MOST_SKILLS, sizeof *w->skill);
    w->vehicle_skills = json_in_alloc(j, vehicles, sizeof *w->vehicle_skills);
    w->d->has_point = json_in_alloc(j, MOST_LOCATIONS, sizeof *w->d->has_point);
    w->d->metres = json_in_alloc(j, 64, sizeof *w->d->metres);
    return !j->failed;
}

static void read_all(struct vroom_work *w)
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
    w->d->matrices =
        json_object_size(json_object_get(w->root, "matrices")) || json_object_get(w->root, "matrix");
    w->d->time_base = find_base(w->root);
    find_scale(w);
    json_array_foreach(vehicles, i, o) read_vehicle(w, o, i);
    json_array_foreach(jobs, i, o) vroom_job(w, o, i);
    json_array_foreach(shipments, i, o) vroom_shipment(w, o, i);
    if (!w->j.failed)
        vroom_refuse_doubles(w);
    for (int32_t k = 0; k < w->n_profiles && !w->j.failed; k++)
        read_profile(w, k);
    if (w->j.failed)
        return;
    vroom_prizes(w);
    in->p = (struct vrp_problem){.n_locations = w->n_locations,
                                 .n_tasks = w->n_tasks,
                                 .n_vehicles = (int32_t)json_array_size(vehicles),
                                 .n_profiles = w->n_profiles,
                                 .n_dims = w->dims,
                                 .n_groups = w->n_groups,
                                 .profiles = w->profiles,
                                 .tasks = w->tasks,
                                 .vehicles = w->vehicles};
    vroom_task_costs(w);
    read_plan(w);
    in->cost_unit = 1.0 / (double)w->scale;
    in->lon = w->lon;
    in->lat = w->lat;
    in->detail = w->d;
}

int vroom_read(const char *text, size_t n, const struct instance_options *options, struct instance *in,
               struct instance_fault *fault)
{
    (void)options;
    struct vroom_work *w = instance_alloc(in, 1, sizeof *w);
    if (!w)
        return instance_complain(fault, "out of memory");
    w->j = (struct json_in){.in = in, .fault = fault};
    w->root = json_in_open(&w->j, text, n);
    if (json_is_object(w->root))
        read_all(w);
    else
        json_in_fail(&w->j, "", "not a JSON object");
    json_in_close(&w->j, w->root);
    return w->j.failed ? -1 : 0;
}
