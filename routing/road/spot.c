#include "routing/road/spot.h"

#include <math.h>

static cost share(cost c, double fraction)
{
    return cost_of((uint32_t)lround(cost_ms(c) * fraction), (uint32_t)lround(cost_dm(c) * fraction));
}

/* Nodes passed within the link are spread evenly over its inner nodes. */
static cost inner_nodes(const struct graph_link *l, uint32_t passed)
{
    return l->n > 1 ? cost_of((uint32_t)((uint64_t)l->extra_ms * passed / (l->n - 1)), 0) : 0;
}

bool placement_set(const struct road *r, const struct graph *g, const struct metric *m, uint32_t dlink,
                   uint32_t segment, double fraction, struct placement *ret)
{
    const struct graph_link *l = &g->links[dlink / 2];
    uint32_t index = g->segment_index[segment] - l->first, place = dlink & 1 ? l->n - 1 - index : index;
    uint32_t dseg = graph_segment(g, dlink, place);
    double along = dseg & 1 ? 1 - fraction : fraction;
    cost before = 0;

    (void)r;
    if (m->dlink[dlink] >= COST_NONE)
        return false;
    for (uint32_t i = 0; i < place; i++)
        before += m->segment[graph_segment(g, dlink, i)];
    before += share(m->segment[dseg], along) + inner_nodes(l, place);
    ret->dlink = dlink;
    ret->segment = segment;
    ret->fraction = fraction;
    ret->before = before;
    ret->after = m->dlink[dlink] - before;
    return true;
}

uint32_t spot_sources(const struct graph *g, const struct place *p, struct spot ret[SPOTS_MAX])
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n && n < SPOTS_MAX; i++) {
        const struct placement *x = &p->at[i];

        ret[n++] = (struct spot){g->dlink_vertex[x->dlink], x->after + x->walk, x->dlink, i};
    }
    return n;
}

uint32_t spot_targets(const struct graph *g, const struct metric *m, const struct place *p,
                      struct spot ret[SPOTS_MAX])
{
    uint32_t n = 0;

    (void)m;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct placement *x = &p->at[i];

        for (uint32_t k = g->dlink_arc_first[x->dlink]; k < g->dlink_arc_first[x->dlink + 1] && n < SPOTS_MAX;
             k++) {
            const struct graph_arc *a = &g->arcs[g->dlink_arcs[k]];

            ret[n++] = (struct spot){a->from, cost_of(a->turn_ms, 0) + x->before + x->walk, x->dlink, i};
        }
    }
    return n;
}

cost spot_direct(const struct placement *from, const struct placement *to)
{
    if (from->dlink != to->dlink || cost_ms(to->before) < cost_ms(from->before) ||
        cost_dm(to->before) < cost_dm(from->before))
        return COST_NONE;
    return to->before - from->before + from->walk + to->walk;
}

cost spot_direct_best(const struct place *from, const struct place *to, uint32_t *ret_from, uint32_t *ret_to)
{
    cost best = COST_NONE;

    if (from->n && to->n && from->asked.lon == to->asked.lon && from->asked.lat == to->asked.lat) {
        *ret_from = *ret_to = 0;
        return 0;
    }
    for (uint32_t i = 0; i < from->n; i++)
        for (uint32_t k = 0; k < to->n; k++) {
            cost c = spot_direct(&from->at[i], &to->at[k]);

            if (c < best) {
                best = c;
                *ret_from = i;
                *ret_to = k;
            }
        }
    return best;
}
