/* Chains of segments become links. A node lies within a chain if exactly two segment ends meet there,
 * they allow the same directions and cost the same to enter, the node may be passed, and no restriction
 * turns there. */
#include "routing/road/graph.h"

#include <stdlib.h>

struct linker {
    struct graph_build *b;
    uint32_t *first, *ends; /* per node: outgoing directed segments, whether open or not */
    uint8_t *done;          /* per segment */
    VEC(struct graph_link) links;
    VEC(uint32_t) chain;
};

static const struct way_use *use_of(const struct graph_build *b, uint32_t dseg)
{
    return &b->uses[b->net->ways.at[b->net->segments.at[dseg / 2].way].tagset];
}

static bool open_dseg(const struct graph_build *b, uint32_t dseg)
{
    return use_of(b, dseg)->speed[dseg & 1] > 0;
}

static bool usable(const struct graph_build *b, uint32_t segment)
{
    return open_dseg(b, 2 * segment) || open_dseg(b, 2 * segment + 1);
}

static uint32_t tail(const struct net *n, uint32_t dseg)
{
    return dseg & 1 ? n->segments.at[dseg / 2].to : n->segments.at[dseg / 2].from;
}

static void index_ends(struct linker *l)
{
    const struct net *net = l->b->net;
    uint32_t n = (uint32_t)net_segments(net);

    l->first = MEM_NEW(uint32_t, net->nodes.n + 2);
    l->ends = MEM_NEW(uint32_t, 2 * (size_t)n);
    for (uint32_t d = 0; d < 2 * n; d++)
        if (usable(l->b, d / 2))
            l->first[tail(net, d) + 2]++;
    for (size_t v = 2; v < net->nodes.n + 2; v++)
        l->first[v] += l->first[v - 1];
    for (uint32_t d = 0; d < 2 * n; d++)
        if (usable(l->b, d / 2))
            l->ends[l->first[tail(net, d) + 1]++] = d;
}

/* May one pass from directed segment a (coming in) to c (going out) without noticing the node? */
static bool same_road(const struct graph_build *b, uint32_t a, uint32_t c)
{
    return open_dseg(b, a) == open_dseg(b, c) && open_dseg(b, a ^ 1) == open_dseg(b, c ^ 1) &&
           use_of(b, a)->enter_ms == use_of(b, c)->enter_ms && use_of(b, a)->snap == use_of(b, c)->snap;
}

/* The directed segment that goes on after `dseg` within a chain, or NET_NONE. */
static uint32_t onward(const struct linker *l, uint32_t dseg)
{
    const struct graph_build *b = l->b;
    uint32_t node = tail(b->net, dseg ^ 1), i = l->first[node], next;

    if (l->first[node + 1] - i != 2 || b->kept[node] ||
        b->node_ms[b->net->nodes.at[node].tagset] == PROFILE_DENY)
        return NET_NONE;
    next = l->ends[i] == (dseg ^ 1) ? l->ends[i + 1] : l->ends[i];
    if (next / 2 == dseg / 2 || !same_road(b, dseg, next))
        return NET_NONE;
    return next;
}

static void place_segment(struct linker *l, uint32_t dseg, uint32_t link)
{
    struct graph *g = l->b->graph;

    l->done[dseg / 2] = 1;
    g->segment_dlink[dseg / 2] = 2 * link + (dseg & 1);
    g->segment_index[dseg / 2] = (uint32_t)l->chain.n;
    VEC_PUSH(&l->chain, dseg);
}

static void make_link(struct linker *l, uint32_t dseg)
{
    const struct graph_build *b = l->b;
    struct graph_link link = {.from = tail(b->net, dseg), .first = (uint32_t)l->chain.n};
    uint32_t id = (uint32_t)l->links.n;

    for (uint32_t d = dseg, last = dseg; d != NET_NONE && !l->done[d / 2]; d = onward(l, d)) {
        if (d != dseg)
            link.extra_ms += b->node_ms[b->net->nodes.at[tail(b->net, d)].tagset];
        place_segment(l, d, id);
        last = d;
        link.to = tail(b->net, last ^ 1);
        link.n++;
    }
    VEC_PUSH(&l->links, link);
}

static void mark_open(struct graph_build *b)
{
    struct graph *g = b->graph;

    g->dlink_flags = MEM_NEW(uint8_t, 2 * (size_t)g->n_links);
    for (uint32_t d = 0; d < 2 * g->n_links; d++) {
        uint32_t dseg = graph_segment(g, d, 0);

        g->dlink_flags[d] =
            (uint8_t)((open_dseg(b, dseg) ? GRAPH_OPEN : 0) | (use_of(b, dseg)->snap ? 0 : GRAPH_NO_SNAP));
    }
}

void graph_make_links(struct graph_build *b)
{
    struct graph *g = b->graph;
    struct linker l = {.b = b, .done = MEM_NEW(uint8_t, g->n_segments)};

    g->segment_dlink = MEM_NEW(uint32_t, g->n_segments);
    g->segment_index = MEM_NEW(uint32_t, g->n_segments);
    index_ends(&l);
    for (uint32_t s = 0; s < g->n_segments; s++)
        g->segment_dlink[s] = NET_NONE;
    /* chains begin where no chain comes in; what is left afterwards are rings */
    for (int rings = 0; rings < 2; rings++)
        for (uint32_t d = 0; d < 2 * g->n_segments; d++)
            if (!l.done[d / 2] && usable(b, d / 2) && (rings || onward(&l, d ^ 1) == NET_NONE))
                make_link(&l, d);
    g->links = l.links.at ? l.links.at : MEM_NEW(struct graph_link, 0);
    g->n_links = (uint32_t)l.links.n;
    g->link_segments = l.chain.at ? l.chain.at : MEM_NEW(uint32_t, 0);
    g->n_link_segments = (uint32_t)l.chain.n;
    mark_open(b);
    free(l.first);
    free(l.ends);
    free(l.done);
}
