/* The area in reach: travel times along the roads are sampled onto a grid, spread by the walk, and the
 * line at the limit is drawn by marching squares. */
#include "routing/road/reach.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GRID_MAX = 320 };
#define FAR 1e12f

struct grid {
    struct geo_point corner;     /* south-west */
    double cell;                 /* metres */
    double units_lon, units_lat; /* 1e-7 degrees per cell */
    uint32_t w, h;
    float *ms; /* at grid points */
    float limit;
    double walk_speed, walk_metres;
};

struct sampler {
    const struct road *r;
    const struct road_profile *p;
    const struct metric *m;
    const cost *reached;
    struct grid *g;
    struct rtree_box box;
    bool any;
    double floor; /* earlier samples lie behind the source */
};

static void widen(struct sampler *s, struct geo_point p)
{
    struct rtree_box *b = &s->box;

    if (!s->any)
        *b = (struct rtree_box){p.lon, p.lat, p.lon, p.lat};
    s->any = true;
    b->west = p.lon < b->west ? p.lon : b->west;
    b->east = p.lon > b->east ? p.lon : b->east;
    b->south = p.lat < b->south ? p.lat : b->south;
    b->north = p.lat > b->north ? p.lat : b->north;
}

/* Milliseconds at the beginning of a dlink. */
static cost tail_cost(const struct sampler *s, uint32_t dlink)
{
    const struct graph *g = &s->p->graph;
    cost best = COST_NONE;

    for (uint32_t k = g->dlink_arc_first[dlink]; k < g->dlink_arc_first[dlink + 1]; k++) {
        const struct graph_arc *a = &g->arcs[g->dlink_arcs[k]];
        cost c = s->reached[a->from] + cost_of(a->turn_ms, 0);

        best = c < best ? c : best;
    }
    return best;
}

static void splat(struct grid *g, struct geo_point p, double ms)
{
    double x = ((double)p.lon - g->corner.lon) / g->units_lon,
           y = ((double)p.lat - g->corner.lat) / g->units_lat;
    int radius = (int)(g->walk_metres / g->cell) + 1;

    for (int j = (int)y - radius; j <= (int)y + radius + 1; j++)
        for (int i = (int)x - radius; i <= (int)x + radius + 1; i++) {
            double metres = hypot(i - x, j - y) * g->cell;
            float at = (float)(ms + metres * 1e6 / g->walk_speed);

            /* the cells that the road itself crosses always count, however coarse the grid */
            if (metres > fmax(g->walk_metres, g->cell * 1.5) || i < 1 || j < 1 || i + 1 >= (int)g->w ||
                j + 1 >= (int)g->h)
                continue;
            if (at < g->ms[(size_t)j * g->w + (size_t)i])
                g->ms[(size_t)j * g->w + (size_t)i] = at;
        }
}

/* Samples one piece of straight road, or only widens the box when there is no grid yet. */
static void sample_piece(struct sampler *s, struct geo_point a, struct geo_point b, double from_ms,
                         double to_ms)
{
    double length = geo_distance_plane(a, b);
    int n = (int)(length / (s->g->ms ? s->g->cell * 0.7 : 14)) + 1;

    for (int i = 0; i <= n; i++) {
        double f = (double)i / n, ms = from_ms + f * (to_ms - from_ms);
        struct geo_point p = {(int32_t)(a.lon + f * ((double)b.lon - a.lon)),
                              (int32_t)(a.lat + f * ((double)b.lat - a.lat))};

        if (ms > s->g->limit || ms < s->floor)
            continue;
        if (s->g->ms)
            splat(s->g, p, ms);
        else
            widen(s, p);
    }
}

static struct geo_point point_of(const struct net *net, uint32_t dseg, uint32_t i, uint32_t n)
{
    uint32_t s = dseg / 2, k = dseg & 1 ? n - i : i;

    if (k == 0)
        return net->nodes.at[net->segments.at[s].from].point;
    return k == n ? net->nodes.at[net->segments.at[s].to].point
                  : net->points.at[net->segments.at[s].first_point + k - 1];
}

/* A directed segment travelled from `ms` on, between two fractions. */
static double sample_segment(struct sampler *s, uint32_t dseg, double ms, double a, double b)
{
    const struct net *net = &s->r->net;
    uint32_t seg = dseg / 2,
             n = net->segments.at[seg + 1].first_point - net->segments.at[seg].first_point + 1;
    double full = cost_ms(s->m->segment[dseg]), total = fmax(net->segments.at[seg].dm / 10.0, 0.1), at = 0;
    struct geo_point last = point_of(net, dseg, 0, n);

    s->floor = ms - 1;
    for (uint32_t i = 1; i <= n; i++) {
        struct geo_point next = point_of(net, dseg, i, n);
        double f = at / total, t;

        at += geo_distance_plane(last, next);
        t = at / total;
        if (t >= a && f <= b)
            sample_piece(s, last, next, ms + (f - a) * full, ms + (t - a) * full);
        last = next;
    }
    return ms + (b - a) * full;
}

static void sample_source(struct sampler *s, const struct place *from)
{
    const struct graph *g = &s->p->graph;

    for (uint32_t i = 0; i < from->n; i++) {
        const struct placement *x = &from->at[i];
        const struct graph_link *l = &g->links[x->dlink / 2];
        double ms = cost_ms(x->walk);
        bool on = false;

        for (uint32_t k = 0; k < l->n && ms <= s->g->limit; k++) {
            uint32_t dseg = graph_segment(g, x->dlink, k);
            double start = 0;

            if (dseg / 2 == x->segment) {
                start = dseg & 1 ? 1 - x->fraction : x->fraction;
                on = true;
            }
            if (on)
                ms = sample_segment(s, dseg, ms, start, 1);
        }
    }
}

static void sample_roads(struct sampler *s, const struct place *from)
{
    const struct graph *g = &s->p->graph;

    sample_source(s, from);
    for (uint32_t d = 0; d < 2 * g->n_links; d++) {
        cost c = g->dlink_flags[d] & GRAPH_OPEN ? tail_cost(s, d) : COST_NONE;
        double ms = cost_ms(c);

        for (uint32_t i = 0; c < COST_NONE && i < g->links[d / 2].n && ms <= s->g->limit; i++) {
            uint32_t dseg = graph_segment(g, d, i);

            if (s->m->segment[dseg] >= COST_NONE)
                break;
            ms = sample_segment(s, dseg, ms, 0, 1);
        }
    }
}

static bool make_grid(struct sampler *s)
{
    struct grid *g = s->g;
    double lat = ((double)s->box.south + s->box.north) / 2 / GEO_E7,
           k = M_PI / 180 * GEO_EARTH_RADIUS_M / GEO_E7;
    double width = ((double)s->box.east - s->box.west) * k * cos(lat * M_PI / 180);
    double height = ((double)s->box.north - s->box.south) * k, margin;

    if (!s->any)
        return false;
    g->cell = fmax(20, (fmax(width, height) + 2 * g->walk_metres) / (GRID_MAX - 8));
    margin = g->walk_metres + 3 * g->cell;
    g->units_lat = g->cell / k;
    g->units_lon = g->cell / (k * cos(lat * M_PI / 180));
    g->corner.lon = (int32_t)(s->box.west - margin / g->cell * g->units_lon);
    g->corner.lat = (int32_t)(s->box.south - margin / g->cell * g->units_lat);
    g->w = (uint32_t)((width + 2 * margin) / g->cell) + 2;
    g->h = (uint32_t)((height + 2 * margin) / g->cell) + 2;
    g->ms = MEM_NEW(float, (size_t)g->w * g->h);
    for (size_t i = 0; i < (size_t)g->w * g->h; i++)
        g->ms[i] = FAR;
    return true;
}

/* --- marching squares --- */

/* Grid edges: 2 × point for the one to the east, + 1 for the one to the north. */
static struct geo_point crossing(const struct grid *g, uint32_t edge)
{
    uint32_t p = edge / 2, q = edge & 1 ? p + g->w : p + 1;
    double a = g->ms[p], b = g->ms[q], f;
    double x = p % g->w, y = p / g->w; /* NOLINT(bugprone-integer-division): row and column */

    /* towards a point never reached the line stays half-way */
    f = a >= FAR || b >= FAR ? 0.5 : (g->limit - a) / (b - a);
    f = f < 0.02 ? 0.02 : f > 0.98 ? 0.98 : f;
    if (edge & 1)
        y += f;
    else
        x += f;
    return (struct geo_point){(int32_t)(g->corner.lon + x * g->units_lon),
                              (int32_t)(g->corner.lat + y * g->units_lat)};
}

/* Line pieces of one cell by its corners' bits (1 sw, 2 se, 4 ne, 8 nw), inside to the left. Sides: 0 south,
 * 1 east, 2 north, 3 west; pairs (from, to), -1 none. Saddles are cut apart. */
static const int8_t pieces[16][4] = {
    {-1, -1, -1, -1}, {0, 3, -1, -1}, {1, 0, -1, -1}, {1, 3, -1, -1},   {2, 1, -1, -1}, {0, 3, 2, 1},
    {2, 0, -1, -1},   {2, 3, -1, -1}, {3, 2, -1, -1}, {0, 2, -1, -1},   {1, 0, 3, 2},   {1, 2, -1, -1},
    {3, 1, -1, -1},   {0, 1, -1, -1}, {3, 0, -1, -1}, {-1, -1, -1, -1},
};

static uint32_t side_edge(const struct grid *g, uint32_t p, int side)
{
    switch (side) {
    case 0:
        return 2 * p;
    case 1:
        return 2 * (p + 1) + 1;
    case 2:
        return 2 * (p + g->w);
    default:
        return 2 * p + 1;
    }
}

static void link_cells(const struct grid *g, uint32_t *next)
{
    for (uint32_t y = 0; y + 1 < g->h; y++)
        for (uint32_t x = 0; x + 1 < g->w; x++) {
            uint32_t p = y * g->w + x;
            int bits = (g->ms[p] <= g->limit) | (g->ms[p + 1] <= g->limit) << 1 |
                       (g->ms[p + g->w + 1] <= g->limit) << 2 | (g->ms[p + g->w] <= g->limit) << 3;

            for (int k = 0; k < 4 && pieces[bits][k] >= 0; k += 2)
                next[side_edge(g, p, pieces[bits][k])] = side_edge(g, p, pieces[bits][k + 1]);
        }
}

static double signed_area(const struct geo_point *p, uint32_t n)
{
    double sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct geo_point a = p[i], b = p[(i + 1) % n];

        sum += ((double)a.lon - p[0].lon) * ((double)b.lat - p[0].lat) -
               ((double)b.lon - p[0].lon) * ((double)a.lat - p[0].lat);
    }
    return sum;
}

static void trace(const struct grid *g, struct reach_area *ret)
{
    uint32_t n = 2 * g->w * g->h, *next = MEM_NEW(uint32_t, n);

    memset(next, 0xff, n * sizeof *next);
    link_cells(g, next);
    for (uint32_t e = 0; e < n; e++) {
        struct reach_ring ring = {.first = (uint32_t)ret->points.n};

        for (uint32_t at = e; next[at] != UINT32_MAX;) {
            uint32_t then = next[at];

            VEC_PUSH(&ret->points, crossing(g, at));
            next[at] = UINT32_MAX;
            at = then;
        }
        ring.n = (uint32_t)ret->points.n - ring.first;
        if (ring.n < 3) {
            ret->points.n = ring.first;
            continue;
        }
        ring.hole = signed_area(ret->points.at + ring.first, ring.n) < 0;
        VEC_PUSH(&ret->rings, ring);
    }
    free(next);
}

void reach_isochrone(const struct road *r, const struct road_profile *p, const struct metric *m,
                     const struct place *from, uint32_t ms, double walk_metres, struct reach_area *ret)
{
    cost *reached = MEM_NEW(cost, p->cch.n);
    struct grid g = {
        .limit = (float)ms, .walk_speed = profile_walk_speed(p->profile), .walk_metres = walk_metres};
    struct sampler s = {.r = r, .p = p, .m = m, .reached = reached, .g = &g};
    struct spot spots[SPOTS_MAX];

    memset(ret, 0, sizeof *ret);
    reach_all(&p->cch, m, spots, spot_sources(&p->graph, from, spots), reached);
    sample_roads(&s, from);
    if (make_grid(&s)) {
        sample_roads(&s, from);
        trace(&g, ret);
        free(g.ms);
    }
    free(reached);
}

void reach_area_fini(struct reach_area *a)
{
    free(a->rings.at);
    free(a->points.at);
}

/* --- GeoJSON --- */

static bool inside(struct geo_point p, const struct geo_point *ring, uint32_t n)
{
    bool in = false;

    for (uint32_t i = 0, k = n - 1; i < n; k = i++)
        if ((ring[i].lat > p.lat) != (ring[k].lat > p.lat) &&
            p.lon < (double)(ring[k].lon - (double)ring[i].lon) * (p.lat - (double)ring[i].lat) /
                            ((double)ring[k].lat - ring[i].lat) +
                        ring[i].lon)
            in = !in;
    return in;
}

static void ring_json(const struct reach_area *a, const struct reach_ring *ring, struct text *t)
{
    text_add(t, "[");
    for (uint32_t i = 0; i <= ring->n; i++) {
        struct geo_point p = a->points.at[ring->first + i % ring->n];

        text_add(t, "%s[%.6f,%.6f]", i ? "," : "", geo_lon(p), geo_lat(p));
    }
    text_add(t, "]");
}

/* A hole belongs to the smallest outer ring around it. */
static size_t owner_of(const struct reach_area *a, const struct reach_ring *hole)
{
    size_t best = SIZE_MAX;
    double best_area = 1e300;

    for (size_t i = 0; i < a->rings.n; i++) {
        const struct reach_ring *r = &a->rings.at[i];
        double area = signed_area(a->points.at + r->first, r->n);

        if (!r->hole && area < best_area &&
            inside(a->points.at[hole->first], a->points.at + r->first, r->n)) {
            best = i;
            best_area = area;
        }
    }
    return best;
}

void reach_area_json(const struct reach_area *a, uint32_t ms, struct text *t)
{
    size_t *owner = MEM_NEW(size_t, a->rings.n);
    bool first = true;

    for (size_t i = 0; i < a->rings.n; i++)
        owner[i] = a->rings.at[i].hole ? owner_of(a, &a->rings.at[i]) : SIZE_MAX;
    text_add(t,
             "{\"type\":\"Feature\",\"properties\":{\"seconds\":%u},\"geometry\":{\"type\":\"MultiPolygon\","
             "\"coordinates\":[",
             ms / 1000);
    for (size_t i = 0; i < a->rings.n; i++) {
        if (a->rings.at[i].hole)
            continue;
        text_add(t, "%s[", first ? "" : ",");
        first = false;
        ring_json(a, &a->rings.at[i], t);
        for (size_t k = 0; k < a->rings.n; k++)
            if (a->rings.at[k].hole && owner[k] == i) {
                text_add(t, ",");
                ring_json(a, &a->rings.at[k], t);
            }
        text_add(t, "]");
    }
    text_add(t, "]}}");
    free(owner);
}
