/* Runs a libFuzzer target without libFuzzer: bytes by chance, then each file given, and a fixed number of
 * mutations of it, all by a fixed generator. It is what `make check` runs; `make fuzz` looks further. */
#include "routing/vrp/random.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 16, MUTATIONS = 400, CHANCES = 2000, CHANCE_MOST = 300 };

static size_t mutate(struct rng *r, uint8_t *data, size_t n)
{
    for (int32_t times = 1 + rng_below(r, 4); times > 0 && n > 1; times--) {
        size_t at = (size_t)rng_below(r, (int32_t)n), span = 1 + (size_t)rng_below(r, 16);
        span = at + span > n ? n - at : span;
        switch (rng_below(r, 4)) {
        case 0:
            data[at] = (uint8_t)rng_below(r, 256);
            break;
        case 1:
            memmove(data + at, data + at + span, n - at - span);
            n -= span;
            break;
        case 2:
            data[at] = (uint8_t)("0123456789-.[]{}\":,\n"[rng_below(r, 20)]);
            break;
        default:
            memmove(data, data + at, span);
        }
    }
    return n;
}

static void by_chance(struct rng *r, uint8_t *data)
{
    for (int k = 0; k < CHANCES; k++) {
        size_t n = (size_t)rng_below(r, CHANCE_MOST);
        int32_t span = k % 2 ? 256 : 96; /* every second of what can be printed */
        for (size_t i = 0; i < n; i++)
            data[i] = (uint8_t)(rng_below(r, span) + (k % 2 ? 0 : 32));
        LLVMFuzzerTestOneInput(data, n);
    }
}

int main(int argc, char **argv)
{
    static uint8_t seed[MOST], data[MOST];
    struct rng r;
    rng_init(&r, 1);
    by_chance(&r, data);
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f) {
            perror(argv[i]);
            return 2;
        }
        size_t n = fread(seed, 1, sizeof seed, f);
        fclose(f);
        LLVMFuzzerTestOneInput(seed, n);
        for (int k = 0; k < MUTATIONS; k++) {
            memcpy(data, seed, n);
            size_t m = mutate(&r, data, n);
            LLVMFuzzerTestOneInput(data, m);
        }
    }
    printf("%d by chance, %d files, %d mutations each\n", CHANCES, argc - 1, MUTATIONS);
    return 0;
}
