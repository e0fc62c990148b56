#include "locker-fw/core/testbox.h"

#include <sodium.h>
#include <string.h>

#include "base/crypto.h"
#include "locker-fw/port/crypto.h"

static int on_record(void *arg, const struct record *r)
{
    struct testbox *t = arg;

    if (t->fail_record || t->count == TESTBOX_RECORDS)
        return -1;
    t->records[t->count++] = *r;
    return 0;
}

static int on_sync(void *arg)
{
    struct testbox *t = arg;

    if (t->fail_sync)
        return -1;
    t->synced = t->count;
    return 0;
}

static int on_pulse(void *arg, unsigned compartment)
{
    struct testbox *t = arg;

    if (t->fail_pulse)
        return -1;
    t->pulses[compartment]++;
    t->pulse_total++;
    return 0;
}

static void on_result(void *arg, const struct core_result *r)
{
    struct testbox *t = arg;

    t->last = *r;
    t->results++;
}

static const struct core_out out = {on_record, on_sync, on_pulse, on_result};

static void setup_core(struct testbox *t)
{
    struct core_setup s = {.locker = "JN-01-001",
                           .crypto = &crypto_host,
                           .grant_keys = &t->key,
                           .grant_key_count = 1,
                           .places = t->places,
                           .count = TESTBOX_DOORS,
                           .limits = core_limits_default,
                           .out = &out,
                           .arg = t};
    static const uint8_t secret[32] = {7};

    s.limits.quota = 3;
    keys_derive(&crypto_host, secret, &s.keys);
    core_init(&t->core, &s);
}

static void begin(struct testbox *t)
{
    core_start(&t->core, &t->now, 1);
    core_session(&t->core, 0x1234567890abcdefu + (uint64_t)t->now.mono, &t->now);
    t->seq = 0;
}

void testbox_init(struct testbox *t, int item_sensors)
{
    uint8_t seed[32] = {1};

    memset(t, 0, sizeof *t);
    crypto_init();
    crypto_sign_seed_keypair(t->key.key, t->secret, seed);
    strcpy(t->key.id, "k1");
    t->now = (struct core_time){1800000000000000, 5000000, 1800000000000000};
    for (int i = 0; i < TESTBOX_DOORS; i++)
        t->places[i] =
            (struct core_place){(uint8_t)(1 + i / 2), (uint8_t)(i / 4), (uint8_t)(i / 4), item_sensors != 0};
    setup_core(t);
    begin(t);
    for (unsigned n = 1; n <= TESTBOX_DOORS; n++)
        testbox_door(t, n, 0, item_sensors ? ITEM_EMPTY : ITEM_UNKNOWN);
}

void testbox_restart(struct testbox *t)
{
    t->count = t->synced;
    setup_core(t);
    for (unsigned i = 0; i < t->count; i++) {
        if (core_replay(&t->core, &t->records[i]) < 0)
            return;
    }
    t->now.mono += 1000000;
    begin(t);
}

void testbox_pass(struct testbox *t, unsigned ms)
{
    while (ms > 0) {
        unsigned step = ms < 50 ? ms : 50;

        t->now.real += (int64_t)step * 1000;
        t->now.mono += (int64_t)step * 1000;
        t->now.business += (int64_t)step * 1000;
        core_tick(&t->core, &t->now);
        on_sync(t);
        ms -= step;
    }
}

struct grant testbox_grant(struct testbox *t, uint8_t op, unsigned compartment, uint8_t ref, int offline)
{
    struct grant g = {.op = op,
                      .locker = "JN-01-001",
                      .key_id = "k1",
                      .sess = offline ? 0 : t->core.sess,
                      .seq = offline ? 0 : ++t->seq,
                      .compartment = (uint16_t)compartment,
                      .nbf = t->now.real,
                      .exp = t->now.real + (offline ? 3600000000 : 5000000)};

    randombytes_buf_deterministic(g.id, 16,
                                  (const uint8_t[32]){(uint8_t)t->count, (uint8_t)(t->count >> 8), op,
                                                      (uint8_t)compartment, ref, (uint8_t)t->seq});
    if (ref) {
        memset(g.ref, 0xAA, 16);
        g.ref[15] = ref;
    }
    return g;
}

void testbox_sign(const struct testbox *t, const struct grant *g, uint8_t ret_sig[64])
{
    char text[GRANT_TEXT_MAX];
    int len = grant_encode(g, text, sizeof text);

    crypto_sign_detached(ret_sig, NULL, (const uint8_t *)text, len < 0 ? 0 : (unsigned)len, t->secret);
}

enum why testbox_command(struct testbox *t, uint8_t op, unsigned compartment, uint8_t ref, int64_t value)
{
    struct grant g = testbox_grant(t, op, compartment, ref, 0);
    uint8_t sig[64];

    g.value = value;
    testbox_sign(t, &g, sig);
    return core_command(&t->core, &g, sig, 0, &t->now);
}

enum why testbox_present(struct testbox *t, const struct grant *g, unsigned *ret_compartment)
{
    char text[GRANT_TEXT_MAX];
    uint8_t sig[64];
    int len;

    testbox_sign(t, g, sig);
    len = grant_encode_signed(g, sig, text, sizeof text);
    return core_present(&t->core, text, len < 0 ? 0 : (size_t)len, &t->now, ret_compartment);
}

void testbox_door(struct testbox *t, unsigned compartment, int open, enum axis_item item)
{
    for (int i = 0; i < 2; i++)
        core_sense(&t->core, compartment, open ? DOOR_OPEN : DOOR_CLOSED, item, &t->now);
}

void testbox_visit(struct testbox *t, unsigned compartment, enum axis_item item)
{
    core_pulse_done(&t->core, compartment, 1, &t->now);
    testbox_door(t, compartment, 1, item);
    testbox_pass(t, 500);
    testbox_door(t, compartment, 0, item);
    testbox_pass(t, 500);
}

unsigned testbox_seen(const struct testbox *t, uint8_t type)
{
    unsigned n = 0;

    for (unsigned i = 0; i < t->count; i++)
        n += t->records[i].type == type;
    return n;
}

void testbox_code(struct testbox *t, uint8_t ref, uint32_t counter, char ret_code[CODE_DIGITS + 1])
{
    uint8_t id[16];

    memset(id, 0xAA, 16);
    id[15] = ref;
    code_make(&crypto_host, t->core.setup.keys.code, id, counter, ret_code);
}
