/* Randomness and the two transcendental functions of annealing, the same bits on every machine (libm's
 * differ). xoshiro256++ of Blackman & Vigna 2019, seeded by splitmix64. */
#ifndef ROUTING_VRP_RANDOM_H
#define ROUTING_VRP_RANDOM_H

#include <stdint.h>
#include <string.h>

struct rng {
    uint64_t s[4];
};

static inline void rng_init(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        r->s[i] = z ^ (z >> 31);
    }
}

static inline uint64_t rng_rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t *s = r->s, result = rng_rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rng_rotl(s[3], 45);
    return result;
}

/* 0 … n − 1; n > 0 */
static inline int32_t rng_below(struct rng *r, int32_t n)
{
    return (int32_t)(((rng_next(r) >> 32) * (uint64_t)n) >> 32);
}

/* 0 ≤ x < 1 */
static inline double rng_unit(struct rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1p-53;
}

/* Natural logarithm of x > 0, error below 1e-6. */
static inline double rng_ln(double x)
{
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    int e = (int)(u >> 52) - 1023;
    u = (u & 0xfffffffffffffu) | 0x3ff0000000000000u;
    double m;
    memcpy(&m, &u, sizeof m);
    double z = (m - 1.4142135623730951) / (m + 1.4142135623730951), z2 = z * z;
    double atanh2 = 2 * z * (1 + z2 * (1.0 / 3 + z2 * (1.0 / 5 + z2 * (1.0 / 7))));
    return ((double)e + 0.5) * 0.6931471805599453 + atanh2;
}

/* e to the x for −700 < x ≤ 0 … 700, relative error below 1e-6. */
static inline double rng_exp(double x)
{
    double y = x * 1.4426950408889634;
    int64_t k = (int64_t)(y < 0 ? y - 0.5 : y + 0.5);
    double f = (y - (double)k) * 0.6931471805599453;
    double p = 1 + f * (1 + f * (1.0 / 2 + f * (1.0 / 6 + f * (1.0 / 24 + f * (1.0 / 120 + f / 720)))));
    uint64_t u = (uint64_t)(k + 1023) << 52;
    double scale;
    memcpy(&scale, &u, sizeof scale);
    return p * scale;
}

#endif
