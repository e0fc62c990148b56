#include "locker-fw/core/apply.h"

#include <string.h>

static const uint8_t no_uuid[16];

struct core_compartment *compartment_of(struct core *c, unsigned n)
{
    return n >= 1 && n <= c->setup.count ? &c->c[n - 1] : NULL;
}

struct core_parcel *parcel_find(struct core *c, const uint8_t ref[16])
{
    for (int i = 0; i < CORE_PARCELS; i++) {
        if (c->parcel[i].kind != PARCEL_NONE && memcmp(c->parcel[i].ref, ref, 16) == 0)
            return &c->parcel[i];
    }
    return NULL;
}

struct core_parcel *parcel_free(struct core *c)
{
    for (int i = 0; i < CORE_PARCELS; i++) {
        if (c->parcel[i].kind == PARCEL_NONE)
            return &c->parcel[i];
    }
    return NULL;
}

int parcel_count(const struct core *c, unsigned n, int kind)
{
    int count = 0;

    for (int i = 0; i < CORE_PARCELS; i++) {
        const struct core_parcel *p = &c->parcel[i];

        count += p->kind != PARCEL_NONE && p->compartment == n && (kind == PARCEL_NONE || p->kind == kind);
    }
    return count;
}

struct core_opening *opening_of(struct core *c, unsigned n)
{
    for (int i = 0; i < CORE_OPENINGS; i++) {
        if (c->opening[i].stage != OPENING_NONE && c->opening[i].compartment == n)
            return &c->opening[i];
    }
    return NULL;
}

static struct core_opening *opening_add(struct core *c, unsigned n)
{
    struct core_opening *o = opening_of(c, n);

    for (int i = 0; !o && i < CORE_OPENINGS; i++) {
        if (c->opening[i].stage == OPENING_NONE)
            o = &c->opening[i];
    }
    return o;
}

static void opening_drop(struct core *c, unsigned n)
{
    struct core_opening *o = opening_of(c, n);

    if (o)
        o->stage = OPENING_NONE;
}

int nonce_seen(const struct core *c, const uint8_t id[16])
{
    if (SABOTAGED(SABOTAGE_NONCE))
        return 0;
    for (int i = 0; i < CORE_NONCES; i++) {
        if (c->nonce[i].exp != 0 && memcmp(c->nonce[i].id, id + 8, 8) == 0)
            return 1;
    }
    return 0;
}

/* A slot may be taken when it is free or its grant has expired for good. */
static int nonce_usable(const struct core *c, const struct core_nonce *n)
{
    return n->exp == 0 || (int64_t)n->exp * 1000000 < c->high;
}

int nonce_room(const struct core *c)
{
    for (int i = 0; i < CORE_NONCES; i++) {
        if (nonce_usable(c, &c->nonce[i]))
            return 1;
    }
    return 0;
}

static void nonce_add(struct core *c, const uint8_t id[16], int64_t exp)
{
    for (int i = 0; i < CORE_NONCES; i++) {
        struct core_nonce *n = &c->nonce[i];

        if (!nonce_usable(c, n))
            continue;
        if ((int64_t)n->exp * 1000000 > c->forgotten)
            c->forgotten = (int64_t)n->exp * 1000000;
        memcpy(n->id, id + 8, 8);
        n->exp = (uint32_t)(exp / 1000000 + 1);
        return;
    }
}

uint8_t resting_state(const struct core *c, unsigned n)
{
    if (parcel_count(c, n, PARCEL_DEPOSIT) + parcel_count(c, n, PARCEL_DROPOFF) > 0)
        return STATE_OCCUPIED;
    return parcel_count(c, n, PARCEL_RESERVED) > 0 ? STATE_RESERVED : STATE_FREE;
}

int is_opening(uint8_t state)
{
    return state == STATE_OPENING_DEPOSIT || state == STATE_OPENING_PICKUP || state == STATE_OPENING_RECALL ||
           state == STATE_OPENING_SERVICE;
}

int is_door(uint8_t state)
{
    return state == STATE_DOOR_DEPOSIT || state == STATE_DOOR_PICKUP || state == STATE_DOOR_RECALL ||
           state == STATE_DOOR_SERVICE;
}

uint32_t ms_of(const struct core_time *now)
{
    return (uint32_t)(now->mono / 1000);
}

int64_t safe_real(const struct core *c, const struct core_time *now)
{
    return now->real > c->high ? now->real : c->high;
}

static uint8_t opening_state(uint8_t op)
{
    switch (op) {
    case OP_OPEN_DEPOSIT:
    case OP_DROPOFF:
        return STATE_OPENING_DEPOSIT;
    case OP_OPEN_PICKUP:
        return STATE_OPENING_PICKUP;
    case OP_RECALL:
        return STATE_OPENING_RECALL;
    default:
        return STATE_OPENING_SERVICE;
    }
}

static void put_parcel(struct core *c, const struct record *r, uint8_t kind)
{
    struct core_parcel *p = parcel_find(c, r->ref);

    if (!p)
        p = parcel_free(c);
    if (!p)
        return;
    if (p->kind == PARCEL_NONE)
        *p = (struct core_parcel){0};
    memcpy(p->ref, r->ref, 16);
    p->kind = kind;
    p->compartment = (uint8_t)r->compartment;
}

static void drop_parcel(struct core *c, const struct record *r)
{
    struct core_parcel *p = parcel_find(c, r->ref);

    if (p)
        p->kind = PARCEL_NONE;
}

typedef void apply_fn(struct core *c, struct core_compartment *m, const struct record *r);

static void apply_reserved(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_parcel *p;

    put_parcel(c, r, PARCEL_RESERVED);
    p = parcel_find(c, r->ref);
    if (!p || !m)
        return;
    p->until = (uint32_t)(r->value / 1000000);
    p->tag = r->tag;
    m->state = STATE_RESERVED;
}

static void apply_released(struct core *c, struct core_compartment *m, const struct record *r)
{
    drop_parcel(c, r);
    if (m && m->state == STATE_RESERVED)
        m->state = resting_state(c, r->compartment);
}

static void apply_intent(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_opening *o = opening_add(c, r->compartment);

    if (r->value > 0 && memcmp(r->grant, no_uuid, 16) != 0)
        nonce_add(c, r->grant, r->value);
    if (r->why == WHY_CODE)
        c->lock = (struct code_lock){0};
    if (!o || !m)
        return;
    *o = (struct core_opening){
        .compartment = (uint8_t)r->compartment, .stage = OPENING_QUEUED, .op = r->op, .why = r->why};
    memcpy(o->grant, r->grant, 16);
    memcpy(o->ref, r->ref, 16);
    if (!is_opening(m->state) && m->state != STATE_UNCERTAIN)
        m->before = m->state;
    m->state = opening_state(r->op);
}

static void apply_pulsed(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_opening *o = opening_of(c, r->compartment);

    (void)m;
    if (o && o->stage < OPENING_WAITING)
        o->stage = OPENING_WAITING;
}

static void apply_not_opened(struct core *c, struct core_compartment *m, const struct record *r)
{
    opening_drop(c, r->compartment);
    if (!m)
        return;
    if (is_opening(m->state) || m->state == STATE_UNCERTAIN)
        m->state = m->before;
    if (m->fails < UINT8_MAX)
        m->fails++;
}

static void apply_door_open(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_opening *o = opening_of(c, r->compartment);

    if (!m)
        return;
    m->door = DOOR_OPEN;
    if (!o || memcmp(o->grant, r->grant, 16) != 0 || o->op != r->op)
        return;
    o->stage = OPENING_OPEN;
    m->fails = 0;
    m->state = (uint8_t)(opening_state(o->op) + 1);
}

static void apply_door_closed(struct core *c, struct core_compartment *m, const struct record *r)
{
    (void)c;
    (void)r;
    if (!m)
        return;
    m->door = DOOR_CLOSED;
    m->flags &= (uint8_t)~FLAG_LEFT_OPEN;
    if (m->state == STATE_DOOR_SERVICE) {
        opening_drop(c, r->compartment);
        m->state = m->before;
    }
}

static void apply_deposited(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_parcel *p;

    put_parcel(c, r, r->type == EVENT_DROPPED_OFF ? PARCEL_DROPOFF : PARCEL_DEPOSIT);
    p = parcel_find(c, r->ref);
    if (p) {
        p->until = 0;
        p->counter = (uint32_t)r->value;
    }
    opening_drop(c, r->compartment);
    if (m)
        m->state = STATE_OCCUPIED;
}

/* The parcel named is no longer inside: deposit_empty, collected. */
static void apply_gone(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_opening *o = opening_of(c, r->compartment);
    int expected = o && o->op == OP_DROPOFF && r->type == EVENT_DEPOSIT_EMPTY;

    if (!expected)
        drop_parcel(c, r);
    opening_drop(c, r->compartment);
    if (m)
        m->state = resting_state(c, r->compartment);
}

static void apply_state(struct core *c, struct core_compartment *m, const struct record *r)
{
    static const uint8_t to[EVENT_COUNT] = {
        [EVENT_REVIEW] = STATE_REVIEW,
        [EVENT_OVERDUE] = STATE_OVERDUE,
        [EVENT_JAMMED] = STATE_JAMMED,
        [EVENT_UNCERTAIN] = STATE_UNCERTAIN,
        [EVENT_OUT_OF_SERVICE] = STATE_OUT_OF_SERVICE,
    };
    struct core_opening *o = opening_of(c, r->compartment);

    if (m)
        m->state = to[r->type];
    if (o && r->type == EVENT_UNCERTAIN)
        o->stage = OPENING_UNCERTAIN;
    else if (o)
        o->stage = OPENING_NONE;
}

static void apply_in_service(struct core *c, struct core_compartment *m, const struct record *r)
{
    opening_drop(c, r->compartment);
    if (!m)
        return;
    m->state = resting_state(c, r->compartment);
    m->flags &= FLAG_LEFT_OPEN;
    m->fails = 0;
}

static void apply_flag(struct core *c, struct core_compartment *m, const struct record *r)
{
    static const uint8_t flag[EVENT_COUNT] = {
        [EVENT_FORCED] = FLAG_FORCED,
        [EVENT_LEFT_OPEN] = FLAG_LEFT_OPEN,
        [EVENT_SENSOR_CONFLICT] = FLAG_SENSOR_CONFLICT,
        [EVENT_DIRTY] = FLAG_DIRTY,
        [EVENT_CLEAN] = FLAG_DIRTY,
    };

    (void)c;
    if (!m)
        return;
    if (r->type == EVENT_CLEAN)
        m->flags &= (uint8_t)~flag[r->type];
    else
        m->flags |= flag[r->type];
}

static void apply_deadline(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_parcel *p = parcel_find(c, r->ref);

    if (p)
        p->until = (uint32_t)(r->value / 1000000);
    if (m && m->state == STATE_OVERDUE && (r->value == 0 || r->value > r->at))
        m->state = STATE_OCCUPIED;
}

static void apply_code_set(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_parcel *p = parcel_find(c, r->ref);

    (void)m;
    if (p)
        p->counter = (uint32_t)r->value;
}

static void apply_expected(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_parcel *p;

    (void)m;
    put_parcel(c, r, PARCEL_EXPECTED);
    p = parcel_find(c, r->ref);
    if (!p)
        return;
    p->until = (uint32_t)(r->value / 1000000);
    p->size = r->extra;
}

static void apply_spent(struct core *c, struct core_compartment *m, const struct record *r)
{
    (void)m;
    nonce_add(c, r->grant, r->value);
}

static void apply_box(struct core *c, struct core_compartment *m, const struct record *r)
{
    (void)m;
    switch (r->type) {
    case EVENT_WRONG_CODE:
        c->lock.wrong = (uint16_t)r->value;
        break;
    case EVENT_LOCKED_OUT:
        c->lock.until = r->value;
        break;
    case EVENT_CONFIG:
        c->config_version = r->value;
        break;
    case EVENT_FIRMWARE:
        c->firmware_version = r->value;
        break;
    default:
        break;
    }
}

static void apply_report(struct core *c, struct core_compartment *m, const struct record *r)
{
    struct core_opening *o = opening_of(c, r->compartment);

    (void)m;
    if (o && r->why != WHY_STUCK)
        o->reported = r->why;
}

static apply_fn *const appliers[EVENT_COUNT] = {
    [EVENT_RESERVED] = apply_reserved,
    [EVENT_RELEASED] = apply_released,
    [EVENT_INTENT] = apply_intent,
    [EVENT_PULSED] = apply_pulsed,
    [EVENT_NOT_OPENED] = apply_not_opened,
    [EVENT_DOOR_OPEN] = apply_door_open,
    [EVENT_DOOR_CLOSED] = apply_door_closed,
    [EVENT_DEPOSITED] = apply_deposited,
    [EVENT_DROPPED_OFF] = apply_deposited,
    [EVENT_DEPOSIT_EMPTY] = apply_gone,
    [EVENT_COLLECTED] = apply_gone,
    [EVENT_REVIEW] = apply_state,
    [EVENT_OVERDUE] = apply_state,
    [EVENT_JAMMED] = apply_state,
    [EVENT_UNCERTAIN] = apply_state,
    [EVENT_OUT_OF_SERVICE] = apply_state,
    [EVENT_IN_SERVICE] = apply_in_service,
    [EVENT_FORCED] = apply_flag,
    [EVENT_LEFT_OPEN] = apply_flag,
    [EVENT_SENSOR_CONFLICT] = apply_flag,
    [EVENT_DIRTY] = apply_flag,
    [EVENT_CLEAN] = apply_flag,
    [EVENT_DEADLINE] = apply_deadline,
    [EVENT_CODE_SET] = apply_code_set,
    [EVENT_EXPECTED] = apply_expected,
    [EVENT_GRANT_SPENT] = apply_spent,
    [EVENT_WRONG_CODE] = apply_box,
    [EVENT_LOCKED_OUT] = apply_box,
    [EVENT_CONFIG] = apply_box,
    [EVENT_FIRMWARE] = apply_box,
    [EVENT_REPORT] = apply_report,
};

void apply(struct core *c, const struct record *r)
{
    c->boot = r->boot;
    c->seq = r->seq;
    memcpy(c->prev, r->mac, RECORD_MAC);
    if (r->type == EVENT_TIME_SET)
        c->high = r->value;
    else if (r->rt > c->high)
        c->high = r->rt;
    if (appliers[r->type])
        appliers[r->type](c, compartment_of(c, r->compartment), r);
    c->rev++;
}

int emit(struct core *c, struct record *r, const struct core_time *now)
{
    if (c->broken)
        return -1;
    r->boot = c->boot;
    r->seq = c->seq + 1;
    r->at = now->business;
    r->rt = now->real;
    record_seal(c->setup.crypto, c->setup.keys.chain, c->prev, r);
    if (c->setup.out->record(c->setup.arg, r) < 0) {
        c->broken = 1;
        return -1;
    }
    apply(c, r);
    return 0;
}
