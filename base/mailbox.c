/* Two arrays change places: writers fill one under the lock, the loop empties the other without it. */
#include "base/mailbox.h"

#include "base/log.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue {
    void **items;
    size_t n, room;
};

struct mailbox {
    pthread_mutex_t lock;
    struct queue in; /* under the lock */
    struct queue out;
    size_t limit;
    int fd;
    struct event *event;
    void (*take)(void *arg, void *message);
    void *arg;
};

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct mailbox *m = arg;
    eventfd_t count;
    (void)what;
    eventfd_read((int)fd, &count);
    pthread_mutex_lock(&m->lock);
    struct queue full = m->in;
    m->in = m->out;
    m->in.n = 0;
    m->out = full;
    pthread_mutex_unlock(&m->lock);
    for (size_t i = 0; i < m->out.n; i++)
        m->take(m->arg, m->out.items[i]);
    m->out.n = 0;
}

struct mailbox *mailbox_new(struct loop *l, size_t limit, void (*take)(void *arg, void *message), void *arg)
{
    struct mailbox *m = calloc(1, sizeof *m);
    if (!m || (m->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0)
        log_fatal("a mailbox cannot be made");
    pthread_mutex_init(&m->lock, NULL);
    m->limit = limit;
    m->take = take;
    m->arg = arg;
    m->event = event_new(loop_base(l), m->fd, EV_READ | EV_PERSIST, on_wake, m);
    event_add(m->event, NULL);
    return m;
}

static int grow(struct queue *q)
{
    size_t room = q->room ? q->room * 2 : 64;
    void **items = realloc(q->items, room * sizeof *items);
    if (!items)
        return -1;
    q->items = items;
    q->room = room;
    return 0;
}

int mailbox_put(struct mailbox *m, void *message)
{
    pthread_mutex_lock(&m->lock);
    struct queue *q = &m->in;
    int rc = q->n >= m->limit || (q->n == q->room && grow(q)) ? -1 : 0;
    int was_empty = q->n == 0;
    if (!rc)
        q->items[q->n++] = message;
    pthread_mutex_unlock(&m->lock);
    if (!rc && was_empty)
        eventfd_write(m->fd, 1);
    return rc;
}

void mailbox_free(struct mailbox *m, void (*drop)(void *message))
{
    event_free(m->event);
    close(m->fd);
    for (size_t i = 0; drop && i < m->in.n; i++)
        drop(m->in.items[i]);
    free(m->in.items);
    free(m->out.items);
    pthread_mutex_destroy(&m->lock);
    free(m);
}
