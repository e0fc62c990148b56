#include "routing/vrp/explain.h"
#include "routing/vrp/checker.h"
#include "routing/vrp/insert.h"

#include <stdlib.h>

/* Elements walked while the plan is tried for all that was left out; a few hundredths of a second. */
static const int64_t MOST_WALKED = 8000000;

static bool any_vehicle(const struct vrp_problem *p)
{
    for (int32_t v = 0; v < p->n_vehicles; v++)
        if (p->vehicles[v].count > 0)
            return true;
    return false;
}

static bool permitted(const struct vrp_problem *p, int32_t task, bool skills)
{
    for (int32_t v = 0; v < p->n_vehicles; v++)
        if (p->vehicles[v].count > 0 && (!p->tasks[task].allowed || p->tasks[task].allowed[v]) &&
            (!skills || vrp_may_serve(p, v, task)))
            return true;
    return false;
}

static enum vrp_reason reason_of(uint32_t broken)
{
    static const struct {
        uint32_t rules;
        enum vrp_reason reason;
    } table[] = {
        {1u << VRP_V_CAPACITY, VRP_R_CAPACITY},
        {1u << VRP_V_WINDOW | 1u << VRP_V_SHIFT | 1u << VRP_V_BREAK, VRP_R_TIME},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (broken & table[i].rules)
            return table[i].reason;
    return VRP_R_LIMIT;
}

/* The task alone with the type's breaks: the rules it breaks at the best place among the breaks. */
static uint32_t broken_alone(struct timing *t, const struct vrp_problem *p, int32_t v, int32_t task)
{
    int32_t stops[VRP_BREAKS + 2], n_breaks = p->vehicles[v].n_breaks, least = 33;
    uint32_t broken = 0;
    for (int32_t at = 0; at <= n_breaks; at++) {
        int32_t n = 0;
        struct timing_totals totals;
        for (int32_t b = 0; b <= n_breaks; b++) {
            if (b == at) {
                stops[n++] = task * 2;
                if (p->tasks[task].kind == VRP_SHIPMENT)
                    stops[n++] = task * 2 + 1;
            }
            if (b < n_breaks)
                stops[n++] = VRP_BREAK0 - b;
        }
        timing_eval(t, v, stops, n, false, &totals);
        if (__builtin_popcount(totals.broken) < least) {
            least = __builtin_popcount(totals.broken);
            broken = totals.broken;
        }
    }
    return broken;
}

/* VRP_SERVED when some vehicle could serve it alone. */
static enum vrp_reason reason_alone(struct timing *t, const struct vrp_problem *p, int32_t task)
{
    enum vrp_reason worst = VRP_R_TOO_BIG;
    for (int32_t v = 0; v < p->n_vehicles; v++) {
        if (p->vehicles[v].count == 0 || !vrp_may_serve(p, v, task))
            continue;
        uint32_t broken = broken_alone(t, p, v, task);
        if (!broken)
            return VRP_SERVED;
        enum vrp_reason why = reason_of(broken);
        if (why == VRP_R_TIME)
            worst = VRP_R_WINDOW;
        else if (why == VRP_R_LIMIT && worst == VRP_R_TOO_BIG)
            worst = VRP_R_RANGE;
    }
    return worst;
}

/* What most often forbids the task on the routes as they are; CAPACITY is overruled by TIME where a
 * route has room. */
static enum vrp_reason reason_in_plan(struct state *s, int32_t task)
{
    enum vrp_reason found = VRP_R_CAPACITY;
    for (int32_t r = 0; r < s->n_routes; r++) {
        const struct state_route *route = &s->routes[r];
        if (!route->visits || !vrp_may_serve(s->p, route->vehicle, task))
            continue;
        for (int32_t at = route->frozen; at <= route->n; at++) {
            int32_t n = 0;
            struct timing_totals totals;
            for (int32_t i = 0; i <= route->n; i++) {
                if (i == at)
                    s->scratch[n++] = task * 2;
                if (i == at && s->p->tasks[task].kind == VRP_SHIPMENT)
                    s->scratch[n++] = task * 2 + 1;
                if (i < route->n)
                    s->scratch[n++] = route->stops[i];
            }
            timing_eval(s->timing, route->vehicle, s->scratch, n, false, &totals);
            if (totals.broken & 1u << VRP_V_CAPACITY)
                continue;
            enum vrp_reason why = reason_of(totals.broken);
            if (why == VRP_R_TIME)
                return why;
            found = why;
        }
    }
    return found;
}

/* Elements that trying every place of every route walks, about. */
static int64_t walked_by_one(const struct vrp_solution *s)
{
    int64_t sum = 1;
    for (int32_t r = 0; r < s->n_routes; r++)
        sum += (int64_t)s->routes[r].n * s->routes[r].n;
    return sum;
}

static void explain_one(struct state *s, struct vrp_unserved *u, bool in_plan)
{
    const struct vrp_problem *p = s->p;
    int32_t group = p->tasks[u->task].group;
    if (group != VRP_NONE && s->group_served[group])
        u->reason = VRP_R_ALTERNATIVE;
    else if (!any_vehicle(p))
        u->reason = VRP_R_NO_VEHICLE;
    else if (!permitted(p, u->task, false))
        u->reason = VRP_R_NOT_ALLOWED;
    else if (!permitted(p, u->task, true))
        u->reason = VRP_R_SKILLS;
    else if ((u->reason = reason_alone(s->timing, p, u->task)) != VRP_SERVED)
        return;
    else if (!state_admits(s, u->task))
        u->reason = VRP_R_RESOURCE;
    else if (!in_plan)
        u->reason = VRP_R_STOPPED;
    else {
        struct insert_how how = {.everywhere = true, .limit = 4 * VRP_REQUIRED};
        struct insert_place place;
        insert_find(s, u->task, &how, &place);
        if (place.route == VRP_NONE) {
            u->reason = reason_in_plan(s, u->task);
            return;
        }
        u->extra_cost = place.delta;
        u->reason = place.delta < state_prize(s, u->task) ? VRP_R_STOPPED : VRP_R_PRIZE;
    }
}

int explain(const struct vrp_problem *p, struct vrp_solution *s)
{
    if (!s->n_unserved)
        return 0;
    struct vrp_problem with_plan = *p;
    with_plan.plan = s->routes;
    with_plan.n_plan = s->n_routes;
    struct state *state = state_new(&with_plan, 0);
    if (!state)
        return -1;
    int64_t each = walked_by_one(s);
    for (int32_t i = 0; i < s->n_unserved; i++)
        explain_one(state, &s->unserved[i], i * each < MOST_WALKED);
    state_free(state);
    return 0;
}
