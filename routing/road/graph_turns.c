/* From links to vertices and arcs.
 *
 * A state is a dlink plus the set of via-way restrictions that one is in the middle of. Its row lists
 * every permitted onward turn: (dlink, cost, state reached). States at one node with the same row are
 * one vertex. */
#include "routing/road/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ACTIVE_MAX = 8 };

struct banned {
    uint32_t first, n; /* dlinks in path */
    bool only;
};

struct active {
    uint32_t restriction, position;
};

struct state {
    uint32_t dlink, next; /* next state of the same dlink, or NET_NONE */
    uint32_t row, n_row;
    uint32_t n_active;
    struct active active[ACTIVE_MAX];
};

struct turn {
    uint32_t dlink, ms, state;
};

struct turner {
    struct graph_build *b;
    struct graph *g;
    uint32_t *out_first, *out; /* per net node: open dlinks that leave it */
    VEC(struct banned) banned;
    VEC(uint32_t) path;
    uint32_t *banned_first, *banned_by; /* per dlink: restrictions that begin with it */
    VEC(struct state) states;           /* state d < 2 × n_links is the plain one of dlink d */
    VEC(struct turn) rows;
    uint32_t *vertex_of; /* per state */
};

/* --- restrictions as paths of dlinks --- */

static bool convert(struct turner *t, const struct net_restriction *r, enum profile_turn_rule rule)
{
    struct banned x = {.first = (uint32_t)t->path.n, .only = rule == TURN_RULE_ONLY};

    for (uint32_t i = 0; i < r->n; i++) {
        uint32_t d = graph_dlink_of(t->g, t->b->net->path.at[r->first + i]);

        if (d == NET_NONE || !(t->g->dlink_flags[d] & GRAPH_OPEN)) {
            t->path.n = x.first;
            return false;
        }
        if (i && r->n > 2 && d == t->path.at[t->path.n - 1])
            continue; /* next segment of the same link */
        VEC_PUSH(&t->path, d);
        x.n++;
    }
    if (x.n < 2) {
        t->path.n = x.first;
        return false;
    }
    VEC_PUSH(&t->banned, x);
    return true;
}

static void collect_restrictions(struct turner *t)
{
    const struct net *net = t->b->net;
    uint32_t n = 2 * t->g->n_links;

    for (size_t i = 0; i < net->restrictions.n; i++) {
        struct osm_tag tags[NET_TAGS_MAX];
        size_t n_tags = net_tagset(net, net->restrictions.at[i].tagset, tags);
        enum profile_turn_rule rule = profile_restriction(t->b->profile, tags, n_tags);

        if (rule != TURN_RULE_NONE)
            t->b->report->restrictions += convert(t, &net->restrictions.at[i], rule);
    }
    t->banned_first = MEM_NEW(uint32_t, (size_t)n + 2);
    t->banned_by = MEM_NEW(uint32_t, t->banned.n);
    for (size_t i = 0; i < t->banned.n; i++)
        t->banned_first[t->path.at[t->banned.at[i].first] + 2]++;
    for (uint32_t d = 2; d < n + 2; d++)
        t->banned_first[d] += t->banned_first[d - 1];
    for (uint32_t i = 0; i < t->banned.n; i++)
        t->banned_by[t->banned_first[t->path.at[t->banned.at[i].first] + 1]++] = i;
}

/* --- the price of a turn --- */

/* Bearing of the last (or first) piece of a dlink as it reaches (or leaves) its end. */
static double bearing(const struct turner *t, uint32_t dlink, bool leaving)
{
    const struct net *net = t->b->net;
    uint32_t n = t->g->links[dlink / 2].n;
    uint32_t dseg = graph_segment(t->g, dlink, leaving ? 0 : n - 1), s = dseg / 2;
    const struct geo_point *a = net->points.at + net->segments.at[s].first_point;
    const struct geo_point *z = net->points.at + net->segments.at[s + 1].first_point;
    bool along = !(dseg & 1);
    struct geo_point from = net->nodes.at[net->segments.at[s].from].point;
    struct geo_point to = net->nodes.at[net->segments.at[s].to].point;

    if (leaving)
        return along ? geo_bearing(from, a < z ? a[0] : to) : geo_bearing(to, a < z ? z[-1] : from);
    return along ? geo_bearing(a < z ? z[-1] : from, to) : geo_bearing(a < z ? a[0] : to, from);
}

static const struct way_use *use_of(const struct turner *t, uint32_t dlink, bool leaving)
{
    uint32_t n = t->g->links[dlink / 2].n;
    uint32_t dseg = graph_segment(t->g, dlink, leaving ? 0 : n - 1);

    return &t->b->uses[t->b->net->ways.at[t->b->net->segments.at[dseg / 2].way].tagset];
}

static uint32_t angle_cost(const struct turner *t, uint32_t in, uint32_t out)
{
    const struct profile_turns *c = profile_turns(t->b->profile);
    double angle = remainder(bearing(t, out, true) - bearing(t, in, false), 360);

    if (fabs(angle) < 20)
        return c->straight;
    if (fabs(angle) < 45)
        return c->slight;
    if (fabs(angle) > 140)
        return c->sharp;
    return angle > 0 ? c->right : c->left;
}

static uint8_t best_rank(const struct turner *t, uint32_t node)
{
    uint8_t best = PROFILE_CLASS_FERRY;

    for (uint32_t i = t->out_first[node]; i < t->out_first[node + 1]; i++) {
        uint8_t rank = use_of(t, t->out[i], true)->rank;

        best = rank < best ? rank : best;
    }
    return best;
}

/* Milliseconds of going from dlink `in` to `out` over the node between them, or PROFILE_DENY. */
static uint32_t turn_cost(const struct turner *t, uint32_t in, uint32_t out)
{
    const struct profile_turns *c = profile_turns(t->b->profile);
    const struct way_use *a = use_of(t, in, false), *z = use_of(t, out, true);
    uint32_t node = graph_head(t->g, in), n_out = t->out_first[node + 1] - t->out_first[node];
    uint32_t node_ms = t->b->node_ms[t->b->net->nodes.at[node].tagset], ms;

    if (out == (in ^ 1))
        return n_out == 1 || node_ms == PROFILE_DENY ? c->deadend : c->uturn;
    if (node_ms == PROFILE_DENY)
        return PROFILE_DENY;
    ms = node_ms + (z->enter_ms > a->enter_ms ? z->enter_ms - a->enter_ms : 0);
    if (n_out <= (t->g->dlink_flags[in ^ 1] & GRAPH_OPEN ? 2U : 1U) || (a->roundabout && z->roundabout))
        return ms;
    if (!node_ms && c->minor && a->rank >= best_rank(t, node) + 2)
        ms += c->minor;
    return ms + angle_cost(t, in, out);
}

/* --- states and rows --- */

/* Follows one restriction by the turn to `out`: false if it forbids the turn. */
static bool step(const struct turner *t, struct active x, uint32_t out, struct state *next)
{
    const struct banned *r = &t->banned.at[x.restriction];
    uint32_t expected = t->path.at[r->first + x.position + 1];
    bool last = x.position + 2 == r->n;

    if (out != expected)
        return !r->only;
    if (last)
        return r->only;
    if (next->n_active < ACTIVE_MAX)
        next->active[next->n_active++] = (struct active){x.restriction, x.position + 1};
    return true;
}

static bool follow(const struct turner *t, const struct state *s, uint32_t out, struct state *next)
{
    *next = (struct state){.dlink = out, .next = NET_NONE};
    for (uint32_t i = 0; i < s->n_active; i++)
        if (!step(t, s->active[i], out, next))
            return false;
    for (uint32_t i = t->banned_first[s->dlink]; i < t->banned_first[s->dlink + 1]; i++)
        if (!step(t, (struct active){t->banned_by[i], 0}, out, next))
            return false;
    return true;
}

static uint32_t find_state(struct turner *t, const struct state *want)
{
    uint32_t at = want->dlink;

    for (;; at = t->states.at[at].next) {
        const struct state *s = &t->states.at[at];

        if (s->n_active == want->n_active &&
            !memcmp(s->active, want->active, s->n_active * sizeof *s->active))
            return at;
        if (s->next == NET_NONE)
            break;
    }
    t->states.at[at].next = (uint32_t)t->states.n;
    VEC_PUSH(&t->states, *want);
    return t->states.at[at].next;
}

static void make_row(struct turner *t, uint32_t id)
{
    struct state s = t->states.at[id], next;
    uint32_t node = graph_head(t->g, s.dlink), row = (uint32_t)t->rows.n;

    for (uint32_t i = t->out_first[node]; i < t->out_first[node + 1]; i++) {
        uint32_t ms = turn_cost(t, s.dlink, t->out[i]);

        if (ms != PROFILE_DENY && follow(t, &s, t->out[i], &next)) {
            struct turn turn = {t->out[i], ms, find_state(t, &next)};

            VEC_PUSH(&t->rows, turn);
        }
    }
    t->states.at[id].row = row;
    t->states.at[id].n_row = (uint32_t)t->rows.n - row;
}

static void make_states(struct turner *t)
{
    for (uint32_t d = 0; d < 2 * t->g->n_links; d++)
        VEC_PUSH(&t->states, ((struct state){.dlink = d, .next = NET_NONE}));
    for (uint32_t id = 0; id < t->states.n; id++)
        if (t->g->dlink_flags[t->states.at[id].dlink] & GRAPH_OPEN)
            make_row(t, id);
}

static void index_out(struct turner *t)
{
    const struct graph *g = t->g;
    size_t n = t->b->net->nodes.n;

    t->out_first = MEM_NEW(uint32_t, n + 2);
    t->out = MEM_NEW(uint32_t, 2 * (size_t)g->n_links);
    for (uint32_t d = 0; d < 2 * g->n_links; d++)
        if (g->dlink_flags[d] & GRAPH_OPEN)
            t->out_first[graph_tail(g, d) + 2]++;
    for (size_t v = 2; v < n + 2; v++)
        t->out_first[v] += t->out_first[v - 1];
    for (uint32_t d = 0; d < 2 * g->n_links; d++)
        if (g->dlink_flags[d] & GRAPH_OPEN)
            t->out[t->out_first[graph_tail(g, d) + 1]++] = d;
}

/* --- states with equal rows become one vertex --- */

static bool same_row(const struct turner *t, uint32_t a, uint32_t b)
{
    const struct state *x = &t->states.at[a], *y = &t->states.at[b];

    return x->n_row == y->n_row &&
           !memcmp(t->rows.at + x->row, t->rows.at + y->row, x->n_row * sizeof *t->rows.at);
}

/* Vertices at one node form a list through `older`; most nodes have at most a few. */
static uint32_t merge(struct turner *t, uint32_t **ret_state_of)
{
    size_t n_nodes = t->b->net->nodes.n;
    uint32_t *newest = MEM_NEW(uint32_t, n_nodes), *older = MEM_NEW(uint32_t, t->states.n);
    uint32_t *state_of = MEM_NEW(uint32_t, t->states.n), n = 0;

    memset(newest, 0xff, n_nodes * sizeof *newest);
    t->vertex_of = MEM_NEW(uint32_t, t->states.n);
    for (uint32_t s = 0; s < t->states.n; s++) {
        uint32_t dlink = t->states.at[s].dlink, node = graph_head(t->g, dlink), v = newest[node];

        if (!(t->g->dlink_flags[dlink] & GRAPH_OPEN)) {
            t->vertex_of[s] = NET_NONE;
            continue;
        }
        while (v != NET_NONE && !same_row(t, state_of[v], s))
            v = older[v];
        if (v == NET_NONE) {
            v = n++;
            state_of[v] = s;
            older[v] = newest[node];
            newest[node] = v;
        }
        t->vertex_of[s] = v;
    }
    free(newest);
    free(older);
    *ret_state_of = state_of;
    return n;
}

static void make_arcs(struct turner *t)
{
    struct graph *g = t->g;
    VEC(struct graph_arc) arcs = {0};
    uint32_t *state_of;

    g->n_vertices = merge(t, &state_of);
    g->arc_first = MEM_NEW(uint32_t, (size_t)g->n_vertices + 1);
    for (uint32_t v = 0; v < g->n_vertices; v++) {
        const struct state *s = &t->states.at[state_of[v]];

        for (uint32_t i = s->row; i < s->row + s->n_row; i++) {
            const struct turn *x = &t->rows.at[i];

            VEC_PUSH(&arcs, ((struct graph_arc){v, t->vertex_of[x->state], x->dlink, x->ms}));
        }
        g->arc_first[v + 1] = (uint32_t)arcs.n;
    }
    g->arcs = arcs.at ? arcs.at : MEM_NEW(struct graph_arc, 0);
    g->n_arcs = (uint32_t)arcs.n;
    g->dlink_vertex = mem_copy(t->vertex_of, 2 * (size_t)g->n_links * sizeof *g->dlink_vertex);
    free(state_of);
}

void graph_make_turns(struct graph_build *b)
{
    struct turner t = {.b = b, .g = b->graph};

    index_out(&t);
    collect_restrictions(&t);
    make_states(&t);
    make_arcs(&t);
    free(t.out_first);
    free(t.out);
    free(t.banned.at);
    free(t.path.at);
    free(t.banned_first);
    free(t.banned_by);
    free(t.states.at);
    free(t.rows.at);
    free(t.vertex_of);
}
