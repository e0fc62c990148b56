/* The trip and match services. A trip is built by farthest insertion and improved by or-opt moves and
 * reversals on the asymmetric matrix until none helps. */
#include "routing/geo/matrix.h"
#include "routing/road/many.h"
#include "routing/road/osrm_json.h"
#include "routing/road/trace.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 50, APART = 100000000 };

struct tour {
    size_t n;
    int32_t *cost; /* n × n, milliseconds of seconds; APART where there is no way */
    uint32_t *order;
    bool open, fixed_start, fixed_end;
};

static int64_t leg(const struct tour *t, const uint32_t *order, size_t i)
{
    size_t next = i + 1 < t->n ? i + 1 : 0;

    if (t->open && i + 1 == t->n)
        return 0;
    return t->cost[(size_t)order[i] * t->n + order[next]];
}

static int64_t length(const struct tour *t, const uint32_t *order)
{
    int64_t sum = 0;

    for (size_t i = 0; i < t->n; i++)
        sum += leg(t, order, i);
    return sum;
}

static bool allowed(const struct tour *t, const uint32_t *order)
{
    return (!t->fixed_start || order[0] == 0) && (!t->fixed_end || order[t->n - 1] == t->n - 1);
}

static bool keep_if_better(struct tour *t, const uint32_t *order, int64_t *best)
{
    int64_t l = allowed(t, order) ? length(t, order) : INT64_MAX;

    if (l >= *best)
        return false;
    memcpy(t->order, order, t->n * sizeof *order);
    *best = l;
    return true;
}

/* Moves [a, a + k) to before position b of the rest. */
static void moved(const struct tour *t, size_t a, size_t k, size_t b, uint32_t *out)
{
    size_t n = 0, at = 0;

    for (size_t i = 0; i <= t->n; i++) {
        if (n == b && at == 0) {
            memcpy(out + n, t->order + a, k * sizeof *out);
            n += k;
            at = 1;
        }
        if (i < t->n && (i < a || i >= a + k))
            out[n++] = t->order[i];
    }
}

static void reversed(const struct tour *t, size_t a, size_t b, uint32_t *out)
{
    memcpy(out, t->order, t->n * sizeof *out);
    for (; a < b; a++, b--) {
        uint32_t x = out[a];

        out[a] = out[b];
        out[b] = x;
    }
}

static bool improve(struct tour *t, uint32_t *scratch, int64_t *best)
{
    bool any = false;

    for (size_t k = 1; k <= 3 && k < t->n; k++)
        for (size_t a = 0; a + k <= t->n; a++)
            for (size_t b = 0; b + k <= t->n; b++) {
                moved(t, a, k, b, scratch);
                any |= keep_if_better(t, scratch, best);
            }
    for (size_t a = 0; a + 1 < t->n; a++)
        for (size_t b = a + 1; b < t->n; b++) {
            reversed(t, a, b, scratch);
            any |= keep_if_better(t, scratch, best);
        }
    return any;
}

/* Nearest neighbour from the first point, the fixed end kept last. */
static void construct(struct tour *t)
{
    uint8_t *used = MEM_NEW(uint8_t, t->n);
    uint32_t at = 0;

    for (size_t i = 0; i < t->n; i++) {
        uint32_t best = UINT32_MAX;

        t->order[i] = at;
        used[at] = 1;
        for (uint32_t k = 0; k < t->n; k++) {
            bool last_only = t->fixed_end && k == t->n - 1 && i + 2 < t->n;

            if (!used[k] && !last_only &&
                (best == UINT32_MAX || t->cost[at * t->n + k] < t->cost[at * t->n + best]))
                best = k;
        }
        if (best == UINT32_MAX)
            break;
        at = best;
    }
    free(used);
}

static void solve(const struct osrm_job *j, struct tour *t)
{
    uint32_t *scratch = MEM_NEW(uint32_t, t->n);
    /* the work of a round grows with n³: fewer rounds for long trips */
    int rounds = t->n > 100 ? 4 : ROUNDS_MAX;
    int64_t best;

    construct(t);
    best = length(t, t->order);
    while (rounds-- > 0 && !osrm_late(j) && improve(t, scratch, &best))
        continue;
    free(scratch);
}

static bool fill(const struct osrm_job *j, struct tour *t)
{
    struct many *many = many_new(&j->p->graph, &j->p->cch, j->m, j->places, t->n, false);
    bool connected = true;

    many_rows(many, j->places, t->n, t->cost, NULL);
    many_free(many);
    for (size_t i = 0; i < t->n * t->n; i++)
        if (t->cost[i] == MATRIX_UNREACHABLE) {
            t->cost[i] = APART;
            connected = false;
        }
    return connected;
}

static int write_trip(const struct osrm_job *j, const struct tour *t)
{
    size_t n = t->open ? t->n - 1 : t->n, k;
    struct route *legs = MEM_NEW(struct route, n);
    struct route_error err = {0};
    int status = 200;

    for (k = 0; k < n; k++)
        if (route_find(j->r, j->p, j->m, j->query, &j->places[t->order[k]],
                       &j->places[t->order[(k + 1) % t->n]], &legs[k], &err))
            break;
    if (k < n)
        status = osrm_error(j->t, "NoTrips", err.text);
    else {
        text_add(j->t, "{\"code\":\"Ok\",\"trips\":[");
        osrm_route_json(j, legs, n, -1);
        text_add(j->t, "],\"waypoints\":[");
        for (uint32_t i = 0; i < t->n; i++) {
            size_t at = 0;

            while (t->order[at] != i)
                at++;
            text_add(j->t, i ? "," : "");
            osrm_waypoint_open(j, &j->places[i].at[0], j->q->points.at[i]);
            text_add(j->t, ",\"trips_index\":0,\"waypoint_index\":%zu}", at);
        }
        text_add(j->t, "]}");
    }
    while (k > 0)
        route_fini(&legs[--k]);
    free(legs);
    return status;
}

int osrm_trip(const struct osrm_job *j)
{
    size_t n = j->q->points.n;
    struct tour t = {.n = n,
                     .cost = MEM_NEW(int32_t, n * n),
                     .order = MEM_NEW(uint32_t, n),
                     .open = !j->q->roundtrip,
                     .fixed_start = !j->q->any_start,
                     .fixed_end = !j->q->any_end && n > 1};
    int status;

    if (!fill(j, &t))
        status = osrm_error(j->t, "NoTrips", "the coordinates are not all connected");
    else {
        solve(j, &t);
        status = write_trip(j, &t);
    }
    free(t.cost);
    free(t.order);
    return status;
}

/* --- match --- */

static void write_group(const struct osrm_job *j, const struct match *m, uint32_t group, bool *first)
{
    VEC(struct route) legs = {0};
    size_t last = SIZE_MAX;

    for (size_t i = 0; i < m->points.n; i++) {
        struct route leg;

        if (!m->points.at[i].matched || m->points.at[i].leg_group != group)
            continue;
        if (last != SIZE_MAX && !match_route(j->r, j->p, j->m, j->query, &m->points.at[last].placement,
                                             &m->points.at[i].placement, &leg, NULL))
            VEC_PUSH(&legs, leg);
        last = i;
    }
    if (legs.n) {
        text_add(j->t, *first ? "" : ",");
        *first = false;
        osrm_route_json(j, legs.at, legs.n, m->confidence[group]);
    }
    for (size_t i = 0; i < legs.n; i++)
        route_fini(&legs.at[i]);
    free(legs.at);
}

static void write_tracepoints(const struct osrm_job *j, const struct match *m)
{
    uint32_t *count = MEM_NEW(uint32_t, m->n_groups);

    text_add(j->t, "],\"tracepoints\":[");
    for (size_t i = 0; i < m->points.n; i++) {
        const struct match_point *x = &m->points.at[i];

        text_add(j->t, i ? "," : "");
        if (!x->matched) {
            text_add(j->t, "null");
            continue;
        }
        osrm_waypoint_open(j, &x->placement, j->q->points.at[i]);
        text_add(j->t, ",\"matchings_index\":%u,\"waypoint_index\":%u,\"alternatives_count\":0}",
                 x->leg_group, count[x->leg_group]++);
    }
    text_add(j->t, "]}");
    free(count);
}

int osrm_match(const struct osrm_job *j)
{
    size_t n = j->q->points.n;
    struct trace_fix *fixes = MEM_NEW(struct trace_fix, n);
    struct match_options o = {
        .gap_ms = j->q->split_gaps ? 0 : INT64_MAX / 2, .stop = j->stop, .stop_arg = j->stop_arg};
    struct match m;
    bool first = true;
    int status = 200;

    /* without timestamps OSRM takes fixes to be five seconds apart */
    for (size_t i = 0; i < n; i++)
        fixes[i] = (struct trace_fix){j->q->timestamps.n ? j->q->timestamps.at[i] : (int64_t)i * 5000,
                                      j->q->points.at[i], j->q->snap[i].radius};
    if (j->q->snap[0].radius > 0)
        o.sigma = j->q->snap[0].radius;
    match_trace(j->r, j->p, j->m, j->query, fixes, n, &o, &m);
    if (osrm_late(j))
        status = osrm_stopped(j);
    else if (!m.n_groups)
        status = osrm_error(j->t, "NoMatch", "the trace could not be matched");
    else {
        text_add(j->t, "{\"code\":\"Ok\",\"matchings\":[");
        for (uint32_t g = 0; g < m.n_groups; g++)
            write_group(j, &m, g, &first);
        write_tracepoints(j, &m);
    }
    match_fini(&m);
    free(fixes);
    return status;
}
