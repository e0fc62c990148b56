/* Traffic as a CSV text: `way,direction,speed` (OpenStreetMap way ids) or `segment,direction,speed`
 * (segment numbers of this road file, as "nearest" and learned speeds print them). direction is forward,
 * backward or both, as the way is drawn; speed is km/h, 0 closes, and "x0.5" scales what the profile says.
 * Blank lines and lines beginning with # are skipped; later lines win. */
#ifndef ROUTING_ROAD_TRAFFIC_H
#define ROUTING_ROAD_TRAFFIC_H

#include "routing/road/net.h"

struct traffic_report {
    uint64_t lines, unknown; /* unknown: ways or segments that the file does not have */
};

/* Changes speeds (mm/s per directed segment, as of metric_speeds) in place; a direction that the profile
 * has closed stays closed. On error nothing is changed. */
int traffic_apply(const struct net *net, const char *text, size_t size, const char *where, uint32_t *speeds,
                  struct traffic_report *ret, struct route_error *err);

#endif
