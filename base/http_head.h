/* The head of an HTTP/1.x request (RFC 9112), read strictly: what two parsers could understand differently is
 * refused, so that nothing can be smuggled past a proxy. Pure. */
#ifndef BASE_HTTP_HEAD_H
#define BASE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_HEADERS_MAX = 64, HTTP_QUERY_MAX = 64 };

struct http_pair {
    const char *name, *value;
};

struct http_head {
    const char *method;
    const char *path; /* decoded, begins with '/' (or is "*") */
    struct http_pair query[HTTP_QUERY_MAX];
    int n_query;
    struct http_pair headers[HTTP_HEADERS_MAX]; /* values without the space around them */
    int n_headers;
    size_t body_len;
    bool keep_alive;
    bool old; /* HTTP/1.0 */
    bool expects_continue;
};

/* Where the head of `len` bytes ends (after its empty line), beginning the search at `from`; 0: not yet. */
size_t http_head_end(const char *text, size_t len, size_t from);

/* Reads a whole head, in place: the strings of *ret point into text. 0, or the status to refuse it with (400,
 * 411 for a body without a length, 431 for too many headers, 505) and *ret_why. */
int http_head_read(char *text, size_t len, struct http_head *ret, const char **ret_why);

/* The value of a header, names compared without case; NULL when absent. */
const char *http_head_find(const struct http_head *h, const char *name);

#endif
