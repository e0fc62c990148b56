#include "tests/contract/schema.h"

#include <err.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

struct fault {
    char *why;
    size_t cap;
};

static int check(json_t *schema, json_t *value, const char *at, struct fault *f);

static int wrong(struct fault *f, const char *at, const char *what)
{
    snprintf(f->why, f->cap, "%s: %s", *at ? at : "/", what);
    return -1;
}

static int is_type(json_t *value, const char *type)
{
    if (strcmp(type, "object") == 0)
        return json_is_object(value);
    if (strcmp(type, "array") == 0)
        return json_is_array(value);
    if (strcmp(type, "string") == 0)
        return json_is_string(value);
    if (strcmp(type, "integer") == 0)
        return json_is_integer(value);
    if (strcmp(type, "number") == 0)
        return json_is_number(value);
    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    return strcmp(type, "null") == 0 && json_is_null(value);
}

static int check_type(json_t *rule, json_t *value, const char *at, struct fault *f)
{
    json_t *one;
    size_t i;

    if (json_is_string(rule))
        return is_type(value, json_string_value(rule)) ? 0 : wrong(f, at, "type");
    json_array_foreach(rule, i, one)
    {
        if (is_type(value, json_string_value(one)))
            return 0;
    }
    return wrong(f, at, "type");
}

static int check_enum(json_t *rule, json_t *value, const char *at, struct fault *f)
{
    json_t *one;
    size_t i;

    json_array_foreach(rule, i, one)
    {
        if (json_equal(one, value))
            return 0;
    }
    return wrong(f, at, "enum");
}

static int check_pattern(json_t *rule, json_t *value, const char *at, struct fault *f)
{
    regex_t re;
    int miss;

    if (!json_is_string(value))
        return 0;
    if (regcomp(&re, json_string_value(rule), REG_EXTENDED | REG_NOSUB) != 0)
        return wrong(f, at, "pattern is no regular expression");
    miss = regexec(&re, json_string_value(value), 0, NULL, 0);
    regfree(&re);
    return miss ? wrong(f, at, "pattern") : 0;
}

static int check_items(json_t *rule, json_t *value, const char *at, struct fault *f)
{
    char below[256];
    json_t *one;
    size_t i;

    json_array_foreach(value, i, one)
    {
        snprintf(below, sizeof below, "%.200s/%zu", at, i);
        if (check(rule, one, below, f) < 0)
            return -1;
    }
    return 0;
}

static int check_unique(json_t *value, const char *at, struct fault *f)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        for (size_t k = 0; k < i; k++) {
            if (json_equal(json_array_get(value, i), json_array_get(value, k)))
                return wrong(f, at, "uniqueItems");
        }
    }
    return 0;
}

static int check_members(json_t *schema, json_t *value, const char *at, struct fault *f)
{
    json_t *properties = json_object_get(schema, "properties"),
           *more = json_object_get(schema, "additionalProperties");
    json_t *names = json_object_get(schema, "propertyNames"), *one;
    const char *name;
    char below[256];

    json_object_foreach(value, name, one)
    {
        json_t *rule = json_object_get(properties, name), *text = json_string(name);
        int bad;

        snprintf(below, sizeof below, "%.200s/%.40s", at, name);
        bad = names && check(names, text, below, f) < 0;
        json_decref(text);
        if (bad)
            return -1;
        if (!rule && json_is_false(more))
            return wrong(f, below, "additionalProperties");
        if (!rule && json_is_object(more))
            rule = more;
        if (rule && check(rule, one, below, f) < 0)
            return -1;
    }
    return 0;
}

static int check_required(json_t *rule, json_t *value, const char *at, struct fault *f)
{
    json_t *one;
    size_t i;

    json_array_foreach(rule, i, one)
    {
        if (!json_object_get(value, json_string_value(one)))
            return wrong(f, at, json_string_value(one));
    }
    return 0;
}

static int check_keyword(json_t *schema, const char *word, json_t *rule, json_t *value, const char *at,
                         struct fault *f)
{
    static const char *const elsewhere[] = {"$schema",    "$id",           "title", "description",
                                            "properties", "propertyNames", NULL};
    double limit = json_number_value(rule), number = json_number_value(value);

    for (int i = 0; elsewhere[i]; i++) {
        if (strcmp(word, elsewhere[i]) == 0)
            return 0;
    }
    if (strcmp(word, "type") == 0)
        return check_type(rule, value, at, f);
    if (strcmp(word, "enum") == 0)
        return check_enum(rule, value, at, f);
    if (strcmp(word, "const") == 0)
        return json_equal(rule, value) ? 0 : wrong(f, at, word);
    if (strcmp(word, "pattern") == 0)
        return check_pattern(rule, value, at, f);
    if (strcmp(word, "minimum") == 0)
        return json_is_number(value) && number < limit ? wrong(f, at, word) : 0;
    if (strcmp(word, "maximum") == 0)
        return json_is_number(value) && number > limit ? wrong(f, at, word) : 0;
    if (strcmp(word, "maxLength") == 0)
        return json_is_string(value) && (double)json_string_length(value) > limit ? wrong(f, at, word) : 0;
    if (strcmp(word, "minItems") == 0)
        return json_is_array(value) && (double)json_array_size(value) < limit ? wrong(f, at, word) : 0;
    if (strcmp(word, "maxItems") == 0)
        return json_is_array(value) && (double)json_array_size(value) > limit ? wrong(f, at, word) : 0;
    if (strcmp(word, "maxProperties") == 0)
        return json_is_object(value) && (double)json_object_size(value) > limit ? wrong(f, at, word) : 0;
    if (strcmp(word, "uniqueItems") == 0)
        return check_unique(value, at, f);
    if (strcmp(word, "items") == 0)
        return check_items(rule, value, at, f);
    if (strcmp(word, "required") == 0)
        return check_required(rule, value, at, f);
    if (strcmp(word, "additionalProperties") == 0)
        return json_is_object(value) ? check_members(schema, value, at, f) : 0;
    return wrong(f, at, "the schema uses a keyword that is not checked");
}

static int check(json_t *schema, json_t *value, const char *at, struct fault *f)
{
    const char *word;
    json_t *rule;

    json_object_foreach(schema, word, rule)
    {
        if (check_keyword(schema, word, rule, value, at, f) < 0)
            return -1;
    }
    return 0;
}

int schema_check(json_t *schema, json_t *value, char *ret_why, size_t cap)
{
    struct fault f = {ret_why, cap};

    return check(schema, value, "", &f);
}

json_t *schema_load(const char *srcdir, const char *name)
{
    char path[512];
    json_error_t e;
    json_t *o;

    snprintf(path, sizeof path, "%s/doc/schemas/locker/%s.json", srcdir, name);
    o = json_load_file(path, JSON_REJECT_DUPLICATES, &e);
    if (!o)
        errx(1, "%s: %s", path, e.text);
    return o;
}
