/* A whole wave through reading, bundling, the solver and the plan, checked from outside: every parcel once,
 * no courier over his capacity or his shift, doors only when they are open. */
#include "daemon/dispatch/solve.h"

#include "base/time.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DAY "2026-11-11T"

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static json_t *points_json(int n, uint32_t *seed)
{
    json_t *points = json_array();
    for (int i = 0; i < n; i++) {
        char id[16];
        snprintf(id, sizeof id, "p%d", i);
        json_t *windows = i % 3 ? json_array() : json_pack("[[ss]]", DAY "01:00:00Z", DAY "04:00:00Z");
        json_array_append_new(points,
                              json_pack("{s:s, s:s, s:s, s:f, s:f, s:i, s:i, s:o, s:b}", "id", id, "code", id,
                                        "kind", "community", "lat", 35.41 + (double)(next(seed) % 4000) / 1e5,
                                        "lon", 116.58 + (double)(next(seed) % 4000) / 1e5, "walk_s", 60,
                                        "service_s", 60, "windows", windows, "station", i % 4 == 0));
    }
    return points;
}

static json_t *couriers_json(int n)
{
    json_t *couriers = json_array();
    for (int i = 0; i < n; i++) {
        char id[16];
        snprintf(id, sizeof id, "c%d", i);
        json_array_append_new(couriers,
                              json_pack("{s:s, s:n, s:{s:s, s:i, s:i, s:i}, s:s, s:s, s:i, s:[s]}", "id", id,
                                        "vehicle_id", "vehicle", "class", i % 2 ? "etrike" : "van", "pieces",
                                        120, "grams", 300000, "cm3", 2000000, "shift_start", DAY "00:30:00Z",
                                        "shift_end", DAY "08:00:00Z", "max_trips", 2, "familiar", "p1"));
    }
    return couriers;
}

static json_t *parcels_json(int n, int points, uint32_t *seed)
{
    static const char *const sizes[] = {"S", "S", "M", "L"};
    json_t *parcels = json_array();
    for (int i = 0; i < n; i++) {
        char id[16], point[16], who[16];
        snprintf(id, sizeof id, "q%d", i);
        snprintf(point, sizeof point, "p%u", next(seed) % (unsigned)points);
        snprintf(who, sizeof who, "r%d", i / 2);
        json_t *modes = i % 3 ? json_pack("[ss]", "locker", "door") : json_pack("[s]", "door");
        json_array_append_new(
            parcels, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:o, s:s, s:o, s:i}", "id", id, "waybill", id,
                               "point_id", point, "size", sizes[next(seed) % 4], "grams",
                               (int)(200 + next(seed) % 3000), "cm3", 3000, "modes", modes, "recipient", who,
                               "promised_by", i % 10 ? json_null() : json_string(DAY "05:00:00Z"), "priority",
                               i % 10 ? 0 : 3));
    }
    return parcels;
}

static json_t *wave_json(int n_couriers, int n_points, int n_parcels)
{
    uint32_t seed = 7;
    return json_pack(
        "{s:s, s:{s:s, s:s, s:f, s:f}, s:s, s:s, s:n, s:o, s:o, s:[{s:s, s:s, s:s, s:{s:i, s:i}}], s:o}",
        "wave", "w", "site", "id", "s", "code", "S1", "lat", 35.42, "lon", 116.6, "date", "2026-11-11",
        "start", DAY "00:00:00Z", "max_seconds", "couriers", couriers_json(n_couriers), "points",
        points_json(n_points, &seed), "lockers", "id", "l0", "code", "L0", "point_id", "p1", "free", "S", 6,
        "M", 4, "parcels", parcels_json(n_parcels, n_points, &seed));
}

static int64_t no_clock(void)
{
    return 0;
}

/* A great circle that keeps the hour it was asked for. */
static struct matrix_provider under;
static int hour_asked;

static int ask(void *self, const struct matrix_query *q, int32_t *seconds, int32_t *metres,
               struct route_error *err)
{
    (void)self;
    hour_asked = q->hour;
    return matrix_get(&under, q, seconds, metres, err);
}

static void ask_free(void *self)
{
    (void)self;
    matrix_free(&under);
}

static json_t *plan_of(json_t *document, int64_t iterations, struct error *err)
{
    struct wave *w = wave_read(document, err);
    if (!w)
        return NULL;
    static const struct matrix_ops asking = {"asking", ask, ask_free};
    struct matrix_provider circle = {&asking, NULL};
    matrix_circle_init(&under, matrix_circle_city);
    struct solve_budget budget = {
        .now_us = no_clock, .limit_us = 1000000, .iterations = iterations, .seed = 1, .threads = 1};
    json_t *plan = solve_wave(w, &circle, &budget, err);
    matrix_free(&circle);
    wave_free(w);
    return plan;
}

static int64_t us_of(json_t *object, const char *name)
{
    int64_t us;
    struct error err;
    ck_assert_msg(!time_parse(json_string_value(json_object_get(object, name)), &us, &err), "%s", err.text);
    return us;
}

static void count_parcel(json_t *seen, const char *id)
{
    json_int_t n = json_integer_value(json_object_get(seen, id));
    json_object_set_new(seen, id, json_integer(n + 1));
}

static int check_route(json_t *route, json_t *seen)
{
    int total = 0, load = 0;
    int64_t now = us_of(route, "start"), close;
    size_t i, k;
    json_t *stop, *parcel;
    ck_assert(!time_parse(DAY "08:00:00Z", &close, NULL));
    json_array_foreach(json_object_get(route, "stops"), i, stop)
    {
        ck_assert_int_ge(us_of(stop, "arrive"), now);
        now = us_of(stop, "depart");
        json_t *parcels = json_object_get(stop, "parcels");
        const char *point = json_string_value(json_object_get(stop, "point_id"));
        if (!point) {
            load = 0;
            continue;
        }
        if (atoi(point + 1) % 3 == 0) {
            int64_t opens, closes, at = us_of(stop, "arrive");
            ck_assert(!time_parse(DAY "01:00:00Z", &opens, NULL) &&
                      !time_parse(DAY "04:00:00Z", &closes, NULL));
            ck_assert(at >= opens && at <= closes);
        }
        json_array_foreach(parcels, k, parcel) count_parcel(seen, json_string_value(parcel));
        load += (int)json_array_size(parcels);
        total += (int)json_array_size(parcels);
        ck_assert_int_le(load, 120);
    }
    ck_assert_int_le(us_of(route, "end"), close);
    return total;
}

START_TEST(every_parcel_is_planned_once)
{
    struct error err = {0};
    json_t *document = wave_json(6, 25, 400), *plan = plan_of(document, 3000, &err);
    ck_assert_msg(plan != NULL, "%s", err.text);
    ck_assert_int_eq(hour_asked, 24 + 2 * 24 + 8); /* a Wednesday, eight o'clock in China */
    json_t *seen = json_object(), *route, *left;
    size_t i;
    json_array_foreach(json_object_get(plan, "routes"), i, route)
        ck_assert_int_gt(check_route(route, seen), 0);
    json_array_foreach(json_object_get(plan, "unassigned"), i, left)
        count_parcel(seen, json_string_value(json_object_get(left, "parcel_id")));
    ck_assert_int_eq(json_object_size(seen), 400);
    const char *id;
    json_t *n;
    json_object_foreach(seen, id, n) ck_assert_msg(json_integer_value(n) == 1, "%s is planned twice", id);
    ck_assert_int_eq(json_array_size(json_object_get(plan, "unassigned")), 0);
    ck_assert_int_gt(json_integer_value(json_object_get(plan, "metres")), 1000);
    json_decref(seen);
    json_decref(plan);
    json_decref(document);
}
END_TEST

START_TEST(the_same_wave_gives_the_same_plan)
{
    struct error err = {0};
    json_t *document = wave_json(4, 15, 150), *a = plan_of(document, 1000, &err),
           *b = plan_of(document, 1000, &err);
    ck_assert_msg(a && b, "%s", err.text);
    ck_assert(json_equal(a, b));
    json_decref(a);
    json_decref(b);
    json_decref(document);
}
END_TEST

static void check_all_left(json_t *document, int n, const char *reason)
{
    struct error err = {0};
    json_t *plan = plan_of(document, 200, &err), *left;
    ck_assert_msg(plan != NULL, "%s", err.text);
    json_t *unassigned = json_object_get(plan, "unassigned");
    ck_assert_int_eq(json_array_size(unassigned), n);
    size_t i;
    json_array_foreach(unassigned, i, left)
        ck_assert_str_eq(json_string_value(json_object_get(left, "reason")), reason);
    json_decref(plan);
    json_decref(document);
}

/* Four couriers on shift share what one could do alone. */
START_TEST(work_is_shared)
{
    struct error err = {0};
    json_t *document = wave_json(4, 25, 360), *plan = plan_of(document, 3000, &err), *route;
    ck_assert_msg(plan != NULL, "%s", err.text);
    json_int_t most = 0, sum = 0;
    size_t i, n = json_array_size(json_object_get(plan, "routes"));
    json_array_foreach(json_object_get(plan, "routes"), i, route)
    {
        json_int_t seconds = json_integer_value(json_object_get(route, "seconds"));
        sum += seconds;
        most = seconds > most ? seconds : most;
    }
    ck_assert_int_eq(n, 4);
    ck_assert_msg(most * 2 <= sum, "one of %zu works %lld of %lld s", n, (long long)most, (long long)sum);
    json_decref(plan);
    json_decref(document);
}
END_TEST

START_TEST(nobody_drives)
{
    check_all_left(wave_json(0, 5, 20), 20, "no_vehicle");
}
END_TEST

START_TEST(no_parcels)
{
    check_all_left(wave_json(2, 5, 0), 0, "");
}
END_TEST

static const struct bad {
    const char *path, *member, *says;
} bad[] = {
    {"points", "lat", "points[0]"},
    {"parcels", "point_id", "parcels[0]"},
    {"couriers", "shift_start", "couriers[0]"},
    {"lockers", "free", "lockers[0]"},
};

START_TEST(a_broken_document_is_named)
{
    struct error err = {0};
    json_t *document = wave_json(1, 3, 3);
    json_object_set_new(json_array_get(json_object_get(document, bad[_i].path), 0), bad[_i].member,
                        json_string("?"));
    ck_assert_ptr_null(plan_of(document, 10, &err));
    ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "'%s' lacks '%s'", err.text, bad[_i].says);
    json_decref(document);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dispatch/solve");
    TCase *t = tcase_create("solve");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_parcel_is_planned_once);
    tcase_add_test(t, the_same_wave_gives_the_same_plan);
    tcase_add_test(t, work_is_shared);
    tcase_add_test(t, nobody_drives);
    tcase_add_test(t, no_parcels);
    tcase_add_loop_test(t, a_broken_document_is_named, 0, sizeof bad / sizeof bad[0]);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
