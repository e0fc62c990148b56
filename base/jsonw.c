#include "base/jsonw.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void jsonw_begin(struct jsonw *w, struct evbuffer *out)
{
    w->out = out;
    w->used = 0;
    w->depth = 0;
    w->comma = w->named = w->failed = false;
}

static void spill(struct jsonw *w)
{
    if (w->used && evbuffer_add(w->out, w->room, w->used))
        w->failed = true;
    w->used = 0;
}

static void put(struct jsonw *w, const char *s, size_t len)
{
    if (len > sizeof w->room - w->used)
        spill(w);
    if (len > sizeof w->room) {
        if (evbuffer_add(w->out, s, len))
            w->failed = true;
        return;
    }
    memcpy(w->room + w->used, s, len);
    w->used += len;
}

static void put_char(struct jsonw *w, char c)
{
    put(w, &c, 1);
}

int jsonw_end(struct jsonw *w)
{
    spill(w);
    return w->failed || w->depth || !w->comma ? -1 : 0;
}

/* Before every value: it must be due, and may need a comma. */
static void due(struct jsonw *w)
{
    bool member = w->depth && w->open[w->depth - 1] == '{';
    if (member != w->named || (!w->depth && w->comma))
        w->failed = true;
    if (w->comma && !w->named)
        put_char(w, ',');
    w->named = false;
    w->comma = true;
}

static void open_with(struct jsonw *w, char c)
{
    due(w);
    put_char(w, c);
    if (w->depth == JSONW_DEPTH_MAX)
        w->failed = true;
    else
        w->open[w->depth++] = c;
    w->comma = false;
}

static void close_with(struct jsonw *w, char open, char c)
{
    if (!w->depth || w->open[w->depth - 1] != open || w->named)
        w->failed = true;
    else
        w->depth--;
    put_char(w, c);
    w->comma = true;
}

void jsonw_object(struct jsonw *w)
{
    open_with(w, '{');
}

void jsonw_object_end(struct jsonw *w)
{
    close_with(w, '{', '}');
}

void jsonw_array(struct jsonw *w)
{
    open_with(w, '[');
}

void jsonw_array_end(struct jsonw *w)
{
    close_with(w, '[', ']');
}

/* Length of the UTF-8 sequence at s (RFC 3629: no overlong form, no surrogate), 0 when there is none. */
static size_t sequence(const unsigned char *s, size_t left)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF5 ? 4 : 0;
    if (n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
        (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

static void put_escaped(struct jsonw *w, char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *at = strchr(from, c);
    char text[8] = {'\\', at && c ? to[at - from] : 0};
    if (!text[1])
        snprintf(text, sizeof text, "\\u%04x", (unsigned char)c);
    put(w, text, strlen(text));
}

static void put_string(struct jsonw *w, const char *s, size_t len)
{
    size_t plain = 0;
    put_char(w, '"');
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)s[i];
        size_t n = sequence((const unsigned char *)s + i, len - i);
        if (n && c >= 0x20 && c != '"' && c != '\\') {
            i += n;
            continue;
        }
        put(w, s + plain, i - plain);
        if (n)
            put_escaped(w, s[i]);
        else
            w->failed = true;
        plain = ++i;
    }
    put(w, s + plain, len - plain);
    put_char(w, '"');
}

void jsonw_name(struct jsonw *w, const char *name)
{
    if (!w->depth || w->open[w->depth - 1] != '{' || w->named)
        w->failed = true;
    if (w->comma)
        put_char(w, ',');
    put_string(w, name, strlen(name));
    put_char(w, ':');
    w->named = true;
}

void jsonw_text(struct jsonw *w, const char *s)
{
    jsonw_text_n(w, s, s ? strlen(s) : 0);
}

void jsonw_text_n(struct jsonw *w, const char *s, size_t len)
{
    if (!s) {
        jsonw_null(w);
        return;
    }
    due(w);
    put_string(w, s, len);
}

void jsonw_int(struct jsonw *w, int64_t n)
{
    char text[24];
    due(w);
    put(w, text, (size_t)snprintf(text, sizeof text, "%" PRId64, n));
}

void jsonw_real(struct jsonw *w, double d, int decimals)
{
    char text[352]; /* the greatest double has 309 digits before the point */
    if (!isfinite(d)) {
        jsonw_null(w);
        return;
    }
    due(w);
    put(w, text, (size_t)snprintf(text, sizeof text, "%.*f", decimals < 30 ? decimals : 30, d));
}

void jsonw_bool(struct jsonw *w, bool b)
{
    due(w);
    put(w, b ? "true" : "false", b ? 4 : 5);
}

void jsonw_null(struct jsonw *w)
{
    due(w);
    put(w, "null", 4);
}

void jsonw_raw(struct jsonw *w, const char *json, size_t len)
{
    due(w);
    put(w, json, len);
}
