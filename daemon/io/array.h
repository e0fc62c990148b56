/* PostgreSQL arrays as text ('{"a","b",NULL}'), for arguments such as $1::uuid[]. Every element is quoted,
 * which any element type takes. A growing text; the caller owns it. */
#ifndef DAEMON_IO_ARRAY_H
#define DAEMON_IO_ARRAY_H

#include <stddef.h>

struct array {
    char *text; /* "{…" while elements are added; not NUL-terminated before array_text */
    size_t len, room;
};

/* An empty array needs no memory: {0} is one, too. */
void array_fini(struct array *a);

/* One element; NULL is SQL's NULL. */
void array_add(struct array *a, const char *value);
void array_add_bytes(struct array *a, const void *bytes, size_t len); /* of bytea[] */

/* Elements that another array wrote as text, in one piece: a slice from array_len before the first to
 * array_len after the last. */
void array_add_slice(struct array *a, const char *elements, size_t len);
size_t array_len(const struct array *a);

/* The whole as NUL-terminated text; more may be added after it. */
const char *array_text(struct array *a);

#endif
