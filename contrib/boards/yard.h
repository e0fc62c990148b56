/* All simulated lockers of the process: which compartment is which door of which board on which wire, and the
 * ledger of what physically happened. */
#ifndef CONTRIB_BOARDS_YARD_H
#define CONTRIB_BOARDS_YARD_H

#include <stdio.h>

#include "contrib/boards/wire.h"

struct yard;

struct yard_options {
    struct wire_clock clock;
    int auto_open;
    int64_t auto_close_us; /* simulated */
    int pace;
    const char *profiles; /* directory for profile names without a slash */
    FILE *ledger;         /* or NULL */
};

/* Every ledger line, without its newline: time, locker, compartment, event, detail, cut by tabs. The time is
 * real unix us. */
typedef void yard_watch_fn(void *arg, const char *line);

struct yard *yard_new(struct event_base *base, const struct yard_options *options);
void yard_free(struct yard *y);
void yard_watch(struct yard *y, yard_watch_fn *watch, void *arg);

/* "locker=L1 profile=xunming16 tcp=0 unit=1 first=1": one board whose door 1 is compartment `first` of that
 * locker. Boards that name the same tcp port (not 0) or rtu path share a bus. 0, or -1 with *err. */
int yard_add(struct yard *y, const char *spec, struct error *err);

/* A line of the control protocol; writes one answer line (without newline) to ret_answer. */
void yard_control(struct yard *y, const char *line, char *ret_answer, size_t cap);

/* One line per board: locker, first compartment, doors, and where it can be reached. */
void yard_list(const struct yard *y, FILE *out);

#endif
