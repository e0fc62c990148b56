/* base/crypto behind the core's crypto table. Call crypto_init() first. */
#ifndef LOCKER_FW_PORT_CRYPTO_H
#define LOCKER_FW_PORT_CRYPTO_H

#include "locker-fw/core/crypto.h"

extern const struct core_crypto crypto_host;

#endif
