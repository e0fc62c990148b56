/* The pair kernel's view of a problem: shipments with at most one time window an end, one load dimension,
 * costs that are sums over arcs plus a price a vehicle: the pickup and delivery problem with time windows
 * (PDPTW), with several depots, vehicle types, skills and prizes. Everything is laid out for the inner loops.
 *
 * Nodes: visits as elsewhere (2 × task = pickup, 2 × task + 1 = delivery), then start and end of each type.
 */
#ifndef ROUTING_VRP_PAIRS_MODEL_H
#define ROUTING_VRP_PAIRS_MODEL_H

#include "routing/vrp/problem.h"

#include <stddef.h>

enum {
    PAIRS_TYPES = 64,    /* most vehicle types (a bit mask) */
    PAIRS_NEAR = 60,     /* most neighbours of a node */
    PAIRS_MATRIX = 4200, /* most nodes of a matrix */
};

struct pairs_node {
    int32_t location;
    int32_t from, until, service;
    int32_t load; /* on board after it less before it */
};

struct pairs_type {
    int32_t capacity, count;
    int64_t fixed;
};

struct pairs_model {
    const struct vrp_problem *p;
    int32_t n; /* tasks */
    int32_t n_nodes, n_types, n_near;
    struct pairs_node *nodes;
    uint64_t *types; /* by task: vehicle types that may serve it */
    struct pairs_type type[PAIRS_TYPES];
    int32_t *arc;                   /* n_nodes²: what an arc costs, less unit; NULL: computed */
    int32_t *drive;                 /* seconds; the same array when equal */
    int32_t *arc_into, *drive_into; /* transposed, so that both arcs of a node lie in one row; the same arrays
                                     * when symmetric */
    int64_t unit;                   /* cost of one unit of arc */
    bool by_time;                   /* arcs are seconds, else metres */
    int32_t *near;  /* by visit, n_near + 1 visits of other tasks, nearest first, ended by VRP_NONE */
    double typical; /* mean cost of the way to close neighbours: the scale of temperatures */
};

static inline int32_t pairs_first(const struct pairs_model *m, int32_t type)
{
    return 2 * m->n + 2 * type;
}

/* Whether the kernel can represent p. */
bool pairs_fit(const struct vrp_problem *p);

/* NULL: out of memory. p must fit and outlive the model. */
struct pairs_model *pairs_model_new(const struct vrp_problem *p);
void pairs_model_free(struct pairs_model *m);

int32_t pairs_far_arc(const struct pairs_model *m, int32_t a, int32_t b);
int32_t pairs_far_drive(const struct pairs_model *m, int32_t a, int32_t b);

static inline int32_t pairs_arc(const struct pairs_model *m, int32_t a, int32_t b)
{
    return m->arc ? m->arc[(size_t)a * (size_t)m->n_nodes + (size_t)b] : pairs_far_arc(m, a, b);
}

static inline int32_t pairs_drive(const struct pairs_model *m, int32_t a, int32_t b)
{
    return m->drive ? m->drive[(size_t)a * (size_t)m->n_nodes + (size_t)b] : pairs_far_drive(m, a, b);
}

/* As pairs_arc(m, a, to) and pairs_drive(m, a, to), near in memory for one `to`. */
static inline int32_t pairs_arc_into(const struct pairs_model *m, int32_t to, int32_t a)
{
    return m->arc ? m->arc_into[(size_t)to * (size_t)m->n_nodes + (size_t)a] : pairs_far_arc(m, a, to);
}

static inline int32_t pairs_drive_into(const struct pairs_model *m, int32_t to, int32_t a)
{
    return m->drive ? m->drive_into[(size_t)to * (size_t)m->n_nodes + (size_t)a] : pairs_far_drive(m, a, to);
}

#endif
