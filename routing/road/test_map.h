/* Small maps for tests, written as lines on a plane in metres around 116.6°E 35.4°N:
 *
 *   n NAME X Y [KEY=VALUE …]          a node
 *   w ID NAME NAME … [KEY=VALUE …]    a way; '_' in a value stands for a blank
 *   r ID from=W via=N|W,W to=W [KEY=VALUE …]   a restriction (type=restriction is added); via may be a node's
 * name
 *
 * test_map_new turns them into OSM XML, imports that with the shipped profiles and opens the result. */
#ifndef ROUTING_ROAD_TEST_MAP_H
#define ROUTING_ROAD_TEST_MAP_H

#include "routing/road/query.h"
#include "routing/road/snap.h"

struct test_map {
    struct road *road;
    void *data;
    size_t size;
    struct road_report report;
};

/* The caller frees. */
char *test_map_xml(const char *lines);
void test_map_new(struct test_map *m, const char *lines);
void test_map_free(struct test_map *m);

/* The shipped profile text; the caller frees. */
char *test_profile_text(const char *name, size_t *ret_size);
size_t test_profiles(struct profile *ret[4]);
void test_profiles_free(struct profile *p[4], size_t n);

struct geo_point test_at(double x, double y);

/* The drive from (x1, y1) to (x2, y2): COST_NONE without a way. Points are placed without parking. */
cost test_drive(const struct test_map *m, const char *profile, double x1, double y1, double x2, double y2);
/* The same in metres, rounded; -1 without a way. */
int test_metres(const struct test_map *m, const char *profile, double x1, double y1, double x2, double y2);
int test_ms(const struct test_map *m, const char *profile, double x1, double y1, double x2, double y2);

#endif
