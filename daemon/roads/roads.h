/* The road map of a running daemon: where travel times come from, and the work that takes too long for the
 * loop (routes, tables, tiles), done on threads of its own. Without a road file travel times are great
 * circles, and there is nothing to ask.
 *
 * Everything but roads_travel's provider belongs to the loop's thread. */
#ifndef DAEMON_ROADS_ROADS_H
#define DAEMON_ROADS_ROADS_H

#include "base/clock.h"
#include "base/error.h"
#include "base/loop.h"
#include "routing/geo/matrix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct roads;

struct roads_options {
    const char *file;          /* road file; "": none */
    const struct clock *clock; /* business time: the hour whose speeds and conditions apply */
    const char *speeds;        /* learned speeds, a traffic text; "": none */
    const char *matrix_url;    /* OSRM server that the planner asks instead of the road file; "": none */
    int matrix_coordinates;    /* at most in one request to it */
    int matrix_ms;             /* its time for one request */
    int plan_threads;          /* of one matrix for the planner */
    int threads;               /* that answer requests, 1–16 */
    int64_t deadline_us;       /* for one request, waiting included */
    const char *open_to;       /* who may ask as OSRM's clients do: see roads_open_to */
};

/* NULL with err when the file cannot be used or an option is none. */
struct roads *roads_open(struct loop *l, const struct roads_options *o, struct error *err);
/* Waits for what runs; what waits is dropped without an answer. */
void roads_close(struct roads *r);

/* For the planner; any thread. */
const struct matrix_provider *roads_travel(const struct roads *r);
bool roads_have_map(const struct roads *r);

/* Whether a caller without a session may use the OSRM surface. `peer` is the address of the connection,
 * `forwarded` whether a proxy says that the request comes from elsewhere. */
bool roads_open_to(const struct roads *r, const char *peer, bool forwarded);

/* The answer to a request: text to be sent as it is, lent until `done` returns. */
struct roads_answer {
    int status;
    const char *text;
    size_t len;
    int64_t took_us; /* on its thread */
};

/* Answers an OSRM request target (routing/road/osrm.h) on a thread, then calls `done` on the loop. -1 when
 * too many wait already (nothing will be called). Only with a map. */
int roads_osrm(struct roads *r, const char *target, void (*done)(void *arg, const struct roads_answer *a),
               void *arg);

/* The same for a tile (routing/road/tile.h): 200 with its bytes, 204 for an empty one, 404 for none. */
int roads_tile(struct roads *r, uint32_t z, uint32_t x, uint32_t y,
               void (*done)(void *arg, const struct roads_answer *a), void *arg);
/* Puts a traffic text (routing/road/traffic.h) in force in the place of the one before, for the planner and
 * for all that is asked here: 200 with a line about it, or 400 with what is wrong. One at a time. */
int roads_put(struct roads *r, const char *traffic, void (*done)(void *arg, const struct roads_answer *a),
              void *arg);
/* Whether the map has an OpenStreetMap way. */
bool roads_have_way(const struct roads *r, int64_t way);

/* TileJSON of the map, as text that stays ours; NULL without a map. */
const char *roads_tile_json(const struct roads *r);
/* An entity tag for all of them: of this map as this version draws it. */
const char *roads_etag(const struct roads *r);

#endif
