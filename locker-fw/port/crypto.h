/* libsodium's primitives behind the core's crypto table. Call sodium_init() before use. */
#ifndef LOCKER_FW_PORT_CRYPTO_H
#define LOCKER_FW_PORT_CRYPTO_H

#include "locker-fw/core/crypto.h"

extern const struct core_crypto crypto_sodium;

#endif
