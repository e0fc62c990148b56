/* Simulated days of many lockers, for their speed: couriers deposit in the morning, residents collect in the
 * evening, some late. The cores are ticked every 50 ms while something moves and every 10 s when nothing
 * does. */
#include "locker-fw/core/sim.h"

#include <string.h>

#include "locker-fw/core/core.h"

enum { DOORS = 48, PARCELS = 40, KEPT = 512, DAY_S = 86400 };

struct bank {
    struct core core;
    struct core_place places[DOORS];
    struct core_time now;
    struct record kept[KEPT]; /* a ring: the journal is acknowledged at once */
    unsigned appended, pulses, deposited, collected;
    unsigned pulsed; /* compartment whose coil was just pulsed */
    uint64_t trace, serial;
};

static int on_record(void *arg, const struct record *r)
{
    struct bank *b = arg;

    b->kept[b->appended++ % KEPT] = *r;
    b->deposited += r->type == EVENT_DEPOSITED;
    b->collected += r->type == EVENT_COLLECTED;
    for (int i = 0; i < RECORD_MAC; i++)
        b->trace = (b->trace ^ r->mac[i]) * 0x100000001B3u;
    return 0;
}

static int on_sync(void *arg)
{
    (void)arg;
    return 0;
}

static int on_pulse(void *arg, unsigned n)
{
    struct bank *b = arg;

    b->pulses++;
    b->pulsed = n;
    return 0;
}

static void on_result(void *arg, const struct core_result *r)
{
    (void)arg;
    (void)r;
}

static const struct core_out outputs = {on_record, on_sync, on_pulse, on_result};
static const struct grant_key key = {.id = "k", .key = {3, 1, 4, 1, 5}};

static void start(struct bank *b, unsigned number)
{
    struct core_setup s = {.locker = "L1",
                           .crypto = &sim_crypto,
                           .grant_keys = &key,
                           .grant_key_count = 1,
                           .places = b->places,
                           .count = DOORS,
                           .limits = core_limits_default,
                           .out = &outputs,
                           .arg = b};
    uint8_t secret[32] = {(uint8_t)number, (uint8_t)(number >> 8)};

    memset(b, 0, sizeof *b);
    for (int i = 0; i < DOORS; i++)
        b->places[i] = (struct core_place){.size = (uint8_t)(1 + i % 3), .domain = (uint8_t)(i / 16)};
    b->now = (struct core_time){1800000000000000, 1000000, 1800000000000000};
    keys_derive(&sim_crypto, secret, &s.keys);
    core_init(&b->core, &s);
    core_start(&b->core, &b->now, 1);
}

static void pass(struct bank *b, int64_t us)
{
    b->now.real += us;
    b->now.mono += us;
    b->now.business += us;
    core_tick(&b->core, &b->now);
}

static void sense(struct bank *b, unsigned n, enum axis_door door)
{
    for (int i = 0; i < 2; i++) {
        core_sense(&b->core, n, door, ITEM_UNKNOWN, &b->now);
        pass(b, 50000);
    }
}

/* The door is pulsed, opens, stands open for a while, is closed. */
static void visit(struct bank *b)
{
    unsigned n = b->pulsed;

    if (n == 0)
        return;
    b->pulsed = 0;
    sense(b, n, DOOR_CLOSED);
    core_pulse_done(&b->core, n, 1, &b->now);
    sense(b, n, DOOR_OPEN);
    for (int i = 0; i < 200; i++)
        pass(b, 50000);
    sense(b, n, DOOR_CLOSED);
    pass(b, 1000000);
}

static void deposit(struct bank *b, unsigned n)
{
    struct grant g = {.op = OP_OPEN_DEPOSIT,
                      .locker = "L1",
                      .key_id = "k",
                      .compartment = (uint16_t)n,
                      .nbf = b->now.real,
                      .exp = b->now.real + 60000000,
                      .value = b->now.business + 12 * 3600 * (int64_t)1000000};
    uint8_t sig[64] = {0};
    char text[GRANT_TEXT_MAX];
    unsigned opened;
    int len;

    b->serial++;
    memcpy(g.id + 8, &b->serial, 8);
    memcpy(g.ref + 8, &b->serial, 8);
    len = grant_encode(&g, text, sizeof text);
    sim_crypto.hmac(sig, key.key, (const uint8_t *)text, (size_t)len);
    len = grant_encode_signed(&g, sig, text, sizeof text);
    core_present(&b->core, text, (size_t)len, &b->now, &opened);
    visit(b);
}

static void collect(struct bank *b, unsigned n)
{
    char code[CODE_DIGITS + 1];
    unsigned opened;

    for (int i = 0; i < CORE_PARCELS; i++) {
        const struct core_parcel *p = &b->core.parcel[i];

        if (p->kind != PARCEL_DEPOSIT || p->compartment != n)
            continue;
        code_make(&sim_crypto, b->core.setup.keys.code, p->ref, p->counter, code);
        core_code(&b->core, code, CODE_DIGITS, &b->now, &opened);
        visit(b);
        return;
    }
}

static void one_day(struct bank *b, unsigned number)
{
    int64_t midnight = b->now.business;

    for (unsigned i = 0; i < 2 * PARCELS; i++) {
        unsigned hour = i < PARCELS ? 8 : 17, n = (i * 7 + number) % PARCELS + 1;
        int64_t at = midnight + ((int64_t)hour * 3600 + (int64_t)(i % PARCELS) * 240) * 1000000;

        while (b->now.business < at)
            pass(b, 10000000);
        if (i < PARCELS)
            deposit(b, n);
        else
            collect(b, n);
    }
    while (b->now.business < midnight + DAY_S * (int64_t)1000000)
        pass(b, 10000000);
}

void sim_day(unsigned lockers, unsigned days, struct sim_day_totals *ret)
{
    static struct bank b;

    memset(ret, 0, sizeof *ret);
    for (unsigned i = 0; i < lockers; i++) {
        start(&b, i);
        for (unsigned d = 0; d < days; d++)
            one_day(&b, i);
        ret->pulses += b.pulses;
        ret->deposits += b.deposited;
        ret->collections += b.collected;
        ret->trace = ret->trace * 31 + b.trace;
    }
}
