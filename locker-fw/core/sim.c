#include "locker-fw/core/sim.h"

#include <string.h>

#include "contrib/boards/board.h"
#include "locker-fw/core/apply.h"
#include "locker-fw/core/core.h"
#include "locker-fw/core/text.h"

enum {
    DOORS = 8,
    RECORDS = 4096,
    GRANTS = 256,
    POLL_MS = 25,
    RESPONSE_MS = 100,
    DRAIN_MS = 200,
    LATE_MAX_MS = 180,
};

/* The daemon's book: what it has signed. */
struct issued {
    struct grant g;
    uint8_t sig[64];
    uint8_t pulses; /* given for it, over all restarts */
    uint8_t revoked;
};

/* A reply still on the wire. */
struct stale {
    int64_t at_ms;
    size_t len;
    uint8_t pdu[MODBUS_PDU_MAX];
};

struct world {
    uint64_t random;
    unsigned sabotage;
    struct core core;
    struct core_time now;
    int64_t real_offset;
    struct core_place places[DOORS];
    struct grant_key key;
    struct board board;
    struct profile profile;
    struct issued issued[GRANTS];
    unsigned grants;
    struct record journal[RECORDS];
    unsigned appended, told, durable; /* told: what sync() has promised */
    uint64_t sess;
    uint32_t seq;
    uint64_t grant_count;
    /* permissions on the medium, by compartment */
    unsigned intents[DOORS + 1], pulsed[DOORS + 1];
    uint8_t intent_good[DOORS + 1];
    unsigned intent_at[DOORS + 1]; /* where in the journal */
    struct issued *intent_for[DOORS + 1];
    int code_right; /* compartment that the code being typed may open; 0: none, -1: the one of a drop-off */
    const struct issued *offered; /* what is being handed to the core */
    int offered_retained;
    int pulse_queue[DOORS], pulses_waiting;
    unsigned cut_in; /* journal writes until the power fails; 0: not planned */
    int dead;
    unsigned drop, late, garble;
    int read_garbled;           /* one bad reading in a row: more cannot be told from the truth by anybody */
    uint8_t unsound[DOORS + 1]; /* its sensor lied at some time */
    struct stale stale;
    int board_off;
    unsigned failures, turn;
    int64_t busy_until_ms;
    uint8_t was_open[DOORS + 1]; /* the door was open at some time since the last reading */
    uint8_t acked[DOORS + 1][16];
    uint8_t has_acked[DOORS + 1];
    uint8_t relay_seen[DOORS + 1]; /* since the pulse was ordered */
    struct sim_verdict v;
};

static uint32_t draw(struct world *w)
{
    uint64_t z = w->random += 0x9E3779B97F4A7C15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ z >> 31) >> 16);
}

static unsigned below(struct world *w, unsigned n)
{
    return draw(w) % n;
}

static void trace(struct world *w, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;

    for (size_t i = 0; i < len; i++)
        w->v.trace = (w->v.trace ^ b[i]) * 0x100000001B3u;
}

static const uint8_t daemon_key[32] = {3, 1, 4, 1, 5};

/* ---- the books ---- */

static struct issued *issued_by_id(struct world *w, const uint8_t id[16])
{
    for (unsigned i = 0; i < w->grants; i++) {
        if (memcmp(w->issued[i].g.id, id, 16) == 0)
            return &w->issued[i];
    }
    return NULL;
}

/* Was the core right to accept this? The rules are written down here a second time, from the daemon's side.
 */
static int is_allowed(struct world *w, const struct record *r)
{
    struct issued *i;

    if (r->why == WHY_CODE)
        return w->code_right == r->compartment || (w->code_right == -1 && r->op == OP_DROPOFF);
    i = issued_by_id(w, r->grant);
    if (!i || i != w->offered || i->g.op != r->op || (i->g.compartment && i->g.compartment != r->compartment))
        return 0;
    if (i->revoked || w->offered_retained || i->g.exp < w->now.real || (i->g.sess && i->g.sess != w->sess))
        return 0;
    return memcmp(i->g.ref, r->ref, 16) == 0;
}

static void book_intent(struct world *w, const struct record *r)
{
    unsigned n = r->compartment;

    w->intent_good[n] = (uint8_t)is_allowed(w, r);
    w->intent_at[n] = w->appended;
    w->intents[n]++;
    w->code_right = 0;
    w->intent_for[n] = r->why == WHY_CODE ? NULL : issued_by_id(w, r->grant);
}

static void power_fails(struct world *w)
{
    w->dead = 1;
    w->v.cuts++;
}

static int planned_cut(struct world *w)
{
    if (w->cut_in > 0 && --w->cut_in == 0)
        power_fails(w);
    return w->dead;
}

static void book_door(struct world *w, const struct record *r)
{
    unsigned n = r->compartment;

    if (r->type == EVENT_DOOR_OPEN && !w->was_open[n] && !w->unsound[n])
        w->v.wrong_door++;
    if (r->type == EVENT_PULSED && !w->relay_seen[n])
        w->v.wrong_door++;
}

static int on_record(void *arg, const struct record *r)
{
    struct world *w = arg;

    if (planned_cut(w) || w->appended == RECORDS)
        return -1;
    if (r->type == EVENT_INTENT)
        book_intent(w, r);
    book_door(w, r);
    w->journal[w->appended++] = *r;
    w->v.records++;
    trace(w, r->mac, sizeof r->mac);
    return 0;
}

static int on_sync(void *arg)
{
    struct world *w = arg;

    if (planned_cut(w))
        return -1;
    w->told = w->appended;
    if (!(w->sabotage & SIM_NO_FSYNC))
        w->durable = w->appended;
    return 0;
}

static int on_pulse(void *arg, unsigned n)
{
    struct world *w = arg;

    if (w->dead)
        return -1;
    w->v.pulses++;
    trace(w, &n, sizeof n);
    if (w->intents[n] == 0 || !w->intent_good[n] || w->told <= w->intent_at[n])
        w->v.unauthorised++;
    if (w->intents[n] <= w->pulsed[n] || (w->intent_for[n] && w->intent_for[n]->pulses++ > 0))
        w->v.doubled++;
    w->pulsed[n] = w->intents[n];
    w->relay_seen[n] = 0;
    w->pulse_queue[w->pulses_waiting++] = (int)n;
    return 0;
}

static void on_result(void *arg, const struct core_result *r)
{
    struct world *w = arg;
    const struct core_parcel *p = parcel_find(&w->core, r->ref);

    trace(w, r, sizeof *r);
    if (r->status == CORE_CLOSED && p && p->kind == PARCEL_DEPOSIT) {
        memcpy(w->acked[r->compartment], r->ref, 16);
        w->has_acked[r->compartment] = 1;
        w->v.deposits++;
    }
}

static const struct core_out outputs = {on_record, on_sync, on_pulse, on_result};

static void on_ledger(void *arg, unsigned door, const char *event, long detail)
{
    struct world *w = arg;

    if (strcmp(event, "door_open") == 0)
        w->was_open[door] = 1;
    if (strcmp(event, "pulse_on") == 0)
        w->relay_seen[door] = 1;
    if (strcmp(event, "latched") == 0 || (strcmp(event, "pulse_off") == 0 && detail > PULSE_MS_MAX + 50))
        w->v.too_long++;
}

/* ---- the wire ---- */

/* What a careful line does with one request: flush before, compare after, drain when in doubt. */
static int ask(struct world *w, const struct modbus_pdu *request, uint8_t *ret_pdu)
{
    int careless = w->sabotage & SIM_NO_ECHO_CHECK;
    size_t len;

    if (careless && w->stale.len) {
        memcpy(ret_pdu, w->stale.pdu, w->stale.len);
        w->stale.len =
            w->board_off ? 0
                         : board_request(&w->board, request->bytes, request->len, w->now.mono, w->stale.pdu);
        return 1;
    }
    w->stale.len = 0;
    if (w->board_off)
        return -1;
    len = board_request(&w->board, request->bytes, request->len, w->now.mono, ret_pdu);
    if (w->garble > 0 && !(request->bytes[0] <= FC_READ_INPUT && w->read_garbled)) {
        w->garble--;
        w->read_garbled = request->bytes[0] <= FC_READ_INPUT;
        ret_pdu[len > 3 ? 2 : len - 1] ^= 1;
    } else if (request->bytes[0] <= FC_READ_INPUT && w->drop == 0 && w->late == 0) {
        w->read_garbled = 0;
    }
    if (w->drop > 0) {
        w->drop--;
        len = 0;
    } else if (w->late > 0) {
        w->late--;
        memcpy(w->stale.pdu, ret_pdu, len);
        w->stale.len = careless ? len : 0; /* a careful line has drained it by the next request */
        len = 0;
    }
    if (len == 0)
        return -1;
    return careless || modbus_answers(request, ret_pdu, len) == MODBUS_OK ? 1 : -1;
}

static void poll_board(struct world *w)
{
    struct modbus_pdu request;
    uint8_t pdu[MODBUS_PDU_MAX];
    uint8_t before[DOORS + 1];

    memcpy(before, w->was_open, sizeof before);
    for (unsigned d = 1; d <= DOORS; d++)
        w->was_open[d] |= w->board.door[d - 1].open;
    profile_read(&w->profile, &w->profile.door, DOORS, &request);
    if (ask(w, &request, pdu) < 0) {
        if (++w->failures == 3)
            core_board(&w->core, 0, 1, &w->now);
        return;
    }
    w->failures = 0;
    core_board(&w->core, 0, 0, &w->now);
    for (unsigned d = 1; d <= DOORS; d++) {
        const struct board_door *door = &w->board.door[d - 1];
        enum axis_item item = !w->places[d - 1].has_item ? ITEM_UNKNOWN
                              : door->item               ? ITEM_PRESENT
                                                         : ITEM_EMPTY;

        core_sense(&w->core, d, profile_level(&w->profile.door, pdu, d) ? DOOR_OPEN : DOOR_CLOSED, item,
                   &w->now);
        if (w->core.c[d - 1].door == DOOR_CLOSED)
            w->was_open[d] = door->open;
    }
}

static void do_pulses(struct world *w)
{
    while (w->pulses_waiting > 0 && !w->dead) {
        unsigned n = (unsigned)w->pulse_queue[0];
        struct profile_step steps[PULSE_STEPS];
        uint8_t pdu[MODBUS_PDU_MAX];
        int sent;

        w->pulses_waiting--;
        memmove(w->pulse_queue, w->pulse_queue + 1, (size_t)w->pulses_waiting * sizeof w->pulse_queue[0]);
        profile_pulse(&w->profile, n, steps);
        sent = w->board_off ? -1 : ask(w, &steps[0].pdu, pdu) > 0 ? 1 : -1;
        w->now.mono += 10000;
        core_pulse_done(&w->core, n, sent, &w->now);
    }
}

static void pass(struct world *w, unsigned ms)
{
    for (unsigned t = 0; t < ms && !w->dead; t += POLL_MS) {
        w->now.mono += POLL_MS * 1000;
        w->now.business += POLL_MS * 1000;
        w->now.real += POLL_MS * 1000;
        board_tick(&w->board, w->now.mono);
        do_pulses(w);
        poll_board(w);
        core_tick(&w->core, &w->now);
        on_sync(w);
    }
}

/* ---- starting, stopping ---- */

static void new_session(struct world *w)
{
    w->sess = (uint64_t)draw(w) << 20 | 1;
    w->seq = 0;
    core_session(&w->core, w->sess, &w->now);
}

static void setup_core(struct world *w)
{
    struct core_setup s = {.locker = "L1",
                           .crypto = &sim_crypto,
                           .grant_keys = &w->key,
                           .grant_key_count = 1,
                           .places = w->places,
                           .count = DOORS,
                           .limits = core_limits_default,
                           .out = &outputs,
                           .arg = w};
    static const uint8_t secret[32] = {9};

    s.limits.open_ms = 500;
    keys_derive(&sim_crypto, secret, &s.keys);
    core_init(&w->core, &s);
}

static void check_kept(struct world *w)
{
    for (unsigned n = 1; n <= DOORS; n++) {
        if (!w->has_acked[n])
            continue;
        if (!parcel_find(&w->core, w->acked[n]))
            w->v.lost++;
        w->has_acked[n] = 0;
    }
}

/* Acknowledged deposits whose end is on the medium are not expected any more. */
static void forget_gone(struct world *w, unsigned kept)
{
    for (unsigned i = 0; i < kept; i++) {
        const struct record *r = &w->journal[i];
        unsigned n = r->compartment;

        if ((r->type == EVENT_COLLECTED || r->type == EVENT_DEPOSIT_EMPTY) && w->has_acked[n] &&
            memcmp(w->acked[n], r->ref, 16) == 0)
            w->has_acked[n] = 0;
    }
}

static void restart(struct world *w)
{
    unsigned extra = w->appended - w->durable;

    w->appended = w->durable + (extra && !(w->sabotage & SIM_NO_FSYNC) ? below(w, extra + 1) : 0);
    w->durable = w->told = w->appended;
    w->dead = 0;
    w->cut_in = 0;
    w->pulses_waiting = 0;
    w->stale.len = 0;
    w->failures = 0;
    w->offered = NULL;
    w->code_right = 0;
    setup_core(w);
    for (unsigned i = 0; i < w->appended; i++)
        core_replay(&w->core, &w->journal[i]);
    forget_gone(w, w->appended);
    check_kept(w);
    for (unsigned n = 1; n <= DOORS; n++)
        w->intent_good[n] = 0; /* nothing may be pulsed on the strength of an earlier life */
    w->now.mono += 2000000;
    w->now.real += 2000000;
    w->now.business += 2000000;
    board_tick(&w->board, w->now.mono);
    core_start(&w->core, &w->now, 1);
    new_session(w);
}

/* ---- actions ---- */

static struct issued *issue(struct world *w, uint8_t op, unsigned n, int offline)
{
    struct issued *i = &w->issued[w->grants < GRANTS ? w->grants++ : below(w, GRANTS)];
    char text[GRANT_TEXT_MAX];
    int len;

    *i = (struct issued){.g = {.op = op, .locker = "L1", .key_id = "k", .compartment = (uint16_t)n}};
    w->grant_count++;
    memcpy(i->g.id + 8, &w->grant_count, 8);
    i->g.id[0] = 1;
    i->g.sess = offline ? 0 : w->sess;
    i->g.seq = offline ? 0 : ++w->seq;
    i->g.nbf = w->now.real;
    i->g.exp = w->now.real + (offline ? 600000000 : 5000000);
    i->g.ref[0] = 7;
    memcpy(i->g.ref + 8, &w->grant_count, 8);
    if (op == OP_OPEN_PICKUP || op == OP_RECALL || op == OP_SET_CODE) {
        uint8_t refs[1][16];

        if (core_refs(&w->core, n, refs, 1))
            memcpy(i->g.ref, refs[0], 16);
    }
    i->g.value = op == OP_SET_CODE ? below(w, 5) : 0;
    len = grant_encode(&i->g, text, sizeof text);
    sim_crypto.hmac(i->sig, daemon_key, (const uint8_t *)text, (size_t)len);
    return i;
}

static void offer(struct world *w, const struct issued *i, int retained)
{
    char text[GRANT_TEXT_MAX];
    unsigned n;

    w->offered = i;
    w->offered_retained = retained;
    if (i->g.sess || retained)
        core_command(&w->core, &i->g, i->sig, retained, &w->now);
    else if (grant_encode_signed(&i->g, i->sig, text, sizeof text) > 0)
        core_present(&w->core, text, strlen(text), &w->now, &n);
    w->offered = NULL;
    w->offered_retained = 0;
}

static void act_command(struct world *w)
{
    static const uint8_t ops[] = {OP_OPEN_DEPOSIT, OP_OPEN_DEPOSIT, OP_OPEN_DEPOSIT,
                                  OP_RECALL,       OP_OPEN_PICKUP,  OP_RESERVE,
                                  OP_SET_CODE,     OP_IN_SERVICE,   OP_OUT_OF_SERVICE};

    offer(w, issue(w, ops[below(w, sizeof ops)], below(w, DOORS) + 1, 0), 0);
}

static void act_offline(struct world *w)
{
    static const uint8_t ops[] = {OP_OPEN_DEPOSIT, OP_OPEN_DEPOSIT, OP_OPEN_PICKUP, OP_DROPOFF};
    uint8_t op = ops[below(w, sizeof ops)];

    offer(w, issue(w, op, op == OP_DROPOFF ? 0 : below(w, DOORS) + 1, 1), 0);
}

/* The broker keeps a command back until it has expired, or hands it over as retained. */
static void act_late_command(struct world *w)
{
    struct issued *i = issue(w, OP_OPEN_DEPOSIT, below(w, DOORS) + 1, 0);

    pass(w, below(w, 2) ? 6000 : 0);
    if (!w->dead)
        offer(w, i, w->now.real <= i->g.exp);
}

/* Anything ever signed comes again: repeated, late, out of order, retained. */
static void act_replay(struct world *w)
{
    if (w->grants > 0)
        offer(w, &w->issued[below(w, w->grants)], below(w, 4) == 0);
}

static void act_forge(struct world *w)
{
    struct issued forged;

    if (w->grants == 0)
        return;
    forged = w->issued[below(w, w->grants)];
    forged.g.compartment = (uint16_t)(forged.g.compartment % DOORS + 1);
    forged.g.exp = w->now.real + 5000000;
    forged.g.nbf = w->now.real;
    forged.g.sess = w->sess;
    forged.g.seq = ++w->seq;
    memset(forged.g.id, 0xEE, 16);
    offer(w, &forged, 0);
}

static void act_revoke(struct world *w)
{
    struct issued *victim = issue(w, OP_OPEN_DEPOSIT, below(w, DOORS) + 1, 1), *i = issue(w, OP_REVOKE, 0, 0);
    char text[GRANT_TEXT_MAX];
    int len;

    memcpy(i->g.ref, victim->g.id, 16);
    len = grant_encode(&i->g, text, sizeof text);
    sim_crypto.hmac(i->sig, daemon_key, (const uint8_t *)text, (size_t)len);
    w->offered = i;
    if (core_command(&w->core, &i->g, i->sig, 0, &w->now) == WHY_NONE)
        victim->revoked = 1;
    w->offered = NULL;
}

static void act_code(struct world *w)
{
    char code[CODE_DIGITS + 1] = "12345678";
    unsigned n;
    int at = (int)below(w, CORE_PARCELS);

    for (int k = 0; k < CORE_PARCELS && below(w, 5) > 0; k++) {
        const struct core_parcel *p = &w->core.parcel[(at + k) % CORE_PARCELS];

        if (p->kind != PARCEL_DEPOSIT && p->kind != PARCEL_EXPECTED)
            continue;
        code_make(&sim_crypto, w->core.setup.keys.code, p->ref, p->counter, code);
        w->code_right = p->kind == PARCEL_EXPECTED ? -1 : p->compartment;
        break;
    }
    core_code(&w->core, code, CODE_DIGITS, &w->now, &n);
    w->code_right = 0;
}

static void act_people(struct world *w)
{
    for (unsigned d = 1; d <= DOORS; d++) {
        if (!w->board.door[d - 1].open)
            continue;
        if (below(w, 3) > 0)
            board_item(&w->board, d, !w->board.door[d - 1].item);
        if (below(w, 4) > 0)
            board_close(&w->board, d);
    }
    if (below(w, 40) == 0)
        board_open(&w->board, below(w, DOORS) + 1, w->now.mono, 1);
}

static void act_wire(struct world *w)
{
    switch (below(w, 5)) {
    case 0:
        w->drop = below(w, 4);
        break;
    case 1:
        w->late = below(w, 4);
        break;
    case 2:
        w->garble = below(w, 3);
        break;
    case 3:
        w->board_off = !w->board_off;
        if (w->board_off)
            board_power_cut(&w->board, w->now.mono);
        break;
    default:
        w->board_off = 0;
    }
}

static void act_door_fault(struct world *w)
{
    unsigned door = below(w, DOORS) + 1;
    struct board_door *d = &w->board.door[door - 1];
    unsigned what = below(w, 4);

    w->unsound[door] |= what == 1 || what == 2;
    switch (what) {
    case 0:
        d->stuck_relay = !d->stuck_relay;
        break;
    case 1:
        d->stuck_sensor = (uint8_t)below(w, 3);
        break;
    case 2:
        d->bounce = (uint8_t)below(w, 20);
        break;
    default:
        *d = (struct board_door){.open = d->open,
                                 .item = d->item,
                                 .relay = d->relay,
                                 .relay_until = d->relay_until,
                                 .relay_since = d->relay_since,
                                 .width_ms = d->width_ms};
    }
}

static void act_clock(struct world *w)
{
    static const int64_t jumps[] = {7200, -7200, 60, -60, 315360000, -315360000};
    int64_t jump = jumps[below(w, 6)] * 1000000;

    if (w->now.real + jump > 1000000000000000 && w->now.real + jump < 4000000000000000)
        w->now.real += jump;
}

typedef void act_fn(struct world *w);

static void act_cut(struct world *w)
{
    w->cut_in = below(w, 6) + 1;
}

static void act_power(struct world *w)
{
    power_fails(w);
}

/* Each as often as it is written here. */
static act_fn *const acts[] = {act_command, act_command, act_command,      act_command, act_offline,
                               act_offline, act_code,    act_code,         act_code,    act_people,
                               act_people,  act_people,  act_people,       act_replay,  act_replay,
                               act_forge,   act_wire,    act_door_fault,   act_cut,     act_power,
                               new_session, act_clock,   act_late_command, act_revoke};

static void begin_world(struct world *w, uint64_t seed, unsigned sabotage)
{
    static const struct profile p = {
        .name = "sim",
        .unit = 1,
        .baud = 115200,
        .parity = 'N',
        .response_ms = RESPONSE_MS,
        .doors = DOORS,
        .open = {.style = STYLE_COIL_VALUE_MS,
                 .base = 0x65,
                 .stride = 1,
                 .unit_ms = 1,
                 .max_ms = 1000,
                 .pulse_ms = 500},
        .door = {.space = SPACE_COIL, .layout = LAYOUT_BIT, .base = 0x65, .stride = 1, .active = 1},
        .item = {.stride = 1, .active = 1}};

    memset(w, 0, sizeof *w);
    w->random = seed;
    w->sabotage = sabotage;
    w->v.trace = 0xCBF29CE484222325u;
    w->now = (struct core_time){1800000000000000, 1000000, 1800000000000000};
    w->profile = p;
    memcpy(w->key.key, daemon_key, 32);
    w->key.id[0] = 'k';
    for (unsigned i = 0; i < DOORS; i++)
        w->places[i] =
            (struct core_place){.size = (uint8_t)(i / 2 + 1), .domain = (uint8_t)(i / 4), .has_item = i % 2};
    board_init(&w->board, &w->profile, on_ledger, w);
    w->board.auto_open = 1;
    setup_core(w);
    core_start(&w->core, &w->now, 1);
    new_session(w);
    pass(w, 200);
}

void sim_run(uint64_t seed, unsigned steps, unsigned sabotage, struct sim_verdict *ret)
{
    static struct world w;

#ifdef CORE_SABOTAGE
    core_sabotage = sabotage & 0xFFFF;
#endif
    begin_world(&w, seed, sabotage);
    for (unsigned i = 0; i < steps; i++) {
        acts[below(&w, sizeof acts / sizeof acts[0])](&w);
        pass(&w, below(&w, 3) ? below(&w, 500) : 700);
        if (w.dead)
            restart(&w);
    }
    *ret = w.v;
}
