#include "daemon/api/path.h"

#include <ctype.h>
#include <string.h>

static bool is_uuid(const char *s, size_t n)
{
    if (n != 36)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
            return false;
    }
    return true;
}

static bool all(const char *s, size_t n, const char *also)
{
    for (size_t i = 0; i < n; i++)
        if (!isascii((unsigned char)s[i]) || (!isalnum((unsigned char)s[i]) && !strchr(also, s[i])))
            return false;
    return n > 0;
}

static bool is_waybill(const char *s, size_t n)
{
    return n >= 6 && n <= 32 && all(s, n, "-");
}

static bool is_token(const char *s, size_t n)
{
    return n >= 16 && n <= 64 && all(s, n, "-_");
}

static bool is_code(const char *s, size_t n)
{
    return n <= 32 && all(s, n, "-_.");
}

static bool is_number(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isdigit((unsigned char)s[i]))
            return false;
    return n >= 1 && n <= 6;
}

/* All that follows, slashes too: its handler reads it from the request itself. */
static bool is_rest(const char *s, size_t n)
{
    (void)s;
    return n > 0;
}

/* The pattern says what the function does, for the API description. */
static const struct kind {
    const char *name;
    bool (*fits)(const char *s, size_t n);
    const char *pattern;
} kinds[] = {
    {"id", is_uuid, "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"},
    {"waybill", is_waybill, "^[0-9A-Za-z-]{6,32}$"},
    {"token", is_token, "^[0-9A-Za-z_-]{16,64}$"},
    {"code", is_code, "^[0-9A-Za-z_.-]{1,32}$"},
    {"n", is_number, "^[0-9]{1,6}$"},
    {"action", is_code, "^[0-9A-Za-z_.-]{1,32}$"},
    {"z", is_number, "^[0-9]{1,6}$"},
    {"x", is_number, "^[0-9]{1,6}$"},
    {"y", is_number, "^[0-9]{1,6}$"},
    {"profile", is_code, "^[0-9A-Za-z_.-]{1,32}$"},
    {"coordinates", is_rest, ".+"},
};

const char *path_pattern(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].name, name))
            return kinds[i].pattern;
    return NULL;
}

static const struct kind *kind_named(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i].name) == len && !strncmp(kinds[i].name, name, len))
            return &kinds[i];
    return NULL;
}

/* Takes what the name stands for from the front of s: how many bytes, 0 when it does not fit. */
static size_t take_param(const char *name, size_t name_len, const char *s, struct path_match *ret)
{
    const struct kind *k = kind_named(name, name_len);
    bool rest = k && k->fits == is_rest;
    size_t n = rest ? strlen(s) : strcspn(s, "/"), kept = rest ? 0 : n;
    if (!k || ret->count == PATH_PARAMS_MAX || kept >= PATH_VALUE_MAX || !k->fits(s, n))
        return 0;
    struct path_param *p = &ret->param[ret->count++];
    p->name = name;
    p->name_len = name_len;
    memcpy(p->value, s, kept);
    p->value[kept] = '\0';
    return n;
}

bool path_matches(const char *template, const char *path, struct path_match *ret)
{
    ret->count = 0;
    while (*template && *path) {
        if (*template != '{') {
            if (*template ++ != *path++)
                return false;
            continue;
        }
        const char *name = ++template;
        template = strchr(template, '}');
        size_t n = take_param(name, (size_t)(template - name), path, ret);
        if (!n)
            return false;
        template ++;
        path += n;
    }
    return !*template && !*path;
}

const char *path_value(const struct path_match *m, const char *name)
{
    for (int i = 0; i < m->count; i++)
        if (strlen(name) == m->param[i].name_len && !strncmp(m->param[i].name, name, m->param[i].name_len))
            return m->param[i].value;
    return NULL;
}
