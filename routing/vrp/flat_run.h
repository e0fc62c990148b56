/* One run of the flat kernel, shared by its phases. */
#ifndef ROUTING_VRP_FLAT_RUN_H
#define ROUTING_VRP_FLAT_RUN_H

#include "routing/vrp/flat_elite.h"
#include "routing/vrp/flat_insert.h"
#include "routing/vrp/solver.h"

/* What it cost to put a client back so far. */
struct flat_seen {
    int64_t least;
    int32_t times;
};

/* A stretch of the run over which the temperature falls: from … until in millionths of the budget or, if it
 * is counted, in iterations. */
struct flat_round {
    bool counted;
    int64_t from, until;
    double hot, cold;
};

struct flat_run {
    const struct flat_model *m;
    const struct vrp_params *params;
    struct flat_tour *t;
    struct flat_insert insert;
    struct flat_snapshot best; /* of the round */
    struct flat_elites elites; /* of the rounds before */
    int64_t reported;          /* cost of the last incumbent */
    struct rng rng;
    int64_t iterations, last_report;
    int32_t spent;
    int32_t haunt;             /* the place about which ruins begin … */
    int32_t *region, n_region; /* … or the clients at which they do, if there are any */
    struct flat_round round;
    double temperature;
    double each; /* iterations a client that the budget is thought to buy; 0 = not known yet */
    int32_t *out, n_out;
    int64_t *key;
    struct flat_seen *seen; /* by client */
    int64_t most;           /* a step may give up when the cost must get above */
    int32_t *ruined, n_ruined, *ruined_stamp, stamp;
    double mean_size; /* clients a route, at the last look */
    bool opens;       /* this step opens a route */
    bool unreported;
};

/* Ruin and recreate since a flat_mark of the tour; false if the result breaks a limit and must be played
 * back. Counts the iteration. */
bool flat_step(struct flat_run *run);

/* Puts in place those absent that are worth it. */
void flat_fill(struct flat_run *run);

/* The first and last temperatures of the round, by what a typical distance costs in the tour as it is and by
 * the iterations that the budget buys. */
void flat_heat(struct flat_run *run);

/* Iterates until the round is over; false when the budget is. */
bool flat_anneal(struct flat_run *run);

/* What the budget is spent on once the fleet is settled; the cheapest solution ends in run->best. 0, or -1
 * out of memory. */
int flat_search(struct flat_run *run);

/* Whether the run may go on; looks at the clock, cools and reports. */
bool flat_budget_left(struct flat_run *run);

/* Fewer routes, before anything else: dissolves a route and tries to place its clients in the others, by
 * absence counts (Christiaens & Vanden Berghe 2020, section 5.2), until `share` of the budget is spent.
 * Leaves the tour with all clients served and its number of routes as the limit. */
void flat_fleet_reduce(struct flat_run *run, double share);

#endif
