/* Runs a libFuzzer target without libFuzzer: each file given, and a fixed number of mutations of it by a
 * fixed generator. It is what `make check` runs; `make fuzz-routing` looks further. */
#include "routing/vrp/random.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 16, MUTATIONS = 400 };

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

int main(int argc, char **argv)
{
    static uint8_t seed[MOST], data[MOST];
    struct rng r;
    rng_init(&r, 1);
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
    printf("%d files, %d mutations each\n", argc - 1, MUTATIONS);
    return argc > 1 ? 0 : 2;
}
