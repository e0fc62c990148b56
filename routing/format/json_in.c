#include "routing/format/json_in.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WINDOWS = 64, MOST_MATRIX = 20000 };

void json_in_fail(struct json_in *j, const char *key, const char *what)
{
    if (!j->failed)
        instance_complain(j->fault, "%s%s%s: %s", j->where, j->where[0] && key[0] ? "." : "", key, what);
    j->failed = true;
}

void json_in_at(struct json_in *j, const char *list, size_t index)
{
    snprintf(j->where, sizeof j->where, "%s[%zu]", list, index);
}

void *json_in_alloc(struct json_in *j, size_t count, size_t size)
{
    void *m = instance_alloc(j->in, count, size);
    if (!m)
        json_in_fail(j, "", "out of memory");
    return m;
}

static bool integer_of(json_t *v, int64_t *ret)
{
    if (json_is_integer(v)) {
        *ret = json_integer_value(v);
        return true;
    }
    double d = json_is_real(v) ? json_real_value(v) : NAN;
    if (!(fabs(d) < 9e15) || d != floor(d))
        return false;
    *ret = (int64_t)d;
    return true;
}

int64_t json_in_integer(struct json_in *j, json_t *o, const char *key, int64_t least, int64_t most,
                        int64_t otherwise)
{
    json_t *v = json_object_get(o, key);
    int64_t i = otherwise;
    if (v && (!integer_of(v, &i) || i < least || i > most)) {
        json_in_fail(j, key, "not an integer in range");
        return otherwise;
    }
    return i;
}

double json_in_real(struct json_in *j, json_t *o, const char *key, double least, double most,
                    double otherwise)
{
    json_t *v = json_object_get(o, key);
    if (!v)
        return otherwise;
    double d = json_number_value(v);
    if (json_is_number(v) && d >= least && d <= most)
        return d;
    json_in_fail(j, key, "not a number in range");
    return otherwise;
}

bool json_in_flag(struct json_in *j, json_t *o, const char *key)
{
    json_t *v = json_object_get(o, key);
    if (v && !json_is_boolean(v))
        json_in_fail(j, key, "not true or false");
    return json_is_true(v);
}

const char *json_in_text(struct json_in *j, json_t *o, const char *key)
{
    json_t *v = json_object_get(o, key);
    if (!v)
        return NULL;
    if (!json_is_string(v)) {
        json_in_fail(j, key, "not a string");
        return NULL;
    }
    return instance_text(j->in, json_string_value(v), json_string_length(v));
}

json_t *json_in_array(struct json_in *j, json_t *o, const char *key)
{
    json_t *v = json_object_get(o, key);
    if (v && !json_is_array(v)) {
        json_in_fail(j, key, "not an array");
        return NULL;
    }
    return v;
}

int json_in_amounts(struct json_in *j, json_t *o, const char *key, int32_t ret[VRP_DIMS])
{
    json_t *list = json_in_array(j, o, key);
    size_t n = json_array_size(list);
    if (n > VRP_DIMS) {
        json_in_fail(j, key, "more dimensions than are supported");
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        int64_t v;
        if (!integer_of(json_array_get(list, i), &v) || v < 0 || v > VRP_LIMIT)
            json_in_fail(j, key, "an amount is not an integer in range");
        else
            ret[i] = (int32_t)v;
    }
    return (int)n;
}

static int by_from(const void *a, const void *b)
{
    const struct vrp_window *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

int32_t json_in_windows(struct json_in *j, json_t *o, const char *key, int64_t base,
                        const struct vrp_window **ret)
{
    json_t *list = json_in_array(j, o, key);
    size_t n = json_array_size(list);
    *ret = NULL;
    if (!n)
        return 0;
    if (n > MOST_WINDOWS) {
        json_in_fail(j, key, "too many time windows");
        return 0;
    }
    struct vrp_window *w = json_in_alloc(j, n, sizeof *w);
    for (size_t i = 0; w && i < n; i++) {
        json_t *pair = json_array_get(list, i);
        int64_t from, until;
        if (!integer_of(json_array_get(pair, 0), &from) || !integer_of(json_array_get(pair, 1), &until) ||
            json_array_size(pair) != 2 || from > until || from < base || until - base > 4000000000) {
            json_in_fail(j, key, "a time window is not [from, until] in range");
            return 0;
        }
        w[i].from = (int32_t)(from - base < VRP_LIMIT ? from - base : VRP_LIMIT);
        w[i].until = (int32_t)(until - base < VRP_LIMIT ? until - base : VRP_LIMIT);
    }
    if (!w)
        return 0;
    qsort(w, n, sizeof *w, by_from);
    for (size_t i = 1; i < n; i++)
        if (w[i].from <= w[i - 1].until)
            json_in_fail(j, key, "time windows overlap");
    *ret = w;
    return (int32_t)n;
}

/* The upper left n × n of a table that was taken out. */
static const int32_t *taken_matrix(struct json_in *j, json_t *v, const char *key, int32_t n)
{
    json_int_t k = json_integer_value(json_object_get(v, ""));
    if (!json_is_integer(json_object_get(v, "")) || k < 0 || k >= j->tables.n) {
        json_in_fail(j, key, "not an array");
        return NULL;
    }
    const struct json_table *t = &j->tables.table[k];
    if (t->n < n) {
        json_in_fail(j, key, "fewer rows than locations, or too many");
        return NULL;
    }
    int32_t *m = json_in_alloc(j, (size_t)n * (size_t)n, sizeof *m);
    for (size_t a = 0; m && a < (size_t)n; a++)
        memcpy(m + a * (size_t)n, t->entry + a * (size_t)t->n, (size_t)n * sizeof *m);
    return m;
}

const int32_t *json_in_matrix(struct json_in *j, json_t *o, const char *key, int32_t n)
{
    json_t *taken = json_object_get(o, key);
    if (json_is_object(taken))
        return taken_matrix(j, taken, key, n);
    json_t *rows = json_in_array(j, o, key);
    if (!rows)
        return NULL;
    if (n > MOST_MATRIX || json_array_size(rows) < (size_t)n) {
        json_in_fail(j, key, "fewer rows than locations, or too many");
        return NULL;
    }
    int32_t *m = json_in_alloc(j, (size_t)n * (size_t)n, sizeof *m);
    for (int32_t a = 0; m && a < n; a++) {
        json_t *row = json_array_get(rows, (size_t)a);
        for (int32_t b = 0; b < n; b++) {
            int64_t v;
            if (!integer_of(json_array_get(row, (size_t)b), &v) || v < 0) {
                json_in_fail(j, key, "an entry is not an unsigned integer");
                return NULL;
            }
            m[(size_t)a * (size_t)n + (size_t)b] = (int32_t)(v < VRP_LIMIT / 8 ? v : VRP_LIMIT / 8);
        }
    }
    return m;
}

bool json_in_point(struct json_in *j, json_t *o, const char *key, double *ret_lon, double *ret_lat)
{
    json_t *v = json_object_get(o, key);
    if (!v)
        return false;
    json_t *lon = json_array_get(v, 0), *lat = json_array_get(v, 1);
    if (!json_is_number(lon) || !json_is_number(lat) || fabs(json_number_value(lon)) > 180 ||
        fabs(json_number_value(lat)) > 90) {
        json_in_fail(j, key, "not [lon, lat]");
        return false;
    }
    *ret_lon = json_number_value(lon);
    *ret_lat = json_number_value(lat);
    return true;
}

/* Points as unit vectors: a chord is cheaper than a haversine, four million times. */
int32_t *json_in_circles(struct json_in *j, const double *lon, const double *lat, int32_t n, double detour)
{
    const double diameter = 2 * 6371008.8, rad = 0.017453292519943295;
    size_t m = (size_t)n;
    int32_t *metres = json_in_alloc(j, m * m, sizeof *metres);
    double(*at)[3] = malloc((m + 1) * sizeof *at);
    if (metres && !at)
        json_in_fail(j, "", "out of memory");
    for (size_t i = 0; metres && at && i < m; i++) {
        double out = cos(lat[i] * rad);
        at[i][0] = out * cos(lon[i] * rad);
        at[i][1] = out * sin(lon[i] * rad);
        at[i][2] = sin(lat[i] * rad);
    }
    for (size_t a = 0; metres && at && a < m; a++)
        for (size_t b = 0; b < a; b++) {
            double x = at[a][0] - at[b][0], y = at[a][1] - at[b][1], z = at[a][2] - at[b][2];
            double half = sqrt(x * x + y * y + z * z) / 2;
            double d = detour * diameter * asin(half < 1 ? half : 1);
            metres[a * m + b] = metres[b * m + a] = (int32_t)(d + 0.5);
        }
    free(at);
    return j->failed ? NULL : metres;
}

json_t *json_in_open(struct json_in *j, const char *text, size_t n)
{
    json_error_t error;
    json_t *root = NULL;
    if (json_tables_take(text, n, &j->tables) < 0) {
        json_in_fail(j, "", "out of memory");
        return NULL;
    }
    root = json_loadb(j->tables.text, j->tables.n_text, JSON_REJECT_DUPLICATES, &error);
    if (!root && !json_loadb(text, n, JSON_REJECT_DUPLICATES, &error)) { /* for the line as it is there */
        instance_complain(j->fault, "line %d: %s", error.line, error.text);
        j->failed = true;
    } else if (!root) {
        json_in_fail(j, "", "out of memory");
    }
    return root;
}

void json_in_close(struct json_in *j, json_t *root)
{
    json_decref(root);
    json_tables_fini(&j->tables);
}
