/* Readers on small instances of each format, writers read back, and what must be refused. */
#include "routing/format/instance.h"
#include "routing/format/json_tables.h"
#include "routing/format/native.h"
#include "routing/format/output.h"
#include "routing/format/sol.h"
#include "routing/format/vroom.h"
#include "routing/vrp/checker.h"
#include "routing/vrp/solver.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char vrplib_text[] =
    "NAME : four\nTYPE : CVRP\nDIMENSION : 5\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 10\n"
    "NODE_COORD_SECTION\n1 0 0\n2 0 10\n3 0 20\n4 10 0\n5 20 0\n"
    "DEMAND_SECTION\n1 0\n2 5\n3 5\n4 5\n5 5\nDEPOT_SECTION\n 1\n -1\nEOF\n";
static const char rich_text[] =
    "NAME: rich\nTYPE: MTVRPTWR\nEDGE_WEIGHT_TYPE: EUC_2D\nDIMENSION: 4\nVEHICLES: 2\nCAPACITY: "
    "5\nSERVICE_TIME: 3\n"
    "NODE_COORD_SECTION\n1 0 0\n2 0 10\n3 0 20\n4 10 0\nDEMAND_SECTION\n1 0\n2 5\n3 5\n4 5\n"
    "TIME_WINDOW_SECTION\n1 0 1000\n2 0 900\n3 0 900\n4 0 900\nRELEASE_TIME_SECTION\n1 0\n2 5\n3 0\n4 0\n"
    "VEHICLES_RELOAD_DEPOT_SECTION\n1 1\n2 1\nDEPOT_SECTION\n1\nEOF\n";
static const char solomon_text[] =
    "T1\n\nVEHICLE\nNUMBER     CAPACITY\n  3         10\n\nCUSTOMER\n"
    "CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME\n\n"
    "0 0 0 0 0 500 0\n1 0 10 5 0 400 10\n2 0 20 5 0 400 10\n3 10 0 5 50 400 10\n";
static const char lilim_text[] = "2\t20\t1\n0\t0\t0\t0\t0\t500\t0\t0\t0\n1\t0\t10\t5\t0\t400\t10\t0\t2\n"
                                 "2\t0\t20\t-5\t0\t400\t10\t1\t0\n3\t10\t0\t5\t0\t400\t10\t0\t4\n"
                                 "4\t20\t0\t-5\t0\t400\t10\t3\t0\n";
static const char vroom_text[] =
    "{\"vehicles\":[{\"id\":7,\"start_index\":0,\"end_index\":0,\"capacity\":[4],\"skills\":[1],\"type\":"
    "\"bike\","
    "\"time_window\":[1600000000,1600036000],\"breaks\":[{\"id\":3,\"service\":300,"
    "\"time_windows\":[[1600003000,1600009000]]}],\"costs\":{\"fixed\":10,\"per_hour\":3600}}],"
    "\"jobs\":[{\"id\":1,\"location_index\":1,\"delivery\":[1],\"service\":60,\"service_per_type\":{\"bike\":"
    "90}},"
    "{\"id\":2,\"location_index\":2,\"delivery\":[1],\"skills\":[5],\"description\":\"needs \\\"5\\\"\"},"
    "{\"id\":3,\"location_index\":2,\"delivery\":[9]}],"
    "\"shipments\":[{\"amount\":[2],\"pickup\":{\"id\":11,\"location_index\":2},"
    "\"delivery\":{\"id\":12,\"location_index\":1}}],"
    "\"matrices\":{\"car\":{\"durations\":[[0,100,200],[110,0,120],[210,130,0]]}}}";
static const char native_text[] =
    "{\"yizhan\":1,\"name\":\"two "
    "doors\",\"locations\":[[116.59,35.41],[116.60,35.41],[116.60,35.42],[116.58,35.40]],"
    "\"vehicles\":[{\"count\":2,\"start\":0,\"end\":0,\"capacity\":[10],\"shift\":[0,20000],\"unit_travel\":"
    "1,"
    "\"max_trips\":2,\"reload_time\":60,\"breaks\":[{\"service\":600,\"windows\":[[3600,7200]]}]}],"
    "\"resources\":[{\"capacity\":0}],"
    "\"tasks\":[{\"location\":1,\"delivery\":[6],\"service\":60},"
    "{\"location\":2,\"delivery\":[6],\"group\":0,\"resource\":0,\"resource_units\":1},"
    "{\"location\":3,\"delivery\":[6],\"group\":0,\"cost\":40,\"windows\":[[100,8000]]},"
    "{\"from\":{\"location\":1},\"to\":{\"location\":2,\"service\":5},\"load\":[3]}],"
    "\"plan\":[{\"vehicle\":0,\"stops\":[0,\"break\"],\"frozen\":1}]}";

static const char loggi_text[] =
    "{\"name\":\"rj\",\"origin\":{\"lng\":-43.4,\"lat\":-22.8},\"vehicle_capacity\":10,\"deliveries\":["
    "{\"id\":\"a\",\"point\":{\"lng\":-43.41,\"lat\":-22.8},\"size\":6},"
    "{\"id\":\"b\",\"point\":{\"lng\":-43.39,\"lat\":-22.8},\"size\":6}]}";

static const struct sample {
    const char *format, *text;
    int32_t tasks, vehicles;
    double cost; /* of the best solution, in the file's convention; 0 = not compared */
    int unserved;
} samples[] = {
    {"vrplib", vrplib_text, 4, 4, 80, 0},   {"vrplib", rich_text, 3, 2, 80, 0},
    {"solomon", solomon_text, 3, 3, 60, 0}, {"lilim", lilim_text, 2, 2, 72.3606797749979, 0},
    {"vroom", vroom_text, 5, 1, 0, 3},      {"yizhan", native_text, 4, 2, 0, 1},
    {"loggi", loggi_text, 2, 2, 4100, 0},
};

static void load(const char *format, const char *text, struct instance *in)
{
    struct instance_options options = {0};
    struct instance_fault fault = {""};
    int status = instance_read(format, "x", text, strlen(text), &options, in, &fault);
    ck_assert_msg(status == 0, "%s: %s", format, fault.text);
}

static int32_t fleet(const struct vrp_problem *p)
{
    int32_t n = 0;
    for (int32_t v = 0; v < p->n_vehicles; v++)
        n += p->vehicles[v].count;
    return n;
}

static void solve(const struct instance *in, struct vrp_solution *ret)
{
    struct vrp_params params = {.iterations = 300, .seed = 1};
    struct vrp_result result;
    struct vrp_report report;
    ck_assert_int_eq(vrp_solve(&in->p, &params, &result, NULL), 0);
    ck_assert_int_eq(vrp_check(&in->p, &result.best, &report), 0);
    ck_assert_int_eq(report.cost, result.best.cost);
    *ret = result.best;
}

START_TEST(sample_is_read_and_solved)
{
    const struct sample *s = &samples[_i];
    struct instance in;
    struct vrp_solution best;
    load("auto", s->text, &in);
    ck_assert_str_eq(in.format, s->format);
    ck_assert_int_eq(in.p.n_tasks, s->tasks);
    ck_assert_int_eq(fleet(&in.p), s->vehicles);
    solve(&in, &best);
    ck_assert_int_eq(best.n_unserved, s->unserved);
    if (s->cost > 0)
        ck_assert_double_eq_tol(output_cost(&in, &best), s->cost, 1e-6);
    vrp_solution_fini(&best);
    instance_free(&in);
}
END_TEST

/* What a writer writes into memory; the caller frees. */
static char *written(int (*write)(const struct instance *, const struct vrp_solution *, FILE *),
                     const struct instance *in, const struct vrp_solution *s)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    ck_assert_int_eq(write(in, s, f), 0);
    fclose(f);
    return text;
}

typedef int solution_reader(const struct instance *, const char *, size_t, struct vrp_solution *,
                            struct instance_fault *);

static void compare_back(const struct instance *in, const struct vrp_solution *best, char *text,
                         solution_reader *read)
{
    struct vrp_solution back;
    struct vrp_report report;
    struct instance_fault fault = {""};
    ck_assert_msg(read(in, text, strlen(text), &back, &fault) == 0, "%s", fault.text);
    ck_assert_int_eq(vrp_check(&in->p, &back, &report), 0);
    ck_assert_int_eq(report.cost, best->cost);
    vrp_solution_fini(&back);
    free(text);
}

START_TEST(solutions_are_read_back)
{
    struct instance in;
    struct vrp_solution best;
    load("auto", samples[_i].text, &in);
    solve(&in, &best);
    compare_back(&in, &best, written(native_write, &in, &best), native_read_solution);
    if (_i < 4)
        compare_back(&in, &best, written(sol_write, &in, &best), sol_read);
    vrp_solution_fini(&best);
    instance_free(&in);
}
END_TEST

START_TEST(vroom_answer_is_whole)
{
    struct instance in;
    struct vrp_solution best;
    load("vroom", vroom_text, &in);
    solve(&in, &best);
    char *text = written(vroom_write, &in, &best);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    json_t *summary = json_object_get(root, "summary"),
           *route = json_array_get(json_object_get(root, "routes"), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(summary, "unassigned")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(summary, "service")),
                     390); /* 90 by type, 300 break */
    ck_assert_int_eq(json_integer_value(json_object_get(route, "vehicle")), 7);
    json_t *steps = json_object_get(route, "steps"), *first = json_array_get(steps, 0);
    ck_assert_int_eq((int)json_array_size(steps), 6);
    ck_assert(json_integer_value(json_object_get(first, "arrival")) >= 1600000000);
    const char *reasons[] = {"skills", "too_big"};
    for (int i = 0; i < 2; i++) {
        json_t *u = json_array_get(json_object_get(root, "unassigned"), (size_t)i);
        ck_assert_int_eq(json_integer_value(json_object_get(u, "id")), i + 2);
        ck_assert_str_eq(json_string_value(json_object_get(u, "reason")), reasons[i]);
    }
    json_decref(root);
    compare_back(&in, &best, text, vroom_read_solution);
    vrp_solution_fini(&best);
    instance_free(&in);
}
END_TEST

START_TEST(geojson_has_a_line_a_route)
{
    struct instance in;
    struct vrp_solution best;
    load("yizhan", native_text, &in);
    solve(&in, &best);
    char *text = written(geojson_write, &in, &best);
    json_t *root = json_loads(text, 0, NULL);
    ck_assert_int_eq((int)json_array_size(json_object_get(root, "features")), best.n_routes);
    json_decref(root);
    free(text);
    vrp_solution_fini(&best);
    instance_free(&in);
}
END_TEST

static const struct bad {
    const char *format, *text, *says;
} bads[] = {
    {"vrplib", "NAME: x\nDIMENSION: 3\nDEMAND_SECTION\n1 0\n2 zwei\n", "line 5"},
    {"vrplib", "NAME: x\nDIMENSION: 3\n", "neither coordinates nor weights"},
    {"vrplib", "NAME: x\n", "DIMENSION"},
    {"vrplib", "DIMENSION: 99999999\n", "out of range"},
    {"solomon", "X\nVEHICLE\nNUMBER CAPACITY\n3 10\nCUSTOMER\n0 0 0 0 0 9 0\n1 2 x\n", "line 7"},
    {"lilim", "1 1 1\n0 0 0 0 0 9 0 0 0\n1 0 0 1 0 9 0 0 7\n", "row 1"},
    {"vroom", "{\"vehicles\":[]}", "vehicles"},
    {"vroom",
     "{\"vehicles\":[{\"id\":1,\"start_index\":0}],\"jobs\":[{\"id\":1,\"location_index\":4}],"
     "\"matrices\":{\"car\":{\"durations\":[[0]]}}}",
     "matrices.car.durations"},
    {"vroom", "{\"vehicles\":[{\"id\":1,\"id\":2}]}", "line 1"},
    {"vrplib", "NAME : a\nDIMENSION : 2\nNODE_COORD_SECTION\n1 0 0\n2 0 9\nDIMENSION : 4\n", "given twice"},
    {"yizhan", "{\"yizhan\":2}", "version"},
    {"yizhan",
     "{\"yizhan\":1,\"locations\":[[0,0]],\"vehicles\":[{\"start\":0,\"end\":0}],\"tasks\":[{\"location\":5}]"
     "}",
     "task 0: location out of range"},
    {"nonsense", "", "unknown format"},
};

START_TEST(bad_input_is_told)
{
    const struct bad *b = &bads[_i];
    struct instance in;
    struct instance_options options = {0};
    struct instance_fault fault = {""};
    ck_assert_int_eq(instance_read(b->format, "x", b->text, strlen(b->text), &options, &in, &fault), -1);
    ck_assert_msg(strstr(fault.text, b->says) != NULL, "says \"%s\"", fault.text);
}
END_TEST

/* A square table of numbers with as many rows; `last` stands for the last number. */
static char *table_text(int n, const char *last)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    fputs("{\"a\": \"[[1,\\\"\", \"t\": [", f);
    for (int i = 0; i < n; i++) {
        fputs(i ? ",\n [" : "[", f);
        for (int k = 0; k < n; k++)
            fprintf(f, "%s%d", k ? ", " : "", i == n - 1 && k == n - 1 ? 0 : i * k);
        if (i == n - 1)
            fputs(last, f);
        fputc(']', f);
    }
    fputs("], \"w\": [[1, 2]]}", f);
    fclose(f);
    return text;
}

static const struct table_case {
    int n;
    const char *last; /* behind the last number */
    int taken;
} table_cases[] = {
    {65, "", 1}, {64, "", 0}, {65, ",1", 0}, {65, ".5", 0}, {65, "e2", 0}, {65, ",-1", 0}, {65, "x", 0},
};

START_TEST(large_tables_are_taken_out)
{
    const struct table_case *c = &table_cases[_i];
    char *text = table_text(c->n, c->last);
    struct json_tables t;
    ck_assert_int_eq(json_tables_take(text, strlen(text), &t), 0);
    ck_assert_int_eq(t.n, c->taken);
    if (c->taken) {
        t.text[t.n_text] = 0;
        ck_assert_str_eq(t.text, "{\"a\": \"[[1,\\\"\", \"t\": {\"\":0}, \"w\": [[1, 2]]}");
        for (int i = 0; i < c->n * c->n - 1; i++)
            ck_assert_int_eq(t.table[0].entry[i], i / c->n * (i % c->n));
    } else {
        ck_assert_int_eq(t.n_text, strlen(text));
        ck_assert_int_eq(memcmp(t.text, text, t.n_text), 0);
    }
    json_tables_fini(&t);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("format");
    TCase *t = tcase_create("format");
    int n = (int)(sizeof samples / sizeof *samples);
    tcase_add_loop_test(t, sample_is_read_and_solved, 0, n);
    tcase_add_loop_test(t, solutions_are_read_back, 0, n);
    tcase_add_test(t, vroom_answer_is_whole);
    tcase_add_test(t, geojson_has_a_line_a_route);
    tcase_add_loop_test(t, bad_input_is_told, 0, (int)(sizeof bads / sizeof *bads));
    tcase_add_loop_test(t, large_tables_are_taken_out, 0, (int)(sizeof table_cases / sizeof *table_cases));
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
