#include "base/crypto.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void hex(const uint8_t *bytes, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

static void in_file(char path[64], const char *text, mode_t mode)
{
    snprintf(path, 64, "/tmp/crypto_test.XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

START_TEST(known_answers)
{
    uint8_t mac[32], key[20];
    char text[129];
    crypto_sha256(mac, "abc", 3); /* FIPS 180-2, B.1 */
    hex(mac, 32, text);
    ck_assert_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    memset(key, 0x0b, sizeof key); /* RFC 4231, 4.2 */
    crypto_hmac_key(mac, key, sizeof key, "Hi There", 8);
    hex(mac, 32, text);
    ck_assert_str_eq(text, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    crypto_base64("foob", 4, text, sizeof text); /* RFC 4648, 10 */
    ck_assert_str_eq(text, "Zm9vYg==");
    ck_assert(crypto_equal("same", "same", 4) && !crypto_equal("same", "sane", 4));
}
END_TEST

START_TEST(signatures_are_ed25519)
{
    struct error err;
    char path[64], text[129];
    uint8_t sig[CRYPTO_SIGNATURE];
    /* RFC 8032, 7.1, test 2 */
    in_file(path, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb\n", 0600);
    struct crypto_signer *s = crypto_signer_load(path, &err);
    ck_assert_ptr_nonnull(s);
    hex(crypto_signer_public(s), 32, text);
    ck_assert_str_eq(text, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    crypto_signer_sign(s, "\x72", 1, sig);
    hex(sig, 64, text);
    ck_assert_int_eq(strncmp(text, "92a009a9f0d4cab8720e820b5f642540", 32), 0);
    ck_assert_int_eq(crypto_verify(sig, (const uint8_t *)"\x72", 1, crypto_signer_public(s)), 0);
    ck_assert_int_eq(crypto_verify(sig, (const uint8_t *)"\x73", 1, crypto_signer_public(s)), -1);
    sig[40] ^= 1;
    ck_assert_int_eq(crypto_verify(sig, (const uint8_t *)"\x72", 1, crypto_signer_public(s)), -1);
    crypto_signer_free(s);
    unlink(path);
}
END_TEST

static const struct {
    const char *text;
    mode_t mode;
    const char *why;
} bad_keys[] = {
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", 0640, "readable by others"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", 0604, "readable by others"},
    {"4ccd089b28ff96da9db6c346ec114e0f", 0600, "64 hex digits"},
    {"", 0600, "64 hex digits"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fbff", 0600, "64 hex digits"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fx", 0600, "64 hex digits"},
};

START_TEST(a_bad_key_file_is_told)
{
    struct error err = {0};
    char path[64];
    uint8_t secret[32];
    in_file(path, bad_keys[_i].text, bad_keys[_i].mode);
    ck_assert_int_eq(crypto_secret_load(path, secret, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, bad_keys[_i].why));
    ck_assert_ptr_nonnull(strstr(err.text, path));
    ck_assert_ptr_null(strstr(err.text, "4ccd"));
    unlink(path);
    ck_assert_int_eq(crypto_secret_load(path, secret, &err), -1); /* now it is not there at all */
}
END_TEST

START_TEST(passwords_and_tokens)
{
    char hash[CRYPTO_PASSWORD_HASH_MAX], again[CRYPTO_PASSWORD_HASH_MAX], a[CRYPTO_TOKEN_MAX],
        b[CRYPTO_TOKEN_MAX];
    ck_assert_int_eq(crypto_password_hash("correct horse", hash), 0);
    ck_assert_int_eq(crypto_password_hash("correct horse", again), 0);
    ck_assert_str_ne(hash, again); /* salted */
    ck_assert_int_eq(strncmp(hash, "$argon2id$", 10), 0);
    ck_assert(crypto_password_holds(hash, "correct horse"));
    ck_assert(!crypto_password_holds(hash, "correct horse "));
    ck_assert(!crypto_password_holds("", "correct horse") && !crypto_password_holds("$argon2id$junk", ""));
    crypto_token(a);
    crypto_token(b);
    ck_assert_str_ne(a, b);
    ck_assert_uint_eq(strlen(a), 43);
    ck_assert_uint_eq(strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
}
END_TEST

int main(void)
{
    crypto_init();
    Suite *s = suite_create("base/crypto");
    TCase *t = tcase_create("crypto");
    tcase_add_test(t, known_answers);
    tcase_add_test(t, signatures_are_ed25519);
    tcase_add_loop_test(t, a_bad_key_file_is_told, 0, sizeof bad_keys / sizeof bad_keys[0]);
    tcase_add_test(t, passwords_and_tokens);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
