/* The messages: what we write against the contract as restated in contract.json, what we read against the
 * examples in examples.json; the bank file. */
#include "contrib/openlocker/payload.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "contrib/openlocker/bank.h"
#include "tests/contract/schema.h"

static const struct payload_ids ids = {{{1, 2, 3}}, {{9, 8, 7}}, 1794379801000000};

static json_t *load(const char *leaf)
{
    const char *top = getenv("srcdir");
    char path[512];
    json_t *o;

    snprintf(path, sizeof path, "%s/contrib/openlocker/%s", top ? top : "..", leaf);
    o = json_load_file(path, 0, NULL);
    ck_assert_msg(o != NULL, "%s", path);
    return o;
}

static void check_against(const char *name, const char *text, int len)
{
    json_t *all = load("contract.json"), *o = json_loadb(text, (size_t)len, 0, NULL);
    char why[256] = "";

    ck_assert_ptr_nonnull(o);
    ck_assert_msg(schema_check(json_object_get(all, name), o, why, sizeof why) == 0, "%s: %s", name, why);
    json_decref(o);
    json_decref(all);
}

START_TEST(commands_are_as_the_contract_says)
{
    static char buffer[PAYLOAD_MAX];
    struct payload_place places[PAYLOAD_DOORS];
    char hash[65], want[65] = "";
    uint8_t bytes[32];
    const char *list;
    int n;

    n = payload_open(&ids, 3, buffer, sizeof buffer);
    ck_assert_int_gt(n, 0);
    check_against("command_open", buffer, n);
    ck_assert_ptr_nonnull(strstr(buffer, "\"compartment_number\":3"));
    ck_assert_int_eq(payload_open(&ids, 3, buffer, (size_t)n), -1);
    for (unsigned i = 0; i < PAYLOAD_DOORS; i++)
        places[i] = (struct payload_place){i + 1, 247, 65000 + i};
    n = payload_apply_config(&ids, places, PAYLOAD_DOORS, 15, buffer, sizeof buffer, hash);
    ck_assert_int_gt(n, 0);
    check_against("command_config", buffer, n);
    list = strstr(buffer, "\"compartments\":") + 15;
    crypto_sha256(bytes, list, strlen(list) - 2);
    for (int i = 0; i < 32; i++)
        snprintf(want + 2 * i, 3, "%02x", bytes[i]);
    ck_assert_str_eq(hash, want);
    ck_assert_int_eq(payload_apply_config(&ids, places, PAYLOAD_DOORS, 15, buffer, 2000, hash), -1);
}
END_TEST

static int read_one(const char *kind, const char *s, size_t len)
{
    uint8_t door[PAYLOAD_DOORS];
    char word[PAYLOAD_WORD_MAX];
    struct payload_response r;
    struct error err = {0};
    unsigned others;
    int64_t uptime;
    int bad;

    if (strcmp(kind, "response") == 0)
        bad = payload_read_response(s, len, &r, &err);
    else if (strcmp(kind, "snapshot") == 0)
        bad = payload_read_snapshot(s, len, door, &others, &err);
    else if (strcmp(kind, "heartbeat") == 0)
        bad = payload_read_heartbeat(s, len, &uptime, &err);
    else if (strcmp(kind, "connection") == 0)
        bad = payload_read_connection(s, len, word, &err);
    else
        bad = payload_read_event(s, len, word, &err);
    ck_assert_int_eq(bad != 0, err.text[0] != '\0');
    return bad;
}

START_TEST(examples_are_read_or_refused)
{
    static const char *const kinds[] = {"response", "snapshot", "heartbeat", "connection", "event"};
    json_t *all = load("examples.json"), *one;
    size_t i;

    for (int k = 0; k < 5; k++) {
        json_t *kind = json_object_get(all, kinds[k]);

        json_array_foreach(json_object_get(kind, "good"), i, one)
        {
            char *s = json_dumps(one, 0);

            ck_assert_msg(read_one(kinds[k], s, strlen(s)) == 0, "%s", s);
            for (size_t cut = 0; cut < strlen(s); cut++)
                ck_assert_msg(read_one(kinds[k], s, cut) < 0, "%.*s", (int)cut, s);
            free(s);
        }
        json_array_foreach(json_object_get(kind, "bad"), i, one)
        {
            char *s = json_dumps(one, 0);

            ck_assert_msg(read_one(kinds[k], s, strlen(s)) < 0, "%s", s);
            free(s);
        }
    }
    json_decref(all);
}
END_TEST

START_TEST(what_is_read_is_what_was_said)
{
    static const char ok[] =
        "{\"message_id\":\"m\",\"transaction_id\":\"0190a5b2-7c11-7d3e-8f00-0123456789ab\","
        "\"action\":\"open_compartment\",\"result\":\"error\",\"error_code\":\"DOOR_JAMMED\","
        "\"timestamp\":\"2026-11-11T08:30:01Z\"}";
    static const char doors[] =
        "{\"message_id\":\"m\",\"timestamp\":\"2026-11-11T08:30:01Z\",\"compartments\":["
        "{\"compartment_number\":2,\"door_state\":\"open\"},"
        "{\"compartment_number\":500,\"door_state\":\"open\"}]}";
    uint8_t door[PAYLOAD_DOORS];
    char *large = malloc(PAYLOAD_MAX + 100);
    struct payload_response r;
    struct error err = {0};
    unsigned others = 9;

    ck_assert_int_eq(payload_read_response(ok, strlen(ok), &r, &err), 0);
    ck_assert_uint_eq(r.transaction.bytes[15], 0xab);
    ck_assert_int_eq(r.success, 0);
    ck_assert_str_eq(r.code, "DOOR_JAMMED");
    ck_assert_int_eq(payload_pulse_of("DOOR_JAMMED"), -1);
    ck_assert_int_eq(payload_pulse_of("something new"), -1);
    ck_assert_int_eq(payload_pulse_of("COMPARTMENT_NOT_FOUND"), 0);
    ck_assert_int_eq(payload_read_snapshot(doors, strlen(doors), door, &others, &err), 0);
    ck_assert_uint_eq(others, 1);
    ck_assert_uint_eq(door[1], PAYLOAD_OPEN);
    ck_assert_uint_eq(door[0], PAYLOAD_ABSENT);
    memset(large, ' ', PAYLOAD_MAX + 100);
    memcpy(large, ok, strlen(ok));
    ck_assert_int_eq(payload_read_response(large, PAYLOAD_MAX, &r, &err), 0);
    ck_assert_int_eq(payload_read_response(large, PAYLOAD_MAX + 1, &r, &err), -1);
    free(large);
}
END_TEST

static int bank_of(const char *text, struct bank *b, struct error *err)
{
    char path[] = "/tmp/openlocker_bank.XXXXXX";
    int fd = mkstemp(path), ret;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
    ret = bank_load(b, path, "0190a5b2-7c11-7d3e-8f00-0123456789ab", err);
    unlink(path);
    return ret;
}

START_TEST(bank_files)
{
    static const char *const bad[] = {"",
                                      "bord slave=1 doors=2\n",
                                      "board slave=1\n",
                                      "board doors=3\n",
                                      "board slave=1 doors=2 first=2\n",
                                      "board slave=0 doors=2\n",
                                      "board slave=1 doors=2 sizes=Q\n",
                                      "board slave=1 doors=2 what=1\n",
                                      "board slave=1 doors=2\nboard slave=2 doors=2 first=2\n",
                                      "board slave=1 doors=2\nboard slave=1 doors=2 first=3\n",
                                      "board slave=1 doors=48 first=100\n",
                                      "board slave=1 doors=2 address=65535\n",
                                      "board slave=1 doors 2\n"};
    struct error err = {0};
    static struct bank b;

    ck_assert_int_eq(
        bank_of("# ours\nboard slave=1 doors=8 address=4 sizes=SML\nboard slave=2 first=9 doors=2 sizes=X "
                "domain=0\n",
                &b, &err),
        0);
    ck_assert_uint_eq(b.wiring.count, 10);
    ck_assert_uint_eq(b.place[7].address, 11);
    ck_assert_uint_eq(b.place[8].slave, 2);
    ck_assert_uint_eq(b.wiring.places[7].size, 3);
    ck_assert_uint_eq(b.wiring.places[8].size, 4);
    ck_assert_uint_eq(b.wiring.places[8].domain, 0);
    ck_assert_str_eq(b.wiring.bus[0].device, "openlocker:0190a5b2-7c11-7d3e-8f00-0123456789ab");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        err.text[0] = '\0';
        ck_assert_msg(bank_of(bad[i], &b, &err) < 0, "%s", bad[i]);
        ck_assert_msg(err.text[0] != '\0', "%s", bad[i]);
    }
    ck_assert_int_eq(bank_load(&b, "/nonexistent", "x", &err), -1);
    ck_assert_int_eq(bank_load(&b, "/dev/null", "a/b", &err), -1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("openlocker payload");
    TCase *c = tcase_create("payload");
    SRunner *runner = srunner_create(s);
    int failed;

    crypto_init();
    tcase_add_test(c, commands_are_as_the_contract_says);
    tcase_add_test(c, examples_are_read_or_refused);
    tcase_add_test(c, what_is_read_is_what_was_said);
    tcase_add_test(c, bank_files);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
