#include "routing/geo/matrix.h"

#include <math.h>
#include <string.h>

const struct matrix_circle_profile matrix_circle_city[] = {
    {"van", 30 / 3.6, 1.4}, {"etrike", 18 / 3.6, 1.35}, {"ebike", 20 / 3.6, 1.3}, {"foot", 4.5 / 3.6, 1.25},
    {NULL, 0, 0},
};

static const struct matrix_circle_profile *find(const struct matrix_circle_profile *p, const char *name)
{
    while (p->name && strcmp(p->name, name))
        p++;
    return p->name ? p : NULL;
}

static int circle_matrix(void *self, const struct matrix_query *q, int32_t *ret_seconds, int32_t *ret_metres,
                         struct route_error *err)
{
    const struct matrix_circle_profile *p = find(self, q->profile);

    if (!p)
        return route_error_set(err, ROUTE_NO_PROFILE, -1, "no profile '%s'", q->profile);
    for (size_t i = 0; i < q->n_from; i++)
        for (size_t j = 0; j < q->n_to; j++) {
            double m = geo_distance(q->from[i], q->to[j]) * p->detour;

            ret_seconds[i * q->n_to + j] = (int32_t)lround(m / p->metres_per_second);
            if (ret_metres)
                ret_metres[i * q->n_to + j] = (int32_t)lround(m);
        }
    return 0;
}

static void circle_free(void *self)
{
    (void)self;
}

static const struct matrix_ops circle_ops = {"circle", circle_matrix, circle_free};

void matrix_circle_init(struct matrix_provider *p, const struct matrix_circle_profile *profiles)
{
    p->ops = &circle_ops;
    p->self = (void *)(uintptr_t)profiles;
}
