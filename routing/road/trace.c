#include "routing/road/trace.h"

#include <stdlib.h>

enum { RESYNC = 3 };

static int by_time(const void *a, const void *b)
{
    const struct trace_fix *x = a, *y = b;

    return x->ms < y->ms ? -1 : x->ms > y->ms;
}

static bool too_fast(const struct trace_fix *a, const struct trace_fix *b, double max_speed)
{
    double seconds = (double)(b->ms - a->ms) / 1000, slack = 20 + a->accuracy + b->accuracy;

    return geo_distance_plane(a->point, b->point) > max_speed * seconds + slack;
}

size_t trace_clean(struct trace_fix *fixes, size_t n, const struct trace_limits *limits)
{
    double speed = limits && limits->max_speed > 0 ? limits->max_speed : 45;
    double accuracy = limits && limits->max_accuracy > 0 ? limits->max_accuracy : 100;
    size_t kept = 0, rejected = 0; /* rejected: since the last accepted one, agreeing with each other */
    struct trace_fix other = {0};

    qsort(fixes, n, sizeof *fixes, by_time);
    for (size_t i = 0; i < n; i++) {
        struct trace_fix f = fixes[i];

        if (f.accuracy > accuracy || (kept && f.ms == fixes[kept - 1].ms))
            continue;
        if (kept && too_fast(&fixes[kept - 1], &f, speed)) {
            rejected = rejected && !too_fast(&other, &f, speed) ? rejected + 1 : 1;
            other = f;
            if (rejected < RESYNC)
                continue;
            kept--; /* it was the last accepted one that jumped */
        }
        rejected = 0;
        fixes[kept++] = f;
    }
    return kept;
}
