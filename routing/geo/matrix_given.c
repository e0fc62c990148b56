#include "routing/geo/matrix.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    struct geo_point point;
    uint32_t row;
};

struct given {
    size_t n;
    struct entry *by_point; /* sorted by coordinates, then row */
    int32_t *seconds, *metres;
};

static int compare_point(struct geo_point a, struct geo_point b)
{
    if (a.lon != b.lon)
        return a.lon < b.lon ? -1 : 1;
    return a.lat == b.lat ? 0 : a.lat < b.lat ? -1 : 1;
}

static int compare_entry(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int c = compare_point(x->point, y->point);

    return c ? c : x->row < y->row ? -1 : 1;
}

static int64_t row_of(const struct given *g, struct geo_point p)
{
    size_t lo = 0, hi = g->n;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (compare_point(g->by_point[mid].point, p) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < g->n && !compare_point(g->by_point[lo].point, p) ? (int64_t)g->by_point[lo].row : -1;
}

static int rows_of(const struct given *g, const struct geo_point *points, size_t n, uint32_t *ret,
                   const char *side, struct route_error *err)
{
    for (size_t i = 0; i < n; i++) {
        int64_t row = row_of(g, points[i]);

        if (row < 0)
            return route_error_set(err, ROUTE_NOT_ON_ROAD, -1,
                                   "%s point %zu (%.7f,%.7f) is not in the matrix", side, i,
                                   geo_lon(points[i]), geo_lat(points[i]));
        ret[i] = (uint32_t)row;
    }
    return 0;
}

static void copy_cells(const struct given *g, const struct matrix_query *q, const uint32_t *rows,
                       int32_t *ret_seconds, int32_t *ret_metres)
{
    const uint32_t *columns = rows + q->n_from;

    for (size_t i = 0; i < q->n_from; i++)
        for (size_t j = 0; j < q->n_to; j++) {
            size_t cell = (size_t)rows[i] * g->n + columns[j];

            ret_seconds[i * q->n_to + j] = g->seconds[cell];
            if (ret_metres)
                ret_metres[i * q->n_to + j] = g->metres ? g->metres[cell] : 0;
        }
}

static int given_matrix(void *self, const struct matrix_query *q, int32_t *ret_seconds, int32_t *ret_metres,
                        struct route_error *err)
{
    const struct given *g = self;
    uint32_t *rows = calloc(q->n_from + q->n_to + 1, sizeof *rows);
    int rc = -1;

    if (!rows)
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "out of memory");
    if (!rows_of(g, q->from, q->n_from, rows, "from", err) &&
        !rows_of(g, q->to, q->n_to, rows + q->n_from, "to", err)) {
        copy_cells(g, q, rows, ret_seconds, ret_metres);
        rc = 0;
    }
    free(rows);
    return rc;
}

static void given_free(void *self)
{
    struct given *g = self;

    free(g->by_point);
    free(g->seconds);
    free(g->metres);
    free(g);
}

static const struct matrix_ops given_ops = {"given", given_matrix, given_free};

static int32_t *copy_table(const int32_t *table, size_t n)
{
    int32_t *copy = malloc((n * n + 1) * sizeof *copy);

    if (copy)
        memcpy(copy, table, n * n * sizeof *copy);
    return copy;
}

int matrix_given_init(struct matrix_provider *p, const struct geo_point *points, size_t n,
                      const int32_t *seconds, const int32_t *metres, struct route_error *err)
{
    struct given *g;

    if (n > MATRIX_POINTS_MAX)
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "%zu points; the most is %d", n, MATRIX_POINTS_MAX);
    g = calloc(1, sizeof *g);
    if (!g)
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "out of memory");
    g->n = n;
    g->by_point = calloc(n + 1, sizeof *g->by_point);
    g->seconds = copy_table(seconds, n);
    g->metres = metres ? copy_table(metres, n) : NULL;
    if (!g->by_point || !g->seconds || (metres && !g->metres)) {
        given_free(g);
        return route_error_set(err, ROUTE_TOO_LARGE, -1, "out of memory for a matrix of %zu points", n);
    }
    for (size_t i = 0; i < n; i++)
        g->by_point[i] = (struct entry){points[i], (uint32_t)i};
    qsort(g->by_point, n, sizeof *g->by_point, compare_entry);
    p->ops = &given_ops;
    p->self = g;
    return 0;
}
