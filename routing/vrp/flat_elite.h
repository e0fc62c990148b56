/* A few good solutions and what is made of two of them: the routes of one, with the routes the other has
 * in some neighbourhood in their place (route exchange, Nagata, Bräysy & Dullaert 2010). */
#ifndef ROUTING_VRP_FLAT_ELITE_H
#define ROUTING_VRP_FLAT_ELITE_H

#include "routing/vrp/flat_tour.h"
#include "routing/vrp/random.h"

enum { FLAT_ELITES = 8 };

struct flat_elites {
    struct flat_snapshot kept[FLAT_ELITES];
    int32_t n;
    int32_t *tally; /* by route; lent to one call at a time */
};

void flat_elites_fini(struct flat_elites *e);

/* Keeps a copy of s, of the tour's size, beside the others (n < FLAT_ELITES). 0, or -1 out of memory. */
int flat_elites_add(struct flat_elites *e, const struct flat_snapshot *s, const struct flat_tour *t);

/* Lets s take the place of number i if it is cheaper than that and unlike all. Returns 1 if it did, 0 if
 * not, -1 out of memory. */
int flat_elites_replace(struct flat_elites *e, int32_t i, const struct flat_snapshot *s,
                        const struct flat_tour *t);

/* The cheapest (n ≥ 1). */
int32_t flat_elites_best(const struct flat_elites *e);

/* Keeps the cheapest alone. */
void flat_elites_thin(struct flat_elites *e);

/* Makes the tour one of the elites (n ≥ 2) with routes of another about a place where they differ; clients
 * in no route stay absent. Returns the number of the first. */
int32_t flat_elites_mix(struct flat_elites *e, struct flat_tour *t, struct rng *rng);

/* The clients of routes in which the tour differs from number i, to ret (room for all clients); how many. */
int32_t flat_elites_differ(struct flat_elites *e, int32_t i, const struct flat_tour *t, int32_t *ret);

#endif
