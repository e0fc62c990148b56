/* Takes a city file: sites, brands, shops, vehicles, couriers, points, lockers, accounts. */
#ifndef DAEMON_CTL_IMPORT_H
#define DAEMON_CTL_IMPORT_H

#include "base/error.h"
#include "daemon/ctl/options.h"

#include <libpq-fe.h>

/* Passwords in accounts[] are replaced by their hashes before anything leaves this program. The counts go to
 * standard output as JSON. */
int import_city(PGconn *pg, const char *path, const struct options *o, struct error *err);

#endif
