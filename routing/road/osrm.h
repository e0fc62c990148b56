/* The OSRM HTTP API, version 1, as a pure function: path and query in, status and JSON out. Services:
 * route, table, nearest, trip, match (tile is tile.h's /tiles/Z/X/Y.mvt). Profiles by our names or by the
 * usual ones: driving and car mean van, cycling and bike ebike, walking and foot foot. Every leg step
 * carries, beside OSRM's maneuver, `instruction` and `instruction_zh`. Hints, `generate_hints`,
 * `skip_waypoints` of OSRM are accepted; `alternatives` other than false and `exclude` answer NotImplemented
 * and InvalidValue.
 *
 * For the daemon: one `struct osrm` per thread (it holds query scratch), made once with osrm_new over the
 * shared road; hand it the request target as it came ("/route/v1/driving/…?steps=true"), send the text as
 * application/json with the status returned. Larger tables belong on a planner thread: a table of n × m
 * takes about 25 ns a cell, and OSRM_TABLE_MAX bounds n × m. */
#ifndef ROUTING_ROAD_OSRM_H
#define ROUTING_ROAD_OSRM_H

#include "routing/road/route.h"

enum { OSRM_POINTS_MAX = 5000, OSRM_TABLE_MAX = 4000000, OSRM_TRIP_MAX = 200, OSRM_URL_MAX = 1 << 18 };

struct osrm;

/* Borrows the road. Metrics are the road file's; osrm_set_metric replaces one (traffic; may be swapped
 * between requests of this object, e.g. after a road was closed). */
struct osrm *osrm_new(const struct road *r);
void osrm_free(struct osrm *o);
void osrm_set_metric(struct osrm *o, size_t profile, const struct metric *m);

/* Appends the JSON to ret and returns the HTTP status: 200, or 400 with OSRM's error code. */
int osrm_answer(struct osrm *o, const char *target, struct text *ret);

#endif
