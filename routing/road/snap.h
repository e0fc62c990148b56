/* Placing points on the network: the nearest road that the profile may use and that is part of the
 * network at large, in every direction it is open. The straight walk from the road to the point costs
 * seconds at the profile's walking speed. Where a profile parks (van: "park foot 600") and a footway,
 * campus path or compound road lies nearer to the door than any road for the vehicle, further
 * placements are added: the vehicle stays where walking on is quickest, and each such gate competes. */
#ifndef ROUTING_ROAD_SNAP_H
#define ROUTING_ROAD_SNAP_H

#include "routing/road/spot.h"

struct snap_options {
    double radius;   /* metres to the road at most; 0: SNAP_RADIUS */
    double bearing;  /* degrees, with range: only directions of travel within ±range */
    double range;    /* 0: any direction */
    bool curb;       /* arrive or leave only with the point at the right-hand side */
    bool islands;    /* accept roads that lead nowhere */
    bool no_parking; /* do not look for gates and walks */
};

#define SNAP_RADIUS 1000.0

/* False (ret->n == 0) if no road is in reach. `m` may be another metric of the same profile. */
bool snap_point(const struct road *r, const struct road_profile *p, const struct metric *m,
                struct geo_point point, const struct snap_options *o, struct place *ret);

/* The candidates for map matching and for "nearest": up to `max` placements (directions) on distinct
 * links, nearest first; returns how many. */
size_t snap_candidates(const struct road *r, const struct road_profile *p, const struct metric *m,
                       struct geo_point point, const struct snap_options *o, struct placement *ret,
                       size_t max);

/* Where p comes down on a segment. */
struct geo_foot snap_on_segment(const struct net *net, uint32_t segment, struct geo_point p);

#endif
