#include "routing/format/output.h"
#include "routing/format/vroom.h"
#include "routing/vrp/timing.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

struct totals {
    int64_t cost, setup, service, duration, waiting, priority, distance;
    int32_t delivery[VRP_DIMS], pickup[VRP_DIMS];
    struct vroom_violations violations;
};

struct writer {
    const struct instance *in;
    const struct vroom_detail *d;
    FILE *to;
    struct timing *timing;
    struct timing_step *steps;
};

static void amounts(struct writer *w, const char *key, const int32_t *a)
{
    if (!w->in->p.n_dims)
        return;
    fprintf(w->to, ",\"%s\":[", key);
    for (int d = 0; d < w->in->p.n_dims; d++)
        fprintf(w->to, "%s%d", d ? "," : "", a[d]);
    fputc(']', w->to);
}

static void place(struct writer *w, int32_t location)
{
    if (location == VRP_NONE)
        return;
    if (w->d->has_point[location])
        fprintf(w->to, ",\"location\":[%.10g,%.10g]", w->in->lon[location], w->in->lat[location]);
    if (w->d->matrices)
        fprintf(w->to, ",\"location_index\":%d", location);
}

static void described(struct writer *w, const char *text)
{
    if (!text)
        return;
    fputs(",\"description\":", w->to);
    output_string(w->to, text);
}

static void violations(struct writer *w, const struct vroom_violations *v)
{
    const char *comma = "";
    fputs(",\"violations\":[", w->to);
    for (int c = 0; c < VROOM_CAUSES; c++) {
        if (!(v->causes >> c & 1))
            continue;
        fprintf(w->to, "%s{", comma);
        if (c == VROOM_LEAD_TIME || c == VROOM_DELAY)
            fprintf(w->to, "\"duration\":%" PRId64 ",", c == VROOM_DELAY ? v->delay : v->lead_time);
        fprintf(w->to, "\"cause\":\"%s\"}", vroom_cause_name((enum vroom_cause)c));
        comma = ",";
    }
    fputc(']', w->to);
}

static int64_t to_cost(const struct writer *w, int64_t cost)
{
    return llround((double)cost * w->in->cost_unit);
}

static const char *visit_type(const struct vrp_problem *p, int32_t stop)
{
    if (p->tasks[stop / 2].kind == VRP_JOB)
        return "job";
    return (stop & 1) ? "delivery" : "pickup";
}

static void step_head(struct writer *w, const struct timing_step *s, int32_t vehicle)
{
    const struct vroom_vehicle *v = &w->d->vehicles[vehicle];
    if (s->stop == TIMING_START || s->stop == TIMING_END) {
        fprintf(w->to, "{\"type\":\"%s\"", s->stop == TIMING_START ? "start" : "end");
    } else if (s->stop <= VRP_BREAK0) {
        int b = VRP_BREAK0 - s->stop;
        fprintf(w->to, "{\"type\":\"break\",\"id\":%" PRId64, v->break_id[b]);
        described(w, v->break_description[b]);
    } else {
        const struct vroom_task *t = &w->d->tasks[s->stop / 2];
        const char *type = visit_type(&w->in->p, s->stop);
        fprintf(w->to, "{\"type\":\"%s\",\"id\":%" PRId64, type, t->id[s->stop & 1]);
        if (*type == 'j')
            fprintf(w->to, ",\"job\":%" PRId64, t->id[0]);
        described(w, t->description[s->stop & 1]);
    }
}

static void write_step(struct writer *w, const struct timing_step *s, int32_t vehicle, int64_t real_distance,
                       const struct vroom_violations *v)
{
    int32_t service = s->leave - s->begin - s->setup;
    step_head(w, s, vehicle);
    place(w, s->location);
    fprintf(w->to,
            ",\"setup\":%d,\"service\":%d,\"waiting_time\":%d,\"arrival\":%" PRId64 ",\"duration\":%" PRId64,
            s->setup, service > 0 ? service : 0, s->begin - s->arrive, s->arrive + w->d->time_base,
            s->travel);
    amounts(w, "load", s->load);
    if (w->d->distances || !w->d->matrices)
        fprintf(w->to, ",\"distance\":%" PRId64, real_distance);
    violations(w, v);
    fputc('}', w->to);
}

static void count_step(const struct writer *w, const struct timing_step *s, struct totals *t)
{
    t->waiting += s->begin - s->arrive;
    t->setup += s->setup;
    t->duration = s->travel;
    if (s->stop == TIMING_START || s->stop == TIMING_END)
        return;
    t->service += s->leave - s->begin - s->setup;
    if (s->stop < 0)
        return;
    const struct vrp_task *task = &w->in->p.tasks[s->stop / 2];
    t->priority += w->d->tasks[s->stop / 2].priority;
    for (int d = 0; d < w->in->p.n_dims && !(s->stop & 1); d++) {
        t->pickup[d] += task->pickup[d];
        t->delivery[d] += task->kind == VRP_JOB ? task->delivery[d] : task->pickup[d];
    }
}

static int64_t leg_metres(const struct writer *w, int32_t profile, int32_t a, int32_t b)
{
    if (a == VRP_NONE || b == VRP_NONE)
        return 0;
    const int32_t *m = w->d->metres[profile];
    return m ? m[(int64_t)a * w->in->p.n_locations + b] : vrp_metres(&w->in->p, profile, a, b);
}

static void write_totals(struct writer *w, const struct totals *t)
{
    fprintf(w->to,
            "\"cost\":%" PRId64 ",\"setup\":%" PRId64 ",\"service\":%" PRId64 ",\"duration\":%" PRId64
            ",\"waiting_time\":%" PRId64 ",\"priority\":%" PRId64,
            to_cost(w, t->cost), t->setup, t->service, t->duration, t->waiting, t->priority);
    if (w->d->distances || !w->d->matrices)
        fprintf(w->to, ",\"distance\":%" PRId64, t->distance);
    amounts(w, "delivery", t->delivery);
    amounts(w, "pickup", t->pickup);
    amounts(w, "amount", t->pickup);
    violations(w, &t->violations);
}

static void add_totals(struct totals *all, const struct totals *t)
{
    all->cost += t->cost;
    all->setup += t->setup;
    all->service += t->service;
    all->duration += t->duration;
    all->waiting += t->waiting;
    all->priority += t->priority;
    all->distance += t->distance;
    for (int d = 0; d < VRP_DIMS; d++) {
        all->delivery[d] += t->delivery[d];
        all->pickup[d] += t->pickup[d];
    }
}

static void route_head(struct writer *w, int32_t vehicle, bool first)
{
    fprintf(w->to, "%s{\"vehicle\":%" PRId64, first ? "" : ",", w->d->vehicles[vehicle].id);
    described(w, w->d->vehicles[vehicle].description);
    fputs(",\"steps\":[", w->to);
}

/* Open starts and ends have no step. */
static bool shown(const struct vrp_vehicle *v, const struct timing_step *s)
{
    return !(s->stop == TIMING_START && v->start == VRP_NONE) &&
           !(s->stop == TIMING_END && v->end == VRP_NONE);
}

static void write_route(struct writer *w, const struct vrp_route *r, struct totals *all, bool first)
{
    static const struct vroom_violations none = {0};
    const struct vrp_vehicle *v = &w->in->p.vehicles[r->vehicle];
    struct timing_totals cost;
    struct totals t = {0};
    int32_t at = v->start;
    timing_steps(w->timing, r->vehicle, r->stops, r->n, &cost, w->steps);
    route_head(w, r->vehicle, first);
    bool begun = false;
    for (int32_t i = 0; i < r->n + 2; i++) {
        const struct timing_step *s = &w->steps[i];
        if (!shown(v, s))
            continue;
        t.distance += leg_metres(w, v->profile, at, s->location);
        at = s->location == VRP_NONE ? at : s->location;
        count_step(w, s, &t);
        if (begun)
            fputc(',', w->to);
        begun = true;
        write_step(w, s, r->vehicle, t.distance, &none);
    }
    fputs("],", w->to);
    t.cost = cost.cost;
    write_totals(w, &t);
    fputc('}', w->to);
    add_totals(all, &t);
}

/* Copies for vehicle types count once, and only if none of the group is served. */
static bool reported(const struct vrp_problem *p, const struct vrp_solution *s, int32_t i)
{
    const struct vrp_unserved *u = &s->unserved[i];
    int32_t group = p->tasks[u->task].group;
    if (u->reason == VRP_R_ALTERNATIVE)
        return false;
    return group == VRP_NONE || i == 0 || p->tasks[s->unserved[i - 1].task].group != group;
}

static int32_t write_unassigned(struct writer *w, const struct vrp_solution *s)
{
    const struct vrp_problem *p = &w->in->p;
    int32_t n = 0;
    for (int32_t i = 0; i < s->n_unserved; i++) {
        const struct vrp_unserved *u = &s->unserved[i];
        if (!reported(p, s, i))
            continue;
        for (int k = 0; k < (p->tasks[u->task].kind == VRP_SHIPMENT ? 2 : 1); k++) {
            fprintf(w->to, "%s{\"id\":%" PRId64 ",\"type\":\"%s\"", n++ ? "," : "",
                    w->d->tasks[u->task].id[k], visit_type(p, u->task * 2 + k));
            described(w, w->d->tasks[u->task].description[k]);
            place(w, p->tasks[u->task].visit[k].location);
            fprintf(w->to, ",\"reason\":\"%s\"", vrp_reason_name(u->reason));
            if (u->reason == VRP_R_PRIZE)
                fprintf(w->to, ",\"extra_cost\":%" PRId64, to_cost(w, u->extra_cost));
            fputc('}', w->to);
        }
    }
    return n;
}

int vroom_write(const struct instance *in, const struct vrp_solution *s, FILE *to)
{
    struct writer w = {.in = in, .d = in->detail, .to = to};
    struct totals all = {0};
    int32_t longest = 0;
    for (int32_t i = 0; i < s->n_routes; i++)
        longest = s->routes[i].n > longest ? s->routes[i].n : longest;
    w.timing = timing_new(&in->p, longest);
    w.steps = malloc(((size_t)longest + 2) * sizeof *w.steps);
    if (w.timing && w.steps) {
        fputs("{\"code\":0,\"routes\":[", to);
        for (int32_t i = 0; i < s->n_routes; i++)
            write_route(&w, &s->routes[i], &all, i == 0);
        fputs("],\"unassigned\":[", to);
        int32_t n = write_unassigned(&w, s);
        fprintf(to, "],\"summary\":{\"routes\":%d,\"unassigned\":%d,", s->n_routes, n);
        write_totals(&w, &all);
        fputs("}}\n", to);
    }
    bool ok = w.timing && w.steps && !ferror(to);
    timing_free(w.timing);
    free(w.steps);
    return ok ? 0 : -1;
}

/* ---- plan mode ---- */

static void write_planned(struct writer *w, const struct vroom_route *r, struct totals *all, bool first)
{
    const struct vrp_vehicle *v = &w->in->p.vehicles[r->vehicle];
    struct totals t = {.cost = r->cost, .violations = r->violations};
    bool begun = false;
    route_head(w, r->vehicle, first);
    for (int32_t i = 0; i < r->n; i++) {
        count_step(w, &r->steps[i], &t);
        t.distance = r->steps[i].distance;
        if (!shown(v, &r->steps[i]))
            continue;
        if (begun)
            fputc(',', w->to);
        begun = true;
        write_step(w, &r->steps[i], r->vehicle, r->steps[i].distance, &r->step_violations[i]);
    }
    fputs("],", w->to);
    write_totals(w, &t);
    fputc('}', w->to);
    add_totals(all, &t);
}

static void write_left_out(struct writer *w, const struct vroom_plan *plan)
{
    const struct vrp_problem *p = &w->in->p;
    bool begun = false;
    for (int32_t v = 0; v < p->n_tasks * 2; v++) {
        int32_t t = v / 2, group = p->tasks[t].group;
        bool copy = t && group != VRP_NONE && p->tasks[t - 1].group == group;
        if (plan->served[v] || copy || ((v & 1) && p->tasks[t].kind == VRP_JOB))
            continue;
        fprintf(w->to, "%s{\"id\":%" PRId64 ",\"type\":\"%s\"", begun ? "," : "", w->d->tasks[t].id[v & 1],
                visit_type(p, v));
        described(w, w->d->tasks[t].description[v & 1]);
        place(w, p->tasks[t].visit[v & 1].location);
        fputc('}', w->to);
        begun = true;
    }
}

int vroom_plan_write(const struct instance *in, const struct vroom_plan *plan, FILE *to)
{
    struct writer w = {.in = in, .d = in->detail, .to = to};
    struct totals all = {.violations = plan->violations};
    fputs("{\"code\":0,\"routes\":[", to);
    for (int32_t i = 0; i < plan->n_routes; i++)
        write_planned(&w, &plan->routes[i], &all, i == 0);
    fputs("],\"unassigned\":[", to);
    write_left_out(&w, plan);
    fprintf(to, "],\"summary\":{\"routes\":%d,\"unassigned\":%d,", plan->n_routes, plan->n_unassigned);
    write_totals(&w, &all);
    fputs("}}\n", to);
    return ferror(to) ? -1 : 0;
}
