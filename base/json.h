/* JSON coming in, strictly: jansson reads it (RFC 8259, no duplicate names, bounded size and depth), and a
 * table of fields says what an object may hold. The same tables feed the checks of the published API
 * description. Pure. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 16, JSON_FAULTS_MAX = 20, JSON_POINTER_MAX = 96 };

/* New reference, or NULL with err naming line, column and byte. `len` bytes, which need no NUL. */
json_t *json_read(const char *text, size_t len, struct error *err);

enum json_kind {
    JSON_K_TEXT, /* min … max characters (code points) */
    JSON_K_INT,  /* min … max */
    JSON_K_REAL, /* min … max */
    JSON_K_BOOL,
    JSON_K_UUID,
    JSON_K_TIME,   /* RFC 3339 */
    JSON_K_WORD,   /* one of words */
    JSON_K_OBJECT, /* of shape */
    JSON_K_LIST,   /* min … max objects of shape, or, shape NULL, texts of at most 64 characters */
    JSON_K_ANY     /* any object of at most max bytes when written out */
};

struct json_shape;

struct json_field {
    const char *name;
    enum json_kind kind;
    bool required;
    double min, max;
    const char *const *words; /* NULL-terminated */
    const struct json_shape *shape;
};

struct json_shape {
    const char *name; /* of the schema in the API description */
    const struct json_field *fields;
    int n;
};

struct json_fault {
    char pointer[JSON_POINTER_MAX]; /* RFC 6901 */
    char reason[96];
};

struct json_faults {
    int n; /* how many were found; only the first JSON_FAULTS_MAX are kept */
    struct json_fault list[JSON_FAULTS_MAX];
};

/* Checks `value` against the shape: types, bounds, required members, no member that the shape does not name.
 * A member that is null counts as absent. Faults are appended under the pointer `at` ("" for the root). True
 * when none was added. */
bool json_fits(const struct json_shape *shape, json_t *value, const char *at, struct json_faults *faults);

/* Appends a fault found elsewhere: of member `name` of the value at pointer `at`. */
void json_fault_add(struct json_faults *faults, const char *at, const char *name, const char *reason);

/* One value given as text (a query parameter): converted to the field's kind and checked. New reference or
 * NULL. */
json_t *json_from_text(const struct json_field *field, const char *text, struct json_faults *faults);

const struct json_field *json_field_named(const struct json_shape *shape, const char *name);

#endif
