/* A route as a person or a page needs it: geometry, steps with street names and what to do at each, in
 * Chinese and English, and the segments passed (for learned speeds). */
#ifndef ROUTING_ROAD_ROUTE_H
#define ROUTING_ROAD_ROUTE_H

#include "routing/road/query.h"
#include "routing/road/snap.h"

enum route_kind {
    ROUTE_DEPART,
    ROUTE_TURN,
    ROUTE_NEW_NAME,
    ROUTE_UTURN,
    ROUTE_ROUNDABOUT,
    ROUTE_FERRY,
    ROUTE_ARRIVE
};

/* OSRM's modifiers, clockwise from sharp left to sharp right by angle. */
enum route_modifier {
    ROUTE_UTURN_MODIFIER,
    ROUTE_SHARP_LEFT,
    ROUTE_LEFT,
    ROUTE_SLIGHT_LEFT,
    ROUTE_STRAIGHT,
    ROUTE_SLIGHT_RIGHT,
    ROUTE_RIGHT,
    ROUTE_SHARP_RIGHT
};

struct route_step {
    enum route_kind kind;
    enum route_modifier modifier;
    uint32_t exit;        /* of a roundabout, counted from 1; else 0 */
    uint32_t way;         /* net way, for names */
    uint32_t first_point; /* where it happens, in points */
    uint32_t ms, dm;      /* until the next step */
    double bearing_before, bearing_after;
};

struct route_piece {
    uint32_t dseg; /* directed segment */
    cost cost;     /* of the part driven, with the turn before it */
};

struct route {
    cost total; /* with the walks at both ends */
    struct placement from, to;
    VEC(struct geo_point) points;
    VEC(struct route_step) steps;
    VEC(struct route_piece) pieces;
};

/* Finds the cheapest way between two places (already snapped to the query's graph) with the query's metric.
 * -1 with ROUTE_NO_ROUTE or ROUTE_NOT_ON_ROAD. *ret is then untouched. */
int route_find(const struct road *r, const struct road_profile *p, const struct metric *m, struct query *q,
               const struct place *from, const struct place *to, struct route *ret, struct route_error *err);
void route_fini(struct route *route);

/* Up to `max` other ways that a person might prefer: at most a quarter longer in time, for at least a quarter
 * of it elsewhere than the best and those before, and without a detour around the point where they part from
 * it. Found among the vertices where both searches meet; ret[0 … n) are to be freed. */
enum { ALTERNATIVES_MAX = 3, ALTERNATIVES_LOOKED_AT = 64 };
size_t route_alternatives(const struct road *r, const struct road_profile *p, const struct metric *m,
                          struct query *q, const struct place *from, const struct place *to, size_t max,
                          struct route *ret);

enum route_language { ROUTE_ZH, ROUTE_EN };
/* "向左转，进入人民路" / "Turn left onto Renmin Road". Appends to t. */
void route_step_text(const struct road *r, const struct route_step *s, enum route_language language,
                     struct text *t);
const char *route_kind_name(enum route_kind kind);             /* OSRM's maneuver types */
const char *route_modifier_name(enum route_modifier modifier); /* OSRM's modifiers */
/* The street's name in a language (falls back to the other, to its number, to ""). */
const char *route_way_name(const struct road *r, uint32_t way, enum route_language language);

#endif
