#include "locker-fw/core/code.h"

#include <string.h>

enum { TRIES = 5 };

void code_make(const struct core_crypto *c, const uint8_t key[32], const uint8_t ref[16], uint32_t counter,
               char ret_code[CODE_DIGITS + 1])
{
    uint8_t msg[20], mac[32];
    uint32_t v;
    int at;

    memcpy(msg, ref, 16);
    for (int i = 0; i < 4; i++)
        msg[16 + i] = (uint8_t)(counter >> (24 - 8 * i));
    c->hmac(mac, key, msg, sizeof msg);
    at = mac[31] & 15;
    v = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 |
        mac[at + 3];
    for (int i = CODE_DIGITS - 1; i >= 0; i--) {
        ret_code[i] = (char)('0' + v % 10);
        v /= 10;
    }
    ret_code[CODE_DIGITS] = '\0';
}

int code_equal(const char *a, const char *b)
{
    return core_equal((const uint8_t *)a, (const uint8_t *)b, CODE_DIGITS);
}

int code_is(const char *s, size_t len)
{
    if (len != CODE_DIGITS)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return 0;
    }
    return 1;
}

int64_t code_lock_us(uint16_t wrong)
{
    static const int minutes[] = {1, 5, 15, 60, 240};
    unsigned round = wrong / TRIES;
    unsigned last = sizeof minutes / sizeof minutes[0];

    if (round == 0 || wrong % TRIES != 0)
        return 0;
    return (int64_t)minutes[(round < last ? round : last) - 1] * 60 * 1000000;
}
