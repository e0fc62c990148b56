/* Two passes over the file: ways and relations first, then only the nodes that those ways use. */
#include "routing/road/import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool wanted(const struct import *m, const char *key)
{
    for (size_t i = 0; i < m->n_profiles; i++)
        if (profile_reads_key(m->profiles[i], key))
            return true;
    return false;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct osm_tag *)a)->key, ((const struct osm_tag *)b)->key);
}

/* The canonical text "key\1value\1…" of the tags that some profile reads. */
static size_t canonical(const struct import *m, const struct osm_tag *tags, size_t n, struct osm_tag *ret,
                        struct text *text)
{
    size_t kept = 0;

    for (size_t i = 0; i < n && kept < NET_TAGS_MAX; i++)
        if (wanted(m, tags[i].key))
            ret[kept++] = tags[i];
    qsort(ret, kept, sizeof *ret, by_key);
    for (size_t i = 0; i < kept; i++)
        text_add(text, "%s\1%s\1", ret[i].key, ret[i].value);
    return kept;
}

uint32_t import_tagset(struct import *m, const struct osm_tag *tags, size_t n)
{
    struct net *net = m->net;
    struct osm_tag kept[NET_TAGS_MAX];
    struct text text = {0};
    size_t n_kept = canonical(m, tags, n, kept, &text), before = net->tagset_keys.n;
    uint32_t at, id;

    if (!n_kept) {
        free(text.at);
        return 0;
    }
    at = intern_add(&net->tagset_keys, text.at);
    if (net->tagset_keys.n == before) {
        free(text.at);
        memcpy(&id, intern_text(&net->tagset_keys, at) + strlen(intern_text(&net->tagset_keys, at)) + 1,
               sizeof id);
        return id;
    }
    id = (uint32_t)net_tagsets(net);
    text_append(&net->tagset_keys.pool, &id, sizeof id); /* the set's number follows its text */
    for (size_t i = 0; i < n_kept; i++)
        VEC_PUSH(&net->tags, ((struct net_tag){intern_add(&net->strings, kept[i].key),
                                               intern_add(&net->strings, kept[i].value)}));
    VEC_PUSH(&net->tagset_first, (uint32_t)net->tags.n);
    free(text.at);
    return id;
}

size_t net_tagset(const struct net *net, uint32_t tagset, struct osm_tag *ret)
{
    size_t n = 0;

    for (uint32_t i = net->tagset_first.at[tagset]; i < net->tagset_first.at[tagset + 1] && n < NET_TAGS_MAX;
         i++)
        ret[n++] = (struct osm_tag){intern_text(&net->strings, net->tags.at[i].key),
                                    intern_text(&net->strings, net->tags.at[i].value)};
    return n;
}

static bool usable(struct import *m, uint32_t tagset)
{
    size_t had = m->tagset_cap;

    m->tagset_usable = mem_room(m->tagset_usable, &m->tagset_cap, tagset + 1, 1);
    memset(m->tagset_usable + had, 0, m->tagset_cap - had);
    if (!m->tagset_usable[tagset]) {
        struct osm_tag tags[NET_TAGS_MAX];
        size_t n = net_tagset(m->net, tagset, tags);
        struct way_use use;

        m->tagset_usable[tagset] = 1;
        for (size_t i = 0; i < m->n_profiles; i++)
            if (profile_way_ever(m->profiles[i], tags, n, &use))
                m->tagset_usable[tagset] = 2;
    }
    return m->tagset_usable[tagset] == 2;
}

static uint32_t text_of(struct import *m, const struct osm_way *w, const char *key)
{
    const char *v = osm_value(w->tags, w->n_tags, key);

    return v ? intern_add(&m->net->strings, v) : 0;
}

static void on_way(void *arg, const struct osm_way *w)
{
    struct import *m = arg;
    struct net_way way = {.osm_id = w->id};

    m->report->osm_ways++;
    if (w->n_refs < 2 ||
        (!osm_value(w->tags, w->n_tags, "highway") && !osm_value(w->tags, w->n_tags, "route")))
        return;
    way.tagset = import_tagset(m, w->tags, w->n_tags);
    if (!usable(m, way.tagset))
        return;
    way.name = text_of(m, w, "name");
    way.name_en = text_of(m, w, "name:en");
    way.ref = text_of(m, w, "ref");
    VEC_PUSH(&m->ways, ((struct raw_way){(uint32_t)m->net->ways.n, m->refs.n}));
    VEC_PUSH(&m->net->ways, way);
    VEC_ROOM(&m->refs, w->n_refs);
    memcpy(m->refs.at + m->refs.n, w->refs, w->n_refs * sizeof *w->refs);
    m->refs.n += w->n_refs;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static void collect_ids(struct import *m)
{
    m->ids = mem_copy(m->refs.at, m->refs.n * sizeof *m->ids);
    qsort(m->ids, m->refs.n, sizeof *m->ids, by_value);
    for (size_t i = 0; i < m->refs.n; i++)
        if (!i || m->ids[i] != m->ids[i - 1])
            m->ids[m->n_ids++] = m->ids[i];
    m->slots = MEM_NEW(struct node_slot, m->n_ids);
    for (size_t i = 0; i < m->n_ids; i++)
        m->slots[i].node = NET_NONE;
}

/* Neighbours on a way and in a file tend to have neighbouring ids, so the last place is tried first. */
size_t import_find_id(struct import *m, int64_t id)
{
    size_t lo = 0, hi = m->n_ids;

    if (m->hint < m->n_ids && m->ids[m->hint] == id)
        return m->hint++;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (m->ids[mid] < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == m->n_ids || m->ids[lo] != id)
        return SIZE_MAX;
    m->hint = lo + 1;
    return lo;
}

static void on_node(void *arg, const struct osm_node *n)
{
    struct import *m = arg;
    size_t i = import_find_id(m, n->id);

    m->report->osm_nodes++;
    if (i == SIZE_MAX)
        return;
    m->slots[i].present = true;
    m->slots[i].point = n->point;
    if (n->n_tags)
        m->slots[i].tagset = import_tagset(m, n->tags, n->n_tags);
}

static size_t refs_end(const struct import *m, size_t way)
{
    return way + 1 < m->ways.n ? m->ways.at[way + 1].first_ref : m->refs.n;
}

/* Replaces refs by slot numbers (missing nodes by -1) and counts uses; ends of a way and both sides of
 * a gap count as junctions. */
static void count_uses(struct import *m)
{
    for (size_t w = 0; w < m->ways.n; w++) {
        size_t a = m->ways.at[w].first_ref, b = refs_end(m, w);
        bool gap = true, cut = false;

        for (size_t i = a; i < b; i++) {
            size_t slot = import_find_id(m, m->refs.at[i]);

            if (slot != SIZE_MAX && !m->slots[slot].present)
                slot = SIZE_MAX;
            if (slot == SIZE_MAX && i > a && m->refs.at[i - 1] >= 0)
                m->slots[m->refs.at[i - 1]].uses++;
            m->refs.at[i] = slot == SIZE_MAX ? -1 : (int64_t)slot;
            cut |= slot == SIZE_MAX;
            if (slot != SIZE_MAX)
                m->slots[slot].uses += gap || i + 1 == b || m->slots[slot].tagset ? 2 : 1;
            gap = slot == SIZE_MAX;
        }
        m->report->ways_missing_nodes += cut;
    }
}

static uint32_t node_of(struct import *m, int64_t slot)
{
    struct node_slot *s = &m->slots[slot];

    if (s->node == NET_NONE) {
        s->node = (uint32_t)m->net->nodes.n;
        VEC_PUSH(&m->net->nodes, ((struct net_node){s->point, s->tagset}));
    }
    return s->node;
}

static void add_segment(struct import *m, size_t way, size_t a, size_t b)
{
    struct net *net = m->net;
    struct net_segment s = {.way = m->ways.at[way].way, .first_point = (uint32_t)net->points.n};
    double metres = 0;

    s.from = node_of(m, m->refs.at[a]);
    s.to = node_of(m, m->refs.at[b]);
    for (size_t i = a + 1; i <= b; i++) {
        metres += geo_distance_plane(m->slots[m->refs.at[i - 1]].point, m->slots[m->refs.at[i]].point);
        if (i < b)
            VEC_PUSH(&net->points, m->slots[m->refs.at[i]].point);
    }
    s.dm = (uint32_t)fmax(1, lround(metres * 10));
    if (s.from == s.to && b == a + 1)
        return; /* a node written twice */
    net->ways.at[s.way].dm += s.dm;
    VEC_PUSH(&net->segments, s);
}

static void cut_segments(struct import *m)
{
    for (size_t w = 0; w < m->ways.n; w++) {
        size_t b = refs_end(m, w), last = SIZE_MAX;

        VEC_PUSH(&m->way_segment, (uint32_t)m->net->segments.n);
        for (size_t i = m->ways.at[w].first_ref; i < b; i++) {
            if (m->refs.at[i] < 0) {
                last = SIZE_MAX;
                continue;
            }
            if (last == SIZE_MAX)
                last = i;
            else if (m->slots[m->refs.at[i]].uses >= 2) {
                add_segment(m, w, last, i);
                last = i;
            }
        }
    }
    VEC_PUSH(&m->way_segment, (uint32_t)m->net->segments.n);
    VEC_PUSH(&m->net->segments, ((struct net_segment){.first_point = (uint32_t)m->net->points.n}));
}

static void on_progress(void *arg, size_t done, size_t size)
{
    struct import *m = arg;

    if (m->progress)
        m->progress(m->progress_arg, m->progress_base + 0.5 * (double)done / (double)size);
}

static int read_passes(struct import *m, const void *data, size_t size, struct route_error *err)
{
    struct osm_sink ways = {m, NULL, on_way, import_relation, on_progress};
    struct osm_sink nodes = {m, on_node, NULL, NULL, on_progress};

    if (osm_read(data, size, &ways, err))
        return -1;
    if (!m->ways.n)
        return route_error_set(err, ROUTE_BAD_INPUT, -1, "the map has no way that a profile can use");
    collect_ids(m);
    m->progress_base = 0.5;
    return osm_read(data, size, &nodes, err);
}

static void report(struct import *m)
{
    m->report->ways = m->net->ways.n;
    m->report->segments = net_segments(m->net);
    m->report->nodes = m->net->nodes.n;
    m->report->restrictions = m->net->restrictions.n;
}

static void import_fini(struct import *m)
{
    free(m->refs.at);
    free(m->ways.at);
    free(m->turns.at);
    free(m->vias.at);
    free(m->ids);
    free(m->slots);
    free(m->tagset_usable);
    free(m->way_segment.at);
}

struct net *net_import(const void *data, size_t size, struct profile *const *profiles, size_t n_profiles,
                       void (*progress)(void *arg, double share), void *progress_arg, struct net_report *ret,
                       struct route_error *err)
{
    struct net *net = MEM_NEW(struct net, 1);
    struct import m = {.net = net,
                       .profiles = profiles,
                       .n_profiles = n_profiles,
                       .report = ret,
                       .progress = progress,
                       .progress_arg = progress_arg};

    memset(ret, 0, sizeof *ret);
    intern_init(&net->strings);
    intern_init(&net->tagset_keys);
    VEC_PUSH(&net->tagset_first, 0);
    VEC_PUSH(&net->tagset_first, 0); /* set 0 is empty */
    if (read_passes(&m, data, size, err)) {
        import_fini(&m);
        net_free(net);
        return NULL;
    }
    count_uses(&m);
    VEC_ROOM(&net->points, 1); /* arrays that may stay empty still have an address */
    VEC_ROOM(&net->path, 1);
    cut_segments(&m);
    import_resolve_turns(&m);
    report(&m);
    import_fini(&m);
    if (net_segments(net))
        return net;
    net_free(net);
    route_error_set(err, ROUTE_BAD_INPUT, -1, "the map has ways but not their nodes");
    return NULL;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    intern_fini(&net->strings);
    intern_fini(&net->tagset_keys);
    free(net->tagset_first.at);
    free(net->tags.at);
    free(net->ways.at);
    free(net->nodes.at);
    free(net->segments.at);
    free(net->points.at);
    free(net->restrictions.at);
    free(net->path.at);
    free(net);
}
