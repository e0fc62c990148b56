/* The controllers' records on their way into the database: batched, stored once each, and reported back
 * message by message so that they can be acknowledged. */
#ifndef DAEMON_LOCKERS_JOURNAL_H
#define DAEMON_LOCKERS_JOURNAL_H

#include "base/clock.h"
#include "daemon/intake/fold.h"
#include "daemon/io/db.h"
#include "locker-fw/core/record.h"

#include <stdbool.h>

struct journal;

/* `stored` is called once for every message that journal_put took, after its commit or when it failed. */
struct journal *journal_new(struct loop *l, struct db *db, const struct clock *clock, struct fold *fold,
                            void (*stored)(void *arg, const char *locker, uint32_t boot, uint32_t first,
                                           uint32_t last, bool ok),
                            void *arg);
void journal_free(struct journal *j);

/* Takes n ≥ 1 consecutive records of one locker and boot; copied. -1 when too many wait. */
int journal_put(struct journal *j, const char *locker, const struct record *records, int n);

#endif
