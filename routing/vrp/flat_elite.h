/* A few good solutions and what is made of two of them: the routes of one, with the routes the other has
 * in some neighbourhood in their place (route exchange, Nagata, Bräysy & Dullaert 2010). */
#ifndef ROUTING_VRP_FLAT_ELITE_H
#define ROUTING_VRP_FLAT_ELITE_H

#include "routing/vrp/flat_tour.h"
#include "routing/vrp/random.h"

enum { FLAT_ELITES = 8 };

struct flat_elites {
    struct flat_snapshot kept[FLAT_ELITES]; /* cheapest first */
    int32_t n;
    int32_t *tally; /* by route */
};

void flat_elites_fini(struct flat_elites *e);

/* Keeps a copy unless one of the same cost is there or all are cheaper; the dearest gives way. Returns -1
 * when memory ran out. */
int flat_elites_offer(struct flat_elites *e, const struct flat_snapshot *s, const struct flat_tour *t);

/* Makes the tour a mixture of two elites (n ≥ 2). Clients in no route stay absent. */
void flat_elites_mix(struct flat_elites *e, struct flat_tour *t, struct rng *rng);

#endif
