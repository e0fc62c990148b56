/* A matrix provider answers: how many seconds and metres from each of n points to each of m points,
 * for a travel profile and an hour of the day? The planner asks this interface only, never a road
 * graph, so that a site without a map (great circle), with a map (road file), with another engine's
 * server or with a matrix of its own plans through the same code.
 *
 * Ownership: a provider is made by its own x_new function and freed by matrix_free. Threads: `matrix`
 * may be called from several threads at once unless the provider's maker says otherwise. */
#ifndef ROUTING_GEO_MATRIX_H
#define ROUTING_GEO_MATRIX_H

#include "routing/geo/error.h"
#include "routing/geo/point.h"

#include <stddef.h>
#include <stdint.h>

#define MATRIX_UNREACHABLE INT32_MAX /* in both tables: no legal way */
enum { MATRIX_ANY_HOUR = -1, MATRIX_POINTS_MAX = 65536 };

struct matrix_query {
    const struct geo_point *from;
    size_t n_from;
    const struct geo_point *to;
    size_t n_to;
    const char *profile; /* "van", "etrike", "ebike", "foot", … */
    int hour; /* 0–23: local hour of a working day whose traffic applies; 24 + 24 × weekday + hour:
                 of that day, Monday 0; or MATRIX_ANY_HOUR */
};

/* That hour of the week for a moment in unix µs, at a place so many seconds ahead of UTC; MATRIX_ANY_HOUR for
 * one before 1970. */
static inline int matrix_hour_at(int64_t unix_us, int32_t ahead_s)
{
    enum { THURSDAY = 3 }; /* 1970-01-01 */
    int64_t hour = (unix_us / 1000000 + ahead_s) / 3600, weekday = (hour / 24 + THURSDAY) % 7;
    return unix_us < 0 ? MATRIX_ANY_HOUR : (int)(24 + weekday * 24 + hour % 24);
}

struct matrix_ops {
    const char *name; /* "circle", "given", "road", … */
    /* Fills row-major n_from × n_to tables. ret_metres may be NULL. Both are untouched on failure. A
     * point that cannot be placed on the network makes its row and column MATRIX_UNREACHABLE. */
    int (*matrix)(void *self, const struct matrix_query *q, int32_t *ret_seconds, int32_t *ret_metres,
                  struct route_error *err);
    void (*free)(void *self);
};

struct matrix_provider {
    const struct matrix_ops *ops;
    void *self;
};

static inline int matrix_get(const struct matrix_provider *p, const struct matrix_query *q,
                             int32_t *ret_seconds, int32_t *ret_metres, struct route_error *err)
{
    return p->ops->matrix(p->self, q, ret_seconds, ret_metres, err);
}

static inline void matrix_free(struct matrix_provider *p)
{
    if (p->ops)
        p->ops->free(p->self);
    p->ops = NULL;
    p->self = NULL;
}

/* --- great circle × detour factor, a speed per profile --- */

struct matrix_circle_profile {
    const char *name;
    double metres_per_second;
    double detour; /* road length ÷ great circle, 1.2–1.6 in cities */
};

/* The defaults for cities: van, etrike, ebike, foot. Ends with a NULL name. */
extern const struct matrix_circle_profile matrix_circle_city[];

/* Borrows `profiles` (NULL-name terminated), which must outlive the provider. */
void matrix_circle_init(struct matrix_provider *p, const struct matrix_circle_profile *profiles);

/* --- a given matrix --- */

/* Copies n × n tables over the given points; metres may be NULL (then answered as 0). A query names
 * points by their coordinates; a point that is not in `points` is ROUTE_NOT_ON_ROAD. When two points
 * coincide the first one's row answers. Every profile and hour gets the same table. */
int matrix_given_init(struct matrix_provider *p, const struct geo_point *points, size_t n,
                      const int32_t *seconds, const int32_t *metres, struct route_error *err);

#endif
