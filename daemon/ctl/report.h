/* What the database says about itself, as JSON on standard output. */
#ifndef DAEMON_CTL_REPORT_H
#define DAEMON_CTL_REPORT_H

#include "base/error.h"

#include <libpq-fe.h>

/* Every invariant, in one snapshot. *ret_violations is their number. */
int report_check(PGconn *pg, long long *ret_violations, struct error *err);

/* One parcel with its events, deposits, consents and door records; names, phone and address masked. */
int report_inspect(PGconn *pg, const char *waybill, struct error *err);

#endif
