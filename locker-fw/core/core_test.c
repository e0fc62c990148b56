/* The state table of the locker, row by row. */
#include "locker-fw/core/core.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "locker-fw/core/snapshot.h"
#include "locker-fw/core/testbox.h"

static struct testbox *t;

static void with_items(void)
{
    t = calloc(1, sizeof *t);
    testbox_init(t, 1);
}

static void without_items(void)
{
    t = calloc(1, sizeof *t);
    testbox_init(t, 0);
}

static void teardown(void)
{
    free(t);
}

static uint8_t state(unsigned n)
{
    return t->core.c[n - 1].state;
}

static enum why type_code(uint8_t ref, uint32_t counter, unsigned *ret_n)
{
    char code[CODE_DIGITS + 1];

    testbox_code(t, ref, counter, code);
    return core_code(&t->core, code, CODE_DIGITS, &t->now, ret_n);
}

static void put_in(unsigned n, uint8_t ref)
{
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, n, ref, 0), WHY_NONE);
    testbox_visit(t, n, ITEM_PRESENT);
    ck_assert_int_eq(state(n), STATE_OCCUPIED);
}

START_TEST(a_parcel_goes_in_and_out)
{
    unsigned n = 0;

    ck_assert_int_eq(testbox_command(t, OP_RESERVE, 3, 1, t->now.business + 60000000), WHY_NONE);
    ck_assert_int_eq(state(3), STATE_RESERVED);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 3, 2, 0), WHY_WRONG_REF);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 3, 1, 0), WHY_NONE);
    ck_assert_int_eq(state(3), STATE_OPENING_DEPOSIT);
    ck_assert_int_eq(t->pulses[3], 1);
    core_pulse_done(&t->core, 3, 1, &t->now);
    ck_assert_int_eq(t->last.status, CORE_PULSED);
    testbox_door(t, 3, 1, ITEM_EMPTY);
    ck_assert_int_eq(state(3), STATE_DOOR_DEPOSIT);
    ck_assert_int_eq(t->last.status, CORE_OPENED);
    testbox_door(t, 3, 0, ITEM_PRESENT);
    ck_assert_int_eq(state(3), STATE_OCCUPIED);
    ck_assert_int_eq(t->last.status, CORE_CLOSED);
    testbox_pass(t, 1000);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_NONE);
    ck_assert_uint_eq(n, 3);
    testbox_visit(t, 3, ITEM_EMPTY);
    ck_assert_int_eq(state(3), STATE_FREE);
    ck_assert_uint_eq(testbox_seen(t, EVENT_COLLECTED), 1);
    ck_assert_uint_eq(t->pulse_total, 2);
}
END_TEST

START_TEST(closed_on_nothing_frees)
{
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_NONE);
    testbox_visit(t, 1, ITEM_EMPTY);
    ck_assert_int_eq(state(1), STATE_FREE);
    ck_assert_uint_eq(testbox_seen(t, EVENT_DEPOSIT_EMPTY), 1);
}
END_TEST

START_TEST(parcel_left_behind_is_reviewed_and_reopened)
{
    unsigned n;

    put_in(1, 1);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_NONE);
    testbox_visit(t, 1, ITEM_PRESENT);
    ck_assert_int_eq(state(1), STATE_REVIEW);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_NONE);
    testbox_visit(t, 1, ITEM_EMPTY);
    ck_assert_int_eq(state(1), STATE_FREE);
}
END_TEST

START_TEST(refused_after_opening_is_not_collected)
{
    unsigned n;

    put_in(1, 1);
    ck_assert_int_eq(core_report(&t->core, 1, WHY_REFUSED, &t->now), WHY_BAD_STATE);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_NONE);
    core_pulse_done(&t->core, 1, 1, &t->now);
    testbox_door(t, 1, 1, ITEM_UNKNOWN);
    ck_assert_int_eq(core_report(&t->core, 1, WHY_REFUSED, &t->now), WHY_NONE);
    testbox_door(t, 1, 0, ITEM_UNKNOWN);
    ck_assert_int_eq(state(1), STATE_REVIEW);
    testbox_pass(t, 500);
    ck_assert_int_eq(testbox_command(t, OP_RECALL, 1, 1, 0), WHY_NONE);
    testbox_visit(t, 1, ITEM_UNKNOWN);
    ck_assert_int_eq(state(1), STATE_FREE);
}
END_TEST

START_TEST(several_parcels_of_one_resident)
{
    unsigned n;

    put_in(2, 1);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 2, 2, 0), WHY_NONE);
    testbox_visit(t, 2, ITEM_PRESENT);
    ck_assert_int_eq(type_code(2, 0, &n), WHY_NONE);
    testbox_visit(t, 2, ITEM_EMPTY);
    ck_assert_uint_eq(testbox_seen(t, EVENT_COLLECTED), 2);
    ck_assert_int_eq(state(2), STATE_FREE);
}
END_TEST

START_TEST(three_failures_make_it_jammed)
{
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_NONE);
        core_pulse_done(&t->core, 1, 1, &t->now);
        testbox_pass(t, 3200);
        ck_assert_int_eq(t->last.status, CORE_NOT_OPENED);
        ck_assert_int_eq(t->last.why, WHY_NO_EDGE);
    }
    ck_assert_int_eq(state(1), STATE_JAMMED);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_BAD_STATE);
    ck_assert_int_eq(testbox_command(t, OP_IN_SERVICE, 1, 0, 0), WHY_NONE);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_TOO_MANY_TRIES);
    testbox_pass(t, 30000);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_NONE);
}
END_TEST

START_TEST(forced_and_left_open)
{
    testbox_door(t, 5, 1, ITEM_EMPTY);
    ck_assert_int_eq(t->core.c[4].flags, FLAG_FORCED);
    testbox_pass(t, 121000);
    ck_assert_int_eq(t->core.c[4].flags, FLAG_FORCED | FLAG_LEFT_OPEN);
    testbox_door(t, 5, 0, ITEM_EMPTY);
    ck_assert_int_eq(t->core.c[4].flags, FLAG_FORCED);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 5, 1, 0), WHY_BAD_STATE);
    ck_assert_int_eq(testbox_command(t, OP_IN_SERVICE, 5, 0, 0), WHY_NONE);
    ck_assert_int_eq(t->core.c[4].flags, 0);
}
END_TEST

START_TEST(another_door_opens_instead)
{
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_NONE);
    core_pulse_done(&t->core, 1, 1, &t->now);
    testbox_door(t, 2, 1, ITEM_EMPTY);
    ck_assert_int_eq(t->records[t->count - 1].type, EVENT_FORCED);
    ck_assert_int_eq(t->records[t->count - 1].why, WHY_WRONG_DOOR);
    testbox_pass(t, 3200);
    ck_assert_int_eq(t->last.status, CORE_NOT_OPENED);
}
END_TEST

START_TEST(intent_without_result_is_never_pulsed_again)
{
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_NONE);
    ck_assert_uint_eq(t->pulse_total, 1);
    testbox_restart(t);
    ck_assert_int_eq(state(1), STATE_UNCERTAIN);
    testbox_pass(t, 60000);
    ck_assert_uint_eq(t->pulse_total, 1);
    testbox_door(t, 1, 0, ITEM_UNKNOWN);
    ck_assert_int_eq(state(1), STATE_UNCERTAIN);
    ck_assert_int_eq(testbox_command(t, OP_CONFIRM, 1, 1, 1), WHY_NONE);
    ck_assert_int_eq(state(1), STATE_OCCUPIED);
}
END_TEST

START_TEST(uncertain_pickup_is_settled_by_the_sensor)
{
    unsigned n;

    put_in(1, 1);
    put_in(5, 5);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_NONE);
    ck_assert_int_eq(type_code(5, 0, &n), WHY_NONE);
    testbox_restart(t);
    testbox_door(t, 1, 0, ITEM_EMPTY);
    testbox_door(t, 5, 0, ITEM_PRESENT);
    ck_assert_int_eq(state(1), STATE_FREE);
    ck_assert_int_eq(state(5), STATE_OCCUPIED);
    testbox_pass(t, 50);
    testbox_restart(t);
    ck_assert_int_eq(state(1), STATE_FREE);
    ck_assert_int_eq(state(5), STATE_OCCUPIED);
}
END_TEST

START_TEST(door_open_over_a_restart)
{
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_NONE);
    core_pulse_done(&t->core, 1, 1, &t->now);
    testbox_door(t, 1, 1, ITEM_EMPTY);
    testbox_restart(t);
    ck_assert_int_eq(state(1), STATE_DOOR_DEPOSIT);
    testbox_door(t, 1, 0, ITEM_PRESENT);
    ck_assert_int_eq(state(1), STATE_OCCUPIED);
}
END_TEST

START_TEST(offline_grant_is_used_once)
{
    struct grant g = testbox_grant(t, OP_OPEN_DEPOSIT, 4, 9, 1);
    unsigned n = 0;

    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_NONE);
    ck_assert_uint_eq(n, 4);
    testbox_visit(t, 4, ITEM_EMPTY);
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_REPLAYED);
    testbox_restart(t);
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_REPLAYED);
    t->now.real += 7200000000;
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_EXPIRED);
}
END_TEST

START_TEST(clock_set_back_revives_nothing)
{
    struct grant g = testbox_grant(t, OP_OPEN_DEPOSIT, 4, 9, 1);
    unsigned n;

    t->now.real += 4000000000;
    put_in(1, 1);
    t->now.real -= 4000000000;
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_EXPIRED);
    testbox_restart(t);
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_EXPIRED);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 2, 3, 0), WHY_EXPIRED);
    ck_assert_int_eq(testbox_command(t, OP_SET_TIME, 0, 0, 0), WHY_NONE);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 2, 3, 0), WHY_NONE);
}
END_TEST

START_TEST(commands_are_refused_with_their_reason)
{
    struct grant g = testbox_grant(t, OP_OPEN_DEPOSIT, 1, 1, 0);
    uint8_t sig[64];
    unsigned n;

    testbox_sign(t, &g, sig);
    ck_assert_int_eq(core_command(&t->core, &g, sig, 1, &t->now), WHY_RETAINED);
    sig[5] ^= 1;
    ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), WHY_BAD_SIGNATURE);
    sig[5] ^= 1;
    g.compartment = 2;
    ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), WHY_BAD_SIGNATURE);
    g.compartment = 1;
    t->now.real += 6000000;
    ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), WHY_EXPIRED);
    t->now.real -= 6000000;
    core_session(&t->core, 99, &t->now);
    ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), WHY_WRONG_SESSION);
    g.sess = 99;
    testbox_sign(t, &g, sig);
    ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), WHY_NONE);
    ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), WHY_BAD_SEQ);
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_WRONG_SESSION);
    ck_assert_uint_eq(t->pulse_total, 1);
}
END_TEST

START_TEST(revoked_grant)
{
    struct grant g = testbox_grant(t, OP_OPEN_DEPOSIT, 4, 9, 1);
    struct grant r = testbox_grant(t, OP_REVOKE, 0, 1, 0);
    uint8_t sig[64];
    unsigned n;

    memcpy(r.ref, g.id, 16);
    testbox_sign(t, &r, sig);
    ck_assert_int_eq(core_command(&t->core, &r, sig, 0, &t->now), WHY_NONE);
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_REPLAYED);
}
END_TEST

START_TEST(pad_locks_for_a_growing_time)
{
    unsigned n;

    put_in(1, 1);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(core_code(&t->core, "00000000", 8, &t->now, &n), WHY_WRONG_CODE);
    ck_assert_int_eq(core_code(&t->core, "00000000", 8, &t->now, &n), WHY_LOCKED_OUT);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_LOCKED_OUT);
    testbox_restart(t);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_LOCKED_OUT);
    testbox_pass(t, 61000);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_NONE);
    ck_assert_int_eq(t->core.lock.wrong, 0);
}
END_TEST

START_TEST(new_code_replaces_the_old)
{
    unsigned n;

    put_in(1, 1);
    ck_assert_int_eq(testbox_command(t, OP_SET_CODE, 1, 1, 7), WHY_NONE);
    ck_assert_int_eq(type_code(1, 0, &n), WHY_WRONG_CODE);
    ck_assert_int_eq(type_code(1, 7, &n), WHY_NONE);
}
END_TEST

START_TEST(deadlines)
{
    ck_assert_int_eq(testbox_command(t, OP_RESERVE, 3, 8, t->now.business + 5000000), WHY_NONE);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, t->now.business + 10000000), WHY_NONE);
    testbox_visit(t, 1, ITEM_PRESENT);
    testbox_pass(t, 12000);
    ck_assert_int_eq(state(1), STATE_OVERDUE);
    ck_assert_int_eq(state(3), STATE_FREE);
    ck_assert_int_eq(testbox_command(t, OP_EXTEND, 1, 1, t->now.business + 10000000), WHY_NONE);
    ck_assert_int_eq(state(1), STATE_OCCUPIED);
}
END_TEST

START_TEST(quota_of_reservations)
{
    for (unsigned n = 1; n <= 4; n++) {
        struct grant g = testbox_grant(t, OP_RESERVE, n, (uint8_t)n, 0);
        uint8_t sig[64];

        strcpy(g.who, "C7");
        testbox_sign(t, &g, sig);
        ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), n <= 3 ? WHY_NONE : WHY_QUOTA);
    }
}
END_TEST

START_TEST(dropoff_by_code)
{
    struct grant g = testbox_grant(t, OP_EXPECT_DROPOFF, 0, 6, 0);
    uint8_t sig[64];
    unsigned n = 0;

    strcpy(g.size, "M");
    g.value = t->now.business + 3600000000;
    testbox_sign(t, &g, sig);
    ck_assert_int_eq(core_command(&t->core, &g, sig, 0, &t->now), WHY_NONE);
    ck_assert_int_eq(type_code(6, 0, &n), WHY_NONE);
    ck_assert_uint_eq(n, 3);
    testbox_visit(t, n, ITEM_EMPTY);
    ck_assert_int_eq(state(3), STATE_FREE);
    ck_assert_int_eq(type_code(6, 0, &n), WHY_NONE);
    testbox_visit(t, n, ITEM_PRESENT);
    ck_assert_int_eq(state(3), STATE_OCCUPIED);
    ck_assert_uint_eq(testbox_seen(t, EVENT_DROPPED_OFF), 1);
    ck_assert_int_eq(type_code(6, 0, &n), WHY_BAD_STATE);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 3, 7, 0),
                     WHY_BAD_STATE); /* not to somebody else's */
    ck_assert_int_eq(testbox_command(t, OP_REVOKE, 0, 6, 0), WHY_NONE);
    ck_assert_uint_eq(testbox_seen(t, EVENT_RELEASED), 0);
    ck_assert_int_eq(testbox_command(t, OP_RECALL, 3, 6, 0), WHY_NONE);
    testbox_visit(t, 3, ITEM_EMPTY);
    ck_assert_int_eq(state(3), STATE_FREE);
}
END_TEST

START_TEST(dropoff_no_longer_expected)
{
    unsigned n = 0;

    ck_assert_int_eq(testbox_command(t, OP_EXPECT_DROPOFF, 0, 6, t->now.business + 3600000000), WHY_NONE);
    ck_assert_int_eq(testbox_command(t, OP_REVOKE, 0, 6, 0), WHY_NONE);
    ck_assert_uint_eq(testbox_seen(t, EVENT_RELEASED), 1);
    ck_assert_int_eq(type_code(6, 0, &n), WHY_WRONG_CODE);
    ck_assert_int_eq(testbox_command(t, OP_EXPECT_DROPOFF, 0, 6, t->now.business + 3600000000), WHY_NONE);
    ck_assert_int_eq(type_code(6, 0, &n), WHY_NONE);
}
END_TEST

struct coded {
    char code[CODE_DIGITS + 1];
    uint8_t ref[16];
};

static int by_code(const void *a, const void *b)
{
    return strcmp(((const struct coded *)a)->code, ((const struct coded *)b)->code);
}

static enum why command_for(uint8_t op, unsigned n, const uint8_t ref[16], int64_t value)
{
    struct grant g = testbox_grant(t, op, n, 1, 0);
    uint8_t sig[64];

    memcpy(g.ref, ref, 16);
    g.value = value;
    testbox_sign(t, &g, sig);
    return core_command(&t->core, &g, sig, 0, &t->now);
}

/* Two of some tens of thousands of refs have the same eight digits. */
START_TEST(dropoff_whose_code_is_taken)
{
    enum { MANY = 60000 };
    static struct coded all[MANY];
    int i = 0;

    for (int k = 0; k < MANY; k++) {
        memset(all[k].ref, 0x5A, 16);
        memcpy(all[k].ref, &k, sizeof k);
        code_make(t->core.setup.crypto, t->core.setup.keys.code, all[k].ref, 0, all[k].code);
    }
    qsort(all, MANY, sizeof all[0], by_code);
    while (i + 2 < MANY && by_code(&all[i], &all[i + 1]) != 0)
        i++;
    ck_assert_str_eq(all[i].code, all[i + 1].code);
    ck_assert_int_eq(command_for(OP_OPEN_DEPOSIT, 1, all[i].ref, 0), WHY_NONE);
    testbox_visit(t, 1, ITEM_PRESENT);
    ck_assert_int_eq(state(1), STATE_OCCUPIED);
    ck_assert_int_eq(command_for(OP_EXPECT_DROPOFF, 0, all[i + 1].ref, t->now.business + 1000000000),
                     WHY_BUSY);
    ck_assert_int_eq(command_for(OP_EXPECT_DROPOFF, 0, all[i + 2].ref, t->now.business + 1000000000),
                     WHY_NONE);
}
END_TEST

START_TEST(one_pulse_per_domain_at_a_time)
{
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_NONE);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 2, 2, 0), WHY_NONE);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 5, 5, 0), WHY_NONE);
    ck_assert_uint_eq(t->pulses[1], 1);
    ck_assert_uint_eq(t->pulses[2], 0);
    ck_assert_uint_eq(t->pulses[5], 1);
    core_pulse_done(&t->core, 1, 1, &t->now);
    testbox_pass(t, 250);
    ck_assert_uint_eq(t->pulses[2], 0);
    testbox_pass(t, 100);
    ck_assert_uint_eq(t->pulses[2], 1);
}
END_TEST

START_TEST(lost_board_opens_nothing)
{
    core_board(&t->core, 0, 1, &t->now);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_BOARD_LOST);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 5, 1, 0), WHY_NONE);
    core_board(&t->core, 0, 0, &t->now);
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 2, 0), WHY_NONE);
}
END_TEST

START_TEST(bouncing_sensor)
{
    for (int i = 0; i < 30; i++)
        core_sense(&t->core, 1, i % 2 ? DOOR_OPEN : DOOR_CLOSED, ITEM_UNKNOWN, &t->now);
    ck_assert_uint_eq(testbox_seen(t, EVENT_SENSOR_CONFLICT), 1);
    ck_assert_uint_eq(testbox_seen(t, EVENT_DOOR_OPEN), 0);
}
END_TEST

START_TEST(no_journal_no_pulse)
{
    t->fail_sync = 1;
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0), WHY_JOURNAL);
    ck_assert_uint_eq(t->pulse_total, 0);
    t->fail_sync = 0;
    ck_assert_int_eq(testbox_command(t, OP_OPEN_DEPOSIT, 2, 1, 0), WHY_JOURNAL);
    testbox_pass(t, 10000);
    ck_assert_uint_eq(t->pulse_total, 0);
}
END_TEST

START_TEST(a_snapshot_holds_everything)
{
    static uint8_t a[SNAPSHOT_MAX], b[SNAPSHOT_MAX];
    struct grant g = testbox_grant(t, OP_OPEN_DEPOSIT, 4, 9, 1);
    static struct core copy;
    unsigned n;
    int len;

    put_in(1, 1);
    ck_assert_int_eq(testbox_present(t, &g, &n), WHY_NONE);
    ck_assert_int_eq(testbox_command(t, OP_RESERVE, 7, 3, 5), WHY_NONE);
    len = snapshot_save(&t->core, a, sizeof a);
    ck_assert_int_gt(len, 0);
    core_init(&copy, &t->core.setup);
    ck_assert_int_eq(snapshot_load(&copy, a, (size_t)len), 0);
    ck_assert_int_eq(snapshot_save(&copy, b, sizeof b), len);
    ck_assert_int_eq(memcmp(a, b, (size_t)len), 0);
    for (int i = 0; i < len; i += 7) {
        a[i] ^= 4;
        core_init(&copy, &t->core.setup);
        ck_assert_int_eq(snapshot_load(&copy, a, (size_t)len), -1);
        a[i] ^= 4;
    }
}
END_TEST

START_TEST(receipts)
{
    char text[RECEIPT_TEXT_MAX];
    struct receipt r;
    int len;

    put_in(6, 1);
    len = -1;
    for (unsigned i = 0; i < t->count; i++) {
        if (t->records[i].type == EVENT_DEPOSITED)
            len = core_receipt(&t->core, &t->records[i], text, sizeof text);
    }
    ck_assert_int_gt(len, 0);
    ck_assert_int_eq(receipt_parse(text, (size_t)len, &r), 0);
    ck_assert_uint_eq(r.compartment, 6);
    ck_assert_int_eq(receipt_holds(t->core.setup.crypto, t->core.setup.keys.receipt, text, (size_t)len), 1);
    text[12]++;
    ck_assert_int_eq(receipt_holds(t->core.setup.crypto, t->core.setup.keys.receipt, text, (size_t)len), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core");
    TCase *items = tcase_create("with item sensors"), *bare = tcase_create("without item sensors");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(items, with_items, teardown);
    tcase_add_checked_fixture(bare, without_items, teardown);
    tcase_add_test(items, a_parcel_goes_in_and_out);
    tcase_add_test(items, closed_on_nothing_frees);
    tcase_add_test(items, parcel_left_behind_is_reviewed_and_reopened);
    tcase_add_test(items, refused_after_opening_is_not_collected);
    tcase_add_test(items, several_parcels_of_one_resident);
    tcase_add_test(items, three_failures_make_it_jammed);
    tcase_add_test(items, forced_and_left_open);
    tcase_add_test(items, another_door_opens_instead);
    tcase_add_test(bare, intent_without_result_is_never_pulsed_again);
    tcase_add_test(items, uncertain_pickup_is_settled_by_the_sensor);
    tcase_add_test(items, door_open_over_a_restart);
    tcase_add_test(items, offline_grant_is_used_once);
    tcase_add_test(items, clock_set_back_revives_nothing);
    tcase_add_test(items, commands_are_refused_with_their_reason);
    tcase_add_test(items, revoked_grant);
    tcase_add_test(items, pad_locks_for_a_growing_time);
    tcase_add_test(items, new_code_replaces_the_old);
    tcase_add_test(items, deadlines);
    tcase_add_test(items, quota_of_reservations);
    tcase_add_test(items, dropoff_by_code);
    tcase_add_test(items, dropoff_no_longer_expected);
    tcase_add_test(items, dropoff_whose_code_is_taken);
    tcase_add_test(items, one_pulse_per_domain_at_a_time);
    tcase_add_test(items, lost_board_opens_nothing);
    tcase_add_test(items, bouncing_sensor);
    tcase_add_test(items, no_journal_no_pulse);
    tcase_add_test(items, a_snapshot_holds_everything);
    tcase_add_test(bare, receipts);
    suite_add_tcase(s, items);
    suite_add_tcase(s, bare);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
