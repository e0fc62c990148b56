/* Turn restrictions: relation members are way ids, a router needs directed segments. The path is found
 * by walking: a segment of the from way that ends at the via, the via ways' segments in order, a segment
 * of the to way that starts where they end. What is ambiguous or not joined is dropped and counted. */
#include "routing/road/import.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_SEGMENTS = 64 };

struct way_index {
    int64_t osm_id;
    uint32_t raw;
};

static bool is_restriction(const struct osm_relation *r)
{
    const char *type = osm_value(r->tags, r->n_tags, "type");

    return type && (!strcmp(type, "restriction") || !strncmp(type, "restriction:", 12));
}

static bool has_conditional(const struct osm_relation *r)
{
    for (size_t i = 0; i < r->n_tags; i++)
        if (!strncmp(r->tags[i].key, "restriction", 11) && strstr(r->tags[i].key, ":conditional"))
            return true;
    return false;
}

static void add_member(struct import *m, struct raw_restriction *t, const struct osm_member *x)
{
    if (!strcmp(x->role, "from") && x->type == OSM_WAY) {
        t->broken |= t->from != 0; /* several from ways: no_entry; one relation each would be needed */
        t->from = x->ref;
    } else if (!strcmp(x->role, "to") && x->type == OSM_WAY) {
        t->broken |= t->to != 0;
        t->to = x->ref;
    } else if (!strcmp(x->role, "via") && x->type == OSM_NODE)
        t->via_node = x->ref;
    else if (!strcmp(x->role, "via") && x->type == OSM_WAY) {
        VEC_PUSH(&m->vias, x->ref);
        t->n_via++;
    }
}

void import_relation(void *arg, const struct osm_relation *r)
{
    struct import *m = arg;
    struct raw_restriction t = {.osm_id = r->id, .first_via = m->vias.n};

    m->report->osm_relations++;
    if (!is_restriction(r))
        return;
    m->report->restrictions_conditional += has_conditional(r);
    t.tagset = import_tagset(m, r->tags, r->n_tags);
    if (!t.tagset)
        return;
    for (size_t i = 0; i < r->n_members; i++)
        add_member(m, &t, &r->members[i]);
    t.broken |= !t.from || !t.to || (!t.via_node && !t.n_via) || (t.via_node && t.n_via);
    VEC_PUSH(&m->turns, t);
}

static int by_osm_id(const void *a, const void *b)
{
    const struct way_index *x = a, *y = b;

    return x->osm_id < y->osm_id ? -1 : x->osm_id > y->osm_id;
}

struct resolver {
    struct import *m;
    struct way_index *index;
    uint32_t path[PATH_MAX_SEGMENTS];
    size_t n;
};

static int64_t raw_of(const struct resolver *r, int64_t osm_id)
{
    struct way_index key = {osm_id, 0};
    const struct way_index *w = bsearch(&key, r->index, r->m->ways.n, sizeof *w, by_osm_id);

    return w ? (int64_t)w->raw : -1;
}

static uint32_t tail(const struct net *n, uint32_t dseg)
{
    return dseg & 1 ? n->segments.at[dseg / 2].to : n->segments.at[dseg / 2].from;
}

static uint32_t head(const struct net *n, uint32_t dseg)
{
    return tail(n, dseg ^ 1);
}

/* Directed segments of a way that start (or end) at a node; returns how many, keeps the first two. */
static size_t touching(const struct resolver *r, int64_t raw, uint32_t node, bool starting, uint32_t ret[2])
{
    const struct import *m = r->m;
    size_t n = 0;

    for (uint32_t s = m->way_segment.at[raw]; s < m->way_segment.at[raw + 1]; s++)
        for (uint32_t d = 2 * s; d < 2 * s + 2; d++)
            if ((starting ? tail(m->net, d) : head(m->net, d)) == node) {
                if (n < 2)
                    ret[n] = d;
                n++;
            }
    return n;
}

static void add_path(struct resolver *r, uint32_t tagset)
{
    struct net *net = r->m->net;

    VEC_PUSH(&net->restrictions, ((struct net_restriction){tagset, (uint32_t)net->path.n, (uint32_t)r->n}));
    for (size_t i = 0; i < r->n; i++)
        VEC_PUSH(&net->path, r->path[i]);
}

static bool via_node(struct resolver *r, const struct raw_restriction *t, int64_t from, int64_t to)
{
    size_t slot = import_find_id(r->m, t->via_node);
    uint32_t node = slot == SIZE_MAX ? NET_NONE : r->m->slots[slot].node;
    uint32_t in[2], out[2];
    size_t n_in, n_out;

    if (node == NET_NONE)
        return false;
    n_in = touching(r, from, node, false, in);
    n_out = touching(r, to, node, true, out);
    if (from == to) { /* a u-turn, on either side of the node when the way goes through */
        for (size_t i = 0; i < n_in && i < 2; i++) {
            r->path[0] = in[i];
            r->path[1] = in[i] ^ 1;
            r->n = 2;
            add_path(r, t->tagset);
        }
        return n_in > 0;
    }
    if (n_in != 1 || n_out != 1)
        return false;
    r->path[0] = in[0];
    r->path[1] = out[0];
    r->n = 2;
    add_path(r, t->tagset);
    return true;
}

/* Walks a via way from `node` to its other end, or to where it meets way `next`. */
static bool walk(struct resolver *r, int64_t raw, int64_t next, uint32_t *node)
{
    uint32_t out[2], meet[2];
    size_t n = touching(r, raw, *node, true, out);

    if (n != 1)
        return false;
    for (uint32_t d = out[0];;) {
        uint32_t s = d / 2;

        if (r->n == PATH_MAX_SEGMENTS - 1)
            return false;
        r->path[r->n++] = d;
        *node = head(r->m->net, d);
        if (touching(r, next, *node, true, meet))
            return true;
        s = d & 1 ? s - 1 : s + 1;
        if (s < r->m->way_segment.at[raw] || s >= r->m->way_segment.at[raw + 1] || s == UINT32_MAX)
            return false;
        d = 2 * s + (d & 1);
        if (tail(r->m->net, d) != *node)
            return false;
    }
}

/* The node at which two ways meet: an end of the second. */
static uint32_t joint(const struct resolver *r, int64_t a, int64_t via)
{
    const struct import *m = r->m;
    uint32_t ends[2], in[2];

    if (m->way_segment.at[via] == m->way_segment.at[via + 1])
        return NET_NONE;
    ends[0] = m->net->segments.at[m->way_segment.at[via]].from;
    ends[1] = m->net->segments.at[m->way_segment.at[via + 1] - 1].to;
    for (int i = 0; i < 2; i++)
        if (touching(r, a, ends[i], false, in) == 1)
            return ends[i];
    return NET_NONE;
}

static bool via_ways(struct resolver *r, const struct raw_restriction *t, int64_t from, int64_t to)
{
    int64_t via = raw_of(r, r->m->vias.at[t->first_via]);
    uint32_t node = via < 0 ? NET_NONE : joint(r, from, via), in[2], out[2];

    if (node == NET_NONE || touching(r, from, node, false, in) != 1)
        return false;
    r->path[0] = in[0];
    r->n = 1;
    for (size_t i = 0; i < t->n_via; i++) {
        int64_t next = i + 1 < t->n_via ? raw_of(r, r->m->vias.at[t->first_via + i + 1]) : to;

        if (via < 0 || next < 0 || !walk(r, via, next, &node))
            return false;
        via = next;
    }
    if (touching(r, to, node, true, out) != 1)
        return false;
    r->path[r->n++] = out[0];
    add_path(r, t->tagset);
    return true;
}

void import_resolve_turns(struct import *m)
{
    struct resolver r = {.m = m, .index = MEM_NEW(struct way_index, m->ways.n)};

    for (size_t i = 0; i < m->ways.n; i++)
        r.index[i] = (struct way_index){m->net->ways.at[m->ways.at[i].way].osm_id, (uint32_t)i};
    qsort(r.index, m->ways.n, sizeof *r.index, by_osm_id);
    for (size_t i = 0; i < m->turns.n; i++) {
        const struct raw_restriction *t = &m->turns.at[i];
        int64_t from = raw_of(&r, t->from), to = raw_of(&r, t->to);
        bool good = !t->broken && from >= 0 && to >= 0;

        if (good)
            good = t->n_via ? via_ways(&r, t, from, to) : via_node(&r, t, from, to);
        m->report->restrictions_dropped += !good;
    }
    free(r.index);
}
