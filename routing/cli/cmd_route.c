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

/* So that the lines add up to the total. */
static void print_walk(struct text *t, cost walk, const char *words)
{
    if (cost_ms(walk) >= 500)
        text_add(t, "%7u m %6u s  %s\n", (cost_dm(walk) + 5) / 10, (cost_ms(walk) + 500) / 1000, words);
}

static void print_steps(const struct road *r, const struct route *route, enum route_language language)
{
    struct text t = {0};

    print_walk(&t, route->from.walk, language == ROUTE_ZH ? "步行到路边" : "Walk to the road");
    for (size_t i = 0; i < route->steps.n; i++) {
        const struct route_step *s = &route->steps.at[i];

        text_add(&t, "%7u m %6u s  ", (s->dm + 5) / 10, (s->ms + 500) / 1000);
        route_step_text(r, s, language, &t);
        text_add(&t, "\n");
    }
    if (route->to.parked)
        text_add(&t, language == ROUTE_ZH ? "停在 %.6f,%.6f\n" : "Park at %.6f,%.6f\n",
                 geo_lon(route->to.gate), geo_lat(route->to.gate));
    print_walk(&t, route->to.walk, language == ROUTE_ZH ? "步行到门口" : "Walk to the door");
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

    if (n >= 3 && strcmp(lang, "zh") && strcmp(lang, "en")) {
        route_error_set(&err, ROUTE_BAD_INPUT, -1, "--lang %s: must be zh or en", lang);
        return args_fail("route", &err);
    }
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
            rc = route_error_set(&err, ROUTE_BAD_INPUT, -1, "'%s' is not LON,LAT in degrees",
                                 argv[i + args_point(argv[i], &p[0])]);
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

static bool tile_number(const char *s, uint32_t *ret)
{
    char *end;
    unsigned long v = strtoul(s, &end, 10);

    *ret = (uint32_t)v;
    return *s >= '0' && *s <= '9' && !*end && v < 1UL << 30;
}

int cmd_tile(int argc, char **argv)
{
    uint32_t zxy[3];
    struct route_error err = {0};
    struct road_file f;
    struct text t = {0};
    bool good;

    if (argc != 5 || !tile_number(argv[2], &zxy[0]) || !tile_number(argv[3], &zxy[1]) ||
        !tile_number(argv[4], &zxy[2])) {
        fputs("usage: yizhan-route tile MAP.yzr Z X Y > TILE.mvt\n", stderr);
        return 2;
    }
    if (road_file_open(argv[1], &f, &err))
        return args_fail("tile", &err);
    good = tile_draw(f.road, (int)zxy[0], zxy[1], zxy[2], &t);
    if (!good)
        fprintf(stderr, "yizhan-route tile: there is no tile %s/%s/%s\n", argv[2], argv[3], argv[4]);
    else if (t.n)
        fwrite(t.at, 1, t.n, stdout);
    free(t.at);
    road_file_close(&f);
    return good ? 0 : 2;
}
