/* Openings: from a permission to a pulse to a door. Used by the core's own files only. */
#ifndef LOCKER_FW_CORE_OPEN_H
#define LOCKER_FW_CORE_OPEN_H

#include "locker-fw/core/apply.h"

/* Somebody with a right wants a door open. */
struct wish {
    uint8_t op, why; /* why: WHY_COMMAND, WHY_GRANT or WHY_CODE */
    uint16_t compartment;
    uint8_t grant[16], ref[16];
    uint32_t seq;     /* of a command */
    int64_t exp;      /* of the grant; 0 for a code */
    int once;         /* the grant's id must be remembered (it has no session) */
    int64_t deadline; /* business us */
};

/* WHY_NONE: the intent is on the medium and the pulse is started or queued. */
enum why open_begin(struct core *c, const struct wish *w, const struct core_time *now);

/* Starts the queued pulses whose power domain is free. */
void open_pump(struct core *c, const struct core_time *now);

/* Gives up on an opening: the record, the answer, and jammed after too many in a row. */
void open_failed(struct core *c, struct core_opening *o, enum why why, const struct core_time *now);

/* Answers the command behind an opening, if one is. Syncs the journal first. */
void open_answer(struct core *c, const struct core_opening *o, enum core_status status, enum why why);

/* A free, usable compartment of at least this size (0: any), the smallest that fits; 0 when there is none. */
unsigned open_choose(struct core *c, unsigned size);

/* The smallest counter whose code for this deposit or drop-off no other parcel in the locker has (door.c). */
uint32_t open_counter(struct core *c, const uint8_t ref[16]);

#endif
