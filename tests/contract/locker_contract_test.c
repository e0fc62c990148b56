/* The schemas of the locker contract against the code: each writer's output is valid, what a reader takes is
 * what its schema allows, and the words of the schemas are the words of core/names.c. (Every message that
 * real controllers send in the integration tests is checked as well.) */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lockers/message.h"
#include "locker-fw/core/testbox.h"
#include "locker-fw/port/message.h"
#include "locker-fw/port/settings.h"
#include "tests/contract/schema.h"

static char buffer[MESSAGE_MAX];

static json_t *schema(const char *name)
{
    const char *top = getenv("srcdir");

    return schema_load(top ? top : "..", name);
}

static void expect_valid(const char *name, int len)
{
    json_t *s = schema(name),
           *v = json_loadb(buffer, len < 0 ? 0 : (size_t)len, JSON_REJECT_DUPLICATES, NULL);
    char why[256] = "";

    ck_assert_int_gt(len, 0);
    ck_assert_ptr_nonnull(v);
    ck_assert_msg(schema_check(s, v, why, sizeof why) == 0, "%s: %s in %s", name, why, buffer);
    json_decref(s);
    json_decref(v);
}

START_TEST(what_is_written_is_valid)
{
    struct testbox *t = calloc(1, sizeof *t);
    struct conn_facts f = {.on = 1, .sess = 5, .firmware = "0.1", .profile = "abc", .epoch = 1, .now_us = 1};
    const struct metric m[] = {{"pulses", 3}, {"temperature_c", -12.5}};
    static const uint8_t prev[RECORD_MAC], alarms[STATE_ALARMS] = {1, 0, 0, 1, 1};
    struct box_picture box = {
        .tamper = 1, .mains = -1, .has_temperature = 1, .hottest_mc = 21500, .coldest_mc = -500};

    testbox_init(t, 1);
    testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0);
    testbox_visit(t, 1, ITEM_PRESENT);
    testbox_command(t, OP_RESERVE, 2, 2, t->now.business + 1000000);
    testbox_door(t, 5, 1, ITEM_EMPTY);
    expect_valid("conn", message_conn(&t->core, &f, buffer, sizeof buffer));
    f.on = 0;
    expect_valid("conn", message_conn(&t->core, &f, buffer, sizeof buffer));
    expect_valid("state", message_state(&t->core, NULL, NULL, t->now.business, buffer, sizeof buffer));
    expect_valid("state", message_state(&t->core, &box, alarms, t->now.business, buffer, sizeof buffer));
    ck_assert_ptr_nonnull(strstr(buffer,
                                 "\"box\":{\"tamper\":true,\"mains\":null,\"hottest_mc\":21500,"
                                 "\"coldest_mc\":-500,\"alarms\":[\"tamper\",\"cold\",\"journal\"]}"));
    box.has_temperature = 0;
    expect_valid("state", message_state(&t->core, &box, alarms, t->now.business, buffer, sizeof buffer));
    expect_valid("ev", message_events(t->records, (int)t->count, prev, buffer, sizeof buffer));
    expect_valid("res", message_result(&t->last, 5, t->now.business, buffer, sizeof buffer));
    expect_valid("tel", message_measures(m, 2, 5, 1, buffer, sizeof buffer));
    ck_assert_int_eq(message_state(&t->core, NULL, NULL, 1, buffer, 100), -1);
    free(t);
}
END_TEST

static json_t *parsed(const char *text)
{
    json_t *v = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(v);
    return v;
}

static void daemon_reads_result(const struct testbox *t, const struct core_result *r)
{
    struct message_res res;
    struct error err = {0};
    ck_assert(message_result(r, 5, t->now.business, buffer, sizeof buffer) > 0);
    json_t *v = parsed(buffer);
    ck_assert_msg(!message_res_read(v, &res, &err), "%s in %s", err.text, buffer);
    ck_assert_int_eq(res.status, (enum res_status)r->status);
    json_decref(v);
}

/* What the locker writes, the daemon reads: results of every status, events, presence. */
START_TEST(the_daemon_reads_what_is_written)
{
    struct testbox *t = calloc(1, sizeof *t);
    struct conn_facts f = {.on = 1, .sess = 5, .firmware = "0.1", .profile = "abc", .epoch = 1, .now_us = 1};
    static const uint8_t prev[RECORD_MAC];
    static struct message_ev ev;
    struct message_conn conn;
    struct error err = {0};

    testbox_init(t, 1);
    testbox_command(t, OP_OPEN_DEPOSIT, 1, 1, 0);
    testbox_visit(t, 1, ITEM_PRESENT);
    for (unsigned status = CORE_ACCEPTED; status <= CORE_REFUSED; status++) {
        struct core_result r = t->last;
        r.status = status;
        daemon_reads_result(t, &r);
    }
    ck_assert(message_events(t->records, (int)t->count, prev, buffer, sizeof buffer) > 0);
    json_t *v = parsed(buffer);
    ck_assert_msg(!message_ev_read(v, &ev, &err), "%s", err.text);
    ck_assert_int_eq(ev.n, (int)t->count);
    json_decref(v);
    ck_assert(message_conn(&t->core, &f, buffer, sizeof buffer) > 0);
    v = parsed(buffer);
    ck_assert_msg(!message_conn_read(v, &conn, &err), "%s", err.text);
    ck_assert(conn.on && conn.sess == 5);
    json_decref(v);
    free(t);
}
END_TEST

static const char command[] =
    "{\"v\":1,\"cmd_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"sess\":\"0123456789abcdef\",\"seq\":1,"
    "\"op\":\"open_deposit\",\"locker\":\"L1\",\"compartment\":3,\"ref\":\"01890a5d-ac96-774b-bcce-"
    "b302099a8058\","
    "\"nbf\":1,\"exp\":2,\"value\":0,\"size\":\"XL\",\"who\":\"C1\",\"key_id\":\"k1\",\"sig\":"
    "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";

/* Schema and reader say the same of a command with one member changed. */
static void both_say(const char *member, const char *value, int good)
{
    json_t *s = schema("cmd"), *v = json_loads(command, 0, NULL);
    struct grant g;
    uint8_t sig[64];
    struct error err;
    char why[256], *text;

    if (value)
        json_object_set_new(v, member, json_loads(value, JSON_DECODE_ANY, NULL));
    else
        json_object_del(v, member);
    text = json_dumps(v, JSON_COMPACT);
    ck_assert_msg((schema_check(s, v, why, sizeof why) == 0) == good, "schema: %s = %s", member,
                  value ? value : "absent");
    ck_assert_msg((message_read_command(text, strlen(text), &g, sig, &err) == 0) == good, "reader: %s = %s",
                  member, value ? value : "absent");
    free(text);
    json_decref(s);
    json_decref(v);
}

START_TEST(what_is_read_is_what_the_schema_allows)
{
    static const struct {
        const char *member, *value;
        int good;
    } cases[] = {{"v", "1", 1},
                 {"v", "2", 0},
                 {"v", NULL, 0},
                 {"cmd_id", "\"x\"", 0},
                 {"cmd_id", NULL, 0},
                 {"cmd_id", "7", 0},
                 {"sess", "\"0123\"", 0},
                 {"sess", "\"0123456789ABCDEF\"", 0},
                 {"seq", "0", 0},
                 {"seq", "4294967295", 1},
                 {"seq", "4294967296", 0},
                 {"seq", "1.5", 0},
                 {"op", "\"none\"", 0},
                 {"op", "\"clean\"", 1},
                 {"op", "\"steal\"", 0},
                 {"locker", "\"a b\"", 0},
                 {"locker", "\"\"", 0},
                 {"locker", NULL, 0},
                 {"compartment", "0", 1},
                 {"compartment", "128", 1},
                 {"compartment", "129", 0},
                 {"compartment", "-1", 0},
                 {"compartment", "\"3\"", 0},
                 {"ref", "null", 1},
                 {"ref", NULL, 1},
                 {"ref", "\"-\"", 0},
                 {"nbf", "-1", 0},
                 {"exp", "1e3", 0},
                 {"exp", NULL, 0},
                 {"value", "-5", 1},
                 {"value", NULL, 1},
                 {"size", "\"M\"", 1},
                 {"who", NULL, 1},
                 {"key_id", "\"12345678901234567\"", 0},
                 {"sig", "\"AA\"", 0},
                 {"sig", NULL, 0},
                 {"extra", "1", 0}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        both_say(cases[i].member, cases[i].value, cases[i].good);
}
END_TEST

/* The enumeration at a path of a schema holds exactly these words. */
static void same_words(json_t *rule, unsigned first, unsigned count, const char *(*name)(unsigned))
{
    json_t *words = json_object_get(rule, "enum");

    ck_assert_uint_eq(json_array_size(words), count - first);
    for (unsigned i = first; i < count; i++)
        ck_assert_str_eq(json_string_value(json_array_get(words, i - first)), name(i));
}

START_TEST(words_are_the_same)
{
    json_t *ev = schema("ev"), *cmd = schema("cmd"), *state = schema("state"), *res = schema("res");
    json_t *record, *compartment;

    ck_assert_int_eq(
        json_unpack(ev, "{s:{s:{s:{s:o}}}}", "properties", "records", "items", "properties", &record), 0);
    ck_assert_int_eq(json_unpack(state, "{s:{s:{s:{s:o}}}}", "properties", "compartments", "items",
                                 "properties", &compartment),
                     0);
    same_words(json_object_get(record, "type"), 1, EVENT_COUNT, event_name);
    same_words(json_object_get(record, "op"), 0, OP_COUNT, op_name);
    same_words(json_object_get(record, "why"), 0, WHY_COUNT, why_name);
    same_words(json_object_get(compartment, "state"), 0, STATE_COUNT, state_name);
    same_words(json_object_get(compartment, "door"), 0, 3, door_name);
    same_words(json_object_get(compartment, "item"), 0, 3, item_name);
    same_words(json_object_get(json_object_get(cmd, "properties"), "op"), 1, OP_COUNT, op_name);
    same_words(json_object_get(json_object_get(res, "properties"), "why"), 0, WHY_COUNT, why_name);
    json_decref(ev);
    json_decref(cmd);
    json_decref(state);
    json_decref(res);
}
END_TEST

START_TEST(acknowledgements_and_notices)
{
    static const char ack[] = "{\"v\":1,\"boot\":7,\"upto\":9,\"mac\":\"00112233445566778899aabbccddeeff\"}";
    static const char cfg[] =
        "{\"v\":1,\"version\":3,\"body\":\"limits.tries=2\",\"key_id\":\"k1\",\"sig\":"
        "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";
    struct signed_notice *n = calloc(1, sizeof *n);
    uint8_t mac[RECORD_MAC];
    uint32_t boot, upto;
    struct error err;

    strcpy(buffer, ack);
    expect_valid("evack", (int)strlen(ack));
    ck_assert_int_eq(message_read_ack(ack, strlen(ack), &boot, &upto, mac, &err), 0);
    ck_assert_uint_eq(upto, 9);
    strcpy(buffer, cfg);
    expect_valid("cfg", (int)strlen(cfg));
    ck_assert_int_eq(message_read_config(cfg, strlen(cfg), "L1", n, &err), 0);
    ck_assert_str_eq(n->signed_text, "YZC1|L1|3|limits.tries=2");
    ck_assert_int_eq(message_read_firmware(cfg, strlen(cfg), "L1", n, &err), -1);
    free(n);
}
END_TEST

START_TEST(the_manual_names_every_setting)
{
    const char *top = getenv("srcdir");
    static char text[65536];
    char path[512];
    FILE *f;

    snprintf(path, sizeof path, "%s/doc/yizhan-lockerd.8", top ? top : "..");
    f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    for (int i = 0; i < locker_setting_count; i++)
        ck_assert_msg(strstr(text, locker_settings[i].name) != NULL, "%s", locker_settings[i].name);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("locker contract");
    TCase *c = tcase_create("contract");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_add_test(c, what_is_written_is_valid);
    tcase_add_test(c, the_daemon_reads_what_is_written);
    tcase_add_test(c, what_is_read_is_what_the_schema_allows);
    tcase_add_test(c, words_are_the_same);
    tcase_add_test(c, acknowledgements_and_notices);
    tcase_add_test(c, the_manual_names_every_setting);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
