#include "routing/road/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXTENT = 4096, BUFFER = 64, CLOSE = 8, MVT_LINE = 2 };

/* From which zoom a class is drawn; what is not listed begins at OTHERS. */
static const struct {
    const char *highway;
    int zoom;
} classes[] = {
    {"motorway", 5},        {"trunk", 6},          {"primary", 8},       {"secondary", 9},
    {"motorway_link", 10},  {"trunk_link", 10},    {"tertiary", 10},     {"primary_link", 11},
    {"secondary_link", 11}, {"tertiary_link", 12}, {"unclassified", 12}, {"residential", 12},
    {"living_street", 13},  {"pedestrian", 13},    {"service", 14},
};
enum { OTHERS = 14, NAMES = 11 };

/* Lines with the same attributes: one feature of many lines. */
struct group {
    uint32_t text[4]; /* class, name, name_en, oneway in strings; 0: none */
    uint32_t next;    /* of the same hash, + 1 */
    VEC(uint32_t) geometry;
    int32_t cursor_x, cursor_y;
    size_t line_to; /* where the last LineTo command stands */
};

enum { BUCKETS = 1024 };

struct drawing {
    const struct road *r;
    int z;
    double scale, x0, y0; /* world (0–1) to tile units */
    VEC(uint32_t) segments;
    VEC(uint32_t) values; /* string offsets; value k of the layer */
    VEC(struct group) groups;
    uint32_t bucket[BUCKETS]; /* first group of a hash, + 1 */
    uint32_t last_way;
    struct group *into; /* where the way's lines go; NULL: not drawn at this zoom */
};

static void put_varint(struct text *t, uint64_t v)
{
    uint8_t b[10];
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        b[n++] = (uint8_t)(v | 0x80);
    b[n++] = (uint8_t)v;
    text_append(t, b, n);
}

static void put_bytes(struct text *t, uint32_t field, const void *at, size_t n)
{
    put_varint(t, field << 3 | 2);
    put_varint(t, n);
    text_append(t, at, n);
}

static void put_number(struct text *t, uint32_t field, uint64_t v)
{
    put_varint(t, (uint64_t)field << 3);
    put_varint(t, v);
}

static void put_packed(struct text *t, uint32_t field, const uint32_t *v, size_t n)
{
    struct text p = {0};

    for (size_t i = 0; i < n; i++)
        put_varint(&p, v[i]);
    put_bytes(t, field, p.at, p.n);
    free(p.at);
}

static void project(const struct drawing *d, struct geo_point p, double *x, double *y)
{
    double s = sin(geo_lat(p) * M_PI / 180);

    s = fmax(-0.9999, fmin(0.9999, s));
    *x = (geo_lon(p) / 360 + 0.5) * d->scale - d->x0;
    *y = (0.5 - log((1 + s) / (1 - s)) / (4 * M_PI)) * d->scale - d->y0;
}

/* --- geometry --- */

static uint32_t zigzag(int32_t v)
{
    return (uint32_t)v << 1 ^ (uint32_t)(v >> 31);
}

static void put_point(struct group *g, int32_t x, int32_t y)
{
    VEC_PUSH(&g->geometry, zigzag(x - g->cursor_x));
    VEC_PUSH(&g->geometry, zigzag(y - g->cursor_y));
    g->cursor_x = x;
    g->cursor_y = y;
}

/* A piece of line; joins the one before if it begins where that ended. What shrinks to a point is left out.
 */
static void put_line(struct group *g, double x0, double y0, double x1, double y1)
{
    int32_t ax = (int32_t)lround(x0), ay = (int32_t)lround(y0), bx = (int32_t)lround(x1),
            by = (int32_t)lround(y1);

    if (ax == bx && ay == by)
        return;
    if (!g->geometry.n || g->cursor_x != ax || g->cursor_y != ay) {
        VEC_PUSH(&g->geometry, 1 | 1 << 3); /* MoveTo, once */
        put_point(g, ax, ay);
        g->line_to = g->geometry.n;
        VEC_PUSH(&g->geometry, 2);
    }
    g->geometry.at[g->line_to] += 1 << 3;
    put_point(g, bx, by);
}

/* Liang–Barsky against the tile with its buffer; false if nothing is left. */
static bool clip(double *x0, double *y0, double *x1, double *y1)
{
    double dx = *x1 - *x0, dy = *y1 - *y0, a = 0, b = 1;
    const double p[4] = {-dx, dx, -dy, dy};
    const double q[4] = {*x0 + BUFFER, EXTENT + BUFFER - *x0, *y0 + BUFFER, EXTENT + BUFFER - *y0};

    for (int i = 0; i < 4; i++) {
        if (p[i] == 0 && q[i] < 0)
            return false;
        if (p[i] < 0)
            a = fmax(a, q[i] / p[i]);
        else if (p[i] > 0)
            b = fmin(b, q[i] / p[i]);
    }
    if (a > b)
        return false;
    *x1 = *x0 + b * dx;
    *y1 = *y0 + b * dy;
    *x0 += a * dx;
    *y0 += a * dy;
    return true;
}

static struct geo_point point_of(const struct net *net, uint32_t s, uint32_t i, uint32_t n)
{
    if (!i)
        return net->nodes.at[net->segments.at[s].from].point;
    return i == n ? net->nodes.at[net->segments.at[s].to].point
                  : net->points.at[net->segments.at[s].first_point + i - 1];
}

/* A segment, without the points in between that lie closer than one can see. */
static void draw_line(struct drawing *d, uint32_t s)
{
    const struct net *net = &d->r->net;
    uint32_t n = net->segments.at[s + 1].first_point - net->segments.at[s].first_point + 1;
    double ax, ay, bx, by;

    project(d, point_of(net, s, 0, n), &ax, &ay);
    for (uint32_t i = 1; i <= n; i++) {
        double x0 = ax, y0 = ay, x1, y1;

        project(d, point_of(net, s, i, n), &bx, &by);
        if (i < n && fabs(bx - ax) + fabs(by - ay) < CLOSE)
            continue;
        x1 = bx;
        y1 = by;
        if (clip(&x0, &y0, &x1, &y1))
            put_line(d->into, x0, y0, x1, y1);
        ax = bx;
        ay = by;
    }
}

/* --- attributes --- */

static uint32_t tag_text(const struct net *net, uint32_t tagset, const char *key)
{
    for (uint32_t i = net->tagset_first.at[tagset]; i < net->tagset_first.at[tagset + 1]; i++)
        if (!strcmp(intern_text(&net->strings, net->tags.at[i].key), key))
            return net->tags.at[i].value;
    return 0;
}

static int zoom_of(const char *highway)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (!strcmp(classes[i].highway, highway))
            return classes[i].zoom;
    return OTHERS;
}

static struct group *group_of(struct drawing *d, const uint32_t text[4])
{
    uint32_t *first = &d->bucket[(text[0] * 31 + text[1] * 2654435761U + text[2] * 97 + text[3]) % BUCKETS];

    for (uint32_t i = *first; i; i = d->groups.at[i - 1].next)
        if (!memcmp(d->groups.at[i - 1].text, text, 4 * sizeof *text))
            return &d->groups.at[i - 1];
    VEC_PUSH(&d->groups, (struct group){.next = *first});
    *first = (uint32_t)d->groups.n;
    memcpy(d->groups.at[d->groups.n - 1].text, text, 4 * sizeof *text);
    return &d->groups.at[d->groups.n - 1];
}

static void look_at_way(struct drawing *d, uint32_t way)
{
    const struct net *net = &d->r->net;
    const struct net_way *w = &net->ways.at[way];
    uint32_t text[4] = {tag_text(net, w->tagset, "highway")};

    d->last_way = way;
    d->into = NULL;
    if (!text[0])
        text[0] = tag_text(net, w->tagset, "route");
    if (d->z < zoom_of(intern_text(&net->strings, text[0])))
        return;
    if (d->z >= NAMES) {
        text[1] = w->name ? w->name : w->ref;
        text[2] = w->name_en;
        text[3] = tag_text(net, w->tagset, "oneway");
    }
    d->into = group_of(d, text);
}

static void note_segment(void *arg, uint32_t s)
{
    struct drawing *d = arg;

    VEC_PUSH(&d->segments, s);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* In the order of the ways, so that their segments join into long lines. */
static void draw_segments(struct drawing *d)
{
    if (d->segments.n)
        qsort(d->segments.at, d->segments.n, sizeof *d->segments.at, by_number);
    for (size_t i = 0; i < d->segments.n; i++) {
        uint32_t way = d->r->net.segments.at[d->segments.at[i]].way;

        if (way != d->last_way)
            look_at_way(d, way);
        if (d->into)
            draw_line(d, d->segments.at[i]);
    }
}

/* --- the layer --- */

static uint32_t value_of(struct drawing *d, uint32_t text)
{
    for (uint32_t i = 0; i < d->values.n; i++)
        if (d->values.at[i] == text)
            return i;
    VEC_PUSH(&d->values, text);
    return (uint32_t)d->values.n - 1;
}

static void put_feature(struct drawing *d, const struct group *g, struct text *ret)
{
    struct text f = {0};
    uint32_t tags[8];
    size_t n = 0;

    for (uint32_t k = 0; k < 4; k++)
        if (g->text[k]) {
            tags[n++] = k;
            tags[n++] = value_of(d, g->text[k]);
        }
    put_packed(&f, 2, tags, n);
    put_number(&f, 3, MVT_LINE);
    put_packed(&f, 4, g->geometry.at, g->geometry.n);
    put_bytes(ret, 2, f.at, f.n);
    free(f.at);
}

static void put_layer(struct drawing *d, struct text *ret)
{
    static const char *const keys[] = {"class", "name", "name_en", "oneway"};
    struct text layer = {0}, value = {0};
    bool any = false;

    put_bytes(&layer, 1, "roads", 5);
    for (size_t i = 0; i < d->groups.n; i++)
        if (d->groups.at[i].geometry.n) {
            put_feature(d, &d->groups.at[i], &layer);
            any = true;
        }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        put_bytes(&layer, 3, keys[i], strlen(keys[i]));
    for (size_t i = 0; i < d->values.n; i++) {
        const char *s = intern_text(&d->r->net.strings, d->values.at[i]);

        value.n = 0;
        put_bytes(&value, 1, s, strlen(s));
        put_bytes(&layer, 4, value.at, value.n);
    }
    put_number(&layer, 5, EXTENT);
    put_number(&layer, 15, 2);
    if (any)
        put_bytes(ret, 3, layer.at, layer.n);
    free(layer.at);
    free(value.at);
}

static void drawing_fini(struct drawing *d)
{
    for (size_t i = 0; i < d->groups.n; i++)
        free(d->groups.at[i].geometry.at);
    free(d->groups.at);
    free(d->segments.at);
    free(d->values.at);
}

static double tile_lat(double y, double n)
{
    return atan(sinh(M_PI * (1 - 2 * y / n))) * 180 / M_PI;
}

bool tile_draw(const struct road *r, int z, uint32_t x, uint32_t y, struct text *ret)
{
    struct drawing d = {.r = r, .z = z, .last_way = UINT32_MAX};
    double n, pad = (double)BUFFER / EXTENT;
    struct rtree_box w;

    if (z < 0 || z > TILE_ZOOM_MAX || x >= 1U << z || y >= 1U << z)
        return false;
    n = (double)(1U << z);
    d.scale = n * EXTENT;
    d.x0 = (double)x * EXTENT;
    d.y0 = (double)y * EXTENT;
    w.west = (int32_t)(fmax(-180, (x - pad) / n * 360 - 180) * GEO_E7);
    w.east = (int32_t)(fmin(180, (x + 1 + pad) / n * 360 - 180) * GEO_E7);
    w.north = (int32_t)(tile_lat(y - pad, n) * GEO_E7);
    w.south = (int32_t)(tile_lat(y + 1 + pad, n) * GEO_E7);
    rtree_window(&r->index, &w, note_segment, &d);
    draw_segments(&d);
    put_layer(&d, ret);
    drawing_fini(&d);
    return true;
}

void tile_json(const struct road *r, const char *url, struct text *ret)
{
    struct rtree_box b = road_bounds(r);

    text_add(ret, "{\"tilejson\":\"3.0.0\",\"tiles\":[");
    text_json(ret, url);
    text_add(ret, "],\"minzoom\":5,\"maxzoom\":15,\"bounds\":[%.6f,%.6f,%.6f,%.6f],\"attribution\":",
             b.west / GEO_E7, b.south / GEO_E7, b.east / GEO_E7, b.north / GEO_E7);
    text_json(ret, ROAD_ATTRIBUTION);
    text_add(ret, ",\"vector_layers\":[{\"id\":\"roads\",\"fields\":{\"class\":\"highway\",\"name\":\"name\","
                  "\"name_en\":\"English name\",\"oneway\":\"oneway\"}}]}");
}
