/* One secret per locker, derived from the daemon's master secret, and one sub-key per purpose derived from
 * that. A controller holds only its own locker secret: a stolen box opens no other. */
#ifndef LOCKER_FW_CORE_KEYS_H
#define LOCKER_FW_CORE_KEYS_H

#include "locker-fw/core/crypto.h"

struct locker_keys {
    uint8_t code[32];    /* pickup and drop-off codes */
    uint8_t chain[32];   /* MAC chain over the journal */
    uint8_t receipt[32]; /* deposit receipts carried by a handheld */
    uint8_t ack[32];     /* acknowledgements of journal records */
};

/* HMAC(master, "yizhan/locker/1|" locker "|" epoch): what a controller is given. epoch grows at rotation. */
void keys_locker(const struct core_crypto *c, const uint8_t master[32], const char *locker, uint32_t epoch,
                 uint8_t ret_secret[32]);

/* The four sub-keys: HMAC(secret, "code" | "chain" | "receipt" | "ack"). */
void keys_derive(const struct core_crypto *c, const uint8_t secret[32], struct locker_keys *ret_keys);

#endif
