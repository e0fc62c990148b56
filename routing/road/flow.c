#include "routing/road/flow.h"
#include "routing/road/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 4, OUTSIDE = -1 };

struct flow {
    const struct flow_graph *g;
    uint32_t *local; /* node → place in the cell; UINT32_MAX outside */
    uint32_t n;      /* the cell as a graph of its own */
    uint32_t *first, *heads, *twin;
    int8_t *used; /* flow on a half-edge: -1, 0, 1 */
    uint8_t *end; /* 1 source, 2 sink */
    uint32_t *level, *arc, *queue, *path;
    int64_t *key;
    uint32_t *order;
    uint8_t *side, *best_side;
};

struct flow *flow_new(const struct flow_graph *g)
{
    struct flow *f = MEM_NEW(struct flow, 1);
    uint32_t n = g->n, m = g->first[g->n];

    f->g = g;
    f->local = MEM_NEW(uint32_t, n);
    memset(f->local, 0xff, n * sizeof *f->local);
    f->first = MEM_NEW(uint32_t, n + 1);
    f->heads = MEM_NEW(uint32_t, m);
    f->twin = MEM_NEW(uint32_t, m);
    f->used = MEM_NEW(int8_t, m);
    f->end = MEM_NEW(uint8_t, n);
    f->level = MEM_NEW(uint32_t, n);
    f->arc = MEM_NEW(uint32_t, n);
    f->queue = MEM_NEW(uint32_t, n);
    f->path = MEM_NEW(uint32_t, n);
    f->key = MEM_NEW(int64_t, n);
    f->order = MEM_NEW(uint32_t, n);
    f->side = MEM_NEW(uint8_t, n);
    f->best_side = MEM_NEW(uint8_t, n);
    return f;
}

void flow_free(struct flow *f)
{
    free(f->local);
    free(f->first);
    free(f->heads);
    free(f->twin);
    free(f->used);
    free(f->end);
    free(f->level);
    free(f->arc);
    free(f->queue);
    free(f->path);
    free(f->key);
    free(f->order);
    free(f->side);
    free(f->best_side);
    free(f);
}

/* Finds the other half of edge e from node i: the first one back that has no partner yet. */
static void pair_halves(struct flow *f, uint32_t i, uint32_t e)
{
    uint32_t k = f->first[f->heads[e]];

    while (f->heads[k] != i || f->twin[k] != UINT32_MAX)
        k++;
    f->twin[e] = k;
    f->twin[k] = e;
}

/* Copies the cell's inner edges; twin pairs the two halves of an edge. */
static void make_cell(struct flow *f, const uint32_t *nodes, uint32_t n)
{
    const struct flow_graph *g = f->g;
    uint32_t m = 0;

    f->n = n;
    for (uint32_t i = 0; i < n; i++)
        f->local[nodes[i]] = i;
    for (uint32_t i = 0; i < n; i++) {
        f->first[i] = m;
        for (uint32_t e = g->first[nodes[i]]; e < g->first[nodes[i] + 1]; e++) {
            uint32_t j = f->local[g->heads[e]];

            if (j != UINT32_MAX && j != i)
                f->heads[m++] = j;
        }
    }
    f->first[n] = m;
    memset(f->twin, 0xff, m * sizeof *f->twin);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t e = f->first[i]; e < f->first[i + 1]; e++)
            if (f->twin[e] == UINT32_MAX)
                pair_halves(f, i, e);
    for (uint32_t i = 0; i < n; i++)
        f->local[nodes[i]] = UINT32_MAX;
}

static void set_keys(struct flow *f, const uint32_t *nodes, int direction)
{
    const struct flow_graph *g = f->g;

    for (uint32_t i = 0; i < f->n; i++) {
        int64_t x = g->x[nodes[i]], y = g->y[nodes[i]];

        f->key[i] = direction == 0 ? x : direction == 1 ? y : direction == 2 ? x + y : x - y;
        f->order[i] = i;
    }
}

/* Quickselect: the k smallest keys come first in order[0 … n). */
static void select_smallest(const struct flow *f, uint32_t *order, uint32_t n, uint32_t k)
{
    uint32_t lo = 0, hi = n;

    while (hi - lo > 1) {
        int64_t pivot = f->key[order[lo + (hi - lo) / 2]];
        uint32_t i = lo, j = hi - 1;

        for (;;) {
            while (f->key[order[i]] < pivot)
                i++;
            while (f->key[order[j]] > pivot)
                j--;
            if (i >= j)
                break;
            uint32_t t = order[i];

            order[i++] = order[j];
            order[j--] = t;
        }
        if (k <= j + 1 && j + 1 < hi)
            hi = j + 1;
        else if (i > lo && k >= i)
            lo = i;
        else
            break;
    }
}

static void set_ends(struct flow *f, const uint32_t *nodes, int direction, uint32_t k)
{
    set_keys(f, nodes, direction);
    memset(f->end, 0, f->n);
    select_smallest(f, f->order, f->n, k);
    for (uint32_t i = 0; i < k; i++)
        f->end[f->order[i]] = 1;
    select_smallest(f, f->order + k, f->n - k, f->n - 2 * k);
    for (uint32_t i = f->n - k; i < f->n; i++)
        f->end[f->order[i]] = 2;
}

/* Levels of the residual graph from the source; true if the sink is in reach. */
static bool find_levels(struct flow *f)
{
    uint32_t n_queue = 0;
    bool reached = false;

    memset(f->level, 0, f->n * sizeof *f->level);
    for (uint32_t i = 0; i < f->n; i++)
        if (f->end[i] == 1) {
            f->level[i] = 1;
            f->queue[n_queue++] = i;
        }
    for (uint32_t q = 0; q < n_queue; q++) {
        uint32_t v = f->queue[q];

        if (reached && f->end[v] == 2)
            continue;
        for (uint32_t e = f->first[v]; e < f->first[v + 1]; e++) {
            uint32_t w = f->heads[e];

            if (f->level[w] || f->used[e] > 0)
                continue;
            f->level[w] = f->level[v] + 1;
            reached |= f->end[w] == 2;
            if (f->end[w] != 2)
                f->queue[n_queue++] = w;
        }
    }
    return reached;
}

/* One augmenting path down the levels from v, without recursion. */
static bool augment(struct flow *f, uint32_t v)
{
    uint32_t n = 0;

    for (;;) {
        if (f->end[v] == 2)
            break;
        uint32_t e = f->arc[v];

        if (e < f->first[v + 1]) {
            uint32_t w = f->heads[e];

            if (f->used[e] <= 0 && f->level[w] == f->level[v] + 1) {
                f->path[n++] = e;
                v = w;
            } else
                f->arc[v]++;
        } else {
            if (!n)
                return false;
            e = f->path[--n];
            v = f->heads[f->twin[e]];
            f->arc[v]++;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        f->used[f->path[i]]++;
        f->used[f->twin[f->path[i]]]--;
    }
    return true;
}

/* The flow, or `limit` as soon as it is not below. */
static uint32_t max_flow(struct flow *f, uint32_t limit)
{
    uint32_t flow = 0;

    memset(f->used, 0, f->first[f->n]);
    while (flow < limit && find_levels(f)) {
        memcpy(f->arc, f->first, f->n * sizeof *f->arc);
        for (uint32_t i = 0; i < f->n && flow < limit; i++)
            if (f->end[i] == 1)
                while (flow < limit && augment(f, i))
                    flow++;
    }
    return flow;
}

/* Nodes that still reach the sink in the residual graph; returns how many. */
static uint32_t sink_side(struct flow *f)
{
    uint32_t n_queue = 0;

    memset(f->side, 1, f->n);
    for (uint32_t i = 0; i < f->n; i++)
        if (f->end[i] == 2) {
            f->side[i] = 0;
            f->queue[n_queue++] = i;
        }
    for (uint32_t q = 0; q < n_queue; q++)
        for (uint32_t v = f->queue[q], e = f->first[v]; e < f->first[v + 1]; e++) {
            uint32_t w = f->heads[e];

            if (f->side[w] && f->used[f->twin[e]] <= 0) {
                f->side[w] = 0;
                f->queue[n_queue++] = w;
            }
        }
    return n_queue;
}

/* Of the two extreme minimum cuts the better balanced one, in side (1: source side); its source size. */
static uint32_t choose_cut(struct flow *f)
{
    uint32_t n_sink = sink_side(f), n_source = 0;

    for (uint32_t i = 0; i < f->n; i++)
        n_source += f->level[i] != 0;
    if (n_source > f->n - n_source ? f->n - n_source >= n_sink : n_source >= n_sink)
        for (uint32_t i = 0; i < f->n; i++)
            f->side[i] = f->level[i] != 0;
    else
        n_source = f->n - n_sink;
    return n_source;
}

static uint32_t split(struct flow *f, uint32_t *nodes)
{
    uint32_t a = 0, b = f->n;

    for (uint32_t i = 0; i < f->n; i++)
        f->queue[f->best_side[i] ? a++ : --b] = nodes[i];
    memcpy(nodes, f->queue, f->n * sizeof *nodes);
    return a;
}

uint32_t flow_bisect(struct flow *f, uint32_t *nodes, uint32_t n)
{
    uint32_t k = n / 4 ? n / 4 : 1;
    double best = 1e300;

    make_cell(f, nodes, n);
    for (int d = 0; d < DIRECTIONS; d++) {
        double limit = best * (n / 2.0) + 1;
        uint32_t cap = limit < 1e9 ? (uint32_t)limit : UINT32_MAX, cut, size;

        set_ends(f, nodes, d, k);
        cut = max_flow(f, cap);
        if (cut >= cap)
            continue;
        size = choose_cut(f);
        double score = (cut + 0.01) / (size < n - size ? size : n - size);

        if (score < best) {
            best = score;
            memcpy(f->best_side, f->side, n);
        }
    }
    return split(f, nodes);
}
