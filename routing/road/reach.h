/* One to all, and what follows from it: the k nearest of many places, and the area in reach. */
#ifndef ROUTING_ROAD_REACH_H
#define ROUTING_ROAD_REACH_H

#include "routing/road/snap.h"

/* Costs from the spots to every vertex (PHAST: climb, then one sweep from the top), n_vertices entries. */
void reach_all(const struct cch *c, const struct metric *m, const struct spot *from, uint32_t n_from,
               cost *ret);

struct reach_near {
    uint32_t place; /* index */
    cost cost;
};
/* The (at most) k places with the least travel time from `from`, nearest first, ties by index. Returns how
 * many are reachable. */
size_t reach_nearest(const struct road_profile *p, const struct metric *m, const struct place *from,
                     const struct place *places, size_t n, size_t k, struct reach_near *ret);

struct reach_ring {
    uint32_t first, n; /* in points; the last point is not repeated */
    bool hole;
};
/* The area that can be reached within `ms`: road travel, then a walk of at most `walk_metres` off the road.
 * Outer rings run counter-clockwise, holes clockwise. */
struct reach_area {
    VEC(struct reach_ring) rings;
    VEC(struct geo_point) points;
};
void reach_isochrone(const struct road *r, const struct road_profile *p, const struct metric *m,
                     const struct place *from, uint32_t ms, double walk_metres, struct reach_area *ret);
void reach_area_fini(struct reach_area *a);

/* As a GeoJSON Feature with a MultiPolygon. */
void reach_area_json(const struct reach_area *a, uint32_t ms, struct text *t);

#endif
