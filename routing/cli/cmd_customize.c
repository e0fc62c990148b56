/* customize and match: traffic into a road file, and traces into traffic. */
#include "routing/cli/cmd_road.h"
#include "routing/cli/session.h"
#include "routing/road/mem.h"
#include "routing/road/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char customize_usage[] = "customize MAP.yzr OUT.yzr " SESSION_USAGE;
static const char match_usage[] =
    "match MAP.yzr TRACE.csv … [--learn OUT.csv] [--passages 1] [--utc-offset 28800] " SESSION_USAGE;

int cmd_customize(int argc, char **argv)
{
    struct session s = SESSION_INIT;
    const struct arg table[] = {SESSION_ARGS(s), {0}};
    struct route_error err = {0};
    void *data = NULL;
    int n = args_parse(argc, argv, table, customize_usage), rc;

    if (n != 2) {
        if (n >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", customize_usage);
        return 2;
    }
    if (session_open(&s, argv[1], &err))
        return args_fail("customize", &err);
    rc = road_with_metric(s.file.map.data, s.file.map.size, s.file.road,
                          (size_t)(s.p - s.file.road->profiles), s.m, &data, &err);
    if (!rc)
        rc = file_write(argv[2], data, s.file.map.size, &err);
    free(data);
    session_close(&s);
    return rc ? args_fail("customize", &err) : 0;
}

/* TRACE.csv: a header, then seconds,lon,lat[,accuracy]. */
static int read_trace(const char *path, struct trace_fix **ret, size_t *ret_n, struct route_error *err)
{
    VEC(struct trace_fix) fixes = {0};
    FILE *f = fopen(path, "re");
    char line[256];
    int number = 0, rc = 0;

    if (!f)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "%s: cannot open: %s", path, strerror(errno));
    while (!rc && fgets(line, sizeof line, f)) {
        struct trace_fix fix = {0};
        double seconds, lon, lat;
        int n = sscanf(line, "%lf,%lf,%lf,%lf", &seconds, &lon, &lat, &fix.accuracy);

        if (++number == 1 && n < 3)
            continue;
        if (n < 3 || !(seconds > -1e11 && seconds < 1e11) || !geo_point_from_degrees(lon, lat, &fix.point))
            rc = route_error_set(err, ROUTE_BAD_INPUT, number,
                                 "%s:%d: not of the form seconds,lon,lat,accuracy", path, number);
        fix.ms = rc ? 0 : (int64_t)(seconds * 1000);
        VEC_PUSH(&fixes, fix);
    }
    if (!rc && ferror(f))
        rc = route_error_set(err, ROUTE_OUTSIDE, -1, "%s: cannot read: %s", path, strerror(errno));
    else if (!rc && !fixes.n)
        rc = route_error_set(err, ROUTE_BAD_INPUT, -1, "%s: no line seconds,lon,lat,accuracy in it", path);
    fclose(f);
    *ret = fixes.at;
    *ret_n = fixes.n;
    return rc;
}

static void print_match(const struct match *m, const struct trace_fix *fixes)
{
    puts("seconds,lon,lat,segment,metres,group");
    for (size_t i = 0; i < m->points.n; i++) {
        const struct match_point *x = &m->points.at[i];

        if (x->matched)
            printf("%.3f,%.7f,%.7f,%u,%.1f,%u\n", (double)fixes[i].ms / 1000, geo_lon(x->placement.point),
                   geo_lat(x->placement.point), x->placement.segment, cost_dm(x->placement.walk) / 10.0,
                   x->leg_group);
    }
}

static int match_file(const struct session *s, struct query *q, const char *path, int utc_offset,
                      struct learn *learn, uint32_t *ret_matchings, struct route_error *err)
{
    struct trace_fix *fixes = NULL;
    struct match m;
    size_t n = 0, kept;

    if (read_trace(path, &fixes, &n, err)) {
        free(fixes);
        return -1;
    }
    kept = trace_clean(fixes, n, NULL);
    match_trace(s->file.road, s->p, s->m, q, fixes, kept, NULL, &m);
    fprintf(stderr, "%s: %zu of %zu fixes kept, %u matchings\n", path, kept, n, m.n_groups);
    *ret_matchings += m.n_groups;
    print_match(&m, fixes);
    learn_add(learn, s->file.road, s->p, s->m, q, fixes, &m, utc_offset);
    match_fini(&m);
    free(fixes);
    return 0;
}

static int match_files(const struct session *s, char **paths, int n, const char *learned, int utc_offset,
                       int passages, uint32_t *ret_matchings, struct route_error *err)
{
    struct query *q = query_new(&s->p->graph, &s->p->cch, s->m);
    struct learn *l = learn_new(s->file.road);
    struct text t = {0};
    int rc = 0;

    for (int i = 0; i < n && !rc; i++)
        rc = match_file(s, q, paths[i], utc_offset, l, ret_matchings, err);
    if (!rc && learned) {
        learn_traffic(l, (uint32_t)passages, &t);
        rc = file_write(learned, t.at, t.n, err);
    }
    free(t.at);
    learn_free(l);
    query_free(q);
    return rc;
}

int cmd_match(int argc, char **argv)
{
    struct session s = SESSION_INIT;
    const char *learned = NULL;
    int utc_offset = 28800, passages = 1, n, rc;
    const struct arg table[] = {SESSION_ARGS(s),
                                {"learn", &learned, NULL, NULL},
                                {"passages", NULL, &passages, NULL},
                                {"utc-offset", NULL, &utc_offset, NULL},
                                {0}};
    struct route_error err = {0};
    uint32_t matchings = 0;

    n = args_parse(argc, argv, table, match_usage);
    if (n < 2 || passages < 1 || utc_offset < -86400 || utc_offset > 86400) {
        if (n >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", match_usage);
        return 2;
    }
    if (session_open(&s, argv[1], &err))
        return args_fail("match", &err);
    rc = match_files(&s, argv + 2, n - 1, learned, utc_offset, passages, &matchings, &err);
    session_close(&s);
    if (rc)
        return args_fail("match", &err);
    return matchings ? 0 : 1;
}
