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
    return n >= 1 && n <= 5;
}

static const struct kind {
    const char *name;
    bool (*fits)(const char *s, size_t n);
} kinds[] = {
    {"id", is_uuid},   {"waybill", is_waybill}, {"token", is_token},
    {"code", is_code}, {"n", is_number},        {"action", is_code},
};

static bool fits_kind(const char *name, size_t name_len, const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strlen(kinds[i].name) == name_len && !strncmp(kinds[i].name, name, name_len))
            return kinds[i].fits(s, n);
    return false;
}

static bool take_param(const char *name, size_t name_len, const char *s, size_t n, struct path_match *ret)
{
    if (ret->count == PATH_PARAMS_MAX || n >= PATH_VALUE_MAX || !fits_kind(name, name_len, s, n))
        return false;
    struct path_param *p = &ret->param[ret->count++];
    p->name = name;
    p->name_len = name_len;
    memcpy(p->value, s, n);
    p->value[n] = '\0';
    return true;
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
        size_t n = strcspn(path, "/");
        if (!take_param(name, (size_t)(template - name), path, n, ret))
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
