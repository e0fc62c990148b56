#include "routing/road/osrm.h"
#include "routing/geo/matrix.h"
#include "routing/road/many.h"
#include "routing/road/osrm_json.h"

#include <stdlib.h>
#include <string.h>

struct osrm {
    const struct road *r;
    const struct metric *(*metric)(void *arg, size_t profile);
    void *metric_arg;
    struct query *queries[ROAD_PROFILES_MAX]; /* made on first use */
    bool (*stop)(void *arg);
    void *stop_arg;
};

struct osrm *osrm_new(const struct road *r)
{
    struct osrm *o = MEM_NEW(struct osrm, 1);

    o->r = r;
    return o;
}

void osrm_free(struct osrm *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->r->n_profiles; i++)
        query_free(o->queries[i]);
    free(o);
}

void osrm_set_metrics(struct osrm *o, const struct metric *(*metric)(void *arg, size_t profile), void *arg)
{
    o->metric = metric;
    o->metric_arg = arg;
}

void osrm_set_stop(struct osrm *o, bool (*stop)(void *arg), void *arg)
{
    o->stop = stop;
    o->stop_arg = arg;
}

static int find_profile(const struct osrm *o, const char *name)
{
    static const struct {
        const char *theirs, *ours;
    } usual[] = {{"driving", "van"},   {"car", "van"},      {"cycling", "ebike"}, {"bike", "ebike"},
                 {"bicycle", "ebike"}, {"walking", "foot"}, {"walk", "foot"}};
    const struct road_profile *p = road_profile_find(o->r, name, NULL);

    for (size_t i = 0; !p && i < sizeof usual / sizeof *usual; i++)
        if (!strcmp(name, usual[i].theirs))
            p = road_profile_find(o->r, usual[i].ours, NULL);
    return p ? (int)(p - o->r->profiles) : -1;
}

static void waypoints(const struct osrm_job *j)
{
    text_add(j->t, "\"waypoints\":[");
    for (size_t i = 0; i < j->q->points.n; i++) {
        text_add(j->t, i ? "," : "");
        osrm_waypoint_open(j, &j->places[i].at[0], j->q->points.at[i]);
        text_add(j->t, "}");
    }
    text_add(j->t, "]");
}

/* --- route --- */

/* How many of the n legs were found; fewer: *ret_late, or err says why. */
static size_t find_legs(const struct osrm_job *j, struct route *legs, size_t n, bool *ret_late,
                        struct route_error *err)
{
    for (size_t k = 0; k < n; k++) {
        *ret_late = osrm_late(j);
        if (*ret_late ||
            route_find(j->r, j->p, j->m, j->query, &j->places[k], &j->places[k + 1], &legs[k], err))
            return k;
    }
    return n;
}

/* Between two coordinates only, as OSRM does. */
static void other_routes(const struct osrm_job *j)
{
    struct route other[ALTERNATIVES_MAX];
    size_t n = 0;

    if (j->q->alternatives && j->q->points.n == 2 && !osrm_late(j))
        n = route_alternatives(j->r, j->p, j->m, j->query, &j->places[0], &j->places[1], j->q->alternatives,
                               other);
    for (size_t i = 0; i < n; i++) {
        text_add(j->t, ",");
        osrm_route_json(j, &other[i], 1, -1);
        route_fini(&other[i]);
    }
}

static int answer_route(const struct osrm_job *j)
{
    size_t n = j->q->points.n - 1, found;
    struct route *legs = MEM_NEW(struct route, n);
    struct route_error err = {0};
    bool late = false;
    int status = 200;

    found = find_legs(j, legs, n, &late, &err);
    if (late)
        status = osrm_stopped(j);
    else if (found < n)
        status = osrm_error(j->t, "NoRoute", err.text);
    else {
        text_add(j->t, "{\"code\":\"Ok\",\"routes\":[");
        osrm_route_json(j, legs, n, -1);
        other_routes(j);
        text_add(j->t, "],");
        waypoints(j);
        text_add(j->t, "}");
    }
    while (found > 0)
        route_fini(&legs[--found]);
    free(legs);
    return status;
}

/* --- table --- */

static struct place *choose(const struct osrm_job *j, bool all, const uint32_t *index, size_t n)
{
    struct place *p = MEM_NEW(struct place, n);

    for (size_t i = 0; i < n; i++)
        p[i] = j->places[all ? i : index[i]];
    return p;
}

static void table_json(const struct osrm_job *j, const char *key, const int32_t *cells, size_t n, size_t m)
{
    text_add(j->t, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        text_add(j->t, i ? ",[" : "[");
        for (size_t k = 0; k < m; k++)
            if (cells[i * m + k] == MATRIX_UNREACHABLE)
                text_add(j->t, k ? ",null" : "null");
            else
                text_add(j->t, k ? ",%d" : "%d", cells[i * m + k]);
        text_add(j->t, "]");
    }
    text_add(j->t, "]");
}

static void side_json(const struct osrm_job *j, const char *key, const struct place *p, size_t n)
{
    text_add(j->t, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        text_add(j->t, i ? "," : "");
        osrm_waypoint_open(j, &p[i].at[0], p[i].asked);
        text_add(j->t, "}");
    }
    text_add(j->t, "]");
}

/* Row by row in blocks, so that a table can be stopped. */
static bool fill_table(const struct osrm_job *j, const struct place *from, size_t n, const struct place *to,
                       size_t m, int32_t *seconds, int32_t *metres)
{
    struct many *many = many_new(&j->p->graph, &j->p->cch, j->m, to, m, metres != NULL);
    size_t block = many_block(many), i;

    for (i = 0; i < n && !osrm_late(j); i += block)
        many_rows(many, from + i, n - i < block ? n - i : block, seconds + i * m,
                  metres ? metres + i * m : NULL);
    many_free(many);
    return i >= n && !osrm_late(j);
}

static int answer_table(const struct osrm_job *j)
{
    size_t n = j->q->all_sources ? j->q->points.n : j->q->sources.n;
    size_t m = j->q->all_destinations ? j->q->points.n : j->q->destinations.n;
    struct place *from, *to;
    int32_t *seconds, *metres;
    int status = 200;

    if (n * m > OSRM_TABLE_MAX)
        return osrm_error(j->t, "TooBig", "the table has too many cells");
    from = choose(j, j->q->all_sources, j->q->sources.at, n);
    to = choose(j, j->q->all_destinations, j->q->destinations.at, m);
    seconds = MEM_NEW(int32_t, n * m);
    metres = j->q->annotate_distance ? MEM_NEW(int32_t, n * m) : NULL;
    if (fill_table(j, from, n, to, m, seconds, metres)) {
        text_add(j->t, "{\"code\":\"Ok\"");
        if (j->q->annotate_duration || !j->q->annotate_distance)
            table_json(j, "durations", seconds, n, m);
        if (metres)
            table_json(j, "distances", metres, n, m);
        side_json(j, "sources", from, n);
        side_json(j, "destinations", to, m);
        text_add(j->t, "}");
    } else
        status = osrm_stopped(j);
    free(from);
    free(to);
    free(seconds);
    free(metres);
    return status;
}

/* --- nearest --- */

static int answer_nearest(const struct osrm_job *j)
{
    struct placement found[200];
    size_t n = snap_candidates(j->r, j->p, j->m, j->q->points.at[0], &j->q->snap[0], found,
                               2 * (size_t)j->q->number);
    size_t written = 0;

    text_add(j->t, "{\"code\":\"Ok\",\"waypoints\":[");
    for (size_t i = 0; i < n && written < j->q->number; i++) {
        const struct net_segment *s = &j->r->net.segments.at[found[i].segment];

        if (i && found[i].segment == found[i - 1].segment)
            continue; /* the other direction of the same street */
        text_add(j->t, written++ ? "," : "");
        osrm_waypoint_open(j, &found[i], j->q->points.at[0]);
        text_add(j->t, ",\"nodes\":[%u,%u],\"segment\":%u}", s->from, s->to, found[i].segment);
    }
    text_add(j->t, "]}");
    return 200;
}

/* --- dispatch --- */

static const struct {
    int (*run)(const struct osrm_job *);
    size_t min_points, max_points;
    bool places;
} services[] = {
    [OSRM_ROUTE] = {answer_route, 2, OSRM_POINTS_MAX, true},
    [OSRM_TABLE] = {answer_table, 1, OSRM_POINTS_MAX, true},
    [OSRM_NEAREST] = {answer_nearest, 1, 1, false},
    [OSRM_TRIP] = {osrm_trip, 1, OSRM_TRIP_MAX, true},
    [OSRM_MATCH] = {osrm_match, 2, OSRM_POINTS_MAX, false},
};

/* 0, or the status of the error written. */
static int place_points(struct osrm_job *j, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i % 64 == 0 && osrm_late(j))
            return osrm_stopped(j);
        if (!snap_point(j->r, j->p, j->m, j->q->points.at[i], &j->q->snap[i], &j->places[i]))
            return osrm_error(j->t, "NoSegment", "a coordinate is not in reach of a road");
    }
    return 0;
}

static int run_job(struct osrm_job *j)
{
    size_t n = j->q->points.n;
    int status;

    if (n < services[j->q->service].min_points)
        return osrm_error(j->t, "InvalidOptions", "too few coordinates for this service");
    if (n > services[j->q->service].max_points)
        return osrm_error(j->t, "TooBig", "too many coordinates for this service");
    j->places = MEM_NEW(struct place, n);
    status = services[j->q->service].places ? place_points(j, n) : 0;
    if (!status)
        status = services[j->q->service].run(j);
    free(j->places);
    return status;
}

int osrm_answer(struct osrm *o, const char *target, struct text *ret)
{
    struct osrm_request q;
    struct route_error err = {0};
    const char *code = "InvalidUrl";
    struct osrm_job j = {.q = &q, .r = o->r, .t = ret, .stop = o->stop, .stop_arg = o->stop_arg};
    int profile, status;

    if (osrm_parse(target, &q, &code, &err))
        status = osrm_error(ret, code, err.text);
    else if ((profile = find_profile(o, q.profile)) < 0)
        status = osrm_error(ret, "InvalidValue", "no such profile");
    else {
        j.p = &o->r->profiles[profile];
        j.m = o->metric ? o->metric(o->metric_arg, (size_t)profile) : &j.p->metric;
        if (!o->queries[profile])
            o->queries[profile] = query_new(&j.p->graph, &j.p->cch, j.m);
        query_set_metric(o->queries[profile], j.m);
        j.query = o->queries[profile];
        status = run_job(&j);
    }
    osrm_request_fini(&q);
    return status;
}
