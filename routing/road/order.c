#include "routing/road/order.h"
#include "routing/road/flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF_NODES = 8, LEAF_VERTICES = 64 };
#define UNRANKED UINT32_MAX

struct cell {
    uint32_t lo, hi; /* in nodes */
    uint32_t top;    /* ranks below this one are the cell's */
};

struct orderer {
    const struct graph *g;
    uint32_t n_nodes;
    uint32_t *vertex_node;              /* compact node number at whose place a vertex stands */
    uint32_t *node_first, *node_vertex; /* vertices per node */
    struct flow_graph fg;
    uint32_t *first, *heads;
    int32_t *x, *y;
    uint32_t *rank, *nodes;
    uint32_t *mark; /* per node: number of the cell side it is on now */
    uint32_t stamp;
    /* bipartite matching over the arcs across a cut */
    uint32_t *place; /* per vertex: index in left or right */
    VEC(uint32_t) left, right;
    VEC(uint32_t) edge_left, edge_right;
    VEC(uint32_t) adj_first, adj;
    VEC(uint32_t) match_left, match_right;
    VEC(uint8_t) seen_left, seen_right;
};

/* --- the graph of junctions --- */

static uint32_t *compact_nodes(struct orderer *o, const struct net *net)
{
    uint32_t *id = MEM_NEW(uint32_t, net->nodes.n);

    memset(id, 0xff, net->nodes.n * sizeof *id);
    o->x = MEM_NEW(int32_t, net->nodes.n);
    o->y = MEM_NEW(int32_t, net->nodes.n);
    for (uint32_t d = 0; d < 2 * o->g->n_links; d++) {
        uint32_t v = graph_tail(o->g, d);
        struct geo_point p = net->nodes.at[v].point;

        if (id[v] != UINT32_MAX)
            continue;
        id[v] = o->n_nodes++;
        o->x[id[v]] = (int32_t)lround(p.lon / 2 * cos(geo_lat(p) * M_PI / 180));
        o->y[id[v]] = p.lat / 2;
    }
    return id;
}

static void make_junction_graph(struct orderer *o, const uint32_t *id)
{
    const struct graph *g = o->g;

    o->first = MEM_NEW(uint32_t, o->n_nodes + 2);
    o->heads = MEM_NEW(uint32_t, 2 * (size_t)g->n_links);
    for (uint32_t d = 0; d < 2 * g->n_links; d++)
        o->first[id[graph_tail(g, d)] + 2]++;
    for (uint32_t v = 2; v < o->n_nodes + 2; v++)
        o->first[v] += o->first[v - 1];
    for (uint32_t d = 0; d < 2 * g->n_links; d++)
        o->heads[o->first[id[graph_tail(g, d)] + 1]++] = id[graph_head(g, d)];
    o->fg = (struct flow_graph){o->n_nodes, o->first, o->heads, o->x, o->y};
}

static void place_vertices(struct orderer *o, const uint32_t *id)
{
    const struct graph *g = o->g;
    uint32_t n = g->n_vertices;

    o->vertex_node = MEM_NEW(uint32_t, n);
    for (uint32_t d = 0; d < 2 * g->n_links; d++)
        if (g->dlink_vertex[d] != NET_NONE)
            o->vertex_node[g->dlink_vertex[d]] = id[graph_head(g, d)];
    for (uint32_t a = 0; a < g->n_arcs; a++)
        o->vertex_node[g->arcs[a].to] = id[graph_head(g, g->arcs[a].dlink)];
    o->node_first = MEM_NEW(uint32_t, o->n_nodes + 2);
    o->node_vertex = MEM_NEW(uint32_t, n);
    for (uint32_t v = 0; v < n; v++)
        o->node_first[o->vertex_node[v] + 2]++;
    for (uint32_t v = 2; v < o->n_nodes + 2; v++)
        o->node_first[v] += o->node_first[v - 1];
    for (uint32_t v = 0; v < n; v++)
        o->node_vertex[o->node_first[o->vertex_node[v] + 1]++] = v;
}

/* --- dead-end trees ---
 * Only the vertices at a tree's own nodes are peeled: their neighbours all stand at one node, which no cut
 * divides. (The vertices that come out of the tree stand at the parent and are left to the dissection.) */

static void rank_node(struct orderer *o, uint32_t node, uint32_t *next)
{
    for (uint32_t i = o->node_first[node]; i < o->node_first[node + 1]; i++)
        if (o->rank[o->node_vertex[i]] == UNRANKED)
            o->rank[o->node_vertex[i]] = (*next)++;
}

static uint32_t unpeeled_neighbour(const struct orderer *o, const uint8_t *peeled, uint32_t node)
{
    uint32_t found = UINT32_MAX;

    for (uint32_t e = o->first[node]; e < o->first[node + 1]; e++)
        if (!peeled[o->heads[e]] && o->heads[e] != node)
            found = o->heads[e];
    return found;
}

/* Peels nodes of degree one, outermost first; lists the others in nodes. Returns the ranks given. */
static uint32_t peel_trees(struct orderer *o, uint32_t *ret_n)
{
    uint32_t *degree = MEM_NEW(uint32_t, o->n_nodes), *queue = MEM_NEW(uint32_t, o->n_nodes);
    uint8_t *peeled = MEM_NEW(uint8_t, o->n_nodes);
    uint32_t n_queue = 0, next = 0;

    for (uint32_t v = 0; v < o->n_nodes; v++) {
        for (uint32_t e = o->first[v]; e < o->first[v + 1]; e++)
            degree[v] += o->heads[e] != v;
        if (degree[v] == 1)
            queue[n_queue++] = v;
    }
    for (uint32_t q = 0; q < n_queue; q++) {
        uint32_t v = queue[q], parent = unpeeled_neighbour(o, peeled, v);

        if (parent == UINT32_MAX)
            continue;
        peeled[v] = 1;
        rank_node(o, v, &next);
        if (--degree[parent] == 1)
            queue[n_queue++] = parent;
    }
    *ret_n = 0;
    for (uint32_t v = 0; v < o->n_nodes; v++)
        if (!peeled[v])
            o->nodes[(*ret_n)++] = v;
    free(degree);
    free(queue);
    free(peeled);
    return next;
}

/* --- separators --- */

static uint32_t place_in(struct orderer *o, uint32_t v, bool left)
{
    if (o->place[v] == UINT32_MAX) {
        o->place[v] = (uint32_t)(left ? o->left.n : o->right.n);
        if (left)
            VEC_PUSH(&o->left, v);
        else
            VEC_PUSH(&o->right, v);
    }
    return o->place[v];
}

static void add_crossing(struct orderer *o, uint32_t from, uint32_t to, uint32_t left_mark,
                         uint32_t right_mark)
{
    uint32_t a = o->mark[o->vertex_node[from]], b = o->mark[o->vertex_node[to]];

    if (o->rank[from] != UNRANKED || o->rank[to] != UNRANKED || a == b)
        return;
    if (a == left_mark && b == right_mark) {
        VEC_PUSH(&o->edge_left, place_in(o, from, true));
        VEC_PUSH(&o->edge_right, place_in(o, to, false));
    } else if (a == right_mark && b == left_mark) {
        VEC_PUSH(&o->edge_left, place_in(o, to, true));
        VEC_PUSH(&o->edge_right, place_in(o, from, false));
    }
}

static void collect_crossings(struct orderer *o, const uint32_t *nodes, uint32_t n, uint32_t n_left)
{
    uint32_t l = ++o->stamp, r = ++o->stamp;

    o->left.n = o->right.n = o->edge_left.n = o->edge_right.n = 0;
    for (uint32_t i = 0; i < n; i++)
        o->mark[nodes[i]] = i < n_left ? l : r;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = o->node_first[nodes[i]]; k < o->node_first[nodes[i] + 1]; k++) {
            uint32_t v = o->node_vertex[k];

            if (o->rank[v] != UNRANKED)
                continue;
            for (uint32_t a = o->g->arc_first[v]; a < o->g->arc_first[v + 1]; a++)
                add_crossing(o, v, o->g->arcs[a].to, l, r);
        }
}

static void make_adjacency(struct orderer *o)
{
    size_t n = o->left.n, m = o->edge_left.n;

    VEC_ROOM(&o->adj_first, n + 2);
    VEC_ROOM(&o->adj, m + 1);
    o->adj_first.n = o->adj.n = 0;
    memset(o->adj_first.at, 0, (n + 2) * sizeof *o->adj_first.at);
    for (size_t e = 0; e < m; e++)
        o->adj_first.at[o->edge_left.at[e] + 2]++;
    for (size_t i = 2; i < n + 2; i++)
        o->adj_first.at[i] += o->adj_first.at[i - 1];
    for (size_t e = 0; e < m; e++)
        o->adj.at[o->adj_first.at[o->edge_left.at[e] + 1]++] = o->edge_right.at[e];
}

static bool try_match(struct orderer *o, uint32_t l)
{
    for (uint32_t i = o->adj_first.at[l]; i < o->adj_first.at[l + 1]; i++) {
        uint32_t r = o->adj.at[i];

        if (o->seen_right.at[r])
            continue;
        o->seen_right.at[r] = 1;
        if (o->match_right.at[r] == UINT32_MAX || try_match(o, o->match_right.at[r])) {
            o->match_right.at[r] = l;
            o->match_left.at[l] = r;
            return true;
        }
    }
    return false;
}

static void match(struct orderer *o)
{
    VEC_ROOM(&o->match_left, o->left.n + 1);
    VEC_ROOM(&o->match_right, o->right.n + 1);
    VEC_ROOM(&o->seen_left, o->left.n + 1);
    VEC_ROOM(&o->seen_right, o->right.n + 1);
    o->match_left.n = o->match_right.n = o->seen_left.n = o->seen_right.n = 0;
    memset(o->match_left.at, 0xff, o->left.n * sizeof *o->match_left.at);
    memset(o->match_right.at, 0xff, o->right.n * sizeof *o->match_right.at);
    for (uint32_t l = 0; l < o->left.n; l++) {
        memset(o->seen_right.at, 0, o->right.n);
        try_match(o, l);
    }
}

/* Alternating reachability from unmatched left vertices. */
static void reach(struct orderer *o, uint32_t l)
{
    if (o->seen_left.at[l])
        return;
    o->seen_left.at[l] = 1;
    for (uint32_t i = o->adj_first.at[l]; i < o->adj_first.at[l + 1]; i++) {
        uint32_t r = o->adj.at[i];

        if (!o->seen_right.at[r]) {
            o->seen_right.at[r] = 1;
            reach(o, o->match_right.at[r]);
        }
    }
}

/* Ranks the minimum vertex cover of the crossing arcs just below `top`; returns its size. */
static uint32_t rank_cover(struct orderer *o, uint32_t top)
{
    uint32_t n = 0;

    make_adjacency(o);
    match(o);
    memset(o->seen_left.at, 0, o->left.n);
    memset(o->seen_right.at, 0, o->right.n);
    for (uint32_t l = 0; l < o->left.n; l++)
        if (o->match_left.at[l] == UINT32_MAX)
            reach(o, l);
    for (uint32_t l = 0; l < o->left.n; l++)
        if (!o->seen_left.at[l])
            o->rank[o->left.at[l]] = top - ++n;
    for (uint32_t r = 0; r < o->right.n; r++)
        if (o->seen_right.at[r])
            o->rank[o->right.at[r]] = top - ++n;
    for (size_t i = 0; i < o->left.n; i++)
        o->place[o->left.at[i]] = UINT32_MAX;
    for (size_t i = 0; i < o->right.n; i++)
        o->place[o->right.at[i]] = UINT32_MAX;
    return n;
}

/* --- leaves: minimum degree on bit sets --- */

static uint32_t unranked(const struct orderer *o, uint32_t lo, uint32_t hi)
{
    uint32_t n = 0;

    for (uint32_t i = lo; i < hi; i++)
        for (uint32_t k = o->node_first[o->nodes[i]]; k < o->node_first[o->nodes[i] + 1]; k++)
            n += o->rank[o->node_vertex[k]] == UNRANKED;
    return n;
}

static uint32_t leaf_graph(struct orderer *o, const struct cell *c, uint32_t *vertices, uint64_t *adjacent)
{
    uint32_t n = 0;

    for (uint32_t i = c->lo; i < c->hi; i++)
        for (uint32_t k = o->node_first[o->nodes[i]]; k < o->node_first[o->nodes[i] + 1]; k++)
            if (o->rank[o->node_vertex[k]] == UNRANKED) {
                o->place[o->node_vertex[k]] = n;
                vertices[n++] = o->node_vertex[k];
            }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t a = o->g->arc_first[vertices[i]]; a < o->g->arc_first[vertices[i] + 1]; a++) {
            uint32_t j = o->place[o->g->arcs[a].to];

            if (j != UINT32_MAX && j != i) {
                adjacent[i] |= 1ULL << j;
                adjacent[j] |= 1ULL << i;
            }
        }
    return n;
}

static void rank_leaf(struct orderer *o, const struct cell *c)
{
    uint32_t vertices[LEAF_VERTICES], n, next;
    uint64_t adjacent[LEAF_VERTICES] = {0}, left;

    n = leaf_graph(o, c, vertices, adjacent);
    left = n == 64 ? UINT64_MAX : (1ULL << n) - 1;
    for (next = c->top - n; left; next++) {
        uint32_t best = 0, best_degree = UINT32_MAX;

        for (uint64_t rest = left; rest; rest &= rest - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(rest),
                     d = (uint32_t)__builtin_popcountll(adjacent[i] & left);

            if (d < best_degree) {
                best = i;
                best_degree = d;
            }
        }
        left &= ~(1ULL << best);
        for (uint64_t rest = adjacent[best] & left; rest; rest &= rest - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(rest);

            adjacent[i] |= adjacent[best] & left & ~(1ULL << i);
        }
        o->rank[vertices[best]] = next;
        o->place[vertices[best]] = UINT32_MAX;
    }
}

/* A junction of very many vertices cannot be cut further: any order will do. */
static void rank_rest(struct orderer *o, const struct cell *c, uint32_t n)
{
    uint32_t next = c->top - n;

    for (uint32_t i = c->lo; i < c->hi; i++)
        rank_node(o, o->nodes[i], &next);
}

static void dissect(struct orderer *o, uint32_t n_nodes)
{
    struct flow *f = flow_new(&o->fg);
    VEC(struct cell) todo = {0};

    VEC_PUSH(&todo, ((struct cell){0, n_nodes, o->g->n_vertices}));
    while (todo.n) {
        struct cell c = todo.at[--todo.n];
        uint32_t n = unranked(o, c.lo, c.hi), half;

        if (!n)
            continue;
        if (c.hi - c.lo <= LEAF_NODES && n <= LEAF_VERTICES) {
            rank_leaf(o, &c);
            continue;
        }
        if (c.hi - c.lo < 2) {
            rank_rest(o, &c, n);
            continue;
        }
        half = c.lo + flow_bisect(f, o->nodes + c.lo, c.hi - c.lo);
        collect_crossings(o, o->nodes + c.lo, c.hi - c.lo, half - c.lo);
        c.top -= rank_cover(o, c.top);
        VEC_PUSH(&todo, ((struct cell){c.lo, half, c.top}));
        VEC_PUSH(&todo, ((struct cell){half, c.hi, c.top - unranked(o, c.lo, half)}));
    }
    free(todo.at);
    flow_free(f);
}

static void orderer_fini(struct orderer *o)
{
    void *all[] = {o->vertex_node,
                   o->node_first,
                   o->node_vertex,
                   o->first,
                   o->heads,
                   o->x,
                   o->y,
                   o->nodes,
                   o->mark,
                   o->place,
                   o->left.at,
                   o->right.at,
                   o->edge_left.at,
                   o->edge_right.at,
                   o->adj_first.at,
                   o->adj.at,
                   o->match_left.at,
                   o->match_right.at,
                   o->seen_left.at,
                   o->seen_right.at};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

uint32_t *order_vertices(const struct net *net, const struct graph *g)
{
    struct orderer o = {.g = g};
    uint32_t *id = compact_nodes(&o, net), n_nodes, n_peeled;

    make_junction_graph(&o, id);
    place_vertices(&o, id);
    o.rank = MEM_NEW(uint32_t, g->n_vertices);
    o.place = MEM_NEW(uint32_t, g->n_vertices);
    memset(o.rank, 0xff, g->n_vertices * sizeof *o.rank);
    memset(o.place, 0xff, g->n_vertices * sizeof *o.place);
    o.nodes = MEM_NEW(uint32_t, o.n_nodes);
    o.mark = MEM_NEW(uint32_t, o.n_nodes);
    n_peeled = peel_trees(&o, &n_nodes);
    (void)n_peeled; /* the cells below fill the ranks n_peeled … n_vertices exactly */
    dissect(&o, n_nodes);
    order_postorder(g, o.rank);
    free(id);
    orderer_fini(&o);
    return o.rank;
}
