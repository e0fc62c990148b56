/* libsodium under the names this house uses. Call crypto_init once before anything else. Functions are safe
 * on any thread; crypto_password_* take tens of milliseconds and belong on a worker. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRYPTO_PASSWORD_HASH_MAX = 128, CRYPTO_TOKEN_MAX = 44, CRYPTO_SIGNATURE = 64 };

/* Ends the program when libsodium cannot start. */
void crypto_init(void);

/* A signing key, kept in memory that is locked and wiped. The file holds the 32-byte seed as 64 hex digits
 * and must not be readable by group or others. */
struct crypto_signer;
struct crypto_signer *crypto_signer_load(const char *path, struct error *err);
void crypto_signer_free(struct crypto_signer *s);
const uint8_t *crypto_signer_public(const struct crypto_signer *s); /* 32 bytes */
void crypto_signer_sign(const struct crypto_signer *s, const void *msg, size_t len,
                        uint8_t ret_sig[CRYPTO_SIGNATURE]);
/* 0 or -1. */
int crypto_verify(const uint8_t sig[CRYPTO_SIGNATURE], const uint8_t *msg, size_t len, const uint8_t key[32]);

/* Reads a 32-byte secret (64 hex digits) from a file with the same demands. */
int crypto_secret_load(const char *path, uint8_t ret_secret[32], struct error *err);

void crypto_hmac(uint8_t ret_mac[32], const uint8_t key[32], const uint8_t *msg, size_t len);
/* HMAC-SHA256 with a key of any length. */
void crypto_hmac_key(uint8_t ret_mac[32], const void *key, size_t key_len, const void *msg, size_t len);
void crypto_sha256(uint8_t ret_hash[32], const void *msg, size_t len);

/* In constant time. */
bool crypto_equal(const void *a, const void *b, size_t len);

/* An opaque token of 256 random bits, base64url. It is stored as its SHA-256 only. */
void crypto_token(char ret_token[CRYPTO_TOKEN_MAX]);

/* argon2id, interactive limits. */
int crypto_password_hash(const char *password, char ret_hash[CRYPTO_PASSWORD_HASH_MAX]);
bool crypto_password_holds(const char *hash, const char *password);

/* Base64, standard alphabet with padding; `room` of at least 4 × ⌈len/3⌉ + 1. */
void crypto_base64(const void *bytes, size_t len, char *ret_text, size_t room);

#endif
