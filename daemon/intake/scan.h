/* A scan as it is recorded: what the API took, with who made it. */
#ifndef DAEMON_INTAKE_SCAN_H
#define DAEMON_INTAKE_SCAN_H

#include "base/clock.h"
#include "daemon/intake/fold.h"
#include "daemon/io/batch.h"
#include "daemon/io/db.h"

#include <jansson.h>

enum { SCANS_MAX = 1000 };

/* The kinds a scanner may report (app.kind where scan is true), NULL-terminated. */
extern const char *const scan_kinds[];

/* The flag of a scan whose waybill breaks the promise of its form (waybill.h); kept in its detail under the
 * same name. */
#define SCAN_CHECK_DIGIT "check_digit"

struct scans;

/* The batch writer for scans; each commit wakes `fold`. */
struct scans *scans_new(struct loop *l, struct db *db, const struct clock *clock, struct fold *fold);
void scans_free(struct scans *s);

/* Records n validated scan objects of one request, made by the holder of `ctx`. `done` is called once, later,
 * with one row a scan: i, result, flags as a JSON array. -1 when too many wait: answer 503. */
int scans_put(struct scans *s, json_t *const *items, int n, const json_t *ctx,
              void (*done)(void *arg, const struct batch_answer *a), void *arg);
int scans_retry_after(const struct scans *s);

#endif
