/* An opened road file (.yzr): the network, and for every profile its graph, hierarchy and free-flow
 * metric, all pointing into one block of memory that the caller owns (mapped by road/file.h, or built).
 * Immutable and shareable between threads and processes. Byte order and version are checked, and a
 * checksum over the whole; doc/roads.md describes the layout. */
#ifndef ROUTING_ROAD_ROAD_H
#define ROUTING_ROAD_ROAD_H

#include "routing/road/metric.h"
#include "routing/road/rtree.h"

enum { ROAD_PROFILES_MAX = 16, ROAD_VERSION = 3 };

struct road_profile {
    struct profile *profile;
    struct graph graph;
    struct cch cch;
    struct metric metric; /* free flow, no hour */
};

struct road {
    struct net net;
    struct rtree index; /* over segments */
    size_t n_profiles;
    struct road_profile profiles[ROAD_PROFILES_MAX];
};

/* Borrows data, which must be 8-byte aligned and outlive the road. NULL on error. */
struct road *road_open(const void *data, size_t size, struct route_error *err);
void road_close(struct road *r);

/* The profile of that name, or NULL with the error filled. */
const struct road_profile *road_profile_find(const struct road *r, const char *name, struct route_error *err);

struct road_report {
    struct net_report net;
    size_t n_profiles;
    struct {
        char name[PROFILE_NAME_MAX + 1];
        struct graph_report graph;
        uint32_t links, vertices, arcs, shortcuts, depth;
    } profiles[ROAD_PROFILES_MAX];
};

/* From a map in memory to a road file in memory (*ret, freed by free()). */
int road_import(const void *map, size_t map_size, struct profile *const *profiles, size_t n_profiles,
                void (*progress)(void *arg, const char *step, double share), void *progress_arg, void **ret,
                size_t *ret_size, struct road_report *report, struct route_error *err);

/* A copy of a road file in which one profile's metric is another (traffic, hour): *ret is freed by free(). */
int road_with_metric(const void *data, size_t size, const struct road *r, size_t profile,
                     const struct metric *m, void **ret, struct route_error *err);

/* The bounds of the network. */
struct rtree_box road_bounds(const struct road *r);

#define ROAD_ATTRIBUTION "© OpenStreetMap contributors"

#endif
