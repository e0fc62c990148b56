/* The OSRM HTTP API, version 1, as a pure function: path and query in, status and JSON out. Services:
 * route, table, nearest, trip, match (tile is tile.h's /tiles/Z/X/Y.mvt). Profiles by our names or by the
 * usual ones: driving and car mean van, cycling and bike ebike, walking and foot foot. Every leg step
 * carries, beside OSRM's maneuver, `instruction` and `instruction_zh`. `alternatives` gives up to three
 * further routes between two coordinates. OSRM's hints, `generate_hints` and `skip_waypoints` are accepted
 * and change nothing; `exclude` answers InvalidValue.
 *
 * One `struct osrm` per thread (it holds query scratch), made once with osrm_new over the shared road; it
 * takes the request target as it came ("/route/v1/driving/…?steps=true"), and its text goes out as
 * application/json with the status returned. A table takes about 25 ns a cell; OSRM_TABLE_MAX bounds their
 * number. */
#ifndef ROUTING_ROAD_OSRM_H
#define ROUTING_ROAD_OSRM_H

#include "routing/road/route.h"

enum { OSRM_POINTS_MAX = 5000, OSRM_TABLE_MAX = 4000000, OSRM_TRIP_MAX = 200, OSRM_URL_MAX = 1 << 18 };

struct osrm;

/* Borrows the road. */
struct osrm *osrm_new(const struct road *r);
void osrm_free(struct osrm *o);

/* Where metrics come from, per request (traffic, hours); NULL, and at first: the road file's. What `metric`
 * gives must last until osrm_answer returns. */
void osrm_set_metrics(struct osrm *o, const struct metric *(*metric)(void *arg, size_t profile), void *arg);

/* `stop` is asked between points, legs and blocks of rows; when it says true the request ends with 504 and
 * the code Timeout. NULL: never. */
void osrm_set_stop(struct osrm *o, bool (*stop)(void *arg), void *arg);

/* Appends the JSON to ret and returns the HTTP status: 200, 400 with OSRM's error code, or 504. */
int osrm_answer(struct osrm *o, const char *target, struct text *ret);

#endif
