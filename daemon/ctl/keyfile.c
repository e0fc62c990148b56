#include "daemon/ctl/keyfile.h"

#include "base/crypto.h"
#include "locker-fw/core/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCKER_CODE_MAX = 32 };

static void print_hex(const uint8_t bytes[32])
{
    for (int i = 0; i < 32; i++)
        printf("%02x", bytes[i]);
    putchar('\n');
}

static int parse_epoch(const char *text, uint32_t *ret, struct error *err)
{
    char *end;
    unsigned long v;

    errno = 0;
    v = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || v > UINT32_MAX)
        return error_set(err, EINVAL, "--epoch %s: not a number of 0 to 4294967295", text);
    *ret = (uint32_t)v;
    return 0;
}

int keyfile_locker(const char *code, const struct options *o, struct error *err)
{
    static const struct core_crypto crypto = {crypto_verify, crypto_hmac};
    uint8_t master[32], secret[32];
    uint32_t epoch = 1;

    if (!o->master)
        return error_set(err, EINVAL, "--master FILE is missing");
    if (!code[0] || strlen(code) > LOCKER_CODE_MAX)
        return error_set(err, EINVAL, "%s: a locker's code has 1 to %d characters", code, LOCKER_CODE_MAX);
    if ((o->epoch && parse_epoch(o->epoch, &epoch, err) < 0) ||
        crypto_secret_load(o->master, master, err) < 0)
        return -1;
    keys_locker(&crypto, master, code, epoch, secret);
    print_hex(secret);
    explicit_bzero(master, sizeof master);
    explicit_bzero(secret, sizeof secret);
    return 0;
}

int keyfile_grant(const char *seed_path, struct error *err)
{
    struct crypto_signer *s = crypto_signer_load(seed_path, err);

    if (!s)
        return -1;
    print_hex(crypto_signer_public(s));
    crypto_signer_free(s);
    return 0;
}
