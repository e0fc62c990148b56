/* yizhan-streets: spots on the streets of a road file, spread over its area, for laying a city out on it.
 * Every spot can be reached by e-trike and by van. Prints "lat,lon" and a line per spot; the same seed gives
 * the same spots. */
#include "routing/geo/point.h"
#include "routing/road/file.h"
#include "routing/road/road.h"
#include "routing/road/snap.h"

#include <stdio.h>
#include <stdlib.h>

enum { TRIES = 400 };
#define NEAR_ENOUGH 150.0 /* metres from the spot drawn to the street */

struct streets {
    const struct road *road;
    const struct road_profile *trike, *van;
    struct rtree_box box;
    uint64_t state;
};

/* splitmix64 */
static uint64_t draw(struct streets *s)
{
    uint64_t z = s->state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static int32_t draw_between(struct streets *s, int32_t from, int32_t to)
{
    return from + (int32_t)(draw(s) % ((uint64_t)((int64_t)to - from) + 1));
}

static bool on_street(const struct streets *s, const struct road_profile *p, struct geo_point at,
                      struct geo_point *ret)
{
    struct snap_options o = {.radius = NEAR_ENOUGH, .no_parking = true};
    struct place place;

    if (!snap_point(s->road, p, &p->metric, at, &o, &place))
        return false;
    *ret = place.at[0].point;
    return true;
}

static bool draw_spot(struct streets *s, struct geo_point *ret)
{
    for (int i = 0; i < TRIES; i++) {
        struct geo_point p = {draw_between(s, s->box.west, s->box.east),
                              draw_between(s, s->box.south, s->box.north)};
        struct geo_point spot, other;

        if (on_street(s, s->van, p, &spot) && on_street(s, s->trike, spot, &other)) {
            *ret = spot;
            return true;
        }
    }
    return false;
}

static int run(struct streets *s, long n)
{
    puts("lat,lon");
    for (long i = 0; i < n; i++) {
        struct geo_point p;

        if (!draw_spot(s, &p)) {
            fprintf(stderr, "yizhan-streets: the map has no more than %ld spots on streets\n", i);
            return 1;
        }
        printf("%.6f,%.6f\n", geo_lat(p), geo_lon(p));
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct streets s;
    struct road_file file;
    struct route_error err = {0};
    long n = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
    int status = 1;

    if (n < 1 || n > 1000000) {
        fputs("usage: yizhan-streets MAP.yzr NUMBER SEED\n", stderr);
        return 2;
    }
    if (road_file_open(argv[1], &file, &err)) {
        fprintf(stderr, "yizhan-streets: %s\n", err.text);
        return 1;
    }
    s = (struct streets){
        .road = file.road, .box = road_bounds(file.road), .state = strtoull(argv[3], NULL, 10)};
    s.trike = road_profile_find(file.road, "etrike", &err);
    s.van = road_profile_find(file.road, "van", &err);
    if (s.trike && s.van)
        status = run(&s, n);
    else
        fprintf(stderr, "yizhan-streets: %s\n", err.text);
    road_file_close(&file);
    return status;
}
