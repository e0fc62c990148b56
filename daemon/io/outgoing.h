/* HTTP requests that go out (webhooks, message gateways): POST over libcurl's multi interface on the loop.
 * Nothing is followed: no redirect, no proxy, http and https only. Unless told otherwise, addresses that are
 * not public (RFC 6890: loopback, private, link-local, shared, multicast …) are refused after resolution, so
 * that a webhook cannot be pointed at the inside of the house. Loop's thread only. */
#ifndef DAEMON_IO_OUTGOING_H
#define DAEMON_IO_OUTGOING_H

#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>

enum { OUTGOING_HEADERS_MAX = 16, OUTGOING_BODY_MAX = 1 << 20 };

struct outgoing;

struct outgoing_options {
    int timeout_ms;     /* for a whole exchange */
    size_t answer_max;  /* bytes of an answer that are kept; what is beyond is not read */
    int at_once_max;    /* exchanges at a time; the others wait in order */
    int waiting_max;    /* waiting and running; more are refused */
    bool allow_private; /* for tests and for gateways in the same house */
    const char *ca;     /* PEM file; NULL: the system's */
    const char *agent;  /* User-Agent */
};

struct outgoing_post {
    const char *url;
    const char *const *headers; /* "Name: value", NULL-terminated; NULL for none */
    const void *body;
    size_t len;
};

struct outgoing_answer {
    int status;        /* HTTP's; 0 when there was no answer, then `error` says why */
    const char *error; /* for the log and the sender's list of attempts; NULL with a status */
    const char *body;  /* NUL-terminated */
    size_t len;
    int retry_after_s; /* 0 when the answer names none */
};

/* Copies the options. */
struct outgoing *outgoing_new(struct loop *l, const struct outgoing_options *o);
/* What runs or waits is answered with an error first. */
void outgoing_free(struct outgoing *o);

/* Copies the request. `done` is called once, never before this returns. -1 when too many wait or the request
 * is out of bounds: nothing was taken. */
int outgoing_post(struct outgoing *o, const struct outgoing_post *p,
                  void (*done)(void *arg, const struct outgoing_answer *a), void *arg);

int outgoing_pending(const struct outgoing *o);

#endif
