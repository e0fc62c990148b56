/* Tarjan's strongly connected components (1972), without recursion. */
#include "routing/road/graph.h"

#include <stdlib.h>
#include <string.h>

struct finder {
    const struct graph *g;
    uint32_t *index, *low, *component, *next_arc;
    uint32_t *stack, *call;
    uint32_t n_stack, n_call, clock;
    VEC(uint32_t) sizes;
};

static void enter(struct finder *f, uint32_t v)
{
    f->index[v] = f->low[v] = ++f->clock;
    f->next_arc[v] = f->g->arc_first[v];
    f->stack[f->n_stack++] = v;
    f->call[f->n_call++] = v;
}

static void close_component(struct finder *f, uint32_t v)
{
    uint32_t id = (uint32_t)f->sizes.n, size = 0, w;

    do {
        w = f->stack[--f->n_stack];
        f->component[w] = id;
        size++;
    } while (w != v);
    VEC_PUSH(&f->sizes, size);
}

static void leave(struct finder *f, uint32_t v)
{
    f->n_call--;
    if (f->low[v] == f->index[v])
        close_component(f, v);
    if (f->n_call) {
        uint32_t parent = f->call[f->n_call - 1];

        f->low[parent] = f->low[v] < f->low[parent] ? f->low[v] : f->low[parent];
    }
}

static void explore(struct finder *f, uint32_t root)
{
    enter(f, root);
    while (f->n_call) {
        uint32_t v = f->call[f->n_call - 1];

        if (f->next_arc[v] == f->g->arc_first[v + 1]) {
            leave(f, v);
            continue;
        }
        uint32_t w = f->g->arcs[f->next_arc[v]++].to;

        if (!f->index[w])
            enter(f, w);
        else if (f->component[w] == NET_NONE && f->index[w] < f->low[v])
            f->low[v] = f->index[w];
    }
}

static void mark(struct graph_build *b, const struct finder *f)
{
    struct graph *g = b->graph;
    uint32_t largest = 0;

    for (size_t i = 0; i < f->sizes.n; i++)
        largest = f->sizes.at[i] > largest ? f->sizes.at[i] : largest;
    b->report->islands = f->sizes.n ? (uint32_t)f->sizes.n - 1 : 0;
    for (uint32_t d = 0; d < 2 * g->n_links; d++) {
        uint32_t v = g->dlink_vertex[d];

        if (v != NET_NONE && f->sizes.at[f->component[v]] < largest / 10)
            g->dlink_flags[d] |= GRAPH_ISLAND;
    }
    for (uint32_t l = 0; l < g->n_links; l++) {
        uint8_t a = g->dlink_flags[2 * l], z = g->dlink_flags[2 * l + 1];

        b->report->island_links +=
            (!(a & GRAPH_OPEN) || a & GRAPH_ISLAND) && (!(z & GRAPH_OPEN) || z & GRAPH_ISLAND);
    }
}

void graph_find_islands(struct graph_build *b)
{
    uint32_t n = b->graph->n_vertices;
    struct finder f = {.g = b->graph,
                       .index = MEM_NEW(uint32_t, n),
                       .low = MEM_NEW(uint32_t, n),
                       .component = MEM_NEW(uint32_t, n),
                       .next_arc = MEM_NEW(uint32_t, n),
                       .stack = MEM_NEW(uint32_t, n),
                       .call = MEM_NEW(uint32_t, n)};

    memset(f.component, 0xff, n * sizeof *f.component);
    for (uint32_t v = 0; v < n; v++)
        if (!f.index[v])
            explore(&f, v);
    mark(b, &f);
    free(f.index);
    free(f.low);
    free(f.component);
    free(f.next_arc);
    free(f.stack);
    free(f.call);
    free(f.sizes.at);
}
