#include "daemon/ctl/notice.h"

#include "base/crypto.h"
#include "daemon/ctl/slurp.h"
#include "locker-fw/core/grant.h"
#include "locker-fw/core/text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 16384, URL_MAX = 512, SIGNED_MAX = BODY_MAX + 256 };
enum { IMAGE_MAX = 256 << 20 };

static const char *key_id(const struct options *o)
{
    return o->key_id ? o->key_id : "k1";
}

static int read_release(const struct options *o, const char *code, long long *ret, struct error *err)
{
    char *end = NULL;

    if (!o->key || !o->file || !o->release)
        return error_set(err, EINVAL, "--key FILE, --file FILE and --release N are needed");
    errno = 0;
    *ret = strtoll(o->release, &end, 10);
    if (o->release[0] < '1' || o->release[0] > '9' || *end || errno || *ret > 999999999999999)
        return error_set(err, EINVAL, "--release %s: not a number above 0", o->release);
    if (!text_is_name(code, strlen(code), GRANT_NAME_MAX))
        return error_set(err, EINVAL, "%s: no code of a locker", code);
    if (!text_is_name(key_id(o), strlen(key_id(o)), GRANT_KEY_ID_MAX))
        return error_set(err, EINVAL, "--key-id %s: no name of a key", key_id(o));
    return 0;
}

/* Signs the text and prints the message; takes `message`. */
static int print_signed(json_t *message, const char *text, const struct options *o, struct error *err)
{
    struct crypto_signer *s = crypto_signer_load(o->key, err);
    uint8_t sig[CRYPTO_SIGNATURE];
    char sig64[90];
    struct text t;

    if (!s) {
        json_decref(message);
        return -1;
    }
    crypto_signer_sign(s, text, strlen(text), sig);
    crypto_signer_free(s);
    text_init(&t, sig64, sizeof sig64);
    text_base64url(&t, sig, sizeof sig);
    json_object_set_new(message, "key_id", json_string(key_id(o)));
    json_object_set_new(message, "sig", json_string(sig64));
    json_dumpf(message, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(message);
    return 0;
}

int notice_config(const char *code, const struct options *o, struct error *err)
{
    static char text[SIGNED_MAX];
    long long release;
    char *body;
    size_t len;
    json_t *message;

    if (read_release(o, code, &release, err) < 0 || !(body = slurp(o->file, BODY_MAX, &len, err)))
        return -1;
    message = strlen(body) == len
                  ? json_pack("{s:i, s:I, s:s}", "v", 1, "version", (json_int_t)release, "body", body)
                  : NULL;
    snprintf(text, sizeof text, "YZC1|%s|%lld|%s", code, release, body);
    free(body);
    if (!message)
        return error_set(err, EINVAL, "%s: not UTF-8 text", o->file);
    return print_signed(message, text, o, err);
}

int notice_firmware(const char *code, const struct options *o, struct error *err)
{
    char text[SIGNED_MAX], hex[65];
    long long release;
    uint8_t hash[32];
    char *image;
    struct text t;
    size_t len;

    if (!o->url || strlen(o->url) > URL_MAX)
        return error_set(err, EINVAL, "--url URL is needed, of at most %d bytes", URL_MAX);
    if (read_release(o, code, &release, err) < 0 || !(image = slurp(o->file, IMAGE_MAX, &len, err)))
        return -1;
    crypto_sha256(hash, image, len);
    free(image);
    text_init(&t, hex, sizeof hex);
    text_hex(&t, hash, sizeof hash);
    snprintf(text, sizeof text, "YZF1|%s|%lld|%s|%s", code, release, o->url, hex);
    return print_signed(json_pack("{s:i, s:I, s:s, s:s}", "v", 1, "version", (json_int_t)release, "url",
                                  o->url, "sha256", hex),
                        text, o, err);
}
