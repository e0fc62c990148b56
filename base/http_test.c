/* The server from outside: raw bytes on a socket, a thread of its own for the client. */
#include "base/http.h"

#include "base/mailbox.h"

#include <arpa/inet.h>
#include <check.h>
#include <event2/buffer.h>
#include <fcntl.h>
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
    int drip_ms;        /* one byte every so many milliseconds; 0: at once */
    const char *listen; /* does not end its side before it has heard this */
    char heard[65536];
    double seconds;
};

static struct loop *loop;
static struct mailbox *box; /* the client's thread says that it has finished */
static struct http_options options;
static struct http_request *held[4];
static int n_held, replied;

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
        ssize_t n = 1;
        while (t->listen && !strstr(t->heard, t->listen) && n > 0) {
            n = recv(fd, t->heard + len, sizeof t->heard - 1 - len, 0);
            len += n > 0 ? (size_t)n : 0;
        }
        shutdown(fd, SHUT_WR);
        while ((n = recv(fd, t->heard + len, sizeof t->heard - 1 - len, 0)) > 0)
            len += (size_t)n;
    }
    clock_gettime(CLOCK_MONOTONIC, &b);
    t->seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
    close(fd);
    mailbox_put(box, t);
    return NULL;
}

static void finished(void *arg, void *message)
{
    (void)arg;
    (void)message;
    loop_stop(loop);
}

static void reply_with_file(struct http_request *r, off_t size)
{
    char path[] = "/tmp/yizhan-file.XXXXXX";
    struct evbuffer *b = evbuffer_new();
    int fd = mkstemp(path);
    ck_assert_int_eq(ftruncate(fd, size), 0);
    ck_assert_int_eq(pwrite(fd, "end", 3, size - 3), 3);
    unlink(path);
    ck_assert_int_eq(evbuffer_add_file(b, fd, 0, size), 0);
    http_reply_buffer(r, 200, "application/octet-stream", b);
    evbuffer_free(b);
}

static void serve(void *arg, struct http_request *r)
{
    size_t len;
    char out[512];
    (void)arg;
    if (!strcmp(http_path(r), "/file")) {
        reply_with_file(r, atol(http_query(r, "size")));
        return;
    }
    if (!strncmp(http_path(r), "/later", 6)) {
        held[n_held++] = r;
        return;
    }
    const char *q = http_query(r, "q"), *body = http_body(r, &len);
    int n = snprintf(out, sizeof out, "%s %s q=%s body=%zu:%.3s", http_method(r), http_path(r), q ? q : "-",
                     len, len ? body : "");
    http_reply(r, 200, "text/plain", out, (size_t)n);
}

static void reply_to_held(void *arg)
{
    char text[64];
    size_t len;
    (void)arg;
    if (!n_held)
        return;
    struct http_request *r = held[--n_held];
    const char *body = http_body(r, &len);
    int n = snprintf(text, sizeof text, "late %s %.*s", http_path(r), (int)len, body);
    http_set_header(r, "X-Test", "a\r\nX-Forged: b");
    http_reply(r, 200, "text/plain", text, (size_t)n);
}

static void on_replied(void *arg, const struct http_request *r, int status, int64_t took_us)
{
    (void)arg;
    replied += status == 200 && took_us >= 0 && http_path(r) != NULL;
}

static void setup(void)
{
    options = (struct http_options){.address = "127.0.0.1",
                                    .body_max = BODY_MAX,
                                    .request_seconds = 1,
                                    .connections_max = 10,
                                    .replied = on_replied};
    n_held = replied = 0;
}

static void talk(struct talk *t)
{
    struct error err;
    pthread_t thread;
    loop = loop_new(NULL, NULL);
    box = mailbox_new(loop, 4, finished, NULL);
    struct loop_timer *timer = loop_timer_new(loop, 20, 20, reply_to_held, NULL);
    struct http_server *s = http_listen(loop, &options, serve, NULL, &err);
    ck_assert_msg(s != NULL, "%s", err.text);
    t->port = http_port(s);
    pthread_create(&thread, NULL, client, t);
    loop_run(loop);
    pthread_join(thread, NULL);
    while (n_held)
        reply_to_held(NULL); /* to nobody */
    http_free(s);
    loop_timer_free(timer);
    mailbox_free(box, NULL);
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
    {"\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n", "GET /x"},
    {"GET http://a/x?q=a+b%26 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x q=a b&"},
    {"GET /x HTTP/1.0\r\n\r\n", "Connection: close"},
    {"HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n", "Content-Length: 19\r\n"},
    {"POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "411"},
    {"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "400"},
    {"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc", "400"},
    {"POST /p HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc", "400"},
    {"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", "400"},
    {"GET / HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", "400"},
    {"GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n", "400"},
    {"GET / HTTP/1.1\r\n\r\n", "400"},
    {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"},
    {"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
    {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
    {"GET x HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
    {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
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

START_TEST(a_large_head_is_refused)
{
    static struct talk t;
    static char big[40000];
    memset(big, 'a', sizeof big);
    memcpy(big, "GET /", 5);
    t = (struct talk){.say = big, .say_len = sizeof big};
    talk(&t);
    ck_assert_ptr_nonnull(strstr(t.heard, "431"));
}
END_TEST

START_TEST(late_replies_keep_the_order)
{
    static struct talk t;
    static const char say[] = "POST /later1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                              "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
                              "GET /later3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    t = (struct talk){.say = say, .say_len = sizeof say - 1, .listen = "late /later3"};
    talk(&t);
    const char *first = strstr(t.heard, "late /later1 abc"), *second = strstr(t.heard, "GET /2"),
               *third = strstr(t.heard, "late /later3");
    ck_assert(first && second > first && third > second);
    ck_assert_ptr_null(strstr(t.heard, "\nX-Forged"));
    ck_assert_int_eq(replied, 3);
}
END_TEST

START_TEST(a_client_that_leaves_is_replied_to_in_vain)
{
    static struct talk t;
    static const char say[] = "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    t = (struct talk){.say = say, .say_len = sizeof say - 1};
    talk(&t);
    ck_assert_str_eq(t.heard, "");
    ck_assert_int_eq(n_held, 0);
}
END_TEST

START_TEST(another_host_is_refused)
{
    static struct talk t;
    options.host = "yizhan.example";
    t = (struct talk){.say = rows[0].say, .say_len = strlen(rows[0].say)};
    talk(&t);
    ck_assert_ptr_nonnull(strstr(t.heard, "421"));
    static const char good[] = "GET /x HTTP/1.1\r\nHost: Yizhan.example:8443\r\n\r\n";
    t = (struct talk){.say = good, .say_len = sizeof good - 1};
    talk(&t);
    ck_assert_ptr_nonnull(strstr(t.heard, "GET /x"));
}
END_TEST

START_TEST(a_body_is_asked_for)
{
    static struct talk t;
    static const char say[] =
        "POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc";
    t = (struct talk){.say = say, .say_len = sizeof say - 1, .drip_ms = 2};
    talk(&t);
    ck_assert_ptr_nonnull(strstr(t.heard, "100 Continue"));
    ck_assert_ptr_nonnull(strstr(t.heard, "body=3:abc"));
}
END_TEST

static void *run_curl(void *arg)
{
    struct talk *t = arg;
    char port[16];
    snprintf(port, sizeof port, "%d", t->port);
    setenv("PORT", port, 1);
    FILE *p = popen(t->say, "r");
    size_t n = fread(t->heard, 1, sizeof t->heard - 1, p);
    t->heard[n] = '\0';
    pclose(p);
    mailbox_put(box, t);
    return NULL;
}

static void talk_by_curl(struct talk *t)
{
    struct error err;
    pthread_t thread;
    loop = loop_new(NULL, NULL);
    box = mailbox_new(loop, 4, finished, NULL);
    struct http_server *s = http_listen(loop, &options, serve, NULL, &err);
    ck_assert_msg(s != NULL, "%s", err.text);
    ck_assert_int_eq(http_reload(s, &err), 0);
    t->port = *options.address == '/' ? 0 : http_port(s);
    pthread_create(&thread, NULL, run_curl, t);
    loop_run(loop);
    pthread_join(thread, NULL);
    http_stop(s);
    http_free(s);
    mailbox_free(box, NULL);
    loop_free(loop);
}

START_TEST(tls_is_spoken)
{
    static struct talk t;
    char dir[] = "/tmp/yizhan-tls.XXXXXX", line[256], cert[64], key[64], command[1024];
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(line, sizeof line, "%s %s", CERTS_SH, dir);
    ck_assert_int_eq(system(line), 0);
    snprintf(cert, sizeof cert, "%s/server.pem", dir);
    snprintf(key, sizeof key, "%s/server.key", dir);
    options.cert = cert;
    options.key = key;
    snprintf(command, sizeof command,
             "head -c 4000 /dev/zero | tr '\\000' z | curl -si --cacert %s/ca.pem --data-binary @- "
             "https://localhost:$PORT/a https://localhost:$PORT/b; curl -s --cacert %s/ca.pem "
             "'https://localhost:'$PORT'/file?size=5000000' | tail -c 3; curl -s --cacert %s/ca.pem "
             "'https://localhost:'$PORT'/file?size=5000000' | wc -c",
             dir, dir, dir);
    t = (struct talk){.say = command};
    talk_by_curl(&t);
    snprintf(line, sizeof line, "rm -rf %s", dir);
    ck_assert_int_eq(system(line), 0);
    ck_assert_msg(strstr(t.heard, "POST /a q=- body=4000:zzz") && strstr(t.heard, "/b q=-"), "%s", t.heard);
    ck_assert_ptr_nonnull(strstr(t.heard, "Strict-Transport-Security"));
    ck_assert_ptr_nonnull(strstr(t.heard, "end5000000\n"));
}
END_TEST

START_TEST(a_socket_in_the_file_system_serves)
{
    static struct talk t;
    options.address = "/tmp/yizhan-http-test.sock";
    t = (struct talk){.say = "curl -s --unix-socket /tmp/yizhan-http-test.sock http://x/unix "
                             "'http://x/file?size=3000000' 'http://x/file?size=300' | tr -d '\\000'"};
    talk_by_curl(&t);
    ck_assert_ptr_nonnull(strstr(t.heard, "GET /unix"));
    ck_assert_ptr_nonnull(strstr(t.heard, "endend"));
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
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_loop_test(t, answers, 0, sizeof rows / sizeof rows[0]);
    tcase_add_test(t, a_large_body_is_refused_with_a_problem);
    tcase_add_test(t, a_large_head_is_refused);
    tcase_add_test(t, a_slow_drip_is_cut);
    tcase_add_test(t, late_replies_keep_the_order);
    tcase_add_test(t, a_client_that_leaves_is_replied_to_in_vain);
    tcase_add_test(t, another_host_is_refused);
    tcase_add_test(t, a_body_is_asked_for);
    tcase_add_test(t, tls_is_spoken);
    tcase_add_test(t, a_socket_in_the_file_system_serves);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
