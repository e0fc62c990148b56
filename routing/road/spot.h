/* Where on the network a point is: placements on directed links, and from them the spots (vertex, cost)
 * that searches start from and end at.
 *
 * A source on dlink d stands `after` before d's head vertex. A target on d is reached from any vertex at
 * d's tail whose turn into d is permitted, plus `before`. That a target may lie further along the very
 * dlink the source is on is a case of its own (spot_direct). */
#ifndef ROUTING_ROAD_SPOT_H
#define ROUTING_ROAD_SPOT_H

#include "routing/road/road.h"

enum { PLACEMENTS_MAX = 8, SPOTS_MAX = 64 };

struct placement {
    uint32_t dlink, segment; /* the directed link, and the net segment on it */
    double fraction;         /* along the segment's drawing */
    struct geo_point point;  /* on the road */
    cost before, after;      /* from the dlink's tail to the point, and on to its head */
    cost walk;               /* between the point and the place asked for */
    struct geo_point gate;   /* unused unless parked: where the vehicle stays */
    bool parked;
};

struct place {
    struct geo_point asked;
    uint32_t n;
    struct placement at[PLACEMENTS_MAX];
};

struct spot {
    uint32_t vertex;
    cost offset;
    uint32_t dlink;     /* of the placement; target: the dlink entered last */
    uint32_t placement; /* index in the place */
};

/* Fills before and after for a dlink, segment and fraction; either is COST_NONE where a closed segment of
 * the link lies between. False if the point's own segment is closed, or both sides are. */
bool placement_set(const struct graph *g, const struct metric *m, uint32_t dlink, uint32_t segment,
                   double fraction, struct placement *ret);

uint32_t spot_sources(const struct graph *g, const struct place *p, struct spot ret[SPOTS_MAX]);
uint32_t spot_targets(const struct graph *g, const struct metric *m, const struct place *p,
                      struct spot ret[SPOTS_MAX]);

/* The cost of going straight along one dlink from a placement to one further on, or COST_NONE. */
cost spot_direct(const struct placement *from, const struct placement *to);
/* The best of these; 0 if both places were asked for at one and the same point. */
cost spot_direct_best(const struct place *from, const struct place *to, uint32_t *ret_from, uint32_t *ret_to);

#endif
