/* Brings a database to the schema of this release. Safe to run at any time and by several at once. */
#ifndef DAEMON_CTL_MIGRATE_H
#define DAEMON_CTL_MIGRATE_H

#include "base/error.h"
#include "daemon/ctl/options.h"

#include <libpq-fe.h>

/* Every sql/migrations file that was not applied yet, in the order of their names and each in a transaction
 * of its own; one that was applied and has changed since is an error. Then, when any of sql/functions has
 * changed, all of them in one transaction. With o->grant, that role becomes a member of yizhan_app. What was
 * done goes to standard output. */
int migrate(PGconn *pg, const struct options *o, struct error *err);

#endif
