#include "routing/geo/datum.h"
#include "routing/geo/matrix.h"
#include "routing/geo/point.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct geo_point at(double lon, double lat)
{
    struct geo_point p = {0, 0};

    ck_assert(geo_point_from_degrees(lon, lat, &p));
    return p;
}

START_TEST(degrees_are_checked)
{
    struct geo_point p = {7, 7};

    ck_assert(!geo_point_from_degrees(180.1, 0, &p));
    ck_assert(!geo_point_from_degrees(0, -90.5, &p));
    ck_assert(!geo_point_from_degrees(NAN, 0, &p));
    ck_assert_int_eq(p.lon, 7);
    p = at(116.5871234, 35.4154321);
    ck_assert_int_eq(p.lon, 1165871234);
    ck_assert_int_eq(p.lat, 354154321);
}
END_TEST

START_TEST(distances)
{
    /* a quarter meridian of the sphere, and one degree of longitude on the equator and at 60° */
    ck_assert_double_eq_tol(geo_distance(at(0, 0), at(0, 90)), GEO_EARTH_RADIUS_M * M_PI / 2, 0.01);
    ck_assert_double_eq_tol(geo_distance(at(10, 0), at(11, 0)), 111195.08, 0.1);
    ck_assert_double_eq_tol(geo_distance_plane(at(25, 60), at(25.01, 60)),
                            geo_distance(at(25, 60), at(25.01, 60)), 0.01);
    ck_assert_double_lt(geo_distance_plane(at(179.999, 0), at(-179.999, 0)), 223);
}
END_TEST

START_TEST(bearings_and_moves)
{
    struct geo_point p = at(116.6, 35.4);

    ck_assert_double_eq_tol(geo_bearing(p, at(116.6, 35.5)), 0, 1e-6);
    ck_assert_double_eq_tol(geo_bearing(p, at(116.7, 35.4)), 90, 1e-6);
    ck_assert_double_eq_tol(geo_bearing(p, at(116.5, 35.4)), 270, 1e-6);
    for (int b = 0; b < 360; b += 45) {
        struct geo_point q = geo_move(p, b, 500);

        ck_assert_double_eq_tol(geo_distance(p, q), 500, 0.5);
        ck_assert_double_eq_tol(geo_bearing(p, q), b, 0.1);
    }
}
END_TEST

START_TEST(foot_on_segment)
{
    struct geo_point a = at(116.60, 35.40), b = at(116.61, 35.40);
    struct geo_foot f = geo_nearest_on_segment(at(116.605, 35.401), a, b);

    ck_assert_double_eq_tol(f.fraction, 0.5, 1e-6);
    ck_assert_double_eq_tol(f.metres, 111.195, 0.01);
    ck_assert(f.left);
    f = geo_nearest_on_segment(at(116.605, 35.399), a, b);
    ck_assert(!f.left);
    f = geo_nearest_on_segment(at(116.7, 35.4), a, b);
    ck_assert_double_eq(f.fraction, 1);
    ck_assert_int_eq(f.point.lon, b.lon);
    f = geo_nearest_on_segment(a, b, b);
    ck_assert_double_eq(f.fraction, 0);
}
END_TEST

/* Reference values as printed in the documentation of the public coordtransform and eviltransform projects.
 */
static const struct {
    enum geo_datum from, to;
    struct geo_degrees in, out;
} published[] = {
    {GEO_WGS84, GEO_GCJ02, {116.404, 39.915}, {116.41024449916938, 39.91640428150164}},
    {GEO_GCJ02, GEO_BD09, {116.404, 39.915}, {116.41036949371029, 39.92133699351021}},
    {GEO_WGS84, GEO_GCJ02, {121.5272106, 31.1774276}, {121.531541859215, 31.17530398364597}},
    {GEO_WGS84, GEO_GCJ02, {113.912316, 22.543847}, {113.9171764808363, 22.540796131694766}},
    {GEO_WGS84, GEO_GCJ02, {116.377817, 39.911954}, {116.38404722455657, 39.91334545536069}},
};

START_TEST(datum_fixtures)
{
    struct geo_degrees out = geo_datum_convert(published[_i].in, published[_i].from, published[_i].to);
    struct geo_degrees back = geo_datum_convert(out, published[_i].to, published[_i].from);

    ck_assert_double_eq_tol(out.lon, published[_i].out.lon, 1e-7);
    ck_assert_double_eq_tol(out.lat, published[_i].out.lat, 1e-7);
    ck_assert_double_eq_tol(back.lon, published[_i].in.lon, 1e-9);
    ck_assert_double_eq_tol(back.lat, published[_i].in.lat, 1e-9);
}
END_TEST

START_TEST(datum_round_trips_stay_below_a_metre)
{
    double worst = 0;

    for (double lon = 73.5; lon < 135; lon += 1.37)
        for (double lat = 18.1; lat < 54; lat += 1.13)
            for (int d = GEO_GCJ02; d <= GEO_BD09; d++) {
                struct geo_degrees p = {lon, lat}, q = geo_datum_convert(p, GEO_WGS84, (enum geo_datum)d);
                struct geo_degrees r = geo_datum_convert(q, (enum geo_datum)d, GEO_WGS84);

                ck_assert_double_gt(geo_distance(at(lon, lat), at(q.lon, q.lat)), 20);
                worst = fmax(worst, geo_distance(at(lon, lat), at(r.lon, r.lat)));
            }
    ck_assert_double_lt(worst, 0.02);
}
END_TEST

START_TEST(no_offset_outside_china)
{
    struct geo_degrees porto = {-8.61, 41.15}, q = geo_datum_convert(porto, GEO_WGS84, GEO_BD09);

    ck_assert_double_eq(q.lon, porto.lon);
    ck_assert_double_eq(q.lat, porto.lat);
}
END_TEST

START_TEST(circle_provider)
{
    struct geo_point p[] = {at(116.60, 35.40), at(116.61, 35.40), at(116.60, 35.42)};
    struct matrix_query q = {p, 3, p, 3, "foot", MATRIX_ANY_HOUR};
    struct matrix_provider circle;
    int32_t s[9], m[9];
    struct route_error err = {0};

    matrix_circle_init(&circle, matrix_circle_city);
    ck_assert_int_eq(matrix_get(&circle, &q, s, m, &err), 0);
    ck_assert_int_eq(s[4], 0);
    ck_assert_int_eq(m[2], (int)lround(geo_distance(p[0], p[2]) * 1.25));
    ck_assert_int_eq(s[2], (int)lround(geo_distance(p[0], p[2]) * 1.25 / 1.25));
    ck_assert_int_eq(m[1], m[3]);
    q.profile = "rocket";
    ck_assert_int_eq(matrix_get(&circle, &q, s, m, &err), -1);
    ck_assert_int_eq(err.code, ROUTE_NO_PROFILE);
    matrix_free(&circle);
}
END_TEST

START_TEST(given_provider)
{
    struct geo_point p[] = {at(3, 1), at(1, 2), at(1, 1)}, ask[] = {at(1, 1), at(3, 1)};
    const int32_t seconds[] = {0, 1, 2, 3, 0, 5, 6, 7, 0}, metres[] = {0, 10, 20, 30, 0, 50, 60, 70, 0};
    struct matrix_query q = {ask, 2, p, 3, "van", 8};
    struct matrix_provider given;
    struct route_error err = {0};
    int32_t s[6], m[6];

    ck_assert_int_eq(matrix_given_init(&given, p, 3, seconds, metres, &err), 0);
    ck_assert_int_eq(matrix_get(&given, &q, s, m, &err), 0);
    ck_assert_int_eq(s[0], 6);
    ck_assert_int_eq(s[1], 7);
    ck_assert_int_eq(s[4], 1);
    ck_assert_int_eq(m[5], 20);
    ask[1] = at(9, 9);
    ck_assert_int_eq(matrix_get(&given, &q, s, m, &err), -1);
    ck_assert_int_eq(err.code, ROUTE_NOT_ON_ROAD);
    matrix_free(&given);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("geo");
    TCase *t = tcase_create("geo");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, degrees_are_checked);
    tcase_add_test(t, distances);
    tcase_add_test(t, bearings_and_moves);
    tcase_add_test(t, foot_on_segment);
    tcase_add_loop_test(t, datum_fixtures, 0, sizeof published / sizeof *published);
    tcase_add_test(t, datum_round_trips_stay_below_a_metre);
    tcase_add_test(t, no_offset_outside_china);
    tcase_add_test(t, circle_provider);
    tcase_add_test(t, given_provider);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
