/* One bus of lock boards (a serial line or a Modbus/TCP gateway) and the thread that alone talks on it.
 *
 * The thread polls every board's sensors and carries out pulses. It never repeats a write that opens: what
 * was not echoed is reported as unknown. Before each request the line is flushed; each answer must match the
 * very request; after a missing or wrong answer the line is drained (RTU) or the connection dropped (TCP), so
 * that a late answer cannot pass for the next one. Whole vectors are read, in turns of two lengths where the
 * board has more than eight doors.
 *
 * Functions may be called from any thread; `report` is called on the bus thread. */
#ifndef LOCKER_FW_PORT_BUS_H
#define LOCKER_FW_PORT_BUS_H

#include "base/error.h"
#include "locker-fw/core/box.h"
#include "locker-fw/core/profile.h"

enum { BUS_BOARDS = 16 };

struct bus_board {
    const struct profile *profile; /* must outlive the bus */
    uint8_t unit;
    uint8_t board; /* the core's number of it */
};

enum bus_report_kind { BUS_SENSES, BUS_PULSE_DONE, BUS_LOST, BUS_BACK, BUS_BOX };

struct bus_report {
    uint8_t kind;
    uint8_t board;
    uint8_t door;  /* BUS_PULSE_DONE */
    int8_t sent;   /* BUS_PULSE_DONE: 1 echoed, 0 not sent, -1 unknown */
    uint8_t count; /* BUS_SENSES: doors 1..count were read */
    uint8_t has_items;
    uint64_t open, present; /* bit i: door i+1 */
    uint64_t unknown;       /* BUS_SENSES: doors whose sensor could not be read */
    int64_t read_us;        /* CLOCK_MONOTONIC when it was read or written */
    uint8_t input;          /* BUS_BOX: enum box_input of core/box.h */
    int32_t value;          /* BUS_BOX */
};

typedef void bus_report_fn(void *arg, const struct bus_report *r);

struct bus_settings {
    char device[108]; /* "tcp:HOST:PORT" or "rtu:/dev/…" */
    struct bus_board board[BUS_BOARDS];
    unsigned count;
    unsigned poll_ms;
    double rate; /* the city's clock: host-timed pulses shrink with it; 1 in earnest */
};

struct bus_counters {
    unsigned long requests, timeouts, wrong, exceptions, reopened;
    int64_t alive_us; /* CLOCK_MONOTONIC when the thread was last seen between two jobs */
};

struct bus;

/* What the locker needs of whatever moves its bolts. bus_modbus is the one of this file; another may stand in
 * its place (contrib/openlocker). `start` may return NULL; the pulse and its BUS_PULSE_DONE are as bus_pulse
 * says. */
struct bus_driver {
    void *(*start)(void *arg, const struct bus_settings *settings, bus_report_fn *report, void *report_arg);
    void (*stop)(void *bus);
    int (*pulse)(void *bus, unsigned index, unsigned door);
    struct bus_counters (*counters)(void *bus);
    void *arg;
};
extern const struct bus_driver bus_modbus;

/* Starts the thread. The device need not be there yet: it is opened again and again. */
struct bus *bus_start(const struct bus_settings *settings, bus_report_fn *report, void *arg);
void bus_stop(struct bus *bus);

/* Queues one pulse of a door (1-based) of board number `index` in the settings. 0, or -1 when the queue is
 * full. One BUS_PULSE_DONE follows. */
int bus_pulse(struct bus *bus, unsigned index, unsigned door);

struct bus_counters bus_counters(struct bus *bus);

/* For the installer, without a thread: asks units 1..247 of a device with a profile's probe and calls found
 * for each that answers. 0 or -1 with *err. */
int bus_scan(const struct bus_settings *settings, void (*found)(void *arg, unsigned unit, const char *what),
             void *arg, struct error *err);

#ifdef BUS_SABOTAGE
extern int bus_trusts_echo; /* a deliberate defect for tests: answers are not compared with the request */
#endif

#endif
