/* yizhan-streets: spots on the streets of a road file, spread over its area, for laying a city out on it.
 * Every spot can be reached from every other, by e-trike and by van: what stands on an island of the network
 * is left out. Prints "lat,lon" and a line per spot; the same seed gives
 * the same spots. */
#include "routing/geo/point.h"
#include "routing/road/file.h"
#include "routing/road/provider.h"
#include "routing/road/road.h"
#include "routing/road/snap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 400, BLOCK = 64 };
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

/* Which of the n spots go to `base` and back, by both vehicles. */
static int reaching(const struct matrix_provider *travel, struct geo_point base,
                    const struct geo_point *spots, size_t n, bool *ret_reach, struct route_error *err)
{
    static const char *const vehicles[] = {"van", "etrike"};
    int32_t there[BLOCK], back[BLOCK];

    memset(ret_reach, true, n);
    for (size_t v = 0; v < sizeof vehicles / sizeof vehicles[0]; v++) {
        struct matrix_query out = {&base, 1, spots, n, vehicles[v], MATRIX_ANY_HOUR};
        struct matrix_query in = {spots, n, &base, 1, vehicles[v], MATRIX_ANY_HOUR};

        if (matrix_get(travel, &out, there, NULL, err) || matrix_get(travel, &in, back, NULL, err))
            return -1;
        for (size_t i = 0; i < n; i++)
            ret_reach[i] &= there[i] != MATRIX_UNREACHABLE && back[i] != MATRIX_UNREACHABLE;
    }
    return 0;
}

static size_t draw_block(struct streets *s, struct geo_point spots[BLOCK])
{
    size_t n = 0;

    while (n < BLOCK && draw_spot(s, &spots[n]))
        n++;
    return n;
}

/* Of a block, the spot that reaches most others. */
static int draw_base(struct streets *s, const struct matrix_provider *travel, struct geo_point *ret,
                     struct route_error *err)
{
    struct geo_point spots[BLOCK];
    size_t n = draw_block(s, spots), most = 0;
    bool reach[BLOCK];

    for (size_t b = 0; b < n; b++) {
        size_t reached = 0;

        if (reaching(travel, spots[b], spots, n, reach, err))
            return -1;
        for (size_t i = 0; i < n; i++)
            reached += reach[i];
        if (reached > most) {
            most = reached;
            *ret = spots[b];
        }
    }
    return 0;
}

static int run(struct streets *s, const struct matrix_provider *travel, long n, struct route_error *err)
{
    struct geo_point base, spots[BLOCK];
    bool reach[BLOCK];
    long found = 0, drawn = 0;

    if (draw_base(s, travel, &base, err))
        return -1;
    puts("lat,lon");
    while (found < n) {
        size_t got = draw_block(s, spots);

        drawn += (long)got;
        if (!got || drawn > n * TRIES) {
            snprintf(err->text, sizeof err->text, "the map has no more than %ld spots on streets", found);
            return -1;
        }
        if (reaching(travel, base, spots, got, reach, err))
            return -1;
        for (size_t i = 0; i < got && found < n; i++)
            if (reach[i]) {
                printf("%.6f,%.6f\n", geo_lat(spots[i]), geo_lon(spots[i]));
                found++;
            }
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
    if (s.trike && s.van) {
        struct matrix_provider travel;

        matrix_road_init(&travel, file.road, 1);
        status = run(&s, &travel, n, &err) ? 1 : 0;
        matrix_free(&travel);
    }
    if (status)
        fprintf(stderr, "yizhan-streets: %s\n", err.text);
    road_file_close(&file);
    return status;
}
