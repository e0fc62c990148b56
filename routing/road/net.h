/* The road network as drawn: what an OpenStreetMap file says about ways that at least one profile can
 * use, cut into segments at junctions. Profiles have no say beyond that; they judge the tag sets later.
 *
 * A segment lies between two network nodes and runs in its way's drawing direction. A "directed segment"
 * is 2 × segment + (0 along the drawing, 1 against it). Node coordinates are apart from the points in
 * between, so a segment's geometry is from, points[first … next segment's first), to. */
#ifndef ROUTING_ROAD_NET_H
#define ROUTING_ROAD_NET_H

#include "routing/road/intern.h"
#include "routing/road/osm.h"
#include "routing/road/profile.h"

#define NET_NONE UINT32_MAX

struct net_tag {
    uint32_t key, value; /* in strings */
};

struct net_way {
    int64_t osm_id;
    uint32_t name, name_en, ref; /* in strings */
    uint32_t tagset;
    uint32_t dm; /* length of the kept part */
    uint32_t reserved;
};

struct net_node {
    struct geo_point point;
    uint32_t tagset; /* 0: no tag that matters */
};

struct net_segment {
    uint32_t from, to, way;
    uint32_t first_point;
    uint32_t dm; /* length in decimetres, at least 1 */
};

/* A turn restriction as a path of directed segments: from, via ways' segments (if any), to. */
struct net_restriction {
    uint32_t tagset;
    uint32_t first, n; /* in path */
};

struct net {
    struct intern strings;
    struct intern tagset_keys;  /* canonical texts of the tag sets while importing */
    VEC(uint32_t) tagset_first; /* n_tagsets + 1 entries into tags */
    VEC(struct net_tag) tags;
    VEC(struct net_way) ways;
    VEC(struct net_node) nodes;
    VEC(struct net_segment) segments; /* one more at the end, closing first_point */
    VEC(struct geo_point) points;
    VEC(struct net_restriction) restrictions;
    VEC(uint32_t) path;
};

struct net_report {
    uint64_t osm_nodes, osm_ways, osm_relations;
    uint64_t ways, segments, nodes, restrictions;
    uint64_t ways_missing_nodes;   /* cut where the extract has no node */
    uint64_t restrictions_dropped; /* members missing, not joined, or ambiguous */
    uint64_t restrictions_conditional;
};

static inline size_t net_segments(const struct net *n)
{
    return n->segments.n ? n->segments.n - 1 : 0;
}

/* Builds the network. `progress` (may be NULL) gets the share done, 0–1. NULL on error. */
struct net *net_import(const void *data, size_t size, struct profile *const *profiles, size_t n_profiles,
                       void (*progress)(void *arg, double share), void *progress_arg, struct net_report *ret,
                       struct route_error *err);
void net_free(struct net *net);

enum { NET_TAGS_MAX = 64 };
/* Expands a tag set into at most NET_TAGS_MAX tags; returns how many. */
size_t net_tagset(const struct net *net, uint32_t tagset, struct osm_tag *ret);
static inline size_t net_tagsets(const struct net *net)
{
    return net->tagset_first.n - 1;
}

#endif
