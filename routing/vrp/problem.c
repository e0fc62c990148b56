/* Looking things up in a problem, and telling what is wrong with it. */
#include "routing/vrp/problem.h"

#include <math.h>
#include <string.h>

int32_t vrp_plane_distance(const struct vrp_plane *m, int32_t a, int32_t b)
{
    double dx = m->x[a] - m->x[b], dy = m->y[a] - m->y[b];
    double d = m->scale * sqrt(dx * dx + dy * dy);
    return d < VRP_LIMIT ? (int32_t)(m->ceil ? ceil(d) : floor(d + m->bias)) : VRP_LIMIT;
}

static const int32_t *slice_at(const struct vrp_profile *f, int32_t when)
{
    int32_t k = 0;
    while (k + 1 < f->n_slices && f->slice_from[k + 1] <= when)
        k++;
    return f->slice_seconds[k];
}

int32_t vrp_slowed_seconds(const struct vrp_problem *p, const struct vrp_vehicle *v, int32_t a, int32_t b,
                           int32_t when)
{
    const struct vrp_profile *f = &p->profiles[v->profile];
    const int32_t *m = f->n_slices ? slice_at(f, when) : f->seconds;
    int32_t s = m ? m[(size_t)a * (size_t)p->n_locations + (size_t)b] : vrp_plane_distance(&p->plane, a, b);
    if (v->travel_permille == 1000)
        return s;
    int64_t slowed = ((int64_t)s * v->travel_permille + 999) / 1000;
    return slowed < VRP_FAR ? (int32_t)slowed : VRP_FAR;
}

bool vrp_may_serve(const struct vrp_problem *p, int32_t v, int32_t t)
{
    const struct vrp_task *task = &p->tasks[t];
    return (task->skills & ~p->vehicles[v].skills) == 0 && (!task->allowed || task->allowed[v]);
}

/* ---- the check: each rule a line; `where` and `index` name the place ---- */

static int complain(struct vrp_fault *fault, const char *where, int32_t index, const char *what)
{
    char digits[12];
    int at = sizeof digits;
    uint32_t u = (uint32_t)index;
    digits[--at] = 0;
    do
        digits[--at] = (char)('0' + u % 10);
    while ((u /= 10) != 0);
    const char *parts[] = {where, " ", digits + at, ": ", what};
    size_t used = 0;
    for (size_t i = 0; fault && i < sizeof parts / sizeof *parts; i++) {
        size_t room = sizeof fault->text - 1 - used, len = strlen(parts[i]);
        memcpy(fault->text + used, parts[i], len < room ? len : room);
        used += len < room ? len : room;
    }
    if (fault)
        fault->text[used] = 0;
    return -1;
}

static bool amount_ok(int64_t x)
{
    return x >= 0 && x <= VRP_LIMIT;
}

static bool leg_ok(int64_t x)
{
    return x >= 0 && x <= VRP_LEG_LIMIT;
}

static bool amounts_ok(const int32_t *x)
{
    for (int d = 0; d < VRP_DIMS; d++)
        if (!amount_ok(x[d]))
            return false;
    return true;
}

static bool windows_ok(const struct vrp_window *w, int32_t n)
{
    if (n < 0 || (n > 0 && !w))
        return false;
    for (int32_t i = 0; i < n; i++)
        if (!amount_ok(w[i].from) || w[i].until < w[i].from || w[i].until > VRP_LIMIT ||
            (i > 0 && w[i].from <= w[i - 1].until))
            return false;
    return true;
}

static bool location_ok(const struct vrp_problem *p, int32_t at, bool optional)
{
    return (at >= 0 && at < p->n_locations) || (optional && at == VRP_NONE);
}

static const char *visit_fault(const struct vrp_problem *p, const struct vrp_visit *v)
{
    if (!location_ok(p, v->location, false))
        return "location out of range";
    if (!leg_ok(v->setup) || !leg_ok(v->service) || !amount_ok(v->late_max) || !amount_ok(v->late_cost))
        return "setup, service or lateness out of range";
    if (!windows_ok(v->windows, v->n_windows))
        return "time windows are not ascending and disjoint";
    return NULL;
}

static const char *task_fault(const struct vrp_problem *p, const struct vrp_task *t)
{
    for (int k = 0; k < (t->kind == VRP_SHIPMENT ? 2 : 1); k++) {
        const char *what = visit_fault(p, &t->visit[k]);
        if (what)
            return what;
    }
    if (!amounts_ok(t->delivery) || !amounts_ok(t->pickup) || !amount_ok(t->release))
        return "load or release time out of range";
    if (t->prize < 0 || t->prize > VRP_REQUIRED || t->cost < 0 || t->cost > VRP_REQUIRED)
        return "prize or cost out of range";
    if (t->group != VRP_NONE && (t->group < 0 || t->group >= p->n_groups))
        return "group out of range";
    if (t->resource != VRP_NONE && (t->resource < 0 || t->resource >= p->n_resources))
        return "resource out of range";
    return amount_ok(t->resource_units) ? NULL : "resource units out of range";
}

static const char *breaks_fault(const struct vrp_vehicle *v)
{
    if (v->n_breaks < 0 || v->n_breaks > VRP_BREAKS || (v->n_breaks && !v->breaks))
        return "number of breaks out of range";
    for (int32_t i = 0; i < v->n_breaks; i++)
        if (!windows_ok(v->breaks[i].windows, v->breaks[i].n_windows) || !leg_ok(v->breaks[i].service) ||
            !amounts_ok(v->breaks[i].max_load))
            return "break out of range";
    return NULL;
}

static const char *vehicle_fault(const struct vrp_problem *p, const struct vrp_vehicle *v)
{
    if (!amount_ok(v->count) || v->profile < 0 || v->profile >= p->n_profiles)
        return "count or profile out of range";
    if (!location_ok(p, v->start, true) || !location_ok(p, v->end, true) || !location_ok(p, v->reload, true))
        return "start, end or reload location out of range";
    if (v->max_trips < 1 || (v->max_trips > 1 && v->reload == VRP_NONE && v->start == VRP_NONE))
        return "several trips need a start or a reload location";
    if (!windows_ok(&v->shift, 1) || !amounts_ok(v->capacity))
        return "shift or capacity out of range";
    if (v->travel_permille < 1 || v->travel_permille > 100000 || !leg_ok(v->reload_time))
        return "travel factor or reload time out of range";
    if (!amount_ok(v->max_tasks) || !amount_ok(v->max_travel) || !amount_ok(v->max_distance) ||
        !amount_ok(v->max_duration) || !amount_ok(v->soft_duration))
        return "limit out of range";
    if (v->fixed_cost < 0 || v->unit_distance < 0 || v->unit_travel < 0 || v->unit_duration < 0 ||
        v->unit_overtime < 0)
        return "cost below zero";
    return breaks_fault(v);
}

static const char *resource_fault(const struct vrp_problem *p, int32_t r)
{
    if (!amount_ok(p->resources[r].capacity))
        return "capacity out of range";
    int32_t steps = 0, at = r;
    for (; at != VRP_NONE && steps <= p->n_resources; steps++) {
        if (at < 0 || at >= p->n_resources)
            return "wider out of range";
        at = p->resources[at].wider;
    }
    return steps > p->n_resources ? "wider links form a circle" : NULL;
}

static const char *route_fault(const struct vrp_problem *p, const struct vrp_route *r)
{
    if (r->vehicle < 0 || r->vehicle >= p->n_vehicles || r->n < 0 || (r->n && !r->stops))
        return "vehicle or length out of range";
    if (r->frozen < 0 || r->frozen > r->n)
        return "frozen prefix longer than the route";
    for (int32_t i = 0; i < r->n; i++) {
        int32_t s = r->stops[i];
        if (s / 2 >= p->n_tasks || s <= VRP_BREAK0 - p->vehicles[r->vehicle].n_breaks)
            return "stop out of range";
        if (s >= 0 && (s & 1) && p->tasks[s / 2].kind == VRP_JOB)
            return "second visit of a job";
    }
    return NULL;
}

static const char *frame_fault(const struct vrp_problem *p)
{
    if (p->n_locations < 0 || p->n_tasks < 0 || p->n_vehicles < 0 || p->n_resources < 0 || p->n_groups < 0 ||
        p->n_plan < 0)
        return "a count below zero";
    if (p->n_dims < 0 || p->n_dims > VRP_DIMS)
        return "more load dimensions than are supported";
    if (p->n_tasks > VRP_LIMIT / 4 || p->n_locations > VRP_LIMIT / 4)
        return "too many tasks or locations";
    for (int32_t i = 0; i < p->n_profiles; i++)
        if (!p->profiles[i].seconds && !p->plane.x)
            return "neither matrix nor coordinates for a profile";
    return NULL;
}

/* ---- ranges of matrices and sums ---- */

/* Widens [*least, *most] by n entries. */
static void widen(const int32_t *m, size_t n, int32_t *least, int32_t *most)
{
    int32_t lo = *least, hi = *most;
    for (size_t i = 0; m && i < n; i++) {
        lo = m[i] < lo ? m[i] : lo;
        hi = m[i] > hi ? m[i] : hi;
    }
    *least = lo;
    *most = hi;
}

/* The longest way the plane can ask for; NaN counts as too long. */
static double plane_reach(const struct vrp_problem *p)
{
    double x0 = p->plane.x[0], x1 = x0, y0 = p->plane.y[0], y1 = y0, sum = 0;
    for (int32_t i = 0; i < p->n_locations; i++) {
        double x = p->plane.x[i], y = p->plane.y[i];
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
        y0 = y < y0 ? y : y0;
        y1 = y > y1 ? y : y1;
        sum += x * 0 + y * 0; /* not a number once one of them is not finite */
    }
    double reach = p->plane.scale * sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)) + sum;
    return p->plane.scale >= 0 && reach >= 0 && reach < VRP_LIMIT ? reach + 1 : VRP_LIMIT;
}

/* NULL and the longest way of the profile, or what is wrong. */
static const char *profile_fault(const struct vrp_problem *p, const struct vrp_profile *f,
                                 double *ret_longest)
{
    size_t n = (size_t)p->n_locations * (size_t)p->n_locations;
    int32_t least = 0, most = 0;
    widen(f->seconds, n, &least, &most);
    widen(f->metres, n, &least, &most);
    for (int32_t k = 0; k < f->n_slices; k++)
        widen(f->slice_seconds[k], n, &least, &most);
    *ret_longest = most;
    if (!f->seconds && p->plane.x && p->n_locations) {
        double reach = plane_reach(p);
        *ret_longest = reach > *ret_longest ? reach : *ret_longest;
    }
    return least < 0 || *ret_longest > VRP_LEG_LIMIT ? "a time or distance is out of range" : NULL;
}

static double most_of(double a, double b)
{
    return a > b ? a : b;
}

/* Whether the costs of all routes together stay below 2^60, whatever they are. */
static bool sums_fit(const struct vrp_problem *p, double longest)
{
    double leg = 0, route = 0, sum = 0, tasks = p->n_tasks, assign = 0;
    for (int32_t i = 0; i < p->n_vehicles; i++) {
        const struct vrp_vehicle *v = &p->vehicles[i];
        double slowed = longest * most_of(1, v->travel_permille / 1000.0);
        leg = most_of(leg, (double)v->unit_distance * longest + (double)v->unit_travel * slowed);
        route = most_of(route, (double)v->fixed_cost + ((double)v->unit_duration + (double)v->unit_overtime) *
                                                           ((double)v->shift.until - v->shift.from));
    }
    for (int32_t i = 0; i < p->n_tasks; i++) {
        const struct vrp_task *t = &p->tasks[i];
        sum += (double)t->cost;
        for (int k = 0; k < (t->kind == VRP_SHIPMENT ? 2 : 1); k++)
            sum += (double)t->visit[k].late_max * t->visit[k].late_cost;
    }
    for (size_t i = 0; p->assign_cost && i < (size_t)p->n_vehicles * (size_t)p->n_tasks; i++)
        assign = most_of(assign, p->assign_cost[i]);
    /* up to three legs a visit with re-loading, two more a route; a route for each task */
    return sum + tasks * (8 * leg + route + assign) < 0x1p60;
}

int vrp_problem_check(const struct vrp_problem *p, struct vrp_fault *fault)
{
    const char *what = frame_fault(p);
    double longest = 0, way;
    if (what)
        return complain(fault, "problem", 0, what);
    for (int32_t i = 0; i < p->n_profiles; i++) {
        if ((what = profile_fault(p, &p->profiles[i], &way)))
            return complain(fault, "profile", i, what);
        longest = most_of(longest, way);
    }
    for (int32_t i = 0; i < p->n_resources; i++)
        if ((what = resource_fault(p, i)))
            return complain(fault, "resource", i, what);
    for (int32_t i = 0; i < p->n_tasks; i++)
        if ((what = task_fault(p, &p->tasks[i])))
            return complain(fault, "task", i, what);
    for (int32_t i = 0; i < p->n_vehicles; i++)
        if ((what = vehicle_fault(p, &p->vehicles[i])))
            return complain(fault, "vehicle", i, what);
    for (int32_t i = 0; i < p->n_plan; i++)
        if ((what = route_fault(p, &p->plan[i])))
            return complain(fault, "plan route", i, what);
    if (!sums_fit(p, longest))
        return complain(fault, "problem", 0, "the costs are so large that their sums overflow");
    return 0;
}
