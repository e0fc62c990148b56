/* Zone leases: which sites this daemon drives. A lease is a row with an epoch that grows with every change of
 * hands; it is renewed by a timer and ends by the database's clock. Whoever plans, sends or lets time act
 * asks here for the zones held and hands them, with their epochs, to its statement, which locks the rows: a
 * daemon that lost its lease without knowing writes nothing. The loop's thread only. */
#ifndef DAEMON_IO_LEASE_H
#define DAEMON_IO_LEASE_H

#include "base/loop.h"
#include "daemon/io/db.h"

#include <stdbool.h>

struct lease;

enum { LEASE_HOLDER_MAX = 96 };

struct lease_options {
    const char *sites; /* codes, comma between; "" for all there are */
    int seconds;       /* a lease lasts; it is renewed three times as often */
};

/* Takes and renews from now on. `changed` is called after the zones held, or their epochs, have changed. */
struct lease *lease_new(struct loop *l, struct db *db, const struct lease_options *o,
                        void (*changed)(void *arg), void *arg);
void lease_free(struct lease *z);

/* The name of this process among holders: host, process id and a random part. */
const char *lease_holder(const struct lease *z);

/* How many zones are held: 0 once the last renewal is older than the lease lasts. */
int lease_count(const struct lease *z);

/* The zones held and their epochs, as arguments of type uuid[] and bigint[]. Valid until the loop's next
 * round. */
const char *lease_zones(struct lease *z);
const char *lease_epochs(struct lease *z);

/* Gives everything back and takes nothing more; `given` is called once, in the end, also when the database
 * does not answer. */
void lease_give(struct lease *z, void (*given)(void *arg), void *arg);

#endif
