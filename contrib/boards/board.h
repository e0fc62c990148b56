/* One simulated lock board: relays, bolts, doors, sensors, and the registers its profile describes. It knows
 * nothing of wires: a request PDU goes in, a response PDU comes out. What physically happened is told to a
 * ledger callback, independently of what the board answers. Times are simulated microseconds, passed in. */
#ifndef CONTRIB_BOARDS_BOARD_H
#define CONTRIB_BOARDS_BOARD_H

#include "locker-fw/core/profile.h"

struct board_door {
    uint8_t relay, open, item;
    uint8_t stuck_relay;  /* the bolt never moves */
    uint8_t stuck_sensor; /* 0: works; 1: reads closed, 2: reads open */
    uint8_t bounce;       /* readings left that flicker */
    uint8_t crossed;      /* the bolt of this door (1-based) moves instead; 0: the right one */
    int64_t relay_until;  /* simulated us; 0: until told otherwise */
    int64_t relay_since;
    int64_t unlocked_until;
    int64_t close_at;  /* the simulated person closes it then; 0: never */
    uint32_t width_ms; /* width registers */
};

/* event: pulse_on, pulse_off, latched, door_open, door_closed, item_in, item_out. door is 1-based; detail is
 * the relay's time in ms for pulse_on and pulse_off, else 0. */
typedef void board_ledger_fn(void *arg, unsigned door, const char *event, long detail);

struct board {
    const struct profile *profile;
    struct board_door door[PROFILE_DOORS];
    unsigned relays_on, timers; /* how many doors wait for board_tick */
    uint8_t auto_open;          /* doors spring open when the bolt is drawn */
    uint8_t tamper, mains;      /* what the profile's tamper and mains inputs read */
    uint16_t temperature;       /* the raw register */
    int64_t auto_close_us;      /* and a person closes them after this; 0: nobody does */
    board_ledger_fn *ledger;
    void *arg;
};

void board_init(struct board *b, const struct profile *p, board_ledger_fn *ledger, void *arg);

/* Answers a request PDU; ret_pdu has room for MODBUS_PDU_MAX. Returns the response's length. */
size_t board_request(struct board *b, const uint8_t *pdu, size_t len, int64_t now, uint8_t *ret_pdu);

/* Lets relays fall back and people act. Returns when it wants to be called next, or 0 when nothing waits. */
int64_t board_tick(struct board *b, int64_t now);

/* Hands. 0, or -1 when it cannot be: locked, open already, closed already, something or nothing inside. */
int board_open(struct board *b, unsigned door, int64_t now, int by_force);
int board_close(struct board *b, unsigned door);
int board_item(struct board *b, unsigned door, int in);

/* The supply is cut: relays fall back, the board forgets its timers. */
void board_power_cut(struct board *b, int64_t now);

#endif
