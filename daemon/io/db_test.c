/* The database client against a private PostgreSQL. */
#include "daemon/io/db.h"

#include "daemon/io/pg_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 1000 };

static const struct db_stmt echo = {"echo", "SELECT $1::int, $2::text", 2};
static const struct db_stmt insert = {"insert", "INSERT INTO t VALUES ($1::int) RETURNING id", 1};
static const struct db_stmt insert_late = {"insert_late", "INSERT INTO late VALUES ($1::int) RETURNING id",
                                           1};
static const struct db_stmt nap = {"nap", "SELECT pg_sleep($1::float8)", 1};
static const struct db_stmt wrong = {"wrong", "SELECT nothing FROM nowhere", 0};
static const struct db_stmt notify = {"notify", "SELECT pg_notify('hint', $1)", 1};
static const struct db_stmt large = {"large", "SELECT repeat('x', $1::int)", 1};

struct heard {
    int answered;
    enum db_status status;
    bool sent;
    char sqlstate[6], constraint[32], message[128], text[32];
    size_t length;
    int64_t number;
};

static struct loop *loop;
static struct db *db;
static int waiting, notified;
static char payload[32];
static struct heard heard[MANY];

static void done(void *arg, const struct db_result *r)
{
    struct heard *h = arg;
    h->answered++;
    h->status = r->status;
    h->sent = r->sent;
    snprintf(h->sqlstate, sizeof h->sqlstate, "%s", r->sqlstate);
    snprintf(h->constraint, sizeof h->constraint, "%s", r->constraint ? r->constraint : "");
    snprintf(h->message, sizeof h->message, "%s", r->message ? r->message : "");
    if (r->status == DB_OK && db_rows(r)) {
        const char *text = db_text(r, 0, h->number ? 1 : 0);
        h->number = db_int(r, 0, 0);
        h->length = db_length(r, 0, 0);
        snprintf(h->text, sizeof h->text, "%s", text ? text : "(null)");
    }
    if (--waiting == 0)
        loop_stop(loop);
}

static void on_notify(void *arg, const char *text)
{
    (void)arg;
    notified++;
    snprintf(payload, sizeof payload, "%s", text);
    if (--waiting == 0)
        loop_stop(loop);
}

static void setup(void)
{
    struct db_options o = {.conninfo = "",
                           .connections = 2,
                           .timeout_ms = 2000,
                           .waiting_max = 2000,
                           .settings = "-c application_name=dbtest",
                           .listen = "hint",
                           .on_notify = on_notify};
    pg_test_sql("SET client_min_messages = error; DROP TABLE IF EXISTS t, late; "
                "CREATE TABLE t (id int CONSTRAINT t_is_positive CHECK (id > 0)); "
                "CREATE TABLE late (id int CONSTRAINT late_once UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    loop = loop_new(NULL, NULL);
    db = db_new(loop, &o);
    waiting = notified = 0;
    memset(heard, 0, sizeof heard);
}

static void teardown(void)
{
    db_free(db);
    loop_free(loop);
}

static void call(int i, const struct db_stmt *stmt, const char *a, const char *b, int timeout_ms)
{
    struct db_args args = {.n = stmt->params, .values = {a, b}, .timeout_ms = timeout_ms};
    waiting++;
    db_call(db, stmt, &args, done, &heard[i]);
}

static struct heard *ask(const struct db_stmt *stmt, const char *a)
{
    memset(&heard[0], 0, sizeof heard[0]);
    call(0, stmt, a, NULL, 0);
    loop_run(loop);
    ck_assert_int_eq(heard[0].answered, 1);
    return &heard[0];
}

static void stop(void *arg)
{
    (void)arg;
    loop_stop(loop);
}

static void run_ms(int ms)
{
    struct loop_timer *t = loop_timer_new(loop, ms, 0, stop, NULL);
    loop_run(loop);
    loop_timer_free(t);
}

START_TEST(every_call_gets_its_own_answer)
{
    char text[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "%d", i);
        heard[i].number = 1;
        call(i, &echo, text, i % 3 ? text : NULL, 0);
        ck_assert_int_eq(heard[i].answered, 0);
    }
    ck_assert_int_eq(db_pending(db), MANY);
    loop_run(loop);
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "%d", i);
        ck_assert_int_eq(heard[i].answered, 1);
        ck_assert_int_eq(heard[i].status, DB_OK);
        ck_assert_int_eq(heard[i].number, i);
        ck_assert_str_eq(heard[i].text, i % 3 ? text : "(null)");
    }
    ck_assert_int_eq(db_pending(db), 0);
}
END_TEST

START_TEST(an_error_touches_no_neighbour)
{
    for (int i = 0; i < 100; i++)
        call(i, i % 10 == 4 ? &wrong : &insert, i % 10 == 7 ? "-1" : "1", NULL, 0);
    loop_run(loop);
    for (int i = 0; i < 100; i++) {
        const char *state = i % 10 == 4 ? "42P01" : i % 10 == 7 ? "23514" : "";
        ck_assert_int_eq(heard[i].status, *state ? DB_ERROR : DB_OK);
        ck_assert_msg(!strcmp(heard[i].sqlstate, state) ||
                          (i % 10 == 4 && !strcmp(heard[i].sqlstate, "26000")),
                      "%d: %s %s", i, heard[i].sqlstate, heard[i].message);
        ck_assert_str_eq(heard[i].constraint, i % 10 == 7 ? "t_is_positive" : "");
    }
    ck_assert_int_eq(pg_test_sql("SELECT count(*) FROM t"), 80);
}
END_TEST

START_TEST(an_error_of_the_commit_is_an_error)
{
    ck_assert_int_eq(ask(&insert_late, "1")->status, DB_OK);
    struct heard *h = ask(&insert_late, "1");
    ck_assert_int_eq(h->status, DB_ERROR);
    ck_assert_str_eq(h->sqlstate, "23505");
    ck_assert_str_eq(h->constraint, "late_once");
    ck_assert_int_eq(ask(&insert_late, "2")->status, DB_OK);
}
END_TEST

START_TEST(a_late_answer_is_a_timeout_and_work_goes_on)
{
    call(0, &nap, "3", NULL, 300);
    call(1, &nap, "3", NULL, 300);
    call(2, &insert, "5", NULL, 0);
    loop_run(loop);
    ck_assert_int_eq(heard[0].status, DB_LOST);
    ck_assert(heard[0].sent);
    ck_assert_int_eq(ask(&insert, "6")->status, DB_OK);
}
END_TEST

START_TEST(a_long_call_does_not_hold_up_the_others)
{
    run_ms(200); /* both connections stand */
    call(0, &nap, "1", NULL, 0);
    for (int i = 1; i < 200; i++) {
        call(i, &echo, "1", NULL, 500);
        run_ms(1);
    }
    if (waiting)
        loop_run(loop);
    for (int i = 0; i < 200; i++)
        ck_assert_msg(heard[i].status == DB_OK, "%d: %s", i, heard[i].message);
}
END_TEST

START_TEST(a_killed_connection_is_lost_and_comes_back)
{
    ask(&echo, "1");
    call(0, &nap, "5", NULL, 0);
    run_ms(50);
    pg_test_sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE application_name = 'dbtest'");
    loop_run(loop);
    ck_assert_int_eq(heard[0].status, DB_LOST);
    ck_assert_int_eq(ask(&echo, "1")->status, DB_OK);
}
END_TEST

START_TEST(a_server_that_is_away_is_waited_for)
{
    ask(&echo, "1");
    ck_assert(db_ready(db));
    pg_test_server("stop", "immediate");
    run_ms(100);
    ck_assert(!db_ready(db));
    ck_assert_str_ne(db_trouble(db), "");
    struct heard *h = ask(&echo, "1");
    ck_assert_int_eq(h->status, DB_TIMEOUT);
    ck_assert(!h->sent);
    pg_test_server("start", NULL);
    ck_assert_int_eq(ask(&echo, "1")->status, DB_OK);
}
END_TEST

START_TEST(notifications_arrive)
{
    waiting = 1;
    ask(&notify, "zone 7");
    ck_assert_int_eq(notified, 1);
    ck_assert_str_eq(payload, "zone 7");
}
END_TEST

START_TEST(a_large_answer_arrives_whole)
{
    struct heard *h = ask(&large, "20000000");
    ck_assert_int_eq(h->status, DB_OK);
    ck_assert_uint_eq(h->length, 20000000);
}
END_TEST

static void cancel_waits(void *arg)
{
    (void)arg;
    pg_test_sql("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
}

START_TEST(a_commit_without_its_standby_is_unknown)
{
    ask(&echo, "1");
    pg_test_sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    pg_test_sql("SELECT pg_reload_conf()");
    run_ms(200);
    struct loop_timer *t = loop_timer_new(loop, 200, 200, cancel_waits, NULL);
    struct heard *h = ask(&insert, "9");
    loop_timer_free(t);
    pg_test_sql("ALTER SYSTEM RESET synchronous_standby_names");
    pg_test_sql("SELECT pg_reload_conf()");
    ck_assert_int_eq(h->status, DB_LOST);
    run_ms(200);
    ck_assert_int_eq(ask(&insert, "10")->status, DB_OK);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("daemon/io/db");
    TCase *t = tcase_create("db");
    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, every_call_gets_its_own_answer);
    tcase_add_test(t, an_error_touches_no_neighbour);
    tcase_add_test(t, an_error_of_the_commit_is_an_error);
    tcase_add_test(t, a_late_answer_is_a_timeout_and_work_goes_on);
    tcase_add_test(t, a_long_call_does_not_hold_up_the_others);
    tcase_add_test(t, a_killed_connection_is_lost_and_comes_back);
    tcase_add_test(t, notifications_arrive);
    tcase_add_test(t, a_large_answer_arrives_whole);
    tcase_add_test(t, a_commit_without_its_standby_is_unknown);
    tcase_add_test(t, a_server_that_is_away_is_waited_for);
    suite_add_tcase(s, t);
    return s;
}

int main(int argc, char **argv)
{
    (void)argc;
    return pg_test_main(argv, suite);
}
