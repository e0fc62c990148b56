/* Two clocks. Business time says when something happened in the city's day; it may be simulated, at another
 * rate than the wall's. Real and monotonic time carry technical deadlines (timeouts, expiry of commands) and
 * always run true. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t business_start_us; /* business time at the origin */
    int64_t mono_origin_us;
    double rate; /* business seconds per real second */
};

/* Business time is the wall clock's. */
void clock_init_real(struct clock *c);

/* Business time was `start_us` at real instant `origin_real_us` and runs at `rate`: processes that are given
 * the same three numbers agree, whenever each started. */
void clock_init_simulated(struct clock *c, int64_t start_us, int64_t origin_real_us, double rate);

int64_t clock_business_us(const struct clock *c);
int64_t clock_real_us(void);
int64_t clock_mono_us(void);

#endif
