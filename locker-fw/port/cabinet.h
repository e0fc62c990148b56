/* The locker bank itself, without network and screen: the core with its journal, its buses and its clock.
 * Lives on the loop's thread; bus threads reach it through a mailbox. */
#ifndef LOCKER_FW_PORT_CABINET_H
#define LOCKER_FW_PORT_CABINET_H

#include "base/clock.h"
#include "base/error.h"
#include "base/loop.h"
#include "locker-fw/core/core.h"
#include "locker-fw/port/bus.h"
#include "locker-fw/port/inputs.h"
#include "locker-fw/port/journal.h"
#include "locker-fw/port/message.h"
#include "locker-fw/port/wiring.h"

enum { CABINET_KEYS = 4, CABINET_FIRMWARE = 100 };

struct cabinet_settings {
    char locker[GRANT_NAME_MAX + 1];
    const char *journal_dir;
    struct locker_keys keys;
    struct grant_key grant_keys[CABINET_KEYS];
    uint8_t grant_key_count;
    struct core_limits limits; /* of real life; shortened by the clock's rate */
    struct clock clock;
    unsigned poll_ms;
    struct inputs inputs;            /* of the computer itself */
    int32_t hot_mc, cold_mc;         /* alarms, thousandths of a degree */
    const struct bus_driver *driver; /* NULL: bus_modbus */
};

struct cabinet;

/* What others want to know; called on the loop. */
struct cabinet_watch {
    void (*result)(void *arg, const struct core_result *r);
    void (*changed)(void *arg); /* records were synced, or the visible state is another */
    void (*renewed)(void *arg); /* the journal was opened again: what was under way is to be sent again */
    void *arg;
};

/* The wiring must outlive it. A disk that is full or does not work is no reason to fail: the locker then
 * opens nothing, says so, and tries again every few seconds. NULL with *err: settings, another process, a
 * damaged journal. */
struct cabinet *cabinet_new(struct loop *l, const struct cabinet_settings *settings, struct wiring *wiring,
                            struct error *err);
void cabinet_free(struct cabinet *c);
void cabinet_watch(struct cabinet *c, const struct cabinet_watch *watch);

struct core *cabinet_core(struct cabinet *c);
struct journal *cabinet_journal(struct cabinet *c);
const struct wiring *cabinet_wiring(const struct cabinet *c);
struct core_time cabinet_now(const struct cabinet *c);

/* After every call into the core: syncs what it recorded and tells the watcher. */
void cabinet_settle(struct cabinet *c);

/* Takes new limits and keys while running. */
void cabinet_reconfigure(struct cabinet *c, const struct cabinet_settings *settings);

/* What the box itself senses, and which alarms stand. */
struct box_picture cabinet_box(const struct cabinet *c, uint8_t ret_alarms[STATE_ALARMS]);

/* The last `deposited` record of a compartment since the start, for its receipt; NULL when there is none. */
const struct record *cabinet_deposited(const struct cabinet *c, unsigned compartment);

struct cabinet_counters {
    struct bus_counters bus;
    unsigned long pulses, refused, opened, not_opened;
    unsigned boards_lost;
};
struct cabinet_counters cabinet_counters(struct cabinet *c);
/* 1 while every bus thread comes round: a controller whose bus hangs is to be started anew. */
int cabinet_alive(struct cabinet *c);

struct bus_counters cabinet_bus(struct cabinet *c, unsigned i); /* of one bus of the wiring */

#endif
