/* The MQTT client against a private mosquitto (tests/integration/broker.sh), over TLS with client
 * certificates. */
#include "base/mqtt.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 2000 };

struct peer {
    struct mqtt *mqtt;
    const char *filter;
    int ups, downs, heard;
    char why[128];
    char topic[128], payload[128], response[128], correlation[64];
    bool retained;
    int expiry_s;
};

static struct loop *loop;
static struct peer alice, bob;
static char folder[256];

static void on_link(void *arg, bool up, const char *why)
{
    struct peer *p = arg;
    p->ups += up;
    p->downs += !up;
    snprintf(p->why, sizeof p->why, "%s", why ? why : "");
    if (up && p->filter)
        ck_assert_int_eq(mqtt_subscribe(p->mqtt, p->filter, 1), 0);
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    struct peer *p = arg;
    p->heard++;
    p->retained = m->retained;
    p->expiry_s = m->expiry_s;
    snprintf(p->topic, sizeof p->topic, "%s", m->topic);
    snprintf(p->payload, sizeof p->payload, "%s", (const char *)m->payload);
    snprintf(p->response, sizeof p->response, "%s", m->response_topic ? m->response_topic : "");
    snprintf(p->correlation, sizeof p->correlation, "%.*s", (int)m->correlation_len,
             m->correlation ? (const char *)m->correlation : "");
}

static struct mqtt *connect_as(struct peer *p, const char *name, const char *filter,
                               const struct mqtt_message *will)
{
    char url[64], ca[300], cert[300], key[300];
    struct error err;
    snprintf(url, sizeof url, "mqtts://localhost:%s", getenv("MQTTS_PORT"));
    snprintf(ca, sizeof ca, "%s/certs/ca.pem", folder);
    snprintf(cert, sizeof cert, "%s/certs/%s.pem", folder, name);
    snprintf(key, sizeof key, "%s/certs/%s.key", folder, name);
    struct mqtt_options o = {.url = url,
                             .client_id = name,
                             .ca = ca,
                             .cert = cert,
                             .key = key,
                             .keepalive_s = 5,
                             .inflight_max = 500,
                             .will = will};
    struct mqtt_handler h = {on_link, on_message, p};
    memset(p, 0, sizeof *p);
    p->filter = filter;
    p->mqtt = mqtt_new(loop, &o, &h, &err);
    ck_assert_msg(p->mqtt != NULL, "%s", err.text);
    return p->mqtt;
}

static void stop(void *arg)
{
    (void)arg;
    loop_stop(loop);
}

static void run_ms(int ms)
{
    struct loop_timer *t = loop_timer_new(loop, ms, 0, stop, NULL);
    loop_run(loop);
    loop_timer_free(t);
}

/* Runs until the counter has reached n, three seconds at most; then a moment more, for what comes too often.
 */
static void until(const int *counter, int n)
{
    for (int i = 0; i < 300 && *counter < n; i++)
        run_ms(10);
    run_ms(50);
    ck_assert_int_eq(*counter, n);
}

static void setup(void)
{
    snprintf(folder, sizeof folder, "%s", getenv("YIZHAN_BROKER"));
    loop = loop_new(NULL, NULL);
}

static void teardown(void)
{
    loop_free(loop);
}

static void broker(const char *what, const char *word)
{
    char line[512];
    snprintf(line, sizeof line, "%s %s %s %s", BROKER_SH, what, folder, word);
    ck_assert_int_eq(system(line), 0);
}

START_TEST(a_message_arrives_with_its_properties)
{
    connect_as(&alice, "alice", NULL, NULL);
    connect_as(&bob, "bob", "t/+", NULL);
    until(&alice.ups, 1);
    until(&bob.ups, 1);
    struct mqtt_message m = {.topic = "t/1",
                             .payload = "{\"a\":1}",
                             .len = 7,
                             .qos = 1,
                             .expiry_s = 9,
                             .response_topic = "r/1",
                             .correlation = "c17",
                             .correlation_len = 3};
    ck_assert_int_eq(mqtt_publish(alice.mqtt, &m), 0);
    until(&bob.heard, 1);
    ck_assert_str_eq(bob.topic, "t/1");
    ck_assert_str_eq(bob.payload, "{\"a\":1}");
    ck_assert_str_eq(bob.response, "r/1");
    ck_assert_str_eq(bob.correlation, "c17");
    ck_assert(!bob.retained);
    ck_assert(bob.expiry_s > 0 && bob.expiry_s <= 9);
    mqtt_free(alice.mqtt);
    mqtt_free(bob.mqtt);
}
END_TEST

START_TEST(retained_messages_say_so)
{
    struct mqtt_message m = {.topic = "kept/1", .payload = "x", .len = 1, .qos = 1, .retained = true};
    connect_as(&alice, "alice", NULL, NULL);
    until(&alice.ups, 1);
    ck_assert_int_eq(mqtt_publish(alice.mqtt, &m), 0);
    run_ms(100);
    connect_as(&bob, "bob", "kept/+", NULL);
    until(&bob.heard, 1);
    ck_assert(bob.retained);
    m.payload = "";
    m.len = 0;
    mqtt_publish(alice.mqtt, &m);
    run_ms(100);
    mqtt_free(alice.mqtt);
    mqtt_free(bob.mqtt);
}
END_TEST

START_TEST(a_broker_that_dies_is_waited_for_and_the_will_is_kept)
{
    struct mqtt_message will = {
        .topic = "will/alice", .payload = "off", .len = 3, .qos = 1, .retained = true};
    connect_as(&alice, "alice", NULL, &will);
    connect_as(&bob, "bob", "#", NULL);
    until(&alice.ups, 1);
    until(&bob.ups, 1);
    broker("stop", "KILL");
    until(&bob.downs, 1);
    ck_assert(!mqtt_up(bob.mqtt));
    struct mqtt_message m = {.topic = "t/1", .payload = "x", .len = 1, .qos = 1};
    ck_assert_int_eq(mqtt_publish(bob.mqtt, &m), -1);
    run_ms(300);
    broker("start", "");
    for (int i = 0; i < 600 && (alice.ups < 2 || bob.ups < 2); i++)
        run_ms(10);
    ck_assert_int_eq(bob.ups, 2);
    run_ms(200); /* the subscription stands */
    ck_assert_int_eq(mqtt_publish(alice.mqtt, &m), 0);
    until(&bob.heard, 1);
    /* Another of the same name takes the connection over: the will is published. */
    struct peer twin;
    connect_as(&twin, "alice", NULL, NULL);
    until(&bob.heard, 2);
    ck_assert_str_eq(bob.topic, "will/alice");
    ck_assert_str_eq(bob.payload, "off");
    mqtt_free(twin.mqtt);
    mqtt_free(alice.mqtt);
    mqtt_free(bob.mqtt);
}
END_TEST

START_TEST(a_burst_arrives_whole_or_is_refused)
{
    int taken = 0;
    connect_as(&alice, "alice", NULL, NULL);
    connect_as(&bob, "bob", "burst/#", NULL);
    until(&alice.ups, 1);
    until(&bob.ups, 1);
    run_ms(100);
    for (int i = 0; i < MANY; i++) {
        struct mqtt_message m = {.topic = "burst/1", .payload = "x", .len = 1, .qos = 1};
        taken += mqtt_publish(alice.mqtt, &m) == 0;
        if (i % 100 == 99)
            run_ms(5);
    }
    ck_assert_int_ge(taken, 500);
    until(&bob.heard, taken);
    mqtt_free(alice.mqtt);
    mqtt_free(bob.mqtt);
}
END_TEST

START_TEST(a_stranger_is_not_served_and_nonsense_is_refused)
{
    struct error err;
    struct mqtt_handler h = {on_link, on_message, &alice};
    struct mqtt_options o = {.url = "http://x", .client_id = "x", .keepalive_s = 5, .inflight_max = 10};
    ck_assert_ptr_null(mqtt_new(loop, &o, &h, &err));
    o.url = "mqtts://localhost:1";
    o.ca = "/nowhere";
    ck_assert_ptr_null(mqtt_new(loop, &o, &h, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "/nowhere"));
    char other[300], line[2000];
    snprintf(other, sizeof other, "%s/other", folder);
    snprintf(line, sizeof line, "%s %s mallory && cp %s/mallory.pem %s/mallory.key %s/certs", CERTS_SH, other,
             other, other, folder);
    ck_assert_int_eq(system(line), 0); /* signed by another authority */
    connect_as(&alice, "mallory", NULL, NULL);
    run_ms(600);
    ck_assert_int_eq(alice.ups, 0);
    mqtt_free(alice.mqtt);
}
END_TEST

int main(int argc, char **argv)
{
    (void)argc;
    if (!getenv("YIZHAN_BROKER")) {
        execl(BROKER_SH, BROKER_SH, "run", argv[0], (char *)NULL);
        perror(BROKER_SH);
        return 99;
    }
    Suite *s = suite_create("base/mqtt");
    TCase *t = tcase_create("mqtt");
    tcase_set_timeout(t, 20);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_message_arrives_with_its_properties);
    tcase_add_test(t, retained_messages_say_so);
    tcase_add_test(t, a_burst_arrives_whole_or_is_refused);
    tcase_add_test(t, a_stranger_is_not_served_and_nonsense_is_refused);
    tcase_add_test(t, a_broker_that_dies_is_waited_for_and_the_will_is_kept);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
