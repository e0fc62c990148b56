#include "daemon/ctl/report.h"

#include "daemon/ctl/pg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int report_check(PGconn *pg, long long *ret_violations, struct error *err)
{
    PGresult *r = pg_query(
        pg, "check",
        "SELECT coalesce(sum(violations), 0), jsonb_pretty(jsonb_build_object('invariants', "
        "coalesce(jsonb_agg(jsonb_build_object('name', name, 'checked', checked, 'violations', violations, "
        "'example', example)), '[]'))) FROM api.checks_run()",
        0, NULL, err);

    if (!r)
        return -1;
    *ret_violations = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    puts(PQgetvalue(r, 0, 1));
    PQclear(r);
    return 0;
}

/* The tracking token opens the recipient's page, so it is left out like the name. */
static const char INSPECT[] =
    "SELECT jsonb_pretty(jsonb_build_object('parcel', to_jsonb(p) - 'tracking' - 'recipient_key' || "
    "jsonb_build_object('recipient_name', app.mask_name(p.recipient_name), "
    "'recipient_phone', app.mask_phone(p.recipient_phone), "
    "'recipient_address', app.mask_address(p.recipient_address)), "
    "'events', (SELECT coalesce(jsonb_agg(to_jsonb(e) || jsonb_build_object('noticed', (SELECT "
    "coalesce(jsonb_agg(f.flag ORDER BY f.flag), '[]') FROM app.event_flag f WHERE f.event_id = e.id AND "
    "f.parcel_id = p.id)) ORDER BY e.at, e.id), '[]') FROM app.event e WHERE e.parcel_id = p.id), "
    "'deposits', (SELECT coalesce(jsonb_agg(to_jsonb(d) - 'recipient_key' || jsonb_build_object('locker', "
    "l.code) ORDER BY d.id), '[]') FROM app.deposit d JOIN app.locker l ON l.id = d.locker_id "
    "WHERE d.parcel_id = p.id), "
    "'doors', (SELECT coalesce(jsonb_agg(to_jsonb(o) - 'mac' ORDER BY o.boot, o.seq), '[]') FROM "
    "app.door_event o WHERE o.ref IN (SELECT id FROM app.deposit WHERE parcel_id = p.id)), "
    "'consents', (SELECT coalesce(jsonb_agg(jsonb_build_object('how', c.how, 'channel', c.channel, 'at', "
    "c.at) "
    "ORDER BY c.at), '[]') FROM app.consent c WHERE c.parcel_id = p.id OR (c.parcel_id IS NULL AND "
    "c.recipient_key = p.recipient_key)))) FROM app.parcel p WHERE p.waybill = $1";

int report_inspect(PGconn *pg, const char *waybill, struct error *err)
{
    PGresult *r = pg_query(pg, waybill, INSPECT, 1, &waybill, err);
    int n = r ? PQntuples(r) : 0;

    if (n)
        puts(PQgetvalue(r, 0, 0));
    PQclear(r);
    return !r ? -1 : n ? 0 : error_set(err, ENOENT, "%s: no such waybill", waybill);
}
