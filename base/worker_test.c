#include "base/worker.h"

#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { JOBS = 500 };

static struct loop *loop;
static atomic_int worked;
static int finished;

static void work(void *job)
{
    atomic_fetch_add(&worked, *(int *)job);
}

static void done(void *job)
{
    (void)job;
    if (++finished == JOBS)
        loop_stop(loop);
}

START_TEST(every_job_is_done_once_on_the_loop)
{
    static int one = 1;
    loop = loop_new(NULL, NULL);
    struct workers *w = workers_new(loop, 4, JOBS);
    for (int i = 0; i < JOBS; i++)
        ck_assert_int_eq(workers_run(w, work, done, &one), 0);
    loop_run(loop);
    ck_assert_int_eq(atomic_load(&worked), JOBS);
    ck_assert_int_eq(finished, JOBS);
    workers_free(w);
    loop_free(loop);
}
END_TEST

static void fire(void *arg)
{
    int *n = arg;
    if (++*n == 3)
        loop_stop(loop);
}

START_TEST(a_timer_repeats_until_it_is_freed)
{
    int n = 0;
    loop = loop_new(NULL, NULL);
    struct loop_timer *t = loop_timer_new(loop, 1, 1, fire, &n);
    loop_run(loop);
    ck_assert_int_eq(n, 3);
    loop_timer_free(t);
    loop_free(loop);
}
END_TEST

START_TEST(stop_before_run_is_not_lost)
{
    loop = loop_new(NULL, NULL);
    loop_stop(loop);
    loop_run(loop);
    loop_free(loop);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/worker");
    TCase *t = tcase_create("worker");
    tcase_add_test(t, every_job_is_done_once_on_the_loop);
    tcase_add_test(t, a_timer_repeats_until_it_is_freed);
    tcase_add_test(t, stop_before_run_is_not_lost);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
