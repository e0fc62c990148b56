/* The server from outside: raw bytes on a socket, a thread of its own for the client. */
#include "base/http.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY_MAX = 4096 };

struct talk {
    int port;
    const char *say;
    size_t say_len;
    int drip_ms; /* one byte every so many milliseconds; 0: at once */
    char heard[16384];
    double seconds;
};

static struct loop *loop;

static void *client(void *arg)
{
    struct talk *t = arg;
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)t->port)};
    struct timeval limit = {5, 0};
    struct timespec a, b;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    clock_gettime(CLOCK_MONOTONIC, &a);
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0) {
        for (size_t i = 0; i < t->say_len;) {
            size_t n = t->drip_ms ? 1 : t->say_len - i;
            if (send(fd, t->say + i, n, MSG_NOSIGNAL) < 0)
                break;
            i += n;
            usleep((unsigned)t->drip_ms * 1000);
        }
        size_t len = 0;
        for (ssize_t n; (n = recv(fd, t->heard + len, sizeof t->heard - 1 - len, 0)) > 0;)
            len += (size_t)n;
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    t->seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    close(fd);
    loop_stop(loop);
    return NULL;
}

static void serve(void *arg, struct http_request *r)
{
    size_t len;
    char out[512];
    (void)arg;
    const char *q = http_query(r, "q"), *body = http_body(r, &len);
    int n = snprintf(out, sizeof out, "%s %s q=%s body=%zu:%.3s", http_method(r), http_path(r), q ? q : "-",
                     len, len ? body : "");
    http_reply(r, 200, "text/plain", out, (size_t)n);
}

static void talk(struct talk *t)
{
    struct http_options o = {
        .address = "127.0.0.1", .body_max = BODY_MAX, .request_seconds = 1, .connections_max = 10};
    struct error err;
    pthread_t thread;
    loop = loop_new(NULL, NULL);
    struct http_server *s = http_listen(loop, &o, serve, NULL, &err);
    ck_assert_msg(s != NULL, "%s", err.text);
    t->port = http_port(s);
    pthread_create(&thread, NULL, client, t);
    loop_run(loop);
    pthread_join(thread, NULL);
    http_free(s);
    loop_free(loop);
}

static const struct row {
    const char *say, *hear;
} rows[] = {
    {"GET /a/b?q=%E6%B5%8E HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a/b q=济 body=0:"},
    {"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
     "POST /p q=- body=3:abc"},
    {"DELETE /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "DELETE /x"},
    {"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /2"},
    {"rubbish\r\n\r\n", "400"},
    {"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400"},
};

START_TEST(answers)
{
    static struct talk t;
    t = (struct talk){.say = rows[_i].say, .say_len = strlen(rows[_i].say)};
    talk(&t);
    ck_assert_msg(strstr(t.heard, rows[_i].hear) != NULL, "'%s' lacks '%s'", t.heard, rows[_i].hear);
}
END_TEST

START_TEST(a_large_body_is_refused_with_a_problem)
{
    static struct talk t;
    static char big[200000];
    int n = snprintf(big, sizeof big, "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 150000\r\n\r\n");
    memset(big + n, 'a', 150000);
    t = (struct talk){.say = big, .say_len = (size_t)n + 150000};
    talk(&t);
    ck_assert_msg(strstr(t.heard, "413") && strstr(t.heard, "application/problem+json"), "'%s'", t.heard);
}
END_TEST

START_TEST(a_slow_drip_is_cut)
{
    static struct talk t;
    static const char say[] =
        "GET /a-path-that-takes-forever-to-arrive-at-the-server HTTP/1.1\r\nHost: x\r\n\r\n";
    t = (struct talk){.say = say, .say_len = sizeof say - 1, .drip_ms = 100};
    talk(&t);
    ck_assert_str_eq(t.heard, "");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/http");
    TCase *t = tcase_create("http");
    tcase_set_timeout(t, 20);
    tcase_add_loop_test(t, answers, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, a_large_body_is_refused_with_a_problem);
    tcase_add_test(t, a_slow_drip_is_cut);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
