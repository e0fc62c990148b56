#include "base/id.h"

#include "base/crypto.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, EACH = 20000 };

START_TEST(its_parts_are_where_rfc_9562_has_them)
{
    char text[UUID_TEXT_MAX];
    /* the instant of the example in appendix A.6: 2022-02-22 19:22:22 UTC */
    struct uuid id = uuid_v7(1645557742000000), back;
    uuid_format(&id, text);
    ck_assert_int_eq(strncmp(text, "017f22e2-79b0-7000-", 19), 0);
    ck_assert_int_eq(id.bytes[8] & 0xC0, 0x80);
    ck_assert_int_eq(uuid_parse(text, &back), 0);
    ck_assert_mem_eq(&id, &back, sizeof id);
}
END_TEST

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct uuid));
}

static void *make(void *arg)
{
    struct uuid *ids = arg;
    for (int i = 0; i < EACH; i++)
        ids[i] = uuid_v7(1700000000000000 - i % 3 * 1000000); /* a clock that goes to and fro */
    return NULL;
}

START_TEST(each_is_greater_than_the_one_before)
{
    static struct uuid ids[THREADS][EACH];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make, ids[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        for (int k = 1; k < EACH; k++)
            ck_assert_int_lt(memcmp(&ids[i][k - 1], &ids[i][k], 8), 0);
    qsort(ids, THREADS * EACH, sizeof(struct uuid), compare);
    for (int i = 1; i < THREADS * EACH; i++)
        ck_assert_int_ne(memcmp(&ids[0][0] + i - 1, &ids[0][0] + i, 8),
                         0); /* not even by their random part */
}
END_TEST

START_TEST(what_is_no_uuid_is_refused)
{
    static const char *const wrong[] = {
        NULL,
        "",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "017f22e279b0-7cc3-98c4-dc0c0c07398f-",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
        "017f22e2-79b0-7cc3-98c4 dc0c0c07398f",
    };
    struct uuid id = {{9}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_int_eq(uuid_parse(wrong[i], &id), -1);
    ck_assert_int_eq(id.bytes[0], 9); /* untouched */
    ck_assert_int_eq(uuid_parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", &id), 0);
}
END_TEST

int main(void)
{
    crypto_init();
    Suite *s = suite_create("base/id");
    TCase *t = tcase_create("id");
    tcase_add_test(t, its_parts_are_where_rfc_9562_has_them);
    tcase_add_test(t, each_is_greater_than_the_one_before);
    tcase_add_test(t, what_is_no_uuid_is_refused);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
