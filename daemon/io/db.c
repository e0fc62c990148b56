/* Each connection has a queue of calls that were sent and not yet answered, in order; libpq answers in that
 * order. A call whose statement is new to the connection is preceded by its PREPARE in the same pipeline.
 * Calls go to the connection with the fewest unanswered; when none stands they wait. */
#include "daemon/io/db.h"

#include "base/clock.h"
#include "base/log.h"

#include <event2/event.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
    CONNECTIONS_MAX = 16,
    PAUSE_MIN_MS = 50,
    PAUSE_MAX_MS = 3000,
    SWEEP_MS = 100,
    DEEP = 64,
    CONNECT_US = 3000000
};

enum step { STEP_PREPARE, STEP_RUN, STEP_SYNC };

struct call {
    TAILQ_ENTRY(call) link;
    const struct db_stmt *stmt;
    void (*done)(void *arg, const struct db_result *r);
    void *arg;
    int64_t deadline_us;
    bool preparing; /* its PREPARE is in the pipeline before it */
    bool answered;  /* done was called: its remaining results are only read away */
    int n;
    char *values[DB_PARAMS_MAX];
    char room[]; /* the values */
};
TAILQ_HEAD(calls, call);

enum state { STATE_PAUSED, STATE_CONNECTING, STATE_UP };

struct conn {
    struct db *db;
    PGconn *pg;
    enum state state;
    struct event *io;
    struct loop_timer *retry;
    int pause_ms;
    int64_t began_us; /* when it began to connect */
    struct calls sent;
    int n_sent;
    const struct db_stmt **prepared; /* … or about to be: the PREPARE is in the pipeline */
    int n_prepared, prepared_room;
};

struct db {
    struct loop *loop;
    struct db_options options;
    char *conninfo;
    struct conn conns[CONNECTIONS_MAX];
    struct calls waiting;
    int n_waiting;
    struct loop_timer *sweep;
    char trouble[256];
};

static void conn_open(void *arg);
static void pump(struct db *db);

/* ---- calls ---- */

static struct call *call_new(const struct db *db, const struct db_stmt *stmt, const struct db_args *args)
{
    size_t size = 0;
    for (int i = 0; i < args->n; i++)
        size += args->values[i] ? strlen(args->values[i]) + 1 : 0;
    struct call *c = calloc(1, sizeof *c + size);
    if (!c)
        log_fatal("out of memory");
    char *at = c->room;
    for (int i = 0; i < args->n; i++) {
        if (!args->values[i])
            continue;
        size_t n = strlen(args->values[i]) + 1;
        c->values[i] = memcpy(at, args->values[i], n);
        at += n;
    }
    c->stmt = stmt;
    c->n = args->n;
    c->deadline_us = clock_mono_us() + (int64_t)db->options.timeout_ms * 1000;
    return c;
}

static void answer(struct call *c, const struct db_result *r)
{
    if (c->answered)
        return;
    c->answered = true;
    c->done(c->arg, r);
}

static void answer_plain(struct call *c, enum db_status status, bool sent, const char *message)
{
    struct db_result r = {.status = status, .sent = sent, .message = message};
    answer(c, &r);
}

/* ---- a connection comes and goes ---- */

static void on_io(evutil_socket_t fd, short what, void *arg);

static void watch(struct conn *k, short what)
{
    if (k->io)
        event_free(k->io);
    k->io = event_new(loop_base(k->db->loop), PQsocket(k->pg), (short)(what | EV_PERSIST), on_io, k);
    event_add(k->io, NULL);
}

static void conn_lost(struct conn *k, const char *why)
{
    struct calls orphans = TAILQ_HEAD_INITIALIZER(orphans);
    snprintf(k->db->trouble, sizeof k->db->trouble, "%s", why && *why ? why : "connection lost");
    k->db->trouble[strcspn(k->db->trouble, "\n")] = '\0';
    if (k->state == STATE_UP || k->pause_ms == PAUSE_MIN_MS)
        log_warn("database: %s", k->db->trouble);
    if (k->io)
        event_free(k->io);
    k->io = NULL;
    PQfinish(k->pg);
    k->pg = NULL;
    k->state = STATE_PAUSED;
    k->n_prepared = 0;
    k->n_sent = 0;
    TAILQ_CONCAT(&orphans, &k->sent, link);
    loop_timer_again(k->retry, k->pause_ms);
    k->pause_ms = k->pause_ms * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : k->pause_ms * 2;
    for (struct call *c; (c = TAILQ_FIRST(&orphans));) {
        TAILQ_REMOVE(&orphans, c, link);
        answer_plain(c, DB_LOST, true, k->db->trouble);
        free(c);
    }
}

/* A synchronous standby that is away turns a cancelled wait into a warning: the commit's outcome is then
 * unknown. */
static void on_notice(void *arg, const PGresult *res)
{
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    (void)arg;
    log_warn("database says: %s", text ? text : "?");
}

static void conn_up(struct conn *k)
{
    PQsetnonblocking(k->pg, 1);
    PQenterPipelineMode(k->pg);
    PQsetNoticeReceiver(k->pg, on_notice, k);
    k->state = STATE_UP;
    k->pause_ms = PAUSE_MIN_MS;
    watch(k, EV_READ);
    pump(k->db);
}

static void conn_poll(struct conn *k)
{
    switch (PQconnectPoll(k->pg)) {
    case PGRES_POLLING_READING:
        watch(k, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch(k, EV_WRITE);
        break;
    case PGRES_POLLING_OK:
        conn_up(k);
        break;
    default:
        conn_lost(k, PQerrorMessage(k->pg));
    }
}

static void conn_open(void *arg)
{
    struct conn *k = arg;
    k->pg = PQconnectStart(k->db->conninfo);
    if (!k->pg)
        log_fatal("out of memory");
    if (PQstatus(k->pg) == CONNECTION_BAD) {
        conn_lost(k, PQerrorMessage(k->pg));
        return;
    }
    k->state = STATE_CONNECTING;
    k->began_us = clock_mono_us();
    watch(k, EV_WRITE);
}

/* ---- sending ---- */

static void prepared_add(struct conn *k, const struct db_stmt *stmt)
{
    if (k->n_prepared == k->prepared_room) {
        k->prepared_room = k->prepared_room ? 2 * k->prepared_room : 64;
        k->prepared = realloc(k->prepared, (size_t)k->prepared_room * sizeof *k->prepared);
        if (!k->prepared)
            log_fatal("out of memory");
    }
    k->prepared[k->n_prepared++] = stmt;
}

static void prepared_remove(struct conn *k, const struct db_stmt *stmt)
{
    for (int i = 0; i < k->n_prepared; i++)
        if (k->prepared[i] == stmt)
            k->prepared[i--] = k->prepared[--k->n_prepared];
}

static bool is_prepared(const struct conn *k, const struct db_stmt *stmt)
{
    for (int i = 0; i < k->n_prepared; i++)
        if (k->prepared[i] == stmt)
            return true;
    return false;
}

static bool send_call(struct conn *k, struct call *c)
{
    c->preparing = !is_prepared(k, c->stmt);
    if (c->preparing) {
        if (!PQsendPrepare(k->pg, c->stmt->name, c->stmt->sql, c->n, NULL))
            return false;
        prepared_add(k, c->stmt);
    }
    return PQsendQueryPrepared(k->pg, c->stmt->name, c->n, (const char *const *)c->values, NULL, NULL, 0) &&
           PQpipelineSync(k->pg);
}

static void flush(struct conn *k)
{
    int left = PQflush(k->pg);
    if (left < 0)
        conn_lost(k, PQerrorMessage(k->pg));
    else if (left != !!(event_get_events(k->io) & EV_WRITE))
        watch(k, left ? EV_READ | EV_WRITE : EV_READ);
}

static struct conn *least_busy(struct db *db)
{
    struct conn *best = NULL;
    for (int i = 0; i < db->options.connections; i++) {
        struct conn *k = &db->conns[i];
        if (k->state == STATE_UP && k->n_sent < DEEP && (!best || k->n_sent < best->n_sent))
            best = k;
    }
    return best;
}

static void pump(struct db *db)
{
    struct conn *k;
    for (struct call *c; (c = TAILQ_FIRST(&db->waiting)) && (k = least_busy(db));) {
        TAILQ_REMOVE(&db->waiting, c, link);
        db->n_waiting--;
        TAILQ_INSERT_TAIL(&k->sent, c, link);
        k->n_sent++;
        if (send_call(k, c))
            flush(k);
        else
            conn_lost(k, PQerrorMessage(k->pg));
    }
}

/* ---- receiving ---- */

static void fill_error(const PGresult *res, struct db_result *r)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    r->status = DB_ERROR;
    snprintf(r->sqlstate, sizeof r->sqlstate, "%s", state ? state : "");
    r->message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    r->constraint = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
    if (!r->message)
        r->message = "?";
}

/* One result of the oldest unanswered call. */
static void take_result(struct conn *k, PGresult *res)
{
    struct call *c = TAILQ_FIRST(&k->sent);
    struct db_result r = {.status = DB_OK, .sent = true, .rows = res};
    ExecStatusType status = PQresultStatus(res);
    if (!c)
        return;
    if (status ==
        PGRES_PIPELINE_SYNC) { /* the end of this call; an unanswered one has had an aborted result only */
        TAILQ_REMOVE(&k->sent, c, link);
        k->n_sent--;
        answer_plain(c, DB_ERROR, true, "no result");
        free(c);
        return;
    }
    if (c->preparing && status == PGRES_COMMAND_OK) {
        c->preparing = false;
        return;
    }
    if (status == PGRES_PIPELINE_ABORTED)
        return;
    if (c->preparing)
        prepared_remove(k, c->stmt);
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR)
        fill_error(res, &r);
    answer(c, &r);
}

static void receive(struct conn *k)
{
    if (!PQconsumeInput(k->pg)) {
        conn_lost(k, PQerrorMessage(k->pg));
        return;
    }
    /* In pipeline mode a NULL parts the results of two commands; two in a row mean that nothing is left. */
    for (int nulls = 0; nulls < 2 && k->n_sent && !PQisBusy(k->pg);) {
        PGresult *res = PQgetResult(k->pg);
        nulls = res ? 0 : nulls + 1;
        if (res)
            take_result(k, res);
        PQclear(res);
        if (k->state != STATE_UP)
            return;
    }
    if (PQstatus(k->pg) == CONNECTION_BAD)
        conn_lost(k, PQerrorMessage(k->pg));
}

static void on_io(evutil_socket_t fd, short what, void *arg)
{
    struct conn *k = arg;
    (void)fd;
    if (k->state == STATE_CONNECTING) {
        conn_poll(k);
        return;
    }
    if (what & EV_READ)
        receive(k);
    if (k->state == STATE_UP)
        flush(k);
    pump(k->db);
}

/* ---- deadlines ---- */

static void sweep(void *arg)
{
    struct db *db = arg;
    int64_t now = clock_mono_us();
    for (struct call *c; (c = TAILQ_FIRST(&db->waiting)) && c->deadline_us < now;) {
        TAILQ_REMOVE(&db->waiting, c, link);
        db->n_waiting--;
        answer_plain(c, DB_TIMEOUT, false, db_ready(db) ? "the database is too busy" : db->trouble);
        free(c);
    }
    /* A server that is frozen answers nothing: its connection is given up, and everything on it is unknown.
     */
    for (int i = 0; i < db->options.connections; i++) {
        struct conn *k = &db->conns[i];
        struct call *c = TAILQ_FIRST(&k->sent);
        if (k->state == STATE_UP && c && c->deadline_us < now)
            conn_lost(k, "no answer in time");
        else if (k->state == STATE_CONNECTING && k->began_us + CONNECT_US < now)
            conn_lost(k, "no connection in time");
    }
}

/* ---- the interface ---- */

struct db *db_new(struct loop *l, const struct db_options *o)
{
    struct db *db = calloc(1, sizeof *db);
    if (!db || o->connections < 1 || o->connections > CONNECTIONS_MAX)
        log_fatal("1 to %d database connections, not %d", CONNECTIONS_MAX, o->connections);
    db->loop = l;
    db->options = *o;
    db->conninfo = strdup(o->conninfo);
    TAILQ_INIT(&db->waiting);
    snprintf(db->trouble, sizeof db->trouble, "not connected yet");
    db->sweep = loop_timer_new(l, SWEEP_MS, SWEEP_MS, sweep, db);
    for (int i = 0; i < o->connections; i++) {
        struct conn *k = &db->conns[i];
        k->db = db;
        k->pause_ms = PAUSE_MIN_MS;
        TAILQ_INIT(&k->sent);
        k->retry = loop_timer_new(l, 0, 0, conn_open, k);
    }
    return db;
}

void db_free(struct db *db)
{
    for (int i = 0; i < db->options.connections; i++) {
        struct conn *k = &db->conns[i];
        if (k->pg)
            conn_lost(k, "shutting down");
        loop_timer_free(k->retry);
        free(k->prepared);
    }
    for (struct call *c; (c = TAILQ_FIRST(&db->waiting));) {
        TAILQ_REMOVE(&db->waiting, c, link);
        answer_plain(c, DB_LOST, false, "shutting down");
        free(c);
    }
    loop_timer_free(db->sweep);
    free(db->conninfo);
    free(db);
}

void db_call(struct db *db, const struct db_stmt *stmt, const struct db_args *args,
             void (*done)(void *arg, const struct db_result *r), void *arg)
{
    if (args->n != stmt->params)
        log_fatal("%s takes %d arguments, not %d", stmt->name, stmt->params, args->n);
    struct call *c = call_new(db, stmt, args);
    c->done = done;
    c->arg = arg;
    db->n_waiting++;
    if (db->n_waiting > db->options.waiting_max) {
        c->deadline_us = 0; /* at the head, where the next sweep answers it */
        TAILQ_INSERT_HEAD(&db->waiting, c, link);
        return;
    }
    TAILQ_INSERT_TAIL(&db->waiting, c, link);
    pump(db);
}

bool db_ready(const struct db *db)
{
    for (int i = 0; i < db->options.connections; i++)
        if (db->conns[i].state == STATE_UP)
            return true;
    return false;
}

const char *db_trouble(const struct db *db)
{
    return db->trouble;
}

int db_pending(const struct db *db)
{
    int n = db->n_waiting;
    for (int i = 0; i < db->options.connections; i++)
        n += db->conns[i].n_sent;
    return n;
}

int db_rows(const struct db_result *r)
{
    return r->rows ? PQntuples(r->rows) : 0;
}

const char *db_text(const struct db_result *r, int row, int column)
{
    return PQgetisnull(r->rows, row, column) ? NULL : PQgetvalue(r->rows, row, column);
}

size_t db_length(const struct db_result *r, int row, int column)
{
    return (size_t)PQgetlength(r->rows, row, column);
}

int64_t db_int(const struct db_result *r, int row, int column)
{
    const char *text = db_text(r, row, column);
    return text ? strtoll(text, NULL, 10) : 0;
}
