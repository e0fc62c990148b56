/* What the sensors say, and what follows from it. */
#include <string.h>

#include "locker-fw/core/open.h"

enum { FLIPS_MAX = 12, FLIPS_WINDOW_MS = 10000, PULSE_LOST_MS = 10000 };

static void about(struct record *r, uint8_t type, uint8_t why, unsigned n, const struct core_opening *o)
{
    *r = (struct record){.type = type, .why = why, .compartment = (uint16_t)n};
    if (!o)
        return;
    r->op = o->op;
    memcpy(r->grant, o->grant, 16);
    memcpy(r->ref, o->ref, 16);
}

static void note(struct core *c, uint8_t type, uint8_t why, unsigned n, const struct core_opening *o,
                 const struct core_time *now)
{
    struct record r;

    about(&r, type, why, n, o);
    emit(c, &r, now);
}

/* Is a door of the same board waited for? Then this one may be wired in its place. */
static int another_awaited(const struct core *c, unsigned n)
{
    for (int i = 0; i < CORE_OPENINGS; i++) {
        const struct core_opening *o = &c->opening[i];

        if ((o->stage == OPENING_PULSING || o->stage == OPENING_WAITING) && o->compartment != n &&
            c->setup.places[o->compartment - 1].board == c->setup.places[n - 1].board)
            return 1;
    }
    return 0;
}

static void edge_open(struct core *c, unsigned n, const struct core_time *now)
{
    struct core_compartment *m = &c->c[n - 1];
    struct core_opening *o = opening_of(c, n);

    m->open_ms = ms_of(now);
    if (o && (o->stage == OPENING_PULSING || o->stage == OPENING_WAITING || o->stage == OPENING_UNCERTAIN)) {
        note(c, EVENT_DOOR_OPEN, WHY_SENSOR, n, o, now);
        open_answer(c, o, CORE_OPENED, WHY_NONE);
        return;
    }
    note(c, EVENT_DOOR_OPEN, WHY_SENSOR, n, NULL, now);
    note(c, EVENT_FORCED, another_awaited(c, n) ? WHY_WRONG_DOOR : WHY_SENSOR, n, NULL, now);
    if (o && o->stage == OPENING_QUEUED)
        open_failed(c, o, WHY_DOOR_OPEN, now);
}

uint32_t open_counter(struct core *c, const uint8_t ref[16])
{
    char mine[CODE_DIGITS + 1], other[CODE_DIGITS + 1];
    uint32_t counter = 0;

    for (int i = 0; i < CORE_PARCELS; i++) {
        const struct core_parcel *p = &c->parcel[i];

        if (i == 0)
            code_make(c->setup.crypto, c->setup.keys.code, ref, counter, mine);
        if (p->kind == PARCEL_NONE || p->kind == PARCEL_RESERVED || memcmp(p->ref, ref, 16) == 0)
            continue;
        code_make(c->setup.crypto, c->setup.keys.code, p->ref, p->counter, other);
        if (code_equal(mine, other)) {
            counter++;
            i = -1;
        }
    }
    return counter;
}

static void deposited(struct core *c, const struct core_opening *o, const struct core_time *now)
{
    const struct core_parcel *p = parcel_find(c, o->ref);
    struct record r;

    about(&r, o->op == OP_DROPOFF ? EVENT_DROPPED_OFF : EVENT_DEPOSITED, WHY_SENSOR, o->compartment, o);
    r.value = p && p->kind == PARCEL_EXPECTED ? p->counter : open_counter(c, o->ref);
    if (emit(c, &r, now) < 0 || o->deadline == 0)
        return;
    about(&r, EVENT_DEADLINE, o->why, o->compartment, o);
    r.value = o->deadline;
    emit(c, &r, now);
}

static void settle_deposit(struct core *c, const struct core_opening *o, const struct core_time *now)
{
    struct core_compartment *m = &c->c[o->compartment - 1];

    if (m->item == ITEM_EMPTY)
        note(c, EVENT_DEPOSIT_EMPTY, WHY_SENSOR, o->compartment, o, now);
    else if (m->item == ITEM_PRESENT || !c->setup.limits.confirm_ask || o->op == OP_DROPOFF)
        deposited(c, o, now);
}

static void collected(struct core *c, const struct core_opening *o, const struct core_time *now)
{
    for (int i = 0; i < CORE_PARCELS; i++) {
        struct core_parcel *p = &c->parcel[i];
        struct record r;

        if (p->compartment != o->compartment || (p->kind != PARCEL_DEPOSIT && p->kind != PARCEL_DROPOFF))
            continue;
        if (o->op == OP_RECALL && memcmp(p->ref, o->ref, 16) != 0)
            continue;
        about(&r, EVENT_COLLECTED, WHY_SENSOR, o->compartment, o);
        memcpy(r.ref, p->ref, 16);
        emit(c, &r, now);
    }
}

static void settle_taking(struct core *c, const struct core_opening *o, const struct core_time *now)
{
    unsigned n = o->compartment;
    int others =
        o->op == OP_RECALL && parcel_count(c, n, PARCEL_DEPOSIT) + parcel_count(c, n, PARCEL_DROPOFF) > 1;

    if (o->reported || (c->c[n - 1].item == ITEM_PRESENT && !others))
        note(c, EVENT_REVIEW, o->reported ? o->reported : WHY_SENSOR, n, o, now);
    else
        collected(c, o, now);
}

static void edge_closed(struct core *c, unsigned n, const struct core_time *now)
{
    const struct core_opening *live = opening_of(c, n);
    struct core_opening o = {0};
    uint8_t state = c->c[n - 1].state;

    if (live && live->stage == OPENING_OPEN)
        o = *live;
    note(c, EVENT_DOOR_CLOSED, WHY_SENSOR, n, o.stage ? &o : NULL, now);
    if (!o.stage)
        return;
    if (state == STATE_DOOR_DEPOSIT)
        settle_deposit(c, &o, now);
    else if (state == STATE_DOOR_PICKUP || state == STATE_DOOR_RECALL)
        settle_taking(c, &o, now);
    open_answer(c, &o, CORE_CLOSED, WHY_NONE);
}

/* After a restart in the middle of an opening: the sensors decide what they can, nothing else is guessed. */
static void resolve(struct core *c, struct core_opening *live, const struct core_time *now)
{
    struct core_opening o = *live;
    struct core_compartment *m = &c->c[o.compartment - 1];
    int taking = o.op == OP_OPEN_PICKUP || o.op == OP_RECALL;

    live->stage = OPENING_NONE;
    if (taking && m->item == ITEM_EMPTY)
        collected(c, &o, now);
    else if (!taking && m->item == ITEM_EMPTY)
        note(c, EVENT_DEPOSIT_EMPTY, WHY_SENSOR, o.compartment, &o, now);
    else if (taking && m->item == ITEM_PRESENT)
        note(c, EVENT_NOT_OPENED, WHY_START_UP, o.compartment, &o, now);
}

static void check_bouncing(struct core *c, unsigned n, const struct core_time *now)
{
    struct core_compartment *m = &c->c[n - 1];

    if (ms_of(now) - m->flip_ms > FLIPS_WINDOW_MS) {
        m->flip_ms = ms_of(now);
        m->flips = 0;
    }
    if (++m->flips == FLIPS_MAX && !(m->flags & FLAG_SENSOR_CONFLICT))
        note(c, EVENT_SENSOR_CONFLICT, WHY_BOUNCING, n, NULL, now);
}

/* 1 once a reading has been seen often enough. */
static int steady(struct core *c, unsigned n, enum axis_door door, const struct core_time *now)
{
    struct core_compartment *m = &c->c[n - 1];

    if (door != m->raw_door) {
        if (m->raw_door != DOOR_UNKNOWN)
            check_bouncing(c, n, now);
        m->raw_door = (uint8_t)door;
        m->raw_count = 0;
    }
    if (m->raw_count < c->setup.limits.debounce)
        m->raw_count++;
    return m->raw_count >= c->setup.limits.debounce;
}

void core_sense(struct core *c, unsigned compartment, enum axis_door door, enum axis_item item,
                const struct core_time *now)
{
    struct core_compartment *m = compartment_of(c, compartment);
    struct core_opening *o;

    if (!m || c->broken)
        return;
    if (m->item != item) {
        m->item = (uint8_t)item;
        c->rev++;
    }
    if (door == DOOR_UNKNOWN || !steady(c, compartment, door, now))
        return;
    if (door == DOOR_OPEN && m->door != DOOR_OPEN)
        edge_open(c, compartment, now);
    else if (door == DOOR_CLOSED && m->door == DOOR_OPEN)
        edge_closed(c, compartment, now);
    else if (door == DOOR_CLOSED && m->door == DOOR_UNKNOWN) {
        m->door = DOOR_CLOSED;
        c->rev++;
    }
    o = opening_of(c, compartment);
    if (o && o->stage == OPENING_UNCERTAIN && door == DOOR_CLOSED)
        resolve(c, o, now);
}

void core_board(struct core *c, unsigned board, int lost, const struct core_time *now)
{
    struct record r = {.type = lost ? EVENT_BOARD_LOST : EVENT_BOARD_BACK, .why = WHY_BUS, .value = board};

    if (board >= CORE_BOARDS || c->board_lost[board] == (lost != 0))
        return;
    c->board_lost[board] = lost != 0;
    emit(c, &r, now);
}

enum why core_report(struct core *c, unsigned compartment, enum why what, const struct core_time *now)
{
    const struct core_compartment *m = compartment_of(c, compartment);
    const struct core_opening *o = opening_of(c, compartment);
    struct record r;

    if (!m)
        return WHY_BAD_COMPARTMENT;
    if (what != WHY_STUCK && what != WHY_NOT_MINE && what != WHY_REFUSED)
        return WHY_MALFORMED;
    if (what != WHY_STUCK && (m->state != STATE_DOOR_PICKUP || !o))
        return WHY_BAD_STATE;
    about(&r, EVENT_REPORT, (uint8_t)what, compartment, o);
    if (!o)
        core_refs(c, compartment, &r.ref, 1);
    return emit(c, &r, now) < 0 ? WHY_JOURNAL : WHY_NONE;
}

static void tick_openings(struct core *c, const struct core_time *now)
{
    for (int i = 0; i < CORE_OPENINGS; i++) {
        struct core_opening *o = &c->opening[i];
        uint32_t age = ms_of(now) - o->since_ms;

        if (o->stage == OPENING_PULSING && age > PULSE_LOST_MS)
            core_pulse_done(c, o->compartment, -1, now);
        else if (o->stage == OPENING_WAITING && age > c->setup.limits.open_ms)
            open_failed(c, o, WHY_NO_EDGE, now);
    }
}

static void tick_doors(struct core *c, const struct core_time *now)
{
    for (unsigned n = 1; n <= c->setup.count; n++) {
        struct core_compartment *m = &c->c[n - 1];

        if (m->door == DOOR_OPEN && !(m->flags & FLAG_LEFT_OPEN) &&
            ms_of(now) - m->open_ms > c->setup.limits.left_open_ms)
            note(c, EVENT_LEFT_OPEN, WHY_TIMER, n, opening_of(c, n), now);
    }
}

/* What the passing of its deadline does to a parcel, or EVENT_NONE. */
static uint8_t lapse_of(struct core *c, const struct core_parcel *p)
{
    const struct core_compartment *m = compartment_of(c, p->compartment);

    if (p->kind == PARCEL_EXPECTED)
        return EVENT_RELEASED;
    if (p->kind == PARCEL_DEPOSIT)
        return m && m->state == STATE_OCCUPIED ? EVENT_OVERDUE : EVENT_NONE;
    return p->kind == PARCEL_RESERVED && m && !is_opening(m->state) && !is_door(m->state) ? EVENT_RELEASED
                                                                                          : EVENT_NONE;
}

static void tick_parcels(struct core *c, const struct core_time *now)
{
    int64_t seconds = now->business / 1000000;

    for (int i = 0; i < CORE_PARCELS; i++) {
        const struct core_parcel *p = &c->parcel[i];
        struct record r;

        if (p->kind == PARCEL_NONE || p->until == 0 || seconds <= p->until || lapse_of(c, p) == EVENT_NONE)
            continue;
        r = (struct record){.type = lapse_of(c, p), .why = WHY_TIMER, .compartment = p->compartment};
        memcpy(r.ref, p->ref, 16);
        emit(c, &r, now);
    }
}

void core_tick(struct core *c, const struct core_time *now)
{
    if (c->broken || !c->started)
        return;
    open_pump(c, now);
    tick_openings(c, now);
    tick_doors(c, now);
    tick_parcels(c, now);
}
