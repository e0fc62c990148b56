#include "base/id.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

/* The next free stamp (milliseconds and twelve bits of their fraction) that is not before `wanted`. */
static uint64_t take_stamp(uint64_t wanted)
{
    static _Atomic uint64_t last;
    uint64_t had = atomic_load(&last), next;
    do
        next = wanted > had ? wanted : had + 1;
    while (!atomic_compare_exchange_weak(&last, &had, next));
    return next;
}

struct uuid uuid_v7(int64_t unix_us)
{
    struct uuid id;
    uint64_t us = (uint64_t)unix_us, stamp = take_stamp(us / 1000 << 12 | us % 1000 * 4096 / 1000);
    uint64_t ms = stamp >> 12;
    unsigned fraction = (unsigned)(stamp & 0xFFF);
    random_bytes(id.bytes, sizeof id.bytes);
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    id.bytes[6] = (uint8_t)(0x70 | fraction >> 8);
    id.bytes[7] = (uint8_t)fraction;
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3F));
    return id;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int uuid_parse(const char *text, struct uuid *ret)
{
    struct uuid id;
    int at = 0;
    if (!text || strlen(text) != 36)
        return -1;
    for (int i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-')
                return -1;
            continue;
        }
        int hi = nibble(text[i]), lo = nibble(text[i + 1]);
        if (hi < 0 || lo < 0)
            return -1;
        id.bytes[at++] = (uint8_t)(hi << 4 | lo);
        i++;
    }
    *ret = id;
    return 0;
}

void uuid_format(const struct uuid *id, char ret_text[UUID_TEXT_MAX])
{
    static const char hex[] = "0123456789abcdef";
    char *p = ret_text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = hex[id->bytes[i] >> 4];
        *p++ = hex[id->bytes[i] & 15];
    }
    *p = '\0';
}

void random_bytes(void *ret, size_t n)
{
    randombytes_buf(ret, n);
}
