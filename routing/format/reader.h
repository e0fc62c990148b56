/* What instance_read chooses from, and the scanner that the text formats share. */
#ifndef ROUTING_FORMAT_READER_H
#define ROUTING_FORMAT_READER_H

#include "routing/format/instance.h"

#include <stdbool.h>

/* Fills in->p from text; 0, or -1 with *fault. Memory comes from the instance, who frees it. */
typedef int reader_fn(const char *text, size_t n, const struct instance_options *options, struct instance *in,
                      struct instance_fault *fault);

reader_fn vrplib_read, solomon_read, lilim_read, vroom_read, loggi_read, native_read;

/* A cursor over text; lines are counted from 1 for messages. */
struct scan {
    const char *at, *end;
    int line;
};

/* Next word on this line or, with `across`, on any; false at the end. *ret points into the text. */
bool scan_word(struct scan *s, bool across, const char **ret, size_t *ret_n);
bool scan_number(struct scan *s, bool across, double *ret);
/* The rest of the line, trimmed; moves to the next line. */
void scan_line(struct scan *s, const char **ret, size_t *ret_n);
/* Whether anything is left on this line. */
bool scan_more(struct scan *s);

/* Scaled integers of a convention: distance rule for the plane, and other quantities × scale. */
struct convention {
    double scale;
    double bias;
    bool ceil;
};

/* The convention for options, with `fallback` for ROUNDING_AUTO. ceil_exact: exact means ×10000 rounded
 * up (so that what is on time is on time in real numbers), else ×1000 rounded as PyVRP does. */
struct convention convention_of(enum instance_rounding r, enum instance_rounding fallback, bool ceil_exact);

/* value × scale to the nearest integer, within the library's range. */
int32_t convention_amount(const struct convention *c, double value);

#endif
