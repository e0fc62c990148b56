/* What a metric costs: every number is a `cost`, milliseconds in the upper 32 bits and decimetres in the
 * lower, so that one comparison prefers the faster and, between equals, the shorter path, and one sum
 * adds both. Costs of single paths stay below COST_NONE; a sum of two costs never overflows.
 *
 * A metric belongs to a graph and its hierarchy and outlives neither. Building one is `customization`:
 * no re-ordering, milliseconds. Metrics are immutable once built; any number of threads may query. */
#ifndef ROUTING_ROAD_METRIC_H
#define ROUTING_ROAD_METRIC_H

#include "routing/road/cch.h"

typedef uint64_t cost;
#define COST_NONE ((cost)0x3fffffff << 32)

static inline cost cost_of(uint32_t ms, uint32_t dm)
{
    return (cost)ms << 32 | dm;
}
static inline uint32_t cost_ms(cost c)
{
    return (uint32_t)(c >> 32);
}
static inline uint32_t cost_dm(cost c)
{
    return (uint32_t)c;
}

struct metric {
    cost *segment;  /* per directed segment; COST_NONE when closed */
    cost *dlink;    /* per dlink */
    cost *forward;  /* per arc of cch.forward */
    cost *backward; /* per arc of cch.backward */
};

/* Speeds in mm/s per directed segment (0: closed) for a profile at an hour as condition.h counts them (-1: no
 * hour's factors, no conditions). The caller frees. */
uint32_t *metric_speeds(const struct net *net, const struct graph *g, const struct profile *p, int hour);

/* Customizes. Only segments of the graph matter; a segment that the graph has closed stays closed. */
struct metric *metric_new(const struct net *net, const struct graph *g, const struct cch *c,
                          const uint32_t *speeds);
/* Re-computes dlink, forward and backward from changed `segment` costs, in place: no query may run. */
void metric_refresh(struct metric *m, const struct graph *g, const struct cch *c);
void metric_free(struct metric *m);

static inline cost metric_arc(const struct metric *m, const struct graph_arc *a)
{
    cost c = m->dlink[a->dlink];

    return c < COST_NONE ? c + cost_of(a->turn_ms, 0) : COST_NONE;
}

#endif
