/* The locker's mind: compartments, deposits, permissions. Events go in, effects come out through `core_out`;
 * no I/O, no heap, no clock. Everything that must survive a power cut is a record (core/record.h): a decision
 * is made, sealed as a record, applied, and handed to the journal. Replaying the records gives the same state
 * again, so live operation and start-up share one code.
 *
 *   command, QR, code, sensors, timer ──decide──► record ──apply──► state
 *                                                  │ record(), sync()
 *                                                  ▼
 *                                  pulse() only after sync() of its intent
 *
 * One thread. Callbacks must not call back into the core. Times are passed in. */
#ifndef LOCKER_FW_CORE_CORE_H
#define LOCKER_FW_CORE_CORE_H

#include "locker-fw/core/code.h"
#include "locker-fw/core/grant.h"
#include "locker-fw/core/keys.h"
#include "locker-fw/core/record.h"

enum {
    CORE_DOORS = 128,
    CORE_BOARDS = 16,
    CORE_PER_COMPARTMENT = 8,
#ifdef CORE_SMALL
    CORE_PARCELS = 160,
    CORE_NONCES = 192,
    CORE_OPENINGS = 16,
#else
    CORE_PARCELS = 320,
    CORE_NONCES = 2048,
    CORE_OPENINGS = 64,
#endif
};

struct core_time {
    int64_t real;     /* unix us; may jump */
    int64_t mono;     /* us since any start; never jumps */
    int64_t business; /* unix us of the city's clock; deadlines and event times */
};

/* Where a compartment is. Numbers are 1-based; index 0 of arrays is compartment 1. */
struct core_place {
    uint8_t size;     /* 1 S, 2 M, 3 L, 4 XL */
    uint8_t board;    /* 0..CORE_BOARDS-1 */
    uint8_t domain;   /* power domain 0..CORE_BOARDS-1: one pulse at a time */
    uint8_t has_item; /* there is an item sensor */
};

struct core_limits {
    uint32_t open_ms;      /* no door edge within this after the pulse: not opened (3000) */
    uint32_t spacing_ms;   /* between pulses of one power domain (300) */
    uint32_t window_ms;    /* at most `tries` pulses of one compartment in this time (30000) */
    uint32_t left_open_ms; /* (120000) */
    uint8_t tries;         /* (3) also: so many failures in a row make it jammed */
    uint8_t debounce;      /* equal readings that count as one (2) */
    uint8_t confirm_ask;   /* without an item sensor: a deposit counts only once the courier confirms */
    uint16_t quota;        /* reservations per courier; 0: no limit */
    int64_t skew_us;       /* tolerance of nbf (2 s) */
};
extern const struct core_limits core_limits_default;

enum core_status {
    CORE_ACCEPTED,
    CORE_PULSED,
    CORE_OPENED,
    CORE_NOT_OPENED,
    CORE_CLOSED,
    CORE_DONE,
    CORE_REFUSED,
};

struct core_result {
    uint8_t cmd_id[16], ref[16];
    uint32_t seq;
    uint16_t compartment;
    uint8_t status; /* enum core_status */
    uint8_t why;
    uint8_t item; /* with CORE_CLOSED */
};

struct core_out {
    int (*record)(void *arg, const struct record *r); /* append; 0, or -1 when the journal cannot take it */
    int (*sync)(void *arg);                           /* everything appended is on the medium; 0 or -1 */
    int (*pulse)(void *arg, unsigned compartment); /* start one pulse; core_pulse_done() follows; 0 or -1 */
    void (*result)(void *arg, const struct core_result *r); /* for commands; publish only after a sync */
};

struct core_setup {
    char locker[GRANT_NAME_MAX + 1];
    const struct core_crypto *crypto;
    struct locker_keys keys;
    const struct grant_key *grant_keys; /* must outlive the core */
    uint8_t grant_key_count;
    const struct core_place *places; /* must outlive the core */
    uint16_t count;                  /* compartments, 1..CORE_DOORS */
    struct core_limits limits;
    const struct core_out *out; /* must outlive the core */
    void *arg;
};

enum parcel_kind { PARCEL_NONE = 0, PARCEL_RESERVED, PARCEL_DEPOSIT, PARCEL_DROPOFF, PARCEL_EXPECTED };

struct core_parcel {
    uint8_t ref[16];
    uint32_t counter;
    uint32_t until; /* business seconds; 0: never */
    uint32_t tag;
    uint8_t compartment; /* 0 for PARCEL_EXPECTED */
    uint8_t kind;
    uint8_t size; /* of an expected drop-off */
};

struct core_nonce {
    uint8_t id[8]; /* the second half of the grant's id */
    uint32_t exp;  /* real seconds, rounded up; 0: free slot */
};

enum opening_stage {
    OPENING_NONE = 0,
    OPENING_QUEUED,
    OPENING_PULSING,
    OPENING_WAITING,
    OPENING_UNCERTAIN,
    OPENING_OPEN
};

struct core_opening {
    uint8_t compartment;
    uint8_t stage;
    uint8_t op;
    uint8_t why;      /* WHY_COMMAND, WHY_GRANT or WHY_CODE */
    uint8_t reported; /* the resident refuses it or says it is not his: closing is no collection */
    uint8_t grant[16], ref[16];
    uint32_t since_ms;
    uint32_t seq;     /* of the command; not kept over a restart */
    int64_t exp;      /* of the grant, real us; 0: none; not kept over a restart */
    int64_t deadline; /* business us */
};

struct core_compartment {
    uint8_t state, before; /* before: state to go back to when the door does not open */
    uint8_t flags;
    uint8_t door, item;
    uint8_t fails;
    uint8_t raw_door, raw_count, flips;
    uint8_t tries;
    uint32_t try_ms;  /* first try of the window */
    uint32_t open_ms; /* when the door opened */
    uint32_t flip_ms;
};

/* Embedded by its user; the fields belong to the core. */
struct core {
    struct core_setup setup;
    struct core_compartment c[CORE_DOORS];
    struct core_parcel parcel[CORE_PARCELS];
    struct core_nonce nonce[CORE_NONCES];
    struct core_opening opening[CORE_OPENINGS];
    uint32_t domain_ms[CORE_BOARDS]; /* when the last pulse of it ended */
    uint8_t domain_busy[CORE_BOARDS];
    uint8_t board_lost[CORE_BOARDS];
    uint32_t boot, seq;
    uint8_t prev[RECORD_MAC];
    struct code_lock lock;
    int64_t high;      /* highest real time seen in a record */
    int64_t forgotten; /* highest exp of a nonce that was dropped: nothing up to here is believed again */
    int64_t config_version, firmware_version;
    uint64_t sess;
    uint32_t sess_seq;
    int64_t sess_mono;
    uint32_t rev;   /* grows with each visible change */
    uint8_t broken; /* the journal failed: nothing opens any more */
    uint8_t started;
};

/* Empty state, nothing recorded yet. */
void core_init(struct core *c, const struct core_setup *setup);

/* Replays one record at start-up: 0, or -1 when the MAC chain does not hold (state untouched). */
int core_replay(struct core *c, const struct record *r);

/* Start of operation, after the replay: the boot record, then doubtful openings become uncertain.
 * 0, or -1 when the journal cannot be written. */
int core_start(struct core *c, const struct core_time *now, int64_t firmware);

/* The broker connection: a fresh random sess (never 0) when it is up, 0 when it is gone. */
void core_session(struct core *c, uint64_t sess, const struct core_time *now);

/* In the place of a core that lost its journal, after core_start: the session goes on with its sequence, so
 * that no command of it can come again; lost boards stay lost, pulses under way are waited for. */
void core_succeed(struct core *c, const struct core *was, const struct core_time *now);

/* A command from the broker. The answer goes to out->result and is also returned. */
enum why core_command(struct core *c, const struct grant *g, const uint8_t sig[64], int retained,
                      const struct core_time *now);

/* Signed text shown to the scanner, or a code typed at the pad (digits). WHY_NONE: a door opens,
 * *ret_compartment tells which. */
enum why core_present(struct core *c, const char *s, size_t len, const struct core_time *now,
                      unsigned *ret_compartment);
enum why core_code(struct core *c, const char *s, size_t len, const struct core_time *now,
                   unsigned *ret_compartment);

/* What a resident reports about a compartment he has just opened: WHY_STUCK, WHY_NOT_MINE or WHY_REFUSED. */
enum why core_report(struct core *c, unsigned compartment, enum why what, const struct core_time *now);

/* One reading of a compartment's sensors (DOOR_UNKNOWN / ITEM_UNKNOWN when there is none). */
void core_sense(struct core *c, unsigned compartment, enum axis_door door, enum axis_item item,
                const struct core_time *now);

/* A board stopped answering or came back. */
void core_board(struct core *c, unsigned board, int lost, const struct core_time *now);

/* End of a pulse: sent = 1 the board echoed it, 0 it was certainly not sent, -1 unknown. */
void core_pulse_done(struct core *c, unsigned compartment, int sent, const struct core_time *now);

/* Something of the box itself: EVENT_TAMPER, EVENT_MAINS, EVENT_TEMPERATURE, EVENT_CONFIG, EVENT_FIRMWARE. */
int core_note(struct core *c, enum record_type type, enum why why, int64_t value,
              const struct core_time *now);

/* Timers: call at least every 50 ms (scaled by the clock rate). */
void core_tick(struct core *c, const struct core_time *now);

/* The receipt of the deposit in a compartment. 0, or -1 when there is none. */
int core_receipt(const struct core *c, const struct record *deposited, char *buffer, size_t cap);

/* The deposits or the reservation of a compartment; returns how many were written. */
int core_refs(const struct core *c, unsigned compartment, uint8_t ret_refs[][16], int max);

#endif
