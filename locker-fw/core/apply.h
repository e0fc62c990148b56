/* How a record changes the state, and the look-ups over it. Used by the core's own files only. */
#ifndef LOCKER_FW_CORE_APPLY_H
#define LOCKER_FW_CORE_APPLY_H

#include "locker-fw/core/core.h"

/* Changes the state as the record says; the same when live and when replayed. */
void apply(struct core *c, const struct record *r);

/* Seals, applies and appends a record: 0, or -1 when the journal failed (then c->broken is set). r needs only
 * type, op, why, extra, compartment, ref, grant, value, tag. */
int emit(struct core *c, struct record *r, const struct core_time *now);

struct core_compartment *compartment_of(struct core *c, unsigned n); /* NULL when there is no such number */
struct core_parcel *parcel_find(struct core *c, const uint8_t ref[16]);
struct core_parcel *parcel_free(struct core *c);
int parcel_count(const struct core *c, unsigned n, int kind); /* kind PARCEL_NONE: any */
struct core_opening *opening_of(struct core *c, unsigned n);
int nonce_seen(const struct core *c, const uint8_t id[16]);
int nonce_room(const struct core *c);

/* State of a compartment at rest, from what is in it. */
uint8_t resting_state(const struct core *c, unsigned n);

int is_opening(uint8_t state);
int is_door(uint8_t state);

/* Milliseconds of the monotonic clock, wrapping; differences are taken unsigned. */
uint32_t ms_of(const struct core_time *now);

/* Real time that never goes back: the later of now and what the journal has seen. */
int64_t safe_real(const struct core *c, const struct core_time *now);

#ifdef CORE_SABOTAGE
/* Deliberate defects, for proving that the simulator sees them. */
enum {
    SABOTAGE_NONCE = 1,
    SABOTAGE_RETAINED = 2,
    SABOTAGE_SESSION = 4,
    SABOTAGE_EXPIRY = 8,
    SABOTAGE_REPULSE = 16,
    SABOTAGE_SIGNATURE = 32,
    SABOTAGE_INTENT = 64
};
extern unsigned core_sabotage;
#define SABOTAGED(x) (core_sabotage & (x))
#else
#define SABOTAGED(x) 0
#endif

#endif
