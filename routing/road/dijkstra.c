#include "routing/road/mem.h"
#include "routing/road/query.h"

#include <stdlib.h>

struct entry {
    cost at;
    uint32_t vertex;
};

struct heap {
    VEC(struct entry) e;
};

static void push(struct heap *h, struct entry x)
{
    size_t i;

    VEC_PUSH(&h->e, x);
    for (i = h->e.n - 1; i && h->e.at[(i - 1) / 2].at > x.at; i = (i - 1) / 2)
        h->e.at[i] = h->e.at[(i - 1) / 2];
    h->e.at[i] = x;
}

static struct entry pop(struct heap *h)
{
    struct entry top = h->e.at[0], x = h->e.at[--h->e.n];
    size_t i = 0;

    for (size_t c = 1; c < h->e.n; i = c, c = 2 * i + 1) {
        if (c + 1 < h->e.n && h->e.at[c + 1].at < h->e.at[c].at)
            c++;
        if (h->e.at[c].at >= x.at)
            break;
        h->e.at[i] = h->e.at[c];
    }
    h->e.at[i] = x;
    return top;
}

static void offer(struct heap *h, cost *ret, uint32_t v, cost c, cost bound)
{
    if (c >= ret[v] || c > bound)
        return;
    ret[v] = c;
    push(h, (struct entry){c, v});
}

void dijkstra(const struct graph *g, const struct metric *m, const struct spot *from, uint32_t n_from,
              cost bound, cost *ret)
{
    struct heap h = {0};

    for (uint32_t v = 0; v < g->n_vertices; v++)
        ret[v] = COST_NONE;
    for (uint32_t i = 0; i < n_from; i++)
        offer(&h, ret, from[i].vertex, from[i].offset, bound);
    while (h.e.n) {
        struct entry e = pop(&h);

        if (e.at > ret[e.vertex])
            continue;
        for (uint32_t a = g->arc_first[e.vertex]; a < g->arc_first[e.vertex + 1]; a++) {
            cost w = metric_arc(m, &g->arcs[a]);

            if (w < COST_NONE)
                offer(&h, ret, g->arcs[a].to, e.at + w, bound);
        }
    }
    free(h.e.at);
}
