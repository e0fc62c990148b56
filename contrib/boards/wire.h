/* A simulated bus: one TCP port or one pty with up to sixteen boards on it, and the faults that buses have.
 * Single-threaded, on the caller's event_base. */
#ifndef CONTRIB_BOARDS_WIRE_H
#define CONTRIB_BOARDS_WIRE_H

#include <event2/event.h>

#include "base/error.h"
#include "contrib/boards/board.h"

enum { WIRE_UNITS = 16 };

/* Faults, each for so many requests to come. */
struct wire_faults {
    unsigned drop; /* no reply */
    unsigned late; /* the reply comes late_ms later, after whatever else was asked */
    unsigned late_ms;
    unsigned flip;      /* one byte of the reply is damaged, crc and all */
    unsigned garble;    /* one byte is changed and the crc made right: a wrong echo */
    unsigned duplicate; /* the reply comes twice */
    unsigned cut; /* power is lost in the middle of the request: it is carried out, nothing is answered */
    uint8_t off;  /* the board has no power until told otherwise */
};

struct wire;

struct wire_clock {
    double rate; /* simulated seconds in one real second */
};
int64_t wire_now(const struct wire_clock *clock); /* simulated us, monotonic */

/* Listens on 127.0.0.1:port (0: any free one), or makes a pty whose slave is linked at `path`. pace: replies
 * take as long as the wire would (11 bits a byte at the profile's speed). NULL with *err on failure. */
struct wire *wire_tcp(struct event_base *base, const struct wire_clock *clock, int port, struct error *err);
struct wire *wire_rtu(struct event_base *base, const struct wire_clock *clock, const char *path, int pace,
                      struct error *err);
void wire_free(struct wire *wire);

/* The board must outlive the bus. 0, or -1 when the unit is taken or there are too many. */
int wire_add(struct wire *wire, uint8_t unit, struct board *board);

int wire_port(const struct wire *wire); /* of a TCP wire, else 0 */
struct wire_faults *wire_faults(struct wire *wire);

#endif
