/* The daemon's half of the locker contract (doc/asyncapi.yaml): signs commands and waits for what comes of
 * them, takes in the controllers' journals and acknowledges them after the commit, keeps the picture of every
 * door. Loop's thread. */
#ifndef DAEMON_LOCKERS_LOCKERS_H
#define DAEMON_LOCKERS_LOCKERS_H

#include "base/clock.h"
#include "base/mqtt.h"
#include "daemon/intake/fold.h"
#include "daemon/io/db.h"
#include "locker-fw/core/grant.h"
#include "locker-fw/core/record.h"

#include <stdbool.h>

struct lockers;

struct lockers_options {
    struct mqtt_options mqtt;
    const char *grant_key;     /* file: seed of the Ed25519 key that signs */
    const char *grant_key_id;  /* the id under which controllers know it */
    const char *locker_master; /* file: secret from which each locker's is derived */
};

struct lockers *lockers_new(struct loop *l, struct db *db, const struct clock *clock, struct fold *fold,
                            const struct lockers_options *o, struct error *err);
/* Answers every command that waits for its locker, with an unknown outcome; none is sent any more. */
void lockers_stop(struct lockers *k);
/* After the database: its answers still find the lockers. */
void lockers_free(struct lockers *k);

/* The broker is reached, and the list of lockers was read. */
bool lockers_up(const struct lockers *k);
const char *lockers_trouble(const struct lockers *k);
int lockers_online(const struct lockers *k);

/* What a command came to. The journal says it for good; this is for whoever waits. */
enum outcome {
    OUTCOME_OPENED,
    OUTCOME_NOT_OPENED,
    OUTCOME_DONE,
    OUTCOME_REFUSED,
    OUTCOME_OFFLINE,
    OUTCOME_UNKNOWN
};
const char *outcome_word(enum outcome o);

struct order {
    const char *locker; /* code */
    enum op op;
    int compartment;
    const char *ref;      /* UUID or NULL */
    const char *grant_id; /* UUID: the command's id */
    int64_t value;
    const char *size; /* "S" … "XL" or NULL */
};

/* Signs and sends. `done` is called once, later: with the outcome and the locker's reason (see names.h). */
void lockers_send(struct lockers *k, const struct order *o,
                  void (*done)(void *arg, enum outcome outcome, const char *why), void *arg);

/* The code for a deposit, as the locker computes it too. False when the locker is not known. */
bool lockers_code(struct lockers *k, const char *locker, const char *deposit_id, uint32_t counter,
                  char ret_code[9]);

/* A signed grant in text form for use without a network, valid `life_us` of real time from now. */
bool lockers_grant(struct lockers *k, const struct order *o, int64_t life_us, char ret_text[GRANT_TEXT_MAX]);

/* A receipt carried by a handheld: true when its locker is known and its MAC holds. */
bool lockers_receipt(struct lockers *k, const char *text, struct receipt *ret);

#endif
