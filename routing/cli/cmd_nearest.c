/* nearest and isochrone. */
#include "routing/cli/cmd_road.h"
#include "routing/cli/session.h"
#include "routing/road/mem.h"
#include "routing/road/reach.h"
#include "routing/road/route.h"

#include <stdio.h>
#include <stdlib.h>

static const char nearest_usage[] =
    "nearest MAP.yzr LON,LAT [--points POINTS.csv] [--number 5] " SESSION_USAGE;
static const char isochrone_usage[] = "isochrone MAP.yzr LON,LAT --seconds S [--walk METRES] " SESSION_USAGE;

/* How many there are. */
static size_t nearest_roads(const struct session *s, struct geo_point p, int number)
{
    struct placement found[64];
    struct snap_options o = {.islands = true};
    size_t n = snap_candidates(s->file.road, s->p, s->m, p, &o, found, number < 64 ? (size_t)number : 64);

    puts("segment,direction,lon,lat,metres,way,name");
    for (size_t i = 0; i < n; i++) {
        const struct net *net = &s->file.road->net;
        uint32_t way = net->segments.at[found[i].segment].way;
        bool against = (found[i].dlink ^ s->p->graph.segment_dlink[found[i].segment]) & 1;

        printf("%u,%s,%.7f,%.7f,%.1f,%lld,\"%s\"\n", found[i].segment, against ? "backward" : "forward",
               geo_lon(found[i].point), geo_lat(found[i].point), cost_dm(found[i].walk) / 10.0,
               (long long)net->ways.at[way].osm_id, route_way_name(s->file.road, way, ROUTE_ZH));
    }
    return n;
}

static int nearest_points(const struct session *s, struct geo_point p, const char *path, int number,
                          size_t *ret_found, struct route_error *err)
{
    struct reach_near *near = MEM_NEW(struct reach_near, (size_t)number);
    struct geo_point *points;
    struct place from, *places;
    size_t n, found;

    if (args_points(path, &points, &n, err)) {
        free(near);
        return -1;
    }
    places = MEM_NEW(struct place, n);
    for (size_t i = 0; i < n; i++)
        snap_point(s->file.road, s->p, s->m, points[i], NULL, &places[i]);
    snap_point(s->file.road, s->p, s->m, p, NULL, &from);
    found = reach_nearest(s->p, s->m, &from, places, n, (size_t)number, near);
    puts("point,seconds,metres");
    for (size_t i = 0; i < found; i++)
        printf("%u,%u,%u\n", near[i].place, (cost_ms(near[i].cost) + 500) / 1000,
               (cost_dm(near[i].cost) + 5) / 10);
    *ret_found = found;
    free(near);
    free(points);
    free(places);
    return 0;
}

int cmd_nearest(int argc, char **argv)
{
    struct session s = SESSION_INIT;
    const char *points = NULL;
    int number = 5, n, rc = 0;
    const struct arg table[] = {
        SESSION_ARGS(s), {"points", &points, NULL, NULL}, {"number", NULL, &number, NULL}, {0}};
    struct route_error err = {0};
    struct geo_point p;
    size_t found = 0;

    n = args_parse(argc, argv, table, nearest_usage);
    if (n != 2 || !args_point(argv[2], &p) || number < 1 || number > 1000000) {
        if (n >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", nearest_usage);
        return 2;
    }
    if (session_open(&s, argv[1], &err))
        return args_fail("nearest", &err);
    if (points)
        rc = nearest_points(&s, p, points, number, &found, &err);
    else
        found = nearest_roads(&s, p, number);
    session_close(&s);
    if (rc)
        return args_fail("nearest", &err);
    if (!found)
        fprintf(stderr, "yizhan-route nearest: nothing is in reach of %s\n", argv[2]);
    return found ? 0 : 1;
}

int cmd_isochrone(int argc, char **argv)
{
    struct session s = SESSION_INIT;
    int seconds = 0, walk = 60, n;
    const struct arg table[] = {
        SESSION_ARGS(s), {"seconds", NULL, &seconds, NULL}, {"walk", NULL, &walk, NULL}, {0}};
    struct route_error err = {0};
    struct reach_area area;
    struct text t = {0};
    struct geo_point p;
    struct place from;

    n = args_parse(argc, argv, table, isochrone_usage);
    if (n != 2 || !args_point(argv[2], &p) || seconds < 1 || seconds > 86400 || walk < 0 || walk > 1000) {
        if (n >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", isochrone_usage);
        return 2;
    }
    if (session_open(&s, argv[1], &err))
        return args_fail("isochrone", &err);
    if (!snap_point(s.file.road, s.p, s.m, p, NULL, &from)) {
        session_close(&s);
        route_error_set(&err, ROUTE_NOT_ON_ROAD, -1, "%s is not in reach of a road", argv[2]);
        return args_fail("isochrone", &err);
    }
    reach_isochrone(s.file.road, s.p, s.m, &from, (uint32_t)seconds * 1000, walk, &area);
    reach_area_json(&area, (uint32_t)seconds * 1000, &t);
    puts(t.at);
    free(t.at);
    reach_area_fini(&area);
    session_close(&s);
    return 0;
}
