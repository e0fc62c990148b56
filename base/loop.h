/* The event loop: one per program, one thread runs it. Thin over libevent, whose base is handed to the
 * modules that need it (http, db). */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>

struct event_base;
struct loop;
struct loop_timer;

/* Ends the program when libevent cannot start. SIGPIPE is ignored; SIGTERM and SIGINT call `on_stop` once, on
 * the loop. */
struct loop *loop_new(void (*on_stop)(void *arg), void *arg);
void loop_free(struct loop *l);

/* Calls `on_hangup` on the loop for every SIGHUP from now on. */
void loop_on_hangup(struct loop *l, void (*on_hangup)(void *arg), void *arg);

struct event_base *loop_base(struct loop *l);

/* Runs until loop_stop; may be run again. */
void loop_run(struct loop *l);

/* Ends loop_run after the current round; also works before loop_run (it then returns at once). Loop's thread
 * only. */
void loop_stop(struct loop *l);

/* Calls `fire` on the loop after `delay_ms`, then every `every_ms` (0: once). The timer lives until
 * loop_timer_free; freeing it inside `fire` is fine. Loop's thread only. */
struct loop_timer *loop_timer_new(struct loop *l, int64_t delay_ms, int64_t every_ms, void (*fire)(void *arg),
                                  void *arg);

/* Sets it to fire `delay_ms` from now. */
void loop_timer_again(struct loop_timer *t, int64_t delay_ms);
void loop_timer_free(struct loop_timer *t);

#endif
