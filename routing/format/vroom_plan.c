/* VROOM's plan mode: the order of every route is given, times are chosen, and what the routes break is told
 * step by step. VROOM solves a mixed integer program for the times; eta.h finds the same by dynamic
 * programming.
 */
#include "routing/format/vroom.h"
#include "routing/vrp/eta.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *vroom_cause_name(enum vroom_cause c)
{
    static const char *const names[VROOM_CAUSES] = {
        "lead_time",     "delay",           "load",         "max_tasks", "skills", "precedence",
        "missing_break", "max_travel_time", "max_distance", "max_load"};
    return names[c];
}

struct maker {
    const struct instance *in;
    const struct vrp_problem *p;
    const struct vroom_detail *d;
    struct instance_fault *fault;
    struct vroom_plan plan;
    /* of the route in the making */
    const struct vrp_vehicle *v;
    const struct vroom_vehicle *about;
    struct vroom_route *r;
    struct eta_step *eta;
    struct vrp_window shift[2]; /* of its start and its end */
    int64_t *begin;
};

/* ---- times ---- */

static int32_t place_of(const struct maker *m, int32_t i, int32_t before)
{
    int32_t stop = m->about->steps[i].stop;
    if (stop == TIMING_START)
        return m->v->start;
    if (stop == TIMING_END)
        return m->v->end;
    return stop < 0 ? before : vrp_visit_of(m->p, stop)->location;
}

static int32_t drive_between(const struct maker *m, int32_t a, int32_t b)
{
    return a == VRP_NONE || b == VRP_NONE ? 0 : vrp_seconds(m->p, m->v, a, b, 0);
}

static void soft_windows(struct maker *m, int32_t i, struct eta_step *e)
{
    int32_t stop = m->about->steps[i].stop;
    if (stop >= 0) {
        e->windows = vrp_visit_of(m->p, stop)->windows;
        e->n_windows = vrp_visit_of(m->p, stop)->n_windows;
    } else if (stop == TIMING_START || stop == TIMING_END) {
        e->windows = &m->shift[stop == TIMING_END];
        e->n_windows = m->about->has_shift;
    } else {
        e->windows = m->v->breaks[VRP_BREAK0 - stop].windows;
        e->n_windows = m->v->breaks[VRP_BREAK0 - stop].n_windows;
    }
}

/* What eta_choose asks for; fills setup and place of the timing steps on the way. */
static void describe(struct maker *m)
{
    int32_t at = VRP_NONE;
    m->shift[0] = (struct vrp_window){m->v->shift.from, INT32_MAX};
    m->shift[1] = (struct vrp_window){INT32_MIN, m->v->shift.until};
    for (int32_t i = 0; i < m->r->n; i++) {
        int32_t stop = m->about->steps[i].stop, to = place_of(m, i, at);
        struct eta_step *e = &m->eta[i];
        struct timing_step *s = &m->r->steps[i];
        *e = (struct eta_step){.earliest = m->about->steps[i].earliest, .latest = m->about->steps[i].latest};
        *s = (struct timing_step){.stop = stop, .location = to};
        soft_windows(m, i, e);
        if (stop >= 0) {
            const struct vrp_visit *x = vrp_visit_of(m->p, stop);
            s->setup = at == to ? 0 : x->setup;
            e->busy = x->service + s->setup;
            e->drive = drive_between(m, at, to);
        } else if (stop <= VRP_BREAK0 && stop != TIMING_START && stop != TIMING_END) {
            e->is_break = true;
            e->busy = m->v->breaks[VRP_BREAK0 - stop].service;
            s->location = VRP_NONE;
        } else if (stop == TIMING_END) {
            e->drive = drive_between(m, at, to);
        }
        at = to == VRP_NONE ? at : to;
    }
    if (m->eta[0].earliest < -m->d->time_base)
        m->eta[0].earliest = -m->d->time_base;
}

static int64_t leg_metres(const struct maker *m, int32_t a, int32_t b)
{
    const int32_t *given = m->d->metres[m->v->profile];
    if (a == VRP_NONE || b == VRP_NONE)
        return 0;
    return given ? given[(int64_t)a * m->p->n_locations + b] : vrp_metres(m->p, m->v->profile, a, b);
}

/* Arrivals, driving as early as there is road left, and distances; those at a break pro rata. */
static void roll(struct maker *m)
{
    int64_t leave = m->begin[0], travel = 0, distance = 0, left = 0, leg = 0, metres = 0;
    int32_t at = m->r->steps[0].location;
    for (int32_t i = 0; i < m->r->n; i++) {
        struct timing_step *s = &m->r->steps[i];
        if (i && !m->eta[i - 1].is_break) {
            int32_t j = i;
            while (m->eta[j].is_break)
                j++;
            left = leg = m->eta[j].drive;
            metres = leg_metres(m, at, m->r->steps[j].location);
        }
        int64_t driven = m->eta[i].is_break && m->begin[i] - leave < left ? m->begin[i] - leave : left;
        left -= driven;
        travel += driven;
        s->arrive = (int32_t)(leave + driven);
        s->begin = (int32_t)m->begin[i];
        s->leave = s->begin + m->eta[i].busy;
        s->travel = travel;
        s->distance = distance + (leg ? metres * (leg - left) / leg : 0);
        if (!m->eta[i].is_break) {
            s->distance = distance += i ? metres : 0;
            at = s->location == VRP_NONE ? at : s->location;
        }
        leave = s->leave;
    }
}

/* ---- what is broken ---- */

static void blame(struct maker *m, int32_t i, enum vroom_cause cause)
{
    m->r->step_violations[i].causes |= 1u << cause;
    m->r->violations.causes |= 1u << cause;
}

static void judge_times(struct maker *m)
{
    for (int32_t i = 0; i < m->r->n; i++) {
        struct vroom_violations *v = &m->r->step_violations[i];
        int64_t off = eta_violation(&m->eta[i], m->begin[i]);
        if (off)
            blame(m, i, off < 0 ? VROOM_LEAD_TIME : VROOM_DELAY);
        v->lead_time = off < 0 ? -off : 0;
        v->delay = off > 0 ? off : 0;
        m->r->violations.lead_time += v->lead_time;
        m->r->violations.delay += v->delay;
        if (m->r->steps[i].travel > m->v->max_travel)
            blame(m, i, VROOM_MAX_TRAVEL_TIME);
        if (m->r->steps[i].distance > m->v->max_distance)
            blame(m, i, VROOM_MAX_DISTANCE);
    }
}

static void judge_loads(struct maker *m)
{
    int64_t load[VRP_DIMS] = {0};
    for (int32_t i = 0; i < m->r->n; i++) {
        int32_t stop = m->r->steps[i].stop;
        const struct vrp_task *t = stop >= 0 ? &m->p->tasks[stop / 2] : NULL;
        for (int d = 0; t && t->kind == VRP_JOB && d < m->p->n_dims; d++)
            load[d] += t->delivery[d];
    }
    for (int32_t i = 0; i < m->r->n; i++) {
        int32_t stop = m->r->steps[i].stop;
        const struct vrp_task *t = stop >= 0 ? &m->p->tasks[stop / 2] : NULL;
        const struct vrp_break *b = m->eta[i].is_break ? &m->v->breaks[VRP_BREAK0 - stop] : NULL;
        for (int d = 0; d < m->p->n_dims; d++) {
            if (t)
                load[d] += (stop & 1) ? -t->pickup[d] : t->pickup[d];
            if (t && t->kind == VRP_JOB)
                load[d] -= t->delivery[d];
            if (load[d] > m->v->capacity[d])
                blame(m, i, VROOM_LOAD);
            if (b && b->limit_load && load[d] > b->max_load[d])
                blame(m, i, VROOM_MAX_LOAD);
            m->r->steps[i].load[d] = load[d] > INT32_MAX   ? INT32_MAX
                                     : load[d] < INT32_MIN ? INT32_MIN
                                                           : (int32_t)load[d];
        }
    }
}

/* The step of a visit on the route, or −1. */
static int32_t step_of(const struct maker *m, int32_t visit)
{
    for (int32_t i = 0; i < m->r->n; i++)
        if (m->r->steps[i].stop == visit)
            return i;
    return -1;
}

static void judge_tasks(struct maker *m)
{
    int32_t tasks = 0;
    for (int32_t i = 0; i < m->r->n; i++) {
        int32_t stop = m->r->steps[i].stop;
        if (stop < 0)
            continue;
        if (!vrp_may_serve(m->p, m->r->vehicle, stop / 2))
            blame(m, i, VROOM_SKILLS);
        if (++tasks > m->v->max_tasks)
            blame(m, i, VROOM_MAX_TASKS);
        if (m->p->tasks[stop / 2].kind != VRP_SHIPMENT)
            continue;
        int32_t other = step_of(m, stop ^ 1);
        if (other < 0 || ((stop & 1) ? other > i : other < i))
            blame(m, i, VROOM_PRECEDENCE);
    }
    for (int32_t b = 0; b < m->v->n_breaks; b++)
        if (step_of(m, VRP_BREAK0 - b) < 0)
            m->r->violations.causes |= 1u << VROOM_MISSING_BREAK;
}

/* As the solver would charge the route. */
static void charge(struct maker *m)
{
    int32_t at = VRP_NONE;
    m->r->cost = m->v->fixed_cost;
    for (int32_t i = 0; i < m->r->n; i++) {
        int32_t stop = m->r->steps[i].stop, to = m->r->steps[i].location;
        if (m->eta[i].is_break)
            continue;
        if (at != VRP_NONE && to != VRP_NONE)
            m->r->cost += m->v->unit_distance * vrp_metres(m->p, m->v->profile, at, to) +
                          m->v->unit_travel * m->eta[i].drive;
        at = to == VRP_NONE ? at : to;
        if (stop >= 0 && !(stop & 1) && m->p->assign_cost)
            m->r->cost += m->p->assign_cost[(size_t)m->r->vehicle * (size_t)m->p->n_tasks + (size_t)stop / 2];
    }
}

/* ---- routes ---- */

static int fail(struct maker *m, const char *what)
{
    return instance_complain(m->fault, "vehicle %" PRId64 ": %s", m->about->id, what);
}

static int choose(struct maker *m)
{
    switch (eta_choose(m->eta, m->r->n, m->begin)) {
    case ETA_OK:
        break;
    case ETA_IMPOSSIBLE:
        return fail(m, "no times keep all of its service_at, service_after and service_before");
    case ETA_TOO_LARGE:
        return fail(m, "too many steps and time windows");
    default:
        return fail(m, "out of memory");
    }
    for (int32_t i = 0; i < m->r->n; i++)
        if (m->begin[i] < INT32_MIN || m->begin[i] > INT32_MAX - m->eta[i].busy)
            return fail(m, "times are too far apart");
    return 0;
}

static int make_route(struct maker *m)
{
    size_t n = (size_t)m->about->n_steps;
    m->r->n = m->about->n_steps;
    m->r->steps = calloc(n, sizeof *m->r->steps);
    m->r->step_violations = calloc(n, sizeof *m->r->step_violations);
    m->eta = calloc(n, sizeof *m->eta);
    m->begin = calloc(n, sizeof *m->begin);
    int status = -1;
    if (!m->r->steps || !m->r->step_violations || !m->eta || !m->begin) {
        fail(m, "out of memory");
    } else {
        describe(m);
        status = choose(m);
    }
    if (status == 0) {
        roll(m);
        judge_times(m);
        judge_loads(m);
        judge_tasks(m);
        charge(m);
    }
    free(m->eta);
    free(m->begin);
    m->eta = NULL;
    m->begin = NULL;
    return status;
}

/* Marks the visit, and its copies for other vehicle types; false if it was marked before. */
static bool mark(struct maker *m, int32_t stop)
{
    int32_t first = stop / 2, last = stop / 2, group = m->p->tasks[stop / 2].group;
    if (m->plan.served[stop])
        return false;
    while (group != VRP_NONE && first > 0 && m->p->tasks[first - 1].group == group)
        first--;
    while (group != VRP_NONE && last + 1 < m->p->n_tasks && m->p->tasks[last + 1].group == group)
        last++;
    for (int32_t t = first; t <= last; t++)
        m->plan.served[t * 2 + (stop & 1)] = true;
    return true;
}

static int mark_steps(struct maker *m)
{
    for (int32_t i = 0; i < m->about->n_steps; i++) {
        int32_t stop = m->about->steps[i].stop;
        if (stop >= 0 && !mark(m, stop))
            return fail(m, "a task is named twice in the steps");
        for (int32_t k = 0; stop < 0 && k < i; k++)
            if (m->about->steps[k].stop == stop)
                return fail(m, "a break is named twice in the steps");
    }
    return 0;
}

static void add_up(struct maker *m)
{
    struct vroom_violations *all = &m->plan.violations;
    m->plan.cost += m->r->cost;
    all->causes |= m->r->violations.causes;
    all->lead_time += m->r->violations.lead_time;
    all->delay += m->r->violations.delay;
}

static void count_unassigned(struct maker *m)
{
    for (int32_t t = 0; t < m->p->n_tasks; t++) {
        int32_t group = m->p->tasks[t].group;
        if (t && group != VRP_NONE && m->p->tasks[t - 1].group == group)
            continue;
        m->plan.n_unassigned += !m->plan.served[t * 2];
        m->plan.n_unassigned += m->p->tasks[t].kind == VRP_SHIPMENT && !m->plan.served[t * 2 + 1];
    }
}

static int make_all(struct maker *m)
{
    for (int32_t v = 0; v < m->p->n_vehicles; v++) {
        m->about = &m->d->vehicles[v];
        m->v = &m->p->vehicles[v];
        if (!m->about->n_steps)
            continue;
        m->r = &m->plan.routes[m->plan.n_routes++];
        m->r->vehicle = v;
        if (mark_steps(m) < 0 || make_route(m) < 0)
            return -1;
        add_up(m);
    }
    if (!m->plan.n_routes)
        return instance_complain(m->fault, "no vehicle has steps: there is no plan to time");
    count_unassigned(m);
    return 0;
}

int vroom_plan_make(const struct instance *in, struct vroom_plan *ret, struct instance_fault *fault)
{
    struct maker m = {.in = in, .p = &in->p, .d = in->detail, .fault = fault};
    struct vrp_fault wrong;
    if (strcmp(in->format, "vroom"))
        return instance_complain(fault, "plan mode is for VROOM's format");
    if (vrp_problem_check(&in->p, &wrong) < 0)
        return instance_complain(fault, "%s", wrong.text);
    m.plan.routes = calloc((size_t)in->p.n_vehicles + 1, sizeof *m.plan.routes);
    m.plan.served = calloc((size_t)in->p.n_tasks * 2 + 2, sizeof *m.plan.served);
    if (!m.plan.routes || !m.plan.served)
        instance_complain(fault, "out of memory");
    else if (make_all(&m) == 0) {
        *ret = m.plan;
        return 0;
    }
    vroom_plan_fini(&m.plan);
    return -1;
}

void vroom_plan_fini(struct vroom_plan *plan)
{
    for (int32_t i = 0; plan->routes && i < plan->n_routes; i++) {
        free(plan->routes[i].steps);
        free(plan->routes[i].step_violations);
    }
    free(plan->routes);
    free(plan->served);
    *plan = (struct vroom_plan){0};
}
