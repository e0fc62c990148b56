#include "locker-fw/core/core.h"

#include <string.h>

#include "locker-fw/core/apply.h"

#ifdef CORE_SABOTAGE
unsigned core_sabotage;
#endif

void core_init(struct core *c, const struct core_setup *setup)
{
    memset(c, 0, sizeof *c);
    c->setup = *setup;
}

int core_replay(struct core *c, const struct record *r)
{
    if (!record_holds(c->setup.crypto, c->setup.keys.chain, c->prev, r))
        return -1;
    apply(c, r);
    return 0;
}

/* Fails safe: what may have been pulsed is looked at, never pulsed again. */
static int mark_uncertain(struct core *c, struct core_opening *o, const struct core_time *now)
{
    struct record r = {
        .type = EVENT_UNCERTAIN, .op = o->op, .why = WHY_START_UP, .compartment = o->compartment};

    memcpy(r.grant, o->grant, 16);
    memcpy(r.ref, o->ref, 16);
    return emit(c, &r, now);
}

int core_start(struct core *c, const struct core_time *now, int64_t firmware)
{
    struct record r = {.type = EVENT_BOOT, .why = WHY_START_UP, .value = firmware};
    uint32_t fresh = now->real > 0 ? (uint32_t)(now->real / 1000000) : 1;

    c->boot = c->boot ? c->boot + 1 : fresh;
    c->seq = 0;
    for (int i = 0; i < CORE_BOARDS; i++)
        c->domain_ms[i] = ms_of(now) - c->setup.limits.spacing_ms;
    if (emit(c, &r, now) < 0)
        return -1;
    for (int i = 0; i < CORE_OPENINGS; i++) {
        struct core_opening *o = &c->opening[i];

        if (SABOTAGED(SABOTAGE_REPULSE) && o->stage == OPENING_QUEUED)
            continue;
        if (o->stage != OPENING_NONE && o->stage != OPENING_OPEN && mark_uncertain(c, o, now) < 0)
            return -1;
    }
    for (unsigned i = 0; i < c->setup.count; i++)
        c->c[i].open_ms = ms_of(now);
    c->started = 1;
    return c->setup.out->sync(c->setup.arg);
}

void core_session(struct core *c, uint64_t sess, const struct core_time *now)
{
    c->sess = sess;
    c->sess_seq = 0;
    c->sess_mono = now->mono;
}

void core_succeed(struct core *c, const struct core *was, const struct core_time *now)
{
    c->sess = was->sess;
    c->sess_seq = was->sess_seq;
    c->sess_mono = was->sess_mono;
    memcpy(c->domain_busy, was->domain_busy, sizeof c->domain_busy);
    for (unsigned i = 0; i < CORE_BOARDS; i++)
        core_board(c, i, was->board_lost[i], now);
}

int core_note(struct core *c, enum record_type type, enum why why, int64_t value, const struct core_time *now)
{
    struct record r = {.type = (uint8_t)type, .why = (uint8_t)why, .value = value};

    return emit(c, &r, now);
}

int core_receipt(const struct core *c, const struct record *deposited, char *buffer, size_t cap)
{
    struct receipt r = {.boot = deposited->boot,
                        .seq = deposited->seq,
                        .at = deposited->at,
                        .compartment = deposited->compartment,
                        .counter = (uint32_t)deposited->value};

    if (deposited->type != EVENT_DEPOSITED)
        return -1;
    memcpy(r.locker, c->setup.locker, sizeof r.locker);
    memcpy(r.ref, deposited->ref, 16);
    memcpy(r.grant, deposited->grant, 16);
    return receipt_encode(c->setup.crypto, c->setup.keys.receipt, &r, buffer, cap);
}

int core_refs(const struct core *c, unsigned compartment, uint8_t ret_refs[][16], int max)
{
    int n = 0;

    for (int i = 0; i < CORE_PARCELS && n < max; i++) {
        const struct core_parcel *p = &c->parcel[i];

        if (p->kind != PARCEL_NONE && p->kind != PARCEL_EXPECTED && p->compartment == compartment)
            memcpy(ret_refs[n++], p->ref, 16);
    }
    return n;
}
