/* The lockers as the daemon knows them: keys, the live session, and how far each one's journal is stored. In
 * memory only; it is made again from the database and from what the lockers say. Pure but for memory. */
#ifndef DAEMON_LOCKERS_FLEET_H
#define DAEMON_LOCKERS_FLEET_H

#include "locker-fw/core/crypto.h"
#include "locker-fw/core/keys.h"

#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

enum { FLEET_CODE_MAX = 33 };

/* How far a journal is stored. A message's records may be acknowledged only when everything before them is
 * stored. */
struct progress {
    bool known;
    uint32_t boot, upto;
    int pending; /* messages on their way to the database */
    bool failed; /* one of them was not stored: the locker will send again */
};

struct locker {
    char code[FLEET_CODE_MAX];
    char site[FLEET_CODE_MAX];
    struct locker_keys keys;
    bool online;
    uint64_t sess;
    uint32_t seq; /* of the last command in this session */
    struct progress progress;
    UT_hash_handle hh;
};

struct fleet {
    struct locker *lockers;
};

/* Adds a locker, or brings its site up to date. */
struct locker *fleet_put(struct fleet *f, const char *code, const char *site, const struct locker_keys *keys);
struct locker *fleet_find(struct fleet *f, const char *code);
void fleet_clear(struct fleet *f);

/* A message with records first … last of `boot` has arrived. */
void progress_begin(struct progress *p, uint32_t boot, uint32_t first);
/* It has been stored, or not. True when p->boot and p->upto may now be acknowledged. */
bool progress_end(struct progress *p, uint32_t boot, uint32_t first, uint32_t last, bool stored);
/* The locker has connected anew and sends from its oldest unacknowledged record. */
void progress_reset(struct progress *p);

#endif
