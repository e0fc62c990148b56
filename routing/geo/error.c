#include "routing/geo/error.h"

#include <stdarg.h>
#include <stdio.h>

int route_error_set(struct route_error *err, int code, int64_t offset, const char *fmt, ...)
{
    va_list ap;

    if (!err)
        return -1;
    err->code = code;
    err->offset = offset;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    return -1;
}
