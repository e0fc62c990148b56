/* JSON going out: a small streaming writer onto an evbuffer. Commas, quotes and escapes are its business;
 * what does not nest, is no UTF-8 or finds no memory sets a sticky failed bit that jsonw_end tells. */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evbuffer;

enum { JSONW_DEPTH_MAX = 32, JSONW_ROOM = 1024 };

struct jsonw {
    struct evbuffer *out; /* the caller's */
    size_t used;
    int depth;
    char open[JSONW_DEPTH_MAX]; /* '{' or '[' */
    bool comma;                 /* before the next value */
    bool named;                 /* a member's name was written, its value is due */
    bool failed;
    char room[JSONW_ROOM]; /* not yet in out */
};

void jsonw_begin(struct jsonw *w, struct evbuffer *out);
/* Hands everything to the buffer. 0, or -1 when it failed or is not one whole value. */
int jsonw_end(struct jsonw *w);

void jsonw_object(struct jsonw *w);
void jsonw_object_end(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_array_end(struct jsonw *w);

/* The name of the next member. */
void jsonw_name(struct jsonw *w, const char *name);

/* Values; NULL is null. */
void jsonw_text(struct jsonw *w, const char *s);
void jsonw_text_n(struct jsonw *w, const char *s, size_t len);
void jsonw_int(struct jsonw *w, int64_t n);
void jsonw_real(struct jsonw *w, double d, int decimals); /* null when not finite */
void jsonw_bool(struct jsonw *w, bool b);
void jsonw_null(struct jsonw *w);
/* Text that is JSON already. */
void jsonw_raw(struct jsonw *w, const char *json, size_t len);

#endif
