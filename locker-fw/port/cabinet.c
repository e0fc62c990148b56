#include "locker-fw/port/cabinet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "locker-fw/port/crypto.h"

enum {
    TICK_MS = 20,
    MEND_FIRST_MS = 250,
    MEND_LAST_MS = 10000,
    INPUTS_MS = 1000,
    HUNG_MS = 20000,
    MAIL_MAX = 1024,
    OPEN_FLOOR_MS = 1500,
    SPACING_FLOOR_MS = 1,
    LEFT_FLOOR_MS = 1000
};

struct cabinet {
    struct loop *loop;
    struct cabinet_settings settings;
    struct wiring *wiring;
    struct core core;
    struct journal *journal;
    const struct bus_driver *driver;
    void *bus[WIRING_BUSES];
    struct mailbox *mail;
    struct loop_timer *tick;
    struct cabinet_watch watch;
    struct cabinet_counters counters;
    struct record *deposited; /* one per compartment; type 0: none */
    uint32_t told_rev;
    int64_t mend_ms;   /* when to open the journal again; 0: it works */
    unsigned patience; /* ms until the next try */
    int was_low;
    struct box box;
    int known_inputs; /* which yes-or-no inputs say what: news when it changes */
    int64_t started_us;
    int64_t inputs_ms; /* when the inputs were read last */
};

struct core_time cabinet_now(const struct cabinet *c)
{
    return (struct core_time){clock_real_us(), clock_mono_us(), clock_business_us(&c->settings.clock)};
}

static int on_record(void *arg, const struct record *r)
{
    struct cabinet *c = arg;

    if (journal_append(c->journal, r) < 0)
        return -1;
    c->counters.opened += r->type == EVENT_DOOR_OPEN;
    c->counters.not_opened += r->type == EVENT_NOT_OPENED;
    if (r->type == EVENT_DEPOSITED && r->compartment >= 1 && r->compartment <= c->wiring->count)
        c->deposited[r->compartment - 1] = *r;
    if (r->type == EVENT_FORCED || r->type == EVENT_JAMMED || r->type == EVENT_UNCERTAIN ||
        r->type == EVENT_BOARD_LOST || r->type == EVENT_SENSOR_CONFLICT)
        log_warn("%s: compartment %u, %s", event_name(r->type), r->compartment, why_name(r->why));
    return 0;
}

static int on_sync(void *arg)
{
    struct cabinet *c = arg;

    if (journal_sync(c->journal) == 0)
        return 0;
    c->core.broken = 1;
    return -1;
}

static int on_pulse(void *arg, unsigned compartment)
{
    struct cabinet *c = arg;
    unsigned i = compartment - 1;

    c->counters.pulses++;
    return c->driver->pulse(c->bus[c->wiring->where[i].bus], c->wiring->where[i].seat,
                            c->wiring->where[i].door);
}

static void on_result(void *arg, const struct core_result *r)
{
    struct cabinet *c = arg;

    c->counters.refused += r->status == CORE_REFUSED;
    if (r->status == CORE_REFUSED)
        log_info("refused: compartment %u, %s", r->compartment, why_name(r->why));
    if (c->watch.result)
        c->watch.result(c->watch.arg, r);
}

static const struct core_out outputs = {on_record, on_sync, on_pulse, on_result};

static uint32_t shorter(uint32_t ms, double rate, uint32_t floor_ms)
{
    double scaled = (double)ms / rate;

    return rate <= 1 ? ms : scaled < floor_ms ? floor_ms : (uint32_t)scaled;
}

/* In simulated days the doors move faster; the buses do not, so nothing gets shorter than they need. */
static struct core_limits scaled(const struct core_limits *l, double rate)
{
    struct core_limits s = *l;

    s.open_ms = shorter(l->open_ms, rate, OPEN_FLOOR_MS);
    s.spacing_ms = shorter(l->spacing_ms, rate, SPACING_FLOOR_MS);
    s.window_ms = shorter(l->window_ms, rate, 1);
    s.left_open_ms = shorter(l->left_open_ms, rate, LEFT_FLOOR_MS);
    return s;
}

static void setup_core(struct cabinet *c)
{
    struct core_setup s = {.crypto = &crypto_host,
                           .keys = c->settings.keys,
                           .grant_keys = c->settings.grant_keys,
                           .grant_key_count = c->settings.grant_key_count,
                           .places = c->wiring->places,
                           .count = (uint16_t)c->wiring->count,
                           .limits = scaled(&c->settings.limits, c->settings.clock.rate),
                           .out = &outputs,
                           .arg = c};

    memcpy(s.locker, c->settings.locker, sizeof s.locker);
    core_init(&c->core, &s);
}

static void plan_mending(struct cabinet *c)
{
    c->patience = c->patience == 0 ? MEND_FIRST_MS : c->patience * 2;
    if (c->patience > MEND_LAST_MS)
        c->patience = MEND_LAST_MS;
    c->mend_ms = clock_mono_us() / 1000 + c->patience;
}

/* Says once what is wrong with the disk. */
static void watch_disk(struct cabinet *c)
{
    int low = journal_is_low(c->journal);

    if (c->core.broken && c->mend_ms == 0) {
        log_error("the journal cannot be written: nothing is opened until it can");
        plan_mending(c);
        c->core.rev++;
    }
    if (low != c->was_low) {
        if (low)
            log_warn("the disk is nearly full: no more room could be reserved for the journal");
        c->core.rev++;
    }
    c->was_low = low;
}

void cabinet_settle(struct cabinet *c)
{
    on_sync(c);
    watch_disk(c);
    if (c->core.rev == c->told_rev)
        return;
    c->told_rev = c->core.rev;
    if (c->watch.changed)
        c->watch.changed(c->watch.arg);
}

/* A degree more or less is no news, an alarm is. */
static void judge_box(struct cabinet *c, const struct core_time *now)
{
    struct box_change changes[BOX_ALARMS];
    int64_t ms = now->mono / 1000 + 1;
    int n = box_judge(&c->box, ms, changes);
    struct box_picture p = box_picture(&c->box, ms);
    int known = (p.tamper + 1) | (p.mains + 1) << 2 | p.has_temperature << 4;

    if (known != c->known_inputs)
        c->core.rev++;
    c->known_inputs = known;
    for (int i = 0; i < n; i++) {
        core_note(&c->core, changes[i].type, changes[i].why, changes[i].value, now);
        log_warn("%s: %d (%s)", event_name(changes[i].type), changes[i].value, why_name(changes[i].why));
    }
}

static void read_inputs(struct cabinet *c, const struct core_time *now)
{
    int64_t ms = now->mono / 1000 + 1;

    if (c->inputs_ms && ms - c->inputs_ms < INPUTS_MS)
        return;
    c->inputs_ms = ms;
    inputs_read(&c->settings.inputs, &c->box, ms);
    judge_box(c, now);
}

/* A fresh core from what is on the disk. 0; -1 with *err. */
static int open_journal(struct cabinet *c, struct error *err)
{
    struct core_time now = cabinet_now(c);

    setup_core(c);
    if (!(c->journal = journal_open(c->settings.journal_dir, &c->core, err)))
        return -1;
    if (core_start(&c->core, &now, CABINET_FIRMWARE) == 0)
        return 0;
    journal_close(c->journal);
    c->journal = NULL;
    return error_set(err, EIO, "the journal in %s cannot be written", c->settings.journal_dir);
}

/* The core of before that could write nothing any more. */
static void stay_broken(struct cabinet *c, const struct core *was)
{
    c->core = *was;
    c->core.broken = 1;
    c->journal = journal_failed();
    plan_mending(c);
}

/* As after a restart, only without one: what was not on the disk never happened, and no door opens by itself.
 */
static void mend(struct cabinet *c)
{
    struct core_time now = cabinet_now(c);
    struct core *was = malloc(sizeof *was);
    struct error err = {0};

    if (!was)
        abort();
    *was = c->core;
    journal_close(c->journal);
    if (open_journal(c, &err) < 0) {
        stay_broken(c, was);
        log_error("still no journal: %s", err.text);
    } else {
        memset(c->deposited, 0, c->wiring->count * sizeof *c->deposited);
        memset(c->box.alarm, 0, sizeof c->box.alarm); /* those that stand are recorded again */
        core_succeed(&c->core, was, &now);
        c->core.rev = was->rev + 1;
        c->mend_ms = c->patience = 0;
        log_info("the journal can be written again");
        if (c->watch.renewed)
            c->watch.renewed(c->watch.arg);
    }
    free(was);
}

static void on_tick(void *arg)
{
    struct cabinet *c = arg;
    struct core_time now = cabinet_now(c);

    if (c->mend_ms && now.mono / 1000 >= c->mend_ms)
        mend(c);
    core_tick(&c->core, &now);
    read_inputs(c, &now);
    cabinet_settle(c);
}

/* Bus thread. */
static void on_report(void *arg, const struct bus_report *r)
{
    struct cabinet *c = arg;
    struct bus_report *copy = malloc(sizeof *copy);

    if (!copy)
        abort();
    *copy = *r;
    if (mailbox_put(c->mail, copy) < 0)
        free(copy);
}

static void take_senses(struct cabinet *c, const struct bus_report *r, const struct core_time *now)
{
    unsigned doors = c->wiring->board_doors[r->board], first = c->wiring->board_first[r->board];

    for (unsigned d = 0; d < doors && d < r->count; d++) {
        enum axis_item item = !r->has_items ? ITEM_UNKNOWN : r->present >> d & 1 ? ITEM_PRESENT : ITEM_EMPTY;

        core_sense(&c->core, first + d,
                   r->unknown >> d & 1 ? DOOR_UNKNOWN
                   : r->open >> d & 1  ? DOOR_OPEN
                                       : DOOR_CLOSED,
                   item, now);
    }
}

static void on_mail(void *arg, void *message)
{
    struct cabinet *c = arg;
    struct bus_report *r = message;
    struct core_time now = cabinet_now(c);

    switch (r->kind) {
    case BUS_SENSES:
        take_senses(c, r, &now);
        break;
    case BUS_PULSE_DONE:
        core_pulse_done(&c->core, c->wiring->board_first[r->board] + r->door - 1u, r->sent, &now);
        break;
    case BUS_BOX:
        box_read(&c->box, r->board + 1u, (enum box_input)r->input, r->value, now.mono / 1000 + 1);
        judge_box(c, &now);
        break;
    default:
        c->counters.boards_lost += r->kind == BUS_LOST ? 1u : -1u;
        core_board(&c->core, r->board, r->kind == BUS_LOST, &now);
        log_warn("board %u %s", r->board + 1u, r->kind == BUS_LOST ? "does not answer" : "answers again");
    }
    free(r);
    cabinet_settle(c);
}

void cabinet_reconfigure(struct cabinet *c, const struct cabinet_settings *settings)
{
    c->settings.limits = settings->limits;
    c->core.setup.limits = scaled(&settings->limits, c->settings.clock.rate);
    c->box.hot_mc = settings->hot_mc;
    c->box.cold_mc = settings->cold_mc;
    memcpy(c->settings.grant_keys, settings->grant_keys, sizeof c->settings.grant_keys);
    c->settings.grant_key_count = settings->grant_key_count;
    c->core.setup.grant_key_count = settings->grant_key_count;
}

static void start_buses(struct cabinet *c)
{
    for (unsigned i = 0; i < c->wiring->buses; i++) {
        c->wiring->bus[i].poll_ms = c->settings.poll_ms;
        c->wiring->bus[i].rate = c->settings.clock.rate < 1 ? 1 : c->settings.clock.rate;
        c->bus[i] = c->driver->start(c->driver->arg, &c->wiring->bus[i], on_report, c);
        if (!c->bus[i])
            log_fatal("%s: not a bus; use rtu:/dev/… or tcp:HOST:PORT", c->wiring->bus[i].device);
    }
}

static int is_disk_fault(int code)
{
    return code == ENOSPC || code == EDQUOT || code == EIO || code == EROFS || code == ENODEV ||
           code == ENXIO || code == EUCLEAN;
}

/* The screen tells residents, the state message the park; no door opens. */
static void start_broken(struct cabinet *c, const struct error *why)
{
    setup_core(c);
    c->core.broken = 1;
    c->journal = journal_failed();
    plan_mending(c);
    log_error("%s: nothing is opened until the journal can be written", why->text);
}

struct cabinet *cabinet_new(struct loop *l, const struct cabinet_settings *settings, struct wiring *wiring,
                            struct error *err)
{
    struct cabinet *c = calloc(1, sizeof *c);
    struct error why = {0};

    if (!c || !(c->deposited = calloc(wiring->count, sizeof *c->deposited)))
        abort();
    c->loop = l;
    c->started_us = clock_mono_us();
    c->settings = *settings;
    c->driver = settings->driver ? settings->driver : &bus_modbus;
    c->wiring = wiring;
    box_init(&c->box, settings->hot_mc, settings->cold_mc);
    if (open_journal(c, &why) < 0 && !is_disk_fault(why.code)) {
        *err = why;
        cabinet_free(c);
        return NULL;
    }
    if (!c->journal)
        start_broken(c, &why);
    c->mail = mailbox_new(l, MAIL_MAX, on_mail, c);
    c->tick = loop_timer_new(l, TICK_MS, TICK_MS, on_tick, c);
    start_buses(c);
    return c;
}

void cabinet_free(struct cabinet *c)
{
    for (int i = 0; i < WIRING_BUSES; i++) {
        if (c->bus[i])
            c->driver->stop(c->bus[i]);
    }
    if (c->mail)
        mailbox_free(c->mail, free);
    if (c->tick)
        loop_timer_free(c->tick);
    if (c->journal) {
        journal_sync(c->journal);
        journal_close(c->journal);
    }
    free(c->deposited);
    free(c);
}

void cabinet_watch(struct cabinet *c, const struct cabinet_watch *watch)
{
    c->watch = *watch;
}

struct core *cabinet_core(struct cabinet *c)
{
    return &c->core;
}

struct journal *cabinet_journal(struct cabinet *c)
{
    return c->journal;
}

const struct wiring *cabinet_wiring(const struct cabinet *c)
{
    return c->wiring;
}

struct box_picture cabinet_box(const struct cabinet *c, uint8_t ret_alarms[STATE_ALARMS])
{
    memcpy(ret_alarms, c->box.alarm, BOX_ALARMS);
    ret_alarms[STATE_ALARM_JOURNAL] = c->core.broken;
    ret_alarms[STATE_ALARM_DISK] = (uint8_t)journal_is_low(c->journal);
    return box_picture(&c->box, cabinet_now(c).mono / 1000 + 1);
}

const struct record *cabinet_deposited(const struct cabinet *c, unsigned compartment)
{
    const struct record *r =
        compartment >= 1 && compartment <= c->wiring->count ? &c->deposited[compartment - 1] : NULL;

    return r && r->type == EVENT_DEPOSITED ? r : NULL;
}

int cabinet_alive(struct cabinet *c)
{
    int alive = 1;

    for (unsigned i = 0; i < c->wiring->buses; i++) {
        int64_t seen = c->driver->counters(c->bus[i]).alive_us;

        alive &= clock_mono_us() - (seen > c->started_us ? seen : c->started_us) < HUNG_MS * 1000LL;
    }
    return alive;
}

struct bus_counters cabinet_bus(struct cabinet *c, unsigned i)
{
    return c->driver->counters(c->bus[i]);
}

struct cabinet_counters cabinet_counters(struct cabinet *c)
{
    struct cabinet_counters all = c->counters;

    for (unsigned i = 0; i < c->wiring->buses; i++) {
        struct bus_counters one = c->driver->counters(c->bus[i]);

        all.bus.requests += one.requests;
        all.bus.timeouts += one.timeouts;
        all.bus.wrong += one.wrong;
        all.bus.exceptions += one.exceptions;
        all.bus.reopened += one.reopened;
    }
    return all;
}
