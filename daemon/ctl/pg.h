/* Synchronous statements for a program that a person waits for. */
#ifndef DAEMON_CTL_PG_H
#define DAEMON_CTL_PG_H

#include "base/error.h"

#include <libpq-fe.h>

enum { PG_VALUES_MAX = 10 };

/* NULL with err when there is no server to talk to. */
PGconn *pg_open(const char *conninfo, struct error *err);

/* One statement with n texts for $1…; NULL with err naming `what`. PQclear the result. */
PGresult *pg_query(PGconn *pg, const char *what, const char *sql, int n, const char *const *values,
                   struct error *err);

/* As pg_query, for statements whose result nobody looks at. */
int pg_run(PGconn *pg, const char *what, const char *sql, int n, const char *const *values,
           struct error *err);

/* A script of several statements, as written. An error names `what` and the line in it. */
int pg_script(PGconn *pg, const char *what, const char *script, struct error *err);

#endif
