/* PostgreSQL, asynchronously: libpq in pipeline mode on the loop. A call names a statement, gives its
 * arguments and is answered exactly once, also when the connection is lost or the deadline passes. Each call
 * is a transaction of its own (one Sync a call), so that one's error never touches another. Loop's thread
 * only. */
#ifndef DAEMON_IO_DB_H
#define DAEMON_IO_DB_H

#include "base/error.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A statement from sql/queries (see queries.gen.h); prepared on each connection when first used there. */
struct db_stmt {
    const char *name;
    const char *sql;
    int params;
};

enum { DB_PARAMS_MAX = 16 };

/* Arguments in text form. Values are copied by db_call. NULL is SQL's NULL. */
struct db_args {
    int n;
    const char *values[DB_PARAMS_MAX];
    int timeout_ms; /* 0: the database's own */
};

enum db_status {
    DB_OK,
    DB_ERROR,  /* the server refused: nothing was done; see sqlstate */
    DB_LOST,   /* the connection went away after sending: done or not done, nobody knows */
    DB_TIMEOUT /* not sent, or not answered in time: as DB_LOST unless `sent` is false */
};

struct db_result {
    enum db_status status; /* DB_OK comes after the commit, never before */
    bool sent;
    char sqlstate[6];
    const char *message; /* of the server, or of the connection */
    const char *constraint;
    void *rows; /* PGresult, lent */
};

int db_rows(const struct db_result *r);
/* The field as text, NULL when it is SQL's NULL; lent until `done` returns. */
const char *db_text(const struct db_result *r, int row, int column);
size_t db_length(const struct db_result *r, int row, int column);
int64_t db_int(const struct db_result *r, int row, int column);

struct db;

struct db_options {
    const char *conninfo; /* never a password: a passfile, service or peer */
    int connections;
    int timeout_ms;       /* for one call, waiting included */
    int waiting_max;      /* calls that wait for a connection; more are answered DB_TIMEOUT at once */
    const char *settings; /* "-c name=value …" for each connection; NULL: as conninfo says */
    /* A channel to LISTEN to, NULL for none. A notification is a hint that may be lost: poll as well. */
    const char *listen;
    void (*on_notify)(void *arg, const char *payload);
    void *arg;
};

/* Begins to connect, and again whenever a connection is lost, with a growing pause. */
struct db *db_new(struct loop *l, const struct db_options *o);
/* Everything that waits or runs is answered DB_LOST first. */
void db_free(struct db *db);

/* `done` is called once, never before db_call returns. The statement must be defined for as many arguments.
 */
void db_call(struct db *db, const struct db_stmt *stmt, const struct db_args *args,
             void (*done)(void *arg, const struct db_result *r), void *arg);

/* At least one connection stands. */
bool db_ready(const struct db *db);
/* Why not, for /readyz and the log. */
const char *db_trouble(const struct db *db);
/* Calls that wait or run. */
int db_pending(const struct db *db);

#endif
