/* A wave as the planner reads it: who can drive, where the parcels go, what each locker has free.
 * Filled from the JSON of the statement wave_problem; ids are strings borrowed from that document, everything
 * else refers by index. Times are seconds after `start_us`. Immutable once read, so any thread may use it. */
#ifndef DAEMON_DISPATCH_WAVE_H
#define DAEMON_DISPATCH_WAVE_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum wave_mode { MODE_DOOR, MODE_LOCKER, MODE_STATION, MODES };
enum wave_size { SIZE_S, SIZE_M, SIZE_L, SIZE_XL, SIZES };
enum wave_class { CLASS_FOOT, CLASS_EBIKE, CLASS_ETRIKE, CLASS_VAN, CLASSES };

/* The words of the API and the database for the enums above. */
extern const char *const wave_mode_name[MODES];
extern const char *const wave_size_name[SIZES];
extern const char *const wave_class_name[CLASSES];

struct wave_courier {
    const char *id, *vehicle_id; /* vehicle_id may be NULL: on foot */
    enum wave_class vehicle;
    int32_t pieces, grams, cm3; /* capacity */
    int32_t from, until;        /* shift */
    int32_t max_trips;
    int32_t n_familiar;
    int32_t *familiar; /* points */
};

struct wave_point {
    const char *id;
    double lat, lon;
    int32_t walk_s, service_s;
    bool station;
    int32_t n_windows;
    int32_t (*windows)[2]; /* ascending */
};

struct wave_locker {
    const char *id;
    int32_t point;
    int32_t free[SIZES];
};

struct wave_parcel {
    const char *id, *recipient;
    int32_t point;
    enum wave_size size;
    int32_t grams, cm3;
    int32_t n_modes;
    enum wave_mode modes[MODES]; /* what the recipient agreed to, best first */
    int32_t promised;            /* INT32_MAX: no promise */
    int32_t priority;            /* 0 … 9 */
};

struct wave {
    json_t *document;
    const char *id;
    const char *site_id;
    double lat, lon;
    int64_t start_us;
    int32_t max_seconds; /* the manager's limit for the solver; 0 = the default */
    int32_t n_couriers, n_points, n_lockers, n_parcels;
    struct wave_courier *couriers;
    struct wave_point *points;
    struct wave_locker *lockers;
    struct wave_parcel *parcels;
};

/* Reads the document; takes a reference of its own. NULL with err when a member is missing, of a wrong type
 * or refers to something that is not there. Free with wave_free (NULL is fine). */
struct wave *wave_read(json_t *document, struct error *err);
void wave_free(struct wave *w);

#endif
