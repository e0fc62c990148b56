#include "locker-fw/core/open.h"

#include <string.h>

#define IN(state) (1u << (state))

const struct core_limits core_limits_default = {.open_ms = 3000,
                                                .spacing_ms = 300,
                                                .window_ms = 30000,
                                                .left_open_ms = 120000,
                                                .tries = 3,
                                                .debounce = 2,
                                                .skew_us = 2000000};

static const uint32_t may_start[OP_COUNT] = {
    [OP_OPEN_DEPOSIT] = IN(STATE_FREE) | IN(STATE_RESERVED) | IN(STATE_OCCUPIED) | IN(STATE_UNCERTAIN),
    [OP_OPEN_PICKUP] = IN(STATE_OCCUPIED) | IN(STATE_OVERDUE) | IN(STATE_REVIEW) | IN(STATE_UNCERTAIN),
    [OP_RECALL] =
        IN(STATE_OCCUPIED) | IN(STATE_OVERDUE) | IN(STATE_REVIEW) | IN(STATE_UNCERTAIN) | IN(STATE_JAMMED),
    [OP_DROPOFF] = IN(STATE_FREE),
    [OP_OPEN_SERVICE] = IN(STATE_FREE) | IN(STATE_RESERVED) | IN(STATE_OCCUPIED) | IN(STATE_OVERDUE) |
                        IN(STATE_REVIEW) | IN(STATE_JAMMED) | IN(STATE_UNCERTAIN) | IN(STATE_OUT_OF_SERVICE),
};

static int puts_in(uint8_t op)
{
    return op == OP_OPEN_DEPOSIT || op == OP_DROPOFF;
}

/* A deposit goes where it was reserved, or where nothing is reserved for another. */
static enum why deposit_fits(struct core *c, const struct wish *w)
{
    const struct core_parcel *p = parcel_find(c, w->ref);

    if (p && (p->kind != PARCEL_RESERVED || p->compartment != w->compartment))
        return WHY_WRONG_REF;
    if (!p && parcel_count(c, w->compartment, PARCEL_RESERVED) > 0)
        return WHY_WRONG_REF;
    if (parcel_count(c, w->compartment, PARCEL_DROPOFF) > 0) /* somebody's, who waits for a courier */
        return WHY_BAD_STATE;
    if (parcel_count(c, w->compartment, PARCEL_NONE) >= CORE_PER_COMPARTMENT || (!p && !parcel_free(c)))
        return WHY_FULL;
    return WHY_NONE;
}

static enum why ref_fits(struct core *c, const struct wish *w)
{
    const struct core_parcel *p = parcel_find(c, w->ref);

    switch (w->op) {
    case OP_OPEN_DEPOSIT:
        return deposit_fits(c, w);
    case OP_DROPOFF:
        return p && p->kind != PARCEL_EXPECTED ? WHY_REPLAYED : !p && !parcel_free(c) ? WHY_FULL : WHY_NONE;
    case OP_OPEN_PICKUP:
    case OP_RECALL:
        return p && p->compartment == w->compartment && p->kind != PARCEL_RESERVED ? WHY_NONE : WHY_WRONG_REF;
    default:
        return WHY_NONE;
    }
}

static int opening_room(const struct core *c)
{
    for (int i = 0; i < CORE_OPENINGS; i++) {
        if (c->opening[i].stage == OPENING_NONE)
            return 1;
    }
    return 0;
}

static int too_many(struct core *c, struct core_compartment *m, const struct core_time *now)
{
    if (m->tries > 0 && ms_of(now) - m->try_ms > c->setup.limits.window_ms)
        m->tries = 0;
    return m->tries >= c->setup.limits.tries;
}

static enum why may_open(struct core *c, const struct wish *w, const struct core_time *now)
{
    struct core_compartment *m = compartment_of(c, w->compartment);
    enum why why;

    if (!m)
        return WHY_BAD_COMPARTMENT;
    if (!(may_start[w->op] & IN(m->state)) || (puts_in(w->op) && m->flags))
        return WHY_BAD_STATE;
    why = ref_fits(c, w);
    if (why != WHY_NONE)
        return why;
    if (c->board_lost[c->setup.places[w->compartment - 1].board])
        return WHY_BOARD_LOST;
    if (m->door == DOOR_OPEN)
        return WHY_DOOR_OPEN;
    if (too_many(c, m, now))
        return WHY_TOO_MANY_TRIES;
    if (!opening_room(c) && !opening_of(c, w->compartment))
        return WHY_BUSY;
    return w->once && !nonce_room(c) ? WHY_NONCES_FULL : WHY_NONE;
}

static void fill_record(struct record *r, uint8_t type, const struct core_opening *o)
{
    *r = (struct record){.type = type, .op = o->op, .compartment = o->compartment};
    memcpy(r->grant, o->grant, 16);
    memcpy(r->ref, o->ref, 16);
}

enum why open_begin(struct core *c, const struct wish *w, const struct core_time *now)
{
    struct record r = {.type = EVENT_INTENT,
                       .op = w->op,
                       .why = w->why,
                       .compartment = w->compartment,
                       .value = w->once ? w->exp : 0};
    enum why why = may_open(c, w, now);
    struct core_opening *o;

    if (why != WHY_NONE)
        return why;
    memcpy(r.grant, w->grant, 16);
    memcpy(r.ref, w->ref, 16);
    if (emit(c, &r, now) < 0)
        return WHY_JOURNAL;
    if (!SABOTAGED(SABOTAGE_INTENT) && c->setup.out->sync(c->setup.arg) < 0) {
        c->broken = 1;
        return WHY_JOURNAL;
    }
    o = opening_of(c, w->compartment);
    o->since_ms = ms_of(now);
    o->seq = w->seq;
    o->exp = w->exp;
    o->deadline = w->deadline;
    open_answer(c, o, CORE_ACCEPTED, WHY_NONE);
    open_pump(c, now);
    return WHY_NONE;
}

void open_answer(struct core *c, const struct core_opening *o, enum core_status status, enum why why)
{
    struct core_result r = {.seq = o->seq,
                            .compartment = o->compartment,
                            .status = (uint8_t)status,
                            .why = (uint8_t)why,
                            .item = c->c[o->compartment - 1].item};

    if (o->why != WHY_COMMAND)
        return;
    if (c->setup.out->sync(c->setup.arg) < 0) {
        c->broken = 1;
        return;
    }
    memcpy(r.cmd_id, o->grant, 16);
    memcpy(r.ref, o->ref, 16);
    c->setup.out->result(c->setup.arg, &r);
}

void open_failed(struct core *c, struct core_opening *o, enum why why, const struct core_time *now)
{
    struct core_opening was = *o;
    struct core_compartment *m = &c->c[o->compartment - 1];
    struct record r;

    fill_record(&r, EVENT_NOT_OPENED, o);
    r.why = (uint8_t)why;
    o->stage = OPENING_NONE;
    if (emit(c, &r, now) < 0)
        return;
    if (m->fails >= c->setup.limits.tries && m->state != STATE_JAMMED) {
        fill_record(&r, EVENT_JAMMED, &was);
        emit(c, &r, now);
    }
    open_answer(c, &was, CORE_NOT_OPENED, why);
}

static int domain_is_free(const struct core *c, const struct core_opening *o, const struct core_time *now)
{
    uint8_t domain = c->setup.places[o->compartment - 1].domain;

    return !c->domain_busy[domain] && ms_of(now) - c->domain_ms[domain] >= c->setup.limits.spacing_ms;
}

static void start_pulse(struct core *c, struct core_opening *o, const struct core_time *now)
{
    struct core_compartment *m = &c->c[o->compartment - 1];
    const struct core_place *place = &c->setup.places[o->compartment - 1];

    if (c->broken)
        return;
    if (o->exp != 0 && safe_real(c, now) > o->exp && !SABOTAGED(SABOTAGE_EXPIRY)) {
        open_failed(c, o, WHY_EXPIRED, now);
        return;
    }
    if (c->board_lost[place->board] || m->door == DOOR_OPEN) {
        open_failed(c, o, m->door == DOOR_OPEN ? WHY_DOOR_OPEN : WHY_BOARD_LOST, now);
        return;
    }
    if (m->tries++ == 0)
        m->try_ms = ms_of(now);
    o->stage = OPENING_PULSING;
    o->since_ms = ms_of(now);
    c->domain_busy[place->domain] = 1;
    if (c->setup.out->pulse(c->setup.arg, o->compartment) < 0) {
        c->domain_busy[place->domain] = 0;
        open_failed(c, o, WHY_BUS, now);
    }
}

void open_pump(struct core *c, const struct core_time *now)
{
    uint32_t ms = ms_of(now);

    for (;;) {
        struct core_opening *next = NULL;

        for (int i = 0; i < CORE_OPENINGS; i++) {
            struct core_opening *o = &c->opening[i];

            if (o->stage == OPENING_QUEUED && domain_is_free(c, o, now) &&
                (!next || ms - o->since_ms > ms - next->since_ms))
                next = o;
        }
        if (!next || c->broken)
            return;
        start_pulse(c, next, now);
    }
}

void core_pulse_done(struct core *c, unsigned compartment, int sent, const struct core_time *now)
{
    struct core_compartment *m = compartment_of(c, compartment);
    struct core_opening *o = opening_of(c, compartment);
    struct record r;
    uint8_t domain;

    if (!m)
        return;
    domain = c->setup.places[compartment - 1].domain;
    c->domain_busy[domain] = 0;
    c->domain_ms[domain] = ms_of(now);
    if (!o || (o->stage != OPENING_PULSING && o->stage != OPENING_OPEN))
        return;
    if (sent == 0 && o->stage == OPENING_PULSING) {
        open_failed(c, o, WHY_BUS, now);
        return;
    }
    o->since_ms = o->stage == OPENING_PULSING ? ms_of(now) : o->since_ms;
    o->stage = o->stage == OPENING_PULSING ? OPENING_WAITING : o->stage;
    if (sent <= 0)
        return;
    fill_record(&r, EVENT_PULSED, o);
    if (emit(c, &r, now) == 0)
        open_answer(c, o, CORE_PULSED, WHY_NONE);
}

unsigned open_choose(struct core *c, unsigned size)
{
    unsigned best = 0;

    for (unsigned n = 1; n <= c->setup.count; n++) {
        const struct core_place *p = &c->setup.places[n - 1];
        const struct core_compartment *m = &c->c[n - 1];

        if (m->state != STATE_FREE || m->flags || m->door == DOOR_OPEN || c->board_lost[p->board] ||
            p->size < size)
            continue;
        if (best == 0 || p->size < c->setup.places[best - 1].size)
            best = n;
    }
    return best;
}
