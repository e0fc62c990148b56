/* Accounts by hand. Passwords come from a file or standard input, never from the command line. */
#ifndef DAEMON_CTL_USER_H
#define DAEMON_CTL_USER_H

#include "base/error.h"
#include "daemon/ctl/options.h"

#include <libpq-fe.h>

enum { PASSWORD_BYTES_MIN = 8, PASSWORD_BYTES_MAX = 256 };

/* An account with o->role and what o names by code. */
int user_add(PGconn *pg, const char *login, const struct options *o, struct error *err);

/* Another password; every open session of the account ends. */
int user_reset(PGconn *pg, const char *login, const struct options *o, struct error *err);

#endif
