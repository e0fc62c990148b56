#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static const char *program = "yizhan";
static enum log_level threshold = LOG_L_INFO;

static const struct level {
    const char *prefix; /* sd-daemon(3) */
    const char *word;
} levels[] = {{"<3>", "error"}, {"<4>", "warn"}, {"<6>", "info"}, {"<7>", "debug"}};

void log_init(const char *name, enum log_level level)
{
    program = name;
    threshold = level;
}

/* Control characters would let a client forge lines. */
static void flatten(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = ' ';
}

static void write_line(enum log_level level, const char *fmt, va_list ap)
{
    char text[LINE_MAX_BYTES], line[LINE_MAX_BYTES + 96], when[32];
    struct timespec ts;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    vsnprintf(text, sizeof text, fmt, ap);
    flatten(text);
    int n = snprintf(line, sizeof line, "%s%s.%03ldZ %s %s: %s\n", levels[level].prefix, when,
                     ts.tv_nsec / 1000000, program, levels[level].word, text);
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1) < 0)
        return; /* nowhere left to say it */
}

void log_write(enum log_level level, const char *fmt, ...)
{
    if (level > threshold)
        return;
    va_list ap;
    va_start(ap, fmt);
    write_line(level, fmt, ap);
    va_end(ap);
}

void log_fatal(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    write_line(LOG_L_ERROR, fmt, ap);
    va_end(ap);
    exit(1);
}
