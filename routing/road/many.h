/* Many-to-many: the targets' search spaces are gathered once (Delling, Goldberg & Werneck 2011, RPHAST, on
 * the elimination tree), then each block of sources climbs to the top and sweeps down over that small,
 * cache-sized graph with all its lanes at once. Blocks are independent: run row ranges on any threads. */
#ifndef ROUTING_ROAD_MANY_H
#define ROUTING_ROAD_MANY_H

#include "routing/road/spot.h"

struct many;

/* Prepares for the targets; borrows everything for its lifetime. With metres = false only seconds can be
 * asked for, at half the work. */
struct many *many_new(const struct graph *g, const struct cch *c, const struct metric *m,
                      const struct place *targets, size_t n_targets, bool metres);
void many_free(struct many *m);

/* Rows for sources[0 … n): ret_seconds and ret_metres (NULL unless prepared for) hold n × n_targets
 * entries, MATRIX_UNREACHABLE where there is no way. Thread-safe. */
void many_rows(const struct many *m, const struct place *sources, size_t n, int32_t *ret_seconds,
               int32_t *ret_metres);

/* How many sources share one sweep: row ranges that are multiples of it waste nothing. */
size_t many_block(const struct many *m);

#endif
