/* Inner side of osrm.h: a parsed request. */
#ifndef ROUTING_ROAD_OSRM_URL_H
#define ROUTING_ROAD_OSRM_URL_H

#include "routing/road/osrm.h"

enum osrm_service { OSRM_ROUTE, OSRM_TABLE, OSRM_NEAREST, OSRM_TRIP, OSRM_MATCH };
enum osrm_geometry { OSRM_POLYLINE, OSRM_POLYLINE6, OSRM_GEOJSON };
enum osrm_overview { OSRM_SIMPLIFIED, OSRM_FULL, OSRM_NO_OVERVIEW };

struct osrm_request {
    enum osrm_service service;
    char profile[PROFILE_NAME_MAX + 1];
    VEC(struct geo_point) points;
    struct snap_options *snap; /* one per point */
    VEC(uint32_t) sources, destinations, waypoints;
    bool all_sources, all_destinations;
    bool steps, annotate_duration, annotate_distance, annotations;
    bool roundtrip, any_start, any_end, tidy, split_gaps;
    enum osrm_geometry geometry;
    enum osrm_overview overview;
    uint32_t number, alternatives;
    VEC(int64_t) timestamps;
};

/* On failure the error's text is OSRM's message and *ret_code its code ("InvalidUrl", …). */
int osrm_parse(const char *target, struct osrm_request *ret, const char **ret_code, struct route_error *err);
void osrm_request_fini(struct osrm_request *q);

/* Google's encoded polyline; false if broken. */
bool osrm_polyline_decode(const char *s, size_t n, double precision, struct osrm_request *ret);
void osrm_polyline_encode(const struct geo_point *p, size_t n, double precision, struct text *t);

#endif
