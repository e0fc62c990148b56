/* LoggiBUD's instances: an origin, one capacity and deliveries with a point and a size. Distances are great
 * circles in metres (the set has no fixed convention; its authors use streets). */
#include "routing/format/json_in.h"
#include "routing/format/reader.h"

enum { MOST_DELIVERIES = 5000 };

static bool read_point(struct json_in *j, json_t *o, double *ret_lon, double *ret_lat)
{
    *ret_lon = json_in_real(j, o, "lng", -180, 180, 999);
    *ret_lat = json_in_real(j, o, "lat", -90, 90, 999);
    if (*ret_lon > 180 || *ret_lat > 90)
        json_in_fail(j, "lng", "a point needs lng and lat");
    return !j->failed;
}

static void read_all(struct json_in *j, json_t *root)
{
    json_t *list = json_in_array(j, root, "deliveries"), *o;
    size_t i, n = json_array_size(list);
    if (n < 1 || n > MOST_DELIVERIES)
        json_in_fail(j, "deliveries", "none or too many");
    double *lon = json_in_alloc(j, n + 1, sizeof *lon), *lat = json_in_alloc(j, n + 1, sizeof *lat);
    struct vrp_task *tasks = json_in_alloc(j, n, sizeof *tasks);
    struct vrp_vehicle *v = json_in_alloc(j, 1, sizeof *v);
    struct vrp_profile *profile = json_in_alloc(j, 1, sizeof *profile);
    if (j->failed || !read_point(j, json_object_get(root, "origin"), &lon[0], &lat[0]))
        return;
    json_array_foreach(list, i, o)
    {
        json_in_at(j, "deliveries", i);
        tasks[i] = (struct vrp_task)VRP_TASK_DEFAULT;
        tasks[i].visit[0].location = (int32_t)i + 1;
        tasks[i].delivery[0] = (int32_t)json_in_integer(j, o, "size", 0, VRP_LIMIT, 0);
        if (!read_point(j, json_object_get(o, "point"), &lon[i + 1], &lat[i + 1]))
            return;
    }
    j->where[0] = 0;
    const char *name = json_in_text(j, root, "name");
    j->in->name = name ? (char *)name : j->in->name;
    *v = (struct vrp_vehicle)VRP_VEHICLE_DEFAULT;
    v->count = (int32_t)n;
    v->capacity[0] = (int32_t)json_in_integer(j, root, "vehicle_capacity", 0, VRP_LIMIT, 0);
    profile->seconds = profile->metres = json_in_circles(j, lon, lat, (int32_t)n + 1, 1);
    j->in->lon = lon;
    j->in->lat = lat;
    j->in->p = (struct vrp_problem){.n_locations = (int32_t)n + 1,
                                    .n_tasks = (int32_t)n,
                                    .n_vehicles = 1,
                                    .n_profiles = 1,
                                    .n_dims = 1,
                                    .profiles = profile,
                                    .tasks = tasks,
                                    .vehicles = v};
}

int loggi_read(const char *text, size_t n, const struct instance_options *options, struct instance *in,
               struct instance_fault *fault)
{
    struct json_in j = {.in = in, .fault = fault};
    json_error_t error;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return instance_complain(fault, "line %d: %s", error.line, error.text);
    if (json_is_object(root))
        read_all(&j, root);
    else
        json_in_fail(&j, "", "not a JSON object");
    in->p.fleet_first = options->objective == OBJECTIVE_HIERARCHICAL;
    json_decref(root);
    return j.failed ? -1 : 0;
}
