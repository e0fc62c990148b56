/* Large tables of numbers in a JSON text, taken out before a general parser makes an object of every entry: a
 * matrix of 2,000 locations has four million. */
#ifndef ROUTING_FORMAT_JSON_TABLES_H
#define ROUTING_FORMAT_JSON_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* Square: an array of n arrays of n unsigned integers of at most VRP_LEG_LIMIT. */
struct json_table {
    int32_t n;
    int32_t *entry; /* n² */
};

struct json_tables {
    char *text; /* the JSON text with {"": k} in place of table k */
    size_t n_text;
    struct json_table *table;
    int32_t n, room;
};

/* Takes out every such array of more than 64 rows; what is anything else stays as it is, valid JSON or not.
 * Free with json_tables_fini. 0, or -1 out of memory (*ret untouched). */
int json_tables_take(const char *text, size_t n, struct json_tables *ret);
void json_tables_fini(struct json_tables *t);

#endif
