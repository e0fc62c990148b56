#include "base/log.h"

#include "base/clock.h"
#include "base/log_limit.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static struct log_limit limit = {.most = LOG_REPEATS, .window_us = 10000000};
static pthread_mutex_t limit_lock = PTHREAD_MUTEX_INITIALIZER;

/* One byte as it may stand in a line; how many it takes. */
static int escape(unsigned char c, bool quoted, char ret[5])
{
    static const char named[] = "\n\r\t\"\\", letters[] = "nrt\"\\";
    const char *at = c ? strchr(named, c) : NULL;
    if (at && (quoted || at < named + 3))
        return snprintf(ret, 5, "\\%c", letters[at - named]);
    if (c < 0x20 || c == 0x7f)
        return snprintf(ret, 5, "\\x%02x", c);
    return snprintf(ret, 5, "%c", c);
}

/* Appends `text`, escaped, as far as it goes; false when it was cut. `room` counts the NUL. */
static bool append(char *to, size_t room, size_t *len, const char *text, bool quoted)
{
    char one[5];
    for (; *text; text++) {
        int n = escape((unsigned char)*text, quoted, one);
        if (*len + (size_t)n >= room)
            return false;
        memcpy(to + *len, one, (size_t)n + 1);
        *len += (size_t)n;
    }
    return true;
}

static bool is_plain(const char *s)
{
    if (!*s)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s <= 0x20 || (unsigned char)*s >= 0x7f || strchr("=\"\\", *s))
            return false;
    return true;
}

/* The length without a UTF-8 character that was cut. */
static size_t whole_characters(const char *s, size_t len)
{
    size_t from = len;
    while (from && ((unsigned char)s[from - 1] & 0xC0) == 0x80)
        from--;
    if (!from || (unsigned char)s[from - 1] < 0xC0)
        return len;
    unsigned char lead = (unsigned char)s[from - 1];
    size_t wants = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    return len - (from - 1) < wants ? from - 1 : len;
}

const char *log_value(const char *text, char *ret, size_t room)
{
    static const char more[] = "\xe2\x80\xa6\"";
    bool plain = is_plain(text);
    size_t len = 0;
    if (plain && strlen(text) < room)
        return strcpy(ret, text);
    ret[len++] = '"';
    if (append(ret, room - sizeof more, &len, text, true)) {
        ret[len++] = '"';
        ret[len] = '\0';
        return ret;
    }
    len = whole_characters(ret, len);
    memcpy(ret + len, more, sizeof more);
    return ret;
}

static bool allowed(const char *text, int *ret_held)
{
    pthread_mutex_lock(&limit_lock);
    bool yes = log_limit_allows(&limit, text, clock_mono_us(), ret_held);
    pthread_mutex_unlock(&limit_lock);
    return yes;
}

__attribute__((format(printf, 3, 0))) static void write_line(enum log_level level, bool always,
                                                             const char *fmt, va_list ap)
{
    char raw[LINE_MAX_BYTES], text[LINE_MAX_BYTES], line[LINE_MAX_BYTES + 160], when[32], again[48] = "";
    size_t len = 0;
    int held = 0;
    struct timespec ts;
    struct tm tm;
    vsnprintf(raw, sizeof raw, fmt, ap);
    *text = '\0';
    append(text, sizeof text, &len, raw, false);
    if (!always && !allowed(text, &held))
        return;
    if (held)
        snprintf(again, sizeof again, " (and %d times before)", held);
    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    int n = snprintf(line, sizeof line, "%s%s.%03ldZ %s %s: %s%s\n", levels[level].prefix, when,
                     ts.tv_nsec / 1000000, program, levels[level].word, text, again);
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1) < 0)
        return; /* nowhere left to say it */
}

void log_write(enum log_level level, const char *fmt, ...)
{
    if (level > threshold)
        return;
    va_list ap;
    va_start(ap, fmt);
    write_line(level, false, fmt, ap);
    va_end(ap);
}

void log_fatal(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    write_line(LOG_L_ERROR, true, fmt, ap);
    va_end(ap);
    exit(1);
}
