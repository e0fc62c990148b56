/* Reading a solution in VROOM's shape: its own, or what this project wrote. Times are not read: the checker
 * works them out. */
#include "routing/format/vroom.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int32_t find_vehicle(const struct instance *in, int64_t id)
{
    const struct vroom_detail *d = in->detail;
    for (int32_t v = 0; v < in->p.n_vehicles; v++)
        if (d->vehicles[v].id == id)
            return v;
    return VRP_NONE;
}

static bool is_visit(const struct vrp_task *t, const char *type, int end)
{
    if (t->kind == VRP_JOB)
        return end == 0 && !strcmp(type, "job");
    return !strcmp(type, end ? "delivery" : "pickup");
}

/* Of the copies of a task for vehicle types, the one this vehicle may serve. */
static int32_t find_visit(const struct instance *in, int32_t vehicle, const char *type, int64_t id)
{
    const struct vroom_detail *d = in->detail;
    int32_t found = VRP_NONE;
    for (int32_t t = 0; t < in->p.n_tasks; t++)
        for (int end = 0; end < 2; end++)
            if (d->tasks[t].id[end] == id && is_visit(&in->p.tasks[t], type, end) &&
                (found == VRP_NONE || vrp_may_serve(&in->p, vehicle, t)))
                found = t * 2 + end;
    return found;
}

static int32_t find_break(const struct instance *in, int32_t vehicle, int64_t id)
{
    const struct vroom_detail *d = in->detail;
    for (int32_t b = 0; b < in->p.vehicles[vehicle].n_breaks; b++)
        if (d->vehicles[vehicle].break_id[b] == id)
            return VRP_BREAK0 - b;
    return VRP_NONE;
}

static bool read_step(const struct instance *in, json_t *o, struct vrp_route *r)
{
    const char *type = json_string_value(json_object_get(o, "type"));
    json_t *id = json_object_get(o, "id");
    if (!type)
        return false;
    if (!strcmp(type, "start") || !strcmp(type, "end"))
        return true;
    bool pause = !strcmp(type, "break");
    int32_t stop = pause ? find_break(in, r->vehicle, json_integer_value(id))
                         : find_visit(in, r->vehicle, type, json_integer_value(id));
    if (!json_is_integer(id) || stop == VRP_NONE)
        return false;
    r->stops[r->n++] = stop;
    return true;
}

static int read_route(const struct instance *in, json_t *o, struct vrp_route *r, struct instance_fault *fault)
{
    json_t *steps = json_object_get(o, "steps"), *step;
    size_t i;
    r->vehicle = find_vehicle(in, json_integer_value(json_object_get(o, "vehicle")));
    if (r->vehicle == VRP_NONE || !json_is_array(steps))
        return instance_complain(fault, "a route without steps or of a vehicle that is not there");
    r->stops = malloc((json_array_size(steps) + 1) * sizeof *r->stops);
    if (!r->stops)
        return instance_complain(fault, "out of memory");
    json_array_foreach(steps, i, step)
    {
        if (!read_step(in, step, r))
            return instance_complain(fault,
                                     "vehicle %" JSON_INTEGER_FORMAT ", step %zu: no task or break of it",
                                     json_integer_value(json_object_get(o, "vehicle")), i);
    }
    return 0;
}

int vroom_read_solution(const struct instance *in, const char *text, size_t n, struct vrp_solution *ret,
                        struct instance_fault *fault)
{
    json_error_t error;
    json_t *root = json_loadb(text, n, 0, &error), *routes = json_object_get(root, "routes"), *o;
    struct vrp_solution s = {0};
    size_t i;
    int status = 0;
    if (!root)
        return instance_complain(fault, "line %d: %s", error.line, error.text);
    s.routes = calloc(json_array_size(routes) + 1, sizeof *s.routes);
    if (!json_is_array(routes) || !s.routes)
        status = instance_complain(fault, s.routes ? "no routes" : "out of memory");
    json_array_foreach(routes, i, o)
    {
        if (status < 0)
            break;
        status = read_route(in, o, &s.routes[s.n_routes++], fault);
    }
    json_decref(root);
    if (status == 0)
        *ret = s;
    else
        vrp_solution_fini(&s);
    return status;
}
