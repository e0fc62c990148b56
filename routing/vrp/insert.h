/* The cheapest feasible place for a task in a working solution. */
#ifndef ROUTING_VRP_INSERT_H
#define ROUTING_VRP_INSERT_H

#include "routing/vrp/state.h"

struct insert_place {
    int32_t route; /* VRP_NONE = nowhere below the limit */
    int32_t at;    /* before this element */
    int32_t at2;   /* a shipment's delivery goes before this element of the route as it is now (≥ at) */
    int32_t form;  /* internal: where a reload is added */
    int64_t delta; /* change of the route costs */
};

struct insert_how {
    bool everywhere; /* all routes, not only those of near neighbours */
    int32_t blink;   /* a place is overlooked with this many chances in 1000 */
    int64_t limit;   /* only places whose delta is below this */
};

void insert_find(struct state *s, int32_t task, const struct insert_how *how, struct insert_place *ret);

/* Puts the task there. */
void insert_apply(struct state *s, int32_t task, const struct insert_place *place);

#endif
