/* yizhan-openlocker over a real mosquitto: on one side a stand-in for the daemon with signed commands, on the
 * other a simulated controller that speaks Open-Locker's contract and does what it is told to do wrong. */
#include <check.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mqtt.h"
#include "tests/contract/schema.h"
#include "tests/integration/locker_rig.h"

#define ID "0190a5b2-7c11-7d3e-8f00-0123456789ab"
#define OWN "locker/" ID "/"

enum { DOORS = 8 };

/* Their controller. */
static struct {
    struct mqtt *mqtt;
    struct loop_timer *beat;
    json_t *contract;
    int open[DOORS + 1];
    int commands, pulses, configs, last;
    const char *error; /* what it answers instead of opening */
    int silent;        /* it opens but does not answer */
    int stuck;         /* it answers but the door stays closed */
    int twice;         /* it answers everything twice */
    int asleep;        /* no heartbeats */
    char transaction[64];
} box;

static void say(const char *leaf, int retained, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(const char *leaf, int retained, const char *fmt, ...)
{
    static unsigned n;
    char topic[96], body[2048];
    int len =
        snprintf(body, sizeof body, "{\"message_id\":\"sim-%u\",\"timestamp\":\"2026-11-11T08:30:00.%03uZ\",",
                 n, n % 1000);
    struct mqtt_message m = {.topic = topic, .payload = body, .qos = 1, .retained = retained};
    va_list ap;

    n++;
    va_start(ap, fmt);
    len += vsnprintf(body + len, sizeof body - (size_t)len, fmt, ap);
    va_end(ap);
    m.len = (size_t)snprintf(body + len, sizeof body - (size_t)len, "}") + (size_t)len;
    snprintf(topic, sizeof topic, OWN "%s", leaf);
    ck_assert_int_eq(mqtt_publish(box.mqtt, &m), 0);
}

static void show_doors(void)
{
    char list[1024] = "";
    size_t len = 0;

    for (int n = 1; n <= DOORS; n++)
        len += (size_t)snprintf(list + len, sizeof list - len,
                                "%s{\"compartment_number\":%d,\"door_state\":\"%s\"}", n > 1 ? "," : "", n,
                                box.open[n] ? "open" : "closed");
    say("state/compartments", 1, "\"compartments\":[%s]", list);
}

static void door(int n, int open)
{
    box.open[n] = open;
    show_doors();
}

static void answer_success(const char *action, const char *more)
{
    say("response", 0,
        "\"type\":\"command_response\",\"transaction_id\":\"%s\",\"action\":\"%s\",\"result\":\"success\"%s",
        box.transaction, action, more);
}

static void take_open(json_t *o)
{
    int n = (int)json_integer_value(json_object_get(json_object_get(o, "data"), "compartment_number"));

    box.commands++;
    box.last = n;
    if (box.error) {
        say("response", 0,
            "\"transaction_id\":\"%s\",\"action\":\"open_compartment\",\"result\":\"error\",\"error_code\":"
            "\"%s\","
            "\"message\":\"as it was told\"",
            box.transaction, box.error);
        return;
    }
    box.pulses++;
    for (int i = 0; i <= box.twice && !box.silent; i++)
        answer_success("open_compartment", "");
    if (!box.stuck)
        door(n, 1);
}

static void take_config(json_t *o)
{
    char more[128];

    box.configs++;
    snprintf(more, sizeof more, ",\"applied_config_hash\":\"%s\"",
             json_string_value(json_object_get(json_object_get(o, "data"), "config_hash")));
    answer_success("apply_config", more);
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    json_t *o = json_loadb(m->payload, m->len, JSON_REJECT_DUPLICATES, NULL);
    const char *action = json_string_value(json_object_get(o, "action"));
    int opens = action && strcmp(action, "open_compartment") == 0;
    char why[256] = "";

    (void)arg;
    ck_assert_ptr_nonnull(action);
    ck_assert_msg(schema_check(json_object_get(box.contract, opens ? "command_open" : "command_config"), o,
                               why, sizeof why) == 0,
                  "%s", why);
    ck_assert_int_eq(m->retained, 0);
    ck_assert_int_gt(m->expiry_s, 0);
    snprintf(box.transaction, sizeof box.transaction, "%s",
             json_string_value(json_object_get(o, "transaction_id")));
    if (opens)
        take_open(o);
    else
        take_config(o);
    json_decref(o);
}

static void on_link(void *arg, bool up, const char *why)
{
    (void)arg;
    (void)why;
    if (up)
        mqtt_subscribe(box.mqtt, OWN "command", 1);
}

static void on_beat(void *arg)
{
    (void)arg;
    if (mqtt_up(box.mqtt) && !box.asleep)
        say("state/heartbeat", 0, "\"uptime_seconds\":12");
}

static struct rig *begin(const char *more)
{
    static char settings[256]; /* the rig keeps it */
    char url[64], path[512];
    const char *top = getenv("srcdir");
    struct mqtt_options o = {
        .url = url, .client_id = "their-controller", .keepalive_s = 30, .inflight_max = 100};
    struct mqtt_handler h = {on_link, on_message, NULL};
    struct error err = {0};
    struct rig *r;

    memset(&box, 0, sizeof box);
    snprintf(path, sizeof path, "%s/contrib/openlocker/contract.json", top ? top : "..");
    box.contract = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(box.contract);
    snprintf(settings, sizeof settings, "neighbour.heartbeat_s=1 bus.poll_ms=20 limits.open_ms=1000 %s",
             more);
    r = rig_new(&(struct rig_options){.neighbour = ID, .lockerd = settings});
    snprintf(url, sizeof url, "mqtt://127.0.0.1:%d", rig_broker_port(r));
    box.mqtt = mqtt_new(rig_loop(r), &o, &h, &err);
    ck_assert_ptr_nonnull(box.mqtt);
    for (int i = 0; i < 300 && !mqtt_up(box.mqtt); i++)
        rig_run(r, 10);
    show_doors();
    box.beat = loop_timer_new(rig_loop(r), 0, 300, on_beat, NULL);
    ck_assert_int_eq(rig_event(r, EVENT_BOARD_BACK, 2, 5000), 0);
    rig_run(r, 100);
    return r;
}

static void end(struct rig *r)
{
    ck_assert_uint_eq(rig_chain_faults(r), 0);
    loop_timer_free(box.beat);
    mqtt_free(box.mqtt);
    json_decref(box.contract);
    rig_free(r);
}

START_TEST(a_parcel_goes_in_and_out)
{
    struct rig *r = begin("neighbour.configure=yes");
    char code[CODE_DIGITS + 1], body[64], answer[1024];
    uint8_t id[16];

    box.twice = 1;
    rig_command(r, OP_OPEN_DEPOSIT, 6, 1, 0, id);
    ck_assert_int_eq(rig_result(r, id, "accepted", 3000), WHY_NONE);
    ck_assert_int_eq(rig_result(r, id, "pulsed", 3000), WHY_NONE);
    ck_assert_int_eq(rig_result(r, id, "opened", 3000), WHY_NONE);
    ck_assert_int_eq(box.last, 6);
    door(6, 0);
    ck_assert_int_eq(rig_result(r, id, "closed", 3000), WHY_NONE);
    ck_assert_int_eq(rig_event(r, EVENT_DEPOSITED, 1, 3000), 0);
    ck_assert_uint_eq(rig_events(r, EVENT_PULSED), 1);
    rig_code(r, 1, 0, code);
    snprintf(body, sizeof body, "{\"digits\":\"%s\"}", code);
    ck_assert_int_eq(rig_kiosk(r, "POST", "/api/code", body, answer, sizeof answer), 200);
    ck_assert_ptr_nonnull(strstr(answer, "\"ok\":true,\"compartment\":6"));
    ck_assert_int_eq(rig_event(r, EVENT_DOOR_OPEN, 2, 3000), 0);
    door(6, 0);
    ck_assert_int_eq(rig_event(r, EVENT_COLLECTED, 1, 3000), 0);
    ck_assert_int_eq(box.pulses, 2);
    ck_assert_int_eq(box.configs, 1);
    end(r);
}
END_TEST

START_TEST(their_errors_become_ours)
{
    struct rig *r = begin("");
    uint8_t id[16];

    box.error = "COMPARTMENT_NOT_FOUND"; /* nothing was sent to the lock: known at once */
    rig_command(r, OP_OPEN_SERVICE, 1, 0, 0, id);
    ck_assert_int_eq(rig_result(r, id, "not_opened", 900), WHY_BUS);
    box.error = "HARDWARE_ERROR"; /* perhaps it was: the door decides */
    rig_command(r, OP_OPEN_SERVICE, 2, 0, 0, id);
    ck_assert_int_eq(rig_result(r, id, "not_opened", 5000), WHY_NO_EDGE);
    box.error = NULL;
    box.stuck = 1;
    rig_command(r, OP_OPEN_SERVICE, 3, 0, 0, id);
    ck_assert_int_eq(rig_result(r, id, "pulsed", 3000), WHY_NONE);
    ck_assert_int_eq(rig_result(r, id, "not_opened", 5000), WHY_NO_EDGE);
    box.stuck = 0;
    box.silent = 1; /* no answer, but the door opens */
    rig_command(r, OP_OPEN_SERVICE, 4, 0, 0, id);
    ck_assert_int_eq(rig_result(r, id, "opened", 5000), WHY_NONE);
    ck_assert_int_eq(box.commands, 4);
    end(r);
}
END_TEST

START_TEST(nothing_is_sent_to_one_who_does_not_live)
{
    struct rig *r = begin("");
    uint8_t id[16];

    box.asleep = 1;
    ck_assert_int_eq(rig_event(r, EVENT_BOARD_LOST, 4, 8000), 0); /* two at the start, two now */
    rig_command(r, OP_OPEN_SERVICE, 1, 0, 0, id);
    ck_assert_int_eq(rig_result(r, id, "refused", 3000), WHY_BOARD_LOST);
    box.asleep = 0;
    ck_assert_int_eq(rig_event(r, EVENT_BOARD_BACK, 4, 5000), 0);
    say("state/connection", 0, "\"status\":\"offline\",\"reason\":\"mqtt_last_will\"");
    ck_assert_int_eq(rig_event(r, EVENT_BOARD_LOST, 6, 3000), 0);
    ck_assert_int_eq(box.commands, 0);
    end(r);
}
END_TEST

static void send_raw(const char *leaf, const char *body)
{
    char topic[96];
    struct mqtt_message m = {.topic = topic, .payload = body, .len = strlen(body), .qos = 1};

    snprintf(topic, sizeof topic, OWN "%s", leaf);
    mqtt_publish(box.mqtt, &m);
}

START_TEST(lies_and_noise_change_nothing)
{
    struct rig *r = begin("");
    static char huge[60000];
    uint8_t id[16];

    memset(huge, 'x', sizeof huge - 1);
    send_raw("state/compartments", huge);
    send_raw("state/compartments",
             "{\"message_id\":\"m\",\"timestamp\":\"2026-11-11T08:30:00Z\",\"compartments\":[{"
             "\"compartment_number\":1,\"door_state\":\"open\"},{\"compartment_number\":1,"
             "\"door_state\":\"open\"}]}");
    send_raw("response",
             "{\"message_id\":\"m\",\"timestamp\":\"2026-11-11T08:30:00Z\",\"transaction_id\":\"" ID
             "\",\"action\":\"open_compartment\",\"result\":\"success\"}");
    send_raw("event", "[]");
    say("event", 0, "\"event\":\"qr_scanned\"");
    say("event", 0, "\"event\":\"tamper_detected\"");
    ck_assert_int_eq(rig_event(r, EVENT_TAMPER, 1, 3000), 0);
    rig_run(r, 300);
    ck_assert_uint_eq(rig_events(r, EVENT_DOOR_OPEN), 0);
    ck_assert_uint_eq(rig_events(r, EVENT_PULSED), 0);
    door(7, 1); /* nobody asked for it */
    ck_assert_int_eq(rig_event(r, EVENT_FORCED, 1, 3000), 0);
    ck_assert_int_eq(rig_last(r, EVENT_FORCED)->compartment, 7);
    rig_command(r, OP_OPEN_SERVICE, 2, 0, 0, id);
    ck_assert_int_eq(rig_result(r, id, "opened", 3000), WHY_NONE);
    end(r);
}
END_TEST

START_TEST(a_crash_in_mid_opening_opens_nothing_again)
{
    struct rig *r = begin("");
    uint8_t id[16];

    box.silent = box.stuck = 1;
    rig_command(r, OP_OPEN_DEPOSIT, 5, 1, 0, id);
    ck_assert_int_eq(rig_result(r, id, "accepted", 3000), WHY_NONE);
    for (int i = 0; i < 200 && box.commands == 0; i++)
        rig_run(r, 10);
    rig_kill(r, 'l', SIGKILL);
    rig_start(r, 'l');
    ck_assert_int_eq(rig_event(r, EVENT_UNCERTAIN, 1, 8000), 0);
    rig_run(r, 1500);
    ck_assert_int_eq(box.commands, 1);
    end(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("openlocker");
    TCase *c = tcase_create("processes");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_set_timeout(c, 60);
    tcase_add_test(c, a_parcel_goes_in_and_out);
    tcase_add_test(c, their_errors_become_ours);
    tcase_add_test(c, nothing_is_sent_to_one_who_does_not_live);
    tcase_add_test(c, lies_and_noise_change_nothing);
    tcase_add_test(c, a_crash_in_mid_opening_opens_nothing_again);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
