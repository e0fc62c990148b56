/* A packed spatial index over segments: items sorted along a Hilbert curve, boxes of eight, boxes of
 * eight boxes, … Arrays are owned (rtree_new) or point into a mapped road file. */
#ifndef ROUTING_ROAD_RTREE_H
#define ROUTING_ROAD_RTREE_H

#include "routing/geo/point.h"

#include <stdbool.h>
#include <stdint.h>

struct rtree_box {
    int32_t west, south, east, north;
};

struct rtree {
    uint32_t n_items, n_boxes;
    uint32_t *items;
    struct rtree_box *boxes; /* level by level from the leaves; the last one is the root */
};

/* Copies the n boxes; item i is box i. */
struct rtree *rtree_new(const struct rtree_box *boxes, uint32_t n);
void rtree_free(struct rtree *t);
/* How many boxes an index of n items has. */
uint32_t rtree_box_count(uint32_t n);

/* Visits items from the nearest on. `distance` gives an item's true distance in metres (at most its
 * box's is further away never holds); `found` gets items in order of distance and returns false to stop.
 * Items beyond `radius` metres are not visited. */
struct rtree_visitor {
    void *arg;
    double (*distance)(void *arg, uint32_t item);
    bool (*found)(void *arg, uint32_t item, double metres);
};
void rtree_nearest(const struct rtree *t, struct geo_point p, double radius, const struct rtree_visitor *v);

/* Calls `found` for every item whose leaf box meets the window. */
void rtree_window(const struct rtree *t, const struct rtree_box *window,
                  void (*found)(void *arg, uint32_t item), void *arg);

#endif
