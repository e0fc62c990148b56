#include "routing/vrp/terms.h"

void terms_stay(const struct vrp_problem *p, int32_t cost, int32_t *assign_cost)
{
    size_t n = (size_t)p->n_tasks;
    for (int32_t r = 0; r < p->n_plan; r++)
        for (int32_t i = 0; i < p->plan[r].n; i++) {
            int32_t stop = p->plan[r].stops[i];
            if (stop < 0 || (stop & 1))
                continue;
            for (int32_t v = 0; v < p->n_vehicles; v++) {
                int32_t *at = &assign_cost[(size_t)v * n + (size_t)stop / 2];
                if (v != p->plan[r].vehicle)
                    *at = *at < VRP_LIMIT - cost ? *at + cost : VRP_LIMIT;
            }
        }
}

static int32_t visits_of(const struct vrp_task *t)
{
    return t->kind == VRP_SHIPMENT ? 2 : 1;
}

/* Seconds to the nearest visit elsewhere. */
static int32_t nearest_other(const struct vrp_problem *p, int32_t from)
{
    int32_t best = VRP_LIMIT;
    for (int32_t t = 0; t < p->n_tasks; t++)
        for (int32_t k = 0; k < visits_of(&p->tasks[t]); k++) {
            int32_t to = p->tasks[t].visit[k].location;
            int32_t s = to == from ? VRP_LIMIT : vrp_seconds(p, &p->vehicles[0], from, to, 0);
            best = s < best ? s : best;
        }
    return best == VRP_LIMIT ? 0 : best;
}

int32_t terms_fair_share(const struct vrp_problem *p)
{
    const struct vrp_vehicle *v = &p->vehicles[0];
    int32_t depot = v->start != VRP_NONE ? v->start : v->end;
    int64_t stops = 0, hops = 0, out = 0, visits = 0, vehicles = 0;
    for (int32_t k = 0; k < p->n_vehicles; k++)
        vehicles += p->vehicles[k].count;
    vehicles = vehicles > p->n_tasks ? p->n_tasks : vehicles;
    for (int32_t t = 0; t < p->n_tasks; t++)
        for (int32_t k = 0; k < visits_of(&p->tasks[t]); k++) {
            const struct vrp_visit *x = &p->tasks[t].visit[k];
            stops += x->setup + x->service;
            hops += nearest_other(p, x->location);
            out += depot == VRP_NONE ? 0 : vrp_seconds(p, v, depot, x->location, 0);
            visits++;
        }
    if (!vehicles || !visits)
        return VRP_LIMIT;
    int64_t share = (stops + hops * 3 / 2) / vehicles + 2 * out / visits;
    return share < VRP_LIMIT ? (int32_t)share : VRP_LIMIT;
}
