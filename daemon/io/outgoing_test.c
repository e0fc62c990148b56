/* Requests that go out, against a server of our own on the same loop. */
#include "daemon/io/outgoing.h"

#include "base/http.h"
#include "daemon/io/address.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 40 };

static struct loop *loop;
static struct http_server *server;
static struct outgoing *out;
static struct http_request *held[2];
static int n_held;
static char url[64];
static int waiting;

struct heard {
    int answered, status, retry_after_s;
    size_t len;
    char error[128], body[128];
};

static void serve(void *arg, struct http_request *r)
{
    size_t len;
    char text[256];
    const char *body = http_body(r, &len), *path = http_path(r), *h = http_header(r, "webhook-id");
    (void)arg;
    if (!strcmp(path, "/hold")) {
        held[n_held++] = r;
    } else if (!strcmp(path, "/large")) {
        char *large = calloc(1, 100000);
        http_reply(r, 200, "text/plain", large, 100000);
        free(large);
    } else if (!strcmp(path, "/busy")) {
        http_set_header(r, "Retry-After", "17");
        http_reply(r, 503, NULL, NULL, 0);
    } else if (!strcmp(path, "/away")) {
        http_set_header(r, "Location", "/echo");
        http_reply(r, 302, NULL, NULL, 0);
    } else {
        int n = snprintf(text, sizeof text, "%s %s %.*s", http_method(r), h ? h : "-", (int)len, body);
        http_reply(r, 200, "text/plain", text, (size_t)n);
    }
}

static void done(void *arg, const struct outgoing_answer *a)
{
    struct heard *h = arg;
    h->answered++;
    h->status = a->status;
    h->len = a->len;
    h->retry_after_s = a->retry_after_s;
    snprintf(h->error, sizeof h->error, "%s", a->error ? a->error : "");
    snprintf(h->body, sizeof h->body, "%s", a->body);
    if (--waiting == 0)
        loop_stop(loop);
}

static void begin(bool allow_private)
{
    struct http_options ho = {
        .address = "127.0.0.1", .body_max = 4096, .request_seconds = 5, .connections_max = 100};
    struct outgoing_options oo = {.timeout_ms = 300,
                                  .answer_max = 1000,
                                  .at_once_max = 8,
                                  .waiting_max = MANY,
                                  .allow_private = allow_private};
    struct error err;
    loop = loop_new(NULL, NULL);
    server = http_listen(loop, &ho, serve, NULL, &err);
    ck_assert_msg(server != NULL, "%s", err.text);
    out = outgoing_new(loop, &oo);
    waiting = 0;
    n_held = 0;
}

static void end(void)
{
    while (n_held)
        http_reply(held[--n_held], 200, NULL, NULL, 0);
    outgoing_free(out);
    http_free(server);
    loop_free(loop);
}

static int post(const char *path, struct heard *h)
{
    static const char *const headers[] = {"webhook-id: msg_1", "Content-Type: application/json", NULL};
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", http_port(server), path);
    struct outgoing_post p = {url, headers, "{\"a\":1}", 7};
    waiting++;
    return outgoing_post(out, &p, done, h);
}

static struct heard ask(const char *path)
{
    struct heard h = {0};
    ck_assert_int_eq(post(path, &h), 0);
    loop_run(loop);
    ck_assert_int_eq(h.answered, 1);
    return h;
}

START_TEST(a_post_arrives_with_headers_and_body)
{
    begin(true);
    struct heard h = ask("/echo");
    ck_assert_int_eq(h.status, 200);
    ck_assert_str_eq(h.body, "POST msg_1 {\"a\":1}");
    end();
}
END_TEST

START_TEST(retry_after_is_told_and_redirects_are_not_followed)
{
    begin(true);
    struct heard h = ask("/busy");
    ck_assert_int_eq(h.status, 503);
    ck_assert_int_eq(h.retry_after_s, 17);
    h = ask("/away");
    ck_assert_int_eq(h.status, 302);
    end();
}
END_TEST

START_TEST(a_large_answer_is_cut)
{
    begin(true);
    struct heard h = ask("/large");
    ck_assert_int_eq(h.status, 200);
    ck_assert_uint_eq(h.len, 1000);
    end();
}
END_TEST

START_TEST(a_silent_server_times_out)
{
    begin(true);
    struct heard h = ask("/hold");
    ck_assert_int_eq(h.status, 0);
    ck_assert_str_ne(h.error, "");
    end();
}
END_TEST

START_TEST(private_addresses_are_refused)
{
    begin(false);
    struct heard h = ask("/echo");
    ck_assert_int_eq(h.status, 0);
    ck_assert_str_eq(h.error, "the address is not public");
    end();
}
END_TEST

START_TEST(many_wait_in_order_and_too_many_are_refused)
{
    static struct heard heard[MANY + 1];
    begin(true);
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(post("/echo", &heard[i]), 0);
    ck_assert_int_eq(post("/echo", &heard[MANY]), -1);
    waiting--;
    loop_run(loop);
    for (int i = 0; i < MANY; i++)
        ck_assert_int_eq(heard[i].status, 200);
    ck_assert_int_eq(outgoing_pending(out), 0);
    end();
}
END_TEST

static void stop(void *arg)
{
    (void)arg;
    loop_stop(loop);
}

START_TEST(freeing_answers_what_runs)
{
    struct heard h[2] = {0};
    begin(true);
    post("/hold", &h[0]);
    post("/hold", &h[1]);
    waiting++; /* not reached: nothing stops the loop but the timer */
    struct loop_timer *t = loop_timer_new(loop, 50, 0, stop, NULL);
    loop_run(loop);
    loop_timer_free(t);
    outgoing_free(out);
    ck_assert_int_eq(h[0].answered, 1);
    ck_assert_str_eq(h[1].error, "shutting down");
    struct outgoing_options oo = {.at_once_max = 1};
    out = outgoing_new(loop, &oo);
    end();
}
END_TEST

static const struct address_row {
    const char *text;
    bool is_public;
} addresses[] = {
    {"8.8.8.8", true},           {"127.0.0.1", false},     {"10.1.2.3", false},
    {"172.15.255.255", true},    {"172.16.0.1", false},    {"172.31.255.255", false},
    {"172.32.0.0", true},        {"192.168.1.1", false},   {"169.254.169.254", false},
    {"100.64.0.1", false},       {"100.128.0.1", true},    {"0.0.0.0", false},
    {"255.255.255.255", false},  {"224.0.0.1", false},     {"198.18.0.1", false},
    {"2400:3200::1", true},      {"::1", false},           {"::", false},
    {"fe80::1", false},          {"fd00::1", false},       {"ff02::1", false},
    {"::ffff:127.0.0.1", false}, {"::ffff:8.8.8.8", true}, {"64:ff9b::a00:1", false},
    {"64:ff9b:1::1", false},     {"2002:7f00:1::", false}, {"2001:db8::1", false},
};

START_TEST(only_public_addresses_are_public)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } a = {0};
    const struct address_row *row = &addresses[_i];
    bool six = strchr(row->text, ':') != NULL;
    a.sa.sa_family = six ? AF_INET6 : AF_INET;
    void *to = six ? (void *)&a.in6.sin6_addr : (void *)&a.in.sin_addr;
    ck_assert_int_eq(inet_pton(a.sa.sa_family, row->text, to), 1);
    ck_assert_msg(address_is_public(&a.sa) == row->is_public, "%s", row->text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("daemon/io/outgoing");
    TCase *t = tcase_create("outgoing");
    tcase_add_test(t, a_post_arrives_with_headers_and_body);
    tcase_add_test(t, retry_after_is_told_and_redirects_are_not_followed);
    tcase_add_test(t, a_large_answer_is_cut);
    tcase_add_test(t, a_silent_server_times_out);
    tcase_add_test(t, private_addresses_are_refused);
    tcase_add_test(t, many_wait_in_order_and_too_many_are_refused);
    tcase_add_test(t, freeing_answers_what_runs);
    tcase_add_loop_test(t, only_public_addresses_are_public, 0, sizeof addresses / sizeof addresses[0]);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
