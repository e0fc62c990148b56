/* The trip kernel's view of a problem: jobs with at most one time window, releases, several load dimensions
 * with deliveries and pickups, vehicles that return to load again, costs that are sums over arcs plus a price
 * a vehicle and one a task and vehicle type: the multi-trip vehicle routing problem with time windows and
 * release dates (Cattaruzza, Absi & Feillet 2016; Yang 2023), with several depots, skills and prizes.
 *
 * Nodes: tasks, then start, end and home (where it loads again) of each vehicle type. */
#ifndef ROUTING_VRP_TRIPS_MODEL_H
#define ROUTING_VRP_TRIPS_MODEL_H

#include "routing/vrp/problem.h"

#include <stddef.h>

enum {
    TRIPS_TYPES = 64,    /* most vehicle types (a bit mask) */
    TRIPS_NEAR = 60,     /* most neighbours of a task */
    TRIPS_MATRIX = 4200, /* most nodes of a matrix */
};

struct trips_node {
    int32_t location;
    int32_t from, until, service, release;
};

struct trips_type {
    const int32_t *capacity;
    const int32_t *extra; /* by task, what it costs there besides the way; NULL = nothing */
    int32_t count, most_trips;
    int64_t fixed;
};

/* From one node to another. */
struct trips_leg {
    int32_t arc; /* what it costs, less unit */
    int32_t drive;
};

struct trips_model {
    const struct vrp_problem *p;
    int32_t n, dims; /* tasks, load dimensions */
    int32_t n_nodes, n_types, n_near;
    struct trips_node *nodes;
    uint64_t *types; /* by task: vehicle types that may serve it */
    struct trips_type type[TRIPS_TYPES];
    struct trips_leg *legs;      /* n_nodes²; NULL: computed */
    struct trips_leg *legs_into; /* transposed; the same array when symmetric */
    int64_t unit;                /* cost of one unit of arc */
    bool by_time;                /* arcs are seconds, else metres */
    bool several;                /* some type may make more than one trip */
    int32_t *near;               /* by task, n_near + 1 other tasks, nearest first, ended by VRP_NONE */
    double typical;              /* mean cost of the way to close neighbours: the scale of temperatures */
};

enum { TRIPS_START, TRIPS_END, TRIPS_HOME, TRIPS_ENDS };

static inline int32_t trips_first(const struct trips_model *m, int32_t type)
{
    return m->n + TRIPS_ENDS * type;
}

/* Whether the kernel can represent p. */
bool trips_fit(const struct vrp_problem *p);

/* NULL: out of memory. p must fit and outlive the model. */
struct trips_model *trips_model_new(const struct vrp_problem *p);
void trips_model_free(struct trips_model *m);

struct trips_leg trips_far_leg(const struct trips_model *m, int32_t a, int32_t b);

static inline struct trips_leg trips_leg(const struct trips_model *m, int32_t a, int32_t b)
{
    return m->legs ? m->legs[(size_t)a * (size_t)m->n_nodes + (size_t)b] : trips_far_leg(m, a, b);
}

/* As trips_leg(m, a, to), near in memory for one `to`. */
static inline struct trips_leg trips_leg_into(const struct trips_model *m, int32_t to, int32_t a)
{
    return m->legs ? m->legs_into[(size_t)to * (size_t)m->n_nodes + (size_t)a] : trips_far_leg(m, a, to);
}

#endif
