/* Memory for the road code: zeroed arrays that never come back NULL (running out of memory ends the
 * program by abort(): an import cannot go on without it), growable vectors, and a text builder. */
#ifndef ROUTING_ROAD_MEM_H
#define ROUTING_ROAD_MEM_H

#include <stddef.h>
#include <stdint.h>

/* n × size bytes, zeroed; a product that overflows aborts too. Freed by free(). */
void *mem_new(size_t n, size_t size);
void *mem_copy(const void *from, size_t bytes);
/* Makes room for `need` elements, doubling; new space is not zeroed. */
void *mem_room(void *at, size_t *cap, size_t need, size_t size);

#define MEM_NEW(type, n) ((type *)mem_new((n), sizeof(type)))

/* A growable array: `VEC(int) v = {0}; VEC_PUSH(&v, 3);` … `free(v.at)`. */
#define VEC(type)                                                                                            \
    struct {                                                                                                 \
        type *at;                                                                                            \
        size_t n, cap;                                                                                       \
    }
#define VEC_PUSH(v, x)                                                                                       \
    ((v)->at = mem_room((v)->at, &(v)->cap, (v)->n + 1, sizeof *(v)->at), (void)((v)->at[(v)->n++] = (x)))
#define VEC_ROOM(v, more) ((v)->at = mem_room((v)->at, &(v)->cap, (v)->n + (more), sizeof *(v)->at))

/* Text under construction, always NUL-terminated once something was added. Freed by free(t.at). */
struct text {
    char *at;
    size_t n, cap;
};
void text_add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_append(struct text *t, const void *bytes, size_t n);
/* Adds s as a JSON string with its quotes; invalid UTF-8 bytes become U+FFFD. */
void text_json(struct text *t, const char *s);

#endif
