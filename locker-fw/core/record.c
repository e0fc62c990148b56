#include "locker-fw/core/record.h"

#include <string.h>

#include "locker-fw/core/text.h"

static void put(uint8_t *at, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *at, int bytes)
{
    uint64_t v = 0;

    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | at[i];
    return v;
}

void record_write(const struct record *r, uint8_t ret_bytes[RECORD_SIZE])
{
    uint8_t *b = ret_bytes;

    b[0] = 'Y';
    b[1] = 'J';
    b[2] = r->type;
    b[3] = r->op;
    b[4] = r->why;
    b[5] = r->extra;
    put(b + 6, r->compartment, 2);
    put(b + 8, r->boot, 4);
    put(b + 12, r->seq, 4);
    put(b + 16, (uint64_t)r->at, 8);
    put(b + 24, (uint64_t)r->rt, 8);
    memcpy(b + 32, r->ref, 16);
    memcpy(b + 48, r->grant, 16);
    put(b + 64, (uint64_t)r->value, 8);
    put(b + 72, r->tag, 4);
    memcpy(b + RECORD_MACED, r->mac, RECORD_MAC);
}

int record_read(const uint8_t bytes[RECORD_SIZE], struct record *ret_record)
{
    const uint8_t *b = bytes;
    struct record r = {.type = b[2], .op = b[3], .why = b[4], .extra = b[5]};

    if (b[0] != 'Y' || b[1] != 'J' || r.type == EVENT_NONE || r.type >= EVENT_COUNT || r.op >= OP_COUNT ||
        r.why >= WHY_COUNT)
        return -1;
    r.compartment = (uint16_t)get(b + 6, 2);
    r.boot = (uint32_t)get(b + 8, 4);
    r.seq = (uint32_t)get(b + 12, 4);
    r.at = (int64_t)get(b + 16, 8);
    r.rt = (int64_t)get(b + 24, 8);
    memcpy(r.ref, b + 32, 16);
    memcpy(r.grant, b + 48, 16);
    r.value = (int64_t)get(b + 64, 8);
    r.tag = (uint32_t)get(b + 72, 4);
    memcpy(r.mac, b + RECORD_MACED, RECORD_MAC);
    *ret_record = r;
    return 0;
}

static void chain_mac(const struct core_crypto *c, const uint8_t key[32], const uint8_t prev[RECORD_MAC],
                      const struct record *r, uint8_t ret_mac[RECORD_MAC])
{
    uint8_t bytes[RECORD_SIZE], msg[RECORD_MAC + RECORD_MACED], mac[32];

    record_write(r, bytes);
    memcpy(msg, prev, RECORD_MAC);
    memcpy(msg + RECORD_MAC, bytes, RECORD_MACED);
    c->hmac(mac, key, msg, sizeof msg);
    memcpy(ret_mac, mac, RECORD_MAC);
}

void record_seal(const struct core_crypto *c, const uint8_t key[32], const uint8_t prev[RECORD_MAC],
                 struct record *r)
{
    chain_mac(c, key, prev, r, r->mac);
}

int record_holds(const struct core_crypto *c, const uint8_t key[32], const uint8_t prev[RECORD_MAC],
                 const struct record *r)
{
    uint8_t mac[RECORD_MAC];

    chain_mac(c, key, prev, r, mac);
    return core_equal(mac, r->mac, RECORD_MAC);
}

void record_ack_mac(const struct core_crypto *c, const uint8_t key[32], const char *locker, uint32_t boot,
                    uint32_t upto, uint8_t ret_mac[RECORD_MAC])
{
    char buffer[96];
    uint8_t mac[32];
    struct text t;

    text_init(&t, buffer, sizeof buffer);
    text_str(&t, "YZA1|");
    text_str(&t, locker);
    text_char(&t, '|');
    text_int(&t, boot);
    text_char(&t, '|');
    text_int(&t, upto);
    c->hmac(mac, key, (const uint8_t *)buffer, t.len);
    memcpy(ret_mac, mac, RECORD_MAC);
}

int receipt_encode(const struct core_crypto *c, const uint8_t key[32], const struct receipt *r, char *buffer,
                   size_t cap)
{
    uint8_t mac[32];
    struct text t;

    text_init(&t, buffer, cap);
    text_str(&t, "YZR1|");
    text_str(&t, r->locker);
    text_char(&t, '|');
    text_int(&t, r->boot);
    text_char(&t, '|');
    text_int(&t, r->seq);
    text_char(&t, '|');
    text_int(&t, r->at);
    text_char(&t, '|');
    text_int(&t, r->compartment);
    text_char(&t, '|');
    text_uuid(&t, r->ref);
    text_char(&t, '|');
    text_uuid(&t, r->grant);
    text_char(&t, '|');
    text_int(&t, r->counter);
    c->hmac(mac, key, (const uint8_t *)buffer, t.len);
    text_char(&t, '|');
    text_hex(&t, mac, RECORD_MAC);
    return t.failed ? -1 : (int)t.len;
}

static int read_bounded(const struct text_piece *p, int64_t max, int64_t *ret_v)
{
    int64_t v;

    if (text_read_int(p->at, p->len, &v) < 0 || v < 0 || v > max)
        return -1;
    *ret_v = v;
    return 0;
}

int receipt_parse(const char *s, size_t len, struct receipt *ret_receipt)
{
    struct text_piece f[10];
    struct receipt r = {0};
    int64_t v[4];

    if (len >= RECEIPT_TEXT_MAX || text_split(s, len, f, 10) != 10 || f[0].len != 4 ||
        memcmp(f[0].at, "YZR1", 4) != 0 || !text_is_name(f[1].at, f[1].len, sizeof r.locker - 1))
        return -1;
    if (read_bounded(&f[2], UINT32_MAX, &v[0]) < 0 || read_bounded(&f[3], UINT32_MAX, &v[1]) < 0 ||
        read_bounded(&f[4], INT64_MAX, &r.at) < 0 || read_bounded(&f[5], UINT16_MAX, &v[2]) < 0 ||
        read_bounded(&f[8], UINT32_MAX, &v[3]) < 0)
        return -1;
    if (text_read_uuid(f[6].at, f[6].len, r.ref) < 0 || text_read_uuid(f[7].at, f[7].len, r.grant) < 0 ||
        f[9].len != 2 * RECORD_MAC)
        return -1;
    memcpy(r.locker, f[1].at, f[1].len);
    r.boot = (uint32_t)v[0];
    r.seq = (uint32_t)v[1];
    r.compartment = (uint16_t)v[2];
    r.counter = (uint32_t)v[3];
    *ret_receipt = r;
    return 0;
}

int receipt_holds(const struct core_crypto *c, const uint8_t key[32], const char *s, size_t len)
{
    uint8_t mac[32], claimed[RECORD_MAC];
    size_t body = len - 2 * RECORD_MAC - 1;

    if (len < 2 * RECORD_MAC + 1 || s[body] != '|' ||
        text_read_hex(s + body + 1, 2 * RECORD_MAC, claimed, RECORD_MAC) < 0)
        return 0;
    c->hmac(mac, key, (const uint8_t *)s, body);
    return core_equal(mac, claimed, RECORD_MAC);
}
