/* The pages: files of one directory, served as they are, with names from a table (so that no path of a
 * client's ever reaches the file system unchecked). */
#ifndef DAEMON_API_PAGES_H
#define DAEMON_API_PAGES_H

#include "base/http.h"

#include <stdbool.h>

struct pages;

/* Reads the names of the files under `root` once. A missing directory gives an empty set. */
struct pages *pages_new(const char *root);
void pages_free(struct pages *p);

/* Serves the file at the request's path; false when there is none (the request is then still the caller's).
 * The pages
 * /, /courier, /park and /t/… answer with their HTML; files with a hash in their name may be cached for ever;
 * a ready-made .gz is sent to who accepts it. */
bool pages_serve(struct pages *p, struct http_request *r);

#endif
