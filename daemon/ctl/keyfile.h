/* What controllers are given of the daemon's keys, as 64 hex digits on standard output. */
#ifndef DAEMON_CTL_KEYFILE_H
#define DAEMON_CTL_KEYFILE_H

#include "base/error.h"
#include "daemon/ctl/options.h"

/* The secret of one locker, derived from the master secret in o->master: the content of its keys.locker. */
int keyfile_locker(const char *code, const struct options *o, struct error *err);

/* The public key that belongs to the daemon's seed: the second word of a line of a controller's keys.grants.
 */
int keyfile_grant(const char *seed_path, struct error *err);

#endif
