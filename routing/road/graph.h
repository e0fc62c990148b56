/* The routing graph of one profile.
 *
 *   links     chains of segments through nodes where this profile has no choice. A directed link (dlink)
 *             is 2 × link + (0 along, 1 against); segments inside are directed segments of the net.
 *   vertices  stand at the head of directed links, before the turn: "came in by this link". Incoming
 *             links whose every onward turn costs the same share one vertex, so a profile without turn
 *             costs gets a node-based graph and one with them an edge-based graph, by one rule.
 *   arcs      vertex → vertex: a turn (turn_ms, banned turns have no arc) and then a whole dlink.
 *
 * Via-way restrictions need memory of where one came from: a dlink then has several vertices.
 * All arrays are either owned (built by an import; graph_free) or point into a mapped road file. */
#ifndef ROUTING_ROAD_GRAPH_H
#define ROUTING_ROAD_GRAPH_H

#include "routing/road/net.h"

#include <stdint.h>

enum graph_dlink_flag {
    GRAPH_OPEN = 1,   /* may be driven in this direction */
    GRAPH_ISLAND = 2, /* not in a strongly connected part of any size */
    GRAPH_NO_SNAP = 4 /* motorways, ferries: points are not placed here */
};

struct graph_link {
    uint32_t from, to; /* net nodes */
    uint32_t first, n; /* in link_segments */
    uint32_t extra_ms; /* signals, crossings and gates passed within */
};

struct graph_arc {
    uint32_t from, to, dlink, turn_ms;
};

struct graph {
    uint32_t n_links, n_link_segments, n_vertices, n_arcs, n_segments;
    struct graph_link *links;
    uint32_t *link_segments;   /* directed segments in order along the link */
    uint32_t *segment_dlink;   /* per segment: the dlink that it lies on in its own direction, or NET_NONE */
    uint32_t *segment_index;   /* per segment: its place in link_segments */
    uint32_t *dlink_vertex;    /* per dlink: the vertex at its head, or NET_NONE when closed */
    uint8_t *dlink_flags;      /* enum graph_dlink_flag */
    uint32_t *arc_first;       /* n_vertices + 1 */
    struct graph_arc *arcs;    /* sorted by from */
    uint32_t *dlink_arc_first; /* 2 × n_links + 1, into dlink_arcs */
    uint32_t *dlink_arcs;      /* arcs that run over a dlink */
};

struct graph_report {
    uint32_t islands;      /* strongly connected parts other than the largest */
    uint32_t island_links; /* links that lie only in small ones */
    uint32_t restrictions; /* obeyed by this profile */
};

/* Links first, then turns; graph_link_up leaves the vertex and arc arrays empty. */
struct graph_build {
    const struct net *net;
    const struct profile *profile;
    struct way_use *uses; /* per tag set; speed 0/0 when unusable */
    uint32_t *node_ms;    /* per tag set, as a node's */
    uint8_t *kept;        /* per net node: a restriction turns here */
    struct graph *graph;
    struct graph_report *report;
};

struct graph *graph_new(const struct net *net, const struct profile *profile, struct graph_report *ret);
void graph_free(struct graph *g);

/* The parts of graph_new. */
void graph_make_links(struct graph_build *b);
void graph_make_turns(struct graph_build *b);
/* Marks dlinks outside of every large strongly connected part; fills the report. */
void graph_find_islands(struct graph_build *b);
/* Gives vertex v the number rank[v], and re-sorts the arcs. */
void graph_renumber(struct graph *g, const uint32_t *rank);

static inline uint32_t graph_tail(const struct graph *g, uint32_t dlink)
{
    return dlink & 1 ? g->links[dlink / 2].to : g->links[dlink / 2].from;
}
static inline uint32_t graph_head(const struct graph *g, uint32_t dlink)
{
    return graph_tail(g, dlink ^ 1);
}
/* The dlink that a directed segment lies on, or NET_NONE. */
static inline uint32_t graph_dlink_of(const struct graph *g, uint32_t dseg)
{
    uint32_t d = g->segment_dlink[dseg / 2];

    return d == NET_NONE ? NET_NONE : d ^ (dseg & 1);
}
/* The i-th directed segment along a dlink, i < links[dlink / 2].n. */
static inline uint32_t graph_segment(const struct graph *g, uint32_t dlink, uint32_t i)
{
    const struct graph_link *l = &g->links[dlink / 2];

    return dlink & 1 ? g->link_segments[l->first + l->n - 1 - i] ^ 1 : g->link_segments[l->first + i];
}

#endif
