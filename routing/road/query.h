/* Point-to-point queries: both ends walk up their paths of the elimination tree. A query object holds the
 * scratch arrays of one thread and is re-used; results are exact for the metric given. */
#ifndef ROUTING_ROAD_QUERY_H
#define ROUTING_ROAD_QUERY_H

#include "routing/road/spot.h"

struct query;

/* Borrows all three; the metric may be swapped between queries. */
struct query *query_new(const struct graph *g, const struct cch *c, const struct metric *m);
void query_free(struct query *q);
void query_set_metric(struct query *q, const struct metric *m);

/* The cheapest cost from any source spot to any target spot, or COST_NONE. */
cost query_cost(struct query *q, const struct spot *from, uint32_t n_from, const struct spot *to,
                uint32_t n_to);

/* As query_cost, and the path: graph arcs (indices) between the spots' vertices, in order; and which spots
 * it starts and ends with. The array belongs to the query until its next call. */
struct query_path {
    cost cost;
    uint32_t from, to; /* indices of spots */
    const uint32_t *arcs;
    size_t n_arcs;
};
struct query_path query_path(struct query *q, const struct spot *from, uint32_t n_from, const struct spot *to,
                             uint32_t n_to);

/* After query_path and before anything else is asked: the vertices that both searches reached with a sum of
 * at most `most`, one for each different sum, cheapest first, without the best path's own; returns how many
 * (≤ max). And the path over one of them, which need not be the shortest anywhere. */
size_t query_meetings(const struct query *q, cost most, struct spot *ret, size_t max);
struct query_path query_path_via(struct query *q, uint32_t vertex);

/* Plain Dijkstra (1959) over the same arcs: the yardstick of every test, and for bounded walks. Costs to
 * all vertices with cost ≤ bound; ret has n_vertices entries, COST_NONE where not reached. */
void dijkstra(const struct graph *g, const struct metric *m, const struct spot *from, uint32_t n_from,
              cost bound, cost *ret);

#endif
