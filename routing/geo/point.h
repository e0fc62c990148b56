/* Points on the earth, WGS-84, as integers of 1e-7 degree (about 1 cm): exact to compare, hash and
 * store, the same on every machine. Other datums are converted at the edge (routing/geo/datum.h).
 * Pure functions; any thread. */
#ifndef ROUTING_GEO_POINT_H
#define ROUTING_GEO_POINT_H

#include <stdbool.h>
#include <stdint.h>

#define GEO_E7 10000000.0
#define GEO_EARTH_RADIUS_M 6371008.8 /* mean radius, IUGG */

struct geo_point {
    int32_t lon, lat; /* 1e-7 degree */
};

/* From degrees, rounded to the nearest unit. False (and *ret untouched) if outside ±180 / ±90 or not finite.
 */
bool geo_point_from_degrees(double lon, double lat, struct geo_point *ret);
double geo_lon(struct geo_point p);
double geo_lat(struct geo_point p);

/* Great-circle distance in metres (haversine). */
double geo_distance(struct geo_point a, struct geo_point b);

/* Distance in metres on the local plane around a; within 0.1 % of the great circle below 20 km. Fast. */
double geo_distance_plane(struct geo_point a, struct geo_point b);

/* Initial bearing from a to b in degrees, 0 ≤ result < 360, clockwise from north; 0 if a equals b. */
double geo_bearing(struct geo_point a, struct geo_point b);

/* The point of the segment a–b nearest to p on the plane around p. */
struct geo_foot {
    struct geo_point point;
    double fraction; /* 0 at a … 1 at b */
    double metres;   /* from p */
    bool left;       /* p lies to the left of the direction a→b */
};
struct geo_foot geo_nearest_on_segment(struct geo_point p, struct geo_point a, struct geo_point b);

/* The point at `metres` from p in direction `bearing` (degrees); for distances of a few km. */
struct geo_point geo_move(struct geo_point p, double bearing, double metres);

#endif
