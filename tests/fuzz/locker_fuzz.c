/* One libFuzzer target for each parser of the locker, chosen by -DFUZZ_<name>. Each also checks what must
 * hold of whatever was accepted. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "contrib/openlocker/bank.h"
#include "locker-fw/core/core.h"
#include "locker-fw/core/modbus.h"
#include "locker-fw/core/snapshot.h"
#include "locker-fw/port/message.h"
#include "locker-fw/port/profile_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifdef FUZZ_grant
/* What parses is canonical: it encodes to the same bytes. */
static void one(const uint8_t *data, size_t size)
{
    struct grant g;
    uint8_t sig[64];
    char again[GRANT_TEXT_MAX];

    if (grant_parse((const char *)data, size, &g, sig) < 0)
        return;
    if (grant_encode_signed(&g, sig, again, sizeof again) != (int)size || memcmp(again, data, size) != 0)
        abort();
}
#endif

#ifdef FUZZ_receipt
static void fake_mac(uint8_t ret[32], const uint8_t key[32], const uint8_t *msg, size_t len)
{
    memset(ret, (int)len, 32);
    ret[0] = key[0] ^ (len ? msg[len - 1] : 0);
}

static void one(const uint8_t *data, size_t size)
{
    static const struct core_crypto crypto = {NULL, fake_mac};
    static const uint8_t key[32];
    struct receipt r;
    char again[RECEIPT_TEXT_MAX];

    receipt_holds(&crypto, key, (const char *)data, size);
    if (receipt_parse((const char *)data, size, &r) == 0 &&
        receipt_encode(&crypto, key, &r, again, sizeof again) < 0)
        abort();
}
#endif

#ifdef FUZZ_record
/* What reads writes back the same. */
static void one(const uint8_t *data, size_t size)
{
    struct record r;
    uint8_t again[RECORD_SIZE];

    if (size != RECORD_SIZE || record_read(data, &r) < 0)
        return;
    record_write(&r, again);
    if (memcmp(again, data, RECORD_SIZE) != 0)
        abort();
}
#endif

#ifdef FUZZ_snapshot
static void no_mac(uint8_t ret[32], const uint8_t key[32], const uint8_t *msg, size_t len)
{
    (void)key;
    (void)msg;
    (void)len;
    memset(ret, 0, 32);
}

/* The mac is given, so that the contents are reached. */
static void one(const uint8_t *data, size_t size)
{
    static const struct core_crypto crypto = {NULL, no_mac};
    static const struct core_place places[CORE_DOORS];
    static struct core c;
    struct core_setup s = {.crypto = &crypto, .places = places, .count = CORE_DOORS};
    size_t whole = SNAPSHOT_HEAD + size + 32;
    uint8_t *bytes = calloc(1, whole);

    memcpy(bytes, "YZS1", 4);
    for (int i = 0; i < 4; i++)
        bytes[4 + i] = (uint8_t)((size + 32) >> (8 * i));
    memcpy(bytes + SNAPSHOT_HEAD, data, size);
    core_init(&c, &s);
    snapshot_load(&c, bytes, whole);
    free(bytes);
}
#endif

#ifdef FUZZ_frame
/* An answer that is believed never reads beyond its bytes (the sanitizer looks), and only answers its
 * request. */
static void one(const uint8_t *data, size_t size)
{
    struct modbus_pdu request;
    const uint8_t *pdu;
    uint8_t unit;
    size_t len;
    uint8_t *copy;

    if (size < 6)
        return;
    modbus_rtu_request_size(data, size);
    modbus_tcp_size(data, size);
    modbus_rtu_parse(data, size, &unit, &pdu, &len);
    if (modbus_read(&request, (uint8_t)(data[0] % 6), data[1], (uint16_t)(data[2] << 8 | data[3])) < 0 &&
        modbus_write(&request, data[0] % 2 ? 5 : 6, data[1], data[2]) < 0)
        return;
    copy = malloc(size - 4);
    memcpy(copy, data + 4, size - 4);
    if (modbus_answers(&request, copy, size - 4) == MODBUS_OK && request.bytes[0] <= FC_READ_DISCRETE) {
        unsigned count = (unsigned)(request.bytes[3] << 8 | request.bytes[4]);

        modbus_bit(copy, count - 1);
    }
    free(copy);
}
#endif

#ifdef FUZZ_profile
/* A profile that is accepted cannot be made to send what it forbids, nor to hold a coil too long. */
static void one(const uint8_t *data, size_t size)
{
    struct profile_step steps[PULSE_STEPS];
    struct profile p;
    struct error err;
    char *text = malloc(size + 1);
    int n;

    memcpy(text, data, size);
    text[size] = '\0';
    if (profile_parse(text, "fuzz", &p, &err) == 0) {
        for (unsigned d = 1; d <= p.doors; d++) {
            n = profile_pulse(&p, d, steps);
            for (int i = 0; i < n; i++) {
                if (profile_forbids(&p, p.unit, &steps[i].pdu) || steps[i].wait_ms > PULSE_MS_MAX)
                    abort();
            }
        }
    }
    free(text);
}
#endif

#ifdef FUZZ_input
/* An input that is accepted is one that the interpreter can read. */
static void one(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"tamper", "mains", "temperature", "door"};
    struct profile p = {.temperature_scale = 1};
    struct modbus_pdu pdu;
    char *text;

    if (size < 1)
        return;
    text = strndup((const char *)data + 1, size - 1);
    if (profile_add_input(&p, names[data[0] % 4], text) == 0) {
        const struct profile_input *in = data[0] % 4 == 0   ? &p.tamper
                                         : data[0] % 4 == 1 ? &p.mains
                                                            : &p.temperature;

        if (data[0] % 4 == 3 || profile_read(&p, in, 1, &pdu) < 0)
            abort();
    }
    free(text);
}
#endif

#ifdef FUZZ_neighbour
/* Whatever a neighbour says: texts end, doors are doors. */
static void one(const uint8_t *data, size_t size)
{
    struct payload_response r = {0};
    uint8_t door[PAYLOAD_DOORS] = {0};
    char word[PAYLOAD_WORD_MAX] = "";
    const char *s = (const char *)data;
    struct error err;
    unsigned others;
    int64_t up = 0;

    if (payload_read_response(s, size, &r, &err) == 0) {
        if (!memchr(r.code, 0, sizeof r.code) || !memchr(r.action, 0, sizeof r.action) ||
            (!r.success && !r.code[0]))
            abort();
        payload_pulse_of(r.code);
    }
    if (payload_read_snapshot(s, size, door, &others, &err) == 0) {
        for (int i = 0; i < PAYLOAD_DOORS; i++) {
            if (door[i] > PAYLOAD_UNKNOWN)
                abort();
        }
    }
    if ((payload_read_heartbeat(s, size, &up, &err) == 0 && up < 0) ||
        (payload_read_connection(s, size, word, &err) == 0 && !word[0]) ||
        (payload_read_event(s, size, word, &err) == 0 && !word[0]))
        abort();
}
#endif

#ifdef FUZZ_bank
/* A bank that is accepted has compartments 1..n, each on a relay of its own. */
static void one(const uint8_t *data, size_t size)
{
    static struct bank b;
    char path[64];
    struct error err;
    int fd = memfd_create("bank", 0);

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (write(fd, data, size) != (ssize_t)size)
        abort();
    if (bank_load(&b, path, "x", &err) == 0) {
        if (b.wiring.count == 0 || b.wiring.count > CORE_DOORS || b.wiring.boards > CORE_BOARDS)
            abort();
        for (unsigned n = 1; n <= b.wiring.count; n++) {
            if (b.place[n - 1].compartment != n || b.wiring.places[n - 1].board >= b.wiring.boards)
                abort();
        }
    }
    close(fd);
}
#endif

#ifdef FUZZ_command
static void one(const uint8_t *data, size_t size)
{
    struct grant g;
    uint8_t sig[64], mac[RECORD_MAC];
    uint32_t boot, upto;
    struct error err;
    char text[GRANT_TEXT_MAX];
    static struct signed_notice notice;

    if (message_read_command((const char *)data, size, &g, sig, &err) == 0)
        grant_encode(&g, text, sizeof text);
    message_read_ack((const char *)data, size, &boot, &upto, mac, &err);
    message_read_config((const char *)data, size, "L1", &notice, &err);
    message_read_firmware((const char *)data, size, "L1", &notice, &err);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    one(data, size);
    return 0;
}
