#include "base/mqtt.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mailbox.h"

#include <MQTTAsync.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BOX_MAX = 65536,
    BOX_BYTES_MAX = 64 << 20,
    PAUSE_MIN_MS = 100,
    PAUSE_MAX_MS = 5000,
    CONNECT_SECONDS = 5,
    OPTION_MAX = 512
};

/* What a foreign thread tells the loop. */
struct note {
    enum { NOTE_UP, NOTE_DOWN, NOTE_MESSAGE } kind;
    char why[128];
    size_t size;
    struct mqtt_message m; /* points into room */
    char room[];
};

struct mqtt {
    struct loop *loop;
    struct mqtt_handler handler;
    MQTTAsync client;
    struct mailbox *box;
    struct loop_timer *retry;
    int pause_ms;
    bool up;
    bool closing;
    int inflight_max;
    int keepalive_s;
    bool tls;
    char url[OPTION_MAX], ca[OPTION_MAX], cert[OPTION_MAX], key[OPTION_MAX];
    char user[OPTION_MAX], password[OPTION_MAX];
    char *will_topic;
    void *will_payload;
    size_t will_len;
    bool will_retained;
    atomic_int inflight;
    atomic_size_t boxed; /* bytes in the box */
};

/* ---- on paho's threads: only notes ---- */

/* News of the link is never dropped for want of room; the box has some to spare for it. */
static void put(struct mqtt *m, struct note *n)
{
    bool fits = n->kind != NOTE_MESSAGE || atomic_load(&m->boxed) + n->size <= BOX_BYTES_MAX;
    atomic_fetch_add(&m->boxed, n->size);
    if (fits && !mailbox_put(m->box, n))
        return;
    atomic_fetch_sub(&m->boxed, n->size);
    log_error("mqtt: too many messages wait, one is dropped");
    free(n);
}

static void put_link(struct mqtt *m, bool up, const char *why)
{
    struct note *n = calloc(1, sizeof *n);
    if (!n)
        log_fatal("out of memory");
    n->kind = up ? NOTE_UP : NOTE_DOWN;
    snprintf(n->why, sizeof n->why, "%s", why ? why : "");
    put(m, n);
}

static void on_connect(void *arg, MQTTAsync_successData5 *data)
{
    (void)data;
    put_link(arg, true, NULL);
}

static void on_connect_failure(void *arg, MQTTAsync_failureData5 *data)
{
    char why[128];
    snprintf(why, sizeof why, "cannot connect: %s (%d)", data && data->message ? data->message : "no answer",
             data ? (data->reasonCode ? (int)data->reasonCode : data->code) : 0);
    put_link(arg, false, why);
}

static void on_lost(void *arg, char *cause)
{
    put_link(arg, false, cause ? cause : "connection lost");
}

static void on_disconnected(void *arg, MQTTProperties *props, enum MQTTReasonCodes reason)
{
    char why[64];
    (void)props;
    snprintf(why, sizeof why, "the broker disconnects us (%d)", (int)reason);
    put_link(arg, false, why);
}

static size_t binary_property(const MQTTProperties *p, enum MQTTPropertyCodes id, const char **ret)
{
    MQTTProperty *x = MQTTProperties_getProperty((MQTTProperties *)p, id);
    *ret = x ? x->value.data.data : NULL;
    return x && x->value.data.len > 0 ? (size_t)x->value.data.len : 0;
}

static char *copy(char **at, const void *from, size_t n)
{
    char *to = *at;
    if (n)
        memcpy(to, from, n);
    to[n] = '\0';
    *at += n + 1;
    return to;
}

static int on_message(void *arg, char *topic, int topic_len, MQTTAsync_message *in)
{
    struct mqtt *m = arg;
    const char *response, *correlation;
    size_t tl = topic_len ? (size_t)topic_len : strlen(topic);
    size_t len = in->payloadlen > 0 ? (size_t)in->payloadlen : 0;
    size_t rl = binary_property(&in->properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, &response);
    size_t cl = binary_property(&in->properties, MQTTPROPERTY_CODE_CORRELATION_DATA, &correlation);
    MQTTProperty *expiry =
        MQTTProperties_getProperty(&in->properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL);
    if (tl < MQTT_TOPIC_MAX && len <= MQTT_PAYLOAD_MAX && rl < MQTT_TOPIC_MAX && cl <= MQTT_CORRELATION_MAX) {
        size_t size = sizeof(struct note) + tl + len + rl + cl + 4;
        struct note *n = malloc(size);
        if (!n)
            log_fatal("out of memory");
        char *at = n->room;
        n->size = size;
        n->kind = NOTE_MESSAGE;
        n->m = (struct mqtt_message){.len = len,
                                     .qos = in->qos,
                                     .retained = in->retained,
                                     .correlation_len = cl,
                                     .expiry_s = expiry ? (int)expiry->value.integer4 : 0};
        n->m.topic = copy(&at, topic, tl);
        n->m.payload = copy(&at, in->payload, len);
        n->m.response_topic = rl ? copy(&at, response, rl) : NULL;
        n->m.correlation = cl ? copy(&at, correlation, cl) : NULL;
        put(m, n);
    } else {
        log_warn("mqtt: a message on %.80s is out of bounds, dropped", topic);
    }
    MQTTAsync_freeMessage(&in);
    MQTTAsync_free(topic);
    return 1;
}

/* After a new connection the count has begun anew: what the old one still reports must not make it negative.
 */
static void one_less(struct mqtt *m)
{
    int n = atomic_load(&m->inflight);
    while (n > 0 && !atomic_compare_exchange_weak(&m->inflight, &n, n - 1))
        ;
}

static void on_sent(void *arg, MQTTAsync_successData5 *data)
{
    struct mqtt *m = arg;
    (void)data;
    one_less(m);
}

static void on_not_sent(void *arg, MQTTAsync_failureData5 *data)
{
    struct mqtt *m = arg;
    log_warn("mqtt: a message was not taken (%d)", data ? (int)data->reasonCode : 0);
    one_less(m);
}

/* ---- on the loop ---- */

static void again_later(struct mqtt *m)
{
    uint16_t jitter;
    random_bytes(&jitter, sizeof jitter);
    loop_timer_again(m->retry, m->pause_ms / 2 + jitter % (m->pause_ms / 2 + 1));
    m->pause_ms = m->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : m->pause_ms * 2;
}

static void take_note(void *arg, void *message)
{
    struct mqtt *m = arg;
    struct note *n = message;
    atomic_fetch_sub(&m->boxed, n->size);
    if (n->kind == NOTE_MESSAGE) {
        m->handler.on_message(m->handler.arg, &n->m);
    } else if (n->kind == NOTE_UP) {
        m->up = true;
        m->pause_ms = PAUSE_MIN_MS;
        atomic_store(&m->inflight, 0);
        m->handler.on_link(m->handler.arg, true, NULL);
    } else {
        bool was = m->up;
        m->up = false;
        if (was || m->pause_ms == PAUSE_MIN_MS)
            m->handler.on_link(m->handler.arg, false, n->why);
        if (!m->closing)
            again_later(m);
    }
    free(n);
}

static void connect_now(void *arg)
{
    struct mqtt *m = arg;
    MQTTAsync_connectOptions o = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_SSLOptions ssl = MQTTAsync_SSLOptions_initializer;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTProperties props = MQTTProperties_initializer;
    MQTTProperty expiry = {.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, .value.integer4 = 0};
    MQTTProperties_add(&props, &expiry);
    o.keepAliveInterval = m->keepalive_s;
    o.cleanstart = 1;
    o.connectProperties = &props;
    o.connectTimeout = CONNECT_SECONDS;
    o.maxInflight = m->inflight_max;
    o.onSuccess5 = on_connect;
    o.onFailure5 = on_connect_failure;
    o.context = m;
    o.username = *m->user ? m->user : NULL;
    o.password = *m->password ? m->password : NULL;
    if (m->tls) {
        ssl.trustStore = m->ca;
        ssl.keyStore = *m->cert ? m->cert : NULL;
        ssl.privateKey = *m->key ? m->key : NULL;
        ssl.enableServerCertAuth = 1;
        ssl.verify = 1;
        ssl.sslVersion =
            MQTT_SSL_VERSION_DEFAULT; /* the highest both know; the system's policy says the lowest */
        o.ssl = &ssl;
    }
    if (m->will_topic) {
        will.topicName = m->will_topic;
        will.payload.data = m->will_payload;
        will.payload.len = (int)m->will_len;
        will.qos = 1;
        will.retained = m->will_retained;
        o.will = &will;
    }
    int rc = MQTTAsync_connect(m->client, &o);
    MQTTProperties_free(&props);
    if (rc != MQTTASYNC_SUCCESS)
        again_later(m);
}

void mqtt_set_will(struct mqtt *m, const struct mqtt_message *will)
{
    free(m->will_topic);
    free(m->will_payload);
    m->will_topic = strdup(will->topic);
    m->will_payload = malloc(will->len + 1);
    if (!m->will_topic || !m->will_payload)
        log_fatal("out of memory");
    memcpy(m->will_payload, will->payload, will->len);
    m->will_len = will->len;
    m->will_retained = will->retained;
}

static int take_file(char into[OPTION_MAX], const char *path, struct error *err)
{
    if (!path || !*path || strlen(path) >= OPTION_MAX || access(path, R_OK))
        return error_set(err, EINVAL, "mqtt: cannot read '%s'", path ? path : "");
    snprintf(into, OPTION_MAX, "%s", path);
    return 0;
}

/* Who we are: a certificate, or a name and a password. */
static int take_identity(struct mqtt *m, const struct mqtt_options *o, struct error *err)
{
    if (o->user) {
        snprintf(m->user, sizeof m->user, "%s", o->user);
        snprintf(m->password, sizeof m->password, "%s", o->password ? o->password : "");
    }
    if (!m->tls || (o->user && !o->cert && !o->key))
        return 0;
    return take_file(m->cert, o->cert, err) || take_file(m->key, o->key, err) ? -1 : 0;
}

/* paho says ssl:// and tcp:// . */
static int take_url(struct mqtt *m, const struct mqtt_options *o, struct error *err)
{
    if (!strncmp(o->url, "mqtts://", 8)) {
        m->tls = true;
        snprintf(m->url, sizeof m->url, "ssl://%.400s", o->url + 8);
        return take_file(m->ca, o->ca, err);
    }
    if (strncmp(o->url, "mqtt://", 7))
        return error_set(err, EINVAL, "'%.80s' is no mqtts://host:port", o->url);
    snprintf(m->url, sizeof m->url, "tcp://%.400s", o->url + 7);
    return 0;
}

struct mqtt *mqtt_new(struct loop *l, const struct mqtt_options *o, const struct mqtt_handler *h,
                      struct error *err)
{
    struct mqtt *m = calloc(1, sizeof *m);
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    if (!m)
        log_fatal("out of memory");
    *m = (struct mqtt){.loop = l,
                       .handler = *h,
                       .pause_ms = PAUSE_MIN_MS,
                       .inflight_max = o->inflight_max,
                       .keepalive_s = o->keepalive_s};
    create.sendWhileDisconnected = 0;
    create.maxBufferedMessages =
        2 * o->inflight_max + 64; /* paho refuses bursts at a lower number than it says */
    if (take_url(m, o, err) || take_identity(m, o, err)) {
        free(m);
        return NULL;
    }
    if (MQTTAsync_createWithOptions(&m->client, m->url, o->client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL,
                                    &create)) {
        error_set(err, EINVAL, "mqtt: '%.80s' is not usable as url or '%.40s' as client id", o->url,
                  o->client_id);
        free(m);
        return NULL;
    }
    m->box = mailbox_new(l, BOX_MAX, take_note, m);
    MQTTAsync_setCallbacks(m->client, m, on_lost, on_message, NULL);
    MQTTAsync_setDisconnected(m->client, m, on_disconnected);
    if (o->will)
        mqtt_set_will(m, o->will);
    m->retry = loop_timer_new(l, 0, 0, connect_now, m);
    return m;
}

void mqtt_free(struct mqtt *m)
{
    MQTTAsync_disconnectOptions o = MQTTAsync_disconnectOptions_initializer5;
    o.timeout = 1000;
    m->closing = true;
    loop_timer_free(m->retry);
    if (m->up && MQTTAsync_disconnect(m->client, &o) == MQTTASYNC_SUCCESS)
        for (int i = 0; i < 100 && MQTTAsync_isConnected(m->client); i++)
            usleep(10000);
    MQTTAsync_destroy(&m->client);
    mailbox_free(m->box, free);
    free(m->will_topic);
    free(m->will_payload);
    free(m);
}

bool mqtt_up(const struct mqtt *m)
{
    return m->up;
}

int mqtt_subscribe(struct mqtt *m, const char *filter, int qos)
{
    MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;
    MQTTSubscribe_options s = MQTTSubscribe_options_initializer;
    o.subscribeOptions = s;
    return m->up && MQTTAsync_subscribe(m->client, filter, qos, &o) == MQTTASYNC_SUCCESS ? 0 : -1;
}

static void add_data(MQTTProperties *props, enum MQTTPropertyCodes id, const void *data, size_t len)
{
    MQTTProperty p = {.identifier = id};
    p.value.data.data = (char *)data;
    p.value.data.len = (int)len;
    MQTTProperties_add(props, &p);
}

int mqtt_publish(struct mqtt *m, const struct mqtt_message *message)
{
    MQTTAsync_message out = MQTTAsync_message_initializer;
    MQTTAsync_responseOptions o = MQTTAsync_responseOptions_initializer;
    if (!m->up || message->len > MQTT_PAYLOAD_MAX || atomic_load(&m->inflight) >= m->inflight_max)
        return -1;
    out.payload = (void *)message->payload;
    out.payloadlen = (int)message->len;
    out.qos = message->qos;
    out.retained = message->retained;
    if (message->expiry_s) {
        MQTTProperty p = {.identifier = MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL};
        p.value.integer4 = (unsigned)message->expiry_s;
        MQTTProperties_add(&out.properties, &p);
    }
    if (message->response_topic)
        add_data(&out.properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, message->response_topic,
                 strlen(message->response_topic));
    if (message->correlation_len)
        add_data(&out.properties, MQTTPROPERTY_CODE_CORRELATION_DATA, message->correlation,
                 message->correlation_len);
    o.onSuccess5 = on_sent;
    o.onFailure5 = on_not_sent;
    o.context = m;
    atomic_fetch_add(&m->inflight, 1);
    int rc = MQTTAsync_sendMessage(m->client, message->topic, &out, &o);
    MQTTProperties_free(&out.properties);
    if (rc != MQTTASYNC_SUCCESS)
        one_less(m);
    return rc == MQTTASYNC_SUCCESS ? 0 : -1;
}
