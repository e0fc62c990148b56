#include "base/http_head.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

size_t http_head_end(const char *text, size_t len, size_t from)
{
    const char *at = len > from ? memmem(text + from, len - from, "\r\n\r\n", 4) : NULL;
    return at ? (size_t)(at - text) + 4 : 0;
}

/* RFC 9110, 5.6.2 */
static bool is_token(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool is_field_value(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7F)
            return false;
    return true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes in place; false for a broken or a NUL escape. */
static bool decode(char *s, bool plus_is_space)
{
    char *to = s;
    for (; *s; s++) {
        char c = *s;
        if (c == '%') {
            int hi = hex(s[1]), lo = hi < 0 ? -1 : hex(s[2]);
            if (lo < 0 || !(hi | lo))
                return false;
            c = (char)(hi << 4 | lo);
            s += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        *to++ = c;
    }
    *to = '\0';
    return true;
}

/* Ends the text before `stop` and returns what follows; NULL when there is no such character. */
static char *cut(char *s, char stop)
{
    char *at = strchr(s, stop);
    if (!at)
        return NULL;
    *at = '\0';
    return at + 1;
}

static bool read_query(char *text, struct http_head *h)
{
    for (char *next; text && *text; text = next) {
        next = cut(text, '&');
        char *value = cut(text, '=');
        if (h->n_query == HTTP_QUERY_MAX || !decode(text, true) || (value && !decode(value, true)))
            return false;
        if (*text)
            h->query[h->n_query++] = (struct http_pair){text, value ? value : ""};
    }
    return true;
}

/* "http://host/path" is as good as "/path" (RFC 9112, 3.2.2). */
static char *without_authority(char *target)
{
    for (int i = 0; i < 2; i++) {
        static const char *const schemes[] = {"http://", "https://"};
        size_t n = strlen(schemes[i]);
        if (!strncasecmp(target, schemes[i], n)) {
            char *slash = strchr(target + n, '/');
            return slash ? slash : NULL;
        }
    }
    return target;
}

static bool read_target(char *target, struct http_head *h)
{
    for (const char *c = target; *c; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7F || *c == '#')
            return false;
    target = without_authority(target);
    if (!target || (*target != '/' && strcmp(target, "*") != 0))
        return false;
    char *query = cut(target, '?');
    h->path = target;
    return decode(target, false) && (!query || read_query(query, h));
}

static int read_request_line(char *line, struct http_head *h, const char **why)
{
    char *target = cut(line, ' '), *version = target ? cut(target, ' ') : NULL;
    *why = "the request line is not of HTTP";
    if (!version || strncmp(version, "HTTP/", 5) != 0 || !*line || strlen(line) > 16)
        return 400;
    for (const char *c = line; *c; c++)
        if (!is_token(*c))
            return 400;
    h->method = line;
    h->old = !strcmp(version, "HTTP/1.0");
    *why = "only HTTP/1.1 and HTTP/1.0 are spoken here";
    if (!h->old && strcmp(version, "HTTP/1.1") != 0)
        return 505;
    *why = "the path or query is not a well-formed one";
    return read_target(target, h) ? 0 : 400;
}

static bool read_header(char *line, struct http_pair *ret)
{
    char *value = cut(line, ':');
    if (!value || !*line || !is_field_value(value))
        return false;
    for (const char *c = line; *c; c++)
        if (!is_token(*c)) /* a space before the colon or a folded line included */
            return false;
    value += strspn(value, " \t");
    size_t n = strlen(value);
    while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
        value[--n] = '\0';
    *ret = (struct http_pair){line, value};
    return true;
}

static bool read_length(const char *s, size_t *ret)
{
    size_t n = 0, digits = strspn(s, "0123456789");
    if (!digits || s[digits] || digits > 15)
        return false;
    for (; *s; s++)
        n = n * 10 + (size_t)(*s - '0');
    *ret = n;
    return true;
}

static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; at && (at = strcasestr(at, word)); at += n) {
        bool begins = at == list || strchr(", \t", at[-1]), ends = !at[n] || strchr(", \t", at[n]);
        if (begins && ends)
            return true;
    }
    return false;
}

static int count(const struct http_head *h, const char *name)
{
    int n = 0;
    for (int i = 0; i < h->n_headers; i++)
        n += !strcasecmp(h->headers[i].name, name);
    return n;
}

/* What the headers say of the message itself. */
static int read_framing(struct http_head *h, const char **why)
{
    const char *length = http_head_find(h, "Content-Length"), *expect = http_head_find(h, "Expect");
    const char *connection = http_head_find(h, "Connection");
    *why = "send the body with a Content-Length, not in chunks";
    if (http_head_find(h, "Transfer-Encoding"))
        return 411;
    *why = "Content-Length must stand once and be a number";
    if (count(h, "Content-Length") > 1 || (length && !read_length(length, &h->body_len)))
        return 400;
    *why = "Host must stand once";
    if (count(h, "Host") > 1 || (!h->old && !count(h, "Host")))
        return 400;
    h->keep_alive = !h->old && !has_word(connection, "close");
    h->expects_continue = !h->old && expect && !strcasecmp(expect, "100-continue");
    return 0;
}

int http_head_read(char *text, size_t len, struct http_head *ret, const char **ret_why)
{
    struct http_head h = {0};
    *ret_why = "a header is not well formed";
    if (len < 4 || memchr(text, '\0', len))
        return 400;
    text[len - 4] = '\0'; /* of the empty line's CR LF CR LF */
    for (char *line = text, *next; line; line = next) {
        next = strstr(line, "\r\n");
        if (next) {
            *next = '\0';
            next += 2;
        }
        if (strpbrk(line, "\r\n"))
            return 400;
        if (line == text) {
            int status = read_request_line(line, &h, ret_why);
            if (status)
                return status;
            continue;
        }
        *ret_why = "too many headers";
        if (h.n_headers == HTTP_HEADERS_MAX)
            return 431;
        *ret_why = "a header is not well formed";
        if (!read_header(line, &h.headers[h.n_headers++]))
            return 400;
    }
    int status = read_framing(&h, ret_why);
    if (!status)
        *ret = h;
    return status;
}

const char *http_head_find(const struct http_head *h, const char *name)
{
    for (int i = 0; i < h->n_headers; i++)
        if (!strcasecmp(h->headers[i].name, name))
            return h->headers[i].value;
    return NULL;
}
