/* Keeps the road map's traffic what the database says: looks every few seconds (changes end by themselves,
 * and another daemon may have taken some), and at once when told to. Loop's thread. */
#ifndef DAEMON_ROADS_FEED_H
#define DAEMON_ROADS_FEED_H

#include "base/clock.h"
#include "daemon/io/db.h"
#include "daemon/roads/roads.h"

struct feed;

/* Borrows all; does nothing without a map. */
struct feed *feed_new(struct loop *l, struct db *db, const struct clock *clock, struct roads *roads);
/* After the database, before the roads. Callers of feed_look that still wait are not answered. */
void feed_free(struct feed *f);

/* Reads what was committed before this call and puts it in force; then `done`, with the microseconds that
 * customizing took (0 when nothing had changed), or -1 when the database or the threads had no answer: the
 * next look will do it. */
void feed_look(struct feed *f, void (*done)(void *arg, int64_t customized_us), void *arg);

#endif
