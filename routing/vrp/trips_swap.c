/* Whole trips change vehicles. Where the vehicles load at one place this costs nothing; it is what makes room
 * for a trip that an insertion of single tasks would never build. */
#include "routing/vrp/trips_run.h"

enum { TRIPS_MOST = 64, NODES_MOST = 512 };

/* A route cut into whole trips: trip k lies between elements bound[k] and bound[k + 1], both depots. */
struct cut {
    const struct trips_route *r;
    int32_t n, bound[TRIPS_MOST + 1];
    int32_t from, to; /* trips that go to the other route */
};

static bool cut_route(const struct trips_tour *t, int32_t route, struct cut *c)
{
    c->r = &t->routes[route];
    c->n = 0;
    c->bound[0] = 0;
    if (c->r->n > NODES_MOST || c->r->trips >= TRIPS_MOST)
        return false;
    for (int32_t i = 1; i < c->r->n && c->r->n > 2; i++)
        if (!trips_is_task(t, c->r->e[i].node))
            c->bound[++c->n] = i;
    return true;
}

static int32_t append(const struct cut *c, int32_t from, int32_t to, int32_t home, int32_t *nodes, int32_t n)
{
    for (int32_t k = from; k < to; k++) {
        if (n)
            nodes[n++] = home;
        for (int32_t i = c->bound[k] + 1; i < c->bound[k + 1]; i++)
            nodes[n++] = c->r->e[i].node;
    }
    return n;
}

static int32_t compose(const struct cut *own, const struct cut *other, int32_t home, int32_t *nodes)
{
    int32_t n = append(own, 0, own->from, home, nodes, 0);
    n = append(other, other->from, other->to, home, nodes, n);
    return append(own, own->to, own->n, home, nodes, n);
}

static void choose_part(struct rng *rng, struct cut *c, bool some)
{
    c->from = rng_below(rng, c->n + !some);
    int32_t rest = c->n - c->from, dice = rng_below(rng, 3);
    c->to = !rest ? c->from : dice == 0 ? c->n : dice == 1 || some ? c->from + 1 : c->from;
}

/* Another route of the type: an unused vehicle or that of a near neighbour. */
static int32_t other_route(struct trips_run *run, int32_t task, int32_t route)
{
    struct trips_tour *t = run->t;
    const struct trips_model *m = run->m;
    int32_t type = t->routes[route].type;
    if (trips_left(t, type) && rng_below(&run->rng, 2))
        return trips_open(t, type);
    const int32_t *near = m->near + (size_t)task * (size_t)(m->n_near + 1);
    int32_t one = *near;
    for (int32_t k = rng_below(&run->rng, m->n_near); k >= 0 && *near != VRP_NONE; k--)
        one = *near++;
    int32_t other = one == VRP_NONE ? VRP_NONE : t->where[one];
    return other == VRP_NONE || other == route || t->routes[other].type != type ? VRP_NONE : other;
}

void trips_swap(struct trips_run *run, int32_t task)
{
    struct trips_tour *t = run->t;
    int32_t route = t->where[task], nodes[2][2 * NODES_MOST], n[2];
    struct cut a, b;
    if (route == VRP_NONE)
        return;
    int32_t other = other_route(run, task, route);
    if (other == VRP_NONE || !cut_route(t, route, &a) || !cut_route(t, other, &b))
        return;
    int32_t home = trips_first(t->m, a.r->type) + TRIPS_HOME;
    choose_part(&run->rng, &a, true);
    choose_part(&run->rng, &b, false);
    n[0] = compose(&a, &b, home, nodes[0]);
    n[1] = compose(&b, &a, home, nodes[1]);
    trips_replace(t, route, nodes[0], n[0]);
    trips_replace(t, other, nodes[1], n[1]);
    bool ok = trips_retime(t, route);
    if (!trips_retime(t, other) || !ok)
        trips_rollback(t);
}
