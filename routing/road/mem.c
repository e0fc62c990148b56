#include "routing/road/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mem_new(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);

    if (!p)
        abort();
    return p;
}

void *mem_copy(const void *from, size_t bytes)
{
    void *p = mem_new(bytes, 1);

    if (bytes)
        memcpy(p, from, bytes);
    return p;
}

void *mem_room(void *at, size_t *cap, size_t need, size_t size)
{
    size_t n = *cap ? *cap : 16;

    if (need <= *cap)
        return at;
    while (n < need)
        n += n / 2 + 1;
    if (n > SIZE_MAX / size || !(at = realloc(at, n * size)))
        abort();
    *cap = n;
    return at;
}

void text_append(struct text *t, const void *bytes, size_t n)
{
    t->at = mem_room(t->at, &t->cap, t->n + n + 1, 1);
    if (n)
        memcpy(t->at + t->n, bytes, n);
    t->n += n;
    t->at[t->n] = '\0';
}

void text_add(struct text *t, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    t->at = mem_room(t->at, &t->cap, t->n + (size_t)n + 1, 1);
    vsnprintf(t->at + t->n, (size_t)n + 1, fmt, again);
    va_end(again);
    t->n += (size_t)n;
}

/* Length of the well-formed UTF-8 sequence at s, or 0. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n = s[0] < 0x80                   ? 1
               : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
               : (s[0] & 0xf0) == 0xe0       ? 3
               : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                             : 0;

    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

void text_json(struct text *t, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;

    text_append(t, "\"", 1);
    while (*p) {
        size_t n = utf8_length(p);

        if (!n)
            text_append(t, "\xef\xbf\xbd", 3);
        else if (*p == '"' || *p == '\\')
            text_add(t, "\\%c", *p);
        else if (*p < 0x20)
            text_add(t, "\\u%04x", *p);
        else
            text_append(t, p, n);
        p += n ? n : 1;
    }
    text_append(t, "\"", 1);
}
