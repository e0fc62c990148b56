/* What VROOM's API accepts, key by key: what is left out and what the rest costs, worked out by hand. */
#include "routing/format/instance.h"
#include "routing/format/output.h"
#include "routing/format/reader.h"
#include "routing/vrp/checker.h"
#include "routing/vrp/solver.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE "\"matrices\":{\"car\":{\"durations\":[[0,10,20],[10,0,10],[20,10,0]]}}"
#define FROM_0 "\"id\":1,\"start_index\":0,\"end_index\":0"
#define JOBS "\"jobs\":[{\"id\":1,\"location_index\":1},{\"id\":2,\"location_index\":2}]"

static const struct accepted {
    const char *about, *text;
    int32_t left_out;
    double cost;
} accepted[] = {
    {"plain", "{\"vehicles\":[{" FROM_0 "}]," JOBS "," LINE "}", 0, 40},
    {"open end", "{\"vehicles\":[{\"id\":1,\"start_index\":0}]," JOBS "," LINE "}", 0, 20},
    {"open start", "{\"vehicles\":[{\"id\":1,\"end_index\":0}]," JOBS "," LINE "}", 0, 20},
    {"capacity",
     "{\"vehicles\":[{" FROM_0 ",\"capacity\":[1]}],\"jobs\":[{\"id\":1,\"location_index\":1,"
     "\"delivery\":[1]},{\"id\":2,\"location_index\":2,\"delivery\":[1]}]," LINE "}",
     1, 20},
    {"pickup on top of delivery",
     "{\"vehicles\":[{" FROM_0 ",\"capacity\":[1]}],\"jobs\":[{\"id\":1,\"location_index\":1,"
     "\"delivery\":[1]},{\"id\":2,\"location_index\":2,\"pickup\":[1]}]," LINE "}",
     0, 40},
    {"deprecated amount",
     "{\"vehicles\":[{" FROM_0 ",\"capacity\":[1]}],\"jobs\":[{\"id\":1,"
     "\"location_index\":1,\"amount\":[2]}],\"matrix\":[[0,7],[7,0]]}",
     1, 0},
    {"amount beside pickup does not count",
     "{\"vehicles\":[{" FROM_0 ",\"capacity\":[1]}],\"jobs\":[{\"id\":1,\"location_index\":1,"
     "\"amount\":[2],\"pickup\":[1]}],\"matrix\":[[0,7],[7,0]]}",
     0, 14},
    {"max_tasks", "{\"vehicles\":[{" FROM_0 ",\"max_tasks\":1}]," JOBS "," LINE "}", 1, 20},
    {"max_travel_time", "{\"vehicles\":[{" FROM_0 ",\"max_travel_time\":39}]," JOBS "," LINE "}", 1, 20},
    {"max_distance",
     "{\"vehicles\":[{" FROM_0 ",\"max_distance\":3}]," JOBS ",\"matrices\":{\"car\":{"
     "\"durations\":[[0,10,20],[10,0,10],[20,10,0]],\"distances\":[[0,1,2],[1,0,1],[2,1,0]]}}}",
     1, 20},
    {"speed_factor", "{\"vehicles\":[{" FROM_0 ",\"speed_factor\":2}]," JOBS "," LINE "}", 0, 20},
    {"fixed and per_hour",
     "{\"vehicles\":[{" FROM_0 ",\"costs\":{\"fixed\":5,\"per_hour\":7200}}]," JOBS "," LINE "}", 0, 85},
    {"per_km",
     "{\"vehicles\":[{" FROM_0 ",\"costs\":{\"per_hour\":0,\"per_km\":3000}}]," JOBS
     ",\"matrices\":{\"car\":{\"durations\":[[0,10,20],[10,0,10],[20,10,0]],"
     "\"distances\":[[0,1,2],[1,0,1],[2,1,0]]}}}",
     0, 12},
    {"per_task_hour",
     "{\"vehicles\":[{" FROM_0 ",\"costs\":{\"per_task_hour\":3600}}],\"jobs\":[{\"id\":1,"
     "\"location_index\":1,\"setup\":4,\"service\":3}]," LINE "}",
     0, 27},
    {"custom costs",
     "{\"vehicles\":[{" FROM_0 "}]," JOBS ",\"matrices\":{\"car\":{\"durations\":[[0,10,20],"
     "[10,0,10],[20,10,0]],\"costs\":[[0,2,3],[2,0,1],[3,1,0]]}}}",
     0, 6},
    {"priority",
     "{\"vehicles\":[{" FROM_0 ",\"max_tasks\":1}],\"jobs\":[{\"id\":1,\"location_index\":1},"
     "{\"id\":2,\"location_index\":2,\"priority\":1}]," LINE "}",
     1, 40},
    {"setup once a place",
     "{\"vehicles\":[{" FROM_0 ",\"time_window\":[0,30]}],\"jobs\":[{\"id\":1,"
     "\"location_index\":1,\"setup\":10},{\"id\":2,\"location_index\":1,\"setup\":10}],"
     "\"matrices\":{\"car\":{\"durations\":[[0,10],[10,0]]}}}",
     0, 20},
    {"several windows",
     "{\"vehicles\":[{" FROM_0 ",\"time_window\":[0,100]}],\"jobs\":[{\"id\":1,\"location_index\":1,"
     "\"time_windows\":[[0,5],[50,60]],\"service\":40}]," LINE "}",
     0, 20},
    {"breaks in any order",
     "{\"vehicles\":[{" FROM_0 ",\"time_window\":[0,200],\"breaks\":[{\"id\":1,\"service\":10,"
     "\"time_windows\":[[100,110]]},{\"id\":2,\"service\":10,\"time_windows\":[[20,30]]}]}]," JOBS "," LINE
     "}",
     0, 40},
    {"break with an empty vehicle",
     "{\"vehicles\":[{" FROM_0 ",\"capacity\":[1],\"breaks\":[{\"id\":1,\"time_windows\":[[0,5]],"
     "\"max_load\":[0]}]}],\"jobs\":[{\"id\":1,\"location_index\":1,\"delivery\":[1]}]," LINE "}",
     1, 0},
    {"shipment",
     "{\"vehicles\":[{" FROM_0 ",\"capacity\":[1]}],\"shipments\":[{\"amount\":[1],\"pickup\":{"
     "\"id\":1,\"location_index\":2},\"delivery\":{\"id\":1,\"location_index\":1}}]," LINE "}",
     0, 40},
    {"times by type, of many types",
     "{\"vehicles\":[{" FROM_0 ",\"type\":\"a\",\"time_window\":[0,30]},{\"id\":2,\"start_index\":0,"
     "\"type\":\"b\",\"time_window\":[0,30]}],\"jobs\":[{\"id\":1,\"location_index\":1,\"service\":50,"
     "\"service_per_type\":{\"b\":20,\"c\":1,\"d\":2}},{\"id\":2,\"location_index\":1,\"service\":10,"
     "\"setup_per_type\":{\"b\":30}}]," LINE "}",
     0, 30},
    {"profiles",
     "{\"vehicles\":[{" FROM_0 ",\"profile\":\"bike\"}]," JOBS ",\"matrices\":{\"bike\":{"
     "\"durations\":[[0,1,2],[1,0,1],[2,1,0]]},\"car\":{\"durations\":[[0,9],[9,0]]}}}",
     0, 4},
    {"a profile without a matrix goes by coordinates",
     "{\"vehicles\":[{" FROM_0 ",\"start\":[0,0],\"end\":[0,0],\"profile\":\"bike\"}],\"jobs\":[{\"id\":1,"
     "\"location_index\":1,\"location\":[0,0.001]}],\"matrices\":{\"car\":{\"durations\":[[0,9],[9,0]]}}}",
     0, 30},
    {"metres by coordinates where they cost",
     "{\"vehicles\":[{" FROM_0 ",\"start\":[0,0],\"end\":[0,0],\"costs\":{\"per_hour\":0,\"per_km\":1000}}],"
     "\"jobs\":[{\"id\":1,\"location_index\":1,\"location\":[0,0.001]}],\"matrices\":{\"car\":{"
     "\"durations\":[[0,9],[9,0]]}}}",
     0, 290},
    {"coordinates only",
     "{\"vehicles\":[{\"id\":1,\"start\":[0,0]}],\"jobs\":[{\"id\":1,\"location\":[0,0.001]}],"
     "\"matrices\":{}}",
     0, 15},
    {"steps",
     "{\"vehicles\":[{" FROM_0 ",\"steps\":[{\"type\":\"start\"},{\"type\":\"job\",\"id\":2},"
     "{\"type\":\"job\",\"id\":1},{\"type\":\"end\"}]}]," JOBS "," LINE "}",
     0, 40},
    {"unknown keys", "{\"vehicles\":[{" FROM_0 ",\"colour\":\"red\"}],\"x\":{}," JOBS "," LINE "}", 0, 40},
};

static void read_text(const char *text, struct instance *in)
{
    struct instance_options options = {0};
    struct instance_fault fault = {""};
    ck_assert_msg(instance_read("vroom", "x", text, strlen(text), &options, in, &fault) == 0, "%s",
                  fault.text);
}

/* Groups are copies of a task for vehicle types. */
static int32_t left_out(const struct vrp_problem *p, const struct vrp_solution *s)
{
    int32_t n = 0;
    for (int32_t i = 0; i < s->n_unserved; i++) {
        int32_t group = p->tasks[s->unserved[i].task].group;
        bool again = i && group != VRP_NONE && p->tasks[s->unserved[i - 1].task].group == group;
        n += s->unserved[i].reason != VRP_R_ALTERNATIVE && !again;
    }
    return n;
}

static double prizes(const struct instance *in, const struct vrp_solution *s)
{
    int64_t sum = 0;
    for (int32_t i = 0; i < s->n_unserved; i++)
        if (s->unserved[i].reason != VRP_R_ALTERNATIVE)
            sum += in->p.tasks[s->unserved[i].task].prize;
    return (double)sum * in->cost_unit;
}

START_TEST(accepted_as_documented)
{
    const struct accepted *a = &accepted[_i];
    struct instance in;
    struct vrp_params params = {.iterations = 300, .seed = 1};
    struct vrp_result result;
    read_text(a->text, &in);
    ck_assert_int_eq(vrp_solve(&in.p, &params, &result, NULL), 0);
    ck_assert_msg(left_out(&in.p, &result.best) == a->left_out, "%s: %d left out", a->about,
                  left_out(&in.p, &result.best));
    double cost = (double)result.best.cost * in.cost_unit - prizes(&in, &result.best);
    ck_assert_msg(cost > a->cost - 0.5 && cost < a->cost + 0.5, "%s: %f", a->about, cost);
    vrp_solution_fini(&result.best);
    instance_free(&in);
}
END_TEST

/* A skill a vehicle, as used to pin tasks: far more than a mask has bits. */
START_TEST(skills_are_many)
{
    enum { VEHICLES = 100 };
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    fputs("{\"vehicles\":[", f);
    for (int i = 0; i < VEHICLES; i++)
        fprintf(f, "%s{\"id\":%d,\"start_index\":0,\"skills\":[%d,7]}", i ? "," : "", i, 1000 + i);
    fputs("],\"jobs\":[", f);
    for (int i = 0; i <= VEHICLES; i++)
        fprintf(f, "%s{\"id\":%d,\"location_index\":1,\"skills\":[7,%d]}", i ? "," : "", i, 1000 + i);
    fputs("],\"matrix\":[[0,5],[5,0]]}", f);
    fclose(f);
    struct instance in;
    struct vrp_params params = {.iterations = 300, .seed = 1};
    struct vrp_result result;
    struct vrp_report report;
    read_text(text, &in);
    ck_assert_int_eq(vrp_solve(&in.p, &params, &result, NULL), 0);
    ck_assert_int_eq(vrp_check(&in.p, &result.best, &report), 0);
    ck_assert_int_eq(result.best.n_unserved, 1); /* nobody has the last skill */
    ck_assert_int_eq(result.best.unserved[0].task, VEHICLES);
    for (int i = 0; i < result.best.n_routes; i++) {
        const struct vrp_route *r = &result.best.routes[i];
        ck_assert_int_eq(r->n, 1);
        ck_assert_int_eq(r->stops[0] / 2, r->vehicle);
    }
    vrp_solution_fini(&result.best);
    instance_free(&in);
    free(text);
}
END_TEST

static const struct refused {
    const char *text, *says;
} refused[] = {
    {"{\"vehicles\":[{" FROM_0
     "}],\"jobs\":[{\"id\":1,\"location_index\":1},{\"id\":1,\"location_index\":2}]," LINE "}",
     "jobs.id: two have the same"},
    {"{\"vehicles\":[{" FROM_0 "}],\"shipments\":[{\"pickup\":{\"id\":1,\"location_index\":1},\"delivery\":{"
     "\"id\":1,\"location_index\":2}},{\"pickup\":{\"id\":1,\"location_index\":1},\"delivery\":{\"id\":2,"
     "\"location_index\":2}}]," LINE "}",
     "shipments: pickup.id: two have the same"},
    {"{\"vehicles\":[{" FROM_0 ",\"breaks\":[{\"id\":1},{\"id\":1}]}]," JOBS "," LINE "}",
     "two breaks have the same id"},
    {"{\"vehicles\":[{" FROM_0 ",\"profile\":\"bike\"}]," JOBS "," LINE "}", "matrices.bike.durations"},
    {"{\"vehicles\":[{" FROM_0 ",\"max_distance\":9}]," JOBS "," LINE "}", "matrices.car.distances"},
    {"{\"vehicles\":[{" FROM_0 "}],\"jobs\":[{\"id\":1}]," LINE "}", "location_index"},
    {"{\"vehicles\":[{" FROM_0 "}],\"jobs\":[{\"id\":1,\"location_index\":1,\"priority\":101}]," LINE "}",
     "jobs[0].priority"},
    {"{\"vehicles\":[{" FROM_0 "}],\"jobs\":[{\"id\":1,\"location_index\":1,\"time_windows\":[[9,3]]}]," LINE
     "}",
     "jobs[0].time_windows"},
};

START_TEST(refused_as_documented)
{
    struct instance in;
    struct instance_options options = {0};
    struct instance_fault fault = {""};
    const char *text = refused[_i].text;
    ck_assert_int_eq(instance_read("vroom", "x", text, strlen(text), &options, &in, &fault), -1);
    ck_assert_msg(strstr(fault.text, refused[_i].says) != NULL, "says \"%s\"", fault.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vroom_read");
    TCase *t = tcase_create("vroom_read");
    tcase_add_loop_test(t, accepted_as_documented, 0, (int)(sizeof accepted / sizeof *accepted));
    tcase_add_test(t, skills_are_many);
    tcase_add_loop_test(t, refused_as_documented, 0, (int)(sizeof refused / sizeof *refused));
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
