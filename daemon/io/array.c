#include "daemon/io/array.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static char *reserve(struct array *a, size_t more)
{
    if (a->len + more + 2 > a->room) { /* the closing brace and NUL always fit */
        size_t room = a->room ? a->room * 2 : 256;
        while (room < a->len + more + 2)
            room *= 2;
        a->text = realloc(a->text, room);
        if (!a->text)
            log_fatal("out of memory");
        a->room = room;
    }
    return a->text + a->len;
}

void array_fini(struct array *a)
{
    free(a->text);
    *a = (struct array){0};
}

/* "{" before the first element, "," before the others: a slice begins with either. */
static void part(struct array *a)
{
    *reserve(a, 1) = a->len ? ',' : '{';
    a->len++;
}

void array_add(struct array *a, const char *value)
{
    part(a);
    if (!value) {
        memcpy(reserve(a, 4), "NULL", 4);
        a->len += 4;
        return;
    }
    char *begin = reserve(a, 2 * strlen(value) + 2), *at = begin;
    *at++ = '"';
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            *at++ = '\\';
        *at++ = *value;
    }
    *at++ = '"';
    a->len += (size_t)(at - begin);
}

void array_add_bytes(struct array *a, const void *bytes, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *b = bytes;
    part(a);
    char *at = reserve(a, 2 * len + 5);
    memcpy(at, "\"\\\\x", 4);
    at += 4;
    for (size_t i = 0; i < len; i++) {
        *at++ = hex[b[i] >> 4];
        *at++ = hex[b[i] & 15];
    }
    *at = '"';
    a->len += 2 * len + 5;
}

void array_add_slice(struct array *a, const char *elements, size_t len)
{
    if (!len)
        return;
    char *at = reserve(a, len);
    memcpy(at, elements, len);
    *at = a->len ? ',' : '{';
    a->len += len;
}

size_t array_len(const struct array *a)
{
    return a->len;
}

const char *array_text(struct array *a)
{
    if (!a->len)
        return "{}";
    *reserve(a, 0) = '}';
    a->text[a->len + 1] = '\0';
    return a->text;
}
