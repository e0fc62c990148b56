#include "routing/vrp/alike.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WORK = 200000000 /* entries that are compared at most */ };

struct alike {
    const struct vrp_problem *p;
    struct vrp_problem folded;
    int32_t n, *class_of; /* classes; by type */
    int32_t *first;       /* by class: its first type */
    struct vrp_vehicle *vehicles;
    struct vrp_task *tasks;
    bool *allowed;
    int32_t *assign_cost;
    struct vrp_route *plan;
};

static bool same_break(const struct vrp_break *a, const struct vrp_break *b, int32_t dims)
{
    bool same = a->n_windows == b->n_windows && a->service == b->service && a->limit_load == b->limit_load;
    for (int32_t i = 0; same && i < a->n_windows; i++)
        same = a->windows[i].from == b->windows[i].from && a->windows[i].until == b->windows[i].until;
    for (int32_t d = 0; same && a->limit_load && d < dims; d++)
        same = a->max_load[d] == b->max_load[d];
    return same;
}

static bool same_vehicle(const struct vrp_vehicle *a, const struct vrp_vehicle *b, int32_t dims)
{
    bool same = a->profile == b->profile && a->start == b->start && a->end == b->end &&
                a->shift.from == b->shift.from && a->shift.until == b->shift.until &&
                a->skills == b->skills && a->n_breaks == b->n_breaks &&
                a->travel_permille == b->travel_permille && a->max_tasks == b->max_tasks &&
                a->max_travel == b->max_travel && a->max_distance == b->max_distance &&
                a->max_duration == b->max_duration && a->max_trips == b->max_trips &&
                a->reload == b->reload && a->reload_time == b->reload_time && a->lifo == b->lifo &&
                a->backhaul == b->backhaul && a->linehaul_first == b->linehaul_first &&
                a->fixed_cost == b->fixed_cost && a->unit_distance == b->unit_distance &&
                a->unit_travel == b->unit_travel && a->unit_duration == b->unit_duration &&
                a->soft_duration == b->soft_duration && a->unit_overtime == b->unit_overtime;
    for (int32_t d = 0; same && d < dims; d++)
        same = a->capacity[d] == b->capacity[d];
    for (int32_t i = 0; same && i < a->n_breaks; i++)
        same = same_break(&a->breaks[i], &b->breaks[i], dims);
    return same;
}

static bool same_to_tasks(const struct vrp_problem *p, int32_t a, int32_t b)
{
    size_t n = (size_t)p->n_tasks;
    for (int32_t t = 0; t < p->n_tasks; t++)
        if (p->tasks[t].allowed && p->tasks[t].allowed[a] != p->tasks[t].allowed[b])
            return false;
    return !p->assign_cost || !memcmp(p->assign_cost + (size_t)a * n, p->assign_cost + (size_t)b * n,
                                      n * sizeof *p->assign_cost);
}

/* The class that type v belongs to; a new one if there is no such. */
static int32_t class_for(struct alike *f, int32_t v, int64_t *work)
{
    const struct vrp_problem *p = f->p;
    for (int32_t k = 0; k < f->n && *work < MOST_WORK; k++) {
        ++*work;
        if (!same_vehicle(&p->vehicles[f->first[k]], &p->vehicles[v], p->n_dims))
            continue;
        *work += p->n_tasks;
        if (same_to_tasks(p, f->first[k], v))
            return k;
    }
    f->first[f->n] = v;
    return f->n++;
}

static void find_classes(struct alike *f, const bool *planned)
{
    const struct vrp_problem *p = f->p;
    int64_t work = 0;
    for (int32_t v = 0; v < p->n_vehicles; v++)
        if (!planned[v])
            f->class_of[v] = class_for(f, v, &work);
    for (int32_t v = 0; v < p->n_vehicles; v++)
        if (planned[v]) {
            f->class_of[v] = f->n;
            f->first[f->n++] = v;
        }
}

static void fold_vehicles(struct alike *f)
{
    for (int32_t k = 0; k < f->n; k++) {
        f->vehicles[k] = f->p->vehicles[f->first[k]];
        f->vehicles[k].count = 0;
    }
    for (int32_t v = 0; v < f->p->n_vehicles; v++) {
        int64_t count = (int64_t)f->vehicles[f->class_of[v]].count + f->p->vehicles[v].count;
        f->vehicles[f->class_of[v]].count = count < VRP_LIMIT ? (int32_t)count : VRP_LIMIT;
    }
}

static void fold_tasks(struct alike *f)
{
    const struct vrp_problem *p = f->p;
    size_t n = (size_t)f->n, n_tasks = (size_t)p->n_tasks;
    for (size_t t = 0; t < n_tasks; t++) {
        f->tasks[t] = p->tasks[t];
        if (!p->tasks[t].allowed)
            continue;
        f->tasks[t].allowed = f->allowed + t * n;
        for (size_t k = 0; k < n; k++)
            f->allowed[t * n + k] = p->tasks[t].allowed[f->first[k]];
    }
    for (size_t k = 0; p->assign_cost && k < n; k++)
        memcpy(f->assign_cost + k * n_tasks, p->assign_cost + (size_t)f->first[k] * n_tasks,
               n_tasks * sizeof *f->assign_cost);
    for (int32_t i = 0; i < p->n_plan; i++) {
        f->plan[i] = p->plan[i];
        f->plan[i].vehicle = f->class_of[p->plan[i].vehicle];
    }
}

static bool allocate(struct alike *f)
{
    const struct vrp_problem *p = f->p;
    size_t n = (size_t)f->n, n_tasks = (size_t)p->n_tasks;
    bool some = false;
    for (size_t t = 0; t < n_tasks; t++)
        some |= p->tasks[t].allowed != NULL;
    f->vehicles = malloc((n + 1) * sizeof *f->vehicles);
    f->tasks = malloc((n_tasks + 1) * sizeof *f->tasks);
    f->allowed = malloc((some ? n * n_tasks : 0) + 1);
    f->assign_cost = malloc(((p->assign_cost ? n * n_tasks : 0) + 1) * sizeof *f->assign_cost);
    f->plan = malloc(((size_t)p->n_plan + 1) * sizeof *f->plan);
    return f->vehicles && f->tasks && f->allowed && f->assign_cost && f->plan;
}

static int fill(struct alike *f)
{
    if (!allocate(f))
        return -1;
    fold_vehicles(f);
    fold_tasks(f);
    f->folded = *f->p;
    f->folded.n_vehicles = f->n;
    f->folded.vehicles = f->vehicles;
    f->folded.tasks = f->tasks;
    f->folded.assign_cost = f->p->assign_cost ? f->assign_cost : NULL;
    f->folded.plan = f->plan;
    return 0;
}

int alike_new(const struct vrp_problem *p, struct alike **ret)
{
    struct alike *f = calloc(1, sizeof *f);
    bool *planned = calloc((size_t)p->n_vehicles + 1, sizeof *planned);
    int status = -1;
    *ret = NULL;
    if (f && planned) {
        f->p = p;
        f->class_of = malloc(((size_t)p->n_vehicles + 1) * sizeof *f->class_of);
        f->first = malloc(((size_t)p->n_vehicles + 1) * sizeof *f->first);
        for (int32_t i = 0; i < p->n_plan; i++)
            planned[p->plan[i].vehicle] = true;
    }
    if (f && planned && f->class_of && f->first) {
        find_classes(f, planned);
        status = f->n < p->n_vehicles ? fill(f) : 0;
    }
    free(planned);
    if (status == 0 && f->n < p->n_vehicles)
        *ret = f;
    else
        alike_free(f);
    return status;
}

void alike_free(struct alike *f)
{
    if (!f)
        return;
    free(f->class_of);
    free(f->first);
    free(f->vehicles);
    free(f->tasks);
    free(f->allowed);
    free(f->assign_cost);
    free(f->plan);
    free(f);
}

const struct vrp_problem *alike_problem(const struct alike *f)
{
    return &f->folded;
}

void alike_undo(const struct alike *f, struct vrp_solution *s)
{
    for (int32_t k = 0; k < f->n; k++) {
        int32_t v = f->first[k], used = 0;
        for (int32_t i = 0; i < s->n_routes; i++) {
            /* routes that are done have negative types until all are */
            if (s->routes[i].vehicle != k)
                continue;
            while (f->class_of[v] != k || used >= f->p->vehicles[v].count) {
                v++;
                used = 0;
            }
            s->routes[i].vehicle = -1 - v;
            used++;
        }
    }
    for (int32_t i = 0; i < s->n_routes; i++)
        s->routes[i].vehicle = -1 - s->routes[i].vehicle;
}
