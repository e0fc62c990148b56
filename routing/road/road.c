/* Which arrays a road file holds. One table of columns per part serves writing, reading and checking. */
#include "routing/road/road.h"
#include "routing/road/order.h"
#include "routing/road/store.h"

#include <stdlib.h>
#include <string.h>

/* `count` is where an array's length lives and is read from the file; otherwise `expect` is checked. */
struct column {
    uint32_t tag, element;
    void **at;
    size_t *count;
    size_t expect;
};

enum { NET_TAG = 1, PROFILE_TAG = 100 };
#define PTR(p) ((void **)(void *)&(p))
#define COLUMN(tag, array, where, n) ((struct column){tag, sizeof *(array), PTR(array), where, n})

static size_t net_columns(struct road *r, struct column *c)
{
    struct net *n = &r->net;
    size_t k = 0;

    c[k++] = (struct column){NET_TAG, 1, PTR(n->strings.pool.at), &n->strings.pool.n, 0};
    c[k++] = COLUMN(NET_TAG + 1, n->tagset_first.at, &n->tagset_first.n, 0);
    c[k++] = COLUMN(NET_TAG + 2, n->tags.at, &n->tags.n, 0);
    c[k++] = COLUMN(NET_TAG + 3, n->ways.at, &n->ways.n, 0);
    c[k++] = COLUMN(NET_TAG + 4, n->nodes.at, &n->nodes.n, 0);
    c[k++] = COLUMN(NET_TAG + 5, n->segments.at, &n->segments.n, 0);
    c[k++] = COLUMN(NET_TAG + 6, n->points.at, &n->points.n, 0);
    return k;
}

struct sizes {
    size_t links, link_segments, vertices1, arcs, forward, backward;
};

static size_t index_columns(struct road *r, struct column *c)
{
    size_t n = net_segments(&r->net);

    c[0] = COLUMN(NET_TAG + 7, r->index.items, NULL, n);
    c[1] = COLUMN(NET_TAG + 8, r->index.boxes, NULL, rtree_box_count((uint32_t)n));
    return 2;
}

/* The arrays whose lengths give all the others. */
static size_t size_columns(struct road_profile *p, struct sizes *s, struct column *c)
{
    size_t k = 0;

    c[k++] = COLUMN(PROFILE_TAG, p->graph.links, &s->links, 0);
    c[k++] = COLUMN(PROFILE_TAG + 1, p->graph.link_segments, &s->link_segments, 0);
    c[k++] = COLUMN(PROFILE_TAG + 2, p->graph.arc_first, &s->vertices1, 0);
    c[k++] = COLUMN(PROFILE_TAG + 3, p->graph.arcs, &s->arcs, 0);
    c[k++] = COLUMN(PROFILE_TAG + 4, p->cch.forward.head, &s->forward, 0);
    c[k++] = COLUMN(PROFILE_TAG + 5, p->cch.backward.head, &s->backward, 0);
    return k;
}

static size_t half_columns(struct cch_half *h, uint32_t tag, size_t n_vertices, size_t n_arcs,
                           struct column *c)
{
    c[0] = COLUMN(tag, h->first, NULL, n_vertices + 1);
    c[1] = COLUMN(tag + 1, h->depth, NULL, n_arcs);
    c[2] = COLUMN(tag + 2, h->lower_first, NULL, n_vertices + 1);
    c[3] = COLUMN(tag + 3, h->lower, NULL, n_arcs);
    return 4;
}

static size_t profile_columns(const struct road *r, struct road_profile *p, const struct sizes *s,
                              struct column *c)
{
    size_t n = s->vertices1 - 1, segments = net_segments(&r->net), k = 0;

    c[k++] = COLUMN(PROFILE_TAG + 10, p->graph.segment_dlink, NULL, segments);
    c[k++] = COLUMN(PROFILE_TAG + 11, p->graph.segment_index, NULL, segments);
    c[k++] = COLUMN(PROFILE_TAG + 12, p->graph.dlink_vertex, NULL, 2 * s->links);
    c[k++] = COLUMN(PROFILE_TAG + 13, p->graph.dlink_flags, NULL, 2 * s->links);
    c[k++] = COLUMN(PROFILE_TAG + 14, p->graph.dlink_arc_first, NULL, 2 * s->links + 1);
    c[k++] = COLUMN(PROFILE_TAG + 15, p->graph.dlink_arcs, NULL, s->arcs);
    c[k++] = COLUMN(PROFILE_TAG + 16, p->cch.parent, NULL, n);
    c[k++] = COLUMN(PROFILE_TAG + 17, p->cch.depth, NULL, n);
    c[k++] = COLUMN(PROFILE_TAG + 18, p->cch.arc_slot, NULL, s->arcs);
    k += half_columns(&p->cch.forward, PROFILE_TAG + 20, n, s->forward, c + k);
    k += half_columns(&p->cch.backward, PROFILE_TAG + 30, n, s->backward, c + k);
    c[k++] = COLUMN(PROFILE_TAG + 40, p->metric.segment, NULL, 2 * segments);
    c[k++] = COLUMN(PROFILE_TAG + 41, p->metric.dlink, NULL, 2 * s->links);
    c[k++] = COLUMN(PROFILE_TAG + 42, p->metric.forward, NULL, s->forward);
    c[k++] = COLUMN(PROFILE_TAG + 43, p->metric.backward, NULL, s->backward);
    return k;
}

enum { COLUMNS_MAX = 32, TEXT_TAG = PROFILE_TAG + 50 };

/* --- reading --- */

static int read_columns(const struct store *s, const struct column *c, size_t n, uint32_t index,
                        struct route_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const void *at;
        size_t count;

        if (store_get(s, c[i].tag, index, c[i].element, &at, &count, err))
            return -1;
        if (c[i].count)
            *c[i].count = count;
        else if (count != c[i].expect)
            return route_error_set(err, ROUTE_BAD_INPUT, -1,
                                   "section %u of the road file has %zu entries instead of %zu", c[i].tag,
                                   count, c[i].expect);
        *c[i].at = (void *)(uintptr_t)at;
    }
    return 0;
}

static void set_sizes(const struct road *r, struct road_profile *p, const struct sizes *s)
{
    p->graph.n_links = (uint32_t)s->links;
    p->graph.n_link_segments = (uint32_t)s->link_segments;
    p->graph.n_vertices = p->cch.n = (uint32_t)s->vertices1 - 1;
    p->graph.n_arcs = (uint32_t)s->arcs;
    p->graph.n_segments = (uint32_t)net_segments(&r->net);
    p->cch.forward.n_arcs = (uint32_t)s->forward;
    p->cch.backward.n_arcs = (uint32_t)s->backward;
    for (uint32_t v = 0; v < p->cch.n; v++)
        if (p->cch.depth[v] + 1 > p->cch.max_depth)
            p->cch.max_depth = p->cch.depth[v] + 1;
}

static int read_profile(struct road *r, const struct store *s, uint32_t i, struct route_error *err)
{
    struct road_profile *p = &r->profiles[i];
    struct column c[COLUMNS_MAX];
    struct sizes sizes = {0};
    const void *text;
    size_t n;

    if (store_get(s, TEXT_TAG, i, 1, &text, &n, err) ||
        read_columns(s, c, size_columns(p, &sizes, c), i, err))
        return -1;
    if (!sizes.vertices1)
        return route_error_set(err, ROUTE_BAD_INPUT, -1, "profile %u of the road file has no vertices", i);
    if (read_columns(s, c, profile_columns(r, p, &sizes, c), i, err))
        return -1;
    p->profile = profile_parse(text, n, "profile in the road file", err);
    if (!p->profile)
        return -1;
    r->n_profiles = i + 1;
    set_sizes(r, p, &sizes);
    return 0;
}

static int read_all(struct road *r, const struct store *s, struct route_error *err)
{
    struct column c[COLUMNS_MAX];
    const void *count;
    size_t n;

    if (read_columns(s, c, net_columns(r, c), 0, err))
        return -1;
    if (!net_segments(&r->net) || !r->net.tagset_first.n || !r->net.strings.pool.n)
        return route_error_set(err, ROUTE_BAD_INPUT, -1, "the road file has no segments");
    if (read_columns(s, c, index_columns(r, c), 0, err) || store_get(s, TEXT_TAG + 1, 0, 4, &count, &n, err))
        return -1;
    r->index.n_items = (uint32_t)net_segments(&r->net);
    r->index.n_boxes = rtree_box_count(r->index.n_items);
    if (n != 1 || *(const uint32_t *)count > ROAD_PROFILES_MAX)
        return route_error_set(err, ROUTE_BAD_INPUT, -1, "the road file's number of profiles is broken");
    for (uint32_t i = 0; i < *(const uint32_t *)count; i++)
        if (read_profile(r, s, i, err))
            return -1;
    return 0;
}

struct road *road_open(const void *data, size_t size, struct route_error *err)
{
    struct road *r;
    struct store s;

    if (store_open(&s, data, size, ROAD_VERSION, err))
        return NULL;
    r = MEM_NEW(struct road, 1);
    if (!read_all(r, &s, err))
        return r;
    road_close(r);
    return NULL;
}

void road_close(struct road *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n_profiles; i++)
        profile_free(r->profiles[i].profile);
    free(r);
}

const struct road_profile *road_profile_find(const struct road *r, const char *name, struct route_error *err)
{
    for (size_t i = 0; i < r->n_profiles; i++)
        if (!strcmp(profile_name(r->profiles[i].profile), name))
            return &r->profiles[i];
    route_error_set(err, ROUTE_NO_PROFILE, -1, "the road file has no profile '%s'", name);
    return NULL;
}

struct rtree_box road_bounds(const struct road *r)
{
    return r->index.boxes[r->index.n_boxes - 1];
}

/* --- writing --- */

/* With `take` an array is freed once it is written, so that a map is never in memory twice. */
static void write_columns(struct store_writer *w, const struct column *c, size_t n, uint32_t index, bool take)
{
    for (size_t i = 0; i < n; i++) {
        store_add(w, c[i].tag, index, *c[i].at, c[i].count ? *c[i].count : c[i].expect, c[i].element);
        if (take) {
            free(*c[i].at);
            *c[i].at = NULL;
        }
    }
}

static struct rtree_box segment_box(const struct net *net, uint32_t s)
{
    const struct net_segment *g = &net->segments.at[s];
    struct geo_point a = net->nodes.at[g->from].point, p = net->nodes.at[g->to].point;
    struct rtree_box b = {a.lon, a.lat, a.lon, a.lat};

    for (uint32_t i = g->first_point;; p = net->points.at[i++]) {
        b.west = p.lon < b.west ? p.lon : b.west;
        b.south = p.lat < b.south ? p.lat : b.south;
        b.east = p.lon > b.east ? p.lon : b.east;
        b.north = p.lat > b.north ? p.lat : b.north;
        if (i == net->segments.at[s + 1].first_point)
            return b;
    }
}

static void write_net(struct store_writer *w, const struct net *net)
{
    struct road view = {.net = *net};
    uint32_t n = (uint32_t)net_segments(net);
    struct rtree_box *boxes = MEM_NEW(struct rtree_box, n);
    struct column c[COLUMNS_MAX];
    struct rtree *t;

    for (uint32_t s = 0; s < n; s++)
        boxes[s] = segment_box(net, s);
    t = rtree_new(boxes, n);
    view.index = *t;
    write_columns(w, c, net_columns(&view, c), 0, false);
    write_columns(w, c, index_columns(&view, c), 0, false);
    rtree_free(t);
    free(boxes);
}

/* Takes the arrays of graph, hierarchy and metric. */
static void write_profile(struct store_writer *w, const struct net *net, struct road_profile *p, uint32_t i)
{
    struct road view = {.net = *net};
    struct sizes s = {p->graph.n_links, p->graph.n_link_segments, (size_t)p->graph.n_vertices + 1,
                      p->graph.n_arcs,  p->cch.forward.n_arcs,    p->cch.backward.n_arcs};
    struct column c[COLUMNS_MAX];
    size_t n;
    const char *text = profile_text(p->profile, &n);

    store_add(w, TEXT_TAG, i, text, n, 1);
    write_columns(w, c, size_columns(p, &s, c), i, true);
    write_columns(w, c, profile_columns(&view, p, &s, c), i, true);
}

static void import_profile(struct store_writer *w, const struct net *net, struct profile *profile, uint32_t i,
                           struct road_report *report)
{
    struct graph *g = graph_new(net, profile, &report->profiles[i].graph);
    uint32_t *rank = order_vertices(net, g), *speeds;
    struct road_profile p = {.profile = profile};
    struct metric *m;
    struct cch *c;

    graph_renumber(g, rank);
    free(rank);
    c = cch_new(g);
    speeds = metric_speeds(net, g, profile, -1);
    m = metric_new(net, g, c, speeds);
    free(speeds);
    p.graph = *g;
    p.cch = *c;
    p.metric = *m;
    memcpy(report->profiles[i].name, profile_name(profile), strlen(profile_name(profile)) + 1);
    report->profiles[i].links = g->n_links;
    report->profiles[i].vertices = g->n_vertices;
    report->profiles[i].arcs = g->n_arcs;
    report->profiles[i].shortcuts = c->forward.n_arcs + c->backward.n_arcs;
    report->profiles[i].depth = c->max_depth;
    write_profile(w, net, &p, i);
    free(m);
    free(c);
    free(g);
}

struct step {
    void (*progress)(void *arg, const char *step, double share);
    void *arg;
};

static void on_read(void *arg, double share)
{
    const struct step *s = arg;

    s->progress(s->arg, "read", share);
}

int road_import(const void *map, size_t map_size, struct profile *const *profiles, size_t n_profiles,
                void (*progress)(void *arg, const char *step, double share), void *progress_arg, void **ret,
                size_t *ret_size, struct road_report *report, struct route_error *err)
{
    struct step step = {progress, progress_arg};
    struct store_writer w = {0};
    uint32_t count = (uint32_t)n_profiles;
    struct net *net;

    memset(report, 0, sizeof *report);
    if (!n_profiles || n_profiles > ROAD_PROFILES_MAX)
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "%zu profiles; a road file holds 1 to %d",
                               n_profiles, ROAD_PROFILES_MAX);
    net =
        net_import(map, map_size, profiles, n_profiles, progress ? on_read : NULL, &step, &report->net, err);
    if (!net)
        return -1;
    write_net(&w, net);
    report->n_profiles = n_profiles;
    for (uint32_t i = 0; i < count; i++) {
        if (progress)
            progress(progress_arg, profile_name(profiles[i]), (double)i / count);
        import_profile(&w, net, profiles[i], i, report);
    }
    store_add(&w, TEXT_TAG + 1, 0, &count, 1, sizeof count);
    net_free(net);
    *ret = store_finish(&w, ROAD_VERSION, ret_size);
    return 0;
}

int road_with_metric(const void *data, size_t size, const struct road *r, size_t profile,
                     const struct metric *m, void **ret, struct route_error *err)
{
    const struct road_profile *p = &r->profiles[profile];
    uint32_t i = (uint32_t)profile;
    void *copy = mem_copy(data, size);

    if (store_replace(copy, size, PROFILE_TAG + 40, i, m->segment,
                      2 * (size_t)p->graph.n_segments * sizeof(cost)) ||
        store_replace(copy, size, PROFILE_TAG + 41, i, m->dlink,
                      2 * (size_t)p->graph.n_links * sizeof(cost)) ||
        store_replace(copy, size, PROFILE_TAG + 42, i, m->forward, p->cch.forward.n_arcs * sizeof(cost)) ||
        store_replace(copy, size, PROFILE_TAG + 43, i, m->backward, p->cch.backward.n_arcs * sizeof(cost))) {
        free(copy);
        return route_error_set(err, ROUTE_BAD_INPUT, -1, "the road file's metric sections are broken");
    }
    store_seal(copy, size);
    *ret = copy;
    return 0;
}
