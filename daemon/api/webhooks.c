/* A webhook without a secret gets one: "whsec_" and 24 random bytes, as Standard Webhooks 1.0.0 asks for. */
#include "base/crypto.h"
#include "base/id.h"
#include "daemon/api/handlers.h"

#include <stdio.h>

void webhook_post(struct api_request *r)
{
    if (!json_is_string(json_object_get(r->args, "secret"))) {
        uint8_t bytes[24];
        char base64[40], secret[48];
        random_bytes(bytes, sizeof bytes);
        crypto_base64(bytes, sizeof bytes, base64, sizeof base64);
        snprintf(secret, sizeof secret, "whsec_%s", base64);
        json_object_set_new(r->args, "secret", json_string(secret));
    }
    api_ask(r);
}
