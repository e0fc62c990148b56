/* The provider against our own OSRM surface, and against servers that answer badly. */
#include "routing/format/matrix_osrm.h"
#include "routing/road/mem.h"
#include "routing/road/osrm.h"
#include "routing/road/provider.h"
#include "routing/road/test_map.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TOWN                                                                                                 \
    "n a 0 0\nn b 900 0\nn c 900 900\nn d 0 900\nn e 450 0\nn f 450 900\n"                                   \
    "w 1 a e b highway=residential\nw 2 b c highway=residential\nw 3 c f d highway=residential\n"            \
    "w 4 d a highway=residential\nw 5 e f highway=residential oneway=yes\n"

struct server {
    struct osrm *osrm;
    int asked;
    size_t longest;
};

static int serve(void *arg, const char *url, char **ret_body, size_t *ret_len, struct route_error *err)
{
    struct server *s = arg;
    struct text t = {0};

    (void)err;
    ck_assert(!strncmp(url, "http://osrm:5000/table/v1/van/", 30));
    s->asked++;
    s->longest = strlen(url) > s->longest ? strlen(url) : s->longest;
    osrm_answer(s->osrm, url + strlen("http://osrm:5000"), &t);
    *ret_body = t.at;
    *ret_len = t.n;
    return 0;
}

START_TEST(equals_the_road_file)
{
    enum { N = 23, M = 9 };
    struct geo_point from[N], to[M];
    int32_t seconds[N * M], metres[N * M], want_seconds[N * M], want_metres[N * M];
    struct matrix_provider osrm, road;
    struct matrix_query q = {.from = from, .n_from = N, .to = to, .n_to = M, .profile = "van", .hour = -1};
    struct server server = {0};
    struct test_map m;

    test_map_new(&m, TOWN);
    server.osrm = osrm_new(m.road);
    for (int i = 0; i < N; i++)
        from[i] = test_at(40 * i, i % 2 ? 5 : -5);
    for (int i = 0; i < M; i++)
        to[i] = test_at(450 + (i % 2 ? 5 : -5), 100 * i + 20);
    ck_assert_int_eq(
        matrix_osrm_init(&osrm,
                         &(struct matrix_osrm_options){
                             .url = "http://osrm:5000/", .coordinates = 10, .get = serve, .arg = &server},
                         NULL),
        0);
    matrix_road_init(&road, m.road, 1);
    ck_assert_int_eq(matrix_get(&road, &q, want_seconds, want_metres, NULL), 0);
    ck_assert_int_eq(matrix_get(&osrm, &q, seconds, metres, NULL), 0);
    ck_assert_int_eq(server.asked, 5 * 2);
    for (int i = 0; i < N * M; i++) { /* the URL carries seven digits, and so does a point */
        ck_assert_int_le(abs(seconds[i] - want_seconds[i]), 1);
        ck_assert_int_le(abs(metres[i] - want_metres[i]), 1);
    }
    ck_assert_int_eq(matrix_get(&osrm, &q, seconds, NULL, NULL), 0);
    ck_assert_uint_lt(server.longest, 512);
    matrix_free(&osrm);
    matrix_free(&road);
    osrm_free(server.osrm);
    test_map_free(&m);
}
END_TEST

static int say(void *arg, const char *url, char **ret_body, size_t *ret_len, struct route_error *err)
{
    (void)url;
    if (!arg)
        return route_error_set(err, ROUTE_OUTSIDE, -1, "http://s: timed out");
    *ret_body = strdup(arg);
    *ret_len = strlen(arg);
    return 0;
}

static const struct {
    const char *answer, *says;
    int code;
} answers[] = {
    {NULL, "timed out", ROUTE_OUTSIDE},
    {"<html>502 Bad Gateway</html>", "no JSON", ROUTE_OUTSIDE},
    {"", "no JSON", ROUTE_OUTSIDE},
    {"[]", "nothing of OSRM's", ROUTE_OUTSIDE},
    {"{\"code\":\"NoSegment\",\"message\":\"coordinate 1\"}", "NoSegment: coordinate 1", ROUTE_NOT_ON_ROAD},
    {"{\"code\":\"TooBig\",\"message\":\"Too many table coordinates\"}", "points 0–0 to 0–1", ROUTE_OUTSIDE},
    {"{\"code\":\"Ok\"}", "durations are 0 rows", ROUTE_OUTSIDE},
    {"{\"code\":\"Ok\",\"durations\":[[1,2],[3,4]],\"distances\":[[1,2]]}", "2 rows instead of 1",
     ROUTE_OUTSIDE},
    {"{\"code\":\"Ok\",\"durations\":[[1]],\"distances\":[[1,2]]}", "1 cells instead of 2", ROUTE_OUTSIDE},
    {"{\"code\":\"Ok\",\"durations\":[[1,\"x\"]],\"distances\":[[1,2]]}", "no number", ROUTE_OUTSIDE},
    {"{\"code\":\"Ok\",\"durations\":[[1,-5]],\"distances\":[[1,2]]}", "no number", ROUTE_OUTSIDE},
    {"{\"code\":\"Ok\",\"durations\":[[1,2]]}", "distances are 0 rows", ROUTE_OUTSIDE},
};

START_TEST(bad_answers_change_nothing)
{
    const struct geo_point p[2] = {test_at(0, 0), test_at(9, 9)};
    struct matrix_query q = {.from = p, .n_from = 1, .to = p, .n_to = 2, .profile = "van", .hour = -1};
    int32_t seconds[2] = {7, 7}, metres[2] = {7, 7};
    struct matrix_osrm_options o = {.url = "https://s", .get = say};
    struct matrix_provider x;
    struct route_error err = {0};
    char text[160];

    if (answers[_i].answer)
        o.arg = strcpy(text, answers[_i].answer);
    ck_assert_int_eq(matrix_osrm_init(&x, &o, NULL), 0);
    ck_assert_int_eq(matrix_get(&x, &q, seconds, metres, &err), -1);
    ck_assert_msg(strstr(err.text, answers[_i].says) != NULL, "%s", err.text);
    ck_assert_int_eq(err.code, answers[_i].code);
    ck_assert(seconds[0] == 7 && seconds[1] == 7 && metres[1] == 7);
    matrix_free(&x);
}
END_TEST

START_TEST(no_way_is_no_way)
{
    const struct geo_point p[2] = {test_at(0, 0), test_at(9, 9)};
    struct matrix_query q = {.from = p, .n_from = 1, .to = p, .n_to = 2, .profile = "van", .hour = -1};
    char text[] = "{\"code\":\"Ok\",\"durations\":[[0,null]],\"distances\":[[0.4,null]]}";
    struct matrix_osrm_options o = {.url = "https://s", .get = say, .arg = text};
    struct matrix_provider x;
    int32_t seconds[2], metres[2];

    ck_assert_int_eq(matrix_osrm_init(&x, &o, NULL), 0);
    ck_assert_int_eq(matrix_get(&x, &q, seconds, metres, NULL), 0);
    ck_assert(seconds[0] == 0 && metres[0] == 0);
    ck_assert(seconds[1] == MATRIX_UNREACHABLE && metres[1] == MATRIX_UNREACHABLE);
    matrix_free(&x);
}
END_TEST

START_TEST(bad_urls)
{
    static const char *const urls[] = {"", "osrm:5000", "ftp://osrm", "http://osrm/?x=1", "http://a b"};
    struct matrix_provider x;

    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        ck_assert_int_eq(
            matrix_osrm_init(&x, &(struct matrix_osrm_options){.url = urls[i], .get = say}, NULL), -1);
    ck_assert_int_eq(
        matrix_osrm_init(&x, &(struct matrix_osrm_options){.url = "http://a", .coordinates = 1, .get = say},
                         NULL),
        -1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("osrm as matrix provider");
    TCase *t = tcase_create("matrix");

    tcase_add_test(t, equals_the_road_file);
    tcase_add_loop_test(t, bad_answers_change_nothing, 0, sizeof answers / sizeof *answers);
    tcase_add_test(t, no_way_is_no_way);
    tcase_add_test(t, bad_urls);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
