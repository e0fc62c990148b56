/* The flat kernel's view of a problem: one load dimension, one call per task, at most one window, costs
 * that are sums over arcs. It covers CVRP, VRPTW, heterogeneous and limited fleets, several depots, site
 * dependence, prizes and backhauls. Everything is laid out for the inner loops. */
#ifndef ROUTING_VRP_FLAT_MODEL_H
#define ROUTING_VRP_FLAT_MODEL_H

#include "routing/vrp/problem.h"

#include <math.h>
#include <stddef.h>

enum {
    FLAT_TYPES = 64,       /* most vehicle types (a bit mask) */
    FLAT_NEAR = 100,       /* most neighbours of a client */
    FLAT_MATRIX = 4200,    /* most places of a matrix computed from coordinates */
    FLAT_AFTER = 1 << 30,  /* flags on a neighbour: c may follow it … */
    FLAT_BEFORE = 1 << 29, /* … or precede it */
    FLAT_NODE = FLAT_BEFORE - 1
};

struct flat_client {
    int32_t demand;
    int32_t from, until, service;
    uint64_t types; /* vehicle types that may serve it */
    int64_t prize;
    bool backhaul;
};

struct flat_type {
    int32_t capacity, count;
    int32_t start, end; /* places */
    int32_t from, until, max_duration, max_distance;
    int64_t fixed, unit;
};

/* Places 0 … n − 1 are the clients (task i = client i), then the depots. */
struct flat_model {
    const struct vrp_problem *p;
    int32_t n, n_places, n_types, n_near;
    bool timed;     /* windows, service and shifts matter */
    bool durations; /* max_duration matters too */
    bool ranged;    /* max_distance matters */
    bool rich;      /* a place is judged by more than cost, load and time */
    bool mixed;     /* more than one type, a limited fleet, fixed costs or unit ≠ 1 */
    bool upgrades;  /* some type may give way to a roomier one at the same places */
    bool backhauls, linehaul_first;
    bool weigh_routes;  /* a new route is weighed against every place, not only opened when there is none:
                         * where routes have a price or kinds */
    bool prizes;        /* some client may not be worth its way … */
    int64_t dear;       /* … as one with this prize or more is */
    int64_t least_unit; /* of the types */
    bool masked;        /* some client does not accept every type */
    struct flat_client *clients;
    struct flat_type types[FLAT_TYPES];
    int32_t *cost;                  /* n_places², or NULL: from the plane */
    int32_t *time;                  /* the same array when equal */
    int32_t *cost_into, *time_into; /* transposed, so that both arcs of a client lie in one row; the same
                                     * arrays when symmetric */
    bool symmetric;                 /* costs are */
    double *x, *y;                  /* of places, when on the plane */
    int32_t *near;                  /* n × (n_near + 1); client | FLAT_AFTER | FLAT_BEFORE, ended by -1 */
    int32_t *near_cost;             /* of the arcs to them, so that a scan looks into no matrix */
    double typical;                 /* mean distance to close neighbours: the scale of temperatures */
};

/* Whether the flat kernel can represent p. */
bool flat_fits(const struct vrp_problem *p);

/* NULL: out of memory. p must fit and outlive the model. */
struct flat_model *flat_model_new(const struct vrp_problem *p);
void flat_model_free(struct flat_model *m);

static inline int32_t flat_plane(const struct flat_model *m, int32_t a, int32_t b)
{
    double dx = m->x[a] - m->x[b], dy = m->y[a] - m->y[b];
    double d = m->p->plane.scale * sqrt(dx * dx + dy * dy);
    return m->p->plane.ceil ? (int32_t)ceil(d) : (int32_t)(d + m->p->plane.bias);
}

static inline int32_t flat_cost(const struct flat_model *m, int32_t a, int32_t b)
{
    return m->cost ? m->cost[(size_t)a * (size_t)m->n_places + (size_t)b] : flat_plane(m, a, b);
}

static inline int32_t flat_time(const struct flat_model *m, int32_t a, int32_t b)
{
    return m->time ? m->time[(size_t)a * (size_t)m->n_places + (size_t)b] : flat_plane(m, a, b);
}

/* As flat_cost(m, a, client), near in memory for one client. */
static inline int32_t flat_cost_into(const struct flat_model *m, int32_t client, int32_t a)
{
    return m->cost ? m->cost_into[(size_t)client * (size_t)m->n_places + (size_t)a]
                   : flat_plane(m, a, client);
}

static inline int32_t flat_time_into(const struct flat_model *m, int32_t client, int32_t a)
{
    return m->time ? m->time_into[(size_t)client * (size_t)m->n_places + (size_t)a]
                   : flat_plane(m, a, client);
}

static inline const int32_t *flat_near(const struct flat_model *m, int32_t client)
{
    return m->near + (size_t)client * (size_t)(m->n_near + 1);
}

static inline const int32_t *flat_near_cost(const struct flat_model *m, int32_t client)
{
    return m->near_cost + (size_t)client * (size_t)(m->n_near + 1);
}

#endif
