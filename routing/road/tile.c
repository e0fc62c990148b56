#include "routing/road/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXTENT = 4096, BUFFER = 64, MVT_LINE = 2 };

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

struct value {
    uint32_t text; /* in strings */
    uint32_t id;
};

struct drawing {
    const struct road *r;
    int z;
    double scale, x0, y0; /* world (0–1) to tile units */
    struct text features;
    VEC(uint32_t) values; /* string offsets; value k of the layer */
    uint32_t last_way, tags[8];
    size_t n_tags;
    bool drawn;
    VEC(uint32_t) geometry;
    int32_t cursor_x, cursor_y;
    size_t line_to; /* where the last LineTo command stands */
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

static void put_point(struct drawing *d, int32_t x, int32_t y)
{
    VEC_PUSH(&d->geometry, zigzag(x - d->cursor_x));
    VEC_PUSH(&d->geometry, zigzag(y - d->cursor_y));
    d->cursor_x = x;
    d->cursor_y = y;
}

/* A piece of line; joins the one before if it begins where that ended. What shrinks to a point is left out.
 */
static void put_line(struct drawing *d, double x0, double y0, double x1, double y1)
{
    int32_t ax = (int32_t)lround(x0), ay = (int32_t)lround(y0), bx = (int32_t)lround(x1),
            by = (int32_t)lround(y1);

    if (ax == bx && ay == by)
        return;
    if (!d->geometry.n || d->cursor_x != ax || d->cursor_y != ay) {
        VEC_PUSH(&d->geometry, 1 | 1 << 3); /* MoveTo, once */
        put_point(d, ax, ay);
        d->line_to = d->geometry.n;
        VEC_PUSH(&d->geometry, 2);
    }
    d->geometry.at[d->line_to] += 1 << 3;
    put_point(d, bx, by);
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

static void draw_line(struct drawing *d, uint32_t s)
{
    const struct net *net = &d->r->net;
    uint32_t n = net->segments.at[s + 1].first_point - net->segments.at[s].first_point + 1;
    double ax, ay, bx, by;

    d->geometry.n = 0;
    d->cursor_x = d->cursor_y = 0;
    project(d, point_of(net, s, 0, n), &ax, &ay);
    for (uint32_t i = 1; i <= n; i++) {
        double x0 = ax, y0 = ay, x1, y1;

        project(d, point_of(net, s, i, n), &bx, &by);
        x1 = bx;
        y1 = by;
        if (clip(&x0, &y0, &x1, &y1))
            put_line(d, x0, y0, x1, y1);
        ax = bx;
        ay = by;
    }
}

/* --- attributes --- */

static uint32_t value_of(struct drawing *d, uint32_t text)
{
    for (uint32_t i = 0; i < d->values.n; i++)
        if (d->values.at[i] == text)
            return i;
    VEC_PUSH(&d->values, text);
    return (uint32_t)d->values.n - 1;
}

static void add_tag(struct drawing *d, uint32_t key, uint32_t text)
{
    if (!text)
        return;
    d->tags[d->n_tags++] = key;
    d->tags[d->n_tags++] = value_of(d, text);
}

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

static const char *const keys[] = {"class", "name", "name_en", "oneway"};

static void look_at_way(struct drawing *d, uint32_t way)
{
    const struct net *net = &d->r->net;
    const struct net_way *w = &net->ways.at[way];
    uint32_t highway = tag_text(net, w->tagset, "highway");

    d->last_way = way;
    d->n_tags = 0;
    if (!highway)
        highway = tag_text(net, w->tagset, "route");
    d->drawn = d->z >= zoom_of(intern_text(&net->strings, highway));
    if (!d->drawn)
        return;
    add_tag(d, 0, highway);
    if (d->z < NAMES)
        return;
    add_tag(d, 1, w->name ? w->name : w->ref);
    add_tag(d, 2, w->name_en);
    add_tag(d, 3, tag_text(net, w->tagset, "oneway"));
}

static void draw_segment(void *arg, uint32_t s)
{
    struct drawing *d = arg;
    uint32_t way = d->r->net.segments.at[s].way;
    struct text f = {0};

    if (way != d->last_way)
        look_at_way(d, way);
    if (!d->drawn)
        return;
    draw_line(d, s);
    if (d->geometry.n < 6)
        return;
    put_packed(&f, 2, d->tags, d->n_tags);
    put_number(&f, 3, MVT_LINE);
    put_packed(&f, 4, d->geometry.at, d->geometry.n);
    put_bytes(&d->features, 2, f.at, f.n);
    free(f.at);
}

static void put_layer(const struct drawing *d, struct text *ret)
{
    struct text layer = {0}, value = {0};

    put_bytes(&layer, 1, "roads", 5);
    text_append(&layer, d->features.at, d->features.n);
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
    put_bytes(ret, 3, layer.at, layer.n);
    free(layer.at);
    free(value.at);
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
    rtree_window(&r->index, &w, draw_segment, &d);
    if (d.features.n)
        put_layer(&d, ret);
    free(d.features.at);
    free(d.values.at);
    free(d.geometry.at);
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
