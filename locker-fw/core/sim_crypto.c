#include "locker-fw/core/sim.h"

#include <string.h>

/* Stand-ins for the primitives: the attacker here cannot compute, so a fast keyed hash will do. */
static void fast_mac(uint8_t ret[32], const uint8_t key[32], const uint8_t *msg, size_t len)
{
    uint64_t h[4] = {0x243F6A8885A308D3u, 0x13198A2E03707344u, 0xA4093822299F31D0u, 0x082EFA98EC4E6C89u};
    uint64_t word;

    for (int i = 0; i < 4; i++) {
        memcpy(&word, key + 8 * i, 8);
        h[i] ^= word;
    }
    for (size_t i = 0; i < len; i += 8) {
        word = len;
        memcpy(&word, msg + i, len - i < 8 ? len - i : 8);
        h[0] = (h[0] ^ word) * 0x9FB21C651E98DF25u;
        h[1] = (h[1] + h[0]) * 0xD6E8FEB86659FD93u;
        h[2] ^= h[1] >> 29;
        h[3] = (h[3] ^ h[2] ^ h[0] >> 32) * 0xA0761D6478BD642Fu;
        h[0] ^= h[3] >> 31;
    }
    for (int i = 0; i < 4; i++) {
        h[i] ^= h[(i + 1) % 4] >> 33;
        h[i] *= 0xC2B2AE3D27D4EB4Fu;
    }
    memcpy(ret, h, 32);
}

static int fast_verify(const uint8_t sig[64], const uint8_t *msg, size_t len, const uint8_t key[32])
{
    uint8_t mac[32];

    fast_mac(mac, key, msg, len);
    return memcmp(mac, sig, 32) == 0 ? 0 : -1;
}

const struct core_crypto sim_crypto = {fast_verify, fast_mac};
