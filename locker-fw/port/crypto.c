#include "locker-fw/port/crypto.h"

#include "base/crypto.h"

const struct core_crypto crypto_host = {crypto_verify, crypto_hmac};
