/* A real controller on bad days: wires that answer late or wrongly, boards that lose power, an adapter that
 * is unplugged, kill -9 at any moment. The boards' own ledger says what really happened. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/integration/locker_rig.h"

static char answer[4096];

static void hand(struct rig *r, const char *fmt, unsigned n)
{
    char line[96];

    snprintf(line, sizeof line, "%s JN-01-001 %u", fmt, n);
    rig_hand(r, line, answer, sizeof answer);
}

static void fault(struct rig *r, const char *what)
{
    char line[96];

    snprintf(line, sizeof line, "fault JN-01-001 1 %s", what);
    rig_hand(r, line, answer, sizeof answer);
    ck_assert_str_eq(answer, "ok");
}

/* Lines of the ledger with this event, of one compartment or (0) of all. */
static unsigned in_ledger(struct rig *r, const char *event, unsigned n)
{
    char path[128], line[256], name[32];
    unsigned at, count = 0;
    FILE *f;

    rig_run(r, 250);
    snprintf(path, sizeof path, "%s/ledger", rig_folder(r));
    f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        count += sscanf(line, "%*d\t%*s\t%u\t%31s", &at, name) == 2 && strcmp(name, event) == 0 &&
                 (n == 0 || n == at);
    if (f)
        fclose(f);
    return count;
}

static void open_and_close(struct rig *r, unsigned n, uint8_t ref, int ms)
{
    uint8_t id[16];

    rig_command(r, OP_OPEN_DEPOSIT, n, ref, 0, id);
    ck_assert_int_eq(rig_result(r, id, "opened", ms), WHY_NONE);
    hand(r, "close", n);
    ck_assert_int_eq(rig_result(r, id, "closed", ms), WHY_NONE);
}

START_TEST(late_and_wrong_answers)
{
    struct rig *r = rig_new(&(struct rig_options){.profile = "xunming16",
                                                  .boards = "--auto --pace",
                                                  .rtu = 1,
                                                  .lockerd = "bus.poll_ms=20 limits.tries=10"});
    static const char *const faults[] = {"late 2 150", "garble 1",    "flip 2",
                                         "drop 1",     "duplicate 3", "late 1 250"};

    for (unsigned i = 0; i < 6; i++) {
        rig_run(r, 400);
        fault(r, faults[i]);
        open_and_close(r, i + 2, (uint8_t)(i + 1), 6000);
    }
    ck_assert_int_eq(rig_event(r, EVENT_DEPOSITED, 6, 5000), 0);
    ck_assert_uint_eq(in_ledger(r, "pulse_on", 0), 6);
    ck_assert_uint_eq(rig_events(r, EVENT_DOOR_OPEN), 6);
    for (unsigned n = 2; n <= 7; n++)
        ck_assert_uint_eq(in_ledger(r, "door_open", n), 1);
    ck_assert_uint_eq(rig_events(r, EVENT_FORCED), 0);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
    rig_free(r);
}
END_TEST

/* Over TCP the gateway restarts; on a serial line the adapter is pulled out and comes back as another device.
 */
START_TEST(board_lost_and_back)
{
    struct rig *r = rig_new(&(struct rig_options){
        .profile = "xunming16", .boards = "--auto", .rtu = _i, .lockerd = "bus.poll_ms=20"});
    uint8_t id[16];

    rig_kill(r, 'b', SIGKILL);
    ck_assert_int_eq(rig_event(r, EVENT_BOARD_LOST, 1, 5000), 0);
    rig_command(r, OP_OPEN_DEPOSIT, 1, 1, 0, id);
    ck_assert_int_eq(rig_result(r, id, "refused", 2000), WHY_BOARD_LOST);
    rig_start(r, 'b');
    ck_assert_int_eq(rig_event(r, EVENT_BOARD_BACK, 1, 12000), 0);
    open_and_close(r, 1, 2, 3000);
    rig_free(r);
}
END_TEST

START_TEST(jammed_door)
{
    struct rig *r = rig_new(&(struct rig_options){
        .profile = "xunming16", .boards = "--auto", .lockerd = "limits.open_ms=500 bus.poll_ms=20"});
    uint8_t id[16];

    fault(r, "stuck_relay 1");
    for (int i = 0; i < 3; i++) {
        rig_command(r, OP_OPEN_DEPOSIT, 1, 1, 0, id);
        ck_assert_int_eq(rig_result(r, id, "not_opened", 3000), WHY_NO_EDGE);
        rig_run(r, 400);
    }
    ck_assert_int_eq(rig_event(r, EVENT_JAMMED, 1, 2000), 0);
    rig_command(r, OP_OPEN_DEPOSIT, 1, 1, 0, id);
    ck_assert_int_eq(rig_result(r, id, "refused", 2000), WHY_BAD_STATE);
    ck_assert_uint_eq(in_ledger(r, "pulse_on", 1), 3);
    rig_free(r);
}
END_TEST

/* Kills at a random moment of an opening; afterwards each door edge is told exactly once and no command has
 * pulsed twice. */
START_TEST(kill_nine)
{
    struct rig *r = rig_new(&(struct rig_options){
        .profile = "xunming16", .boards = "--auto", .lockerd = "bus.poll_ms=10 limits.tries=10"});
    uint8_t id[16];
    unsigned opened;

    srand(7);
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = i + 1;

        rig_command(r, OP_OPEN_DEPOSIT, n, (uint8_t)n, 0, id);
        rig_run(r, rand() % 30);
        rig_kill(r, 'l', SIGKILL);
        rig_start(r, 'l');
        ck_assert_int_eq(rig_wait_session(r, 8000), 0);
        rig_run(r, 300);
        ck_assert_uint_le(in_ledger(r, "pulse_on", n), 1);
        hand(r, "close", n);
    }
    opened = in_ledger(r, "door_open", 0);
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_CLOSED, opened, 5000), 0);
    rig_run(r, 500);
    ck_assert_uint_eq(rig_events(r, EVENT_DOOR_OPEN), opened);
    ck_assert_uint_eq(rig_events(r, EVENT_DOOR_CLOSED), opened);
    ck_assert_uint_eq(rig_events(r, EVENT_FORCED), 0);
    ck_assert_uint_eq(rig_chain_faults(r), 0);
    rig_free(r);
}
END_TEST

static void write_input(const char *path, const char *value)
{
    FILE *f = fopen(path, "w");

    ck_assert_ptr_nonnull(f);
    fputs(value, f);
    fclose(f);
}

static void wait_state(struct rig *r, const char *text)
{
    for (int i = 0; i < 300 && !strstr(rig_state(r), text); i++)
        rig_run(r, 20);
    ck_assert_msg(strstr(rig_state(r), text) != NULL, "%s in %s", text, rig_state(r));
}

/* A switch of the computer's, and mains and temperature at the board, which speaks two spaces. */
START_TEST(what_the_box_senses)
{
    static char settings[128];
    char path[] = "/tmp/locker_input.XXXXXX";
    int fd = mkstemp(path);
    struct rig *r;

    ck_assert_int_ge(fd, 0);
    close(fd);
    write_input(path, "1\n");
    snprintf(settings, sizeof settings, "inputs.tamper=!%s limits.hot_c=50", path);
    r = rig_new(&(struct rig_options){.profile = "waveshare32",
                                      .inputs = " mains=discrete:60:low temperature=input:7:100",
                                      .lockerd = settings});
    wait_state(r, "\"tamper\":false,\"mains\":true,\"hottest_mc\":25000,\"coldest_mc\":25000,\"alarms\":[]");
    ck_assert_uint_eq(rig_events(r, EVENT_TAMPER) + rig_events(r, EVENT_MAINS), 0);
    write_input(path, "0\n");
    ck_assert_int_eq(rig_event(r, EVENT_TAMPER, 1, 5000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_TAMPER)->value, 1);
    fault(r, "mains 0");
    ck_assert_int_eq(rig_event(r, EVENT_MAINS, 1, 5000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_MAINS)->value, 0);
    fault(r, "temperature 612");
    ck_assert_int_eq(rig_event(r, EVENT_TEMPERATURE, 1, 5000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_TEMPERATURE)->value, 61200);
    ck_assert_int_eq(rig_last(r, EVENT_TEMPERATURE)->why, WHY_HOT);
    wait_state(r, "\"tamper\":true,\"mains\":false,\"hottest_mc\":61200,\"coldest_mc\":61200,"
                  "\"alarms\":[\"tamper\",\"mains\",\"hot\"]");
    fault(r, "mains 1");
    ck_assert_int_eq(rig_event(r, EVENT_MAINS, 2, 15000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_MAINS)->value, 1);
    wait_state(r, "\"alarms\":[\"tamper\",\"hot\"]");
    rig_free(r);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("locker faults");
    TCase *c = tcase_create("processes");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_set_timeout(c, 90);
    tcase_add_test(c, late_and_wrong_answers);
    tcase_add_loop_test(c, board_lost_and_back, 0, 2);
    tcase_add_test(c, jammed_door);
    tcase_add_test(c, what_the_box_senses);
    tcase_add_test(c, kill_nine);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
