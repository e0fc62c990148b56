/* The batch writer against a private PostgreSQL. */
#include "daemon/io/batch.h"

#include "daemon/io/array.h"
#include "daemon/io/pg_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 500 };

static const struct db_stmt put = {
    "put",
    "WITH new AS (INSERT INTO batch_rows SELECT * FROM unnest($2::int[], $3::text[]) "
    "ON CONFLICT (id) DO NOTHING RETURNING id) "
    "SELECT u.i::int, CASE WHEN new.id IS NULL THEN 'duplicate' ELSE 'recorded' END, $1::text, u.note "
    "FROM unnest($2::int[], $3::text[]) WITH ORDINALITY AS u(id, note, i) LEFT JOIN new USING (id) "
    "ORDER BY u.i DESC",
    3};

struct asked {
    int answered, rows;
    enum db_status status;
    char sqlstate[6], result[16], head[16], last_note[32];
};

static struct loop *loop;
static struct db *db;
static struct batch *batch;
static int waiting, afters;
static struct asked asked[REQUESTS];
static int next_request;

static void done(void *arg, const struct batch_answer *a)
{
    struct asked *q = arg;
    q->answered++;
    q->status = batch_result(a)->status;
    snprintf(q->sqlstate, sizeof q->sqlstate, "%s", batch_result(a)->sqlstate);
    if (q->status == DB_OK) {
        q->rows = batch_rows(a);
        snprintf(q->result, sizeof q->result, "%s", batch_text(a, 0, 1));
        snprintf(q->head, sizeof q->head, "%s", batch_text(a, 0, 2));
        snprintf(q->last_note, sizeof q->last_note, "%s", batch_text(a, q->rows - 1, 3));
    }
    if (--waiting == 0)
        loop_stop(loop);
}

static void heads(void *arg, const char *values[])
{
    (void)arg;
    values[0] = "head";
}

static void after(void *arg)
{
    (void)arg;
    afters++;
}

static void setup(void)
{
    pg_test_sql("DROP TABLE IF EXISTS batch_rows; CREATE TABLE batch_rows (id int PRIMARY KEY, "
                "note text CHECK (note <> 'bad'))");
    struct db_options o = {.conninfo = "", .connections = 2, .timeout_ms = 700, .waiting_max = 1000};
    struct batch_options b = {.stmt = &put,
                              .heads = 1,
                              .fill_heads = heads,
                              .gather_us = 1000,
                              .rows_max = 1000,
                              .under_way_max = 2,
                              .waiting_max = 5000,
                              .deadline_ms = 8000,
                              .after = after};
    loop = loop_new(NULL, NULL);
    db = db_new(loop, &o);
    batch = batch_new(loop, db, &b);
    memset(asked, 0, sizeof asked);
    waiting = afters = 0;
}

static void teardown(void)
{
    batch_free(batch);
    db_free(db);
    loop_free(loop);
}

static int ask(int n_request, int first_id, int rows, const char *note)
{
    char ids[100][12];
    const char *values[200];
    for (int i = 0; i < rows; i++) {
        snprintf(ids[i], sizeof ids[i], "%d", first_id + i);
        values[2 * i] = ids[i];
        values[2 * i + 1] = note;
    }
    waiting++;
    return batch_put(batch, rows, values, done, &asked[n_request]);
}

START_TEST(requests_share_a_commit_and_get_their_own_answers)
{
    for (int i = 0; i < REQUESTS; i++)
        ck_assert_int_eq(ask(i, 10 * i, 1 + i % 7, i % 2 ? "a \"quoted\", \\ {brace}" : NULL), 0);
    ck_assert_int_gt(batch_waiting(batch), REQUESTS);
    loop_run(loop);
    for (int i = 0; i < REQUESTS; i++) {
        ck_assert_int_eq(asked[i].answered, 1);
        ck_assert_int_eq(asked[i].status, DB_OK);
        ck_assert_int_eq(asked[i].rows, 1 + i % 7);
        ck_assert_str_eq(asked[i].result, "recorded");
        ck_assert_str_eq(asked[i].head, "head");
        ck_assert_str_eq(asked[i].last_note, i % 2 ? "a \"quoted\", \\ {brace}" : "(null)");
    }
    ck_assert_int_eq(batch_waiting(batch), 0);
    ck_assert_int_le(afters, 5);
    ck_assert_int_eq(pg_test_sql("SELECT count(*) FROM batch_rows"), 1994);
}
END_TEST

START_TEST(a_bad_request_fails_alone)
{
    for (int i = 0; i < 100; i++)
        ask(i, i, 1, i == 37 || i == 90 ? "bad" : "good");
    loop_run(loop);
    for (int i = 0; i < 100; i++) {
        bool bad = i == 37 || i == 90;
        ck_assert_int_eq(asked[i].answered, 1);
        ck_assert_int_eq(asked[i].status, bad ? DB_ERROR : DB_OK);
        ck_assert_str_eq(asked[i].sqlstate, bad ? "23514" : "");
    }
    ck_assert_int_eq(pg_test_sql("SELECT count(*) FROM batch_rows"), 98);
}
END_TEST

static const struct db_stmt slow_put = {
    "slow_put",
    "SELECT u.i::int, 'recorded', $1::text, u.note FROM (SELECT pg_sleep(0.2)) s, "
    "unnest($2::int[], $3::text[]) WITH ORDINALITY AS u(id, note, i)",
    3};

static void put_ten(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10 && next_request < 30; i++, next_request++)
        ck_assert_int_eq(ask(next_request, next_request, 1, "x"), 0);
}

static int statements_for_thirty(int rows_enough)
{
    struct batch_options o = {.stmt = &slow_put,
                              .heads = 1,
                              .fill_heads = heads,
                              .rows_max = 1000,
                              .after = after,
                              .under_way_max = 2,
                              .rows_enough = rows_enough,
                              .waiting_max = 5000,
                              .deadline_ms = 8000};
    struct batch *other = batch;
    batch = batch_new(loop, db, &o);
    struct loop_timer *source = loop_timer_new(loop, 0, 30, put_ten, NULL);
    next_request = afters = 0;
    waiting = 0;
    loop_run(loop);
    loop_timer_free(source);
    batch_free(batch);
    batch = other;
    return afters;
}

START_TEST(few_rows_wait_for_the_statement_under_way)
{
    ck_assert_int_eq(statements_for_thirty(100), 2);
    ck_assert_int_eq(statements_for_thirty(10), 3);
}
END_TEST

START_TEST(too_many_rows_are_refused)
{
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(ask(i, 100 * i, 100, "x"), 0);
    ck_assert_int_eq(ask(50, 5000, 1, "x"), -1);
    waiting--;
    loop_run(loop);
    ck_assert_int_eq(pg_test_sql("SELECT count(*) FROM batch_rows"), 5000);
    ck_assert_int_eq(asked[50].answered, 0);
}
END_TEST

static void kill_backends(void *arg)
{
    (void)arg;
    pg_test_sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'");
}

static void put_more(void *arg)
{
    (void)arg;
    for (int i = 0; i < 10 && next_request < REQUESTS; i++, next_request++)
        ck_assert_int_eq(ask(next_request, next_request, 1, "x"), 0);
    if (next_request != REQUESTS)
        return;
    next_request++;
    if (--waiting == 0)
        loop_stop(loop);
}

START_TEST(lost_connections_lose_no_rows)
{
    struct loop_timer *killer = loop_timer_new(loop, 20, 30, kill_backends, NULL);
    struct loop_timer *source = loop_timer_new(loop, 0, 5, put_more, NULL);
    next_request = 0;
    waiting = 1; /* one more than there are, as long as requests are put */
    loop_run(loop);
    loop_timer_free(killer);
    loop_timer_free(source);
    for (int i = 0; i < REQUESTS; i++) {
        ck_assert_int_eq(asked[i].answered, 1);
        ck_assert_int_eq(asked[i].status, DB_OK);
    }
    ck_assert_int_eq(pg_test_sql("SELECT count(*) FROM batch_rows"), REQUESTS);
}
END_TEST

static void thaw(void *arg)
{
    (void)arg;
    pg_test_server("signal", "CONT");
}

START_TEST(a_frozen_server_is_waited_for)
{
    ask(0, 1, 1, "x");
    loop_run(loop);
    pg_test_server("signal", "STOP");
    struct loop_timer *t = loop_timer_new(loop, 1500, 0, thaw, NULL);
    ask(1, 2, 1, "x");
    ask(2, 1, 1, "x");
    loop_run(loop);
    loop_timer_free(t);
    ck_assert_int_eq(asked[1].rows, 1); /* a repeat may find that the first attempt was committed on waking */
    ck_assert_int_eq(pg_test_sql("SELECT count(*) FROM batch_rows"), 2);
    ck_assert_str_eq(asked[2].result, "duplicate");
}
END_TEST

START_TEST(array_text_survives_any_value)
{
    struct array a = {0}, part = {0};
    ck_assert_str_eq(array_text(&a), "{}");
    array_add(&a, "a\"\\b");
    size_t from = array_len(&a);
    array_add(&a, NULL);
    array_add_bytes(&a, "\x01\xff", 2);
    ck_assert_str_eq(array_text(&a), "{\"a\\\"\\\\b\",NULL,\"\\\\x01ff\"}");
    array_add_slice(&part, a.text + from, array_len(&a) - from);
    ck_assert_str_eq(array_text(&part), "{NULL,\"\\\\x01ff\"}");
    array_fini(&a);
    array_fini(&part);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("daemon/io/batch");
    TCase *t = tcase_create("batch");
    tcase_set_timeout(t, 30);
    tcase_add_test(t, array_text_survives_any_value);
    suite_add_tcase(s, t);
    t = tcase_create("with a server");
    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, requests_share_a_commit_and_get_their_own_answers);
    tcase_add_test(t, a_bad_request_fails_alone);
    tcase_add_test(t, few_rows_wait_for_the_statement_under_way);
    tcase_add_test(t, too_many_rows_are_refused);
    tcase_add_test(t, lost_connections_lose_no_rows);
    tcase_add_test(t, a_frozen_server_is_waited_for);
    suite_add_tcase(s, t);
    return s;
}

int main(int argc, char **argv)
{
    (void)argc;
    return pg_test_main(argv, suite);
}
