/* libcurl asks for sockets and one timer to be watched; when they fire it is told, and finished exchanges are
 * then collected. `done` is only ever called from a timer of our own or from there, never inside a call of
 * libcurl. */
#include "daemon/io/outgoing.h"

#include "base/log.h"
#include "daemon/io/address.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

struct exchange {
    TAILQ_ENTRY(exchange) link;
    struct outgoing *outgoing;
    CURL *easy;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
    bool refused; /* the address is not public */
    char *answer;
    size_t answer_len;
    void (*done)(void *arg, const struct outgoing_answer *a);
    void *arg;
};
TAILQ_HEAD(exchanges, exchange);

struct outgoing {
    struct loop *loop;
    struct outgoing_options options;
    char *ca, *agent;
    CURLM *multi;
    struct event *timer;
    struct exchanges waiting, running;
    int n_waiting, n_running;
    struct loop_timer *start;
};

static void collect(struct outgoing *o);

/* ---- libcurl and the loop ---- */

static void on_socket_ready(evutil_socket_t fd, short what, void *arg)
{
    struct outgoing *o = arg;
    int mask = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0), running;
    curl_multi_socket_action(o->multi, fd, mask, &running);
    collect(o);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    struct outgoing *o = arg;
    int running;
    (void)fd;
    (void)what;
    curl_multi_socket_action(o->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(o);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct outgoing *o = arg;
    struct event *e = socket_arg;
    (void)easy;
    if (e)
        event_free(e);
    e = NULL;
    if (what != CURL_POLL_REMOVE) {
        short mask = (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
        e = event_new(loop_base(o->loop), fd, (short)(mask | EV_PERSIST), on_socket_ready, o);
        event_add(e, NULL);
    }
    curl_multi_assign(o->multi, fd, e);
    return 0;
}

static int watch_timer(CURLM *multi, long ms, void *arg)
{
    struct outgoing *o = arg;
    struct timeval tv = {ms / 1000, ms % 1000 * 1000};
    (void)multi;
    if (ms < 0)
        event_del(o->timer);
    else
        event_add(o->timer, &tv);
    return 0;
}

/* ---- one exchange ---- */

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct exchange *x = arg;
    (void)purpose;
    if (!x->outgoing->options.allow_private && !address_is_public(&to->addr)) {
        x->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t take_answer(char *data, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    size_t room = x->outgoing->options.answer_max - x->answer_len;
    size_t keep = size * n < room ? size * n : room;
    memcpy(x->answer + x->answer_len, data, keep);
    x->answer_len += keep;
    return keep; /* less than was offered ends the transfer */
}

static void exchange_free(struct exchange *x)
{
    curl_easy_cleanup(x->easy);
    curl_slist_free_all(x->headers);
    free(x->answer);
    free(x);
}

static void add_headers(struct exchange *x, const char *const *headers)
{
    x->headers = curl_slist_append(NULL, "Expect:"); /* no "100-continue" round */
    for (int i = 0; headers && headers[i] && i < OUTGOING_HEADERS_MAX; i++)
        x->headers = curl_slist_append(x->headers, headers[i]);
    curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
}

static void set_limits(struct exchange *x)
{
    const struct outgoing *o = x->outgoing;
    curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(x->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, (long)o->options.timeout_ms);
    curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_USERAGENT, o->agent);
    if (o->ca)
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, o->ca);
}

static struct exchange *exchange_new(struct outgoing *o, const struct outgoing_post *p)
{
    struct exchange *x = calloc(1, sizeof *x);
    if (!x || !(x->easy = curl_easy_init()) || !(x->answer = calloc(1, o->options.answer_max + 1)))
        log_fatal("out of memory");
    x->outgoing = o;
    set_limits(x);
    add_headers(x, p->headers);
    curl_easy_setopt(x->easy, CURLOPT_URL, p->url);
    curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE, (long)p->len);
    curl_easy_setopt(x->easy, CURLOPT_COPYPOSTFIELDS, p->body);
    curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->error);
    curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
    return x;
}

static void start_waiting(void *arg)
{
    struct outgoing *o = arg;
    for (struct exchange *x; o->n_running < o->options.at_once_max && (x = TAILQ_FIRST(&o->waiting));) {
        TAILQ_REMOVE(&o->waiting, x, link);
        TAILQ_INSERT_TAIL(&o->running, x, link);
        o->n_waiting--;
        o->n_running++;
        curl_multi_add_handle(o->multi, x->easy);
    }
}

static void answer(struct exchange *x, const char *error)
{
    struct outgoing_answer a = {.body = x->answer, .len = x->answer_len};
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(x->easy, CURLINFO_RETRY_AFTER, &retry_after);
    bool cut = error && status && x->answer_len == x->outgoing->options.answer_max;
    a.status = !error || cut ? (int)status : 0;
    a.error = a.status ? NULL : error ? error : "no answer";
    a.retry_after_s = retry_after > 0 && retry_after < 86400 ? (int)retry_after : 0;
    x->done(x->arg, &a);
    exchange_free(x);
}

static void collect(struct outgoing *o)
{
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(o->multi, &left));) {
        struct exchange *x;
        char error[CURL_ERROR_SIZE + 32];
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        snprintf(error, sizeof error, "%s",
                 x->refused  ? "the address is not public"
                 : *x->error ? x->error
                             : curl_easy_strerror(code));
        curl_multi_remove_handle(o->multi, x->easy);
        TAILQ_REMOVE(&o->running, x, link);
        o->n_running--;
        answer(x, code == CURLE_OK ? NULL : error);
    }
    start_waiting(o);
}

/* ---- the interface ---- */

static char *copy(const char *s)
{
    char *c = s ? strdup(s) : NULL;
    if (s && !c)
        log_fatal("out of memory");
    return c;
}

struct outgoing *outgoing_new(struct loop *l, const struct outgoing_options *options)
{
    struct outgoing *o = calloc(1, sizeof *o);
    if (!o || curl_global_init(CURL_GLOBAL_DEFAULT) || !(o->multi = curl_multi_init()))
        log_fatal("libcurl cannot start");
    o->loop = l;
    o->options = *options;
    o->ca = copy(options->ca);
    o->agent = copy(options->agent ? options->agent : "yizhan");
    TAILQ_INIT(&o->waiting);
    TAILQ_INIT(&o->running);
    o->timer = evtimer_new(loop_base(l), on_timeout, o);
    o->start = loop_timer_new(l, 0, 0, start_waiting, o);
    curl_multi_setopt(o->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(o->multi, CURLMOPT_SOCKETDATA, o);
    curl_multi_setopt(o->multi, CURLMOPT_TIMERFUNCTION, watch_timer);
    curl_multi_setopt(o->multi, CURLMOPT_TIMERDATA, o);
    return o;
}

static void drop_all(struct exchanges *list)
{
    for (struct exchange *x; (x = TAILQ_FIRST(list));) {
        TAILQ_REMOVE(list, x, link);
        answer(x, "shutting down");
    }
}

void outgoing_free(struct outgoing *o)
{
    struct exchange *x;
    TAILQ_FOREACH(x, &o->running, link)
    curl_multi_remove_handle(o->multi, x->easy);
    drop_all(&o->running);
    drop_all(&o->waiting);
    curl_multi_cleanup(o->multi);
    event_free(o->timer);
    loop_timer_free(o->start);
    free(o->ca);
    free(o->agent);
    free(o);
}

int outgoing_post(struct outgoing *o, const struct outgoing_post *p,
                  void (*done)(void *arg, const struct outgoing_answer *a), void *arg)
{
    if (outgoing_pending(o) >= o->options.waiting_max || p->len > OUTGOING_BODY_MAX)
        return -1;
    struct exchange *x = exchange_new(o, p);
    x->done = done;
    x->arg = arg;
    TAILQ_INSERT_TAIL(&o->waiting, x, link);
    o->n_waiting++;
    loop_timer_again(o->start, 0);
    return 0;
}

int outgoing_pending(const struct outgoing *o)
{
    return o->n_waiting + o->n_running;
}
