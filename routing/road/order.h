/* The elimination order of a customizable contraction hierarchy: nested dissection of the junctions by
 * inertial flow; where a cell is cut, the smallest set of graph vertices that covers all arcs across the
 * cut (König 1931) becomes the separator. With one vertex per directed link this yields the cut-based
 * orders of Buchhold, Wagner, Zeitz & Zündorf 2020; with one per junction, ordinary separators. Dead-end
 * trees are peeled off first and rank lowest. Depends on topology and coordinates only. */
#ifndef ROUTING_ROAD_ORDER_H
#define ROUTING_ROAD_ORDER_H

#include "routing/road/graph.h"

/* Re-ranks in postorder of the elimination tree: the same hierarchy, with every path to the root and every
 * subtree close together in memory. In place. */
void order_postorder(const struct graph *g, uint32_t *rank);

/* rank[v] for every vertex, 0 = contracted first; the caller frees. */
uint32_t *order_vertices(const struct net *net, const struct graph *g);

#endif
