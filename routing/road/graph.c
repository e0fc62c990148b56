#include "routing/road/graph.h"

#include <stdlib.h>
#include <string.h>

static void judge_tagsets(struct graph_build *b)
{
    size_t n = net_tagsets(b->net);

    b->uses = MEM_NEW(struct way_use, n);
    b->node_ms = MEM_NEW(uint32_t, n);
    for (uint32_t t = 0; t < n; t++) {
        struct osm_tag tags[NET_TAGS_MAX];
        size_t n_tags = net_tagset(b->net, t, tags);

        if (!profile_way_ever(b->profile, tags, n_tags, &b->uses[t]))
            memset(&b->uses[t], 0, sizeof b->uses[t]);
        b->node_ms[t] = profile_node(b->profile, tags, n_tags);
    }
}

static uint32_t dseg_head(const struct net *n, uint32_t dseg)
{
    const struct net_segment *s = &n->segments.at[dseg / 2];

    return dseg & 1 ? s->from : s->to;
}

static enum profile_turn_rule rule_of(const struct graph_build *b, const struct net_restriction *r)
{
    struct osm_tag tags[NET_TAGS_MAX];

    return profile_restriction(b->profile, tags, net_tagset(b->net, r->tagset, tags));
}

static void keep_restricted_nodes(struct graph_build *b)
{
    b->kept = MEM_NEW(uint8_t, b->net->nodes.n);
    for (size_t i = 0; i < b->net->restrictions.n; i++) {
        const struct net_restriction *r = &b->net->restrictions.at[i];

        if (rule_of(b, r) == TURN_RULE_NONE)
            continue;
        for (uint32_t k = 0; k + 1 < r->n; k++)
            b->kept[dseg_head(b->net, b->net->path.at[r->first + k])] = 1;
    }
}

static void index_arcs_by_dlink(struct graph *g)
{
    uint32_t n = 2 * g->n_links;

    free(g->dlink_arc_first);
    free(g->dlink_arcs);
    g->dlink_arc_first = MEM_NEW(uint32_t, n + 1);
    g->dlink_arcs = MEM_NEW(uint32_t, g->n_arcs);
    for (uint32_t a = 0; a < g->n_arcs; a++)
        g->dlink_arc_first[g->arcs[a].dlink]++;
    for (uint32_t d = 0, sum = 0; d <= n; d++) {
        uint32_t here = d < n ? g->dlink_arc_first[d] : 0;

        g->dlink_arc_first[d] = sum += here;
    }
    for (uint32_t a = g->n_arcs; a-- > 0;)
        g->dlink_arcs[--g->dlink_arc_first[g->arcs[a].dlink]] = a;
}

void graph_renumber(struct graph *g, const uint32_t *rank)
{
    struct graph_arc *sorted = MEM_NEW(struct graph_arc, g->n_arcs);
    uint32_t *first = MEM_NEW(uint32_t, g->n_vertices + 2);

    for (uint32_t a = 0; a < g->n_arcs; a++) {
        g->arcs[a].from = rank[g->arcs[a].from];
        g->arcs[a].to = rank[g->arcs[a].to];
        first[g->arcs[a].from + 2]++;
    }
    for (uint32_t v = 2; v < g->n_vertices + 2; v++)
        first[v] += first[v - 1];
    for (uint32_t a = 0; a < g->n_arcs; a++)
        sorted[first[g->arcs[a].from + 1]++] = g->arcs[a];
    for (uint32_t d = 0; d < 2 * g->n_links; d++)
        if (g->dlink_vertex[d] != NET_NONE)
            g->dlink_vertex[d] = rank[g->dlink_vertex[d]];
    free(g->arcs);
    free(g->arc_first);
    g->arcs = sorted;
    g->arc_first = first;
    index_arcs_by_dlink(g);
}

struct graph *graph_new(const struct net *net, const struct profile *profile, struct graph_report *ret)
{
    struct graph *g = MEM_NEW(struct graph, 1);
    struct graph_build b = {.net = net, .profile = profile, .graph = g, .report = ret};

    memset(ret, 0, sizeof *ret);
    g->n_segments = (uint32_t)net_segments(net);
    judge_tagsets(&b);
    keep_restricted_nodes(&b);
    graph_make_links(&b);
    graph_make_turns(&b);
    graph_find_islands(&b);
    index_arcs_by_dlink(g);
    free(b.uses);
    free(b.node_ms);
    free(b.kept);
    return g;
}

void graph_free(struct graph *g)
{
    if (!g)
        return;
    free(g->links);
    free(g->link_segments);
    free(g->segment_dlink);
    free(g->segment_index);
    free(g->dlink_vertex);
    free(g->dlink_flags);
    free(g->arc_first);
    free(g->arcs);
    free(g->dlink_arc_first);
    free(g->dlink_arcs);
    free(g);
}
