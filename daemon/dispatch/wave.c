#include "daemon/dispatch/wave.h"

#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const wave_mode_name[MODES] = {"door", "locker", "station"};
const char *const wave_size_name[SIZES] = {"S", "M", "L", "XL"};
const char *const wave_class_name[CLASSES] = {"foot", "ebike", "etrike", "van"};

struct reading {
    struct wave *w;
    json_t *points; /* id → index */
    struct error *err;
};

static int word_index(const char *word, const char *const *words, int n)
{
    for (int i = 0; word && i < n; i++)
        if (!strcmp(word, words[i]))
            return i;
    return -1;
}

/* Seconds after the wave's start, clipped to what a planner can use. */
static int seconds_after(const struct reading *r, const char *text, int32_t *ret)
{
    int64_t us;
    if (time_parse(text, &us, r->err))
        return -1;
    int64_t s = (us - r->w->start_us) / 1000000;
    *ret = (int32_t)(s < -604800 ? -604800 : s > 604800 ? 604800 : s);
    return 0;
}

static int point_index(const struct reading *r, const char *id, int32_t *ret)
{
    json_t *i = json_object_get(r->points, id);
    if (!i)
        return error_set(r->err, EINVAL, "no such point %s", id);
    *ret = (int32_t)json_integer_value(i);
    return 0;
}

static int unpack_failed(const struct reading *r, const json_error_t *je)
{
    return error_set(r->err, EINVAL, "%s", je->text);
}

static int read_windows(const struct reading *r, struct wave_point *p, json_t *windows)
{
    size_t n = json_array_size(windows);
    p->windows = calloc(n + 1, sizeof *p->windows);
    for (size_t i = 0; i < n; i++) {
        json_error_t je;
        const char *from, *until;
        if (json_unpack_ex(json_array_get(windows, i), &je, 0, "[ss]", &from, &until))
            return unpack_failed(r, &je);
        int32_t *w = p->windows[p->n_windows];
        if (seconds_after(r, from, &w[0]) || seconds_after(r, until, &w[1]))
            return -1;
        if (w[1] > 0 && w[0] <= w[1])
            p->n_windows++;
        if (w[0] < 0)
            w[0] = 0;
    }
    /* Windows that are all over are not "always open". */
    if (n && !p->n_windows)
        p->windows[p->n_windows++][1] = 0;
    return 0;
}

static int read_point(const struct reading *r, json_t *in, int i)
{
    struct wave_point *p = &r->w->points[i];
    json_error_t je;
    json_t *windows;
    int station = 0;
    if (json_unpack_ex(in, &je, 0, "{s:s, s:F, s:F, s:i, s:i, s:o, s?b}", "id", &p->id, "lat", &p->lat, "lon",
                       &p->lon, "walk_s", &p->walk_s, "service_s", &p->service_s, "windows", &windows,
                       "station", &station))
        return unpack_failed(r, &je);
    p->station = station;
    json_object_set_new(r->points, p->id, json_integer(i));
    return read_windows(r, p, windows);
}

static int read_familiar(const struct reading *r, struct wave_courier *c, json_t *familiar)
{
    size_t n = json_array_size(familiar);
    c->familiar = calloc(n + 1, sizeof *c->familiar);
    for (size_t i = 0; i < n; i++) {
        json_t *at = json_object_get(r->points, json_string_value(json_array_get(familiar, i)));
        if (at) /* points without a parcel in this wave are not listed */
            c->familiar[c->n_familiar++] = (int32_t)json_integer_value(at);
    }
    return 0;
}

static int read_courier(const struct reading *r, json_t *in, int i)
{
    struct wave_courier *c = &r->w->couriers[i];
    json_error_t je;
    const char *class, *from, *until;
    json_t *familiar = NULL, *vehicle = NULL;
    c->max_trips = 1;
    if (json_unpack_ex(in, &je, 0, "{s:s, s?o, s:{s:s, s:i, s:i, s:i}, s:s, s:s, s?i, s?o}", "id", &c->id,
                       "vehicle_id", &vehicle, "vehicle", "class", &class, "pieces", &c->pieces, "grams",
                       &c->grams, "cm3", &c->cm3, "shift_start", &from, "shift_end", &until, "max_trips",
                       &c->max_trips, "familiar", &familiar))
        return unpack_failed(r, &je);
    c->vehicle_id = json_string_value(vehicle);
    int k = word_index(class, wave_class_name, CLASSES);
    if (k < 0)
        return error_set(r->err, EINVAL, "no such vehicle class '%s'", class);
    c->vehicle = (enum wave_class)k;
    if (seconds_after(r, from, &c->from) || seconds_after(r, until, &c->until))
        return -1;
    if (c->from < 0)
        c->from = 0;
    if (c->until < c->from)
        c->until = c->from;
    return read_familiar(r, c, familiar);
}

static int read_locker(const struct reading *r, json_t *in, int i)
{
    struct wave_locker *l = &r->w->lockers[i];
    json_error_t je;
    const char *point;
    if (json_unpack_ex(in, &je, 0, "{s:s, s:s, s:{s?i, s?i, s?i, s?i}}", "id", &l->id, "point_id", &point,
                       "free", "S", &l->free[SIZE_S], "M", &l->free[SIZE_M], "L", &l->free[SIZE_L], "XL",
                       &l->free[SIZE_XL]))
        return unpack_failed(r, &je);
    return point_index(r, point, &l->point);
}

static int read_modes(const struct reading *r, struct wave_parcel *p, json_t *modes)
{
    for (size_t i = 0; i < json_array_size(modes) && p->n_modes < MODES; i++) {
        int k = word_index(json_string_value(json_array_get(modes, i)), wave_mode_name, MODES);
        if (k < 0)
            return error_set(r->err, EINVAL, "no such way of delivery");
        p->modes[p->n_modes++] = (enum wave_mode)k;
    }
    return 0;
}

static int read_parcel(const struct reading *r, json_t *in, int i)
{
    struct wave_parcel *p = &r->w->parcels[i];
    json_error_t je;
    const char *point, *size;
    json_t *modes, *promised = NULL;
    if (json_unpack_ex(in, &je, 0, "{s:s, s:s, s:s, s:i, s:i, s:o, s:s, s?o, s?i}", "id", &p->id, "point_id",
                       &point, "size", &size, "grams", &p->grams, "cm3", &p->cm3, "modes", &modes,
                       "recipient", &p->recipient, "promised_by", &promised, "priority", &p->priority))
        return unpack_failed(r, &je);
    int k = word_index(size, wave_size_name, SIZES);
    if (k < 0)
        return error_set(r->err, EINVAL, "no such size '%s'", size);
    p->size = (enum wave_size)k;
    p->promised = INT32_MAX;
    if (json_is_string(promised) && seconds_after(r, json_string_value(promised), &p->promised))
        return -1;
    if (point_index(r, point, &p->point))
        return -1;
    return read_modes(r, p, modes);
}

/* One list of the document: its elements are `size` bytes each and read one by one. */
static int read_list(struct reading *r, const char *name, void *ret_array, size_t size, int32_t *ret_n,
                     int (*read)(const struct reading *, json_t *, int))
{
    json_t *list = json_object_get(r->w->document, name);
    if (!json_is_array(list))
        return error_set(r->err, EINVAL, "%s is missing", name);
    size_t n = json_array_size(list);
    void *array = calloc(n + 1, size);
    memcpy(ret_array, &array, sizeof array);
    *ret_n = (int32_t)n;
    for (size_t i = 0; i < n; i++)
        if (read(r, json_array_get(list, i), (int)i))
            return error_prefix(r->err, "%s[%zu]", name, i);
    return 0;
}

static int read_head(struct reading *r)
{
    struct wave *w = r->w;
    json_error_t je;
    const char *start;
    json_t *limit = NULL;
    if (json_unpack_ex(w->document, &je, 0, "{s:s, s:{s:s, s:F, s:F}, s:s, s?o}", "wave", &w->id, "site",
                       "id", &w->site_id, "lat", &w->lat, "lon", &w->lon, "start", &start, "max_seconds",
                       &limit))
        return unpack_failed(r, &je);
    w->max_seconds = (int32_t)json_integer_value(limit);
    return time_parse(start, &w->start_us, r->err);
}

struct wave *wave_read(json_t *document, struct error *err)
{
    struct wave *w = calloc(1, sizeof *w);
    w->document = json_incref(document);
    struct reading r = {.w = w, .points = json_object(), .err = err};
    int rc = read_head(&r);
    if (!rc)
        rc = read_list(&r, "points", &w->points, sizeof *w->points, &w->n_points, read_point);
    if (!rc)
        rc = read_list(&r, "couriers", &w->couriers, sizeof *w->couriers, &w->n_couriers, read_courier);
    if (!rc)
        rc = read_list(&r, "lockers", &w->lockers, sizeof *w->lockers, &w->n_lockers, read_locker);
    if (!rc)
        rc = read_list(&r, "parcels", &w->parcels, sizeof *w->parcels, &w->n_parcels, read_parcel);
    json_decref(r.points);
    if (rc) {
        wave_free(w);
        return NULL;
    }
    return w;
}

void wave_free(struct wave *w)
{
    if (!w)
        return;
    for (int32_t i = 0; w->points && i < w->n_points; i++)
        free(w->points[i].windows);
    for (int32_t i = 0; w->couriers && i < w->n_couriers; i++)
        free(w->couriers[i].familiar);
    free(w->points);
    free(w->couriers);
    free(w->lockers);
    free(w->parcels);
    json_decref(w->document);
    free(w);
}
