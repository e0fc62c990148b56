/* Newson & Krumm: candidates near each fix, emission by distance, transition by how much the drive between
 * two candidates differs from the straight line, Viterbi over the whole sub-trace. */
#include "routing/road/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CANDIDATES = 8, BACKSTEP_DM = 200 };

struct column {
    struct placement at[CANDIDATES];
    double score[CANDIDATES];
    int from[CANDIDATES];
    size_t n, fix;
};

struct matcher {
    const struct road *r;
    const struct road_profile *p;
    const struct metric *m;
    struct query *q;
    const struct trace_fix *fixes;
    struct match_options o;
    VEC(struct column) columns;
    struct match *out;
};

static struct place place_of(const struct placement *x)
{
    struct place p = {.asked = x->point, .n = 1};

    p.at[0] = *x;
    p.at[0].walk = 0;
    return p;
}

/* Metres by the fastest way, or < 0. A small step back along the same road is noise, not a detour. */
static double drive_metres(struct matcher *x, const struct placement *a, const struct placement *b)
{
    struct place from = place_of(a), to = place_of(b);
    struct spot s[SPOTS_MAX], t[SPOTS_MAX];
    cost direct = spot_direct(&from.at[0], &to.at[0]), c;

    if (direct < COST_NONE)
        return cost_dm(direct) / 10.0;
    if (a->dlink == b->dlink && cost_dm(a->before) - cost_dm(b->before) < BACKSTEP_DM)
        return 0;
    c = query_cost(x->q, s, spot_sources(&x->p->graph, &from, s), t,
                   spot_targets(&x->p->graph, x->m, &to, t));
    return c < COST_NONE ? cost_dm(c) / 10.0 : -1;
}

static double emission(const struct matcher *x, const struct placement *c)
{
    double d = cost_dm(c->walk) / 10.0 / x->o.sigma;

    return -0.5 * d * d;
}

/* Scores the new column by the last one; false if nothing connects. */
static bool connect(struct matcher *x, const struct column *last, struct column *c)
{
    double straight = geo_distance_plane(x->fixes[last->fix].point, x->fixes[c->fix].point);
    double seconds = (double)(x->fixes[c->fix].ms - x->fixes[last->fix].ms) / 1000;
    bool any = false;

    for (size_t k = 0; k < c->n; k++) {
        c->score[k] = -HUGE_VAL;
        for (size_t i = 0; i < last->n; i++) {
            double metres = last->score[i] > -HUGE_VAL ? drive_metres(x, &last->at[i], &c->at[k]) : -1, s;

            if (metres < 0 || metres > 2 * straight + 200 + 40 * (seconds > 0 ? seconds : 0))
                continue;
            s = last->score[i] - fabs(metres - straight) / x->o.beta + emission(x, &c->at[k]);
            if (s > c->score[k]) {
                c->score[k] = s;
                c->from[k] = (int)i;
            }
        }
        any |= c->score[k] > -HUGE_VAL;
    }
    return any;
}

static void begin(struct matcher *x, struct column *c)
{
    for (size_t k = 0; k < c->n; k++) {
        c->score[k] = emission(x, &c->at[k]);
        c->from[k] = -1;
    }
    x->columns.n = 0;
}

/* Viterbi backwards over the columns so far. */
static void finish(struct matcher *x)
{
    struct column *c = x->columns.n ? &x->columns.at[x->columns.n - 1] : NULL;
    int best = 0;
    double quality = 0;

    if (x->columns.n < 2) {
        x->columns.n = 0;
        return;
    }
    for (size_t k = 1; k < c->n; k++)
        if (c->score[k] > c->score[best])
            best = (int)k;
    quality = exp(c->score[best] / (double)x->columns.n / 2);
    for (size_t i = x->columns.n; i-- > 0; best = x->columns.at[i].from[best]) {
        struct match_point *p = &x->out->points.at[x->columns.at[i].fix];

        p->matched = true;
        p->leg_group = x->out->n_groups;
        p->placement = x->columns.at[i].at[best];
        if (x->columns.at[i].from[best] < 0)
            break;
    }
    x->out->confidence[x->out->n_groups++] = quality;
    x->columns.n = 0;
}

static void add_fix(struct matcher *x, size_t i)
{
    struct snap_options o = {.radius = x->o.radius, .islands = true};
    struct column c = {.fix = i};
    const struct column *last = x->columns.n ? &x->columns.at[x->columns.n - 1] : NULL;

    c.n = snap_candidates(x->r, x->p, x->m, x->fixes[i].point, &o, c.at, CANDIDATES);
    if (!c.n)
        return; /* a fix far from any road is passed over */
    if (last && x->fixes[i].ms - x->fixes[last->fix].ms > x->o.gap_ms) {
        finish(x);
        last = NULL;
    }
    if (last && connect(x, last, &c)) {
        VEC_PUSH(&x->columns, c);
        return;
    }
    finish(x);
    begin(x, &c);
    VEC_PUSH(&x->columns, c);
}

void match_trace(const struct road *r, const struct road_profile *p, const struct metric *m, struct query *q,
                 const struct trace_fix *fixes, size_t n, const struct match_options *o, struct match *ret)
{
    struct matcher x = {.r = r, .p = p, .m = m, .q = q, .fixes = fixes, .out = ret};

    if (o)
        x.o = *o;
    x.o.sigma = x.o.sigma > 0 ? x.o.sigma : 8;
    x.o.beta = x.o.beta > 0 ? x.o.beta : 12;
    x.o.radius = x.o.radius > 0 ? x.o.radius : 50;
    x.o.gap_ms = x.o.gap_ms > 0 ? x.o.gap_ms : 120000;
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < n; i++)
        VEC_PUSH(&ret->points, (struct match_point){0});
    ret->confidence = MEM_NEW(double, n);
    for (size_t i = 0; i < n && !(x.o.stop && x.o.stop(x.o.stop_arg)); i++)
        add_fix(&x, i);
    finish(&x);
    free(x.columns.at);
}

void match_fini(struct match *m)
{
    free(m->points.at);
    free(m->confidence);
}

int match_route(const struct road *r, const struct road_profile *p, const struct metric *m, struct query *q,
                const struct placement *from, const struct placement *to, struct route *ret,
                struct route_error *err)
{
    struct place a = place_of(from), b = place_of(to);

    if (from->dlink == to->dlink && spot_direct(&a.at[0], &b.at[0]) >= COST_NONE &&
        cost_dm(from->before) - cost_dm(to->before) < BACKSTEP_DM)
        b = a;
    return route_find(r, p, m, q, &a, &b, ret, err);
}
