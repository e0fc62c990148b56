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
    CONNECT_US = 3000000,
    CALL_US = 500 /* a usual call takes */
};

struct call {
    TAILQ_ENTRY(call) link;
    const struct db_stmt *stmt;
    void (*done)(void *arg, const struct db_result *r);
    void *arg;
    int64_t deadline_us;
    int64_t sent_us;
    bool preparing;   /* its PREPARE is in the pipeline before it */
    bool answered;    /* done was called: its remaining results are only read away */
    bool doubtful;    /* committed here, perhaps not on the standby */
    PGresult *result; /* not yet committed: that is what the Sync tells */
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
    char *conninfo, *settings;
    struct db_stmt listen;
    char listen_sql[96];
    bool closing;
    struct conn conns[CONNECTIONS_MAX];
    struct calls waiting;
    int n_waiting;
    struct loop_timer *sweep;
    char trouble[256];
};

static void conn_open(void *arg);
static bool send_call(struct conn *k, struct call *c);
static void flush(struct conn *k);
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
    int timeout_ms = args->timeout_ms ? args->timeout_ms : db->options.timeout_ms;
    c->deadline_us = clock_mono_us() + (int64_t)timeout_ms * 1000;
    return c;
}

static void call_free(struct call *c)
{
    PQclear(c->result);
    free(c);
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

static void ignore(void *arg, const struct db_result *r)
{
    (void)arg;
    if (r->status == DB_ERROR)
        log_error("database: LISTEN: %s", r->message);
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
    if (!k->db->closing && (k->state == STATE_UP || k->pause_ms == PAUSE_MIN_MS))
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
        call_free(c);
    }
}

/* A synchronous standby that is away turns a cancelled wait into a warning (class 01, in no language we could
 * rely on, but with one source function): the commit may be lost with this server, so its outcome is unknown.
 */
static void on_notice(void *arg, const PGresult *res)
{
    struct conn *k = arg;
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *function = PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION);
    struct call *c = TAILQ_FIRST(&k->sent);
    if (c && function && !strcmp(function, "SyncRepWaitForLSN"))
        c->doubtful = true;
    log_info("database says: %s", text ? text : "?");
}

/* NOTIFY is only a hint: what it tells is found by polling, too. */
static void listen_here(struct conn *k)
{
    static const struct db_args none = {0};
    struct call *c = call_new(k->db, &k->db->listen, &none);
    c->done = ignore;
    TAILQ_INSERT_TAIL(&k->sent, c, link);
    k->n_sent++;
    if (!send_call(k, c))
        conn_lost(k, PQerrorMessage(k->pg));
    else
        flush(k);
}

static void conn_up(struct conn *k)
{
    PQsetnonblocking(k->pg, 1);
    PQenterPipelineMode(k->pg);
    PQsetNoticeReceiver(k->pg, on_notice, k);
    k->state = STATE_UP;
    k->pause_ms = PAUSE_MIN_MS;
    watch(k, EV_READ);
    if (k->db->options.listen && k == k->db->conns)
        listen_here(k);
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
    const char *names[] = {"dbname", "fallback_application_name", k->db->settings ? "options" : NULL, NULL};
    const char *values[] = {k->db->conninfo, "yizhan", k->db->settings, NULL};
    k->pg = PQconnectStartParams(names, values, 1);
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
    c->sent_us = clock_mono_us();
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

/* How long a new call would wait there, roughly: one that has run for long is likely to run on. */
static int64_t burden(const struct conn *k, int64_t now)
{
    const struct call *c = TAILQ_FIRST(&k->sent);
    return c ? k->n_sent * (int64_t)CALL_US + (now - c->sent_us) : 0;
}

static struct conn *least_busy(struct db *db)
{
    struct conn *best = NULL;
    int64_t now = clock_mono_us(), least = INT64_MAX;
    for (int i = 0; i < db->options.connections; i++) {
        struct conn *k = &db->conns[i];
        if (k->state != STATE_UP || k->n_sent >= DEEP || burden(k, now) >= least)
            continue;
        least = burden(k, now);
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

/* The transaction of the oldest call has ended: only now is its result true. */
static void finish_call(struct conn *k)
{
    struct call *c = TAILQ_FIRST(&k->sent);
    struct db_result r = {.status = DB_OK, .sent = true, .rows = c->result};
    ExecStatusType status = c->result ? PQresultStatus(c->result) : PGRES_PIPELINE_ABORTED;
    TAILQ_REMOVE(&k->sent, c, link);
    k->n_sent--;
    if (c->doubtful) {
        r = (struct db_result){.status = DB_LOST, .sent = true, .message = "the standby has not confirmed"};
    } else if (status == PGRES_PIPELINE_ABORTED) {
        r = (struct db_result){.status = DB_ERROR, .sent = true, .message = "no result"};
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fill_error(c->result, &r);
        if (c->preparing)
            prepared_remove(k, c->stmt);
    }
    answer(c, &r);
    call_free(c);
}

/* One result of the oldest unanswered call. An error may also come after its rows: from the commit. */
static void take_result(struct conn *k, PGresult *res)
{
    struct call *c = TAILQ_FIRST(&k->sent);
    ExecStatusType status = PQresultStatus(res);
    if (status == PGRES_PIPELINE_SYNC) {
        PQclear(res);
        finish_call(k);
    } else if (status == PGRES_PIPELINE_ABORTED) {
        PQclear(res);
    } else if (c->preparing && status == PGRES_COMMAND_OK) {
        c->preparing = false;
        PQclear(res);
    } else {
        PQclear(c->result);
        c->result = res;
    }
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
        if (k->state != STATE_UP)
            return;
    }
    for (PGnotify *n; (n = PQnotifies(k->pg)); PQfreemem(n))
        k->db->options.on_notify(k->db->options.arg, n->extra);
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

static void sweep_waiting(struct db *db, int64_t now)
{
    struct calls late = TAILQ_HEAD_INITIALIZER(late);
    for (struct call *c = TAILQ_FIRST(&db->waiting), *next; c; c = next) {
        next = TAILQ_NEXT(c, link);
        if (c->deadline_us >= now)
            continue;
        TAILQ_REMOVE(&db->waiting, c, link);
        db->n_waiting--;
        TAILQ_INSERT_TAIL(&late, c, link);
    }
    for (struct call *c; (c = TAILQ_FIRST(&late));) {
        TAILQ_REMOVE(&late, c, link);
        answer_plain(c, DB_TIMEOUT, false, db_ready(db) ? "the database is too busy" : db->trouble);
        call_free(c);
    }
}

/* When the call that the server works on is late, the server may be frozen: the connection is given up, and
 * everything on it is unknown. A later call in the queue that cannot wait is answered and its result ignored.
 */
static void sweep_sent(struct conn *k, int64_t now)
{
    struct call *c = TAILQ_FIRST(&k->sent);
    if (k->state == STATE_CONNECTING && k->began_us + CONNECT_US < now)
        conn_lost(k, "no connection in time");
    if (k->state != STATE_UP || !c)
        return;
    if (c->deadline_us < now) {
        conn_lost(k, "no answer in time");
    } else {
        while (c && (c->answered || c->deadline_us >= now))
            c = TAILQ_NEXT(c, link);
        if (c) /* one a sweep: its `done` may change the queue */
            answer_plain(c, DB_TIMEOUT, true, "no answer in time");
    }
}

static void sweep(void *arg)
{
    struct db *db = arg;
    int64_t now = clock_mono_us();
    sweep_waiting(db, now);
    for (int i = 0; i < db->options.connections; i++)
        sweep_sent(&db->conns[i], now);
    pump(db);
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
    db->settings = o->settings ? strdup(o->settings) : NULL;
    if (!db->conninfo || (o->settings && !db->settings))
        log_fatal("out of memory");
    snprintf(db->listen_sql, sizeof db->listen_sql, "LISTEN %.63s", o->listen ? o->listen : "");
    db->listen = (struct db_stmt){"listen", db->listen_sql, 0};
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
    db->closing = true;
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
        call_free(c);
    }
    loop_timer_free(db->sweep);
    free(db->conninfo);
    free(db->settings);
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
