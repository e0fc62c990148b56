/* The elimination tree by Liu 1990 (path compression over virtual ancestors), then a postorder in which
 * the largest subtree of a vertex comes last, right before the vertex. */
#include "routing/road/mem.h"
#include "routing/road/order.h"

#include <stdlib.h>
#include <string.h>

struct tree {
    uint32_t n;
    uint32_t *parent, *size;
    uint32_t *first, *lower; /* neighbours of a rank that rank lower */
};

static void index_lower(struct tree *t, const struct graph *g, const uint32_t *rank)
{
    t->first = MEM_NEW(uint32_t, (size_t)t->n + 2);
    t->lower = MEM_NEW(uint32_t, g->n_arcs);
    for (uint32_t a = 0; a < g->n_arcs; a++) {
        uint32_t x = rank[g->arcs[a].from], y = rank[g->arcs[a].to];

        t->first[(x > y ? x : y) + 2]++;
    }
    for (uint32_t v = 2; v < t->n + 2; v++)
        t->first[v] += t->first[v - 1];
    for (uint32_t a = 0; a < g->n_arcs; a++) {
        uint32_t x = rank[g->arcs[a].from], y = rank[g->arcs[a].to];

        t->lower[t->first[(x > y ? x : y) + 1]++] = x > y ? y : x;
    }
}

static void find_parents(struct tree *t)
{
    uint32_t *ancestor = MEM_NEW(uint32_t, t->n);

    for (uint32_t v = 0; v < t->n; v++) {
        t->parent[v] = ancestor[v] = NET_NONE;
        for (uint32_t i = t->first[v]; i < t->first[v + 1]; i++)
            for (uint32_t u = t->lower[i], next; u != NET_NONE && u < v; u = next) {
                next = ancestor[u];
                ancestor[u] = v;
                if (next == NET_NONE)
                    t->parent[u] = v;
            }
    }
    free(ancestor);
}

/* Children lists with the largest subtree at the head, so that a stack numbers it last. */
static uint32_t *number(struct tree *t)
{
    uint32_t *child = MEM_NEW(uint32_t, t->n), *sibling = MEM_NEW(uint32_t, t->n),
             *largest = MEM_NEW(uint32_t, t->n);
    uint32_t *order = MEM_NEW(uint32_t, t->n), *stack = MEM_NEW(uint32_t, (size_t)t->n + 1), n = 0,
             next = t->n;

    memset(child, 0xff, t->n * sizeof *child);
    memset(largest, 0xff, t->n * sizeof *largest);
    for (uint32_t v = 0; v < t->n; v++) {
        uint32_t p = t->parent[v];

        t->size[v]++;
        if (p == NET_NONE) {
            stack[n++] = v;
            continue;
        }
        t->size[p] += t->size[v];
        sibling[v] = child[p];
        child[p] = v;
        if (largest[p] == NET_NONE || t->size[v] > t->size[largest[p]])
            largest[p] = v;
    }
    /* a preorder from the top, numbered downwards, is a postorder; the largest child is taken first */
    while (n) {
        uint32_t v = stack[--n];

        order[v] = --next;
        for (uint32_t c = child[v]; c != NET_NONE; c = sibling[c])
            if (c != largest[v])
                stack[n++] = c;
        if (largest[v] != NET_NONE)
            stack[n++] = largest[v];
    }
    free(child);
    free(sibling);
    free(largest);
    free(stack);
    return order;
}

void order_postorder(const struct graph *g, uint32_t *rank)
{
    struct tree t = {.n = g->n_vertices,
                     .parent = MEM_NEW(uint32_t, g->n_vertices),
                     .size = MEM_NEW(uint32_t, g->n_vertices)};
    uint32_t *order;

    index_lower(&t, g, rank);
    find_parents(&t);
    order = number(&t);
    for (uint32_t v = 0; v < t.n; v++)
        rank[v] = order[rank[v]];
    free(order);
    free(t.parent);
    free(t.size);
    free(t.first);
    free(t.lower);
}
