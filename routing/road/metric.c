/* Customization by rows: the arcs of vertex u are spread into two arrays by the depth of their heads,
 * every lower neighbour w adds its triangles (u → w → x and x → w → u), and the rows are gathered back.
 * Vertices come from low to high, so the arcs of w are final when u reads them. */
#include "routing/road/metric.h"
#include "routing/road/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD = 6 }; /* how many lower neighbours the prefetch runs ahead */

static void all_tags(const struct net *net, const struct profile *p, int hour, struct way_use *uses)
{
    for (uint32_t t = 0; t < net_tagsets(net); t++) {
        struct osm_tag tags[NET_TAGS_MAX];

        if (!profile_way_at(p, tags, net_tagset(net, t, tags), hour, &uses[t]))
            memset(&uses[t], 0, sizeof uses[t]);
    }
}

/* A ferry that tells its duration is as fast as its length says. */
static uint32_t speed_of(const struct net_way *w, const struct way_use *u, int direction, uint32_t permille)
{
    uint64_t v = u->speed[direction];

    if (v && u->duration_s)
        v = (uint64_t)w->dm * 100 / u->duration_s;
    else
        v = v * permille / 1000;
    return v ? (uint32_t)v : u->speed[direction] > 0;
}

uint32_t *metric_speeds(const struct net *net, const struct graph *g, const struct profile *p, int hour)
{
    struct way_use *uses = MEM_NEW(struct way_use, net_tagsets(net));
    uint32_t *speeds = MEM_NEW(uint32_t, 2 * (size_t)g->n_segments);
    uint32_t permille[256];

    all_tags(net, p, hour, uses);
    for (int r = 0; r < 256; r++)
        permille[r] = profile_hour_permille(p, hour, (uint8_t)r);
    for (uint32_t s = 0; s < g->n_segments; s++) {
        const struct net_way *w = &net->ways.at[net->segments.at[s].way];
        const struct way_use *u = &uses[w->tagset];

        for (int d = 0; d < 2; d++)
            speeds[2 * s + d] = speed_of(w, u, d, permille[u->rank]);
    }
    free(uses);
    return speeds;
}

static cost segment_cost(uint32_t dm, uint32_t speed)
{
    uint64_t ms;

    if (!speed)
        return COST_NONE;
    ms = ((uint64_t)dm * 100000 + speed / 2) / speed;
    return ms < cost_ms(COST_NONE) / 4 ? cost_of(ms ? (uint32_t)ms : 1, dm) : COST_NONE;
}

static void sum_links(struct metric *m, const struct graph *g)
{
    for (uint32_t d = 0; d < 2 * g->n_links; d++) {
        const struct graph_link *l = &g->links[d / 2];
        cost sum = cost_of(l->extra_ms, 0);

        for (uint32_t i = 0; i < l->n && sum < COST_NONE; i++)
            sum += m->segment[graph_segment(g, d, i)];
        m->dlink[d] = g->dlink_flags[d] & GRAPH_OPEN && sum < COST_NONE ? sum : COST_NONE;
    }
}

static void place_base(struct metric *m, const struct graph *g, const struct cch *c)
{
    for (uint32_t j = 0; j < c->forward.n_arcs; j++)
        m->forward[j] = COST_NONE;
    for (uint32_t j = 0; j < c->backward.n_arcs; j++)
        m->backward[j] = COST_NONE;
    for (uint32_t a = 0; a < g->n_arcs; a++) {
        uint32_t slot = c->arc_slot[a];
        cost w = metric_arc(m, &g->arcs[a]), *at;

        if (slot == CCH_NO_SLOT)
            continue;
        at = slot & CCH_BACKWARD ? &m->backward[slot & ~CCH_BACKWARD] : &m->forward[slot];
        if (w < *at)
            *at = w;
    }
}

/* row[x] = min(row[x], to_below + from_below[x]) over the lower neighbours of u: `to` is the half that
 * joins u and its lower neighbours, `on` the other one. */
static void add_triangles(cost *restrict row, uint32_t u, const struct cch_half *to,
                          const cost *restrict to_cost, const struct cch_half *on,
                          const cost *restrict on_cost)
{
    const uint32_t *restrict depth = on->depth;
    const struct cch_lower *restrict lower = to->lower;
    uint32_t end = to->lower_first[u + 1];

    for (uint32_t i = to->lower_first[u]; i < end; i++) {
        const struct cch_lower l = lower[i];
        cost c = l.n ? to_cost[l.arc] : COST_NONE;

        if (i + AHEAD < end) {
            __builtin_prefetch(&to_cost[lower[i + AHEAD].arc]);
            __builtin_prefetch(&on_cost[lower[i + AHEAD].start]);
            __builtin_prefetch(&depth[lower[i + AHEAD].start]);
        }
        if (c >= COST_NONE)
            continue;
        for (uint32_t j = l.start; j < l.start + l.n; j++) {
            cost sum = c + on_cost[j];
            cost old = row[depth[j]];

            row[depth[j]] = sum < old ? sum : old;
        }
    }
}

static void customize(struct metric *m, const struct cch *c)
{
    cost *up = MEM_NEW(cost, c->max_depth), *down = MEM_NEW(cost, c->max_depth);
    const struct cch_half *f = &c->forward, *b = &c->backward;

    for (uint32_t u = 0; u < c->n; u++) {
        for (uint32_t j = f->first[u]; j < f->first[u + 1]; j++)
            up[f->depth[j]] = m->forward[j];
        for (uint32_t j = b->first[u]; j < b->first[u + 1]; j++)
            down[b->depth[j]] = m->backward[j];
        add_triangles(up, u, b, m->backward, f, m->forward);
        add_triangles(down, u, f, m->forward, b, m->backward);
        for (uint32_t j = f->first[u]; j < f->first[u + 1]; j++)
            m->forward[j] = up[f->depth[j]];
        for (uint32_t j = b->first[u]; j < b->first[u + 1]; j++)
            m->backward[j] = down[b->depth[j]];
    }
    free(up);
    free(down);
}

void metric_refresh(struct metric *m, const struct graph *g, const struct cch *c)
{
    sum_links(m, g);
    place_base(m, g, c);
    customize(m, c);
}

struct metric *metric_new(const struct net *net, const struct graph *g, const struct cch *c,
                          const uint32_t *speeds)
{
    struct metric *m = MEM_NEW(struct metric, 1);

    m->segment = MEM_NEW(cost, 2 * (size_t)g->n_segments);
    m->dlink = MEM_NEW(cost, 2 * (size_t)g->n_links);
    m->forward = MEM_NEW(cost, c->forward.n_arcs);
    m->backward = MEM_NEW(cost, c->backward.n_arcs);
    for (uint32_t d = 0; d < 2 * g->n_segments; d++)
        m->segment[d] = segment_cost(net->segments.at[d / 2].dm, speeds[d]);
    metric_refresh(m, g, c);
    return m;
}

void metric_free(struct metric *m)
{
    if (!m)
        return;
    free(m->segment);
    free(m->dlink);
    free(m->forward);
    free(m->backward);
    free(m);
}
