/* Snapshots: too little room, every length, every byte wrong under a right mac. What is refused leaves the
 * core as it was; what is taken is written again as it came. */
#include "locker-fw/core/snapshot.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "locker-fw/core/testbox.h"

static struct testbox *t;
static struct core copy;
static uint8_t whole[SNAPSHOT_MAX], bent[SNAPSHOT_MAX + 1], again[SNAPSHOT_MAX];
static int len;

/* A parcel inside, one reserved, one expected, a spent grant, an opening under way. */
static void setup(void)
{
    struct grant g;
    unsigned n;

    t = calloc(1, sizeof *t);
    testbox_init(t, 1);
    testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0);
    testbox_visit(t, 1, ITEM_PRESENT);
    testbox_command(t, OP_RESERVE, 7, 3, 5);
    testbox_command(t, OP_EXPECT_DROPOFF, 0, 4, t->now.business + 1000000000);
    g = testbox_grant(t, OP_OPEN_DEPOSIT, 4, 9, 1);
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_NONE);
    len = snapshot_save(&t->core, whole, sizeof whole);
    ck_assert_int_gt(len, 0);
}

static void teardown(void)
{
    free(t);
}

static int load(uint8_t *bytes, size_t n)
{
    static struct core untouched;
    int ret;

    core_init(&untouched, &t->core.setup);
    core_init(&copy, &t->core.setup);
    ret = snapshot_load(&copy, bytes, n);
    if (ret < 0)
        ck_assert_int_eq(memcmp(&copy, &untouched, sizeof copy), 0);
    return ret;
}

/* Gives n bytes a right head and mac. */
static void seal(uint8_t *bytes, size_t n)
{
    uint32_t body = (uint32_t)(n - SNAPSHOT_HEAD);

    for (int i = 0; i < 4; i++)
        bytes[4 + i] = (uint8_t)(body >> (8 * i));
    t->core.setup.crypto->hmac(bytes + n - 32, t->core.setup.keys.chain, bytes, n - 32);
}

START_TEST(comes_back_as_it_was)
{
    ck_assert_int_eq(load(whole, (size_t)len), 0);
    ck_assert_int_eq(snapshot_save(&copy, again, sizeof again), len);
    ck_assert_int_eq(memcmp(whole, again, (size_t)len), 0);
}
END_TEST

START_TEST(too_little_room)
{
    for (int cap = 0; cap < len; cap++)
        ck_assert_int_eq(snapshot_save(&t->core, again, (size_t)cap), -1);
    ck_assert_int_eq(snapshot_save(&t->core, again, (size_t)len), len);
}
END_TEST

START_TEST(every_length_under_a_right_mac)
{
    for (int n = SNAPSHOT_HEAD + 32; n < len; n++) {
        memcpy(bent, whole, (size_t)n);
        seal(bent, (size_t)n);
        ck_assert_msg(load(bent, (size_t)n) == -1, "%d of %d", n, len);
    }
    memcpy(bent, whole, (size_t)len);
    bent[len] = 0;
    seal(bent, (size_t)len + 1);
    ck_assert_int_eq(load(bent, (size_t)len + 1), -1);
    for (int n = 0; n < SNAPSHOT_HEAD; n++)
        ck_assert_int_eq(load(whole, (size_t)n), -1);
}
END_TEST

/* Whatever stands there: refused, or a core that writes the very same again. */
START_TEST(every_byte_under_a_right_mac)
{
    static const uint8_t values[] = {0, 1, 17, 127, 129, 255};
    int refused = 0;

    for (int i = SNAPSHOT_HEAD; i < len - 32; i++) {
        for (size_t v = 0; v < sizeof values; v++) {
            memcpy(bent, whole, (size_t)len);
            bent[i] = values[v];
            seal(bent, (size_t)len);
            if (load(bent, (size_t)len) < 0) {
                refused++;
                continue;
            }
            ck_assert_int_eq(snapshot_save(&copy, again, sizeof again), len);
            ck_assert_msg(memcmp(bent, again, (size_t)len) == 0, "byte %d = %d", i, values[v]);
        }
    }
    ck_assert_int_gt(refused, 100);
}
END_TEST

START_TEST(heads)
{
    uint8_t head[SNAPSHOT_HEAD];

    memcpy(head, whole, sizeof head);
    ck_assert_int_eq(snapshot_size(head), len);
    head[0] = 'X';
    ck_assert_int_eq(snapshot_size(head), -1);
    memcpy(head, "YZS1\37\0\0\0", 8);
    ck_assert_int_eq(snapshot_size(head), -1);
    memcpy(head, "YZS1\40\0\0\0", 8);
    ck_assert_int_eq(snapshot_size(head), 40);
    memcpy(head, "YZS1\0\0\1\0", 8);
    ck_assert_int_eq(snapshot_size(head), -1);
    bent[0] = 0;
    memcpy(bent, whole, (size_t)len);
    bent[len - 1] ^= 1;
    ck_assert_int_eq(load(bent, (size_t)len), -1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("snapshot");
    TCase *c = tcase_create("snapshot");
    SRunner *runner = srunner_create(s);
    int failed;

    crypto_init();
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, comes_back_as_it_was);
    tcase_add_test(c, too_little_room);
    tcase_add_test(c, every_length_under_a_right_mac);
    tcase_add_test(c, every_byte_under_a_right_mac);
    tcase_add_test(c, heads);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
