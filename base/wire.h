/* One accepted stream socket, plain or TLS, that never blocks: reads what is there, sends what fits and
 * queues the rest. Loop's thread only. */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include "base/error.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

struct evbuffer;

struct wire {
    int fd;
    SSL *tls;             /* NULL: plain */
    struct evbuffer *out; /* queued; NULL while nothing was */
    bool wants_write;     /* TLS must write before it can read on */
};

/* A server's TLS settings: 1.2 or later, PEM files; NULL with err. Freed by SSL_CTX_free. */
SSL_CTX *wire_tls(const char *cert, const char *key, struct error *err);

/* Takes the socket over. */
void wire_init(struct wire *w, int fd, SSL_CTX *tls);
void wire_fini(struct wire *w);

/* Bytes read; 0: nothing there now; -1: closed or broken. */
int wire_read(struct wire *w, void *to, size_t room);

/* Sends two pieces (the second may be empty), queueing what does not fit. -1: broken. */
int wire_send(struct wire *w, const void *a, size_t a_len, const void *b, size_t b_len);

/* The same with the content of a buffer, which is drained. */
int wire_send_buffer(struct wire *w, struct evbuffer *b);

/* Sends from the queue. -1: broken. */
int wire_flush(struct wire *w);
size_t wire_queued(const struct wire *w);

/* The TLS handshake is over (true for plain). */
bool wire_ready(const struct wire *w);

/* No more will be sent; what comes may still be read. */
void wire_end(struct wire *w);

#endif
