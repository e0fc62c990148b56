#include "base/error.h"

#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int code, const char *fmt, ...)
{
    if (!err)
        return -1;
    va_list ap;
    va_start(ap, fmt);
    err->code = code;
    vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    return -1;
}

int error_prefix(struct error *err, const char *fmt, ...)
{
    if (!err)
        return -1;
    char prefix[ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(prefix, sizeof prefix, fmt, ap);
    va_end(ap);
    size_t p = strlen(prefix), room = sizeof err->text - 1;
    if (p + 2 > room)
        return -1;
    size_t keep = strlen(err->text) < room - p - 2 ? strlen(err->text) : room - p - 2;
    memmove(err->text + p + 2, err->text, keep);
    err->text[p + 2 + keep] = '\0';
    memcpy(err->text, prefix, p);
    memcpy(err->text + p, ": ", 2);
    return -1;
}
