/* The two primitives the core needs, passed in: the host gives libsodium's, a microcontroller its own.
 * All functions are pure and may be called from any thread. */
#ifndef LOCKER_FW_CORE_CRYPTO_H
#define LOCKER_FW_CORE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

struct core_crypto {
    /* Ed25519 (RFC 8032): 0 when sig is the signature of msg[0..len) under the public key, else -1. */
    int (*verify)(const uint8_t sig[64], const uint8_t *msg, size_t len, const uint8_t key[32]);
    /* HMAC-SHA256 (RFC 2104, FIPS 180-4). */
    void (*hmac)(uint8_t ret_mac[32], const uint8_t key[32], const uint8_t *msg, size_t len);
};

/* 1 when equal; the time does not depend on where they differ. */
int core_equal(const uint8_t *a, const uint8_t *b, size_t len);

#endif
