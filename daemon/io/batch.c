/* A sheet is one statement in the making: its columns as array texts, and the requests whose rows they hold,
 * each with the place where its elements begin, so that a sheet can be cut in two without the values.
 *
 *   open sheet --gather_us or rows_max--> ready queue --a free place--> under way --> answered
 *                                              ^------- halves, repeats -------'
 */
#include "daemon/io/batch.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/io/array.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { PAUSE_MS = 50 };

struct share { /* one request's rows on a sheet */
    int first, n;
    int64_t deadline_us;
    void (*done)(void *arg, const struct batch_answer *a);
    void *arg;
};

struct sheet {
    TAILQ_ENTRY(sheet) link;
    struct batch *batch;
    int rows;
    struct share *shares;
    int n_shares, shares_room;
    size_t *starts; /* [share][column] */
    struct array columns[];
};
TAILQ_HEAD(sheets, sheet);

struct batch {
    struct loop *loop;
    struct db *db;
    struct batch_options options;
    int columns;
    struct sheet *open;
    struct sheets ready;
    int under_way;
    int waiting;
    struct event *gathered; /* makes the open sheet due: it has waited enough */
    struct loop_timer *pause;
    bool due, pausing, freeing;
};

struct batch_answer {
    const struct db_result *result;
    const struct share *share;
    const int *rows; /* of the sheet's row: the result's */
};

static void send_ready(struct batch *b);

/* ---- sheets ---- */

static void *memory(void *p)
{
    if (!p)
        log_fatal("out of memory");
    return p;
}

static struct sheet *sheet_new(struct batch *b)
{
    struct sheet *s = memory(calloc(1, sizeof *s + (size_t)b->columns * sizeof s->columns[0]));
    s->batch = b;
    return s;
}

static void sheet_free(struct sheet *s)
{
    for (int c = 0; c < s->batch->columns; c++)
        array_fini(&s->columns[c]);
    free(s->shares);
    free(s->starts);
    free(s);
}

static struct share *add_share(struct sheet *s)
{
    size_t columns = (size_t)s->batch->columns;
    if (s->n_shares == s->shares_room) {
        s->shares_room = s->shares_room ? 2 * s->shares_room : 16;
        s->shares = memory(realloc(s->shares, (size_t)s->shares_room * sizeof *s->shares));
        s->starts = memory(realloc(s->starts, (size_t)s->shares_room * columns * sizeof *s->starts));
    }
    for (size_t c = 0; c < columns; c++)
        s->starts[(size_t)s->n_shares * columns + c] = array_len(&s->columns[c]);
    return &s->shares[s->n_shares++];
}

static size_t start_of(const struct sheet *s, int share, int column)
{
    return share < s->n_shares ? s->starts[share * s->batch->columns + column]
                               : array_len(&s->columns[column]);
}

/* Copies one request's rows to the end of another sheet. */
static void copy_share(struct sheet *to, const struct sheet *s, int i)
{
    struct share *copy = add_share(to);
    *copy = s->shares[i];
    copy->first = to->rows;
    to->rows += copy->n;
    for (int c = 0; c < s->batch->columns; c++)
        array_add_slice(&to->columns[c], s->columns[c].text + start_of(s, i, c),
                        start_of(s, i + 1, c) - start_of(s, i, c));
}

/* ---- answers ---- */

static void answer_share(struct batch *b, const struct share *h, const struct db_result *r, const int *rows)
{
    struct batch_answer a = {r, h, rows ? rows + h->first : NULL};
    b->waiting -= h->n;
    h->done(h->arg, &a);
}

static void answer_all(struct sheet *s, const struct db_result *r, const int *rows)
{
    for (int i = 0; i < s->n_shares; i++)
        answer_share(s->batch, &s->shares[i], r, rows);
    sheet_free(s);
}

/* Where each row's answer stands; NULL unless every row has one. */
static int *rows_of(const struct sheet *s, const struct db_result *r)
{
    int n = db_rows(r);
    int *rows = memory(malloc((size_t)(s->rows ? s->rows : 1) * sizeof *rows));
    for (int i = 0; i < s->rows; i++)
        rows[i] = -1;
    for (int i = 0; i < n; i++) {
        int64_t row = db_int(r, i, 0);
        if (row >= 1 && row <= s->rows)
            rows[row - 1] = i;
    }
    for (int i = 0; i < s->rows; i++)
        if (rows[i] < 0) {
            free(rows);
            return NULL;
        }
    return rows;
}

static void answer_committed(struct sheet *s, const struct db_result *r)
{
    struct batch *b = s->batch;
    int *rows = rows_of(s, r);
    if (rows) {
        answer_all(s, r, rows);
        free(rows);
    } else {
        struct db_result bad = {.status = DB_LOST, .sent = true, .message = "rows were left unanswered"};
        log_error("%s: %d of %d rows answered", b->options.stmt->name, db_rows(r), s->rows);
        answer_all(s, &bad, NULL);
    }
    if (b->options.after && !b->freeing)
        b->options.after(b->options.arg);
}

/* ---- sending ---- */

static void ready_put(struct batch *b, struct sheet *s)
{
    TAILQ_INSERT_TAIL(&b->ready, s, link);
}

/* Another try is of use: the outcome is unknown, or the server's state was to blame and not the rows. */
static bool worth_repeating(const struct db_result *r)
{
    static const char *const classes[] = {"08", "40", "53", "57", "58", "25"};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (r->status == DB_ERROR && !strncmp(r->sqlstate, classes[i], 2))
            return true;
    return r->status == DB_LOST || r->status == DB_TIMEOUT;
}

/* Requests whose time is up are answered, the others go again after a pause. */
static void repeat(struct sheet *s, const struct db_result *r)
{
    struct batch *b = s->batch;
    struct sheet *rest = sheet_new(b);
    int64_t now = clock_mono_us();
    for (int i = 0; i < s->n_shares; i++) {
        if (s->shares[i].deadline_us <= now)
            answer_share(b, &s->shares[i], r, NULL);
        else
            copy_share(rest, s, i);
    }
    sheet_free(s);
    if (!rest->n_shares) {
        sheet_free(rest);
        return;
    }
    ready_put(b, rest);
    b->pausing = true;
    loop_timer_again(b->pause, PAUSE_MS);
}

static void halve(struct sheet *s, const struct db_result *r)
{
    if (s->n_shares == 1) {
        answer_all(s, r, NULL);
        return;
    }
    struct sheet *halves[2] = {sheet_new(s->batch), sheet_new(s->batch)};
    for (int i = 0; i < s->n_shares; i++)
        copy_share(halves[i >= s->n_shares / 2], s, i);
    ready_put(s->batch, halves[0]);
    ready_put(s->batch, halves[1]);
    sheet_free(s);
}

static void batch_destroy(struct batch *b)
{
    event_free(b->gathered);
    loop_timer_free(b->pause);
    free(b);
}

static void on_answer(void *arg, const struct db_result *r)
{
    struct sheet *s = arg;
    struct batch *b = s->batch;
    b->under_way--;
    if (r->status == DB_OK)
        answer_committed(s, r);
    else if (b->freeing)
        answer_all(s, r, NULL);
    else if (worth_repeating(r))
        repeat(s, r);
    else
        halve(s, r);
    if (!b->freeing)
        send_ready(b);
    else if (!b->under_way)
        batch_destroy(b);
}

static void send_sheet(struct batch *b, struct sheet *s)
{
    struct db_args args = {.n = b->options.stmt->params};
    if (b->options.heads)
        b->options.fill_heads(b->options.arg, args.values);
    for (int c = 0; c < b->columns; c++)
        args.values[b->options.heads + c] = array_text(&s->columns[c]);
    b->under_way++;
    db_call(b->db, b->options.stmt, &args, on_answer, s);
}

static void close_open(struct batch *b)
{
    if (!b->open)
        return;
    ready_put(b, b->open);
    b->open = NULL;
    b->due = false;
    event_del(b->gathered);
}

/* A statement has a cost of its own: a few rows better wait for the one under way to come back. */
static bool open_may_go(const struct batch *b)
{
    return b->due && b->open && (!b->under_way || b->open->rows >= b->options.rows_enough);
}

static void send_ready(struct batch *b)
{
    while (!b->pausing && b->under_way < b->options.under_way_max) {
        if (TAILQ_EMPTY(&b->ready) && open_may_go(b))
            close_open(b);
        struct sheet *s = TAILQ_FIRST(&b->ready);
        if (!s)
            return;
        TAILQ_REMOVE(&b->ready, s, link);
        send_sheet(b, s);
    }
}

/* While no place is free the open sheet goes on gathering. */
static void on_gathered(evutil_socket_t fd, short what, void *arg)
{
    struct batch *b = arg;
    (void)fd;
    (void)what;
    b->due = true;
    send_ready(b);
}

static void on_pause(void *arg)
{
    struct batch *b = arg;
    b->pausing = false;
    send_ready(b);
}

/* ---- the interface ---- */

struct batch *batch_new(struct loop *l, struct db *db, const struct batch_options *o)
{
    struct batch *b = memory(calloc(1, sizeof *b));
    b->loop = l;
    b->db = db;
    b->options = *o;
    b->columns = o->stmt->params - o->heads;
    if (b->columns < 1 || b->columns > BATCH_COLUMNS_MAX)
        log_fatal("%s: no columns for a batch", o->stmt->name);
    TAILQ_INIT(&b->ready);
    b->gathered = memory(evtimer_new(loop_base(l), on_gathered, b));
    b->pause = loop_timer_new(l, 0, 0, on_pause, b);
    return b;
}

void batch_free(struct batch *b)
{
    struct db_result r = {.status = DB_LOST, .message = "shutting down"};
    b->freeing = true;
    close_open(b);
    for (struct sheet *s; (s = TAILQ_FIRST(&b->ready));) {
        TAILQ_REMOVE(&b->ready, s, link);
        answer_all(s, &r, NULL);
    }
    if (!b->under_way)
        batch_destroy(b);
}

int batch_put(struct batch *b, int n, const char *const *values,
              void (*done)(void *arg, const struct batch_answer *a), void *arg)
{
    struct timeval gather = {b->options.gather_us / 1000000, b->options.gather_us % 1000000};
    if (b->waiting + n > b->options.waiting_max)
        return -1;
    if (b->open && b->open->rows + n > b->options.rows_max)
        close_open(b);
    if (!b->open) {
        b->open = sheet_new(b);
        event_add(b->gathered, &gather);
    }
    struct sheet *s = b->open;
    *add_share(s) =
        (struct share){s->rows, n, clock_mono_us() + (int64_t)b->options.deadline_ms * 1000, done, arg};
    for (int i = 0; i < n * b->columns; i++)
        array_add(&s->columns[i % b->columns], values[i]);
    s->rows += n;
    b->waiting += n;
    if (s->rows >= b->options.rows_max)
        close_open(b);
    send_ready(b);
    return 0;
}

int batch_waiting(const struct batch *b)
{
    return b->waiting;
}

int batch_retry_after(const struct batch *b)
{
    return db_ready(b->db) ? 1 : 5;
}

const struct db_result *batch_result(const struct batch_answer *a)
{
    return a->result;
}

int batch_rows(const struct batch_answer *a)
{
    return a->share->n;
}

const char *batch_text(const struct batch_answer *a, int row, int column)
{
    return db_text(a->result, a->rows[row], column);
}
