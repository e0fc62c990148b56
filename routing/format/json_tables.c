#include "routing/format/json_tables.h"
#include "routing/vrp/problem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ROWS = 65, MOST_ROWS = 20000, FIRST_TABLES = 8 };

struct scan {
    const char *at, *end;
};

static void skip_space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

static bool sign(struct scan *s, char c)
{
    skip_space(s);
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

/* An unsigned integer as JSON writes it, and nothing behind it that would make it another number. */
static bool number(struct scan *s, int32_t *ret)
{
    int64_t v = 0;
    skip_space(s);
    const char *from = s->at;
    for (; digit(s) && v <= VRP_LEG_LIMIT; s->at++)
        v = v * 10 + (*s->at - '0');
    if (s->at == from || v > VRP_LEG_LIMIT || (*from == '0' && s->at > from + 1))
        return false;
    *ret = (int32_t)v;
    return s->at == s->end || (*s->at != '.' && *s->at != 'e' && *s->at != 'E');
}

/* How many numbers the first row has; 0 if it is no row of numbers. */
static int32_t columns(struct scan s)
{
    int32_t n = 0, v;
    do {
        if (!number(&s, &v) || ++n > MOST_ROWS)
            return 0;
    } while (sign(&s, ','));
    return sign(&s, ']') ? n : 0;
}

/* The rest of a table whose two opening brackets have been read. */
static bool rows(struct scan *s, int32_t n, int32_t *entry)
{
    for (int32_t row = 0; row < n; row++) {
        if (row && !(sign(s, ',') && sign(s, '[')))
            return false;
        for (int32_t k = 0; k < n; k++)
            if ((k && !sign(s, ',')) || !number(s, entry++))
                return false;
        if (!sign(s, ']'))
            return false;
    }
    return sign(s, ']');
}

static bool grow(struct json_tables *t)
{
    if (t->n < t->room)
        return true;
    int32_t room = t->room ? t->room * 2 : FIRST_TABLES;
    struct json_table *table = realloc(t->table, (size_t)room * sizeof *table);
    if (!table)
        return false;
    t->table = table;
    t->room = room;
    return true;
}

/* 1 with *s behind the table if one begins at the bracket where it stands, 0 if none does, -1 out of memory.
 */
static int take(struct scan *s, struct json_tables *t)
{
    struct scan at = *s;
    at.at++;
    if (!sign(&at, '['))
        return 0;
    int32_t n = columns(at);
    /* the entries need two characters each: what is shorter is not worth the memory */
    if (n < LEAST_ROWS || (at.end - at.at) / 2 < (ptrdiff_t)n * n)
        return 0;
    int32_t *entry = grow(t) ? malloc((size_t)n * (size_t)n * sizeof *entry) : NULL;
    if (!entry)
        return -1;
    if (!rows(&at, n, entry)) {
        free(entry);
        return 0;
    }
    t->table[t->n++] = (struct json_table){n, entry};
    *s = at;
    return 1;
}

/* Behind the string that begins here. */
static void skip_string(struct scan *s)
{
    for (s->at++; s->at < s->end && *s->at != '"'; s->at++)
        if (*s->at == '\\' && s->at + 1 < s->end)
            s->at++;
    s->at += s->at < s->end;
}

static void copy(struct json_tables *t, const char *from, const char *to)
{
    memcpy(t->text + t->n_text, from, (size_t)(to - from));
    t->n_text += (size_t)(to - from);
}

int json_tables_take(const char *text, size_t n, struct json_tables *ret)
{
    struct json_tables t = {.text = malloc(n + 1)};
    struct scan s = {text, text + n};
    const char *from = text;
    int taken = t.text ? 0 : -1;
    while (taken >= 0 && s.at < s.end) {
        const char *here = s.at;
        if (*here == '"') {
            skip_string(&s);
        } else if (*here != '[' || (taken = take(&s, &t)) <= 0) {
            s.at++;
        } else {
            copy(&t, from, here);
            t.n_text += (size_t)sprintf(t.text + t.n_text, "{\"\":%d}", t.n - 1);
            from = s.at;
        }
    }
    if (taken < 0) {
        json_tables_fini(&t);
        return -1;
    }
    copy(&t, from, s.end);
    *ret = t;
    return 0;
}

void json_tables_fini(struct json_tables *t)
{
    for (int32_t k = 0; k < t->n; k++)
        free(t->table[k].entry);
    free(t->table);
    free(t->text);
    *t = (struct json_tables){0};
}
