/* customize and match: traffic into a road file, and traces into traffic. */
#include "routing/cli/cmd_road.h"
#include "routing/cli/session.h"
#include "routing/road/mem.h"
#include "routing/road/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char customize_usage[] = "customize MAP.yzr OUT.yzr " SESSION_USAGE;
static const char match_usage[] =
    "match MAP.yzr TRACE.csv [--learn OUT.csv] [--utc-offset 28800] " SESSION_USAGE;

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
        return route_error_set(err, ROUTE_OUTSIDE, -1, "%s: cannot open", path);
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

static int match_file(const struct session *s, const char *path, const char *learned, int utc_offset,
                      struct route_error *err)
{
    struct trace_fix *fixes = NULL;
    struct query *q;
    struct match m;
    size_t n = 0, kept;
    int rc = read_trace(path, &fixes, &n, err);

    if (rc) {
        free(fixes);
        return -1;
    }
    kept = trace_clean(fixes, n, NULL);
    q = query_new(&s->p->graph, &s->p->cch, s->m);
    match_trace(s->file.road, s->p, s->m, q, fixes, kept, NULL, &m);
    fprintf(stderr, "%zu of %zu fixes kept, %u matchings\n", kept, n, m.n_groups);
    print_match(&m, fixes);
    if (learned) {
        struct learn *l = learn_new(s->file.road);
        struct text t = {0};

        learn_add(l, s->file.road, s->p, s->m, q, fixes, &m, utc_offset);
        learn_traffic(l, -1, 1, &t);
        rc = file_write(learned, t.at, t.n, err);
        free(t.at);
        learn_free(l);
    }
    match_fini(&m);
    query_free(q);
    free(fixes);
    return rc;
}

int cmd_match(int argc, char **argv)
{
    struct session s = SESSION_INIT;
    const char *learned = NULL;
    int utc_offset = 28800, n, rc;
    const struct arg table[] = {
        SESSION_ARGS(s), {"learn", &learned, NULL, NULL}, {"utc-offset", NULL, &utc_offset, NULL}, {0}};
    struct route_error err = {0};

    n = args_parse(argc, argv, table, match_usage);
    if (n != 2) {
        if (n >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", match_usage);
        return 2;
    }
    if (session_open(&s, argv[1], &err))
        return args_fail("match", &err);
    rc = match_file(&s, argv[2], learned, utc_offset, &err);
    session_close(&s);
    return rc ? args_fail("match", &err) : 0;
}
