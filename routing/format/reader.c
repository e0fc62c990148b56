#include "routing/format/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct scan *s, bool across)
{
    while (s->at < s->end && (blank(*s->at) || (across && *s->at == '\n'))) {
        s->line += *s->at == '\n';
        s->at++;
    }
}

bool scan_word(struct scan *s, bool across, const char **ret, size_t *ret_n)
{
    skip_blanks(s, across);
    const char *from = s->at;
    while (s->at < s->end && !blank(*s->at) && *s->at != '\n')
        s->at++;
    *ret = from;
    *ret_n = (size_t)(s->at - from);
    return s->at > from;
}

bool scan_number(struct scan *s, bool across, double *ret)
{
    const char *word;
    char copy[64], *stop;
    size_t n;
    struct scan before = *s;
    if (!scan_word(s, across, &word, &n) || n >= sizeof copy) {
        *s = before;
        return false;
    }
    memcpy(copy, word, n);
    copy[n] = 0;
    double value = strtod(copy, &stop);
    if (*stop || !isfinite(value)) {
        *s = before;
        return false;
    }
    *ret = value;
    return true;
}

void scan_line(struct scan *s, const char **ret, size_t *ret_n)
{
    skip_blanks(s, false);
    const char *from = s->at;
    while (s->at < s->end && *s->at != '\n')
        s->at++;
    const char *end = s->at;
    while (end > from && blank(end[-1]))
        end--;
    *ret = from;
    *ret_n = (size_t)(end - from);
    if (s->at < s->end) {
        s->at++;
        s->line++;
    }
}

bool scan_more(struct scan *s)
{
    skip_blanks(s, false);
    return s->at < s->end && *s->at != '\n';
}

struct convention convention_of(enum instance_rounding r, enum instance_rounding fallback, bool ceil_exact)
{
    if (r == ROUNDING_AUTO)
        r = fallback;
    if (r == ROUNDING_EXACT)
        return ceil_exact ? (struct convention){10000, 0, true} : (struct convention){1000, 0.5, false};
    return r == ROUNDING_TRUNC1 ? (struct convention){10, 0, false} : (struct convention){1, 0.5, false};
}

int32_t convention_amount(const struct convention *c, double value)
{
    double x = floor(value * c->scale + (c->scale == 10 ? 1e-6 : 0.5));
    return x >= VRP_LIMIT ? VRP_LIMIT : x < -VRP_LIMIT ? -VRP_LIMIT : (int32_t)x;
}
