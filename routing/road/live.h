/* The metrics in force in a running program. A state is everything that holds under one traffic: per profile
 * a metric without an hour, made at once, and one per hour, made when first asked for (hours that come to the
 * same speeds share one). States are immutable to those who hold them and counted: a query takes the state in
 * force, works, and drops it, while the next one is prepared beside and put in its place in one step.
 *
 * Any thread; only live_put must not run twice at a time. */
#ifndef ROUTING_ROAD_LIVE_H
#define ROUTING_ROAD_LIVE_H

#include "routing/road/road.h"
#include "routing/road/traffic.h"

struct live;
struct live_state;

/* Borrows the road, which must outlive it. `learned` (may be NULL) becomes its own: traffic that always
 * applies, below what live_put says. Without either a metric is the road file's. */
struct live *live_new(const struct road *r, struct traffic *learned);
/* Every state must have been dropped. */
void live_free(struct live *l);
const struct road *live_road(const struct live *l);

/* Customizes all profiles for the traffic (which becomes its own; NULL: none) and puts that in force. */
void live_put(struct live *l, struct traffic *t);

/* The state in force. Metrics live until it is dropped. */
struct live_state *live_take(struct live *l);
void live_drop(struct live_state *s);

/* hour as condition.h counts them, or MATRIX_ANY_HOUR. */
const struct metric *live_metric(struct live_state *s, size_t profile, int hour);

#endif
