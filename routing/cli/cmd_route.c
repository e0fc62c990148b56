/* route, osrm and tile: single answers on stdout. */
#include "routing/cli/cmd_road.h"
#include "routing/cli/session.h"
#include "routing/road/mem.h"
#include "routing/road/osrm.h"
#include "routing/road/route.h"
#include "routing/road/tile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "route MAP.yzr LON,LAT LON,LAT … " SESSION_USAGE " [--lang zh|en] [--geojson]";

static void print_steps(const struct road *r, const struct route *route, enum route_language language)
{
    struct text t = {0};

    for (size_t i = 0; i < route->steps.n; i++) {
        const struct route_step *s = &route->steps.at[i];

        text_add(&t, "%7u m %6u s  ", (s->dm + 5) / 10, (s->ms + 500) / 1000);
        route_step_text(r, s, language, &t);
        text_add(&t, "\n");
    }
    if (route->to.parked)
        text_add(&t,
                 language == ROUTE_ZH ? "停在 %.6f,%.6f，步行 %u 米\n" : "Park at %.6f,%.6f and walk %u m\n",
                 geo_lon(route->to.gate), geo_lat(route->to.gate), cost_dm(route->to.walk) / 10);
    text_add(&t, language == ROUTE_ZH ? "合计 %u 米，%u 秒\n" : "Total %u m, %u s\n",
             (cost_dm(route->total) + 5) / 10, (cost_ms(route->total) + 500) / 1000);
    fputs(t.at, stdout);
    free(t.at);
}

static void print_geojson(const struct route *route)
{
    printf("{\"type\":\"Feature\",\"properties\":{\"seconds\":%u,\"metres\":%u},\"geometry\":{\"type\":"
           "\"LineString\",\"coordinates\":[",
           (cost_ms(route->total) + 500) / 1000, (cost_dm(route->total) + 5) / 10);
    for (size_t i = 0; i < route->points.n; i++)
        printf("%s[%.6f,%.6f]", i ? "," : "", geo_lon(route->points.at[i]), geo_lat(route->points.at[i]));
    puts("]}}");
}

static int one_leg(const struct session *s, struct query *q, struct geo_point a, struct geo_point b,
                   enum route_language language, bool geojson, struct route_error *err)
{
    struct place from, to;
    struct route route;

    snap_point(s->file.road, s->p, s->m, a, NULL, &from);
    snap_point(s->file.road, s->p, s->m, b, NULL, &to);
    if (route_find(s->file.road, s->p, s->m, q, &from, &to, &route, err))
        return -1;
    if (geojson)
        print_geojson(&route);
    else
        print_steps(s->file.road, &route, language);
    route_fini(&route);
    return 0;
}

int cmd_route(int argc, char **argv)
{
    struct session s = SESSION_INIT;
    const char *lang = "zh";
    bool geojson = false;
    const struct arg table[] = {
        SESSION_ARGS(s), {"lang", &lang, NULL, NULL}, {"geojson", NULL, NULL, &geojson}, {0}};
    struct route_error err = {0};
    struct geo_point p[2];
    struct query *q;
    int n = args_parse(argc, argv, table, usage), rc = 0;

    if (n < 3) {
        if (n >= 0)
            fprintf(stderr, "usage: yizhan-route %s\n", usage);
        return 2;
    }
    if (session_open(&s, argv[1], &err))
        return args_fail("route", &err);
    q = query_new(&s.p->graph, &s.p->cch, s.m);
    for (int i = 2; i < n && !rc; i++) {
        if (!args_point(argv[i], &p[0]) || !args_point(argv[i + 1], &p[1]))
            rc = route_error_set(&err, ROUTE_BAD_INPUT, -1, "'%s' or '%s' is not LON,LAT", argv[i],
                                 argv[i + 1]);
        else
            rc = one_leg(&s, q, p[0], p[1], strcmp(lang, "en") ? ROUTE_ZH : ROUTE_EN, geojson, &err);
    }
    query_free(q);
    session_close(&s);
    if (rc && err.code == ROUTE_NO_ROUTE) {
        args_fail("route", &err);
        return 1;
    }
    return rc ? args_fail("route", &err) : 0;
}

int cmd_osrm(int argc, char **argv)
{
    struct route_error err = {0};
    struct road_file f;
    struct text t = {0};
    struct osrm *o;
    int status;

    if (argc != 3) {
        fputs("usage: yizhan-route osrm MAP.yzr '/route/v1/driving/LON,LAT;LON,LAT?steps=true'\n", stderr);
        return 2;
    }
    if (road_file_open(argv[1], &f, &err))
        return args_fail("osrm", &err);
    o = osrm_new(f.road);
    status = osrm_answer(o, argv[2], &t);
    puts(t.at);
    osrm_free(o);
    free(t.at);
    road_file_close(&f);
    return status == 200 ? 0 : 1;
}

int cmd_tile(int argc, char **argv)
{
    struct route_error err = {0};
    struct road_file f;
    struct text t = {0};
    bool good;

    if (argc != 5) {
        fputs("usage: yizhan-route tile MAP.yzr Z X Y > TILE.mvt\n", stderr);
        return 2;
    }
    if (road_file_open(argv[1], &f, &err))
        return args_fail("tile", &err);
    good = tile_draw(f.road, atoi(argv[2]), (uint32_t)strtoul(argv[3], NULL, 10),
                     (uint32_t)strtoul(argv[4], NULL, 10), &t);
    if (!good)
        fprintf(stderr, "yizhan-route tile: there is no tile %s/%s/%s\n", argv[2], argv[3], argv[4]);
    else if (t.n)
        fwrite(t.at, 1, t.n, stdout);
    free(t.at);
    road_file_close(&f);
    return good ? 0 : 2;
}
