#include "contrib/openlocker/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum {
    PENDING = 64,
    OPEN_EXPIRY_S = 5, /* the broker drops a command that was not fetched by then */
    ANSWER_MS = 8000,  /* no response by then: whether it pulsed is not known */
    CONFIGURE_MS = 30000,
    BOX_EVERY_MS = 1000,
    TAMPER_MS = 60000,
    MISSED = 3,
};

/* A pulse under way. */
struct pending {
    struct uuid transaction;
    uint8_t board, door;
    int64_t until_us; /* 0: free */
};

struct driver {
    const struct driver_settings *settings;
    const struct wiring *wiring;
    bus_report_fn *report;
    void *arg;
    struct mqtt *mqtt;
    struct loop_timer *timer;
    char root[80];
    struct pending pending[PENDING];
    uint8_t door[PAYLOAD_DOORS];
    int pictured, lives, configured;
    int64_t heard_us, configure_us;
    int64_t tamper_us, tamper_told_us; /* their event; 0: none */
    struct uuid configuring;
    char hash[65];
    struct bus_counters counters;
    char buffer[PAYLOAD_MAX];
};

static struct payload_ids fresh_ids(void)
{
    int64_t now = clock_real_us();

    return (struct payload_ids){uuid_v7(now), uuid_v7(now), now};
}

static int command(struct driver *d, int len, int expiry_s)
{
    char topic[96];
    struct mqtt_message m = {
        .topic = topic, .payload = d->buffer, .len = (size_t)len, .qos = 1, .expiry_s = expiry_s};

    snprintf(topic, sizeof topic, "%s/command", d->root);
    return len < 0 ? -1 : mqtt_publish(d->mqtt, &m);
}

static void tell_pulse(struct driver *d, unsigned board, unsigned door, int sent)
{
    d->report(d->arg, &(struct bus_report){.kind = BUS_PULSE_DONE,
                                           .board = (uint8_t)board,
                                           .door = (uint8_t)door,
                                           .sent = (int8_t)sent,
                                           .read_us = clock_mono_us()});
}

static void set_alive(struct driver *d, int lives)
{
    if (lives)
        d->heard_us = clock_mono_us();
    if (d->lives == lives)
        return;
    d->lives = lives;
    for (unsigned b = 0; b < d->wiring->boards; b++)
        d->report(d->arg, &(struct bus_report){.kind = lives ? BUS_BACK : BUS_LOST, .board = (uint8_t)b});
}

/* The picture as readings of every board. */
static void tell_doors(struct driver *d)
{
    for (unsigned b = 0; b < d->wiring->boards; b++) {
        struct bus_report r = {.kind = BUS_SENSES,
                               .board = (uint8_t)b,
                               .count = d->wiring->board_doors[b],
                               .read_us = clock_mono_us()};

        for (unsigned i = 0; i < r.count; i++) {
            uint8_t door = d->door[d->wiring->board_first[b] - 1u + i];

            r.open |= (uint64_t)(door == PAYLOAD_OPEN) << i;
            r.unknown |= (uint64_t)(door != PAYLOAD_OPEN && door != PAYLOAD_CLOSED) << i;
        }
        d->report(d->arg, &r);
    }
}

static void expire_pending(struct driver *d)
{
    int64_t now = clock_mono_us();

    for (int i = 0; i < PENDING; i++) {
        struct pending *p = &d->pending[i];

        if (p->until_us == 0 || now < p->until_us)
            continue;
        p->until_us = 0;
        d->counters.timeouts++;
        tell_pulse(d, p->board, p->door, -1);
    }
}

static void configure(struct driver *d)
{
    struct payload_ids ids = fresh_ids();
    int len = payload_apply_config(&ids, d->settings->bank->place, d->wiring->count, d->settings->heartbeat_s,
                                   d->buffer, sizeof d->buffer, d->hash);

    d->configuring = ids.transaction;
    d->configure_us = clock_mono_us() + CONFIGURE_MS * 1000LL;
    if (command(d, len, CONFIGURE_MS / 1000) < 0)
        log_warn("openlocker: apply_config could not be sent");
}

/* Their contract has an event for the beginning and none for the end: it lasts a minute. */
static void tell_tamper(struct driver *d, int64_t now)
{
    d->tamper_told_us = now;
    d->report(d->arg, &(struct bus_report){.kind = BUS_BOX,
                                           .input = BOX_TAMPER,
                                           .value = now - d->tamper_us < TAMPER_MS * 1000LL});
}

static void on_timer(void *arg)
{
    struct driver *d = arg;
    int64_t now = clock_mono_us();

    expire_pending(d);
    if (d->lives && now - d->heard_us > MISSED * 1000000LL * d->settings->heartbeat_s)
        set_alive(d, 0);
    if (!d->lives)
        return;
    if (d->settings->configure && !d->configured && now >= d->configure_us)
        configure(d);
    if (d->pictured)
        tell_doors(d);
    if (d->tamper_us && now - d->tamper_told_us > BOX_EVERY_MS * 1000LL)
        tell_tamper(d, now);
}

/* ---- what they say ---- */

static void take_configured(struct driver *d, const struct payload_response *r)
{
    d->configured = r->success && strcmp(r->hash, d->hash) == 0;
    if (d->configured)
        log_info("openlocker: %s took the map of %u compartments", d->settings->bank->id, d->wiring->count);
    else
        log_warn("openlocker: apply_config was refused: %s", r->success ? "another hash" : r->code);
}

static int take_response(struct driver *d, const char *s, size_t len, struct error *err)
{
    static const struct uuid none;
    struct payload_response r;

    if (payload_read_response(s, len, &r, err) < 0)
        return -1;
    set_alive(d, 1);
    if (memcmp(&r.transaction, &none, sizeof none) == 0)
        return 0;
    if (memcmp(&r.transaction, &d->configuring, sizeof none) == 0 && strcmp(r.action, "apply_config") == 0)
        take_configured(d, &r);
    for (int i = 0; i < PENDING; i++) {
        struct pending *p = &d->pending[i];

        if (p->until_us == 0 || memcmp(&p->transaction, &r.transaction, sizeof none) != 0 ||
            strcmp(r.action, "open_compartment") != 0)
            continue;
        p->until_us = 0;
        d->counters.exceptions += !r.success;
        if (!r.success)
            log_warn("openlocker: %s: %s", d->settings->bank->id, r.code);
        tell_pulse(d, p->board, p->door, r.success ? 1 : payload_pulse_of(r.code));
    }
    return 0;
}

/* A retained picture is what was last seen; whether it still holds, the next heartbeat tells. */
static int take_snapshot(struct driver *d, const char *s, size_t len, int retained, struct error *err)
{
    unsigned others = 0;

    if (payload_read_snapshot(s, len, d->door, &others, err) < 0)
        return -1;
    if (others)
        log_warn("openlocker: %u compartments above %d are not known here", others, PAYLOAD_DOORS);
    d->pictured = 1;
    if (retained)
        return 0;
    set_alive(d, 1);
    tell_doors(d);
    return 0;
}

static int take_heartbeat(struct driver *d, const char *s, size_t len, int retained, struct error *err)
{
    int64_t uptime_s;

    if (payload_read_heartbeat(s, len, &uptime_s, err) < 0)
        return -1;
    if (!retained)
        set_alive(d, 1);
    return 0;
}

static int take_connection(struct driver *d, const char *s, size_t len, struct error *err)
{
    char reason[PAYLOAD_WORD_MAX];

    if (payload_read_connection(s, len, reason, err) < 0)
        return -1;
    log_warn("openlocker: %s is offline: %s", d->settings->bank->id, reason);
    set_alive(d, 0);
    return 0;
}

static int take_event(struct driver *d, const char *s, size_t len, struct error *err)
{
    char event[PAYLOAD_WORD_MAX];

    if (payload_read_event(s, len, event, err) < 0)
        return -1;
    log_info("openlocker: %s: %s", d->settings->bank->id, event);
    if (strcmp(event, "tamper_detected") == 0)
        d->tamper_us = clock_mono_us();
    return 0;
}

static void on_message(void *arg, const struct mqtt_message *m)
{
    struct driver *d = arg;
    size_t root = strlen(d->root);
    const char *leaf = m->topic + root + 1;
    struct error err = {0};
    int bad = 0;

    if (strncmp(m->topic, d->root, root) != 0 || m->topic[root] != '/')
        return;
    if (strcmp(leaf, "response") == 0)
        bad = take_response(d, m->payload, m->len, &err);
    else if (strcmp(leaf, "state/compartments") == 0)
        bad = take_snapshot(d, m->payload, m->len, m->retained, &err);
    else if (strcmp(leaf, "state/heartbeat") == 0)
        bad = take_heartbeat(d, m->payload, m->len, m->retained, &err);
    else if (strcmp(leaf, "state/connection") == 0)
        bad = take_connection(d, m->payload, m->len, &err);
    else if (strcmp(leaf, "event") == 0)
        bad = take_event(d, m->payload, m->len, &err);
    d->counters.wrong += bad != 0;
    if (bad)
        log_warn("openlocker: %s", err.text);
}

static void on_link(void *arg, bool up, const char *why)
{
    static const char *const leaves[] = {"response", "state/+", "event"};
    struct driver *d = arg;
    char filter[96];

    if (!up) {
        log_warn("openlocker: broker lost: %s", why ? why : "connection closed");
        set_alive(d, 0);
        return;
    }
    d->counters.reopened++;
    d->configured = 0;
    d->configure_us = 0;
    for (int i = 0; i < 3; i++) {
        snprintf(filter, sizeof filter, "%s/%s", d->root, leaves[i]);
        if (mqtt_subscribe(d->mqtt, filter, 1) < 0)
            log_warn("openlocker: cannot subscribe to %s", filter);
    }
    log_info("openlocker: connected to their broker");
}

/* ---- the driver ---- */

static void *start(void *arg, const struct bus_settings *settings, bus_report_fn *report, void *report_arg)
{
    const struct driver_settings *s = arg;
    struct driver *d = calloc(1, sizeof *d);
    struct mqtt_handler handler = {on_link, on_message, d};
    struct error err = {0};

    if (!d)
        abort();
    d->settings = s;
    d->wiring = &s->bank->wiring;
    d->report = report;
    d->arg = report_arg;
    d->lives = 1;
    snprintf(d->root, sizeof d->root, "locker/%s", s->bank->id);
    d->mqtt = mqtt_new(s->loop, &s->mqtt, &handler, &err);
    if (!d->mqtt) {
        log_error("openlocker: %s", err.text);
        free(d);
        return NULL;
    }
    set_alive(d, 0); /* until it is heard */
    d->timer = loop_timer_new(s->loop, settings->poll_ms, settings->poll_ms, on_timer, d);
    return d;
}

static void stop(void *bus)
{
    struct driver *d = bus;

    loop_timer_free(d->timer);
    mqtt_free(d->mqtt);
    free(d);
}

static struct pending *free_slot(struct driver *d)
{
    for (int i = 0; i < PENDING; i++) {
        if (d->pending[i].until_us == 0)
            return &d->pending[i];
    }
    return NULL;
}

static int pulse(void *bus, unsigned index, unsigned door)
{
    struct driver *d = bus;
    struct pending *p = free_slot(d);
    struct payload_ids ids = fresh_ids();
    unsigned n = d->wiring->board_first[index] + door - 1;

    if (!p || !d->lives)
        return -1;
    d->counters.requests++;
    if (command(d, payload_open(&ids, n, d->buffer, sizeof d->buffer), OPEN_EXPIRY_S) < 0)
        return -1;
    *p = (struct pending){.transaction = ids.transaction,
                          .board = (uint8_t)index,
                          .door = (uint8_t)door,
                          .until_us = clock_mono_us() + ANSWER_MS * 1000LL};
    return 0;
}

static struct bus_counters counters(void *bus)
{
    struct driver *d = bus;

    d->counters.alive_us = clock_mono_us(); /* it lives on the loop */
    return d->counters;
}

void driver_init(struct bus_driver *ret, const struct driver_settings *settings)
{
    *ret = (struct bus_driver){start, stop, pulse, counters, (void *)(uintptr_t)settings};
}
