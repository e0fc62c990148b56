/* The container of a road file: a header, a table of sections, and sections aligned to 64 bytes. */
#ifndef ROUTING_ROAD_STORE_H
#define ROUTING_ROAD_STORE_H

#include "routing/geo/error.h"
#include "routing/road/mem.h"

#include <stdint.h>

struct store_section {
    uint32_t tag, index; /* what it is, and of which profile */
    uint64_t offset, bytes;
    uint32_t element, reserved; /* element size */
};

struct store_writer {
    VEC(struct store_section) sections;
    struct text body;
};

void store_add(struct store_writer *w, uint32_t tag, uint32_t index, const void *at, size_t n,
               uint32_t element);
/* Puts header, table and body together; frees the writer's own memory. */
void *store_finish(struct store_writer *w, uint32_t version, size_t *ret_size);

struct store {
    const uint8_t *data;
    size_t size;
    const struct store_section *sections;
    uint32_t n;
};

/* Checks magic, byte order, version, size, checksum and that every section lies within the file. */
int store_open(struct store *s, const void *data, size_t size, uint32_t version, struct route_error *err);
/* The section's elements and count; -1 with an error if it is missing or has another element size. */
int store_get(const struct store *s, uint32_t tag, uint32_t index, uint32_t element, const void **ret,
              size_t *ret_n, struct route_error *err);

/* Overwrites a section of a private copy of a store's data with as many bytes; store_seal then renews the
 * checksum. -1 if the section is missing or of another size. */
int store_replace(void *data, size_t size, uint32_t tag, uint32_t index, const void *at, size_t bytes);
void store_seal(void *data, size_t size);

/* The checksum of an opened file: names its contents, for caches. */
uint64_t store_checksum(const void *data);

#endif
