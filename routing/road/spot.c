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

/* Along a dlink from place `first` up to, not including, `end`; COST_NONE over a closed segment. */
static cost between(const struct graph *g, const struct metric *m, uint32_t dlink, uint32_t first,
                    uint32_t end)
{
    const struct graph_link *l = &g->links[dlink / 2];
    cost sum = inner_nodes(l, end > first ? end - 1 : first);

    sum -= inner_nodes(l, first);
    for (uint32_t i = first; i < end; i++) {
        cost c = m->segment[graph_segment(g, dlink, i)];

        if (c >= COST_NONE)
            return COST_NONE;
        sum += c;
    }
    return sum;
}

bool placement_set(const struct graph *g, const struct metric *m, uint32_t dlink, uint32_t segment,
                   double fraction, struct placement *ret)
{
    const struct graph_link *l = &g->links[dlink / 2];
    uint32_t index = g->segment_index[segment] - l->first, place = dlink & 1 ? l->n - 1 - index : index;
    uint32_t dseg = graph_segment(g, dlink, place);
    double along = dseg & 1 ? 1 - fraction : fraction;
    cost part, before, rest;

    if (m->segment[dseg] >= COST_NONE)
        return false;
    part = share(m->segment[dseg], along);
    before = between(g, m, dlink, 0, place);
    rest = between(g, m, dlink, place + 1, l->n);
    before = before < COST_NONE
                 ? before + part + inner_nodes(l, place) - inner_nodes(l, place ? place - 1 : 0)
                 : COST_NONE;
    if (m->dlink[dlink] < COST_NONE)
        rest = m->dlink[dlink] - before;
    else if (rest < COST_NONE)
        rest += m->segment[dseg] - part;
    if (before >= COST_NONE && rest >= COST_NONE)
        return false;
    ret->dlink = dlink;
    ret->segment = segment;
    ret->fraction = fraction;
    ret->before = before;
    ret->after = rest;
    return true;
}

uint32_t spot_sources(const struct graph *g, const struct place *p, struct spot ret[SPOTS_MAX])
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->n && n < SPOTS_MAX; i++) {
        const struct placement *x = &p->at[i];

        if (x->after < COST_NONE)
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
    if (from->dlink != to->dlink || from->before >= COST_NONE || to->before >= COST_NONE ||
        cost_ms(to->before) < cost_ms(from->before) || cost_dm(to->before) < cost_dm(from->before))
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
