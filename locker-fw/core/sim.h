/* A seeded world around one core: boards with faulty wires and doors, people, a daemon, an attacker who owns
 * the broker, a clock that jumps and a power supply that fails at any journal write. It keeps its own books
 * of who was allowed what, and compares. The same seed gives the same trace. */
#ifndef LOCKER_FW_CORE_SIM_H
#define LOCKER_FW_CORE_SIM_H

#include <stdint.h>

#include "locker-fw/core/crypto.h"

/* Deliberate defects beside those of core/apply.h. */
enum { SIM_NO_ECHO_CHECK = 1u << 16, SIM_NO_FSYNC = 1u << 17 };

struct sim_verdict {
    uint64_t trace;        /* hash of every record, pulse and answer */
    unsigned unauthorised; /* pulses without a valid, unexpired permission that is on the medium */
    unsigned doubled;      /* a second pulse for one permission */
    unsigned wrong_door;   /* an opening, or an echo, believed of a door that did not have it */
    unsigned lost;         /* acknowledged deposits that a power cut took */
    unsigned too_long;     /* relays held longer than the limit or latched */
    unsigned pulses, records, cuts, deposits;
};

/* One sequence of `steps` actions. sabotage 0 is the real thing. */
void sim_run(uint64_t seed, unsigned steps, unsigned sabotage, struct sim_verdict *ret);

struct sim_day_totals {
    uint64_t trace;
    unsigned pulses, deposits, collections;
};

/* So many lockers of 48 doors through so many whole days, 40 parcels a day each. */
void sim_day(unsigned lockers, unsigned days, struct sim_day_totals *ret);

/* Fast stand-ins for the primitives: nobody computes here but the daemon. */
extern const struct core_crypto sim_crypto;

static inline unsigned sim_faults(const struct sim_verdict *v)
{
    return v->unauthorised + v->doubled + v->wrong_door + v->lost + v->too_long;
}

#endif
