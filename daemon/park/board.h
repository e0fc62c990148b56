/* The park's live board: while somebody follows it, its summary is asked for about once a second and whenever
 * something changed, and sent to the followers of the site. */
#ifndef DAEMON_PARK_BOARD_H
#define DAEMON_PARK_BOARD_H

#include "base/clock.h"
#include "base/loop.h"
#include "daemon/io/db.h"
#include "daemon/io/sse.h"

struct board;

struct board *board_new(struct loop *l, struct db *db, const struct clock *clock, struct sse *sse);
void board_free(struct board *b);

/* Something changed, or somebody came: the next summary goes out soon. */
void board_kick(struct board *b);

#endif
