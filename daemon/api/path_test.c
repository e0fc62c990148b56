#include "daemon/api/path.h"

#include <check.h>
#include <stdlib.h>

static const struct row {
    const char *template, *path;
    bool matches;
} rows[] = {
    {"/v1/me", "/v1/me", true},
    {"/v1/me", "/v1/me/", false},
    {"/v1/me", "/v1/m", false},
    {"/v1/parcels/{waybill}", "/v1/parcels/YZ00000001", true},
    {"/v1/parcels/{waybill}", "/v1/parcels/", false},
    {"/v1/parcels/{waybill}", "/v1/parcels/YZ1", false},
    {"/v1/parcels/{waybill}", "/v1/parcels/YZ00000001/events", false},
    {"/v1/parcels/{waybill}", "/v1/parcels/YZ0000'; --", false},
    {"/v1/parcels/{waybill}/events", "/v1/parcels/YZ00000001/events", true},
    {"/v1/waves/{id}", "/v1/waves/01890a5d-ac96-774b-bcce-b302099a8057", true},
    {"/v1/waves/{id}", "/v1/waves/01890a5d-ac96-774b-bcce-b302099a805", false},
    {"/v1/waves/{id}", "/v1/waves/01890a5d-ac96-774b-bcce-b302099a805g", false},
    {"/v1/lockers/{code}/compartments/{n}/{action}", "/v1/lockers/LK-1/compartments/12/open", true},
    {"/v1/lockers/{code}/compartments/{n}/{action}", "/v1/lockers/LK-1/compartments/x/open", false},
    {"/v1/t/{token}", "/v1/t/short", false},
    {"/v1/t/{token}", "/v1/t/abcdefghij_klmnop-qrstuvwxyz", true},
    {"/route/v1/{profile}/{coordinates}", "/route/v1/driving/116.5,35.4;116.6,35.4", true},
    {"/route/v1/{profile}/{coordinates}", "/route/v1/driving/polyline(a/b?c)", true},
    {"/route/v1/{profile}/{coordinates}", "/route/v1/driving/", false},
    {"/route/v1/{profile}/{coordinates}", "/route/v1/driving", false},
    {"/tiles/{z}/{x}/{y}", "/tiles/14/13493/6452", true},
    {"/tiles/{z}/{x}/{y}", "/tiles/14/13493/", false},
    {"/tiles/{z}/{x}/{y}", "/tiles/14/13493/6452.mvt", false},
};

START_TEST(matches)
{
    struct path_match m;
    ck_assert_int_eq(path_matches(rows[_i].template, rows[_i].path, &m), rows[_i].matches);
}
END_TEST

START_TEST(keeps_the_values)
{
    struct path_match m;
    ck_assert(path_matches("/v1/lockers/{code}/compartments/{n}/{action}",
                           "/v1/lockers/LK-1/compartments/12/open", &m));
    ck_assert_int_eq(m.count, 3);
    ck_assert_str_eq(path_value(&m, "code"), "LK-1");
    ck_assert_str_eq(path_value(&m, "n"), "12");
    ck_assert_str_eq(path_value(&m, "action"), "open");
    ck_assert_ptr_null(path_value(&m, "id"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api/path");
    TCase *t = tcase_create("path");
    tcase_add_loop_test(t, matches, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, keeps_the_values);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
