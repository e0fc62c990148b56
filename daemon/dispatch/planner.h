/* Plans waves as they are asked for: claims one, reads its problem, solves it on a worker thread, stores the
 * plan. One at a time per daemon. A daemon that dies in mid-plan loses nothing: the claim lapses and another
 * takes it. What it stores carries the epoch it was claimed under. */
#ifndef DAEMON_DISPATCH_PLANNER_H
#define DAEMON_DISPATCH_PLANNER_H

#include "base/clock.h"
#include "base/loop.h"
#include "base/worker.h"
#include "daemon/io/db.h"
#include "daemon/io/lease.h"
#include "routing/geo/matrix.h"

struct planner;

struct planner_options {
    const struct matrix_provider *travel; /* borrowed; asked from a worker thread */
    int threads;                          /* of the solver */
    double seconds;                       /* for a wave; 0: by its size */
    struct lease *lease;                  /* borrowed: only waves of zones held are planned */
};

/* `planned` is called after each wave, with its id and whether a plan was stored. */
struct planner *planner_new(struct loop *l, struct db *db, struct workers *workers, const struct clock *clock,
                            const struct planner_options *o,
                            void (*planned)(void *arg, const char *wave, int ok), void *arg);
/* The plan being made is given up; the worker is free within milliseconds. */
void planner_stop(struct planner *p);
/* After the workers and the database: both still find the planner. */
void planner_free(struct planner *p);
/* A wave may be waiting. */
void planner_kick(struct planner *p);

#endif
