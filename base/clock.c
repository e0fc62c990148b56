#include "base/clock.h"

#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_real_us(void)
{
    return read_us(CLOCK_REALTIME);
}

int64_t clock_mono_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

void clock_init_real(struct clock *c)
{
    *c = (struct clock){0}; /* rate 0: no simulation */
}

void clock_init_simulated(struct clock *c, int64_t start_us, int64_t origin_real_us, double rate)
{
    *c = (struct clock){start_us, clock_mono_us() - (clock_real_us() - origin_real_us), rate};
}

int64_t clock_business_us(const struct clock *c)
{
    if (c->rate <= 0)
        return clock_real_us();
    return c->business_start_us + (int64_t)((double)(clock_mono_us() - c->mono_origin_us) * c->rate);
}
