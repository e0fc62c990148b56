#include "base/time.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool digits(const char **p, int n, int *ret)
{
    int v = 0;
    for (; n > 0; n--, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        v = v * 10 + (**p - '0');
    }
    *ret = v;
    return true;
}

static bool literal(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static bool fraction(const char **p, int *ret_us)
{
    *ret_us = 0;
    if (!literal(p, '.'))
        return true;
    int n = 0, v = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++, n++)
        if (n < 6)
            v = v * 10 + (**p - '0');
    if (n < 1 || n > 9)
        return false;
    for (; n < 6; n++)
        v *= 10;
    *ret_us = v;
    return true;
}

static bool offset(const char **p, int *ret_seconds)
{
    *ret_seconds = 0;
    if (literal(p, 'Z') || literal(p, 'z'))
        return true;
    int sign = **p == '-' ? -1 : 1, h, m;
    if ((!literal(p, '+') && !literal(p, '-')) || !digits(p, 2, &h) || !literal(p, ':') || !digits(p, 2, &m))
        return false;
    *ret_seconds = sign * (h * 3600 + m * 60);
    return h < 24 && m < 60;
}

int time_parse(const char *text, int64_t *ret_us, struct error *err)
{
    struct tm tm = {0};
    int us, shift;
    const char *p = text ? text : "";
    bool ok = digits(&p, 4, &tm.tm_year) && literal(&p, '-') && digits(&p, 2, &tm.tm_mon) &&
              literal(&p, '-') && digits(&p, 2, &tm.tm_mday) &&
              (literal(&p, 'T') || literal(&p, 't') || literal(&p, ' ')) && digits(&p, 2, &tm.tm_hour) &&
              literal(&p, ':') && digits(&p, 2, &tm.tm_min) && literal(&p, ':') &&
              digits(&p, 2, &tm.tm_sec) && fraction(&p, &us) && offset(&p, &shift) && !*p;
    ok = ok && tm.tm_year >= 1970 && tm.tm_hour < 24 && tm.tm_min < 60 && tm.tm_sec < 60;
    struct tm given = tm;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    int64_t seconds = ok ? (int64_t)timegm(&tm) : 0;
    if (!ok || tm.tm_mday != given.tm_mday ||
        tm.tm_mon + 1 != given.tm_mon) /* the 30th of February moved on */
        return error_set(err, EINVAL, "'%.40s' is no time like 2026-11-11T08:30:00+08:00", text ? text : "");
    *ret_us = (seconds - shift) * 1000000 + us;
    return 0;
}

void time_format(int64_t us, char ret_text[TIME_TEXT_MAX])
{
    int64_t s = us / 1000000, f = us % 1000000;
    if (f < 0) {
        f += 1000000;
        s--;
    }
    time_t t = (time_t)s;
    struct tm tm;
    char day[24];
    gmtime_r(&t, &tm);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret_text, TIME_TEXT_MAX, "%s.%06dZ", day, (int)f);
}
