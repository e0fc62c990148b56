/* A customizable contraction hierarchy (Dibbelt, Strasser & Wagner 2016) over the vertices of a graph
 * whose numbers are already their ranks.
 *
 * Contraction without weights makes the order's shortcut arcs once per map; a metric (metric.h) fills
 * them per profile and traffic. Every arc is kept by direction, and only if some path through lower
 * vertices can ever use it: "forward" arcs lead from v up, "backward" arcs lead down to v from above.
 * All heads above v are its ancestors in the elimination tree, so that a head is named by its depth there:
 * along the path from any vertex to the root a distance array is indexed by depth.
 *
 * Arrays are owned (cch_new) or point into a mapped road file. */
#ifndef ROUTING_ROAD_CCH_H
#define ROUTING_ROAD_CCH_H

#include "routing/road/graph.h"

#define CCH_BACKWARD 0x80000000U /* in arc_slot */
#define CCH_NO_SLOT UINT32_MAX   /* arc from a vertex to itself */

/* Arc `arc` of `below` has the listing vertex as its head; the arcs of `below` in the other direction with
 * heads above that are the `n` from `start` on. */
struct cch_lower {
    uint32_t below, arc, start, n;
};

struct cch_half {
    uint32_t n_arcs;
    uint32_t *first;       /* n + 1 */
    uint32_t *head;        /* ascending within a vertex */
    uint32_t *depth;       /* depth[head] */
    uint32_t *lower_first; /* n + 1: arcs of this half whose head is the vertex */
    struct cch_lower *lower;
};

struct cch {
    uint32_t n, max_depth; /* depths are 0 … max_depth - 1 */
    uint32_t *parent;      /* elimination tree; NET_NONE at a root */
    uint32_t *depth;       /* 0 at a root */
    struct cch_half forward, backward;
    uint32_t *arc_slot; /* per graph arc: its place in forward, or in backward | CCH_BACKWARD */
};

struct cch *cch_new(const struct graph *g);
void cch_free(struct cch *c);

#endif
