/* Permissions come in here: commands of the live session, signed text at the scanner, codes at the pad. */
#include <string.h>

#include "locker-fw/core/open.h"
#include "locker-fw/core/text.h"

typedef enum why order_fn(struct core *c, const struct grant *g, const struct core_time *now);

static int put(struct core *c, uint8_t type, const struct grant *g, int64_t value,
               const struct core_time *now)
{
    struct record r = {
        .type = type, .op = g->op, .why = WHY_COMMAND, .compartment = g->compartment, .value = value};

    memcpy(r.grant, g->id, 16);
    memcpy(r.ref, g->ref, 16);
    return emit(c, &r, now);
}

/* The same with the outcome as a reason. */
static enum why put_why(struct core *c, uint8_t type, const struct grant *g, int64_t value,
                        const struct core_time *now)
{
    return put(c, type, g, value, now) < 0 ? WHY_JOURNAL : WHY_NONE;
}

/* FNV-1a; 0 is kept for nobody. */
static uint32_t tag_of(const char *who)
{
    uint32_t h = 2166136261u;

    if (!who[0])
        return 0;
    for (; *who; who++)
        h = (h ^ (uint8_t)*who) * 16777619u;
    return h ? h : 1;
}

static int reserved_by(const struct core *c, uint32_t tag)
{
    int n = 0;

    for (int i = 0; i < CORE_PARCELS; i++)
        n += c->parcel[i].kind == PARCEL_RESERVED && c->parcel[i].tag == tag;
    return n;
}

static enum why order_reserve(struct core *c, const struct grant *g, const struct core_time *now)
{
    const struct core_compartment *m = compartment_of(c, g->compartment);
    struct record r = {.type = EVENT_RESERVED,
                       .op = g->op,
                       .why = WHY_COMMAND,
                       .compartment = g->compartment,
                       .value = g->value,
                       .tag = tag_of(g->who)};

    if (m->state != STATE_FREE || m->flags)
        return WHY_BAD_STATE;
    if (parcel_find(c, g->ref))
        return WHY_WRONG_REF;
    if (!parcel_free(c))
        return WHY_FULL;
    if (c->setup.limits.quota && r.tag && reserved_by(c, r.tag) >= c->setup.limits.quota)
        return WHY_QUOTA;
    memcpy(r.grant, g->id, 16);
    memcpy(r.ref, g->ref, 16);
    return emit(c, &r, now) < 0 ? WHY_JOURNAL : WHY_NONE;
}

static enum why order_release(struct core *c, const struct grant *g, const struct core_time *now)
{
    const struct core_parcel *p = parcel_find(c, g->ref);
    const struct core_compartment *m = compartment_of(c, g->compartment);

    if (!p || p->kind != PARCEL_RESERVED || p->compartment != g->compartment)
        return WHY_WRONG_REF;
    if (is_opening(m->state) || is_door(m->state))
        return WHY_BAD_STATE;
    return put_why(c, EVENT_RELEASED, g, 0, now);
}

/* The courier's word where there is no item sensor. */
static enum why order_confirm(struct core *c, const struct grant *g, const struct core_time *now)
{
    struct core_compartment *m = compartment_of(c, g->compartment);
    const struct core_parcel *p = parcel_find(c, g->ref);
    const struct core_opening *o = opening_of(c, g->compartment);
    int waits =
        (m->state == STATE_DOOR_DEPOSIT && m->door == DOOR_CLOSED && o && memcmp(o->ref, g->ref, 16) == 0) ||
        (m->state == STATE_UNCERTAIN && (!p || p->kind == PARCEL_RESERVED) && m->door != DOOR_OPEN);
    int inside =
        p && p->kind == PARCEL_DEPOSIT && p->compartment == g->compartment && m->state == STATE_OCCUPIED;

    if (!waits && !inside)
        return p && p->compartment != g->compartment ? WHY_WRONG_REF : WHY_BAD_STATE;
    if (g->value == 0)
        return put_why(c, EVENT_DEPOSIT_EMPTY, g, 0, now);
    return inside ? WHY_NONE : put_why(c, EVENT_DEPOSITED, g, 0, now);
}

static enum why order_set_code(struct core *c, const struct grant *g, const struct core_time *now)
{
    const struct core_parcel *p = parcel_find(c, g->ref);

    if (!p || p->compartment != g->compartment || p->kind == PARCEL_RESERVED)
        return WHY_WRONG_REF;
    if (g->value < 0 || g->value > UINT32_MAX)
        return WHY_MALFORMED;
    return put_why(c, EVENT_CODE_SET, g, g->value, now);
}

static enum why order_extend(struct core *c, const struct grant *g, const struct core_time *now)
{
    const struct core_parcel *p = parcel_find(c, g->ref);

    if (!p || p->compartment != g->compartment)
        return WHY_WRONG_REF;
    return put_why(c, EVENT_DEADLINE, g, g->value, now);
}

static uint8_t size_number(const char *size)
{
    static const char *const sizes[] = {"", "S", "M", "L", "XL"};

    for (uint8_t i = 0; i < 5; i++) {
        if (strcmp(sizes[i], size) == 0)
            return i;
    }
    return 0;
}

static enum why order_expect(struct core *c, const struct grant *g, const struct core_time *now)
{
    struct record r = {.type = EVENT_EXPECTED,
                       .op = g->op,
                       .why = WHY_COMMAND,
                       .extra = size_number(g->size),
                       .value = g->value};

    if (parcel_find(c, g->ref))
        return WHY_WRONG_REF;
    if (!parcel_free(c))
        return WHY_FULL;
    if (open_counter(c, g->ref) != 0)
        return WHY_BUSY; /* its code would open what is another's */
    memcpy(r.grant, g->id, 16);
    memcpy(r.ref, g->ref, 16);
    return emit(c, &r, now) < 0 ? WHY_JOURNAL : WHY_NONE;
}

/* Of a grant, or of an expected drop-off, whose code then opens nothing. The longest life an offline grant
 * can have bounds how long a revocation must be remembered. */
static enum why order_revoke(struct core *c, const struct grant *g, const struct core_time *now)
{
    struct record r = {.type = EVENT_GRANT_SPENT,
                       .op = g->op,
                       .why = WHY_REVOKED,
                       .value = g->exp + op_rule(OP_OPEN_PICKUP)->max_offline_us};
    const struct core_parcel *p = parcel_find(c, g->ref);

    if (p && p->kind == PARCEL_EXPECTED)
        return put_why(c, EVENT_RELEASED, g, 0, now);
    if (nonce_seen(c, g->ref))
        return WHY_NONE;
    if (!nonce_room(c))
        return WHY_NONCES_FULL;
    memcpy(r.grant, g->ref, 16);
    return emit(c, &r, now) < 0 ? WHY_JOURNAL : WHY_NONE;
}

static enum why order_service(struct core *c, const struct grant *g, const struct core_time *now)
{
    static const uint8_t event[OP_COUNT] = {
        [OP_OUT_OF_SERVICE] = EVENT_OUT_OF_SERVICE,
        [OP_IN_SERVICE] = EVENT_IN_SERVICE,
        [OP_DIRTY] = EVENT_DIRTY,
        [OP_CLEAN] = EVENT_CLEAN,
    };
    const struct core_compartment *m = compartment_of(c, g->compartment);

    if (is_opening(m->state) || (is_door(m->state) && m->door == DOOR_OPEN))
        return WHY_BAD_STATE;
    return put_why(c, event[g->op], g, 0, now);
}

static enum why order_set_time(struct core *c, const struct grant *g, const struct core_time *now)
{
    return put_why(c, EVENT_TIME_SET, g, g->nbf, now);
}

static order_fn *const orders[OP_COUNT] = {
    [OP_RESERVE] = order_reserve,   [OP_RELEASE] = order_release,        [OP_CONFIRM] = order_confirm,
    [OP_SET_CODE] = order_set_code, [OP_EXTEND] = order_extend,          [OP_EXPECT_DROPOFF] = order_expect,
    [OP_REVOKE] = order_revoke,     [OP_OUT_OF_SERVICE] = order_service, [OP_IN_SERVICE] = order_service,
    [OP_DIRTY] = order_service,     [OP_CLEAN] = order_service,          [OP_SET_TIME] = order_set_time,
};

static enum why begin(struct core *c, const struct grant *g, const struct core_time *now,
                      unsigned *ret_compartment)
{
    struct wish w = {.op = g->op,
                     .why = g->sess ? WHY_COMMAND : WHY_GRANT,
                     .compartment = g->compartment,
                     .seq = g->seq,
                     .exp = g->exp,
                     .once = g->sess == 0,
                     .deadline = g->value};
    enum why why;

    if (w.compartment == 0)
        w.compartment = (uint16_t)open_choose(c, size_number(g->size));
    if (w.compartment == 0)
        return WHY_FULL;
    memcpy(w.grant, g->id, 16);
    memcpy(w.ref, g->ref, 16);
    why = open_begin(c, &w, now);
    if (why == WHY_NONE)
        *ret_compartment = w.compartment;
    return why;
}

static void answer(struct core *c, const struct grant *g, enum core_status status, enum why why)
{
    struct core_result r = {
        .seq = g->seq, .compartment = g->compartment, .status = (uint8_t)status, .why = (uint8_t)why};

    memcpy(r.cmd_id, g->id, 16);
    memcpy(r.ref, g->ref, 16);
    c->setup.out->result(c->setup.arg, &r);
}

/* A set_time cannot be judged by the clock it corrects: it must come soon after the session began. */
static int is_fresh_time(const struct core *c, const struct grant *g, const struct core_time *now)
{
    return g->op == OP_SET_TIME && now->mono - c->sess_mono <= 30000000;
}

static enum why check_command(struct core *c, const struct grant *g, const uint8_t sig[64], int retained,
                              const struct core_time *now)
{
    enum why why;

    if (retained && !SABOTAGED(SABOTAGE_RETAINED))
        return WHY_RETAINED;
    if ((g->sess == 0 || g->sess != c->sess) && !SABOTAGED(SABOTAGE_SESSION))
        return WHY_WRONG_SESSION;
    why = grant_verify(c->setup.crypto, g, sig, c->setup.grant_keys, c->setup.grant_key_count);
    if (why != WHY_NONE && !SABOTAGED(SABOTAGE_SIGNATURE))
        return why;
    why = grant_check(g, c->setup.locker, is_fresh_time(c, g, now) ? g->nbf : safe_real(c, now),
                      c->setup.limits.skew_us);
    if (why != WHY_NONE && !(why == WHY_EXPIRED && SABOTAGED(SABOTAGE_EXPIRY)))
        return why;
    if (g->seq <= c->sess_seq && !SABOTAGED(SABOTAGE_SESSION))
        return WHY_BAD_SEQ;
    return nonce_seen(c, g->id) ? WHY_REPLAYED : WHY_NONE;
}

static enum why obey(struct core *c, const struct grant *g, const struct core_time *now)
{
    unsigned opened;

    if (op_rule(g->op)->opens)
        return begin(c, g, now, &opened);
    if (op_rule(g->op)->needs_compartment && !compartment_of(c, g->compartment))
        return WHY_BAD_COMPARTMENT;
    return orders[g->op](c, g, now);
}

enum why core_command(struct core *c, const struct grant *g, const uint8_t sig[64], int retained,
                      const struct core_time *now)
{
    enum why why = c->broken ? WHY_JOURNAL : check_command(c, g, sig, retained, now);

    if (why == WHY_NONE) {
        c->sess_seq = g->seq;
        why = obey(c, g, now);
    }
    if (why == WHY_NONE && c->setup.out->sync(c->setup.arg) < 0) {
        c->broken = 1;
        why = WHY_JOURNAL;
    }
    if (why != WHY_NONE)
        answer(c, g, CORE_REFUSED, why);
    else if (!op_rule(g->op)->opens)
        answer(c, g, CORE_DONE, why);
    return why;
}

enum why core_present(struct core *c, const char *s, size_t len, const struct core_time *now,
                      unsigned *ret_compartment)
{
    struct grant g;
    uint8_t sig[64];
    enum why why;

    if (c->broken)
        return WHY_JOURNAL;
    if (grant_parse(s, len, &g, sig) < 0)
        return WHY_MALFORMED;
    if (g.sess != 0)
        return WHY_WRONG_SESSION;
    why = grant_verify(c->setup.crypto, &g, sig, c->setup.grant_keys, c->setup.grant_key_count);
    if (why == WHY_NONE)
        why = grant_check(&g, c->setup.locker, safe_real(c, now), c->setup.limits.skew_us);
    if (why != WHY_NONE)
        return why;
    if (g.exp <= c->forgotten && !SABOTAGED(SABOTAGE_NONCE))
        return WHY_EXPIRED;
    if (nonce_seen(c, g.id))
        return WHY_REPLAYED;
    if (op_rule(g.op)->opens)
        return begin(c, &g, now, ret_compartment);
    if (!compartment_of(c, g.compartment))
        return WHY_BAD_COMPARTMENT;
    if (!nonce_room(c))
        return WHY_NONCES_FULL;
    if (put(c, EVENT_GRANT_SPENT, &g, g.exp, now) < 0)
        return WHY_JOURNAL;
    *ret_compartment = g.compartment;
    return orders[g.op](c, &g, now);
}

/* Every live code is computed and compared, so that the time tells nothing. */
static struct core_parcel *parcel_by_code(struct core *c, const char *digits)
{
    struct core_parcel *found = NULL;
    char code[CODE_DIGITS + 1];

    for (int i = 0; i < CORE_PARCELS; i++) {
        struct core_parcel *p = &c->parcel[i];

        if (p->kind == PARCEL_NONE || p->kind == PARCEL_RESERVED)
            continue;
        code_make(c->setup.crypto, c->setup.keys.code, p->ref, p->counter, code);
        if (code_equal(code, digits) && !found)
            found = p;
    }
    return found;
}

static enum why wrong_code(struct core *c, const struct core_time *now)
{
    struct record r = {.type = EVENT_WRONG_CODE, .why = WHY_CODE, .value = c->lock.wrong + 1};
    int64_t lock;

    if (c->lock.wrong == UINT16_MAX || emit(c, &r, now) < 0)
        return WHY_WRONG_CODE;
    lock = code_lock_us(c->lock.wrong);
    if (lock > 0) {
        r = (struct record){.type = EVENT_LOCKED_OUT, .why = WHY_CODE, .value = safe_real(c, now) + lock};
        emit(c, &r, now);
    }
    if (c->setup.out->sync(c->setup.arg) < 0)
        c->broken = 1;
    return lock > 0 ? WHY_LOCKED_OUT : WHY_WRONG_CODE;
}

enum why core_code(struct core *c, const char *s, size_t len, const struct core_time *now,
                   unsigned *ret_compartment)
{
    struct wish w = {.op = OP_OPEN_PICKUP, .why = WHY_CODE};
    struct core_parcel *p;
    enum why why;

    if (c->broken)
        return WHY_JOURNAL;
    if (safe_real(c, now) < c->lock.until)
        return WHY_LOCKED_OUT;
    if (!code_is(s, len))
        return WHY_MALFORMED;
    p = parcel_by_code(c, s);
    if (!p)
        return wrong_code(c, now);
    w.compartment = p->compartment;
    if (p->kind == PARCEL_DROPOFF)
        return WHY_BAD_STATE;
    if (p->kind == PARCEL_EXPECTED) {
        w.op = OP_DROPOFF;
        w.compartment = (uint16_t)open_choose(c, p->size);
        if (w.compartment == 0)
            return WHY_FULL;
    }
    memcpy(w.ref, p->ref, 16);
    why = open_begin(c, &w, now);
    if (why == WHY_NONE)
        *ret_compartment = w.compartment;
    return why;
}
