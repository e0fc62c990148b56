/* Park at the gate and walk: placements for a vehicle profile where the last stretch is on foot. */
#ifndef ROUTING_ROAD_PARK_H
#define ROUTING_ROAD_PARK_H

#include "routing/road/snap.h"

/* Adds to *place the vehicle placements from which the point is quickest to walk to over the foot
 * network, if a way for people on foot lies nearer to the point than the vehicle's road does. */
void park_add_gates(const struct road *r, const struct road_profile *p, const struct metric *m,
                    struct geo_point point, const struct snap_options *o, struct place *place);

#endif
