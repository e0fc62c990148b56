/* Keeps parcels' states up with their events: whoever has written events kicks, one fold runs at a time, and
 * it goes on until nothing is left. A timer kicks too, for what another daemon or a crash left behind. */
#ifndef DAEMON_INTAKE_FOLD_H
#define DAEMON_INTAKE_FOLD_H

#include "base/clock.h"
#include "base/loop.h"
#include "daemon/io/db.h"

struct fold;

/* `changed` is called after each fold that changed something. */
struct fold *fold_new(struct loop *l, struct db *db, const struct clock *clock, void (*changed)(void *arg),
                      void *arg);
void fold_free(struct fold *f);
void fold_kick(struct fold *f);

#endif
