/* Inner side of net_import, shared by import.c (ways, nodes, segments) and import_turns.c (restrictions). */
#ifndef ROUTING_ROAD_IMPORT_H
#define ROUTING_ROAD_IMPORT_H

#include "routing/road/net.h"

struct raw_way {
    uint32_t way;     /* in net.ways */
    size_t first_ref; /* in refs; ends where the next one begins */
};

struct raw_restriction {
    int64_t osm_id;
    uint32_t tagset;
    int64_t from, to; /* way ids */
    int64_t via_node; /* or 0 with via ways */
    size_t first_via, n_via;
    bool broken;
};

struct node_slot {
    struct geo_point point;
    uint32_t tagset;
    uint32_t node; /* in net.nodes, or NET_NONE */
    uint32_t uses;
    bool present;
};

struct import {
    struct net *net;
    struct profile *const *profiles;
    size_t n_profiles;
    VEC(int64_t) refs;
    VEC(struct raw_way) ways;
    VEC(struct raw_restriction) turns;
    VEC(int64_t) vias;
    int64_t *ids; /* sorted, unique node ids that the ways use */
    struct node_slot *slots;
    size_t n_ids, hint;
    uint8_t *tagset_usable; /* 0 unknown, 1 no, 2 yes */
    size_t tagset_cap;
    VEC(uint32_t) way_segment; /* first segment of each raw way, one more at the end */
    struct net_report *report;
    void (*progress)(void *arg, double share);
    void *progress_arg;
    double progress_base;
};

uint32_t import_tagset(struct import *m, const struct osm_tag *tags, size_t n);
/* Index of a node id in ids, or SIZE_MAX. */
size_t import_find_id(struct import *m, int64_t id);
void import_relation(void *arg, const struct osm_relation *r);
void import_resolve_turns(struct import *m);

#endif
