/* The six board profiles: the bytes their manuals show, and each spoken by a simulated board. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contrib/boards/board.h"
#include "locker-fw/port/profile_file.h"

static struct profile load(const char *name)
{
    const char *top = getenv("srcdir");
    struct profile p;
    struct error err = {0};
    char path[512];

    snprintf(path, sizeof path, "%s/locker-fw/profiles/%s.ini", top ? top : "..", name);
    ck_assert_msg(profile_load(path, &p, &err) == 0, "%s", err.text);
    return p;
}

static void expect_step(const struct profile_step *s, const char *hex)
{
    char got[64] = "";

    for (int i = 0; i < s->pdu.len; i++)
        snprintf(got + 2 * i, 3, "%02x", s->pdu.bytes[i]);
    ck_assert_str_eq(got, hex);
}

START_TEST(bytes_of_the_manuals)
{
    static const struct {
        const char *profile;
        unsigned door;
        int steps;
        const char *pdu[PULSE_STEPS];
    } want[] = {
        {"xunming16", 1, 1, {"05006501f4"}},
        {"xunming16", 16, 1, {"05007401f4"}},
        {"waveshare32", 1, 1, {"0502000005"}},
        {"waveshare32", 32, 1, {"05021f0005"}},
        {"eletechsup8", 3, 1, {"0600030500"}},
        {"bestep2", 1, 1, {"10000300020400040005"}},
        {"bestep2", 2, 1, {"10000800020400040005"}},
        {"generic8", 8, 2, {"0600070001", "0600070000"}},
        {"adam4168",
         1,
         2,
         {"1000080002041388"
          "0000",
          "050010ff00"}},
    };

    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        struct profile p = load(want[i].profile);
        struct profile_step steps[PULSE_STEPS];

        ck_assert_int_eq(profile_pulse(&p, want[i].door, steps), want[i].steps);
        for (int k = 0; k < want[i].steps; k++)
            expect_step(&steps[k], want[i].pdu[k]);
        ck_assert_int_eq(profile_pulse(&p, 0, steps), -1);
        ck_assert_int_eq(profile_pulse(&p, p.doors + 1u, steps), -1);
    }
}
END_TEST

static void count_pulse(void *arg, unsigned door, const char *event, long detail)
{
    long *seen = arg;

    if (strcmp(event, "pulse_on") == 0)
        seen[0] += door;
    if (strcmp(event, "pulse_off") == 0)
        seen[1] = detail;
    if (strcmp(event, "latched") == 0)
        seen[2]++;
}

static void speak(const struct profile *p, unsigned door)
{
    struct profile_step steps[PULSE_STEPS];
    struct modbus_pdu read;
    struct board b;
    long seen[3] = {0};
    uint8_t answer[MODBUS_PDU_MAX];
    int n = profile_pulse(p, door, steps);
    int64_t now = 1000000;

    board_init(&b, p, count_pulse, seen);
    b.auto_open = 1;
    for (int i = 0; i < n; i++) {
        now += steps[i].wait_ms * 1000;
        ck_assert_int_eq(modbus_answers(&steps[i].pdu, answer,
                                        board_request(&b, steps[i].pdu.bytes, steps[i].pdu.len, now, answer)),
                         MODBUS_OK);
    }
    board_tick(&b, now + 2000000);
    ck_assert_int_eq(seen[0], (long)door);
    ck_assert_int_ge(seen[1], 400);
    ck_assert_int_le(seen[1], PULSE_MS_MAX);
    ck_assert_int_eq(profile_read(p, &p->door, p->doors, &read), 0);
    ck_assert_int_eq(modbus_answers(&read, answer, board_request(&b, read.bytes, read.len, now, answer)),
                     MODBUS_OK);
    for (unsigned d = 1; d <= p->doors; d++)
        ck_assert_int_eq(profile_level(&p->door, answer, d), d == door);
}

START_TEST(every_board_speaks_its_profile)
{
    static const char *const names[] = {"xunming16", "waveshare32", "eletechsup8",
                                        "bestep2",   "generic8",    "adam4168"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct profile p = load(names[i]);

        for (unsigned d = 1; d <= p.doors; d++)
            speak(&p, d);
    }
}
END_TEST

static int forbids(const char *profile, uint8_t fc, uint16_t address, uint16_t value)
{
    struct profile p = load(profile);
    struct modbus_pdu pdu;

    modbus_write(&pdu, fc, address, value);
    return profile_forbids(&p, 1, &pdu);
}

START_TEST(writes_that_are_never_sent)
{
    struct profile p = load("xunming16");
    struct profile_step steps[PULSE_STEPS];
    struct modbus_pdu read;

    ck_assert_int_eq(forbids("xunming16", 5, 0x65, 0xFFFF), 1);
    ck_assert_int_eq(forbids("xunming16", 5, 0x65, 500), 0);
    ck_assert_int_eq(forbids("xunming16", 6, 0x3E9, 2), 1);
    ck_assert_int_eq(forbids("waveshare32", 5, 0x00FF, 0xFF00), 1);
    ck_assert_int_eq(forbids("waveshare32", 5, 0x01FF, 0xFF00), 1);
    ck_assert_int_eq(forbids("waveshare32", 5, 0x0200, 0x000B), 1);
    ck_assert_int_eq(forbids("waveshare32", 6, 0x4000, 1), 1);
    ck_assert_int_eq(forbids("eletechsup8", 6, 1, 0x0100), 1);
    ck_assert_int_eq(forbids("generic8", 6, 0, 2), 1);
    profile_pulse(&p, 1, steps);
    ck_assert_int_eq(profile_forbids(&p, 0, &steps[0].pdu), 1);
    profile_read(&p, &p.door, 16, &read);
    ck_assert_int_eq(profile_forbids(&p, 0, &read), 0);
}
END_TEST

static const char good[] =
    "[profile]\nname=x\ndoors=4\n[open]\nstyle=coil_value_ms\nbase=0\nunit_ms=1\n[door]\nspace=coil\n"
    "layout=bit\nbase=0\n";

START_TEST(faults_are_named)
{
    static const struct {
        const char *more, *says;
    } bad[] = {
        {"[open]\nstyle=magic\n", "line 13"},
        {"[open]\nshape=1\n", "no such key"},
        {"[open]\nmax_ms=1001\n", "max_ms"},
        {"[open]\nunit_ms=300\n", "multiple"},
        {"[open]\nhost_timed=1\n", "contradicts"},
        {"[open]\nstyle=coil_level\n", "host_timed"},
        {"[open]\nstyle=reg_block\n", "block"},
        {"[door]\nlayout=word\n", "bits"},
        {"[door]\nspace=none\n", "door sensors"},
        {"[door]\nspace=input\nlayout=word\nstride=64\n", "stride"},
        {"[never]\nrule=5 0-3 500\n", "never list"},
        {"[never]\nrule=5 9-3 500\n", "not a value"},
        {"[never]\nrule=5 x 500\n", "not a value"},
        {"[never]\nrule=5\n", "not a value"},
        {"[profile]\nparity=X\n", "parity"},
        {"[open]\nblock=x\n", "block"},
        {"[profile]\nname=abcdefghijklmnopqrstuvwxyzabcdefgh\n", "name"},
        {"not a line\n", "line 12"},
    };
    struct profile p;
    struct error err;
    char text[1024];

    ck_assert_int_eq(profile_parse(good, "good", &p, &err), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "%s%s", good, bad[i].more);
        ck_assert_msg(profile_parse(text, "bad", &p, &err) == -1, "%s", bad[i].more);
        ck_assert_msg(strstr(err.text, bad[i].says) != NULL, "%s: %s", bad[i].more, err.text);
    }
    ck_assert_int_eq(profile_parse("[profile]\ndoors=4\n", "nameless", &p, &err), -1);
    ck_assert_int_eq(profile_load("/nonexistent", &p, &err), -1);
}
END_TEST

START_TEST(layouts_and_temperature)
{
    struct profile p = load("generic8");
    struct profile_input bitmap = {
        .space = SPACE_HOLDING, .layout = LAYOUT_BITMAP, .base = 7, .stride = 1, .active = 0};
    struct modbus_pdu pdu;

    ck_assert_int_eq(profile_read(&p, &bitmap, 17, &pdu), 0);
    ck_assert_mem_eq(pdu.bytes, "\3\0\7\0\2", 5);
    ck_assert_int_eq(profile_level(&bitmap, (const uint8_t *)"\3\4\0\2\0\1", 1), 1);
    ck_assert_int_eq(profile_level(&bitmap, (const uint8_t *)"\3\4\0\2\0\1", 2), 0);
    ck_assert_int_eq(profile_level(&bitmap, (const uint8_t *)"\3\4\0\2\0\1", 17), 0);
    ck_assert_int_eq(profile_read(&p, &p.temperature, 1, &pdu), -1);
    p.temperature_scale = 100;
    p.temperature_signed = 1;
    ck_assert_int_eq(profile_temperature(&p, (const uint8_t *)"\4\2\xff\xce"), -5000);
    p.temperature_signed = 0;
    ck_assert_int_eq(profile_temperature(&p, (const uint8_t *)"\4\2\0\xfa"), 25000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("profiles");
    TCase *c = tcase_create("profiles");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_add_test(c, bytes_of_the_manuals);
    tcase_add_test(c, every_board_speaks_its_profile);
    tcase_add_test(c, writes_that_are_never_sent);
    tcase_add_test(c, faults_are_named);
    tcase_add_test(c, layouts_and_temperature);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
