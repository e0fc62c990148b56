/* A parcel's life at a real controller with real processes around it, once over TCP and once over a serial
 * line; then with no network; then after kill -9. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/integration/locker_rig.h"

static char answer[131072];

static void hand(struct rig *r, const char *verb, unsigned n)
{
    char line[64];

    snprintf(line, sizeof line, "%s JN-01-001 %u", verb, n);
    rig_hand(r, line, answer, sizeof answer);
}

static void deposit_and_collect(struct rig *r, unsigned n)
{
    char code[CODE_DIGITS + 1], body[64], want[64];
    uint8_t id[16];

    rig_command(r, OP_OPEN_DEPOSIT, n, 1, 0, id);
    ck_assert_int_eq(rig_result(r, id, "accepted", 2000), WHY_NONE);
    ck_assert_int_eq(rig_result(r, id, "pulsed", 2000), WHY_NONE);
    ck_assert_int_eq(rig_result(r, id, "opened", 3000), WHY_NONE);
    hand(r, "put", n);
    ck_assert_str_eq(answer, "ok");
    hand(r, "close", n);
    ck_assert_int_eq(rig_result(r, id, "closed", 3000), WHY_NONE);
    ck_assert_int_eq(rig_event(r, EVENT_DEPOSITED, 1, 3000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_DEPOSITED)->compartment, (int)n);
    rig_code(r, 1, (uint32_t)rig_last(r, EVENT_DEPOSITED)->value, code);
    snprintf(body, sizeof body, "{\"digits\":\"%s\"}", code);
    ck_assert_int_eq(rig_kiosk(r, "POST", "/api/code", body, answer, sizeof answer), 200);
    snprintf(want, sizeof want, "{\"ok\":true,\"compartment\":%u,\"why\":\"none\"}", n);
    ck_assert_str_eq(answer, want);
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_OPEN, 2, 3000), 0);
    hand(r, "take", n);
    hand(r, "close", n);
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 1, 3000), 0);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
}

START_TEST(over_tcp)
{
    struct rig *r = rig_new(&(struct rig_options){.profile = "xunming16", .boards = "--auto"});

    deposit_and_collect(r, 3);
#if defined __OPTIMIZE__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
    ck_assert_int_le(rig_rss_kb(r, 'l'), 8192);
#endif
    rig_free(r);
}
END_TEST

START_TEST(over_a_serial_line)
{
    struct rig *r =
        rig_new(&(struct rig_options){.profile = "waveshare32", .boards = "--auto --pace", .rtu = 1});

    deposit_and_collect(r, 3);
    rig_free(r);
}
END_TEST

START_TEST(every_other_board)
{
    static const char *const profiles[] = {"eletechsup8", "bestep2", "generic8", "adam4168"};
    struct rig *r = rig_new(&(struct rig_options){.profile = profiles[_i], .boards = "--auto"});

    deposit_and_collect(r, 2);
    rig_free(r);
}
END_TEST

START_TEST(in_a_fast_day)
{
    struct rig *r = rig_new(
        &(struct rig_options){.profile = "xunming16",
                              .boards = "--auto --rate 720",
                              .lockerd = "clock.start=2026-11-11T00:00:00Z clock.rate=720 bus.poll_ms=10"});

    deposit_and_collect(r, 7);
    ck_assert_int_gt(rig_last(r, EVENT_COLLECTED)->at - rig_last(r, EVENT_BOOT)->at, 60000000);
    rig_free(r);
}
END_TEST

static void scan(struct rig *r, const char *text, const char *want)
{
    char body[1024];

    snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
    ck_assert_int_eq(rig_kiosk(r, "POST", "/api/scan", body, answer, sizeof answer), 200);
    ck_assert_msg(strstr(answer, want) != NULL, "%s", answer);
}

START_TEST(without_network)
{
    struct rig *r = rig_new(
        &(struct rig_options){.profile = "xunming16", .boards = "--auto", .lockerd = "bus.poll_ms=20"});
    char grant[GRANT_TEXT_MAX], code[CODE_DIGITS + 1];

    rig_grant(r, OP_OPEN_DEPOSIT, 5, 9, grant, sizeof grant);
    rig_kill(r, 'm', SIGKILL);
    scan(r, grant, "\"ok\":true,\"compartment\":5");
    rig_run(r, 500);
    rig_hand(r, "close JN-01-001 5", answer, sizeof answer);
    ck_assert_str_eq(answer, "ok");
    rig_run(r, 500);
    ck_assert_int_eq(rig_kiosk(r, "GET", "/api/receipt?n=5", "", answer, sizeof answer), 200);
    ck_assert_ptr_nonnull(strstr(answer, "YZR1|JN-01-001|"));
    scan(r, grant, "replayed");
    rig_kill(r, 'l', SIGKILL);
    rig_start(r, 'l');
    rig_run(r, 500);
    scan(r, grant, "replayed");
    rig_code(r, 9, 0, code);
    scan(r, code, "\"ok\":true,\"compartment\":5");
    rig_run(r, 500);
    rig_hand(r, "close JN-01-001 5", answer, sizeof answer);
    rig_start(r, 'm');
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 1, 15000), 0);
    ck_assert_uint_eq(rig_events(r, EVENT_DEPOSITED), 1);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
    rig_free(r);
}
END_TEST

static void type_code(struct rig *r, uint8_t ref, unsigned n)
{
    char code[CODE_DIGITS + 1], body[64], want[64];

    rig_code(r, ref, 0, code);
    snprintf(body, sizeof body, "{\"digits\":\"%s\"}", code);
    ck_assert_int_eq(rig_kiosk(r, "POST", "/api/code", body, answer, sizeof answer), 200);
    snprintf(want, sizeof want, "{\"ok\":true,\"compartment\":%u,\"why\":\"none\"}", n);
    ck_assert_str_eq(answer, want);
}

static void put_in(struct rig *r, unsigned n, uint8_t ref, unsigned total)
{
    uint8_t id[16];

    rig_command(r, OP_OPEN_DEPOSIT, n, ref, 0, id);
    ck_assert_int_eq(rig_result(r, id, "opened", 4000), WHY_NONE);
    hand(r, "close", n);
    ck_assert_int_eq(rig_event(r, EVENT_DEPOSITED, total, 4000), 0);
}

static void report(struct rig *r, unsigned n, const char *what, int ok)
{
    char body[64];

    snprintf(body, sizeof body, "{\"compartment\":%u,\"what\":\"%s\"}", n, what);
    ck_assert_int_eq(rig_kiosk(r, "POST", "/api/report", body, answer, sizeof answer), 200);
    ck_assert_msg((strstr(answer, "\"ok\":true") != NULL) == ok, "%s", answer);
}

/* Two parcels of one resident share a compartment and leave it together; one that is not his stays, one that
 * is refused too; a door that does not open is told of. */
START_TEST(what_residents_do)
{
    struct rig *r =
        rig_new(&(struct rig_options){.profile = "xunming16",
                                      .boards = "--auto",
                                      .lockerd = "bus.poll_ms=20 limits.open_ms=700 limits.tries=10"});

    put_in(r, 4, 1, 1);
    put_in(r, 4, 2, 2);
    report(r, 4, "not_mine", 0); /* nobody has opened it */
    type_code(r, 2, 4);
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_OPEN, 3, 4000), 0);
    hand(r, "close", 4);
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 2, 4000), 0);
    put_in(r, 5, 3, 3);
    type_code(r, 3, 5);
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_OPEN, 5, 4000), 0);
    report(r, 5, "not_mine", 1);
    hand(r, "close", 5);
    ck_assert_int_eq(rig_event(r, EVENT_REVIEW, 1, 4000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_REVIEW)->why, WHY_NOT_MINE);
    put_in(r, 6, 4, 4);
    type_code(r, 4, 6);
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_OPEN, 7, 4000), 0);
    report(r, 6, "refused", 1);
    hand(r, "close", 6);
    ck_assert_int_eq(rig_event(r, EVENT_REVIEW, 2, 4000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_REPORT)->why, WHY_REFUSED);
    ck_assert_uint_eq(rig_events(r, EVENT_COLLECTED), 2);
    put_in(r, 7, 5, 5);
    rig_hand(r, "fault JN-01-001 7 stuck_relay 1", answer, sizeof answer);
    type_code(r, 5, 7);
    ck_assert_int_eq(rig_event(r, EVENT_NOT_OPENED, 1, 4000), 0);
    report(r, 7, "stuck", 1);
    ck_assert_int_eq(rig_event(r, EVENT_REPORT, 3, 4000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_REPORT)->why, WHY_STUCK);
    rig_hand(r, "fault JN-01-001 7 stuck_relay 0", answer, sizeof answer);
    type_code(r, 5, 7); /* once more, and it does */
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_OPEN, 9, 4000), 0);
    hand(r, "close", 7);
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 3, 4000), 0);
    rig_free(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("locker life");
    TCase *c = tcase_create("processes");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_set_timeout(c, 60);
    tcase_add_test(c, over_tcp);
    tcase_add_test(c, over_a_serial_line);
    tcase_add_loop_test(c, every_other_board, 0, 4);
    tcase_add_test(c, in_a_fast_day);
    tcase_add_test(c, without_network);
    tcase_add_test(c, what_residents_do);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
