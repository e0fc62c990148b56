/* Matching a request's path against a route's template, and checking the parameters it carries.
 * A template is literal segments and {name}s: "/v1/parcels/{waybill}/events". What a name may hold is in one
 * table (path.c), so that a malformed identifier is an answer of 404 before anything is asked of the
 * database. */
#ifndef DAEMON_API_PATH_H
#define DAEMON_API_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { PATH_PARAMS_MAX = 3, PATH_VALUE_MAX = 96 };

struct path_param {
    const char *name; /* points into the template, not terminated: name_len bytes */
    size_t name_len;
    char value[PATH_VALUE_MAX];
};

struct path_match {
    int count;
    struct path_param param[PATH_PARAMS_MAX];
};

/* True when `path` (decoded, no query) fits `template`; fills *ret. A segment that fits the place but not the
 * kind its name stands for (a {id} that is no UUID) does not match. {coordinates} takes all that follows and
 * keeps an empty value. Pure. */
bool path_matches(const char *template, const char *path, struct path_match *ret);

/* What a parameter of this name may be, as a regular expression of JSON Schema; NULL for an unknown name. */
const char *path_pattern(const char *name);

/* The value of the parameter `name`, or NULL. */
const char *path_value(const struct path_match *m, const char *name);

#endif
