/* The native problem through its JSON, feature by feature: what is left out and what the rest costs, worked
 * out by hand on a line of places 10 seconds and 10 metres apart. */
#include "routing/format/instance.h"
#include "routing/format/native.h"
#include "routing/format/reader.h"
#include "routing/vrp/checker.h"
#include "routing/vrp/solver.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                                 \
    "{\"yizhan\":1,\"locations\":[[116.5,35.4],[116.51,35.4],[116.52,35.4],[116.53,35.4]],"                  \
    "\"profiles\":[{\"seconds\":[[0,10,20,30],[10,0,10,20],[20,10,0,10],[30,20,10,0]]}],"
#define FLEET(count, more)                                                                                   \
    "\"vehicles\":[{\"count\":" #count ",\"start\":0,\"end\":0,\"capacity\":[2]" more "}],"
#define AT(place, more) "{\"location\":" #place ",\"delivery\":[1]" more "}"

static const struct feature {
    const char *about, *text;
    int32_t left_out, routes;
    int64_t cost;
} features[] = {
    {"one trip", HEAD FLEET(1, "") "\"tasks\":[" AT(1, ",\"prize\":99") "," AT(2, "") "," AT(3, "") "]}", 1,
     1, 159},
    {"several trips",
     HEAD FLEET(1, ",\"max_trips\":2") "\"tasks\":[" AT(1, "") "," AT(2, "") "," AT(3, "") "]}", 0, 1, 80},
    {"classes of vehicles",
     HEAD "\"vehicles\":[{\"start\":0,\"end\":0,\"capacity\":[9],\"fixed_cost\":50},{\"start\":0,\"end\":0,"
          "\"capacity\":[1],\"unit_distance\":2}],\"tasks\":[" AT(1, "") "]}",
     0, 1, 40},
    {"several depots",
     HEAD "\"vehicles\":[{\"start\":0,\"end\":0,\"capacity\":[9]},{\"start\":3,\"end\":3,\"capacity\":[9]}],"
          "\"tasks\":[" AT(1, "") "," AT(2, "") "]}",
     0, 2, 40},
    {"release", HEAD FLEET(1, ",\"shift\":[0,45]") "\"tasks\":[" AT(1, ",\"release\":30,\"prize\":7") "]}", 1,
     0, 7},
    {"alternatives: locker or door",
     HEAD FLEET(1, "") "\"tasks\":[" AT(3, ",\"group\":0") "," AT(1, ",\"group\":0,\"cost\":5") "]}", 1, 1,
     25},
    {"compartments, the next size if full",
     HEAD FLEET(2, "") "\"resources\":[{\"capacity\":1,\"wider\":1},{\"capacity\":1}],\"tasks\":[" AT(
         1, ",\"resource\":0,\"resource_units\":1,\"prize\":40") "," AT(1,
                                                                        ",\"resource\":0,\"resource_units\":"
                                                                        "1,\"prize\":40") "," AT(1,
                                                                                                 ",\"resource"
                                                                                                 "\":0,"
                                                                                                 "\"resource_"
                                                                                                 "units\":1,"
                                                                                                 "\"prize\":"
                                                                                                 "40") "]}",
     1, 1, 60},
    {"slots of a dock",
     HEAD FLEET(2, "") "\"resources\":[{\"capacity\":1},{\"capacity\":1}],\"tasks\":[" AT(
         1, ",\"group\":0,"
            "\"resource\":0,"
            "\"resource_"
            "units\":1,"
            "\"windows\":[["
            "0,10]]") "," AT(1, ",\"group\":0,\"resource\":1,\"resource_units\":1,\"windows\":[[100,110]"
                                "]") "," AT(1, ",\"group\":1,"
                                               "\"resource\":0,"
                                               "\"resource_"
                                               "units\":1,"
                                               "\"windows\":[[0,"
                                               "10]]") "," AT(1, ","
                                                                 "\"group\":1,\"resource\":1,\"resource_"
                                                                 "units\":1,\"windows\":[[100,110]]") "]}",
     2, 1, 20},
    {"break",
     HEAD FLEET(1, ",\"shift\":[0,50],\"breaks\":[{\"service\":20,\"windows\":[[5,9]]}]") "\"tasks\":[" AT(
         1, "") "," AT(2, ",\"prize\":8") "]}",
     1, 1, 28},
    {"fairness by overtime",
     HEAD "\"vehicles\":[{\"count\":2,\"start\":0,\"end\":0,\"capacity\":[9],\"soft_duration\":60,\"unit_"
          "overtime\":9}],"
          "\"tasks\":[" AT(1, ",\"service\":40") "," AT(1, ",\"service\":40") "]}",
     0, 2, 40},
    {"fairness by fair_cost",
     HEAD
     "\"fair_cost\":9,\"vehicles\":[{\"count\":2,\"start\":0,\"end\":0,\"capacity\":[9]}],\"tasks\":[" AT(
         1, ",\"service\":40") "," AT(1, ",\"service\":40") "]}",
     0, 2, 40},
    {"familiarity",
     HEAD "\"vehicles\":[{\"start\":0,\"end\":0,\"capacity\":[9]},{\"start\":0,\"end\":0,\"capacity\":[9]}],"
          "\"assign_cost\":[[0,50],[50,0]],"
          "\"tasks\":[" AT(1, "") "," AT(1, "") "]}",
     0, 2, 40},
    {"few changes to a plan",
     HEAD "\"vehicles\":[{\"start\":0,\"end\":0,\"capacity\":[9]},{\"start\":0,\"end\":0,\"capacity\":[9]}],"
          "\"stay_cost\":50,\"plan\":[{"
          "\"vehicle\":0,"
          "\"stops\":[0]},{\"vehicle\":1,\"stops\":[1]}],\"tasks\":[" AT(1, "") "," AT(1, "") "]}",
     0, 2, 40},
    {"frozen prefix",
     HEAD FLEET(1, "") "\"plan\":[{\"vehicle\":0,\"stops\":[0,1],\"frozen\":1}],\"tasks\":[" AT(3, "") "," AT(
         1, "") "]}",
     0, 1, 60},
    {"last in, first out",
     HEAD
     "\"vehicles\":[{\"start\":0,\"end\":0,\"capacity\":[9],\"lifo\":true}],\"tasks\":[{\"from\":{"
     "\"location\":1},\"to\":{"
     "\"location\":3},\"load\":[1]},{\"from\":{\"location\":2,\"windows\":[[0,20]]},\"to\":{\"location\":0},"
     "\"load\":[1]}]}",
     0, 1, 80},
    {"prize", HEAD FLEET(1, "") "\"tasks\":[" AT(1, "") "," AT(3, ",\"prize\":39") "]}", 1, 1, 59},
    {"skills",
     HEAD FLEET(1, ",\"skills\":[1]") "\"tasks\":[" AT(1, ",\"skills\":[1]") "," AT(
         1, ",\"skills\":[2],\"prize\":3") "]}",
     1, 1, 23},
    {"lateness",
     HEAD FLEET(1, "") "\"tasks\":[" AT(2, ",\"windows\":[[0,15]],\"late_max\":10,\"late_cost\":2") "]}", 0,
     1, 50},
    {"rush hour",
     "{\"yizhan\":1,\"locations\":[[116.5,35.4],[116.51,35.4]],\"profiles\":[{\"seconds\":[[0,10],[10,0]],"
     "\"metres\":[[0,5],[5,0]],\"slices\":[{\"from\":0,\"seconds\":[[0,10],[10,0]]},{\"from\":10,\"seconds\":"
     "[[0,30],[30,0]]}]}]," FLEET(1, ",\"unit_distance\":0,\"unit_travel\":1") "\"tasks\":[" AT(1, "") "]}",
     0, 1, 40},
};

static void solve(const struct instance *in, struct vrp_solution *ret)
{
    struct vrp_params params = {.iterations = 400, .seed = 1};
    struct vrp_result result;
    struct vrp_report report;
    struct vrp_fault fault;
    ck_assert_msg(vrp_solve(&in->p, &params, &result, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(vrp_check(&in->p, &result.best, &report), 0);
    ck_assert_int_eq(report.cost, result.best.cost);
    *ret = result.best;
}

START_TEST(feature_is_reachable)
{
    const struct feature *f = &features[_i];
    struct instance in;
    struct instance_options options = {0};
    struct instance_fault fault = {""};
    struct vrp_solution best, back;
    ck_assert_msg(instance_read("yizhan", "x", f->text, strlen(f->text), &options, &in, &fault) == 0,
                  "%s: %s", f->about, fault.text);
    solve(&in, &best);
    ck_assert_msg(best.cost == f->cost && best.n_unserved == f->left_out && best.n_routes == f->routes,
                  "%s: cost %lld, %d left out, %d routes", f->about, (long long)best.cost, best.n_unserved,
                  best.n_routes);
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    ck_assert_int_eq(native_write(&in, &best, to), 0);
    fclose(to);
    ck_assert_int_eq(native_read_solution(&in, text, n, &back, &fault), 0);
    ck_assert_int_eq(back.n_routes, best.n_routes);
    free(text);
    vrp_solution_fini(&back);
    vrp_solution_fini(&best);
    instance_free(&in);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("native");
    TCase *t = tcase_create("native");
    tcase_add_loop_test(t, feature_is_reachable, 0, (int)(sizeof features / sizeof *features));
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
