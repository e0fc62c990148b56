/* Plan mode: the times and the violations of given routes, on inputs shaped like those of VROOM's
 * documentation. */
#include "routing/format/instance.h"
#include "routing/format/vroom.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MATRIX                                                                                               \
    "\"matrices\":{\"car\":{\"durations\":[[0,100,200,300],[100,0,100,200],[200,100,0,100],"                 \
    "[300,200,100,0]],\"distances\":[[0,10,20,30],[10,0,10,20],[20,10,0,10],[30,20,10,0]]}}"

static json_t *run(const char *text)
{
    struct instance in;
    struct instance_options options = {0};
    struct instance_fault fault = {""};
    struct vroom_plan plan;
    char *out = NULL;
    size_t n = 0;
    ck_assert_msg(instance_read("vroom", "x", text, strlen(text), &options, &in, &fault) == 0, "%s",
                  fault.text);
    ck_assert_msg(vroom_plan_make(&in, &plan, &fault) == 0, "%s", fault.text);
    FILE *to = open_memstream(&out, &n);
    ck_assert_int_eq(vroom_plan_write(&in, &plan, to), 0);
    fclose(to);
    vroom_plan_fini(&plan);
    instance_free(&in);
    json_t *root = json_loads(out, 0, NULL);
    ck_assert_msg(root != NULL, "not JSON: %s", out);
    free(out);
    return root;
}

static json_t *step_of(json_t *root, size_t route, size_t step)
{
    return json_array_get(json_object_get(json_array_get(json_object_get(root, "routes"), route), "steps"),
                          step);
}

static json_int_t number(json_t *o, const char *key)
{
    ck_assert_msg(json_is_integer(json_object_get(o, key)), "no %s", key);
    return json_integer_value(json_object_get(o, key));
}

/* The violations of o as "cause duration, cause, …". */
static void says(json_t *o, const char *expected)
{
    char text[200] = "";
    json_t *v;
    size_t i;
    json_array_foreach(json_object_get(o, "violations"), i, v)
    {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%s", i ? ", " : "",
                 json_string_value(json_object_get(v, "cause")));
        n = strlen(text);
        if (json_object_get(v, "duration"))
            snprintf(text + n, sizeof text - n, " %d", (int)number(v, "duration"));
    }
    ck_assert_str_eq(text, expected);
}

/* One route over capacity; one that leaves early as it may, and is late all the same. Absolute times. */
START_TEST(early_and_late_are_weighed)
{
    json_t *root = run(
        "{\"vehicles\":[{\"id\":1,\"start_index\":0,\"end_index\":0,\"capacity\":[4],\"steps\":[{\"type\":"
        "\"start\"},"
        "{\"type\":\"job\",\"id\":1},{\"type\":\"job\",\"id\":2},{\"type\":\"end\"}]},"
        "{\"id\":2,\"start_index\":0,\"end_index\":0,\"time_window\":[1600000000,1600000600],"
        "\"steps\":[{\"type\":\"start\",\"service_after\":1599999950},{\"type\":\"job\",\"id\":3},"
        "{\"type\":\"end\"}]}],"
        "\"jobs\":[{\"id\":1,\"location_index\":1,\"delivery\":[2],\"service\":30},"
        "{\"id\":2,\"location_index\":2,\"delivery\":[3]},{\"id\":4,\"location_index\":2,\"delivery\":[0]},"
        "{\"id\":3,\"location_index\":3,\"service\":10,\"time_windows\":[[1600000000,1600000200]]}]," MATRIX
        "}");
    json_t *summary = json_object_get(root, "summary");
    says(summary, "lead_time 50, delay 50, load");
    ck_assert_int_eq(number(summary, "unassigned"), 1);
    ck_assert_int_eq(number(summary, "routes"), 2);
    ck_assert_int_eq(number(summary, "cost"), 1000);
    says(step_of(root, 0, 0), "load");
    says(step_of(root, 0, 1), "");
    says(step_of(root, 1, 0), "lead_time 50");
    says(step_of(root, 1, 1), "delay 50");
    says(step_of(root, 1, 2), "");
    ck_assert_int_eq(number(step_of(root, 1, 0), "arrival"), 1599999950);
    ck_assert_int_eq(number(step_of(root, 1, 1), "arrival"), 1600000250);
    ck_assert_int_eq(number(step_of(root, 1, 2), "distance"), 60);
    json_decref(root);
}
END_TEST

/* Every rule that is not about time windows, on one route. */
START_TEST(each_rule_is_told)
{
    json_t *root = run(
        "{\"vehicles\":[{\"id\":7,\"start_index\":0,\"capacity\":[5],\"skills\":[1],\"max_tasks\":3,"
        "\"max_travel_time\":350,\"max_distance\":25,\"breaks\":[{\"id\":1,\"time_windows\":[[0,1000]],"
        "\"max_load\":[1]},{\"id\":2,\"time_windows\":[[0,1000]]}],\"steps\":[{\"type\":\"job\",\"id\":1},"
        "{\"type\":\"delivery\",\"id\":9},{\"type\":\"break\",\"id\":1},{\"type\":\"pickup\",\"id\":8},"
        "{\"type\":\"pickup\",\"id\":9}]}],"
        "\"jobs\":[{\"id\":1,\"location_index\":1,\"skills\":[2],\"pickup\":[3]}],"
        "\"shipments\":[{\"amount\":[1],\"pickup\":{\"id\":8,\"location_index\":3},"
        "\"delivery\":{\"id\":8,\"location_index\":1}},"
        "{\"amount\":[1],\"pickup\":{\"id\":9,\"location_index\":1},\"delivery\":{\"id\":9,\"location_"
        "index\":2}}]," MATRIX "}");
    says(step_of(root, 0, 1), "skills");
    says(step_of(root, 0, 2), "precedence");
    says(step_of(root, 0, 3), "max_load");
    says(step_of(root, 0, 4), "precedence, max_distance");
    says(step_of(root, 0, 5), "max_tasks, precedence, max_travel_time, max_distance");
    says(json_object_get(root, "summary"),
         "max_tasks, skills, precedence, missing_break, max_travel_time, max_distance, max_load");
    ck_assert_int_eq(number(json_object_get(root, "summary"), "unassigned"), 1); /* delivery 8 */
    json_decref(root);
}
END_TEST

/* Driving goes on until a break's window opens; a forced begin is kept at the cost of being late. */
START_TEST(breaks_and_forced_times)
{
    static const char *const text =
        "{\"vehicles\":[{\"id\":1,\"start_index\":0,\"end_index\":0,\"time_window\":[0,2000],"
        "\"breaks\":[{\"id\":5,\"service\":50,\"time_windows\":[[160,180]]}],\"steps\":[{\"type\":\"start\"},"
        "{\"type\":\"break\",\"id\":5},{\"type\":\"job\",\"id\":1%s},{\"type\":\"end\"}]}],"
        "\"jobs\":[{\"id\":1,\"location_index\":3,\"service\":20,\"time_windows\":[[0,100],[390,400]]}]"
        "," MATRIX "}";
    char forced[1000];
    snprintf(forced, sizeof forced, text, "");
    json_t *root = run(forced);
    says(json_object_get(root, "summary"), "");
    ck_assert_int_eq(number(step_of(root, 0, 0), "arrival"), 40); /* no waiting: leaves as late as it can */
    ck_assert_int_eq(number(step_of(root, 0, 1), "arrival"), 160);
    ck_assert_int_eq(number(step_of(root, 0, 1), "duration"), 120);
    ck_assert_int_eq(number(step_of(root, 0, 1), "distance"), 12);
    ck_assert_int_eq(number(step_of(root, 0, 2), "arrival"), 390);
    ck_assert_int_eq(number(step_of(root, 0, 3), "arrival"), 710);
    json_decref(root);
    snprintf(forced, sizeof forced, text, ",\"service_at\":500");
    root = run(forced);
    says(json_object_get(root, "summary"), "delay 100");
    ck_assert_int_eq(number(step_of(root, 0, 2), "arrival") + number(step_of(root, 0, 2), "waiting_time"),
                     500);
    json_decref(root);
}
END_TEST

static const struct refused {
    const char *steps, *says;
} refused[] = {
    {"{\"type\":\"job\",\"id\":1,\"service_after\":50,\"service_before\":40}", "no times keep all"},
    {"{\"type\":\"job\",\"id\":1},{\"type\":\"job\",\"id\":1}", "named twice"},
    {"{\"type\":\"job\",\"id\":2}", "not there"},
    {"{\"type\":\"break\",\"id\":2}", "not there"},
    {"{\"type\":\"end\"},{\"type\":\"job\",\"id\":1}", "not last"},
};

START_TEST(nonsense_is_refused)
{
    char text[1000];
    struct instance in;
    struct instance_options options = {0};
    struct instance_fault fault = {""};
    struct vroom_plan plan;
    snprintf(text, sizeof text,
             "{\"vehicles\":[{\"id\":1,\"start_index\":0,\"steps\":[%s]}],"
             "\"jobs\":[{\"id\":1,\"location_index\":1}]," MATRIX "}",
             refused[_i].steps);
    if (instance_read("vroom", "x", text, strlen(text), &options, &in, &fault) == 0) {
        ck_assert_int_eq(vroom_plan_make(&in, &plan, &fault), -1);
        instance_free(&in);
    }
    ck_assert_msg(strstr(fault.text, refused[_i].says) != NULL, "says \"%s\"", fault.text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vroom_plan");
    TCase *t = tcase_create("vroom_plan");
    tcase_add_test(t, early_and_late_are_weighed);
    tcase_add_test(t, each_rule_is_told);
    tcase_add_test(t, breaks_and_forced_times);
    tcase_add_loop_test(t, nonsense_is_refused, 0, (int)(sizeof refused / sizeof *refused));
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
