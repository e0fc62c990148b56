#include "routing/vrp/solution.h"

#include <stdlib.h>
#include <string.h>

static const char *const reason_names[VRP_REASONS] = {
    [VRP_SERVED] = "served",
    [VRP_R_ALTERNATIVE] = "alternative_served",
    [VRP_R_NO_VEHICLE] = "no_vehicle",
    [VRP_R_NOT_ALLOWED] = "not_allowed",
    [VRP_R_SKILLS] = "skills",
    [VRP_R_TOO_BIG] = "too_big",
    [VRP_R_WINDOW] = "window_unreachable",
    [VRP_R_RANGE] = "out_of_range",
    [VRP_R_RESOURCE] = "resource_full",
    [VRP_R_CAPACITY] = "capacity",
    [VRP_R_TIME] = "time",
    [VRP_R_LIMIT] = "route_limits",
    [VRP_R_PRIZE] = "not_worth_it",
    [VRP_R_STOPPED] = "stopped",
};

const char *vrp_reason_name(enum vrp_reason r)
{
    return (unsigned)r < VRP_REASONS ? reason_names[r] : "unknown";
}

void vrp_solution_fini(struct vrp_solution *s)
{
    if (!s)
        return;
    for (int32_t i = 0; s->routes && i < s->n_routes; i++)
        free(s->routes[i].stops);
    free(s->routes);
    free(s->unserved);
    *s = (struct vrp_solution){0};
}

static int copy_routes(const struct vrp_solution *s, struct vrp_solution *to)
{
    to->routes = calloc((size_t)s->n_routes + 1, sizeof *to->routes);
    if (!to->routes)
        return -1;
    for (int32_t i = 0; i < s->n_routes; i++) {
        size_t bytes = (size_t)s->routes[i].n * sizeof(int32_t);
        to->routes[i] = s->routes[i];
        to->routes[i].stops = malloc(bytes + 1);
        to->n_routes = i + 1;
        if (!to->routes[i].stops)
            return -1;
        if (bytes)
            memcpy(to->routes[i].stops, s->routes[i].stops, bytes);
    }
    return 0;
}

int vrp_solution_copy(const struct vrp_solution *s, struct vrp_solution *ret)
{
    struct vrp_solution to = {.n_unserved = s->n_unserved, .cost = s->cost, .feasible = s->feasible};
    size_t bytes = (size_t)s->n_unserved * sizeof *s->unserved;
    to.unserved = malloc(bytes + 1);
    if (!to.unserved || copy_routes(s, &to) < 0) {
        vrp_solution_fini(&to);
        return -1;
    }
    if (bytes)
        memcpy(to.unserved, s->unserved, bytes);
    *ret = to;
    return 0;
}
