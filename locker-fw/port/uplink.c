#include "locker-fw/port/uplink.h"

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "locker-fw/port/crypto.h"

enum {
    TICK_MS = 250,
    STATE_EVERY_MS = 60000,
    STATE_GAP_MS = 1000,
    MEASURES_EVERY_MS = 60000,
    ACK_WAIT_MS = 10000, /* then everything unacknowledged is sent again */
    AGAIN_MS = 1000,     /* at most so often because of an acknowledgement that brought nothing new */
    WINDOW = 8 * MESSAGE_RECORDS,
};

struct uplink {
    struct uplink_settings settings;
    struct cabinet *cabinet;
    uplink_notice_fn *notice;
    void *arg;
    struct mqtt *mqtt;
    struct loop_timer *timer;
    uint64_t next_sess;
    char root[96];
    uint64_t sent; /* records under way, unacknowledged */
    int64_t ack_ms, again_ms, state_ms, measures_ms;
    int state_due;
    char buffer[MESSAGE_MAX];
};

static int64_t now_ms(void)
{
    return clock_mono_us() / 1000;
}

static uint64_t fresh_sess(void)
{
    uint64_t v = 0;

    while (v == 0)
        random_bytes(&v, sizeof v);
    return v;
}

static int publish(struct uplink *u, const char *leaf, int len, int qos, int retain, int expiry_s)
{
    char topic[128];
    struct mqtt_message m = {.topic = topic,
                             .payload = u->buffer,
                             .len = (size_t)len,
                             .qos = qos,
                             .retained = retain,
                             .expiry_s = expiry_s};

    if (len < 0) {
        log_error("%s: the message does not fit", leaf);
        return -1;
    }
    snprintf(topic, sizeof topic, "%s/%s", u->root, leaf);
    return mqtt_publish(u->mqtt, &m);
}

static int write_conn(struct uplink *u, int on, uint64_t sess, char *buffer, size_t cap)
{
    struct conn_facts f = {.on = on,
                           .sess = sess,
                           .firmware = PACKAGE_VERSION,
                           .profile = cabinet_wiring(u->cabinet)->hash,
                           .epoch = u->settings.epoch,
                           .backlog = journal_backlog(cabinet_journal(u->cabinet)),
                           .now_us = clock_real_us()};

    return message_conn(cabinet_core(u->cabinet), &f, buffer, cap);
}

static void make_will(struct uplink *u, char *topic, size_t topic_cap, char *payload, size_t cap,
                      struct mqtt_message *ret)
{
    snprintf(topic, topic_cap, "%s/conn", u->root);
    *ret = (struct mqtt_message){.topic = topic, .payload = payload, .qos = 1, .retained = true};
    ret->len = (size_t)write_conn(u, 0, u->next_sess, payload, cap);
}

static void prepare_session(struct uplink *u)
{
    char topic[128], payload[256];
    struct mqtt_message will;

    u->next_sess = fresh_sess();
    make_will(u, topic, sizeof topic, payload, sizeof payload, &will);
    mqtt_set_will(u->mqtt, &will);
}

static void send_state(struct uplink *u)
{
    int64_t now = now_ms();
    uint8_t alarms[STATE_ALARMS];
    struct box_picture box = cabinet_box(u->cabinet, alarms);
    int len = message_state(cabinet_core(u->cabinet), &box, alarms, cabinet_now(u->cabinet).business,
                            u->buffer, sizeof u->buffer);

    if (publish(u, "state", len, 1, 1, 180) < 0)
        return;
    u->state_ms = now;
    u->state_due = 0;
}

/* As many journal records as the window allows. */
static void send_events(struct uplink *u)
{
    struct record records[MESSAGE_RECORDS];
    uint8_t prev[RECORD_MAC];
    int n;

    while (mqtt_up(u->mqtt) && u->sent < WINDOW) {
        n = journal_read(cabinet_journal(u->cabinet), u->sent, records, MESSAGE_RECORDS, prev);
        if (n < 0)
            log_error("the journal cannot be read");
        if (n <= 0)
            return;
        if (publish(u, "ev", message_events(records, n, prev, u->buffer, sizeof u->buffer), 1, 0, 0) < 0)
            return;
        if (u->sent == 0)
            u->ack_ms = now_ms();
        u->sent += (uint64_t)n;
    }
}

enum { MEASURES = 10 + STATE_ALARMS + 2 };
static const char *const alarm_names[STATE_ALARMS] = {"alarm_tamper", "alarm_mains",   "alarm_hot",
                                                      "alarm_cold",   "alarm_journal", "alarm_disk"};

static void send_measures(struct uplink *u)
{
    struct cabinet_counters c = cabinet_counters(u->cabinet);
    uint8_t alarms[STATE_ALARMS];
    struct box_picture box = cabinet_box(u->cabinet, alarms);
    struct metric metrics[MEASURES] = {
        {"pulses", (double)c.pulses},
        {"opened", (double)c.opened},
        {"not_opened", (double)c.not_opened},
        {"refused", (double)c.refused},
        {"boards_lost", c.boards_lost},
        {"bus_requests", (double)c.bus.requests},
        {"bus_timeouts", (double)c.bus.timeouts},
        {"bus_wrong", (double)c.bus.wrong},
        {"bus_reopened", (double)c.bus.reopened},
        {"journal_backlog", (double)journal_backlog(cabinet_journal(u->cabinet))},
    };
    int n = 10, len;

    for (int i = 0; i < STATE_ALARMS; i++)
        metrics[n++] = (struct metric){alarm_names[i], alarms[i]};
    if (box.has_temperature) {
        metrics[n++] = (struct metric){"hottest_c", box.hottest_mc / 1000.0};
        metrics[n++] = (struct metric){"coldest_c", box.coldest_mc / 1000.0};
    }
    len = message_measures(metrics, n, cabinet_core(u->cabinet)->sess, clock_real_us(), u->buffer,
                           sizeof u->buffer);

    u->measures_ms = now_ms();
    publish(u, "tel", len, 0, 0, 60);
}

static void on_timer(void *arg)
{
    struct uplink *u = arg;
    int64_t now = now_ms();

    if (!mqtt_up(u->mqtt))
        return;
    if ((u->state_due && now - u->state_ms >= STATE_GAP_MS) || now - u->state_ms >= STATE_EVERY_MS)
        send_state(u);
    if (u->sent > 0 && now - u->ack_ms >= ACK_WAIT_MS)
        u->sent = 0;
    if (now - u->measures_ms >= MEASURES_EVERY_MS)
        send_measures(u);
    send_events(u);
}

static void subscribe(struct uplink *u)
{
    static const char *const leaves[] = {"cmd", "evack", "cfg", "fw"};
    char filter[128];

    for (int i = 0; i < 4; i++) {
        snprintf(filter, sizeof filter, "%s/%s", u->root, leaves[i]);
        if (mqtt_subscribe(u->mqtt, filter, 1) < 0)
            log_warn("cannot subscribe to %s", filter);
    }
}

static void on_link(void *arg, bool up, const char *why)
{
    struct uplink *u = arg;
    struct core_time now = cabinet_now(u->cabinet);

    u->sent = 0;
    if (!up) {
        if (cabinet_core(u->cabinet)->sess)
            log_warn("broker lost: %s", why ? why : "connection closed");
        core_session(cabinet_core(u->cabinet), 0, &now);
        prepare_session(u);
        return;
    }
    core_session(cabinet_core(u->cabinet), u->next_sess, &now);
    subscribe(u);
    publish(u, "conn", write_conn(u, 1, u->next_sess, u->buffer, sizeof u->buffer), 1, 1, 0);
    send_state(u);
    send_events(u);
    log_info("connected to the broker");
}

static void take_command(struct uplink *u, const struct mqtt_message *m)
{
    struct core_time now = cabinet_now(u->cabinet);
    struct grant g;
    uint8_t sig[64];
    struct error err = {0};

    if (message_read_command(m->payload, m->len, &g, sig, &err) < 0) {
        log_warn("%s", err.text);
        return;
    }
    core_command(cabinet_core(u->cabinet), &g, sig, m->retained, &now);
    cabinet_settle(u->cabinet);
}

static void take_ack(struct uplink *u, const struct mqtt_message *m)
{
    struct core *c = cabinet_core(u->cabinet);
    uint8_t mac[RECORD_MAC], right[RECORD_MAC];
    uint32_t boot, upto;
    struct error err = {0};
    int64_t n;

    if (message_read_ack(m->payload, m->len, &boot, &upto, mac, &err) < 0) {
        log_warn("%s", err.text);
        return;
    }
    record_ack_mac(&crypto_host, c->setup.keys.ack, c->setup.locker, boot, upto, right);
    if (!core_equal(mac, right, RECORD_MAC)) {
        log_warn("an acknowledgement with a wrong mac was ignored");
        return;
    }
    n = journal_acknowledge(cabinet_journal(u->cabinet), boot, upto, c, &err);
    if (n < 0)
        log_warn("the journal was not trimmed: %s", err.text);
    if (n == 0 && u->sent > 0 && now_ms() - u->again_ms >= AGAIN_MS) {
        u->again_ms = now_ms();
        u->sent = 0;
    } else {
        u->sent = n < 0 || (uint64_t)n > u->sent ? 0 : u->sent - (uint64_t)n;
    }
    u->ack_ms = now_ms();
    send_events(u);
}

static void take_notice(struct uplink *u, const struct mqtt_message *m, int firmware)
{
    const struct core *c = cabinet_core(u->cabinet);
    int64_t have = firmware ? c->firmware_version : c->config_version;
    struct signed_notice *n = calloc(1, sizeof *n);
    struct error err = {0};
    int good = 0;

    if (!n)
        abort();
    if ((firmware ? message_read_firmware : message_read_config)(m->payload, m->len, u->settings.locker, n,
                                                                 &err) < 0)
        log_warn("%s", err.text);
    for (int i = 0; i < c->setup.grant_key_count && !err.text[0]; i++) {
        const struct grant_key *k = &c->setup.grant_keys[i];

        good |= strcmp(k->id, n->key_id) == 0 && crypto_host.verify(n->sig, (const uint8_t *)n->signed_text,
                                                                    strlen(n->signed_text), k->key) == 0;
    }
    if (!good && !err.text[0])
        log_warn("a %s message with a wrong signature was ignored", firmware ? "firmware" : "configuration");
    if (good && n->version > have)
        u->notice(u->arg, firmware, n);
    free(n);
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    struct uplink *u = arg;
    size_t root = strlen(u->root);
    const char *leaf = m->topic + root + 1;

    if (strncmp(m->topic, u->root, root) != 0 || m->topic[root] != '/' || m->len > MESSAGE_MAX)
        return;
    if (strcmp(leaf, "cmd") == 0)
        take_command(u, m);
    else if (strcmp(leaf, "evack") == 0)
        take_ack(u, m);
    else if (strcmp(leaf, "cfg") == 0 || strcmp(leaf, "fw") == 0)
        take_notice(u, m, leaf[0] == 'f');
}

struct uplink *uplink_new(struct loop *l, const struct uplink_settings *settings, struct cabinet *cabinet,
                          uplink_notice_fn *notice, void *arg, struct error *err)
{
    struct uplink *u = calloc(1, sizeof *u);
    struct mqtt_handler handler = {on_link, on_message, u};
    char topic[128], payload[256];
    struct mqtt_message will;
    struct mqtt_options o = {.url = settings->url,
                             .client_id = settings->locker,
                             .ca = settings->ca[0] ? settings->ca : NULL,
                             .cert = settings->cert[0] ? settings->cert : NULL,
                             .key = settings->key[0] ? settings->key : NULL,
                             .keepalive_s = 30,
                             .inflight_max = 64,
                             .will = &will};

    if (!u)
        abort();
    u->settings = *settings;
    u->cabinet = cabinet;
    u->notice = notice;
    u->arg = arg;
    snprintf(u->root, sizeof u->root, "lk/1/%s/%s", settings->site, settings->locker);
    u->next_sess = fresh_sess();
    make_will(u, topic, sizeof topic, payload, sizeof payload, &will);
    u->mqtt = mqtt_new(l, &o, &handler, err);
    if (!u->mqtt) {
        free(u);
        return NULL;
    }
    u->timer = loop_timer_new(l, TICK_MS, TICK_MS, on_timer, u);
    return u;
}

void uplink_free(struct uplink *u)
{
    loop_timer_free(u->timer);
    if (mqtt_up(u->mqtt))
        publish(u, "conn", write_conn(u, 0, cabinet_core(u->cabinet)->sess, u->buffer, sizeof u->buffer), 1,
                1, 0);
    mqtt_free(u->mqtt);
    free(u);
}

int uplink_is_up(const struct uplink *u)
{
    return mqtt_up(u->mqtt);
}

void uplink_result(struct uplink *u, const struct core_result *r)
{
    uint64_t sess = cabinet_core(u->cabinet)->sess;

    if (mqtt_up(u->mqtt))
        publish(u, "res",
                message_result(r, sess, cabinet_now(u->cabinet).business, u->buffer, sizeof u->buffer), 1, 0,
                60);
}

void uplink_changed(struct uplink *u)
{
    u->state_due = 1;
    send_events(u);
}

void uplink_renewed(struct uplink *u)
{
    u->sent = 0;
    uplink_changed(u);
}
