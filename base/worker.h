/* A few threads for work that takes long (password hashes, planning): `work` runs on one of them, then `done`
 * on the loop. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include "base/loop.h"

struct workers;

/* At most `queue` jobs wait. */
struct workers *workers_new(struct loop *l, int threads, int queue);

/* 0, or -1 when too many jobs wait (nothing will be called). `done` is not called after workers_free. */
int workers_run(struct workers *w, void (*work)(void *job), void (*done)(void *job), void *job);

/* Waits for the jobs that are running; those that wait are dropped. */
void workers_free(struct workers *w);

#endif
