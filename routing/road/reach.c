#include "routing/road/reach.h"

#include <stdlib.h>

void reach_all(const struct cch *c, const struct metric *m, const struct spot *from, uint32_t n_from,
               cost *ret)
{
    const struct cch_half *f = &c->forward, *b = &c->backward;

    for (uint32_t v = 0; v < c->n; v++)
        ret[v] = COST_NONE;
    for (uint32_t i = 0; i < n_from; i++)
        if (from[i].offset < ret[from[i].vertex])
            ret[from[i].vertex] = from[i].offset;
    for (uint32_t v = 0; v < c->n; v++)
        for (uint32_t j = f->first[v]; ret[v] < COST_NONE && j < f->first[v + 1]; j++)
            if (ret[v] + m->forward[j] < ret[f->head[j]])
                ret[f->head[j]] = ret[v] + m->forward[j];
    for (uint32_t v = c->n; v-- > 0;)
        for (uint32_t j = b->first[v]; j < b->first[v + 1]; j++)
            if (ret[b->head[j]] + m->backward[j] < ret[v])
                ret[v] = ret[b->head[j]] + m->backward[j];
}

static int by_cost(const void *a, const void *b)
{
    const struct reach_near *x = a, *y = b;

    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static cost to_place(const struct road_profile *p, const struct metric *m, const struct place *from,
                     const struct place *to, const cost *reached)
{
    struct spot s[SPOTS_MAX];
    uint32_t n = spot_targets(&p->graph, m, to, s), a, b;
    cost best = spot_direct_best(from, to, &a, &b);

    for (uint32_t i = 0; i < n; i++)
        if (reached[s[i].vertex] + s[i].offset < best)
            best = reached[s[i].vertex] + s[i].offset;
    return best;
}

size_t reach_nearest(const struct road_profile *p, const struct metric *m, const struct place *from,
                     const struct place *places, size_t n, size_t k, struct reach_near *ret)
{
    cost *reached = MEM_NEW(cost, p->cch.n);
    struct reach_near *all = MEM_NEW(struct reach_near, n);
    struct spot s[SPOTS_MAX];
    size_t found = 0;

    reach_all(&p->cch, m, s, spot_sources(&p->graph, from, s), reached);
    for (size_t i = 0; i < n; i++) {
        cost c = to_place(p, m, from, &places[i], reached);

        if (c < COST_NONE)
            all[found++] = (struct reach_near){(uint32_t)i, c};
    }
    qsort(all, found, sizeof *all, by_cost);
    found = found < k ? found : k;
    for (size_t i = 0; i < found; i++)
        ret[i] = all[i];
    free(all);
    free(reached);
    return found;
}
