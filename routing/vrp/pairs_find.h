/* Where a pair fits best. All places of a route are judged together: the delivery's detours are laid out
 * once, their least from each place on bounds what a pickup can lead to, and behind a pickup the delay is
 * carried forward only as long as some delivery is worth it; so a place costs O(1). The best place of a task
 * in a route is remembered with the route's stamp and found again without looking, as most routes do not
 * change between two looks. */
#ifndef ROUTING_VRP_PAIRS_FIND_H
#define ROUTING_VRP_PAIRS_FIND_H

#include "routing/vrp/pairs_tour.h"
#include "routing/vrp/random.h"

struct pairs_place {
    int64_t delta;            /* of the cost */
    int32_t route;            /* VRP_NONE = none */
    int32_t type;             /* of a fresh route, route then is VRP_NONE */
    int32_t pickup, delivery; /* as for pairs_insert */
};

static inline bool pairs_found(const struct pairs_place *p)
{
    return p->route != VRP_NONE || p->type != VRP_NONE;
}

enum { PAIRS_PLACES = 4 /* best places remembered */ };

/* The best places of a task in a route, best first. */
struct pairs_known {
    int64_t limit;             /* places with this detour and more were not looked for */
    int64_t arc[PAIRS_PLACES]; /* detour; INT64_MAX = no further place below the limit */
    int32_t pickup[PAIRS_PLACES], delivery[PAIRS_PLACES];
};

/* What most looks need of it. */
struct pairs_glance {
    uint64_t stamp; /* of the route that was looked at */
    int64_t least;  /* no place there has a smaller detour */
};

struct pairs_find {
    struct pairs_tour *t;
    struct rng *rng;
    int32_t blink_mean, until_blink; /* one place in blink_mean is overlooked, the next best one taken */
    struct pairs_glance *glance;     /* by task × route; NULL where that is too large */
    struct pairs_known *known;
    int32_t known_routes;
    int64_t *detour, *least; /* by element, for one delivery */
    int32_t room;
    int32_t *stamp_of, stamp; /* by route: already looked at */
    int32_t room_stamps;
    int32_t *later, n_later; /* routes of which nothing is known yet */
};

int pairs_find_init(struct pairs_find *f, struct pairs_tour *t, struct rng *rng, int32_t blink_mean);
void pairs_find_fini(struct pairs_find *f);

/* The best places with a detour below `limit` in one route that serves someone, not remembered. */
void pairs_find_in(struct pairs_find *f, int32_t task, const struct pairs_route *r, int64_t limit,
                   struct pairs_known *ret);

/* The best place that costs less than limit. `far` looks into every route, else into those of near neighbours
 * where there are many routes. A fresh route is weighed with the rest. */
struct pairs_place pairs_find(struct pairs_find *f, int32_t task, int64_t limit, bool far);

void pairs_apply(struct pairs_find *f, int32_t task, const struct pairs_place *at);

#endif
