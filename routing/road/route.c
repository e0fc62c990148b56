/* From graph arcs to geometry and steps. The path is first laid out as pieces, one directed segment (or
 * part of one) each, with a flag where the road graph offers a choice; steps are then cut by name and
 * angle. */
#include "routing/road/route.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct run {
    const struct road *r;
    const struct road_profile *p;
    const struct metric *m;
    struct route *out;
    VEC(uint8_t) choice; /* per piece: a link begins here */
    VEC(uint32_t) start; /* per piece: first point */
};

static struct geo_point node_point(const struct net *n, uint32_t segment, bool end)
{
    const struct net_segment *s = &n->segments.at[segment];

    return n->nodes.at[end ? s->to : s->from].point;
}

static void add_point(struct route *out, struct geo_point p)
{
    const struct geo_point *last = out->points.n ? &out->points.at[out->points.n - 1] : NULL;

    if (!last || last->lon != p.lon || last->lat != p.lat)
        VEC_PUSH(&out->points, p);
}

/* The points strictly between two fractions of a segment, in travel order. */
static void add_inner_points(struct run *x, uint32_t dseg, double a, double b)
{
    const struct net *net = &x->r->net;
    uint32_t s = dseg / 2, first = net->segments.at[s].first_point,
             n = net->segments.at[s + 1].first_point - first;
    double total = net->segments.at[s].dm / 10.0, *at = MEM_NEW(double, n + 1), sum = 0;
    struct geo_point last = node_point(net, s, false);

    for (uint32_t i = 0; i < n; i++) {
        sum += geo_distance_plane(last, net->points.at[first + i]);
        last = net->points.at[first + i];
        at[i] = sum / total;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = dseg & 1 ? n - 1 - i : i;
        double f = dseg & 1 ? 1 - at[k] : at[k];

        if (f > a && f < b)
            add_point(x->out, net->points.at[first + k]);
    }
    free(at);
}

/* A directed segment from fraction a to b of its travel direction. */
static void add_piece(struct run *x, uint32_t dseg, double a, double b, struct geo_point from,
                      struct geo_point to, bool choice, cost extra)
{
    cost full = x->m->segment[dseg];
    cost part = cost_of((uint32_t)lround(cost_ms(full) * (b - a)), (uint32_t)lround(cost_dm(full) * (b - a)));

    add_point(x->out, from);
    VEC_PUSH(&x->start, (uint32_t)x->out->points.n - 1);
    VEC_PUSH(&x->choice, choice);
    add_inner_points(x, dseg, a, b);
    add_point(x->out, to);
    VEC_PUSH(&x->out->pieces, ((struct route_piece){dseg, part + extra}));
}

static double along(uint32_t dseg, double fraction)
{
    return dseg & 1 ? 1 - fraction : fraction;
}

static uint32_t place_of(const struct graph *g, uint32_t dlink, uint32_t segment)
{
    const struct graph_link *l = &g->links[dlink / 2];
    uint32_t i = g->segment_index[segment] - l->first;

    return dlink & 1 ? l->n - 1 - i : i;
}

/* A dlink from a placement (or its tail) to a placement (or its head). */
static void add_dlink(struct run *x, uint32_t dlink, const struct placement *from, const struct placement *to,
                      uint32_t turn_ms)
{
    const struct graph *g = &x->p->graph;
    const struct graph_link *l = &g->links[dlink / 2];
    uint32_t a = from ? place_of(g, dlink, from->segment) : 0,
             b = to ? place_of(g, dlink, to->segment) : l->n - 1;

    for (uint32_t i = a; i <= b; i++) {
        uint32_t dseg = graph_segment(g, dlink, i);
        bool first = from && i == a, last = to && i == b;
        uint32_t inner = l->n > 1 && i > a ? (uint32_t)((uint64_t)l->extra_ms * i / (l->n - 1) -
                                                        (uint64_t)l->extra_ms * (i - 1) / (l->n - 1))
                                           : 0;

        add_piece(x, dseg, first ? along(dseg, from->fraction) : 0, last ? along(dseg, to->fraction) : 1,
                  first ? from->point : node_point(&x->r->net, dseg / 2, dseg & 1),
                  last ? to->point : node_point(&x->r->net, dseg / 2, !(dseg & 1)), i == a && !from,
                  cost_of(i == a ? turn_ms : inner, 0));
    }
}

static uint32_t turn_between(const struct graph *g, uint32_t vertex, uint32_t dlink)
{
    for (uint32_t a = g->arc_first[vertex]; a < g->arc_first[vertex + 1]; a++)
        if (g->arcs[a].dlink == dlink)
            return g->arcs[a].turn_ms;
    return 0;
}

static void lay_out(struct run *x, const struct query_path *path, const struct spot *target)
{
    const struct graph *g = &x->p->graph;

    add_dlink(x, x->out->from.dlink, &x->out->from, NULL, 0);
    for (size_t i = 0; i < path->n_arcs; i++)
        add_dlink(x, g->arcs[path->arcs[i]].dlink, NULL, NULL, g->arcs[path->arcs[i]].turn_ms);
    add_dlink(x, x->out->to.dlink, NULL, &x->out->to, turn_between(g, target->vertex, x->out->to.dlink));
}

/* --- steps --- */

static double bearing_out(const struct route *o, uint32_t point)
{
    return point + 1 < o->points.n ? geo_bearing(o->points.at[point], o->points.at[point + 1]) : 0;
}

static double bearing_in(const struct route *o, uint32_t point)
{
    return point ? geo_bearing(o->points.at[point - 1], o->points.at[point]) : 0;
}

static enum route_modifier modifier_of(double angle)
{
    double a = fabs(angle);

    if (a > 170)
        return ROUTE_UTURN_MODIFIER;
    if (a < 20)
        return ROUTE_STRAIGHT;
    if (a < 50)
        return angle < 0 ? ROUTE_SLIGHT_LEFT : ROUTE_SLIGHT_RIGHT;
    if (a < 130)
        return angle < 0 ? ROUTE_LEFT : ROUTE_RIGHT;
    return angle < 0 ? ROUTE_SHARP_LEFT : ROUTE_SHARP_RIGHT;
}

static uint32_t way_of(const struct run *x, size_t piece)
{
    return x->r->net.segments.at[x->out->pieces.at[piece].dseg / 2].way;
}

static const char *tag_of(const struct run *x, size_t piece, const char *key)
{
    struct osm_tag tags[NET_TAGS_MAX];
    size_t n = net_tagset(&x->r->net, x->r->net.ways.at[way_of(x, piece)].tagset, tags);

    return osm_value(tags, n, key);
}

static bool in_roundabout(const struct run *x, size_t piece)
{
    const char *j = tag_of(x, piece, "junction");

    return j && (!strcmp(j, "roundabout") || !strcmp(j, "circular"));
}

static bool on_ferry(const struct run *x, size_t piece)
{
    const char *r = tag_of(x, piece, "route");

    return r && !strcmp(r, "ferry") && !tag_of(x, piece, "highway");
}

static bool same_name(const struct run *x, size_t a, size_t b)
{
    const struct net_way *u = &x->r->net.ways.at[way_of(x, a)], *v = &x->r->net.ways.at[way_of(x, b)];

    return u->name == v->name && (u->name || u->ref == v->ref);
}

static void add_step(struct run *x, size_t piece, enum route_kind kind, enum route_modifier modifier)
{
    uint32_t point = x->start.at[piece];
    struct route_step s = {.kind = kind, .modifier = modifier, .way = way_of(x, piece), .first_point = point};

    s.bearing_before = bearing_in(x->out, point);
    s.bearing_after = bearing_out(x->out, point);
    VEC_PUSH(&x->out->steps, s);
}

/* Could one have gone elsewhere (other than back) where piece i begins? */
static bool had_choice(const struct run *x, size_t i)
{
    const struct graph *g = &x->p->graph;
    uint32_t in = graph_dlink_of(g, x->out->pieces.at[i - 1].dseg), v = g->dlink_vertex[in], others = 0;

    if (!x->choice.at[i] || v == NET_NONE)
        return false;
    for (uint32_t a = g->arc_first[v]; a < g->arc_first[v + 1]; a++)
        others += g->arcs[a].dlink != (in ^ 1);
    return others > 1;
}

/* Within a roundabout every junction passed that leads out counts as an exit. */
static void count_exit(struct run *x, size_t piece)
{
    struct route_step *s = &x->out->steps.at[x->out->steps.n - 1];

    if (s->kind == ROUTE_ROUNDABOUT && had_choice(x, piece))
        s->exit++;
    if (!in_roundabout(x, piece))
        s->way = way_of(x, piece);
}

static void judge_joint(struct run *x, size_t i)
{
    uint32_t point = x->start.at[i];
    double angle = remainder(bearing_out(x->out, point) - bearing_in(x->out, point), 360);
    enum route_modifier modifier = modifier_of(angle);
    bool back = x->out->pieces.at[i].dseg == (x->out->pieces.at[i - 1].dseg ^ 1),
         before = in_roundabout(x, i - 1);

    if (back)
        add_step(x, i, ROUTE_UTURN, ROUTE_UTURN_MODIFIER);
    else if (on_ferry(x, i) != on_ferry(x, i - 1))
        add_step(x, i, on_ferry(x, i) ? ROUTE_FERRY : ROUTE_NEW_NAME, modifier);
    else if (before)
        count_exit(x, i);
    else if (in_roundabout(x, i))
        add_step(x, i, ROUTE_ROUNDABOUT, ROUTE_RIGHT);
    else if (had_choice(x, i) && (fabs(angle) >= 50 || (fabs(angle) >= 20 && !same_name(x, i, i - 1))))
        add_step(x, i, ROUTE_TURN, modifier);
    else if (!same_name(x, i, i - 1) && x->r->net.ways.at[way_of(x, i)].name)
        add_step(x, i, ROUTE_NEW_NAME, modifier);
}

static void make_steps(struct run *x)
{
    struct route *o = x->out;

    add_step(x, 0, ROUTE_DEPART, ROUTE_STRAIGHT);
    for (size_t i = 0; i < o->pieces.n; i++) {
        if (i)
            judge_joint(x, i);
        o->steps.at[o->steps.n - 1].ms += cost_ms(o->pieces.at[i].cost);
        o->steps.at[o->steps.n - 1].dm += cost_dm(o->pieces.at[i].cost);
    }
    add_step(x, o->pieces.n - 1, ROUTE_ARRIVE, ROUTE_STRAIGHT);
    o->steps.at[o->steps.n - 1].first_point = (uint32_t)o->points.n - 1;
    o->steps.at[o->steps.n - 1].bearing_before = bearing_in(o, (uint32_t)o->points.n - 1);
    o->steps.at[o->steps.n - 1].bearing_after = 0;
}

static void finish(struct run *x)
{
    if (x->out->points.n == 1)
        VEC_PUSH(&x->out->points, x->out->points.at[0]);
    make_steps(x);
    free(x->choice.at);
    free(x->start.at);
}

/* A path between spots of two places, as a route. */
static void describe(struct run *x, const struct place *from, const struct place *to, const struct spot *s,
                     const struct spot *t, const struct query_path *path)
{
    x->out->from = from->at[s[path->from].placement];
    x->out->to = to->at[t[path->to].placement];
    x->out->total = path->cost;
    lay_out(x, path, &t[path->to]);
    finish(x);
}

int route_find(const struct road *r, const struct road_profile *p, const struct metric *m, struct query *q,
               const struct place *from, const struct place *to, struct route *ret, struct route_error *err)
{
    struct spot s[SPOTS_MAX], t[SPOTS_MAX];
    uint32_t a = 0, b = 0;
    struct route out = {0};
    struct run x = {.r = r, .p = p, .m = m, .out = &out};
    struct query_path path;
    cost direct;

    if (!from->n || !to->n)
        return route_error_set(err, ROUTE_NOT_ON_ROAD, -1, "%.7f,%.7f is not in reach of a road",
                               geo_lon((from->n ? to : from)->asked), geo_lat((from->n ? to : from)->asked));
    direct = spot_direct_best(from, to, &a, &b);
    path = query_path(q, s, spot_sources(&p->graph, from, s), t, spot_targets(&p->graph, m, to, t));
    if (direct >= COST_NONE && path.cost >= COST_NONE)
        return route_error_set(err, ROUTE_NO_ROUTE, -1, "no way for %s between the points",
                               profile_name(p->profile));
    if (direct <= path.cost) {
        out.from = from->at[a];
        out.to = direct ? to->at[b] : out.from; /* the very same place */
        out.total = direct;
        add_dlink(&x, out.from.dlink, &out.from, &out.to, 0);
        finish(&x);
    } else
        describe(&x, from, to, s, t, &path);
    *ret = out;
    return 0;
}

/* --- alternatives --- */

struct found_path {
    struct query_path path;
    uint32_t *arcs; /* its own copy */
    size_t via;     /* how many arcs lead to the meeting vertex */
};

/* The cost of arcs [a, b). */
static cost stretch(const struct run *x, const uint32_t *arcs, size_t a, size_t b)
{
    cost sum = 0;

    for (; a < b; a++)
        sum += metric_arc(x->m, &x->p->graph.arcs[arcs[a]]);
    return sum;
}

/* Does it come by a place twice, or run for more than three quarters of its time over what is taken already?
 */
static bool is_other(const struct run *x, const struct found_path *f, uint8_t *taken)
{
    const struct graph_arc *arcs = x->p->graph.arcs;
    uint64_t shared = 0, all = 0;
    bool loops = false;

    for (size_t i = 0; i < f->path.n_arcs; i++) {
        uint32_t dlink = arcs[f->arcs[i]].dlink;

        all += cost_ms(metric_arc(x->m, &arcs[f->arcs[i]]));
        shared += taken[dlink] & 1 ? cost_ms(metric_arc(x->m, &arcs[f->arcs[i]])) : 0;
        loops |= (taken[dlink] | taken[dlink ^ 1]) & 2;
        taken[dlink] |= 2;
    }
    for (size_t i = 0; i < f->path.n_arcs; i++)
        taken[arcs[f->arcs[i]].dlink] &= 1;
    return !loops && 4 * shared <= 3 * all;
}

/* The T-test (Abraham, Delling, Goldberg & Werneck 2013): a stretch of length T round the meeting vertex must
 * be a shortest path itself. */
static bool is_sensible(const struct run *x, struct query *q, const struct found_path *f, cost best)
{
    const struct graph_arc *arcs = x->p->graph.arcs;
    uint64_t half = cost_ms(best) / 8;
    size_t a = f->via, b = f->via;

    for (uint64_t sum = 0; a > 0 && sum < half; a--)
        sum += cost_ms(metric_arc(x->m, &arcs[f->arcs[a - 1]]));
    for (uint64_t sum = 0; b < f->path.n_arcs && sum < half; b++)
        sum += cost_ms(metric_arc(x->m, &arcs[f->arcs[b]]));
    if (a == b)
        return false;
    return query_cost(q, &(struct spot){.vertex = arcs[f->arcs[a]].from}, 1,
                      &(struct spot){.vertex = arcs[f->arcs[b - 1]].to}, 1) == stretch(x, f->arcs, a, b);
}

static void take(const struct run *x, const uint32_t *arcs, size_t n, uint8_t *taken)
{
    for (size_t i = 0; i < n; i++)
        taken[x->p->graph.arcs[arcs[i]].dlink] |= 1;
}

static size_t arcs_to(const struct run *x, const struct query_path *path, uint32_t vertex)
{
    size_t i = 0;

    while (i < path->n_arcs && x->p->graph.arcs[path->arcs[i]].from != vertex)
        i++;
    return i;
}

size_t route_alternatives(const struct road *r, const struct road_profile *p, const struct metric *m,
                          struct query *q, const struct place *from, const struct place *to, size_t max,
                          struct route *ret)
{
    struct spot s[SPOTS_MAX], t[SPOTS_MAX], at[ALTERNATIVES_LOOKED_AT];
    struct found_path found[ALTERNATIVES_LOOKED_AT];
    struct run x = {.r = r, .p = p, .m = m};
    uint32_t n_s = spot_sources(&p->graph, from, s), n_t = spot_targets(&p->graph, m, to, t), a, b;
    struct query_path best = query_path(q, s, n_s, t, n_t);
    uint8_t *taken;
    size_t n_found, n = 0;

    if (best.cost >= COST_NONE || spot_direct_best(from, to, &a, &b) <= best.cost)
        return 0;
    taken = MEM_NEW(uint8_t, 2 * (size_t)p->graph.n_links);
    take(&x, best.arcs, best.n_arcs, taken);
    n_found = query_meetings(q, best.cost + best.cost / 4, at, ALTERNATIVES_LOOKED_AT);
    for (size_t i = 0; i < n_found; i++) {
        found[i].path = query_path_via(q, at[i].vertex);
        found[i].arcs = mem_copy(found[i].path.arcs, found[i].path.n_arcs * sizeof *found[i].arcs);
        found[i].path.arcs = found[i].arcs;
        found[i].via = arcs_to(&x, &found[i].path, at[i].vertex);
    }
    for (size_t i = 0; i < n_found; i++) {
        if (n < max && is_other(&x, &found[i], taken) && is_sensible(&x, q, &found[i], best.cost)) {
            x = (struct run){.r = r, .p = p, .m = m, .out = &ret[n++]};
            *x.out = (struct route){0};
            take(&x, found[i].arcs, found[i].path.n_arcs, taken);
            describe(&x, from, to, s, t, &found[i].path);
        }
        free(found[i].arcs);
    }
    free(taken);
    return n;
}

void route_fini(struct route *route)
{
    free(route->points.at);
    free(route->steps.at);
    free(route->pieces.at);
}
