/* Which compartments an Open-Locker controller has: a file with one line per lock board behind it,
 *
 *   board slave=1 first=1 doors=16 address=0 sizes=SSSSMMMMLLX domain=0
 *
 * compartments first, first+1, … are the relays address, address+1, … of that Modbus slave; sizes as in
 * yizhan-lockerd's wiring. Compartments must be 1..n without gap. */
#ifndef CONTRIB_OPENLOCKER_BANK_H
#define CONTRIB_OPENLOCKER_BANK_H

#include "contrib/openlocker/payload.h"
#include "locker-fw/port/wiring.h"

struct bank {
    struct wiring wiring; /* one bus, named "openlocker:" and the controller's id */
    struct payload_place place[PAYLOAD_DOORS];
    char id[GRANT_NAME_MAX + 5]; /* locker_uuid of their topics */
};

/* `id`: a UUID, or another name of letters, digits, '_', '.' and '-'. 0, or -1 with *err. */
int bank_load(struct bank *b, const char *path, const char *id, struct error *err);

#endif
