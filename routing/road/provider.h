/* The road file as matrix provider (routing/geo/matrix.h), with threads. */
#ifndef ROUTING_ROAD_PROVIDER_H
#define ROUTING_ROAD_PROVIDER_H

#include "routing/geo/matrix.h"
#include "routing/road/live.h"
#include "routing/road/snap.h"

enum { ROAD_THREADS_MAX = 64 };

/* Borrows the road, which must outlive the provider. `threads` ≥ 1 share the rows of one call; the
 * provider itself may be called from any thread. Hour metrics are customized on first use and kept. */
void matrix_road_init(struct matrix_provider *p, const struct road *road, int threads);
/* The same over the metrics in force at each call; borrows. */
void matrix_live_init(struct matrix_provider *p, struct live *l, int threads);

/* As the provider, for points already placed and a given metric. ret_metres may be NULL. */
void road_matrix(const struct road_profile *p, const struct metric *m, const struct place *from,
                 size_t n_from, const struct place *to, size_t n_to, int threads, int32_t *ret_seconds,
                 int32_t *ret_metres);

#endif
