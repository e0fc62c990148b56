#include "base/config.h"

#include "base/log.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct config {
    const struct config_setting *settings;
    int n;
    char *values[CONFIG_SETTINGS_MAX];
};

static int index_of(const struct config *c, const char *name)
{
    for (int i = 0; i < c->n; i++)
        if (!strcmp(c->settings[i].name, name))
            return i;
    return -1;
}

static int check_number(const struct config_setting *s, const char *value, struct error *err)
{
    char *end;
    errno = 0;
    double d = s->kind == CONFIG_REAL ? strtod(value, &end) : (double)strtoll(value, &end, 10);
    if (!*value || *end || errno || !(d >= s->min && d <= s->max))
        return error_set(err, EINVAL, "%s = %.40s: must be a %s from %.12g to %.12g", s->name, value,
                         s->kind == CONFIG_REAL ? "number" : "whole number", s->min, s->max);
    return 0;
}

static int check_value(const struct config_setting *s, const char *value, struct error *err)
{
    if (strlen(value) >= CONFIG_TEXT_MAX)
        return error_set(err, EINVAL, "%s: longer than %d bytes", s->name, CONFIG_TEXT_MAX - 1);
    if (s->kind == CONFIG_INT || s->kind == CONFIG_REAL)
        return check_number(s, value, err);
    if (s->kind == CONFIG_BOOL && strcmp(value, "yes") && strcmp(value, "no"))
        return error_set(err, EINVAL, "%s = %.40s: must be yes or no", s->name, value);
    return 0;
}

static int assign(struct config *c, const char *name, const char *value, struct error *err)
{
    int i = index_of(c, name);
    if (i < 0)
        return error_set(err, EINVAL, "there is no setting '%.60s'", name);
    if (check_value(&c->settings[i], value, err))
        return -1;
    char *copy = strdup(value);
    if (!copy)
        log_fatal("out of memory");
    free(c->values[i]);
    c->values[i] = copy;
    return 0;
}

struct config *config_new(const struct config_setting *settings, int n)
{
    struct config *c = calloc(1, sizeof *c);
    struct error err;
    if (!c || n > CONFIG_SETTINGS_MAX)
        log_fatal("no room for %d settings", n);
    c->settings = settings;
    c->n = n;
    for (int i = 0; i < n; i++)
        if (assign(c, settings[i].name, settings[i].fallback, &err))
            log_fatal("default of %s", err.text);
    return c;
}

void config_free(struct config *c)
{
    for (int i = 0; c && i < c->n; i++)
        free(c->values[i]);
    free(c);
}

struct loading {
    struct config *c;
    struct error *err;
};

/* inih's handler: 1 goes on, 0 stops and makes ini_parse return the line. */
static int on_entry(void *arg, const char *section, const char *name, const char *value)
{
    struct loading *l = arg;
    char full[128];
    snprintf(full, sizeof full, "%s.%s", section, name);
    return assign(l->c, full, value ? value : "", l->err) == 0;
}

int config_load(struct config *c, const char *path, struct error *err)
{
    struct error inner = {0};
    struct loading l = {c, &inner};
    int line = ini_parse(path, on_entry, &l);
    if (line == 0)
        return 0;
    if (line < 0)
        return error_set(err, errno, "%s: cannot be read", path);
    return error_set(err, EINVAL, "%.120s, line %d: %.110s", path, line,
                     *inner.text ? inner.text : "not an INI line");
}

int config_set(struct config *c, const char *assignment, struct error *err)
{
    char name[128];
    const char *eq = strchr(assignment, '=');
    if (!eq || (size_t)(eq - assignment) >= sizeof name)
        return error_set(err, EINVAL, "'%.80s' is not section.name=value", assignment);
    memcpy(name, assignment, (size_t)(eq - assignment));
    name[eq - assignment] = '\0';
    return assign(c, name, eq + 1, err);
}

static const char *value_of(const struct config *c, const char *name, bool number)
{
    int i = index_of(c, name);
    if (i < 0 || number != (c->settings[i].kind == CONFIG_INT || c->settings[i].kind == CONFIG_REAL))
        log_fatal("setting %s is asked for but not declared so", name);
    return c->values[i];
}

const char *config_text(const struct config *c, const char *name)
{
    return value_of(c, name, false);
}

int64_t config_int(const struct config *c, const char *name)
{
    return strtoll(value_of(c, name, true), NULL, 10);
}

double config_real(const struct config *c, const char *name)
{
    return strtod(value_of(c, name, true), NULL);
}

void config_show(const struct config *c, FILE *out)
{
    char section[64] = "";
    for (int i = 0; i < c->n; i++) {
        const char *name = c->settings[i].name, *dot = strchr(name, '.');
        size_t len = (size_t)(dot - name);
        if (strncmp(section, name, len) || section[len]) {
            snprintf(section, sizeof section, "%.*s", (int)len, name);
            fprintf(out, "%s[%s]\n", i ? "\n" : "", section);
        }
        fprintf(out, "; %s\n", c->settings[i].doc);
        if (c->settings[i].kind == CONFIG_SECRET && strcmp(c->values[i], c->settings[i].fallback) != 0)
            fprintf(out, "; %s is set, and not shown\n", dot + 1);
        else
            fprintf(out, "%s = %s\n", dot + 1, c->values[i]);
    }
}
