/* Traces of couriers' positions: cleaning, map matching, and what speeds they teach. */
#ifndef ROUTING_ROAD_TRACE_H
#define ROUTING_ROAD_TRACE_H

#include "routing/road/route.h"

struct trace_fix {
    int64_t ms; /* true time, Unix milliseconds */
    struct geo_point point;
    double accuracy; /* metres, 0 unknown */
};

struct trace_limits {
    double max_speed;    /* m/s between accepted fixes; 0: 45 */
    double max_accuracy; /* metres; 0: 100 */
};

/* Sorts by time and drops, in place: repeats of a time, fixes outside the accuracy, and jumps (faster than
 * max_speed from the last accepted fix, unless three in a row agree that it was the last one that jumped).
 * Returns how many stay. */
size_t trace_clean(struct trace_fix *fixes, size_t n, const struct trace_limits *limits);

/* --- map matching: a hidden Markov model (Newson & Krumm 2009) --- */

struct match_options {
    double sigma;   /* metres of GPS noise; 0: 8 */
    double beta;    /* metres of route-to-great-circle difference; 0: 12 */
    double radius;  /* metres to look for roads; 0: 50 */
    int64_t gap_ms; /* longer silences split the trace; 0: 120000 */
    /* Asked at each fix; true ends the matching there, with what was matched so far. NULL: never. */
    bool (*stop)(void *arg);
    void *stop_arg;
};

struct match_point {
    bool matched;
    uint32_t leg_group; /* number of the matching (sub-trace) */
    struct placement placement;
};

struct match {
    VEC(struct match_point) points; /* one per fix */
    uint32_t n_groups;
    double *confidence; /* per group, 0–1 */
};

void match_trace(const struct road *r, const struct road_profile *p, const struct metric *m, struct query *q,
                 const struct trace_fix *fixes, size_t n, const struct match_options *o, struct match *ret);
void match_fini(struct match *m);

/* The route between two matched points (no walk). */
int match_route(const struct road *r, const struct road_profile *p, const struct metric *m, struct query *q,
                const struct placement *from, const struct placement *to, struct route *ret,
                struct route_error *err);

/* --- learned speeds --- */

struct learn; /* metres and seconds per directed segment and hour */

struct learn *learn_new(const struct road *r);
void learn_free(struct learn *l);
/* Spreads the time between consecutive matched fixes over the segments between them. utc_offset_s turns a
 * fix's time into the local hour. Returns the number of segment passages counted. */
size_t learn_add(struct learn *l, const struct road *r, const struct road_profile *p, const struct metric *m,
                 struct query *q, const struct trace_fix *fixes, const struct match *match, int utc_offset_s);
/* The traffic text (traffic.h) of segments passed at least `passages` times: a line for the day, which also
 * serves where no hour is asked for, and one for each hour that was passed that often by itself. */
void learn_traffic(const struct learn *l, uint32_t passages, struct text *t);

#endif
