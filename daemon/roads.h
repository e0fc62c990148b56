/* Where travel times come from: the road file when there is one, else great circles. */
#ifndef DAEMON_ROADS_H
#define DAEMON_ROADS_H

#include "base/error.h"
#include "routing/geo/matrix.h"

struct roads;

/* `path` empty: great circles. NULL with err when the file cannot be used. */
struct roads *roads_open(const char *path, int threads, struct error *err);
void roads_close(struct roads *r);
const struct matrix_provider *roads_travel(const struct roads *r);

#endif
