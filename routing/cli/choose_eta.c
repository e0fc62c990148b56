#include "routing/cli/choose_eta.h"
#include "routing/format/output.h"
#include "routing/format/vroom.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *kind_of(const struct instance *in, int32_t stop)
{
    if (stop == TIMING_START || stop == TIMING_END)
        return stop == TIMING_START ? "start" : "end";
    if (stop < 0)
        return "break";
    if (in->p.tasks[stop / 2].kind == VRP_JOB)
        return "job";
    return (stop & 1) ? "delivery" : "pickup";
}

static int64_t id_of(const struct vroom_detail *d, int32_t vehicle, int32_t stop)
{
    return stop >= 0 ? d->tasks[stop / 2].id[stop & 1] : d->vehicles[vehicle].break_id[VRP_BREAK0 - stop];
}

static int say_violation(const struct instance *in, const struct vroom_route *r, int32_t step, int cause,
                         int n)
{
    const struct vroom_detail *d = in->detail;
    printf("%s{\"vehicle\":%" PRId64, n ? "," : "", d->vehicles[r->vehicle].id);
    if (step >= 0) {
        int32_t stop = r->steps[step].stop;
        const struct vroom_violations *v = &r->step_violations[step];
        printf(",\"step\":%d,\"type\":\"%s\"", step, kind_of(in, stop));
        if (stop > TIMING_END)
            printf(",\"id\":%" PRId64, id_of(d, r->vehicle, stop));
        if (cause == VROOM_LEAD_TIME || cause == VROOM_DELAY)
            printf(",\"duration\":%" PRId64, cause == VROOM_DELAY ? v->delay : v->lead_time);
    }
    printf(",\"cause\":\"%s\"}", vroom_cause_name((enum vroom_cause)cause));
    return n + 1;
}

static int say(const struct instance *in, const struct vroom_plan *plan)
{
    int n = 0;
    printf("{\"instance\":");
    output_string(stdout, in->name);
    printf(",\"cost\":%.12g,\"vehicles\":%d,\"feasible\":%s,\"unassigned\":%d,\"lead_time\":%" PRId64
           ",\"delay\":%" PRId64 ",\"violations\":[",
           (double)plan->cost * in->cost_unit, plan->n_routes, plan->violations.causes ? "false" : "true",
           plan->n_unassigned, plan->violations.lead_time, plan->violations.delay);
    for (int32_t r = 0; r < plan->n_routes; r++) {
        const struct vroom_route *route = &plan->routes[r];
        for (int32_t i = 0; i < route->n; i++)
            for (int c = 0; c < VROOM_CAUSES; c++)
                if (route->step_violations[i].causes >> c & 1)
                    n = say_violation(in, route, i, c, n);
        if (route->violations.causes >> VROOM_MISSING_BREAK & 1)
            n = say_violation(in, route, -1, VROOM_MISSING_BREAK, n);
    }
    printf("],\"n_violations\":%d}\n", n);
    return n;
}

static bool write_plan(const struct instance *in, const struct vroom_plan *plan, const char *out)
{
    FILE *to = fopen(out, "w");
    bool ok = to && vroom_plan_write(in, plan, to) == 0;
    if (to && fclose(to) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "yizhan-route: %s: %s\n", out, strerror(errno));
    return ok;
}

int choose_eta(const struct load *l, const char *path, const char *out)
{
    struct instance_fault fault;
    struct vroom_plan plan;
    if (vroom_plan_make(&l->in, &plan, &fault) < 0) {
        fprintf(stderr, "yizhan-route: %s: %s\n", path, fault.text);
        return 2;
    }
    int status = out && !write_plan(&l->in, &plan, out) ? 2 : say(&l->in, &plan) > 0;
    vroom_plan_fini(&plan);
    return status;
}
