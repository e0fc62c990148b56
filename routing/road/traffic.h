/* Traffic as a CSV text: `way,direction,speed[,hours]` (OpenStreetMap way ids) or
 * `segment,direction,speed[,hours]` (segment numbers of this road file, as "nearest" and learned speeds print
 * them). direction is forward, backward or both, as the way is drawn; speed is km/h, 0 closes, and "x0.5"
 * scales what the profile says; hours "7", "7-9" (until nine) or "22-5" bound it to hours of the day. Blank
 * lines and lines beginning with # are skipped; later lines win. */
#ifndef ROUTING_ROAD_TRAFFIC_H
#define ROUTING_ROAD_TRAFFIC_H

#include "routing/road/net.h"

struct traffic_report {
    uint64_t lines, unknown; /* unknown: ways or segments that the file does not have */
};

/* What a text says, read once; immutable. NULL on error. */
struct traffic;
struct traffic *traffic_read(const struct net *net, const char *text, size_t size, const char *where,
                             struct traffic_report *ret, struct route_error *err);
void traffic_free(struct traffic *t);

/* Changes speeds (mm/s per directed segment, as of metric_speeds for the same hour) in place; a direction
 * that the profile has closed stays closed. What is bound to hours does nothing at hour -1. t may be NULL. */
void traffic_change(const struct traffic *t, int hour, uint32_t *speeds);

/* Reads and changes; on error nothing is changed. */
int traffic_apply(const struct net *net, const char *text, size_t size, const char *where, int hour,
                  uint32_t *speeds, struct traffic_report *ret, struct route_error *err);

#endif
