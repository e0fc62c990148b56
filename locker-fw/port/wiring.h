/* What hangs where: the wiring file of a locker bank. One line per board, in any order:
 *
 *   board bus=rtu:/dev/ttyUSB0 profile=xunming16 unit=1 first=1 sizes=SSSSMMMMLLX domain=0
 *
 * sizes: one letter per door (S M L X), the last one counts for the rest; doors=N uses fewer than the board
 * has; tamper=, mains=, temperature= name inputs of the box at this board (profile_file.h); compartments are
 * first, first+1, …; domain: the power domain (default: the board's own). Compartments must be 1..n without
 * gap. '#' begins a comment. */
#ifndef LOCKER_FW_PORT_WIRING_H
#define LOCKER_FW_PORT_WIRING_H

#include "locker-fw/core/core.h"
#include "locker-fw/port/bus.h"

enum { WIRING_BUSES = 8 };

struct wiring {
    struct profile profile[CORE_BOARDS];
    unsigned boards;
    uint8_t board_doors[CORE_BOARDS];
    uint16_t board_first[CORE_BOARDS];
    struct bus_settings bus[WIRING_BUSES]; /* poll_ms and rate are left to the caller */
    unsigned buses;
    struct core_place places[CORE_DOORS];
    struct {
        uint8_t bus, seat, door;
    } where[CORE_DOORS];
    unsigned count; /* compartments */
    char hash[17];  /* of everything above that matters, as hex */
};

/* Into *w, which must stay where it is (buses point to its profiles). 0, or -1 with *err. */
int wiring_load(struct wiring *w, const char *path, const char *profiles, struct error *err);

#endif
