/* Inertial-flow bisection (Schild & Sommer 2015): sort the nodes of a cell along a few directions, make
 * the first quarter the source and the last one the sink, and take the smallest maximum-flow cut found
 * (Dinic's algorithm on unit capacities). */
#ifndef ROUTING_ROAD_FLOW_H
#define ROUTING_ROAD_FLOW_H

#include <stdint.h>

struct flow;

/* An undirected graph: neighbours of node v are heads[first[v] … first[v + 1]), every edge listed from
 * both ends. x and y are plane coordinates. Everything is borrowed. */
struct flow_graph {
    uint32_t n;
    const uint32_t *first, *heads;
    const int32_t *x, *y;
};

struct flow *flow_new(const struct flow_graph *g);
void flow_free(struct flow *f);

/* Bisects the cell: reorders the n ≥ 2 nodes so that one side comes first, and returns its size,
 * 0 < result < n. */
uint32_t flow_bisect(struct flow *f, uint32_t *nodes, uint32_t n);

#endif
