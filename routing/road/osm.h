/* Reads OpenStreetMap data from memory: PBF (OSM PBF format 1.0: zlib or raw blobs, dense or plain
 * nodes) and XML (.osm). Every length is checked before it is believed; an error names the byte offset
 * of the blob (PBF) or the line (XML) and what is wrong there. No I/O, no globals; one reader per call. */
#ifndef ROUTING_ROAD_OSM_H
#define ROUTING_ROAD_OSM_H

#include "routing/geo/error.h"
#include "routing/geo/point.h"

#include <stddef.h>
#include <stdint.h>

struct osm_tag {
    const char *key, *value;
};

struct osm_node {
    int64_t id;
    struct geo_point point;
    const struct osm_tag *tags;
    size_t n_tags;
};

struct osm_way {
    int64_t id;
    const int64_t *refs;
    size_t n_refs;
    const struct osm_tag *tags;
    size_t n_tags;
};

enum osm_member_type { OSM_NODE, OSM_WAY, OSM_RELATION };

struct osm_member {
    enum osm_member_type type;
    int64_t ref;
    const char *role;
};

struct osm_relation {
    int64_t id;
    const struct osm_member *members;
    size_t n_members;
    const struct osm_tag *tags;
    size_t n_tags;
};

/* Callbacks may be NULL: what nobody listens to is skipped cheaply. Pointers live for the call only. */
struct osm_sink {
    void *arg;
    void (*node)(void *arg, const struct osm_node *node);
    void (*way)(void *arg, const struct osm_way *way);
    void (*relation)(void *arg, const struct osm_relation *relation);
    void (*progress)(void *arg, size_t done, size_t size); /* bytes */
};

/* Tells PBF from XML by the first bytes. */
int osm_read(const void *data, size_t size, const struct osm_sink *sink, struct route_error *err);
int osm_read_pbf(const void *data, size_t size, const struct osm_sink *sink, struct route_error *err);
int osm_read_xml(const void *data, size_t size, const struct osm_sink *sink, struct route_error *err);

/* The value of a key, or NULL. */
const char *osm_value(const struct osm_tag *tags, size_t n, const char *key);

#endif
