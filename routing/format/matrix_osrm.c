#include "routing/format/matrix_osrm.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATE_BYTES = 32, INDEX_BYTES = 8 };

struct provider {
    struct matrix_osrm_options o;
    char url[MATRIX_OSRM_URL_MAX];
};

/* A rectangle of the matrix, and where it goes. */
struct block {
    const struct matrix_query *q;
    size_t from, n_from, to, n_to;
    int32_t *seconds, *metres; /* whole tables; metres may be NULL */
};

static char *add_points(char *at, const struct geo_point *p, size_t n, bool first)
{
    for (size_t i = 0; i < n; i++)
        at += sprintf(at, "%s%.7f,%.7f", i || !first ? ";" : "", geo_lon(p[i]), geo_lat(p[i]));
    return at;
}

static char *add_indices(char *at, const char *name, size_t first, size_t n)
{
    at += sprintf(at, "&%s=", name);
    for (size_t i = 0; i < n; i++)
        at += sprintf(at, "%s%zu", i ? ";" : "", first + i);
    return at;
}

static char *url_of(const struct provider *x, const struct block *b)
{
    size_t n = b->n_from + b->n_to;
    char *url = malloc(strlen(x->url) + 128 + n * (COORDINATE_BYTES + INDEX_BYTES)), *at = url;

    if (!url)
        return NULL;
    at += sprintf(at, "%s/table/v1/%.31s/", x->url, b->q->profile);
    at = add_points(at, b->q->from + b->from, b->n_from, true);
    at = add_points(at, b->q->to + b->to, b->n_to, false);
    at += sprintf(at, "?annotations=%s", b->metres ? "duration,distance" : "duration");
    at = add_indices(at, "sources", 0, b->n_from);
    add_indices(at, "destinations", b->n_from, b->n_to);
    return url;
}

/* --- the answer --- */

static int cell(const json_t *v, int32_t *ret)
{
    double d = json_number_value(v);

    if (json_is_null(v))
        *ret = MATRIX_UNREACHABLE;
    else if (!json_is_number(v) || !(d >= 0 && d < 1e9))
        return -1;
    else
        *ret = (int32_t)lround(d);
    return 0;
}

static int take_table(const struct block *b, const json_t *answer, const char *name, int32_t *table,
                      struct route_error *err)
{
    const json_t *rows = json_object_get(answer, name);

    if (json_array_size(rows) != b->n_from)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "its %s are %zu rows instead of %zu", name,
                               json_array_size(rows), b->n_from);
    for (size_t i = 0; i < b->n_from; i++) {
        const json_t *row = json_array_get(rows, i);
        int32_t *at = table + (b->from + i) * b->q->n_to + b->to;

        if (json_array_size(row) != b->n_to)
            return route_error_set(err, ROUTE_OUTSIDE, -1, "row %zu of its %s has %zu cells instead of %zu",
                                   i, name, json_array_size(row), b->n_to);
        for (size_t k = 0; k < b->n_to; k++)
            if (cell(json_array_get(row, k), &at[k]))
                return route_error_set(err, ROUTE_OUTSIDE, -1, "cell %zu,%zu of its %s is no number", i, k,
                                       name);
    }
    return 0;
}

static int take_answer(const struct block *b, const char *text, size_t n, struct route_error *err)
{
    json_error_t why;
    json_t *answer = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
    const char *code = json_string_value(json_object_get(answer, "code"));
    const char *message = json_string_value(json_object_get(answer, "message"));
    int rc;

    if (!answer)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "its answer is no JSON (byte %d: %.80s)", why.position,
                               why.text);
    if (!code || strcmp(code, "Ok") != 0)
        rc = route_error_set(err, code && !strcmp(code, "NoSegment") ? ROUTE_NOT_ON_ROAD : ROUTE_OUTSIDE, -1,
                             "it says %.40s: %.100s", code ? code : "nothing of OSRM's",
                             message ? message : "");
    else {
        rc = take_table(b, answer, "durations", b->seconds, err);
        if (!rc && b->metres)
            rc = take_table(b, answer, "distances", b->metres, err);
    }
    json_decref(answer);
    return rc;
}

/* --- the provider --- */

static void name_server(const struct provider *x, const struct block *b, struct route_error *err)
{
    char text[ROUTE_ERROR_TEXT_MAX];

    if (!err)
        return;
    snprintf(text, sizeof text, "%s", err->text);
    route_error_set(err, err->code, err->offset, "%.80s, points %zu–%zu to %zu–%zu: %.110s", x->url, b->from,
                    b->from + b->n_from - 1, b->to, b->to + b->n_to - 1, text);
}

static int ask(const struct provider *x, const struct block *b, struct route_error *err)
{
    char *url = url_of(x, b), *body = NULL;
    size_t n = 0;
    int rc;

    if (!url)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "out of memory");
    rc = x->o.get(x->o.arg, url, &body, &n, err);
    if (!rc && (rc = take_answer(b, body, n, err)))
        name_server(x, b, err);
    free(url);
    free(body);
    return rc;
}

static int ask_all(const struct provider *x, struct block *b, struct route_error *err)
{
    const struct matrix_query *q = b->q;
    size_t side = (size_t)x->o.coordinates / 2;

    for (b->from = 0; b->from < q->n_from; b->from += side)
        for (b->to = 0; b->to < q->n_to; b->to += side) {
            b->n_from = q->n_from - b->from < side ? q->n_from - b->from : side;
            b->n_to = q->n_to - b->to < side ? q->n_to - b->to : side;
            if (ask(x, b, err))
                return -1;
        }
    return 0;
}

static int provider_matrix(void *self, const struct matrix_query *q, int32_t *ret_seconds,
                           int32_t *ret_metres, struct route_error *err)
{
    size_t bytes = q->n_from * q->n_to * sizeof *ret_seconds;
    struct block b = {.q = q, .seconds = malloc(bytes), .metres = ret_metres ? malloc(bytes) : NULL};
    int rc = -1;

    if (q->n_from > MATRIX_POINTS_MAX || q->n_to > MATRIX_POINTS_MAX)
        route_error_set(err, ROUTE_TOO_LARGE, -1, "more than %d points", MATRIX_POINTS_MAX);
    else if (bytes && (!b.seconds || (ret_metres && !b.metres)))
        route_error_set(err, ROUTE_OUTSIDE, -1, "out of memory");
    else
        rc = ask_all(self, &b, err);
    if (!rc && bytes) {
        memcpy(ret_seconds, b.seconds, bytes);
        if (ret_metres)
            memcpy(ret_metres, b.metres, bytes);
    }
    free(b.seconds);
    free(b.metres);
    return rc;
}

static const struct matrix_ops ops = {"osrm", provider_matrix, free};

int matrix_osrm_init(struct matrix_provider *p, const struct matrix_osrm_options *o, struct route_error *err)
{
    struct provider *x;
    size_t n = strlen(o->url);

    while (n && o->url[n - 1] == '/')
        n--;
    if ((strncmp(o->url, "http://", 7) != 0 && strncmp(o->url, "https://", 8) != 0) ||
        n >= MATRIX_OSRM_URL_MAX || strpbrk(o->url, "?# "))
        return route_error_set(err, ROUTE_BAD_INPUT, -1, "'%.100s' is not of the form http://host:port",
                               o->url);
    if (o->coordinates && (o->coordinates < 2 || o->coordinates > 10000))
        return route_error_set(err, ROUTE_BAD_INPUT, -1,
                               "%d coordinates: from 2 to 10000 can be asked for at once", o->coordinates);
    x = calloc(1, sizeof *x);
    if (!x)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "out of memory");
    x->o = *o;
    if (!o->coordinates)
        x->o.coordinates = MATRIX_OSRM_COORDINATES;
    memcpy(x->url, o->url, n);
    p->ops = &ops;
    p->self = x;
    return 0;
}
