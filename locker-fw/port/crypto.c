#include "locker-fw/port/crypto.h"

#include <sodium.h>

static int verify(const uint8_t sig[64], const uint8_t *msg, size_t len, const uint8_t key[32])
{
    return crypto_sign_verify_detached(sig, msg, len, key);
}

static void hmac(uint8_t ret_mac[32], const uint8_t key[32], const uint8_t *msg, size_t len)
{
    crypto_auth_hmacsha256(ret_mac, msg, len, key);
}

const struct core_crypto crypto_sodium = {verify, hmac};
