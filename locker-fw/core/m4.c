/* The core on a Cortex-M4 with a scripted board, under qemu's semihosting: one deposit, one collection by
 * code, a replayed grant, a power cut between intent and result. Exit status 0 when every step went as it
 * must. The primitives here are stand-ins: on a real part they come from its crypto library. */
#include <stdint.h>
#include <string.h>

#include "locker-fw/core/core.h"
#include "locker-fw/core/text.h"

enum { DOORS = CORE_DOORS, RECORDS = 64 };

static struct core core;
static struct core_place places[DOORS];
static struct record journal[RECORDS];
static unsigned appended, pulses;
static const struct grant_key key = {.id = "k"};
static struct core_time now = {1800000000000000, 1000000, 1800000000000000};

static long semihost(long op, const void *arg)
{
    register long r0 __asm__("r0") = op;
    register const void *r1 __asm__("r1") = arg;

    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void say(const char *s)
{
    semihost(0x04, s); /* SYS_WRITE0 */
}

static void leave(int good)
{
    const long block[2] = {0x20026, !good}; /* ADP_Stopped_ApplicationExit */

    say(good ? "locker core on cortex-m4: all steps as they must\n" : "locker core on cortex-m4: FAILED\n");
    semihost(0x20, block); /* SYS_EXIT_EXTENDED */
    for (;;)
        ;
}

static void check(int good, const char *what)
{
    if (good)
        return;
    say(what);
    say("\n");
    leave(0);
}

static void stand_in_mac(uint8_t ret[32], const uint8_t secret[32], const uint8_t *msg, size_t len)
{
    uint32_t h = 2166136261u;

    for (int i = 0; i < 32; i++) {
        h = (h ^ secret[i]) * 16777619u;
        for (size_t k = 0; k < len; k++)
            h = (h ^ msg[k]) * 16777619u;
        ret[i] = (uint8_t)(h >> 13);
    }
}

static int stand_in_verify(const uint8_t sig[64], const uint8_t *msg, size_t len, const uint8_t k[32])
{
    uint8_t mac[32];

    stand_in_mac(mac, k, msg, len);
    return memcmp(mac, sig, 32) == 0 ? 0 : -1;
}

static const struct core_crypto crypto = {stand_in_verify, stand_in_mac};

static int on_record(void *arg, const struct record *r)
{
    (void)arg;
    if (appended == RECORDS)
        return -1;
    journal[appended++] = *r;
    return 0;
}

static int on_sync(void *arg)
{
    (void)arg;
    return 0;
}

static int on_pulse(void *arg, unsigned n)
{
    (void)arg;
    (void)n;
    pulses++;
    return 0;
}

static void on_result(void *arg, const struct core_result *r)
{
    (void)arg;
    (void)r;
}

static const struct core_out out = {on_record, on_sync, on_pulse, on_result};

static void boot(void)
{
    static struct core_setup s;
    static const uint8_t secret[32] = {1};

    s.crypto = &crypto;
    s.grant_keys = &key;
    s.grant_key_count = 1;
    s.places = places;
    s.count = DOORS;
    s.limits = core_limits_default;
    s.out = &out;
    memcpy(s.locker, "L1", 3);
    keys_derive(&crypto, secret, &s.keys);
    core_init(&core, &s);
    for (unsigned i = 0; i < appended; i++)
        check(core_replay(&core, &journal[i]) == 0, "replay");
    check(core_start(&core, &now, 1) == 0, "start");
}

static void pass(unsigned ms)
{
    now.real += (int64_t)ms * 1000;
    now.mono += (int64_t)ms * 1000;
    now.business += (int64_t)ms * 1000;
    core_tick(&core, &now);
}

static void door(unsigned n, int open)
{
    for (int i = 0; i < 2; i++)
        core_sense(&core, n, open ? DOOR_OPEN : DOOR_CLOSED, ITEM_UNKNOWN, &now);
}

static enum why present(uint8_t id, unsigned n)
{
    struct grant g = {.op = OP_OPEN_DEPOSIT,
                      .locker = "L1",
                      .key_id = "k",
                      .compartment = (uint16_t)n,
                      .nbf = 1800000000000000,
                      .exp = 1800000000000000 + 3600000000LL};
    char text[GRANT_TEXT_MAX];
    uint8_t sig[64] = {0};
    unsigned opened;
    int len;

    memset(g.id, id, 16);
    memset(g.ref, id, 16);
    len = grant_encode(&g, text, sizeof text);
    stand_in_mac(sig, key.key, (const uint8_t *)text, (size_t)len);
    len = grant_encode_signed(&g, sig, text, sizeof text);
    return core_present(&core, text, (size_t)len, &now, &opened);
}

int main(void);
int main(void)
{
    char code[CODE_DIGITS + 1];
    uint8_t ref[16];
    unsigned n = 0;

    for (unsigned i = 0; i < DOORS; i++)
        places[i].size = 2;
    boot();
    door(128, 0);
    check(present(7, 128) == WHY_NONE && pulses == 1, "a signed grant opens");
    core_pulse_done(&core, 128, 1, &now);
    door(128, 1);
    pass(500);
    door(128, 0);
    check(core.c[127].state == STATE_OCCUPIED, "closed: occupied");
    check(present(7, 128) == WHY_REPLAYED, "the grant is used up");
    boot();
    check(present(7, 128) == WHY_REPLAYED, "also after a restart");
    memset(ref, 7, 16);
    code_make(&crypto, core.setup.keys.code, ref, 0, code);
    pass(1000);
    check(core_code(&core, code, CODE_DIGITS, &now, &n) == WHY_NONE && n == 128 && pulses == 2,
          "the code opens");
    boot();
    pass(60000);
    check(core.c[127].state == STATE_UNCERTAIN && pulses == 2,
          "an intent without a result is not pulsed again");
    leave(1);
    return 0;
}

/* ---- start-up code ---- */

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;
void reset(void);
void reset(void)
{
    memcpy(&data_start, &data_load, (uintptr_t)&data_end - (uintptr_t)&data_start);
    memset(&bss_start, 0, (uintptr_t)&bss_end - (uintptr_t)&bss_start);
    main();
}

__attribute__((section(".vectors"), used)) static const void *const vectors[2] = {
    &stack_top, (const void *)(uintptr_t)reset};
