/* A locker for tests: a core with a journal in memory, a pulse counter and the last results, and a daemon's
 * key to sign with. Time is moved by hand. */
#ifndef LOCKER_FW_CORE_TESTBOX_H
#define LOCKER_FW_CORE_TESTBOX_H

#include "locker-fw/core/core.h"

enum { TESTBOX_RECORDS = 4096, TESTBOX_DOORS = 8 };

struct testbox {
    struct core core;
    struct core_time now;
    struct core_place places[TESTBOX_DOORS];
    struct grant_key key;
    uint8_t secret[64];
    struct record records[TESTBOX_RECORDS];
    unsigned count, synced;
    unsigned pulses[TESTBOX_DOORS + 1];
    unsigned pulse_total;
    struct core_result last;
    unsigned results;
    int fail_record, fail_sync, fail_pulse;
    uint32_t seq;
};

/* A started locker of eight compartments (sizes S S M M L L XL XL on two boards), doors closed, session up.
 */
void testbox_init(struct testbox *t, int item_sensors);

/* Power cut: what was not synced is lost, the rest is replayed into a new core, which starts. */
void testbox_restart(struct testbox *t);

void testbox_pass(struct testbox *t, unsigned ms);

/* A signed grant of the live session (offline = 0) or without one, valid for 5 s or an hour. */
struct grant testbox_grant(struct testbox *t, uint8_t op, unsigned compartment, uint8_t ref, int offline);
void testbox_sign(const struct testbox *t, const struct grant *g, uint8_t ret_sig[64]);
enum why testbox_command(struct testbox *t, uint8_t op, unsigned compartment, uint8_t ref, int64_t value);
enum why testbox_present(struct testbox *t, const struct grant *g, unsigned *ret_compartment);

/* Sensors, read often enough to be believed. */
void testbox_door(struct testbox *t, unsigned compartment, int open, enum axis_item item);

/* The pulse was echoed, the door opens, and closes on `item`. */
void testbox_visit(struct testbox *t, unsigned compartment, enum axis_item item);

/* How many records of a type there are. */
unsigned testbox_seen(const struct testbox *t, uint8_t type);
void testbox_code(struct testbox *t, uint8_t ref, uint32_t counter, char ret_code[CODE_DIGITS + 1]);

#endif
