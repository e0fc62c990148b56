#include "routing/format/json_in.h"
#include "routing/format/native.h"
#include "routing/format/reader.h"
#include "routing/vrp/terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 200000 };

/* Integer fields by name: where they live and what is allowed. */
struct field {
    const char *key;
    size_t offset;
    int64_t least, most;
};
#define FIELD(type, name, least, most)                                                                       \
    {                                                                                                        \
#name, offsetof(struct type, name), least, most                                                      \
    }

static const struct field task_fields[] = {
    FIELD(vrp_task, release, 0, VRP_LIMIT),
    FIELD(vrp_task, group, 0, MOST),
    FIELD(vrp_task, resource, 0, MOST),
    FIELD(vrp_task, resource_units, 0, VRP_LIMIT),
};
static const struct field vehicle_fields[] = {
    FIELD(vrp_vehicle, count, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, profile, 0, 63),
    FIELD(vrp_vehicle, travel_permille, 1, 100000),
    FIELD(vrp_vehicle, max_tasks, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, max_travel, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, max_distance, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, max_duration, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, max_trips, 1, VRP_LIMIT),
    FIELD(vrp_vehicle, reload, 0, MOST),
    FIELD(vrp_vehicle, reload_time, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, soft_duration, 0, VRP_LIMIT),
};
static const struct field vehicle_costs[] = {
    FIELD(vrp_vehicle, fixed_cost, 0, VRP_REQUIRED), FIELD(vrp_vehicle, unit_distance, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, unit_travel, 0, VRP_LIMIT),   FIELD(vrp_vehicle, unit_duration, 0, VRP_LIMIT),
    FIELD(vrp_vehicle, unit_overtime, 0, VRP_LIMIT),
};
static const struct field visit_fields[] = {
    FIELD(vrp_visit, location, 0, MOST),       FIELD(vrp_visit, setup, 0, VRP_LIMIT),
    FIELD(vrp_visit, service, 0, VRP_LIMIT),   FIELD(vrp_visit, late_max, 0, VRP_LIMIT),
    FIELD(vrp_visit, late_cost, 0, VRP_LIMIT),
};
#define COUNT(table) (sizeof(table) / sizeof *(table))

static void read_ints(struct json_in *j, json_t *o, const struct field *f, size_t n, void *to)
{
    for (size_t i = 0; i < n; i++) {
        int32_t *at = (int32_t *)((char *)to + f[i].offset);
        *at = (int32_t)json_in_integer(j, o, f[i].key, f[i].least, f[i].most, *at);
    }
}

static void read_costs(struct json_in *j, json_t *o, const struct field *f, size_t n, void *to)
{
    for (size_t i = 0; i < n; i++) {
        int64_t *at = (int64_t *)((char *)to + f[i].offset);
        *at = json_in_integer(j, o, f[i].key, f[i].least, f[i].most, *at);
    }
}

static uint64_t read_skills(struct json_in *j, json_t *o)
{
    uint64_t bits = 0;
    json_t *v;
    size_t i;
    json_array_foreach(json_in_array(j, o, "skills"), i, v)
    {
        json_int_t k = json_integer_value(v);
        if (!json_is_integer(v) || k < 0 || k > 63)
            json_in_fail(j, "skills", "a skill is not an integer from 0 to 63");
        else
            bits |= (uint64_t)1 << k;
    }
    return bits;
}

static void read_visit(struct json_in *j, json_t *o, struct vrp_visit *v)
{
    v->location = VRP_NONE;
    read_ints(j, o, visit_fields, COUNT(visit_fields), v);
    v->n_windows = json_in_windows(j, o, "windows", 0, &v->windows);
}

static void read_allowed(struct json_in *j, json_t *o, struct vrp_task *t)
{
    json_t *list = json_in_array(j, o, "allowed"), *v;
    size_t i, n = (size_t)j->in->p.n_vehicles;
    if (!list)
        return;
    bool *allowed = json_in_alloc(j, n, sizeof *allowed);
    json_array_foreach(list, i, v)
    {
        json_int_t k = json_integer_value(v);
        if (!allowed || !json_is_integer(v) || k < 0 || k >= (json_int_t)n)
            json_in_fail(j, "allowed", "no such vehicle type");
        else
            allowed[k] = true;
    }
    t->allowed = allowed;
}

static int read_task(struct json_in *j, json_t *o, struct vrp_task *t)
{
    *t = (struct vrp_task)VRP_TASK_DEFAULT;
    json_t *pickup = json_object_get(o, "from"), *delivery = json_object_get(o, "to");
    t->kind = pickup ? VRP_SHIPMENT : VRP_JOB;
    read_visit(j, pickup ? pickup : o, &t->visit[0]);
    if (pickup)
        read_visit(j, delivery, &t->visit[1]);
    int dims = json_in_amounts(j, o, pickup ? "load" : "delivery", pickup ? t->pickup : t->delivery);
    int more = pickup ? 0 : json_in_amounts(j, o, "pickup", t->pickup);
    read_ints(j, o, task_fields, COUNT(task_fields), t);
    t->prize = json_in_integer(j, o, "prize", 0, VRP_REQUIRED, VRP_REQUIRED);
    t->cost = json_in_integer(j, o, "cost", 0, VRP_REQUIRED, 0);
    t->skills = read_skills(j, o);
    read_allowed(j, o, t);
    return dims > more ? dims : more;
}

static void read_breaks(struct json_in *j, json_t *o, struct vrp_vehicle *v)
{
    json_t *list = json_in_array(j, o, "breaks"), *b;
    size_t i, n = json_array_size(list);
    struct vrp_break *breaks = json_in_alloc(j, n, sizeof *breaks);
    if (n > VRP_BREAKS)
        json_in_fail(j, "breaks", "too many");
    json_array_foreach(list, i, b)
    {
        if (!breaks)
            return;
        breaks[i].service = (int32_t)json_in_integer(j, b, "service", 0, VRP_LIMIT, 0);
        breaks[i].n_windows = json_in_windows(j, b, "windows", 0, &breaks[i].windows);
        breaks[i].limit_load = json_in_amounts(j, b, "max_load", breaks[i].max_load) > 0;
    }
    v->breaks = breaks;
    v->n_breaks = (int32_t)n;
}

static int read_vehicle(struct json_in *j, json_t *o, struct vrp_vehicle *v)
{
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->start = (int32_t)json_in_integer(j, o, "start", 0, MOST, VRP_NONE);
    v->end = (int32_t)json_in_integer(j, o, "end", 0, MOST, VRP_NONE);
    read_ints(j, o, vehicle_fields, COUNT(vehicle_fields), v);
    read_costs(j, o, vehicle_costs, COUNT(vehicle_costs), v);
    json_t *pair = json_in_array(j, o, "shift");
    if (pair) {
        json_t *wrapped = json_pack("{s:[O]}", "shift", pair);
        const struct vrp_window *shift = NULL;
        if (json_in_windows(j, wrapped, "shift", 0, &shift) == 1)
            v->shift = *shift;
        json_decref(wrapped);
    }
    v->skills = read_skills(j, o);
    v->lifo = json_in_flag(j, o, "lifo");
    v->backhaul = json_in_flag(j, o, "backhaul");
    v->linehaul_first = json_in_flag(j, o, "linehaul_first");
    read_breaks(j, o, v);
    return json_in_amounts(j, o, "capacity", v->capacity);
}

/* ---- travel ---- */

static void read_slices(struct json_in *j, json_t *o, int32_t n, struct vrp_profile *f)
{
    json_t *list = json_in_array(j, o, "slices"), *s;
    size_t i, count = json_array_size(list);
    if (!count)
        return;
    int32_t *from = json_in_alloc(j, count, sizeof *from);
    const int32_t **seconds = json_in_alloc(j, count, sizeof *seconds);
    json_array_foreach(list, i, s)
    {
        if (!from || !seconds)
            return;
        from[i] = (int32_t)json_in_integer(j, s, "from", i ? from[i - 1] : 0, VRP_LIMIT, 0);
        seconds[i] = json_in_matrix(j, s, "seconds", n);
        if (!seconds[i])
            json_in_fail(j, "slices", "a slice without seconds");
    }
    f->n_slices = (int32_t)count;
    f->slice_from = from;
    f->slice_seconds = seconds;
}

static void great_circles(struct json_in *j, int32_t n, double detour, double speed, struct vrp_profile *f)
{
    size_t m = (size_t)n;
    int32_t *metres = json_in_circles(j, j->in->lon, j->in->lat, n, detour);
    int32_t *seconds = json_in_alloc(j, m * m, sizeof *seconds);
    for (size_t i = 0; seconds && metres && i < m * m; i++)
        seconds[i] = (int32_t)lround(metres[i] / speed);
    f->seconds = seconds;
    f->metres = metres;
}

static void read_profiles(struct json_in *j, json_t *root)
{
    struct vrp_problem *p = &j->in->p;
    json_t *list = json_in_array(j, root, "profiles"), *o;
    size_t i, n = json_array_size(list);
    struct vrp_profile *profiles = json_in_alloc(j, n + 1, sizeof *profiles);
    p->profiles = profiles;
    p->n_profiles = (int32_t)(n ? n : 1);
    if (n > 64)
        json_in_fail(j, "profiles", "more than 64");
    for (i = 0; !j->failed && i < (n ? n : 1); i++) {
        o = json_array_get(list, i);
        json_in_at(j, "profiles", i);
        profiles[i].seconds = json_in_matrix(j, o, "seconds", p->n_locations);
        profiles[i].metres = json_in_matrix(j, o, "metres", p->n_locations);
        if (!profiles[i].seconds && !j->failed && p->n_locations <= 20000)
            great_circles(j, p->n_locations, json_in_real(j, o, "detour", 1, 3, 1.3),
                          json_in_real(j, o, "metres_per_second", 0.1, 100, 8), &profiles[i]);
        read_slices(j, o, p->n_locations, &profiles[i]);
    }
}

static void read_locations(struct json_in *j, json_t *root)
{
    json_t *list = json_in_array(j, root, "locations"), *v;
    size_t i, n = json_array_size(list);
    double *lon = json_in_alloc(j, n, sizeof *lon), *lat = json_in_alloc(j, n, sizeof *lat);
    if (n > MOST)
        json_in_fail(j, "locations", "too many");
    json_array_foreach(list, i, v)
    {
        json_t *wrapped = json_pack("{s:O}", "location", v);
        json_in_at(j, "locations", i);
        if (lon && lat && !json_in_point(j, wrapped, "location", &lon[i], &lat[i]))
            json_in_fail(j, "", "not [lon, lat]");
        json_decref(wrapped);
        if (j->failed)
            return;
    }
    j->in->lon = lon;
    j->in->lat = lat;
    j->in->p.n_locations = (int32_t)n;
}

/* ---- the rest ---- */

static void read_resources(struct json_in *j, json_t *root)
{
    json_t *list = json_in_array(j, root, "resources"), *o;
    size_t i, n = json_array_size(list);
    struct vrp_resource *r = json_in_alloc(j, n, sizeof *r);
    json_array_foreach(list, i, o)
    {
        if (!r)
            return;
        json_in_at(j, "resources", i);
        r[i].capacity = (int32_t)json_in_integer(j, o, "capacity", 0, VRP_LIMIT, 0);
        r[i].wider = (int32_t)json_in_integer(j, o, "wider", 0, MOST, VRP_NONE);
    }
    j->in->p.resources = r;
    j->in->p.n_resources = (int32_t)n;
}

static void read_assign_cost(struct json_in *j, json_t *root)
{
    struct vrp_problem *p = &j->in->p;
    if (json_is_object(json_object_get(root, "assign_cost")) && p->n_vehicles == p->n_tasks) {
        p->assign_cost = json_in_matrix(j, root, "assign_cost", p->n_tasks); /* square and large */
        return;
    }
    json_t *rows = json_in_array(j, root, "assign_cost");
    if (!rows)
        return;
    int32_t *cost = json_in_alloc(j, (size_t)p->n_vehicles * (size_t)p->n_tasks, sizeof *cost);
    for (int32_t v = 0; cost && v < p->n_vehicles; v++)
        for (int32_t t = 0; t < p->n_tasks; t++) {
            json_t *x = json_array_get(json_array_get(rows, (size_t)v), (size_t)t);
            if (!json_is_integer(x) || json_integer_value(x) < 0 || json_integer_value(x) > VRP_LIMIT) {
                json_in_fail(j, "assign_cost", "not a row for each vehicle type with a cost for each task");
                return;
            }
            cost[(size_t)v * (size_t)p->n_tasks + (size_t)t] = (int32_t)json_integer_value(x);
        }
    p->assign_cost = cost;
}

/* stops: task, [task, 1] for a delivery, "reload", "break" */
static bool read_stop(const struct vrp_problem *p, json_t *v, int32_t *breaks, int32_t *ret)
{
    json_int_t task = json_integer_value(json_is_array(v) ? json_array_get(v, 0) : v);
    json_int_t second = json_is_array(v) ? json_integer_value(json_array_get(v, 1)) : 0;
    if (json_is_string(v)) {
        bool reload = !strcmp(json_string_value(v), "reload");
        *ret = reload ? VRP_RELOAD : VRP_BREAK0 - (*breaks)++;
        return reload || !strcmp(json_string_value(v), "break");
    }
    if (!(json_is_integer(v) || json_is_array(v)) || task < 0 || task >= p->n_tasks || second < 0 ||
        second > 1)
        return false;
    *ret = (int32_t)(task * 2 + second);
    return true;
}

static bool read_route(const struct vrp_problem *p, json_t *o, struct vrp_route *r)
{
    json_t *list = json_object_get(o, "stops"), *v;
    size_t i;
    int32_t breaks = 0;
    r->vehicle = (int32_t)json_integer_value(json_object_get(o, "vehicle"));
    r->frozen = (int32_t)json_integer_value(json_object_get(o, "frozen"));
    r->n = 0;
    json_array_foreach(list, i, v) if (!read_stop(p, v, &breaks, &r->stops[r->n++])) return false;
    return json_is_array(list);
}

static void read_plan(struct json_in *j, json_t *root)
{
    json_t *list = json_in_array(j, root, "plan"), *o;
    size_t i, n = json_array_size(list);
    struct vrp_route *plan = json_in_alloc(j, n, sizeof *plan);
    json_array_foreach(list, i, o)
    {
        json_in_at(j, "plan", i);
        if (plan)
            plan[i].stops = json_in_alloc(j, json_array_size(json_object_get(o, "stops")), sizeof(int32_t));
        if (!plan || !plan[i].stops || !read_route(&j->in->p, o, &plan[i])) {
            json_in_fail(j, "stops", "not tasks, [task, 1], \"reload\" or \"break\"");
            return;
        }
    }
    j->in->p.plan = plan;
    j->in->p.n_plan = (int32_t)n;
}

/* stay_cost and fair_cost, once the rest is sound. */
static void read_terms(struct json_in *j, json_t *root, struct vrp_vehicle *vehicles)
{
    struct vrp_problem *p = &j->in->p;
    struct vrp_fault wrong;
    int32_t stay = (int32_t)json_in_integer(j, root, "stay_cost", 0, VRP_LIMIT, 0);
    int64_t fair = json_in_integer(j, root, "fair_cost", 0, VRP_LIMIT, 0);
    if (j->failed || (!stay && !fair))
        return;
    if (vrp_problem_check(p, &wrong) < 0) {
        json_in_fail(j, "", wrong.text);
        return;
    }
    size_t n = (size_t)p->n_vehicles * (size_t)p->n_tasks;
    int32_t *cost = stay ? json_in_alloc(j, n, sizeof *cost) : NULL;
    if (cost && p->assign_cost)
        memcpy(cost, p->assign_cost, n * sizeof *cost);
    if (cost) {
        terms_stay(p, stay, cost);
        p->assign_cost = cost;
    }
    int32_t share = fair ? terms_fair_share(p) : 0;
    for (int32_t v = 0; fair && v < p->n_vehicles; v++) {
        vehicles[v].soft_duration = share;
        vehicles[v].unit_overtime = fair;
    }
}

static void read_all(struct json_in *j, json_t *root)
{
    struct vrp_problem *p = &j->in->p;
    json_t *vehicles = json_in_array(j, root, "vehicles"), *tasks = json_in_array(j, root, "tasks"), *o;
    size_t i, n_vehicles = json_array_size(vehicles), n_tasks = json_array_size(tasks);
    struct vrp_vehicle *v = json_in_alloc(j, n_vehicles, sizeof *v);
    struct vrp_task *t = json_in_alloc(j, n_tasks, sizeof *t);
    const char *name = json_in_text(j, root, "name");
    if (n_vehicles > MOST || n_tasks > MOST)
        json_in_fail(j, "", "too many tasks or vehicles");
    if (name)
        j->in->name = (char *)name;
    p->n_vehicles = (int32_t)n_vehicles;
    p->n_tasks = (int32_t)n_tasks;
    p->vehicles = v;
    p->tasks = t;
    p->fleet_first = json_in_flag(j, root, "fleet_first");
    read_locations(j, root);
    for (i = 0; !j->failed && i < n_vehicles; i++) {
        json_in_at(j, "vehicles", i);
        int dims = read_vehicle(j, json_array_get(vehicles, i), &v[i]);
        p->n_dims = dims > p->n_dims ? dims : p->n_dims;
    }
    for (i = 0; !j->failed && i < n_tasks; i++) {
        json_in_at(j, "tasks", i);
        int dims = read_task(j, o = json_array_get(tasks, i), &t[i]);
        p->n_dims = dims > p->n_dims ? dims : p->n_dims;
        p->n_groups = t[i].group >= p->n_groups ? t[i].group + 1 : p->n_groups;
    }
    j->where[0] = 0;
    read_resources(j, root);
    read_assign_cost(j, root);
    read_plan(j, root);
    if (!j->failed)
        read_profiles(j, root);
    read_terms(j, root, v);
}

int native_read(const char *text, size_t n, const struct instance_options *options, struct instance *in,
                struct instance_fault *fault)
{
    struct json_in j = {.in = in, .fault = fault};
    json_t *root = json_in_open(&j, text, n);
    in->first_node = 0;
    if (json_is_object(root) && json_integer_value(json_object_get(root, "yizhan")) == 1)
        read_all(&j, root);
    else
        json_in_fail(&j, "yizhan", "the version is not 1");
    in->p.fleet_first |= options->objective == OBJECTIVE_HIERARCHICAL;
    json_in_close(&j, root);
    return j.failed ? -1 : 0;
}

int native_read_solution(const struct instance *in, const char *text, size_t n, struct vrp_solution *ret,
                         struct instance_fault *fault)
{
    json_error_t error;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error), *o;
    struct vrp_solution s = {0};
    size_t i;
    if (!root)
        return instance_complain(fault, "line %d: %s", error.line, error.text);
    json_t *routes = json_object_get(root, "routes");
    bool ok = json_is_array(routes);
    s.routes = calloc(json_array_size(routes) + 1, sizeof *s.routes);
    json_array_foreach(routes, i, o)
    {
        if (!ok || !s.routes)
            break;
        struct vrp_route *r = &s.routes[s.n_routes++];
        r->stops = malloc((json_array_size(json_object_get(o, "stops")) + 1) * sizeof(int32_t));
        ok = r->stops && read_route(&in->p, o, r);
    }
    json_decref(root);
    if (ok && s.routes) {
        *ret = s;
        return 0;
    }
    vrp_solution_fini(&s);
    return instance_complain(fault, "route %zu: no list of stops of this instance", i);
}
