/* The batch writer: rows of many requests gather for a moment into one set-based statement, which is one
 * commit; every request is answered after the commit that holds its rows. One statement a batch: its first
 * `heads` arguments are single values asked for when it is sent (say, the time of receipt), each further one
 * is an array with one element a row. It answers one row per row, whose first column is the row's number
 * from 1.
 *
 * A connection that is lost in mid-commit leaves the outcome unknown: the rows are sent again until the
 * deadline, so they must carry an id of their own that makes a repeat harmless. A statement that fails as a
 * whole is halved until the request that spoils it stands alone; only that one is answered DB_ERROR. Rows of
 * one request are never parted. Loop's thread only. */
#ifndef DAEMON_IO_BATCH_H
#define DAEMON_IO_BATCH_H

#include "base/loop.h"
#include "daemon/io/db.h"

#include <stdint.h>

enum { BATCH_COLUMNS_MAX = DB_PARAMS_MAX };

struct batch;
struct batch_answer;

struct batch_options {
    const struct db_stmt *stmt;
    int heads;
    /* Fills values[0 … heads-1] with texts that live until the next call; NULL when heads is 0. */
    void (*fill_heads)(void *arg, const char *values[]);
    int gather_us;            /* how long the first row of a statement waits for company, at most */
    int rows_max;             /* of a statement that is still gathering; a bigger request goes alone */
    int under_way_max;        /* statements sent and not answered; rows that come meanwhile gather */
    int rows_enough;          /* beside one under way another goes only with so many rows; 0 = any */
    int waiting_max;          /* rows in all; more are refused */
    int deadline_ms;          /* for a request, repeats included */
    void (*after)(void *arg); /* after each committed statement and its answers; may be NULL */
    void *arg;                /* of fill_heads and after */
};

/* Everything in options is copied but stmt. */
struct batch *batch_new(struct loop *l, struct db *db, const struct batch_options *o);
/* Requests that wait are answered DB_LOST at once, those under way when their statement is (at the latest by
 * db_free, which must come after). */
void batch_free(struct batch *b);

/* Takes a request of n rows: row-major values, columns = stmt's parameters − heads, NULL is SQL's NULL;
 * copied. `done` is called once, later: with DB_OK, else with the reason in the answer's result (DB_ERROR:
 * nothing of it was done; DB_LOST, DB_TIMEOUT: unknown). -1 when too many rows wait: nothing was taken, say
 * 503. */
int batch_put(struct batch *b, int n, const char *const *values,
              void (*done)(void *arg, const struct batch_answer *a), void *arg);

/* Rows that wait or are under way, and how many seconds a refused client should stay away. */
int batch_waiting(const struct batch *b);
int batch_retry_after(const struct batch *b);

/* The answer; lent until done returns. Rows count from 0 within the request, columns as the statement's. */
const struct db_result *batch_result(const struct batch_answer *a);
int batch_rows(const struct batch_answer *a);
const char *batch_text(const struct batch_answer *a, int row, int column);

#endif
