#include "routing/vrp/flat_savings.h"

#include <stdlib.h>

struct saving {
    int32_t a, b, gain;
};

/* Chains of clients while they grow: each end knows the other end and the chain's load. */
struct chains {
    int32_t *link[2]; /* neighbours in the chain, or VRP_NONE */
    int32_t *other_end, *load;
};

static int by_gain(const void *pa, const void *pb)
{
    const struct saving *a = pa, *b = pb;
    if (a->gain != b->gain)
        return a->gain < b->gain ? 1 : -1;
    return a->a != b->a ? (a->a < b->a ? -1 : 1) : (a->b > b->b) - (a->b < b->b);
}

static int64_t list_savings(const struct flat_model *m, struct saving *list)
{
    int64_t n = 0;
    int32_t from = m->types[0].start, to = m->types[0].end;
    for (int32_t a = 0; a < m->n; a++)
        for (const int32_t *e = flat_near(m, a); *e >= 0; e++) {
            int32_t b = *e & FLAT_NODE;
            if (b <= a)
                continue;
            int32_t gain = flat_cost(m, a, to) + flat_cost(m, from, b) - flat_cost(m, a, b);
            if (gain > 0)
                list[n++] = (struct saving){a, b, gain};
        }
    return n;
}

static bool is_end(const struct chains *c, int32_t v)
{
    return c->link[0][v] == VRP_NONE || c->link[1][v] == VRP_NONE;
}

static void attach(struct chains *c, int32_t v, int32_t w)
{
    c->link[c->link[0][v] == VRP_NONE ? 0 : 1][v] = w;
}

static void merge(struct chains *c, const struct saving *s, int32_t capacity)
{
    if (!is_end(c, s->a) || !is_end(c, s->b) || c->other_end[s->a] == s->b)
        return;
    int32_t load = c->load[s->a] + c->load[s->b];
    if (load > capacity)
        return;
    int32_t x = c->other_end[s->a], y = c->other_end[s->b];
    attach(c, s->a, s->b);
    attach(c, s->b, s->a);
    c->other_end[x] = y;
    c->other_end[y] = x;
    c->load[x] = c->load[y] = load;
}

static void lay_chain(struct flat_tour *t, const struct chains *c, int32_t v)
{
    int32_t route = flat_open(t, 0), from = VRP_NONE;
    while (v != VRP_NONE) {
        flat_insert(t, v, t->nodes[flat_last(t, route)].prev);
        int32_t next = c->link[0][v] == from ? c->link[1][v] : c->link[0][v];
        from = v;
        v = next;
    }
}

static void build(struct flat_tour *t, struct chains *c, struct saving *list)
{
    const struct flat_model *m = t->m;
    for (int32_t v = 0; v < m->n; v++) {
        c->link[0][v] = c->link[1][v] = VRP_NONE;
        c->other_end[v] = v;
        c->load[v] = m->clients[v].demand;
    }
    int64_t n = list_savings(m, list);
    qsort(list, (size_t)n, sizeof *list, by_gain);
    for (int64_t i = 0; i < n; i++)
        merge(c, &list[i], m->types[0].capacity);
    for (int32_t v = 0; v < m->n; v++) {
        int32_t far = c->other_end[v];
        if (is_end(c, v) && t->nodes[v].route == VRP_NONE && m->clients[v].demand <= m->types[0].capacity &&
            (far >= v || far == v))
            lay_chain(t, c, v);
    }
}

void flat_savings(struct flat_tour *t)
{
    const struct flat_model *m = t->m;
    size_t n = (size_t)m->n;
    if (m->timed || m->mixed || m->backhauls || m->ranged || m->prizes)
        return;
    struct chains c = {{malloc(n * sizeof(int32_t)), malloc(n * sizeof(int32_t))},
                       malloc(n * sizeof(int32_t)),
                       malloc(n * sizeof(int32_t))};
    struct saving *list = malloc((n * (size_t)m->n_near + 1) * sizeof *list);
    if (c.link[0] && c.link[1] && c.other_end && c.load && list)
        build(t, &c, list);
    free(c.link[0]);
    free(c.link[1]);
    free(c.other_end);
    free(c.load);
    free(list);
}
