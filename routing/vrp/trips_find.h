/* Where a job fits best: in a trip as it is, or with a return home before or behind it. Each place costs
 * O(1); the best places of a task in a route are remembered with the route's stamp, as in the pair kernel. */
#ifndef ROUTING_VRP_TRIPS_FIND_H
#define ROUTING_VRP_TRIPS_FIND_H

#include "routing/vrp/random.h"
#include "routing/vrp/trips_tour.h"

struct trips_place {
    int64_t delta; /* of the cost */
    int32_t route; /* VRP_NONE = none */
    int32_t type;  /* of a fresh route, route then is VRP_NONE */
    int32_t at;    /* as for trips_insert */
    enum trips_form form;
};

static inline bool trips_found(const struct trips_place *p)
{
    return p->route != VRP_NONE || p->type != VRP_NONE;
}

enum { TRIPS_PLACES = 4 /* best places remembered */ };

/* The best places of a task in a route, best first. */
struct trips_known {
    int64_t limit;             /* places with this detour and more were not looked for */
    int64_t arc[TRIPS_PLACES]; /* detour; INT64_MAX = no further place below the limit */
    int32_t at[TRIPS_PLACES];
    uint8_t form[TRIPS_PLACES];
};

/* What most looks need of it. */
struct trips_glance {
    uint64_t stamp; /* of the route that was looked at */
    int64_t least;  /* no place there has a smaller detour */
};

struct trips_find {
    struct trips_tour *t;
    struct rng *rng;
    int32_t blink_mean, until_blink; /* one place in blink_mean is overlooked, the next best one taken */
    struct trips_glance *glance;     /* by task × route; NULL where that is too large */
    struct trips_known *known;
    int32_t known_routes;
    int32_t *stamp_of, stamp; /* by route: already looked at */
    int32_t room_stamps;
    int32_t *later, n_later; /* routes of which nothing is known yet */
};

void trips_find_init(struct trips_find *f, struct trips_tour *t, struct rng *rng, int32_t blink_mean);
void trips_find_fini(struct trips_find *f);

/* The best places with a detour below `limit` in one route that serves someone, not remembered. */
void trips_find_in(const struct trips_find *f, int32_t task, const struct trips_route *r, int64_t limit,
                   struct trips_known *ret);

/* The best place that costs less than limit. `far` looks into every route, else into those of near neighbours
 * where there are many routes. A fresh route is weighed with the rest. */
struct trips_place trips_find(struct trips_find *f, int32_t task, int64_t limit, bool far);

void trips_apply(struct trips_find *f, int32_t task, const struct trips_place *at);

#endif
