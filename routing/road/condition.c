#include "routing/road/condition.h"

#include <stdio.h>
#include <string.h>

#define SUFFIX ":conditional"

enum { WORKING_DAY = 2 }; /* Wednesday stands for all of them */

struct scanner {
    const char *at, *end;
};

static void skip(struct scanner *s, const char *set)
{
    while (s->at < s->end && strchr(set, *s->at))
        s->at++;
}

/* --- days: Mo-Fr,Su --- */

static int day_of(struct scanner *s)
{
    static const char *const days[] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};

    for (int d = 0; d < 7 && s->end - s->at >= 2; d++)
        if (!strncmp(s->at, days[d], 2)) {
            s->at += 2;
            return d;
        }
    return -1;
}

/* The bits of the days; 0 when none are named. */
static unsigned days_of(struct scanner *s)
{
    unsigned days = 0;

    for (int from; (from = day_of(s)) >= 0;) {
        int to = from;

        if (s->at < s->end && *s->at == '-') {
            s->at++;
            to = day_of(s);
            if (to < 0)
                return 0;
        }
        for (int d = from;; d = (d + 1) % 7) {
            days |= 1U << d;
            if (d == to)
                break;
        }
        if (s->at < s->end && *s->at == ',' && s->end - s->at > 1 && strchr("MTWFS", s->at[1]))
            s->at++;
    }
    return days;
}

/* --- times: 07:00-19:00 --- */

static bool minutes_of(struct scanner *s, int *ret)
{
    int h, m, used = 0;
    char text[8] = "";

    memcpy(text, s->at, (size_t)(s->end - s->at) < 5 ? (size_t)(s->end - s->at) : 5);
    if (sscanf(text, "%2d:%2d%n", &h, &m, &used) != 2 || h < 0 || h > 24 || m < 0 || m > 59)
        return false;
    s->at += used;
    *ret = h * 60 + m;
    return true;
}

/* One rule: days, times, or both. False when it is not of that form. Times over midnight belong to the day
 * they begin on. */
static bool rule_holds(struct scanner *s, int day, int minute, bool *ret_holds)
{
    unsigned days = days_of(s);
    bool timed = false;

    skip(s, " ");
    for (int from, to; minutes_of(s, &from); timed = true) {
        if (s->at == s->end || *s->at++ != '-' || !minutes_of(s, &to))
            return false;
        if (from < to)
            *ret_holds |= (!days || days & 1U << day) && minute >= from && minute < to;
        else
            *ret_holds |= ((!days || days & 1U << day) && minute >= from) ||
                          ((!days || days & 1U << (day + 6) % 7) && minute < to);
        skip(s, ", ");
    }
    if (!timed)
        *ret_holds |= (days & 1U << day) != 0;
    return days || timed;
}

bool condition_holds(const char *text, size_t n, int hour)
{
    struct scanner s = {text, text + n};
    int day = hour < CONDITION_WEEK ? WORKING_DAY : (hour - CONDITION_WEEK) / 24,
        minute = hour % 24 * 60 + 30;
    bool holds = false;

    if (hour < 0 || hour >= CONDITION_HOURS)
        return false;
    for (skip(&s, " ;"); s.at < s.end; skip(&s, " ;"))
        if (!rule_holds(&s, day, minute, &holds) || (s.at < s.end && *s.at != ';'))
            return false;
    return holds;
}

/* --- values --- */

/* Where a clause "V @ (C)" or "V @ C" ends. */
static const char *clause_end(const char *s)
{
    int depth = 0;

    for (; *s && (depth > 0 || *s != ';'); s++)
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
    return s;
}

static bool clause(const char *s, const char *end, int hour, char ret[CONDITION_VALUE_MAX])
{
    const char *sign = memchr(s, '@', (size_t)(end - s)), *from, *to = end;
    size_t n;

    if (!sign)
        return false;
    for (n = (size_t)(sign - s); n && s[n - 1] == ' '; n--)
        continue;
    for (from = sign + 1; from < to && (*from == ' ' || *from == '('); from++)
        continue;
    while (to > from && (to[-1] == ' ' || to[-1] == ')'))
        to--;
    if (!n || n >= CONDITION_VALUE_MAX || !condition_holds(from, (size_t)(to - from), hour))
        return false;
    memcpy(ret, s, n);
    ret[n] = '\0';
    return true;
}

bool condition_value(const char *text, int hour, char ret[CONDITION_VALUE_MAX])
{
    bool any = false;

    while (*text) {
        const char *end = clause_end(text);

        any |= clause(text, end, hour, ret);
        for (text = end; *text == ';' || *text == ' '; text++)
            continue;
    }
    return any;
}

static size_t base_length(const char *key)
{
    size_t n = strlen(key), s = sizeof SUFFIX - 1;

    return n > s && !strcmp(key + n - s, SUFFIX) ? n - s : 0;
}

bool condition_any(const struct osm_tag *tags, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (base_length(tags[i].key))
            return true;
    return false;
}

static struct osm_tag *find(struct condition_tags *t, const char *key, size_t n)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strncmp(t->tags[i].key, key, n) && !t->tags[i].key[n])
            return &t->tags[i];
    return NULL;
}

void condition_apply(const struct osm_tag *tags, size_t n, int hour, struct condition_tags *ret)
{
    size_t made = 0;

    ret->n = 0;
    for (size_t i = 0; i < n && i < 64; i++)
        if (!base_length(tags[i].key))
            ret->tags[ret->n++] = tags[i];
    for (size_t i = 0; i < n && i < 64; i++) {
        size_t base = base_length(tags[i].key);
        struct osm_tag *plain;

        if (!base || base >= sizeof ret->keys[0] || !condition_value(tags[i].value, hour, ret->values[made]))
            continue;
        plain = find(ret, tags[i].key, base);
        if (!plain) {
            memcpy(ret->keys[made], tags[i].key, base);
            ret->keys[made][base] = '\0';
            plain = &ret->tags[ret->n++];
            plain->key = ret->keys[made];
        }
        plain->value = ret->values[made++];
    }
}
