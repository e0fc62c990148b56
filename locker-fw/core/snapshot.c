#include "locker-fw/core/snapshot.h"

#include <string.h>

/* A cursor that either writes or reads, so that one description of the contents serves both. */
struct cursor {
    uint8_t *at;
    size_t len, cap;
    int reading, failed;
};

static void number(struct cursor *k, uint64_t *v, unsigned bytes)
{
    if (k->failed || k->cap - k->len < bytes) {
        k->failed = 1;
        return;
    }
    if (k->reading)
        *v = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (k->reading)
            *v |= (uint64_t)k->at[k->len + i] << (8 * i);
        else
            k->at[k->len + i] = (uint8_t)(*v >> (8 * i));
    }
    k->len += bytes;
}

static void bytes_of(struct cursor *k, uint8_t *v, size_t len)
{
    if (k->failed || k->cap - k->len < len) {
        k->failed = 1;
        return;
    }
    if (k->reading)
        memcpy(v, k->at + k->len, len);
    else
        memcpy(k->at + k->len, v, len);
    k->len += len;
}

static uint64_t host_value(const void *field, unsigned size)
{
    uint8_t v8;
    uint16_t v16;
    uint32_t v32;
    uint64_t v64;

    switch (size) {
    case 1:
        memcpy(&v8, field, 1);
        return v8;
    case 2:
        memcpy(&v16, field, 2);
        return v16;
    case 4:
        memcpy(&v32, field, 4);
        return v32;
    default:
        memcpy(&v64, field, 8);
        return v64;
    }
}

static void set_host_value(void *field, unsigned size, uint64_t v)
{
    uint8_t v8 = (uint8_t)v;
    uint16_t v16 = (uint16_t)v;
    uint32_t v32 = (uint32_t)v;

    memcpy(field,
           size == 1   ? (void *)&v8
           : size == 2 ? (void *)&v16
           : size == 4 ? (void *)&v32
                       : (void *)&v,
           size);
}

static void integer(struct cursor *k, void *field, unsigned size)
{
    uint64_t v = host_value(field, size);

    number(k, &v, size);
    if (k->reading && !k->failed)
        set_host_value(field, size, v);
}

/* Passes a field of 1, 2, 4 or 8 bytes through the cursor. */
#define FIELD(k, field) integer(k, &(field), sizeof(field))

/* How many slots of a table are written, and on reading whether they fit. */
static unsigned slots(struct cursor *k, unsigned used, unsigned max)
{
    uint16_t n = (uint16_t)used;

    FIELD(k, n);
    if (n > max)
        k->failed = 1;
    return k->failed ? 0 : n;
}

static void compartments(struct cursor *k, struct core *c)
{
    unsigned n = slots(k, c->setup.count, CORE_DOORS);

    for (unsigned i = 0; i < n; i++) {
        struct core_compartment *m = &c->c[i];

        FIELD(k, m->state);
        FIELD(k, m->before);
        FIELD(k, m->flags);
        FIELD(k, m->door);
        FIELD(k, m->fails);
        if (m->state >= STATE_COUNT || m->before >= STATE_COUNT || m->door > DOOR_OPEN)
            k->failed = 1;
    }
}

static void parcel(struct cursor *k, struct core_parcel *p)
{
    bytes_of(k, p->ref, 16);
    FIELD(k, p->counter);
    FIELD(k, p->until);
    FIELD(k, p->tag);
    FIELD(k, p->compartment);
    FIELD(k, p->kind);
    FIELD(k, p->size);
    if (p->kind == PARCEL_NONE || p->kind > PARCEL_EXPECTED || p->compartment > CORE_DOORS)
        k->failed = 1;
}

static void parcels(struct cursor *k, struct core *c)
{
    unsigned used = 0, n;

    for (unsigned i = 0; i < CORE_PARCELS; i++)
        used += c->parcel[i].kind != PARCEL_NONE;
    n = slots(k, used, CORE_PARCELS);
    for (unsigned i = 0; i < (k->reading ? n : CORE_PARCELS); i++) {
        if (k->reading || c->parcel[i].kind != PARCEL_NONE)
            parcel(k, &c->parcel[i]);
    }
}

static void nonces(struct cursor *k, struct core *c)
{
    unsigned used = 0, n;

    for (unsigned i = 0; i < CORE_NONCES; i++)
        used += c->nonce[i].exp != 0;
    n = slots(k, used, CORE_NONCES);
    for (unsigned i = 0; i < (k->reading ? n : CORE_NONCES); i++) {
        if (!k->reading && c->nonce[i].exp == 0)
            continue;
        bytes_of(k, c->nonce[i].id, 8);
        FIELD(k, c->nonce[i].exp);
    }
}

static void opening(struct cursor *k, struct core_opening *o)
{
    FIELD(k, o->compartment);
    FIELD(k, o->stage);
    FIELD(k, o->op);
    FIELD(k, o->why);
    FIELD(k, o->reported);
    bytes_of(k, o->grant, 16);
    bytes_of(k, o->ref, 16);
    FIELD(k, o->deadline);
    if (o->compartment < 1 || o->compartment > CORE_DOORS || o->stage == OPENING_NONE ||
        o->stage > OPENING_OPEN || o->op >= OP_COUNT || o->why >= WHY_COUNT)
        k->failed = 1;
}

static void openings(struct cursor *k, struct core *c)
{
    unsigned used = 0, n;

    for (unsigned i = 0; i < CORE_OPENINGS; i++)
        used += c->opening[i].stage != OPENING_NONE;
    n = slots(k, used, CORE_OPENINGS);
    for (unsigned i = 0; i < (k->reading ? n : CORE_OPENINGS); i++) {
        if (k->reading || c->opening[i].stage != OPENING_NONE)
            opening(k, &c->opening[i]);
    }
}

static void contents(struct cursor *k, struct core *c)
{
    FIELD(k, c->boot);
    FIELD(k, c->seq);
    bytes_of(k, c->prev, RECORD_MAC);
    FIELD(k, c->lock.wrong);
    FIELD(k, c->lock.until);
    FIELD(k, c->high);
    FIELD(k, c->forgotten);
    FIELD(k, c->config_version);
    FIELD(k, c->firmware_version);
    compartments(k, c);
    parcels(k, c);
    nonces(k, c);
    openings(k, c);
}

int snapshot_save(const struct core *c, uint8_t *buffer, size_t cap)
{
    struct cursor k = {.at = buffer, .len = SNAPSHOT_HEAD, .cap = cap};
    size_t body;

    if (cap < SNAPSHOT_HEAD + 32)
        return -1;
    k.cap = cap - 32;
    contents(&k, (struct core *)(uintptr_t)c);
    if (k.failed)
        return -1;
    body = k.len - SNAPSHOT_HEAD + 32;
    memcpy(buffer, "YZS1", 4);
    for (int i = 0; i < 4; i++)
        buffer[4 + i] = (uint8_t)(body >> (8 * i));
    c->setup.crypto->hmac(buffer + k.len, c->setup.keys.chain, buffer, k.len);
    return (int)k.len + 32;
}

int snapshot_size(const uint8_t *head)
{
    uint32_t body =
        (uint32_t)head[4] | (uint32_t)head[5] << 8 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 24;

    if (memcmp(head, "YZS1", 4) != 0 || body < 32 || body > SNAPSHOT_MAX - SNAPSHOT_HEAD)
        return -1;
    return (int)body + SNAPSHOT_HEAD;
}

int snapshot_load(struct core *c, const uint8_t *bytes, size_t len)
{
    struct cursor k = {.at = (uint8_t *)(uintptr_t)bytes, .len = SNAPSHOT_HEAD, .reading = 1};
    uint8_t mac[32];

    if (len < SNAPSHOT_HEAD || snapshot_size(bytes) != (int)len)
        return -1;
    c->setup.crypto->hmac(mac, c->setup.keys.chain, bytes, len - 32);
    if (!core_equal(mac, bytes + len - 32, 32))
        return -1;
    k.cap = len - 32;
    contents(&k, c);
    if (!k.failed && k.len == k.cap)
        return 0;
    {
        struct core_setup setup = c->setup;

        core_init(c, &setup);
    }
    return -1;
}
