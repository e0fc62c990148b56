#include "base/json.h"

#include "base/id.h"
#include "base/time.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* jansson bounds depth at 2048 only; ours is checked before it recurses. */
static int depth_of(const char *text, size_t len)
{
    int depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest)
                deepest = depth;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return deepest;
}

json_t *json_read(const char *text, size_t len, struct error *err)
{
    json_error_t je;
    if (depth_of(text, len) > JSON_DEPTH_MAX) {
        error_set(err, EINVAL, "nested deeper than %d", JSON_DEPTH_MAX);
        return NULL;
    }
    json_t *v = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
    if (!v)
        error_set(err, EINVAL, "line %d, column %d (byte %d): %s", je.line, je.column, je.position, je.text);
    return v;
}

/* Appends "/name" as RFC 6901 escapes it; what has no room is left out, at the end of a character. */
static void append_name(char pointer[JSON_POINTER_MAX], size_t n, const char *name)
{
    pointer[n++] = '/';
    while (*name) {
        size_t take = 1;
        while (((unsigned char)name[take] & 0xC0) == 0x80)
            take++;
        bool escaped = *name == '~' || *name == '/';
        if (n + take + escaped >= JSON_POINTER_MAX)
            break;
        if (escaped)
            memcpy(pointer + n, *name == '~' ? "~0" : "~1", 2);
        else
            memcpy(pointer + n, name, take);
        n += take + escaped;
        name += take;
    }
    pointer[n] = '\0';
}

void json_fault_add(struct json_faults *f, const char *at, const char *name, const char *reason)
{
    if (f->n++ >= JSON_FAULTS_MAX)
        return;
    struct json_fault *x = &f->list[f->n - 1];
    size_t n = strlen(strcpy(x->pointer, at));
    if (name)
        append_name(x->pointer, n, name);
    snprintf(x->reason, sizeof x->reason, "%s", reason);
}

static size_t characters(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static bool fits_text(const struct json_field *f, json_t *v, char *why, size_t room)
{
    if (!json_is_string(v)) {
        snprintf(why, room, "must be a string");
        return false;
    }
    const char *s = json_string_value(v);
    if (strlen(s) != json_string_length(v)) {
        snprintf(why, room, "must not hold a NUL");
        return false;
    }
    size_t n = characters(s);
    if (n < (size_t)f->min || n > (size_t)f->max) {
        snprintf(why, room, "must be %.0f to %.0f characters long", f->min, f->max);
        return false;
    }
    return true;
}

static bool fits_number(const struct json_field *f, json_t *v, char *why, size_t room)
{
    bool typed = f->kind == JSON_K_INT ? json_is_integer(v) : json_is_number(v);
    double d = json_number_value(v);
    if (typed && d >= f->min && d <= f->max)
        return true;
    snprintf(why, room, "must be %s from %.10g to %.10g",
             f->kind == JSON_K_INT ? "a whole number" : "a number", f->min, f->max);
    return false;
}

/* Says why when it is not so. */
static bool say_unless(bool fits, char *why, size_t room, const char *reason)
{
    if (!fits)
        snprintf(why, room, "%s", reason);
    return fits;
}

static bool fits_bool(const struct json_field *f, json_t *v, char *why, size_t room)
{
    (void)f;
    return say_unless(json_is_boolean(v), why, room, "must be true or false");
}

static bool fits_uuid(const struct json_field *f, json_t *v, char *why, size_t room)
{
    struct uuid id;
    (void)f;
    return say_unless(json_is_string(v) && !uuid_parse(json_string_value(v), &id), why, room,
                      "must be a UUID");
}

static bool fits_time(const struct json_field *f, json_t *v, char *why, size_t room)
{
    int64_t us;
    (void)f;
    return say_unless(json_is_string(v) && !time_parse(json_string_value(v), &us, NULL), why, room,
                      "must be a time like 2026-11-11T08:30:00+08:00");
}

static bool fits_word(const struct json_field *f, json_t *v, char *why, size_t room)
{
    const char *given = json_string_value(v);
    for (const char *const *w = f->words; given && *w; w++)
        if (!strcmp(given, *w))
            return true;
    int n = snprintf(why, room, "must be one of");
    for (const char *const *w = f->words; *w && n > 0 && (size_t)n < room; w++)
        n += snprintf(why + n, room - (size_t)n, " %s", *w);
    return false;
}

static bool fits_any(const struct json_field *f, json_t *v, char *why, size_t room)
{
    snprintf(why, room, "must be an object of at most %.0f bytes", f->max);
    return json_is_object(v) && json_dumpb(v, NULL, 0, JSON_COMPACT) <= (size_t)f->max;
}

static bool (*const fits_scalar[])(const struct json_field *, json_t *, char *, size_t) = {
    [JSON_K_TEXT] = fits_text, [JSON_K_INT] = fits_number, [JSON_K_REAL] = fits_number,
    [JSON_K_BOOL] = fits_bool, [JSON_K_UUID] = fits_uuid,  [JSON_K_TIME] = fits_time,
    [JSON_K_WORD] = fits_word, [JSON_K_ANY] = fits_any,
};

static const struct json_field list_text = {.kind = JSON_K_TEXT, .min = 1, .max = 64};

static void check_list(const struct json_field *f, json_t *v, const char *at, struct json_faults *faults)
{
    char where[JSON_POINTER_MAX], why[96];
    size_t n = json_array_size(v);
    if (!json_is_array(v) || n < (size_t)f->min || n > (size_t)f->max) {
        snprintf(why, sizeof why, "must be an array of %.0f to %.0f", f->min, f->max);
        json_fault_add(faults, at, f->name, why);
        return;
    }
    for (size_t i = 0; i < n && faults->n < JSON_FAULTS_MAX; i++) {
        snprintf(where, sizeof where, "%.60s/%s/%zu", at, f->name, i);
        if (f->shape)
            json_fits(f->shape, json_array_get(v, i), where, faults);
        else if (!fits_text(&list_text, json_array_get(v, i), why, sizeof why))
            json_fault_add(faults, where, NULL, why);
    }
}

static void check_field(const struct json_field *f, json_t *v, const char *at, struct json_faults *faults)
{
    char buffer[JSON_POINTER_MAX];
    if (f->kind == JSON_K_LIST) {
        check_list(f, v, at, faults);
    } else if (f->kind == JSON_K_OBJECT) {
        snprintf(buffer, sizeof buffer, "%.60s/%s", at, f->name);
        json_fits(f->shape, v, buffer, faults);
    } else if (!fits_scalar[f->kind](f, v, buffer, sizeof buffer)) {
        json_fault_add(faults, at, f->name, buffer);
    }
}

const struct json_field *json_field_named(const struct json_shape *shape, const char *name)
{
    for (int i = 0; shape && i < shape->n; i++)
        if (!strcmp(shape->fields[i].name, name))
            return &shape->fields[i];
    return NULL;
}

bool json_fits(const struct json_shape *shape, json_t *value, const char *at, struct json_faults *faults)
{
    int before = faults->n;
    const char *name;
    json_t *v;
    if (!json_is_object(value)) {
        json_fault_add(faults, at, NULL, "must be an object");
        return false;
    }
    for (int i = 0; i < shape->n; i++) {
        const struct json_field *f = &shape->fields[i];
        v = json_object_get(value, f->name);
        if (v && !json_is_null(v))
            check_field(f, v, at, faults);
        else if (f->required)
            json_fault_add(faults, at, f->name, "is required");
    }
    json_object_foreach(value, name, v) if (!json_field_named(shape, name))
        json_fault_add(faults, at, name, "is not known here");
    return faults->n == before;
}

static json_t *typed(const struct json_field *f, const char *text)
{
    char *end;
    errno = 0;
    if (*text == ' ' || *text == '+' || (*text >= '\t' && *text <= '\r'))
        return json_string(text); /* what strtoll and strtod would pass over */
    if (f->kind == JSON_K_INT) {
        long long n = strtoll(text, &end, 10);
        if (*text && !*end && !errno)
            return json_integer(n);
    } else if (f->kind == JSON_K_REAL) {
        double d = strtod(text, &end);
        if (*text && !*end && !errno)
            return json_real(d);
    } else if (f->kind == JSON_K_BOOL && (!strcmp(text, "true") || !strcmp(text, "false"))) {
        return json_boolean(*text == 't');
    }
    return json_string(text);
}

json_t *json_from_text(const struct json_field *field, const char *text, struct json_faults *faults)
{
    json_t *v = typed(field, text);
    int before = faults->n;
    if (!v)
        json_fault_add(faults, "", field->name, "is not UTF-8");
    else
        check_field(field, v, "", faults);
    if (faults->n == before)
        return v;
    json_decref(v);
    return NULL;
}
