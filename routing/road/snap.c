#include "routing/road/snap.h"
#include "routing/road/park.h"

#include <math.h>

static struct geo_point segment_point(const struct net *net, uint32_t s, uint32_t i)
{
    uint32_t first = net->segments.at[s].first_point, n = net->segments.at[s + 1].first_point - first;

    if (!i)
        return net->nodes.at[net->segments.at[s].from].point;
    return i <= n ? net->points.at[first + i - 1] : net->nodes.at[net->segments.at[s].to].point;
}

/* `fraction` of the result is along the whole segment. */
struct geo_foot snap_on_segment(const struct net *net, uint32_t segment, struct geo_point p)
{
    uint32_t pieces = net->segments.at[segment + 1].first_point - net->segments.at[segment].first_point + 1;
    struct geo_foot best = {.metres = HUGE_VAL};
    double before = 0, at = 0;
    struct geo_point a = segment_point(net, segment, 0);

    for (uint32_t i = 0; i < pieces; i++) {
        struct geo_point b = segment_point(net, segment, i + 1);
        struct geo_foot f = geo_nearest_on_segment(p, a, b);
        double length = geo_distance_plane(a, b);

        if (f.metres < best.metres) {
            best = f;
            at = before + f.fraction * length;
        }
        before += length;
        a = b;
    }
    best.fraction = before > 0 ? fmin(1, at / before) : 0;
    return best;
}

static double bearing_at(const struct net *net, uint32_t segment, double fraction)
{
    uint32_t pieces = net->segments.at[segment + 1].first_point - net->segments.at[segment].first_point + 1;
    double total = net->segments.at[segment].dm / 10.0, before = 0;
    struct geo_point a = segment_point(net, segment, 0), b = a;

    for (uint32_t i = 0; i < pieces; i++) {
        b = segment_point(net, segment, i + 1);
        before += geo_distance_plane(a, b);
        if (before >= fraction * total || i + 1 == pieces)
            break;
        a = b;
    }
    return geo_bearing(a, b);
}

struct search {
    const struct road *r;
    const struct road_profile *p;
    const struct metric *m;
    const struct snap_options *o;
    struct geo_point point;
    struct placement *ret;
    size_t n, max, links, max_links;
    uint32_t last_link;
};

static double distance(void *arg, uint32_t segment)
{
    const struct search *s = arg;

    if (s->p->graph.segment_dlink[segment] == NET_NONE)
        return HUGE_VAL;
    return snap_on_segment(&s->r->net, segment, s->point).metres;
}

static bool wanted(const struct search *s, uint32_t dlink, uint32_t segment, bool against,
                   const struct geo_foot *f)
{
    uint8_t flags = s->p->graph.dlink_flags[dlink];
    double heading = bearing_at(&s->r->net, segment, f->fraction) + (against ? 180 : 0);

    if (!(flags & GRAPH_OPEN) || flags & GRAPH_NO_SNAP || (flags & GRAPH_ISLAND && !s->o->islands))
        return false;
    if (s->o->range > 0 && fabs(remainder(heading - s->o->bearing, 360)) > s->o->range)
        return false;
    return !s->o->curb || f->metres < 1 || f->left == against;
}

static cost walk_cost(const struct profile *p, double metres)
{
    return cost_of((uint32_t)lround(metres * 1e6 / profile_walk_speed(p)), (uint32_t)lround(metres * 10));
}

static bool found(void *arg, uint32_t segment, double metres)
{
    struct search *s = arg;
    struct geo_foot f = snap_on_segment(&s->r->net, segment, s->point);
    uint32_t along = s->p->graph.segment_dlink[segment];
    size_t before = s->n;

    for (uint32_t k = 0; k < s->n; k++)
        if (s->ret[k].dlink / 2 == along / 2)
            return true; /* a further segment of a link that is there already */
    for (uint32_t against = 0; against < 2 && s->n < s->max; against++) {
        struct placement x = {.point = f.point, .walk = walk_cost(s->p->profile, metres)};

        if (wanted(s, along ^ against, segment, against, &f) &&
            placement_set(&s->p->graph, s->m, along ^ against, segment, f.fraction, &x))
            s->ret[s->n++] = x;
    }
    s->links += s->n > before;
    return s->n < s->max && s->links < s->max_links;
}

static size_t search(const struct road *r, const struct road_profile *p, const struct metric *m,
                     struct geo_point point, const struct snap_options *o, struct placement *ret, size_t max,
                     size_t max_links)
{
    static const struct snap_options none;
    struct search s = {.r = r,
                       .p = p,
                       .m = m,
                       .o = o ? o : &none,
                       .point = point,
                       .ret = ret,
                       .max = max,
                       .max_links = max_links};
    struct rtree_visitor v = {&s, distance, found};

    rtree_nearest(&r->index, point, s.o->radius > 0 ? s.o->radius : SNAP_RADIUS, &v);
    return s.n;
}

size_t snap_candidates(const struct road *r, const struct road_profile *p, const struct metric *m,
                       struct geo_point point, const struct snap_options *o, struct placement *ret,
                       size_t max)
{
    return search(r, p, m, point, o, ret, max, max);
}

bool snap_point(const struct road *r, const struct road_profile *p, const struct metric *m,
                struct geo_point point, const struct snap_options *o, struct place *ret)
{
    ret->asked = point;
    ret->n = (uint32_t)search(r, p, m, point, o, ret->at, 2, 1);
    if (profile_park(p->profile) && !(o && (o->no_parking || o->range > 0 || o->curb)))
        park_add_gates(r, p, m, point, o, ret);
    return ret->n > 0;
}
