#include "base/wire.h"

#include "base/log.h"

#include <errno.h>
#include <event2/buffer.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { TLS_PIECE = 16384 };

SSL_CTX *wire_tls(const char *cert, const char *key, struct error *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        log_fatal("OpenSSL cannot start");
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) {
        error_set(err, EINVAL, "%s: no usable certificate", cert);
    } else if (!key || SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
               SSL_CTX_check_private_key(ctx) != 1) {
        error_set(err, EINVAL, "%s: no usable key, or not the certificate's", key ? key : "(none)");
    } else {
        return ctx;
    }
    ERR_clear_error();
    SSL_CTX_free(ctx);
    return NULL;
}

void wire_init(struct wire *w, int fd, SSL_CTX *tls)
{
    *w = (struct wire){.fd = fd};
    if (!tls)
        return;
    if (!(w->tls = SSL_new(tls)) || SSL_set_fd(w->tls, fd) != 1)
        log_fatal("out of memory");
    SSL_set_accept_state(w->tls);
}

void wire_fini(struct wire *w)
{
    if (w->tls && SSL_is_init_finished(w->tls))
        SSL_shutdown(w->tls);
    SSL_free(w->tls);
    ERR_clear_error();
    if (w->out)
        evbuffer_free(w->out);
    close(w->fd);
}

/* What a call of OpenSSL meant: 0 try again later, -1 over. */
static int tls_verdict(struct wire *w, int rc)
{
    int e = SSL_get_error(w->tls, rc);
    ERR_clear_error();
    if (e == SSL_ERROR_WANT_WRITE)
        w->wants_write = true;
    return e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

int wire_read(struct wire *w, void *to, size_t room)
{
    if (w->tls) {
        int n = SSL_read(w->tls, to, (int)room);
        return n > 0 ? n : tls_verdict(w, n);
    }
    ssize_t n = recv(w->fd, to, room, 0);
    if (n > 0)
        return (int)n;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static int queue(struct wire *w, const char *bytes, size_t len)
{
    if (!len)
        return 0;
    if (!w->out && !(w->out = evbuffer_new()))
        log_fatal("out of memory");
    return evbuffer_add(w->out, bytes, len);
}

/* Bytes sent, 0 when none fits now, -1 when broken. */
static ssize_t send_some(struct wire *w, struct iovec *v, int n)
{
    if (w->tls) {
        int rc = SSL_write(w->tls, v[0].iov_base, (int)v[0].iov_len);
        return rc > 0 ? rc : tls_verdict(w, rc);
    }
    ssize_t sent = writev(w->fd, v, n);
    return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

/* A short answer is one TLS record. */
static int send_joined(struct wire *w, const void *a, size_t a_len, const void *b, size_t b_len)
{
    char all[TLS_PIECE];
    memcpy(all, a, a_len);
    memcpy(all + a_len, b, b_len);
    struct iovec v = {all, a_len + b_len};
    ssize_t sent = send_some(w, &v, 1);
    return sent < 0 ? -1 : queue(w, all + sent, a_len + b_len - (size_t)sent);
}

int wire_send(struct wire *w, const void *a, size_t a_len, const void *b, size_t b_len)
{
    if (wire_queued(w))
        return queue(w, a, a_len) || queue(w, b, b_len) ? -1 : 0;
    if (w->tls && b_len && a_len + b_len <= TLS_PIECE)
        return send_joined(w, a, a_len, b, b_len);
    if (w->tls)
        return queue(w, a, a_len) || queue(w, b, b_len) ? -1 : wire_flush(w);
    struct iovec v[2] = {{(void *)a, a_len}, {(void *)b, b_len}};
    ssize_t sent = send_some(w, v, b_len ? 2 : 1);
    if (sent < 0)
        return -1;
    size_t of_a = (size_t)sent < a_len ? (size_t)sent : a_len, of_b = (size_t)sent - of_a;
    return queue(w, (const char *)a + of_a, a_len - of_a) || queue(w, (const char *)b + of_b, b_len - of_b)
               ? -1
               : 0;
}

int wire_send_buffer(struct wire *w, struct evbuffer *b)
{
    if (!w->out && !(w->out = evbuffer_new()))
        log_fatal("out of memory");
    return evbuffer_add_buffer(w->out, b) ? -1 : wire_flush(w);
}

int wire_flush(struct wire *w)
{
    while (wire_queued(w)) {
        struct evbuffer_iovec v[8];
        int n = evbuffer_peek(w->out, -1, NULL, v, 8);
        ssize_t sent = send_some(w, (struct iovec *)v, n < 8 ? n : 8);
        if (sent <= 0)
            return (int)sent;
        evbuffer_drain(w->out, (size_t)sent);
    }
    return 0;
}

size_t wire_queued(const struct wire *w)
{
    return w->out ? evbuffer_get_length(w->out) : 0;
}

bool wire_ready(const struct wire *w)
{
    return !w->tls || SSL_is_init_finished(w->tls);
}

void wire_end(struct wire *w)
{
    if (w->tls && SSL_is_init_finished(w->tls))
        SSL_shutdown(w->tls);
    ERR_clear_error();
    shutdown(w->fd, SHUT_WR);
}
