/* A parcel's life at a real controller with real processes around it, once over TCP and once over a serial
 * line; then with no network; then after kill -9. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/integration/locker_rig.h"

static char answer[131072];

static void deposit_and_collect(struct rig *r)
{
    char code[CODE_DIGITS + 1], body[64];
    uint8_t id[16];

    rig_command(r, OP_OPEN_DEPOSIT, 3, 1, 0, id);
    ck_assert_int_eq(rig_result(r, id, "accepted", 2000), WHY_NONE);
    ck_assert_int_eq(rig_result(r, id, "pulsed", 2000), WHY_NONE);
    ck_assert_int_eq(rig_result(r, id, "opened", 3000), WHY_NONE);
    rig_hand(r, "put JN-01-001 3", answer, sizeof answer);
    ck_assert_str_eq(answer, "ok");
    rig_hand(r, "close JN-01-001 3", answer, sizeof answer);
    ck_assert_int_eq(rig_result(r, id, "closed", 3000), WHY_NONE);
    ck_assert_int_eq(rig_event(r, EVENT_DEPOSITED, 1, 3000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_DEPOSITED)->compartment, 3);
    rig_code(r, 1, (uint32_t)rig_last(r, EVENT_DEPOSITED)->value, code);
    snprintf(body, sizeof body, "{\"digits\":\"%s\"}", code);
    ck_assert_int_eq(rig_kiosk(r, "POST", "/api/code", body, answer, sizeof answer), 200);
    ck_assert_str_eq(answer, "{\"ok\":true,\"compartment\":3,\"why\":\"none\"}");
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_OPEN, 2, 3000), 0);
    rig_hand(r, "take JN-01-001 3", answer, sizeof answer);
    rig_hand(r, "close JN-01-001 3", answer, sizeof answer);
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 1, 3000), 0);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
}

START_TEST(over_tcp)
{
    struct rig *r = rig_new(&(struct rig_options){.profile = "xunming16", .boards = "--auto"});

    deposit_and_collect(r);
    rig_free(r);
}
END_TEST

START_TEST(over_a_serial_line)
{
    struct rig *r =
        rig_new(&(struct rig_options){.profile = "waveshare32", .boards = "--auto --pace", .rtu = 1});

    deposit_and_collect(r);
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

int main(void)
{
    Suite *s = suite_create("locker life");
    TCase *c = tcase_create("processes");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_set_timeout(c, 60);
    tcase_add_test(c, over_tcp);
    tcase_add_test(c, over_a_serial_line);
    tcase_add_test(c, without_network);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
