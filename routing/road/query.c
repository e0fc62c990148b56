#include "routing/road/query.h"
#include "routing/road/mem.h"

#include <stdlib.h>
#include <string.h>

/* One side's search space. */
struct side {
    cost *at;       /* per vertex */
    uint32_t *from; /* per vertex: which lower vertex gave at, or the spot | START */
    uint32_t *list; /* the vertices to process in this order */
    uint32_t n;
    uint8_t *listed;
};

enum { START = 0x80000000U, AHEAD = 3 };

/* One side of a search for the cost alone. All that a vertex leads to are its ancestors, so that along one
 * path to the root a depth names a vertex and the distances stand side by side. */
struct ladder {
    cost *at;        /* per depth */
    uint32_t *path;  /* per depth: the vertex */
    uint32_t depth;  /* of the lowest vertex, that of the first spot */
    uint32_t joined; /* least depth at which another spot's path comes in; NET_NONE: none does */
};

struct query {
    const struct graph *g;
    const struct cch *c;
    const struct metric *m;
    struct side up, down;
    struct ladder ahead, behind; /* from the sources, to the targets */
    cost *branch;                /* per depth: of another spot's path before it comes in */
    uint32_t *scratch;
    VEC(uint32_t) arcs;
};

static void side_init(struct side *s, uint32_t n, uint32_t depth)
{
    s->at = MEM_NEW(cost, n);
    s->from = MEM_NEW(uint32_t, n);
    s->list = MEM_NEW(uint32_t, (size_t)depth * SPOTS_MAX + 1);
    s->listed = MEM_NEW(uint8_t, n);
    for (uint32_t v = 0; v < n; v++)
        s->at[v] = COST_NONE;
}

static void side_fini(struct side *s)
{
    free(s->at);
    free(s->from);
    free(s->list);
    free(s->listed);
}

static void ladder_init(struct ladder *l, uint32_t depth)
{
    l->at = MEM_NEW(cost, depth);
    l->path = MEM_NEW(uint32_t, depth);
}

struct query *query_new(const struct graph *g, const struct cch *c, const struct metric *m)
{
    struct query *q = MEM_NEW(struct query, 1);

    q->g = g;
    q->c = c;
    q->m = m;
    side_init(&q->up, c->n, c->max_depth);
    side_init(&q->down, c->n, c->max_depth);
    ladder_init(&q->ahead, c->max_depth);
    ladder_init(&q->behind, c->max_depth);
    q->branch = MEM_NEW(cost, c->max_depth);
    q->scratch = MEM_NEW(uint32_t, (size_t)c->max_depth * SPOTS_MAX + 1);
    return q;
}

void query_free(struct query *q)
{
    if (!q)
        return;
    side_fini(&q->up);
    side_fini(&q->down);
    free(q->ahead.at);
    free(q->ahead.path);
    free(q->behind.at);
    free(q->behind.path);
    free(q->branch);
    free(q->scratch);
    free(q->arcs.at);
    free(q);
}

void query_set_metric(struct query *q, const struct metric *m)
{
    q->m = m;
}

static void clear(struct side *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        s->at[s->list[i]] = COST_NONE;
        s->listed[s->list[i]] = 0;
    }
    s->n = 0;
}

/* Lists the union of the spots' paths to the root so that whoever is below comes first: each further
 * spot contributes the piece up to the first vertex already listed, and pieces are processed last first. */
static void list_paths(struct query *q, struct side *s, const struct spot *spots, uint32_t n)
{
    uint32_t piece_start[SPOTS_MAX + 1], pieces = 0, at = 0;

    clear(s);
    for (uint32_t i = 0; i < n; i++) {
        piece_start[pieces++] = at;
        for (uint32_t v = spots[i].vertex; v != NET_NONE && !s->listed[v]; v = q->c->parent[v]) {
            s->listed[v] = 1;
            q->scratch[at++] = v;
        }
        if (spots[i].offset < s->at[spots[i].vertex]) {
            s->at[spots[i].vertex] = spots[i].offset;
            s->from[spots[i].vertex] = i | START;
        }
    }
    piece_start[pieces] = at;
    for (uint32_t p = pieces; p-- > 0;)
        for (uint32_t i = piece_start[p]; i < piece_start[p + 1]; i++)
            s->list[s->n++] = q->scratch[i];
}

static void climb(struct side *s, const struct cch_half *h, const cost *restrict weight)
{
    cost *restrict at = s->at;
    const uint32_t *restrict head = h->head;

    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t v = s->list[i], end = h->first[v + 1];
        cost d = at[v];

        if (d >= COST_NONE)
            continue;
        for (uint32_t j = h->first[v]; j < end; j++) {
            cost sum = d + weight[j], old = at[head[j]];

            at[head[j]] = sum < old ? sum : old;
        }
    }
}

/* As climb, and remembers where each cost came from. */
static void climb_with_path(struct side *s, const struct cch_half *h, const cost *weight)
{
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t v = s->list[i];
        cost d = s->at[v];

        for (uint32_t j = h->first[v]; d < COST_NONE && j < h->first[v + 1]; j++)
            if (d + weight[j] < s->at[h->head[j]]) {
                s->at[h->head[j]] = d + weight[j];
                s->from[h->head[j]] = v;
            }
    }
}

static cost meet(const struct query *q, uint32_t *ret_vertex)
{
    cost best = COST_NONE;

    for (uint32_t i = 0; i < q->down.n; i++) {
        uint32_t v = q->down.list[i];
        cost sum = q->up.at[v] + q->down.at[v];

        if (sum < best) {
            best = sum;
            *ret_vertex = v;
        }
    }
    return best;
}

/* --- the cost alone --- */

static inline void relax(cost *restrict at, const struct cch_half *h, const cost *restrict weight, uint32_t v,
                         cost d)
{
    const uint32_t *restrict depth = h->depth;
    uint32_t end = h->first[v + 1];

    for (uint32_t j = h->first[v]; j < end; j++) {
        cost sum = d + weight[j], old = at[depth[j]];

        at[depth[j]] = sum < old ? sum : old;
    }
}

/* A further spot: its own path, up to where that meets the ladder. False if it never does. */
static bool add_branch(struct query *q, struct ladder *l, const struct cch_half *h, const cost *weight,
                       const struct spot *spot)
{
    const struct cch *c = q->c;
    uint32_t v = spot->vertex, n = 0, joint;

    while (v != NET_NONE && (c->depth[v] > l->depth || l->path[c->depth[v]] != v)) {
        q->branch[c->depth[v]] = COST_NONE;
        q->scratch[n++] = v;
        v = c->parent[v];
    }
    if (v == NET_NONE)
        return false;
    joint = c->depth[v];
    if (!n) {
        l->at[joint] = spot->offset < l->at[joint] ? spot->offset : l->at[joint];
        return true;
    }
    l->joined = joint < l->joined ? joint : l->joined;
    q->branch[c->depth[spot->vertex]] = spot->offset;
    for (uint32_t i = 0; i < n; i++) {
        cost d = q->branch[c->depth[q->scratch[i]]];

        for (uint32_t j = h->first[q->scratch[i]]; d < COST_NONE && j < h->first[q->scratch[i] + 1]; j++) {
            cost *at = h->depth[j] > joint ? &q->branch[h->depth[j]] : &l->at[h->depth[j]];

            *at = d + weight[j] < *at ? d + weight[j] : *at;
        }
    }
    return true;
}

static bool set_up(struct query *q, struct ladder *l, const struct cch_half *h, const cost *weight,
                   const struct spot *spots, uint32_t n)
{
    l->depth = q->c->depth[spots[0].vertex];
    l->joined = NET_NONE;
    for (uint32_t v = spots[0].vertex, d = l->depth; v != NET_NONE; v = q->c->parent[v], d--) {
        l->path[d] = v;
        l->at[d] = COST_NONE;
    }
    l->at[l->depth] = spots[0].offset;
    for (uint32_t i = 1; i < n; i++)
        if (!add_branch(q, l, h, weight, &spots[i]))
            return false;
    return true;
}

/* How many steps from the root two ladders share. */
static uint32_t shared(const struct ladder *a, const struct ladder *b)
{
    uint32_t lo = 0, hi = (a->depth < b->depth ? a->depth : b->depth) + 1;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (a->path[mid] == b->path[mid])
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void climb_to(struct ladder *l, const struct cch_half *h, const cost *weight, uint32_t top)
{
    for (uint32_t d = l->depth + 1; d-- > top;) {
        if (d >= top + AHEAD) {
            __builtin_prefetch(&h->depth[h->first[l->path[d - AHEAD]]]);
            __builtin_prefetch(&weight[h->first[l->path[d - AHEAD]]]);
        }
        if (l->at[d] < COST_NONE)
            relax(l->at, h, weight, l->path[d], l->at[d]);
    }
}

/* The steps that both share are climbed together: what has cost more than the best way so far leads to no
 * better. */
static cost meet_on(const struct query *q, struct ladder *a, struct ladder *b, uint32_t n)
{
    cost best = COST_NONE;

    for (uint32_t d = 0; d < n; d++) /* what is there already bounds the rest from the start */
        best = a->at[d] + b->at[d] < best ? a->at[d] + b->at[d] : best;
    for (uint32_t d = n; d-- > 0;) {
        cost x = a->at[d], y = b->at[d];

        best = x + y < best ? x + y : best;
        if (x < best)
            relax(a->at, &q->c->forward, q->m->forward, a->path[d], x);
        if (y < best)
            relax(b->at, &q->c->backward, q->m->backward, a->path[d], y);
    }
    return best;
}

/* For whatever spots: their paths as lists of vertices. */
static cost general_cost(struct query *q, const struct spot *from, uint32_t n_from, const struct spot *to,
                         uint32_t n_to)
{
    uint32_t v;

    list_paths(q, &q->up, from, n_from);
    list_paths(q, &q->down, to, n_to);
    climb(&q->up, &q->c->forward, q->m->forward);
    climb(&q->down, &q->c->backward, q->m->backward);
    return meet(q, &v);
}

cost query_cost(struct query *q, const struct spot *from, uint32_t n_from, const struct spot *to,
                uint32_t n_to)
{
    const struct cch *c = q->c;
    struct ladder *a = &q->ahead, *b = &q->behind;
    uint32_t n;

    if (!n_from || !n_to)
        return COST_NONE;
    if (!set_up(q, a, &c->forward, q->m->forward, from, n_from) ||
        !set_up(q, b, &c->backward, q->m->backward, to, n_to))
        return general_cost(q, from, n_from, to, n_to);
    n = shared(a, b);
    if (a->joined < n || b->joined < n) /* paths of one side may meet the other's below */
        return general_cost(q, from, n_from, to, n_to);
    climb_to(a, &c->forward, q->m->forward, n);
    climb_to(b, &c->backward, q->m->backward, n);
    return meet_on(q, a, b, n);
}

/* --- unpacking --- */

struct piece {
    uint32_t tail, head;
};

static uint32_t find_arc(const struct cch_half *h, uint32_t v, uint32_t head)
{
    uint32_t lo = h->first[v], hi = h->first[v + 1];

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;

        if (h->head[mid] < head)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < h->first[v + 1] && h->head[lo] == head ? lo : NET_NONE;
}

static cost arc_cost(const struct query *q, uint32_t tail, uint32_t head)
{
    bool up = tail < head;
    const struct cch_half *h = up ? &q->c->forward : &q->c->backward;
    uint32_t j = up ? find_arc(h, tail, head) : find_arc(h, head, tail);

    if (j == NET_NONE)
        return COST_NONE;
    return up ? q->m->forward[j] : q->m->backward[j];
}

static uint32_t graph_arc_with(const struct query *q, struct piece p, cost want)
{
    for (uint32_t a = q->g->arc_first[p.tail]; a < q->g->arc_first[p.tail + 1]; a++)
        if (q->g->arcs[a].to == p.head && metric_arc(q->m, &q->g->arcs[a]) == want)
            return a;
    return NET_NONE;
}

/* The vertex below both that a shortcut goes over. */
static uint32_t middle(const struct query *q, struct piece p, cost want)
{
    const struct cch_half *b = &q->c->backward;

    for (uint32_t i = b->lower_first[p.tail]; i < b->lower_first[p.tail + 1]; i++) {
        const struct cch_lower *l = &b->lower[i];

        if (l->below < p.head && q->m->backward[l->arc] < want &&
            q->m->backward[l->arc] + arc_cost(q, l->below, p.head) == want)
            return l->below;
    }
    return NET_NONE;
}

static void unpack(struct query *q, uint32_t tail, uint32_t head)
{
    VEC(struct piece) todo = {0};

    VEC_PUSH(&todo, ((struct piece){tail, head}));
    while (todo.n) {
        struct piece p = todo.at[--todo.n];
        cost want = arc_cost(q, p.tail, p.head);
        uint32_t a = graph_arc_with(q, p, want), m;

        if (a != NET_NONE) {
            VEC_PUSH(&q->arcs, a);
            continue;
        }
        m = middle(q, p, want);
        if (m == NET_NONE)
            abort(); /* a metric that was not customized */
        VEC_PUSH(&todo, ((struct piece){m, p.head}));
        VEC_PUSH(&todo, ((struct piece){p.tail, m}));
    }
    free(todo.at);
}

static void collect(struct query *q, uint32_t v, struct query_path *ret)
{
    VEC(uint32_t) chain = {0};
    uint32_t x = v;

    for (; !(q->up.from[x] & START); x = q->up.from[x])
        VEC_PUSH(&chain, x);
    ret->from = q->up.from[x] & ~START;
    for (size_t i = chain.n; i-- > 0; x = chain.at[i])
        unpack(q, x, chain.at[i]);
    for (x = v; !(q->down.from[x] & START); x = q->down.from[x])
        unpack(q, x, q->down.from[x]);
    ret->to = q->down.from[x] & ~START;
    free(chain.at);
}

struct query_path query_path(struct query *q, const struct spot *from, uint32_t n_from, const struct spot *to,
                             uint32_t n_to)
{
    struct query_path ret = {.cost = COST_NONE};
    uint32_t v = NET_NONE;

    list_paths(q, &q->up, from, n_from);
    list_paths(q, &q->down, to, n_to);
    climb_with_path(&q->up, &q->c->forward, q->m->forward);
    climb_with_path(&q->down, &q->c->backward, q->m->backward);
    ret.cost = meet(q, &v);
    q->arcs.n = 0;
    if (ret.cost < COST_NONE)
        collect(q, v, &ret);
    ret.arcs = q->arcs.at;
    ret.n_arcs = q->arcs.n;
    return ret;
}

/* --- other ways --- */

static int by_offset(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;

    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

size_t query_meetings(const struct query *q, cost most, struct spot *ret, size_t max)
{
    VEC(struct spot) all = {0};
    uint32_t v;
    cost last = meet(q, &v);
    size_t n = 0;

    for (uint32_t i = 0; i < q->down.n; i++) {
        cost sum = q->up.at[q->down.list[i]] + q->down.at[q->down.list[i]];

        if (sum > last && sum <= most)
            VEC_PUSH(&all, ((struct spot){.vertex = q->down.list[i], .offset = sum}));
    }
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, by_offset);
    for (size_t i = 0; i < all.n && n < max; i++)
        if (all.at[i].offset != last) {
            last = all.at[i].offset;
            ret[n++] = all.at[i];
        }
    free(all.at);
    return n;
}

struct query_path query_path_via(struct query *q, uint32_t vertex)
{
    struct query_path ret = {.cost = q->up.at[vertex] + q->down.at[vertex]};

    q->arcs.n = 0;
    collect(q, vertex, &ret);
    ret.arcs = q->arcs.at;
    ret.n_arcs = q->arcs.n;
    return ret;
}
