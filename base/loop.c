#include "base/loop.h"

#include "base/log.h"

#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct loop {
    struct event_base *base;
    struct event *signals[2], *hangup;
    void (*on_stop)(void *arg);
    void *arg;
    void (*on_hangup)(void *arg);
    void *hangup_arg;
    bool stopped;
};

struct loop_timer {
    struct event *event;
    int64_t every_ms;
    void (*fire)(void *arg);
    void *arg;
    bool firing, freed;
};

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
    struct loop *l = arg;
    (void)what;
    log_info("signal %d: stopping", (int)sig);
    if (l->on_stop)
        l->on_stop(l->arg);
    else
        loop_stop(l);
}

struct loop *loop_new(void (*on_stop)(void *arg), void *arg)
{
    static const int stop_signals[] = {SIGTERM, SIGINT};
    struct loop *l = calloc(1, sizeof *l);
    struct event_config *config = event_config_new();
    /* evhttp turns interest in a socket off and on for each request: the changes of a round go to epoll as
     * one */
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST | EVENT_BASE_FLAG_NOLOCK);
    if (!l || !(l->base = event_base_new_with_config(config)))
        log_fatal("the event loop cannot start");
    event_config_free(config);
    signal(SIGPIPE, SIG_IGN);
    l->on_stop = on_stop;
    l->arg = arg;
    for (int i = 0; i < 2; i++) {
        l->signals[i] = evsignal_new(l->base, stop_signals[i], on_signal, l);
        event_add(l->signals[i], NULL);
    }
    return l;
}

static void on_sighup(evutil_socket_t sig, short what, void *arg)
{
    struct loop *l = arg;
    (void)sig;
    (void)what;
    l->on_hangup(l->hangup_arg);
}

void loop_on_hangup(struct loop *l, void (*on_hangup)(void *arg), void *arg)
{
    l->on_hangup = on_hangup;
    l->hangup_arg = arg;
    if (!l->hangup && (l->hangup = evsignal_new(l->base, SIGHUP, on_sighup, l)))
        event_add(l->hangup, NULL);
}

void loop_free(struct loop *l)
{
    if (l->hangup)
        event_free(l->hangup);
    for (int i = 0; i < 2; i++)
        event_free(l->signals[i]);
    event_base_free(l->base);
    free(l);
}

struct event_base *loop_base(struct loop *l)
{
    return l->base;
}

void loop_run(struct loop *l)
{
    if (!l->stopped)
        event_base_dispatch(l->base);
    l->stopped = false;
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
    event_base_loopexit(l->base, NULL);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *t = arg;
    (void)fd;
    (void)what;
    if (t->every_ms)
        loop_timer_again(t, t->every_ms);
    t->firing = true;
    t->fire(t->arg);
    t->firing = false;
    if (t->freed)
        loop_timer_free(t);
}

struct loop_timer *loop_timer_new(struct loop *l, int64_t delay_ms, int64_t every_ms, void (*fire)(void *arg),
                                  void *arg)
{
    struct loop_timer *t = calloc(1, sizeof *t);
    if (!t || !(t->event = evtimer_new(l->base, on_timer, t)))
        log_fatal("out of memory");
    t->every_ms = every_ms;
    t->fire = fire;
    t->arg = arg;
    loop_timer_again(t, delay_ms);
    return t;
}

void loop_timer_again(struct loop_timer *t, int64_t delay_ms)
{
    struct timeval tv = {delay_ms / 1000, delay_ms % 1000 * 1000};
    event_add(t->event, &tv);
}

void loop_timer_free(struct loop_timer *t)
{
    if (!t)
        return;
    if (t->firing) {
        t->freed = true;
        event_del(t->event);
        return;
    }
    event_free(t->event);
    free(t);
}
