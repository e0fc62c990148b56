#include "locker-fw/port/bus.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locker-fw/port/line.h"

enum {
    QUEUE = 64,
    LOST_AFTER = 3,
    BACKOFF_MS = 500,
    BACKOFF_MAX_MS = 10000,
    WATCH_MS = 3000,
    OFF_TRIES = 5,
    BOX_MS = 1000
};

struct seat {
    struct bus_board is;
    unsigned failures; /* in a row */
    int lost;
    int64_t next_us;  /* when to poll again */
    int64_t box_us;   /* when to read the inputs of the box again */
    int64_t watch_us; /* until then a door is expected to move: poll without pause */
    unsigned turn;    /* full and shorter reads take turns */
    uint64_t last_open;
};

struct bus {
    struct bus_settings settings;
    bus_report_fn *report;
    void *arg;
    struct line *line;
    struct seat seat[BUS_BOARDS];
    int64_t reopen_us;
    unsigned reopen_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct {
        uint8_t index, door;
    } queue[QUEUE];
    unsigned head, queued;
    int stopping;
    struct bus_counters counters;
};

static int64_t now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void sleep_us(int64_t us)
{
    struct timespec ts = {us / 1000000, us % 1000000 * 1000};

    if (us > 0)
        nanosleep(&ts, NULL);
}

static void count(struct bus *b, enum line_outcome outcome)
{
    pthread_mutex_lock(&b->lock);
    b->counters.requests++;
    b->counters.timeouts += outcome == LINE_TIMEOUT;
    b->counters.wrong += outcome == LINE_WRONG;
    b->counters.exceptions += outcome == LINE_EXCEPTION;
    pthread_mutex_unlock(&b->lock);
}

static enum line_outcome ask(struct bus *b, const struct seat *s, const struct modbus_pdu *request,
                             uint8_t *ret_pdu)
{
    const struct profile *p = s->is.profile;
    enum line_outcome outcome = LINE_NOT_SENT;

    if (profile_forbids(p, s->is.unit, request))
        return LINE_NOT_SENT;
    outcome = line_ask(b->line, s->is.unit, request, p->response_ms, ret_pdu);
    count(b, outcome);
    if (outcome == LINE_OK && p->gap_ms && strncmp(b->settings.device, "rtu:", 4) == 0)
        sleep_us((int64_t)p->gap_ms * 1000);
    return outcome;
}

static void lose(struct bus *b, struct seat *s)
{
    unsigned back = s->failures < LOST_AFTER
                        ? 0
                        : BACKOFF_MS << (s->failures - LOST_AFTER < 5 ? s->failures - LOST_AFTER : 5);

    s->failures++;
    s->next_us = now_us() + (int64_t)(back < BACKOFF_MAX_MS ? back : BACKOFF_MAX_MS) * 1000;
    if (s->failures < LOST_AFTER || s->lost)
        return;
    s->lost = 1;
    b->report(b->arg, &(struct bus_report){.kind = BUS_LOST, .board = s->is.board});
}

static void find(struct bus *b, struct seat *s)
{
    s->failures = 0;
    if (!s->lost)
        return;
    s->lost = 0;
    b->report(b->arg, &(struct bus_report){.kind = BUS_BACK, .board = s->is.board});
}

static uint64_t levels(const struct profile_input *in, const uint8_t *pdu, unsigned doors)
{
    uint64_t bits = 0;

    for (unsigned d = 1; d <= doors; d++)
        bits |= (uint64_t)(profile_level(in, pdu, d) != 0) << (d - 1);
    return bits;
}

/* One reading of a board's sensors. 0 or -1. */
static int poll_board(struct bus *b, struct seat *s)
{
    const struct profile *p = s->is.profile;
    unsigned doors = s->turn++ % 2 && p->doors > 8 ? p->doors - 8u : p->doors;
    struct bus_report r = {.kind = BUS_SENSES, .board = s->is.board, .count = (uint8_t)doors};
    uint64_t mask = doors == 64 ? ~0ull : (1ull << doors) - 1;
    struct modbus_pdu request;
    uint8_t pdu[MODBUS_PDU_MAX];
    int changed;

    profile_read(p, &p->door, doors, &request);
    if (ask(b, s, &request, pdu) != LINE_OK)
        return -1;
    r.open = levels(&p->door, pdu, doors);
    if (p->item.space != SPACE_NONE) {
        profile_read(p, &p->item, doors, &request);
        if (ask(b, s, &request, pdu) != LINE_OK)
            return -1;
        r.present = levels(&p->item, pdu, doors);
        r.has_items = 1;
    }
    r.read_us = now_us();
    changed = (r.open & mask) != (s->last_open & mask);
    s->last_open = (s->last_open & ~mask) | (r.open & mask);
    s->next_us = changed || r.read_us < s->watch_us ? r.read_us + 1000
                                                    : r.read_us + (int64_t)b->settings.poll_ms * 1000;
    b->report(b->arg, &r);
    return 0;
}

static void read_input(struct bus *b, struct seat *s, enum box_input input, const struct profile_input *in)
{
    const struct profile *p = s->is.profile;
    struct bus_report r = {.kind = BUS_BOX, .board = s->is.board, .input = (uint8_t)input};
    struct modbus_pdu request;
    uint8_t pdu[MODBUS_PDU_MAX];

    if (in->space == SPACE_NONE || profile_read(p, in, 1, &request) < 0 ||
        ask(b, s, &request, pdu) != LINE_OK)
        return;
    r.value = input == BOX_TEMPERATURE ? profile_temperature(p, pdu) : profile_level(in, pdu, 1);
    r.read_us = now_us();
    b->report(b->arg, &r);
}

/* Tamper, mains, temperature: now and then, and never while a door is waited for. */
static void read_box(struct bus *b, struct seat *s)
{
    int64_t now = now_us();

    if (now < s->box_us || now < s->watch_us)
        return;
    s->box_us = now + BOX_MS * 1000;
    read_input(b, s, BOX_TAMPER, &s->is.profile->tamper);
    read_input(b, s, BOX_MAINS, &s->is.profile->mains);
    read_input(b, s, BOX_TEMPERATURE, &s->is.profile->temperature);
}

static void poll_and_judge(struct bus *b, struct seat *s)
{
    if (poll_board(b, s) < 0) {
        lose(b, s);
        return;
    }
    find(b, s);
    read_box(b, s);
}

/* Switching off is harmless and must happen: it is repeated until the board echoes it. */
static void switch_off(struct bus *b, struct seat *s, const struct modbus_pdu *off)
{
    uint8_t pdu[MODBUS_PDU_MAX];

    for (int i = 0; i < OFF_TRIES; i++) {
        if (ask(b, s, off, pdu) == LINE_OK)
            return;
        line_open(b->line, NULL);
    }
}

static int8_t meaning(enum line_outcome outcome)
{
    return outcome == LINE_OK ? 1 : outcome == LINE_NOT_SENT || outcome == LINE_EXCEPTION ? 0 : -1;
}

static void pulse(struct bus *b, unsigned index, unsigned door)
{
    struct seat *s = &b->seat[index];
    struct bus_report r = {.kind = BUS_PULSE_DONE, .board = s->is.board, .door = (uint8_t)door};
    struct profile_step steps[PULSE_STEPS];
    int n = profile_pulse(s->is.profile, door, steps), host_timed = s->is.profile->open.host_timed;
    int on = n - 1 - host_timed;
    uint8_t pdu[MODBUS_PDU_MAX];
    int64_t off_us;

    for (int i = 0; i < on && n > 0; i++)
        n = ask(b, s, &steps[i].pdu, pdu) == LINE_OK ? n : 0;
    r.sent = n > 0 ? meaning(ask(b, s, &steps[on].pdu, pdu)) : 0;
    r.read_us = now_us();
    s->watch_us = r.read_us + (int64_t)WATCH_MS * 1000;
    s->next_us = 0;
    b->report(b->arg, &r);
    if (!host_timed || n <= 0 || r.sent == 0)
        return;
    off_us = r.read_us + (int64_t)((double)steps[on + 1].wait_ms * 1000 / b->settings.rate);
    while (now_us() + 20000 < off_us && poll_board(b, s) == 0)
        ;
    sleep_us(off_us - now_us());
    switch_off(b, s, &steps[on + 1].pdu);
}

/* 1 and the next job, or 0 after waiting until `until`; -1 to stop. */
static int next_job(struct bus *b, int64_t until, unsigned *ret_index, unsigned *ret_door)
{
    struct timespec ts = {until / 1000000, until % 1000000 * 1000};
    int got = 0;

    pthread_mutex_lock(&b->lock);
    while (b->queued == 0 && !b->stopping && now_us() < until)
        pthread_cond_timedwait(&b->wake, &b->lock, &ts);
    b->counters.alive_us = now_us();
    if (b->queued > 0) {
        *ret_index = b->queue[b->head].index;
        *ret_door = b->queue[b->head].door;
        b->head = (b->head + 1) % QUEUE;
        b->queued--;
        got = 1;
    }
    if (b->stopping)
        got = -1;
    pthread_mutex_unlock(&b->lock);
    return got;
}

static struct seat *most_due(struct bus *b)
{
    struct seat *due = &b->seat[0];

    for (unsigned i = 1; i < b->settings.count; i++) {
        if (b->seat[i].next_us < due->next_us)
            due = &b->seat[i];
    }
    return due;
}

/* A device that is gone comes back by itself: a re-plugged adapter, a rebooted gateway. */
static int is_open(struct bus *b)
{
    int64_t now = now_us();

    if (line_is_open(b->line))
        return 1;
    if (now < b->reopen_us)
        return 0;
    if (line_open(b->line, NULL) == 0) {
        b->reopen_ms = 0;
        pthread_mutex_lock(&b->lock);
        b->counters.reopened++;
        pthread_mutex_unlock(&b->lock);
        return 1;
    }
    b->reopen_ms = b->reopen_ms ? b->reopen_ms * 2 : 100;
    if (b->reopen_ms > 2000)
        b->reopen_ms = 2000;
    b->reopen_us = now + (int64_t)b->reopen_ms * 1000;
    return 0;
}

static void *run(void *arg)
{
    struct bus *b = arg;
    unsigned index = 0, door = 0;
    int job;

    for (;;) {
        struct seat *s = most_due(b);

        job = next_job(b, s->next_us, &index, &door);
        if (job < 0)
            return NULL;
        is_open(b);
        if (job > 0)
            pulse(b, index, door);
        else if (line_is_open(b->line))
            poll_and_judge(b, s);
        else
            lose(b, s);
        if (!line_is_open(b->line))
            sleep_us(20000);
    }
}

struct bus *bus_start(const struct bus_settings *settings, bus_report_fn *report, void *arg)
{
    const struct profile *first = settings->board[0].profile;
    struct line_settings line = {settings->device, first->baud, first->parity};
    struct bus *b = calloc(1, sizeof *b);
    pthread_condattr_t monotonic;

    if (!b)
        abort();
    b->settings = *settings;
    b->report = report;
    b->arg = arg;
    for (unsigned i = 0; i < settings->count; i++)
        b->seat[i].is = settings->board[i];
    b->line = line_new(&line, NULL);
    if (!b->line) {
        free(b);
        return NULL;
    }
    pthread_mutex_init(&b->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&b->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&b->thread, NULL, run, b) != 0)
        abort();
    return b;
}

void bus_stop(struct bus *bus)
{
    pthread_mutex_lock(&bus->lock);
    bus->stopping = 1;
    pthread_cond_signal(&bus->wake);
    pthread_mutex_unlock(&bus->lock);
    pthread_join(bus->thread, NULL);
    line_free(bus->line);
    pthread_cond_destroy(&bus->wake);
    pthread_mutex_destroy(&bus->lock);
    free(bus);
}

int bus_pulse(struct bus *bus, unsigned index, unsigned door)
{
    int ret = -1;

    pthread_mutex_lock(&bus->lock);
    if (bus->queued < QUEUE) {
        unsigned at = (bus->head + bus->queued++) % QUEUE;

        bus->queue[at].index = (uint8_t)index;
        bus->queue[at].door = (uint8_t)door;
        pthread_cond_signal(&bus->wake);
        ret = 0;
    }
    pthread_mutex_unlock(&bus->lock);
    return ret;
}

struct bus_counters bus_counters(struct bus *bus)
{
    struct bus_counters c;

    pthread_mutex_lock(&bus->lock);
    c = bus->counters;
    pthread_mutex_unlock(&bus->lock);
    return c;
}

static void *driver_start(void *arg, const struct bus_settings *settings, bus_report_fn *report,
                          void *report_arg)
{
    (void)arg;
    return bus_start(settings, report, report_arg);
}

static void driver_stop(void *bus)
{
    bus_stop(bus);
}

static int driver_pulse(void *bus, unsigned index, unsigned door)
{
    return bus_pulse(bus, index, door);
}

static struct bus_counters driver_counters(void *bus)
{
    return bus_counters(bus);
}

const struct bus_driver bus_modbus = {driver_start, driver_stop, driver_pulse, driver_counters, NULL};

int bus_scan(const struct bus_settings *settings, void (*found)(void *arg, unsigned unit, const char *what),
             void *arg, struct error *err)
{
    const struct profile *p = settings->board[0].profile;
    struct line_settings ls = {settings->device, p->baud, p->parity};
    struct line *l = line_new(&ls, err);
    struct modbus_pdu request;
    uint8_t pdu[MODBUS_PDU_MAX];

    if (!l)
        return -1;
    profile_read(p, p->probe.space != SPACE_NONE ? &p->probe : &p->door, 1, &request);
    for (unsigned unit = 1; unit <= 255; unit++) {
        enum line_outcome outcome;

        if (line_open(l, err) < 0) {
            line_free(l);
            return -1;
        }
        outcome = line_ask(l, (uint8_t)unit, &request, p->response_ms, pdu);
        if (outcome == LINE_OK || outcome == LINE_EXCEPTION)
            found(arg, unit,
                  outcome == LINE_OK ? "answers as the profile says" : "answers, but refuses the probe");
    }
    line_free(l);
    return 0;
}
