/* An MQTT 5 client: the only file that names paho. Clean start and session expiry 0: nothing is queued for us
 * while we are away. paho's callbacks run on its own threads and only put messages into a mailbox; everything
 * the caller sees happens on the loop. Reconnects by itself with a growing, jittered pause. */
#ifndef BASE_MQTT_H
#define BASE_MQTT_H

#include "base/error.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>

enum { MQTT_TOPIC_MAX = 256, MQTT_PAYLOAD_MAX = 262144, MQTT_CORRELATION_MAX = 64 };

struct mqtt_message {
    const char *topic;
    const void *payload; /* NUL-terminated beyond len when received */
    size_t len;
    int qos; /* 0 or 1 */
    bool retained;
    int expiry_s;               /* 0: none */
    const char *response_topic; /* NULL: none */
    const void *correlation;
    size_t correlation_len;
};

struct mqtt_options {
    const char *url; /* "mqtts://host:port" or "mqtt://host:port" */
    const char *client_id;
    const char *ca, *cert, *key; /* PEM files, for mqtts; cert and key may be NULL where there is a user */
    const char *user, *password; /* NULL: none; copied */
    int keepalive_s;
    int inflight_max;                /* publishes not yet acknowledged; more are refused */
    const struct mqtt_message *will; /* NULL: none; copied */
};

struct mqtt;

struct mqtt_handler {
    /* Connected and subscribed to nothing: subscribe and publish what has to stand, here. `why` is NULL, or
     * the reason of a loss or of a failed attempt. */
    void (*on_link)(void *arg, bool up, const char *why);
    /* A message; lent. */
    void (*on_message)(void *arg, const struct mqtt_message *m);
    void *arg;
};

/* NULL with err when an option makes no sense or a file cannot be read; a broker that is away is waited for.
 */
struct mqtt *mqtt_new(struct loop *l, const struct mqtt_options *o, const struct mqtt_handler *h,
                      struct error *err);

/* Disconnects politely (a second at most) and frees. Loop's thread. */
void mqtt_free(struct mqtt *m);

bool mqtt_up(const struct mqtt *m);
/* Changes the will from the next connection on; copied. */
void mqtt_set_will(struct mqtt *m, const struct mqtt_message *will);
int mqtt_subscribe(struct mqtt *m, const char *filter, int qos);
/* 0 when handed over, -1 when not connected or too many are under way: the caller keeps what it wanted to
 * say. */
int mqtt_publish(struct mqtt *m, const struct mqtt_message *message);

#endif
