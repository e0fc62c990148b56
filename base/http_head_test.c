#include "base/http_head.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST "Host: x\r\n"

static char text[32768];

static int read_head(const char *request, struct http_head *ret)
{
    const char *why = NULL;
    size_t len = strlen(request);
    memcpy(text, request, len + 1);
    int status = http_head_read(text, len, ret, &why);
    ck_assert_msg(!status || (why && *why), "%s", request);
    return status;
}

START_TEST(a_whole_head)
{
    struct http_head h;
    ck_assert_int_eq(
        read_head("POST /a%20b/%E9%A9%BF?x=1&y=a+b%26&z HTTP/1.1\r\nHost: h\r\nCONTENT-length: 12\r\n"
                  "Expect: 100-Continue\r\nA:\t b \t\r\n\r\n",
                  &h),
        0);
    ck_assert_str_eq(h.method, "POST");
    ck_assert_str_eq(h.path, "/a b/驿");
    ck_assert_int_eq(h.n_query, 3);
    ck_assert_str_eq(h.query[1].value, "a b&");
    ck_assert_str_eq(h.query[2].value, "");
    ck_assert_uint_eq(h.body_len, 12);
    ck_assert(h.keep_alive && h.expects_continue && !h.old);
    ck_assert_str_eq(http_head_find(&h, "a"), "b");
    ck_assert_ptr_null(http_head_find(&h, "b"));
}
END_TEST

static const struct {
    const char *request;
    bool keep_alive;
} connections[] = {
    {"GET / HTTP/1.1\r\n" HOST "\r\n", true},
    {"GET / HTTP/1.0\r\n\r\n", false},
    {"GET / HTTP/1.1\r\n" HOST "Connection: upgrade, Close\r\n\r\n", false},
    {"GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n", true},
    {"GET http://x/ HTTP/1.1\r\n" HOST "\r\n", true},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", true},
};

START_TEST(connections_are_kept_or_not)
{
    struct http_head h;
    ck_assert_int_eq(read_head(connections[_i].request, &h), 0);
    ck_assert_int_eq(h.keep_alive, connections[_i].keep_alive);
}
END_TEST

static const struct {
    int status;
    const char *request;
} refused[] = {
    {400, "\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n\r\n"},
    {400, "GET /\r\n\r\n"},
    {400, "GET  / HTTP/1.1\r\n" HOST "\r\n"},
    {400, "G(T / HTTP/1.1\r\n" HOST "\r\n"},
    {400, "AVERYLONGMETHODNAME / HTTP/1.1\r\n" HOST "\r\n"},
    {505, "GET / HTTP/2.0\r\n" HOST "\r\n"},
    {400, "GET / HTTQ/1.1\r\n" HOST "\r\n"},
    {400, "GET a HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET /a#b HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET /%0 HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET /%00 HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET /?a=%xx HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET https://x HTTP/1.1\r\n" HOST "\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "A\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "A: b\x01\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "A: b\nC: d\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 9999999999999999\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"},
    {411, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"},
    {411, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: identity\r\n\r\n"},
};

START_TEST(what_can_be_read_in_two_ways_is_refused)
{
    struct http_head h = {.n_headers = -7};
    ck_assert_int_eq(read_head(refused[_i].request, &h), refused[_i].status);
    ck_assert_int_eq(h.n_headers, -7); /* untouched */
}
END_TEST

START_TEST(widths_are_bounded)
{
    static char long_head[32768];
    struct http_head h;
    int n = snprintf(long_head, sizeof long_head, "GET /?");
    for (int i = 0; i <= HTTP_QUERY_MAX; i++)
        n += snprintf(long_head + n, sizeof long_head - (size_t)n, "%sa=%d", i ? "&" : "", i);
    snprintf(long_head + n, sizeof long_head - (size_t)n, " HTTP/1.1\r\n" HOST "\r\n");
    ck_assert_int_eq(read_head(long_head, &h), 400);
    n = snprintf(long_head, sizeof long_head, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 0; i < HTTP_HEADERS_MAX; i++)
        n += snprintf(long_head + n, sizeof long_head - (size_t)n, "A: %d\r\n", i);
    snprintf(long_head + n, sizeof long_head - (size_t)n, "\r\n");
    ck_assert_int_eq(read_head(long_head, &h), 431);
}
END_TEST

START_TEST(the_end_is_found_wherever_the_search_begins)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\nbody";
    size_t len = sizeof head - 1, end = len - 4;
    for (size_t have = 0; have <= len; have++)
        ck_assert_uint_eq(http_head_end(head, have, 0), have < end ? 0 : end);
    for (size_t from = 0; from <= end - 4; from++)
        ck_assert_uint_eq(http_head_end(head, len, from), end);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base/http_head");
    TCase *t = tcase_create("http_head");
    tcase_add_test(t, a_whole_head);
    tcase_add_loop_test(t, connections_are_kept_or_not, 0, sizeof connections / sizeof connections[0]);
    tcase_add_loop_test(t, what_can_be_read_in_two_ways_is_refused, 0, sizeof refused / sizeof refused[0]);
    tcase_add_test(t, widths_are_bounded);
    tcase_add_test(t, the_end_is_found_wherever_the_search_begins);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
