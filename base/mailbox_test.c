#include "base/mailbox.h"

#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

enum { THREADS = 4, EACH = 50000 };

struct sink {
    struct loop *loop;
    struct mailbox *box;
    uintptr_t last[THREADS];
    long taken;
    int misplaced;
};

struct source {
    struct mailbox *box;
    uintptr_t number;
    pthread_t thread;
};

static void *put_all(void *arg)
{
    struct source *s = arg;
    for (uintptr_t i = 1; i <= EACH; i++)
        while (mailbox_put(s->box, (void *)(i * THREADS + s->number)))
            sched_yield();
    return NULL;
}

static void take(void *arg, void *message)
{
    struct sink *k = arg;
    uintptr_t i = (uintptr_t)message / THREADS, from = (uintptr_t)message % THREADS;
    k->misplaced += i != k->last[from] + 1;
    k->last[from] = i;
    if (++k->taken == (long)THREADS * EACH)
        loop_stop(k->loop);
}

START_TEST(all_arrive_once_in_the_order_of_each_thread)
{
    struct sink k = {.loop = loop_new(NULL, NULL)};
    struct source sources[THREADS];
    k.box = mailbox_new(k.loop, 1000, take, &k);
    for (int i = 0; i < THREADS; i++) {
        sources[i] = (struct source){.box = k.box, .number = (uintptr_t)i};
        ck_assert_int_eq(pthread_create(&sources[i].thread, NULL, put_all, &sources[i]), 0);
    }
    loop_run(k.loop);
    for (int i = 0; i < THREADS; i++)
        pthread_join(sources[i].thread, NULL);
    ck_assert_int_eq(k.taken, (long)THREADS * EACH);
    ck_assert_int_eq(k.misplaced, 0);
    mailbox_free(k.box, NULL);
    loop_free(k.loop);
}
END_TEST

static int dropped;

static void drop(void *message)
{
    free(message);
    dropped++;
}

static void never(void *arg, void *message)
{
    (void)arg;
    (void)message;
    ck_abort_msg("taken though the loop never ran");
}

START_TEST(a_full_box_refuses_and_what_is_left_is_dropped)
{
    struct loop *l = loop_new(NULL, NULL);
    struct mailbox *m = mailbox_new(l, 3, never, NULL);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(mailbox_put(m, malloc(1)), 0);
    void *mine = malloc(1);
    ck_assert_int_eq(mailbox_put(m, mine), -1);
    free(mine);
    mailbox_free(m, drop);
    ck_assert_int_eq(dropped, 3);
    loop_free(l);
}
END_TEST

struct echo {
    struct loop *loop;
    struct mailbox *box;
    int seen;
};

static void answer(void *arg, void *message)
{
    struct echo *e = arg;
    if (++e->seen == 100)
        loop_stop(e->loop);
    else
        ck_assert_int_eq(mailbox_put(e->box, message), 0);
}

START_TEST(what_is_put_while_taking_is_taken_later)
{
    struct echo e = {.loop = loop_new(NULL, NULL)};
    e.box = mailbox_new(e.loop, 10, answer, &e);
    ck_assert_int_eq(mailbox_put(e.box, &e), 0);
    loop_run(e.loop);
    ck_assert_int_eq(e.seen, 100);
    mailbox_free(e.box, NULL);
    loop_free(e.loop);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/mailbox");
    TCase *t = tcase_create("mailbox");
    tcase_set_timeout(t, 20);
    tcase_add_test(t, all_arrive_once_in_the_order_of_each_thread);
    tcase_add_test(t, a_full_box_refuses_and_what_is_left_is_dropped);
    tcase_add_test(t, what_is_put_while_taking_is_taken_later);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
