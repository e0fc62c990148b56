#include "locker-fw/core/keys.h"

#include "locker-fw/core/text.h"

int core_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
    volatile uint8_t differ = 0;

    for (size_t i = 0; i < len; i++)
        differ |= a[i] ^ b[i];
    return differ == 0;
}

void keys_locker(const struct core_crypto *c, const uint8_t master[32], const char *locker, uint32_t epoch,
                 uint8_t ret_secret[32])
{
    char buffer[96];
    struct text t;

    text_init(&t, buffer, sizeof buffer);
    text_str(&t, "yizhan/locker/1|");
    text_str(&t, locker);
    text_char(&t, '|');
    text_int(&t, epoch);
    c->hmac(ret_secret, master, (const uint8_t *)buffer, t.len);
}

void keys_derive(const struct core_crypto *c, const uint8_t secret[32], struct locker_keys *ret_keys)
{
    c->hmac(ret_keys->code, secret, (const uint8_t *)"code", 4);
    c->hmac(ret_keys->chain, secret, (const uint8_t *)"chain", 5);
    c->hmac(ret_keys->receipt, secret, (const uint8_t *)"receipt", 7);
    c->hmac(ret_keys->ack, secret, (const uint8_t *)"ack", 3);
}
