/* Recreate: the cheapest place near a client's neighbours, with blinks. */
#ifndef ROUTING_VRP_FLAT_INSERT_H
#define ROUTING_VRP_FLAT_INSERT_H

#include "routing/vrp/flat_tour.h"
#include "routing/vrp/random.h"

struct flat_place {
    int64_t delta; /* change of the tour's cost, the prize not counted */
    int32_t prev;  /* behind this node; VRP_NONE = nowhere … */
    int32_t type;  /* the route's new type, or … */
    bool fresh;    /* … of an empty route that is to be opened */
};

static inline bool flat_place_found(const struct flat_place *p)
{
    return p->prev != VRP_NONE || p->fresh;
}

struct flat_insert {
    struct flat_tour *t;
    struct rng *rng;
    int32_t blink_in;    /* places until the next one is overlooked */
    double blink_spread; /* mean places between blinks; 0 = never */
    /* cheapest change of type for a route that gets too full, remembered within one search */
    int64_t *upgrade;
    int32_t *upgrade_type, *upgrade_stamp, stamp;
};

int flat_insert_init(struct flat_insert *s, struct flat_tour *t, struct rng *rng, double blink);
void flat_insert_fini(struct flat_insert *s);

/* The best place below `limit`, if any. */
struct flat_place flat_insert_find(struct flat_insert *s, int32_t client, int64_t limit);

/* The cheapest new route for it, whatever it costs. */
struct flat_place flat_insert_open(struct flat_insert *s, int32_t client);

/* As flat_insert_find, over all nodes: for what finds no place near by. */
struct flat_place flat_insert_find_far(struct flat_insert *s, int32_t client, int64_t limit);

/* Puts the client there, with times. */
void flat_insert_apply(struct flat_insert *s, int32_t client, const struct flat_place *at);

#endif
