#include "base/worker.h"

#include "base/log.h"
#include "base/mailbox.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { THREADS_MAX = 16 };

struct job {
    void (*work)(void *job);
    void (*done)(void *job);
    void *arg;
    struct job *next;
};

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct job *first, **last;
    int waiting, limit;
    bool stopping;
    int n;
    pthread_t threads[THREADS_MAX];
    struct mailbox *finished;
};

static struct job *next_job(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->first && !w->stopping)
        pthread_cond_wait(&w->more, &w->lock);
    struct job *j = w->stopping ? NULL : w->first;
    if (j) {
        w->first = j->next;
        w->waiting--;
        if (!w->first)
            w->last = &w->first;
    }
    pthread_mutex_unlock(&w->lock);
    return j;
}

static void *run(void *arg)
{
    struct workers *w = arg;
    for (struct job *j; (j = next_job(w));) {
        j->work(j->arg);
        if (mailbox_put(w->finished, j))
            log_fatal("a finished job has no way back");
    }
    return NULL;
}

static void take(void *arg, void *message)
{
    struct job *j = message;
    (void)arg;
    j->done(j->arg);
    free(j);
}

struct workers *workers_new(struct loop *l, int threads, int queue)
{
    struct workers *w = calloc(1, sizeof *w);
    if (!w || threads > THREADS_MAX)
        log_fatal("workers cannot start");
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    w->last = &w->first;
    w->limit = queue;
    w->finished = mailbox_new(l, (size_t)(queue + THREADS_MAX) * 2, take, w);
    for (; w->n < threads; w->n++)
        if (pthread_create(&w->threads[w->n], NULL, run, w))
            log_fatal("a thread cannot start");
    return w;
}

int workers_run(struct workers *w, void (*work)(void *job), void (*done)(void *job), void *job)
{
    struct job *j = malloc(sizeof *j);
    if (!j)
        return -1;
    *j = (struct job){work, done, job, NULL};
    pthread_mutex_lock(&w->lock);
    int rc = w->waiting >= w->limit ? -1 : 0;
    if (!rc) {
        *w->last = j;
        w->last = &j->next;
        w->waiting++;
        pthread_cond_signal(&w->more);
    }
    pthread_mutex_unlock(&w->lock);
    if (rc)
        free(j);
    return rc;
}

void workers_free(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->more);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->n; i++)
        pthread_join(w->threads[i], NULL);
    while (w->first) {
        struct job *j = w->first;
        w->first = j->next;
        free(j);
    }
    mailbox_free(w->finished, free);
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
