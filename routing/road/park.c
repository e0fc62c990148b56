/* The walk starts at the door's placement on the foot network and spreads over net nodes (segments on foot
 * are nearly symmetric: the walk out stands for the walk in) until it has met a few nodes at which the
 * vehicle may stop. */
#include "routing/road/park.h"
#include "routing/road/mem.h"

#include <stdlib.h>

enum { GATES = 2, MIN_GAIN_M = 15 };

struct reached {
    uint32_t vertex;
    cost at;
};

struct walk {
    const struct road *r;
    const struct road_profile *foot;
    VEC(struct reached) heap;
    VEC(struct reached) done;
    cost bound;
};

static void push(struct walk *w, uint32_t v, cost c)
{
    size_t i;

    if (c > w->bound)
        return;
    VEC_PUSH(&w->heap, ((struct reached){v, c}));
    for (i = w->heap.n - 1; i && w->heap.at[(i - 1) / 2].at > c; i = (i - 1) / 2)
        w->heap.at[i] = w->heap.at[(i - 1) / 2];
    w->heap.at[i] = (struct reached){v, c};
}

static struct reached pop(struct walk *w)
{
    struct reached top = w->heap.at[0], x = w->heap.at[--w->heap.n];
    size_t i = 0;

    for (size_t c = 1; c < w->heap.n; i = c, c = 2 * i + 1) {
        if (c + 1 < w->heap.n && w->heap.at[c + 1].at < w->heap.at[c].at)
            c++;
        if (w->heap.at[c].at >= x.at)
            break;
        w->heap.at[i] = w->heap.at[c];
    }
    w->heap.at[i] = x;
    return top;
}

static bool is_done(const struct walk *w, uint32_t v)
{
    for (size_t i = 0; i < w->done.n; i++)
        if (w->done.at[i].vertex == v)
            return true;
    return false;
}

/* A vehicle placement at the end of a foot link, where a road for the vehicle passes. */
static bool try_gate(const struct road *r, const struct road_profile *p, const struct metric *m,
                     uint32_t node, cost walked, struct place *place)
{
    struct geo_point at = r->net.nodes.at[node].point;
    struct snap_options o = {.radius = 3};
    struct placement x[2];
    size_t n = snap_candidates(r, p, m, at, &o, x, 2);

    for (size_t i = 0; i < n && place->n < PLACEMENTS_MAX; i++) {
        x[i].walk = walked;
        x[i].parked = true;
        x[i].gate = at;
        place->at[place->n++] = x[i];
    }
    return n > 0;
}

static void spread(struct walk *w, const struct road_profile *p, const struct metric *m, struct place *place)
{
    const struct graph *g = &w->foot->graph;
    int gates = 0;

    while (w->heap.n && gates < GATES && w->done.n < 400) {
        struct reached e = pop(w);

        if (is_done(w, e.vertex))
            continue;
        VEC_PUSH(&w->done, e);
        if (g->arc_first[e.vertex] < g->arc_first[e.vertex + 1])
            gates += try_gate(w->r, p, m, graph_tail(g, g->arcs[g->arc_first[e.vertex]].dlink), e.at, place);
        for (uint32_t a = g->arc_first[e.vertex]; a < g->arc_first[e.vertex + 1]; a++) {
            cost c = metric_arc(&w->foot->metric, &g->arcs[a]);

            if (c < COST_NONE)
                push(w, g->arcs[a].to, e.at + c);
        }
    }
}

void park_add_gates(const struct road *r, const struct road_profile *p, const struct metric *m,
                    struct geo_point point, const struct snap_options *o, struct place *place)
{
    struct walk w = {.r = r, .foot = road_profile_find(r, profile_park(p->profile), NULL)};
    uint32_t radius = profile_park_radius(p->profile);
    struct placement door[2];
    size_t n = w.foot ? snap_candidates(r, w.foot, &w.foot->metric, point, o, door, 2) : 0;

    if (!n || (place->n && cost_dm(door[0].walk) + 10 * MIN_GAIN_M > cost_dm(place->at[0].walk)))
        return;
    w.bound = cost_of((uint32_t)((uint64_t)radius * 1000000 / profile_walk_speed(p->profile)), 0);
    for (size_t i = 0; i < n; i++)
        push(&w, w.foot->graph.dlink_vertex[door[i].dlink], door[i].walk + door[i].after);
    spread(&w, p, m, place);
    free(w.heap.at);
    free(w.done.at);
}
