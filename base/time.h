/* Instants as text: RFC 3339 in, UTC with microseconds out. An instant is microseconds since
 * 1970-01-01T00:00:00Z. Pure. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/error.h"

#include <stdint.h>

enum { TIME_TEXT_MAX = 32 };

/* Reads "2026-11-11T08:30:00[.ffffff](Z|±hh:mm)". -1 with err for anything else, years outside 1970–9999
 * included. */
int time_parse(const char *text, int64_t *ret_us, struct error *err);

/* Writes "2026-11-11T00:30:00.000000Z". */
void time_format(int64_t us, char ret_text[TIME_TEXT_MAX]);

#endif
