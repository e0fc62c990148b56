#include "daemon/io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const struct block4 {
    uint32_t net;
    int bits;
} special4[] = {
    {0x00000000, 8},  /* this network */
    {0x0A000000, 8},  /* private */
    {0x64400000, 10}, /* shared, RFC 6598 */
    {0x7F000000, 8},  /* loopback */
    {0xA9FE0000, 16}, /* link-local */
    {0xAC100000, 12}, /* private */
    {0xC0000000, 24}, /* protocol assignments */
    {0xC0000200, 24}, /* TEST-NET-1 */
    {0xC0586300, 24}, /* 6to4 relays */
    {0xC0A80000, 16}, /* private */
    {0xC6120000, 15}, /* benchmarking */
    {0xC6336400, 24}, /* TEST-NET-2 */
    {0xCB007100, 24}, /* TEST-NET-3 */
    {0xE0000000, 3},  /* multicast, reserved, broadcast */
};

static const struct block6 {
    uint8_t net[4];
    int bits;
} special6[] = {
    {{0x01, 0x00, 0x00, 0x00}, 8},  /* discard-only and what surrounds it */
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocol assignments, Teredo, ORCHID */
    {{0x20, 0x01, 0x0D, 0xB8}, 32}, /* documentation */
    {{0x3F, 0xFF, 0x00, 0x00}, 20}, /* documentation */
    {{0xFC, 0x00, 0x00, 0x00}, 7},  /* unique local */
    {{0xFE, 0x80, 0x00, 0x00}, 10}, /* link-local */
    {{0xFE, 0xC0, 0x00, 0x00}, 10}, /* site-local */
    {{0xFF, 0x00, 0x00, 0x00}, 8},  /* multicast */
};

static uint32_t word_at(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool in_block(uint32_t a, uint32_t net, int bits)
{
    return (a ^ net) >> (32 - bits) == 0;
}

static bool public4(uint32_t a)
{
    for (size_t i = 0; i < sizeof special4 / sizeof special4[0]; i++)
        if (in_block(a, special4[i].net, special4[i].bits))
            return false;
    return true;
}

static bool public6(const uint8_t a[16])
{
    static const uint8_t zero[12] = {0}, mapped[12] = {[10] = 0xFF, [11] = 0xFF},
                         nat64[12] = {0, 0x64, 0xFF, 0x9B};
    if (!memcmp(a, zero, 12) || !memcmp(a, mapped, 12) || !memcmp(a, nat64, 12))
        return public4(word_at(a + 12)); /* ::, ::1 are 0.0.0.0, 0.0.0.1 here: not public either */
    if (a[0] == 0x20 && a[1] == 0x02)
        return public4(word_at(a + 2));
    for (size_t i = 0; i < sizeof special6 / sizeof special6[0]; i++)
        if (in_block(word_at(a), word_at(special6[i].net), special6[i].bits))
            return false;
    return a[0] >= 0x20 && a[0] < 0x40; /* global unicast */
}

bool address_is_public(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET)
        return public4(ntohl(((const struct sockaddr_in *)(const void *)sa)->sin_addr.s_addr));
    if (sa->sa_family == AF_INET6)
        return public6(((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr.s6_addr);
    return false;
}
