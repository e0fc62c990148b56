/* Live streams, read by raw sockets on the same loop. */
#include "daemon/io/sse.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;
static struct http_server *server;
static struct sse *sse;

static void serve(void *arg, struct http_request *r)
{
    (void)arg;
    sse_join(sse, r, http_path(r) + 1);
}

static void setup(void)
{
    struct http_options ho = {
        .address = "127.0.0.1", .body_max = 4096, .request_seconds = 5, .connections_max = 100};
    struct sse_options so = {.clients_max = 3, .behind_max = 65536, .heartbeat_s = 1, .kept_max = 4};
    struct error err;
    loop = loop_new(NULL, NULL);
    server = http_listen(loop, &ho, serve, NULL, &err);
    ck_assert_msg(server != NULL, "%s", err.text);
    sse = sse_new(loop, &so);
}

static void teardown(void)
{
    sse_free(sse);
    http_free(server);
    loop_free(loop);
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

static int follow(const char *topic, const char *last_id)
{
    char ask[256];
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(server))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    inet_pton(AF_INET, "127.0.0.1", &sa.sin_addr);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    int n = snprintf(ask, sizeof ask, "GET /%s HTTP/1.1\r\nHost: x\r\n%s%s%s\r\n", topic,
                     last_id ? "Last-Event-ID: " : "", last_id ? last_id : "", last_id ? "\r\n" : "");
    ck_assert_int_eq(send(fd, ask, (size_t)n, 0), n);
    run_ms(30);
    return fd;
}

static const char *hear(int fd)
{
    static char text[65536];
    ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void tell(const char *topic, const char *data)
{
    sse_send(sse, topic, "changed", data, strlen(data));
}

START_TEST(events_reach_their_topic_only)
{
    int a = follow("a", NULL), b = follow("b", NULL);
    ck_assert_int_eq(sse_followers(sse, "a"), 1);
    ck_assert_int_eq(sse_followers(sse, NULL), 2);
    tell("a", "{\"n\":1}");
    run_ms(30);
    const char *text = hear(a);
    ck_assert_ptr_nonnull(strstr(text, "text/event-stream"));
    ck_assert_ptr_nonnull(strstr(text, "event: changed\ndata: {\"n\":1}\n\n"));
    ck_assert_ptr_null(strstr(hear(b), "changed"));
    close(a);
    close(b);
}
END_TEST

START_TEST(what_was_missed_comes_again)
{
    char id[32] = "";
    int a = follow("a", NULL);
    tell("a", "1");
    run_ms(30);
    ck_assert_int_eq(sscanf(strstr(hear(a), "id: "), "id: %20[0-9]", id), 1);
    close(a);
    tell("b", "other");
    tell("a", "2");
    a = follow("a", id);
    const char *text = hear(a);
    ck_assert_ptr_nonnull(strstr(text, "data: 2\n"));
    ck_assert_ptr_null(strstr(text, "data: 1\n"));
    ck_assert_ptr_null(strstr(text, "other"));
    ck_assert_ptr_null(strstr(text, "reset"));
    for (int i = 0; i < 5; i++)
        tell("b", "x");
    int late = follow("a", id), foreign = follow("a", "17");
    ck_assert_ptr_nonnull(strstr(hear(late), "event: reset"));
    ck_assert_ptr_nonnull(strstr(hear(foreign), "event: reset"));
    close(late);
    close(foreign);
    close(a);
}
END_TEST

START_TEST(too_many_clients_are_refused)
{
    int fds[4];
    for (int i = 0; i < 4; i++)
        fds[i] = follow("a", NULL);
    ck_assert_ptr_nonnull(strstr(hear(fds[3]), "503"));
    for (int i = 0; i < 4; i++)
        close(fds[i]);
}
END_TEST

START_TEST(who_does_not_read_is_dropped)
{
    static char large[20000];
    memset(large, 'x', sizeof large - 1);
    int slow = follow("a", NULL), good = follow("a", NULL);
    for (int i = 0; i < 2000 && sse_followers(sse, NULL) == 2; i++) {
        tell("a", large);
        run_ms(1);
        while (*hear(good))
            ;
    }
    run_ms(50);
    ck_assert_int_eq(sse_followers(sse, "a"), 1);
    close(slow);
    close(good);
}
END_TEST

START_TEST(who_is_gone_is_found)
{
    int a = follow("a", NULL);
    close(a);
    run_ms(2600); /* two heartbeats: the first is answered by a reset */
    ck_assert_int_eq(sse_followers(sse, NULL), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("daemon/io/sse");
    TCase *t = tcase_create("sse");
    tcase_set_timeout(t, 20);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, events_reach_their_topic_only);
    tcase_add_test(t, what_was_missed_comes_again);
    tcase_add_test(t, too_many_clients_are_refused);
    tcase_add_test(t, who_does_not_read_is_dropped);
    tcase_add_test(t, who_is_gone_is_found);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
