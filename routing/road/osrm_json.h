/* Inner side of osrm.h: pieces of the answers, and what one request works with. */
#ifndef ROUTING_ROAD_OSRM_JSON_H
#define ROUTING_ROAD_OSRM_JSON_H

#include "routing/road/osrm_url.h"

struct osrm_job {
    const struct osrm_request *q;
    const struct road *r;
    const struct road_profile *p;
    const struct metric *m;
    struct query *query;
    struct place *places; /* one per coordinate */
    struct text *t;
    bool (*stop)(void *arg);
    void *stop_arg;
};

static inline bool osrm_late(const struct osrm_job *j)
{
    return j->stop && j->stop(j->stop_arg);
}
/* Writes the answer to a request that was stopped; returns 504. */
int osrm_stopped(const struct osrm_job *j);

/* A sequence of routes as one OSRM route object (for match: `confidence` ≥ 0 is put in). */
void osrm_route_json(const struct osrm_job *j, const struct route *legs, size_t n, double confidence);
/* {"hint":"","distance":…,"name":…,"location":[…]} without the closing brace. */
void osrm_waypoint_open(const struct osrm_job *j, const struct placement *x, struct geo_point asked);
/* Writes {"code":…,"message":…}; returns 400. */
int osrm_error(struct text *t, const char *code, const char *message);

/* The services; each returns the HTTP status. */
int osrm_trip(const struct osrm_job *j);
int osrm_match(const struct osrm_job *j);

#endif
