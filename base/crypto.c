#include "base/crypto.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct crypto_signer {
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
};

void crypto_init(void)
{
    if (sodium_init() < 0)
        log_fatal("libsodium cannot start");
}

static int read_private(const char *path, char *ret_text, size_t room, struct error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st)) {
        if (fd >= 0)
            close(fd);
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    }
    ssize_t n = read(fd, ret_text, room - 1);
    close(fd);
    if (st.st_mode & 077)
        return error_set(err, EPERM, "%s: readable by others; it must be mode 0600 or less", path);
    if (n < 0)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    ret_text[n] = '\0';
    return 0;
}

int crypto_secret_load(const char *path, uint8_t ret_secret[32], struct error *err)
{
    char text[80];
    size_t n = 0;
    const char *end;
    if (read_private(path, text, sizeof text, err))
        return -1;
    int rc = sodium_hex2bin(ret_secret, 32, text, strcspn(text, "\r\n"), NULL, &n, &end);
    sodium_memzero(text, sizeof text);
    if (rc || n != 32)
        return error_set(err, EINVAL, "%s: must hold 64 hex digits", path);
    return 0;
}

struct crypto_signer *crypto_signer_load(const char *path, struct error *err)
{
    uint8_t seed[32];
    if (crypto_secret_load(path, seed, err))
        return NULL;
    struct crypto_signer *s = sodium_malloc(sizeof *s);
    if (!s)
        log_fatal("no locked memory for the signing key");
    crypto_sign_seed_keypair(s->public_key, s->secret_key, seed);
    sodium_memzero(seed, sizeof seed);
    return s;
}

void crypto_signer_free(struct crypto_signer *s)
{
    sodium_free(s);
}

const uint8_t *crypto_signer_public(const struct crypto_signer *s)
{
    return s->public_key;
}

void crypto_signer_sign(const struct crypto_signer *s, const void *msg, size_t len,
                        uint8_t ret_sig[CRYPTO_SIGNATURE])
{
    crypto_sign_detached(ret_sig, NULL, msg, len, s->secret_key);
}

int crypto_verify(const uint8_t sig[CRYPTO_SIGNATURE], const uint8_t *msg, size_t len, const uint8_t key[32])
{
    return crypto_sign_verify_detached(sig, msg, len, key);
}

void crypto_hmac(uint8_t ret_mac[32], const uint8_t key[32], const uint8_t *msg, size_t len)
{
    crypto_auth_hmacsha256(ret_mac, msg, len, key);
}

void crypto_hmac_key(uint8_t ret_mac[32], const void *key, size_t key_len, const void *msg, size_t len)
{
    crypto_auth_hmacsha256_state s;
    crypto_auth_hmacsha256_init(&s, key, key_len);
    crypto_auth_hmacsha256_update(&s, msg, len);
    crypto_auth_hmacsha256_final(&s, ret_mac);
}

void crypto_sha256(uint8_t ret_hash[32], const void *msg, size_t len)
{
    crypto_hash_sha256(ret_hash, msg, len);
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

void crypto_token(char ret_token[CRYPTO_TOKEN_MAX])
{
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(ret_token, CRYPTO_TOKEN_MAX, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int crypto_password_hash(const char *password, char ret_hash[CRYPTO_PASSWORD_HASH_MAX])
{
    return crypto_pwhash_str(ret_hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             19 << 20);
}

bool crypto_password_holds(const char *hash, const char *password)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

void crypto_base64(const void *bytes, size_t len, char *ret_text, size_t room)
{
    sodium_bin2base64(ret_text, room, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}
