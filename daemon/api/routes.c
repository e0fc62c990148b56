/* The API on one page. The general handler asks the use case and answers with what it says; a handler of its
 * own stands where more than the database is needed. */
#include "daemon/api/handlers.h"
#include "daemon/api/shapes.h"
#include "daemon/io/queries.gen.h"

#define GET "GET"
#define POST "POST"
#define DELETE "DELETE"
#define OSRM(service)                                                                                        \
    {                                                                                                        \
        GET, "/" service "/v1/{profile}/{coordinates}", ROLES_ROADS, NULL, &query_osrm, NULL, osrm_get, NULL \
    }

const struct route api_routes[] = {
    /* method, path, roles, body, query, use case, handler */

    /* sessions */
    {POST, "/v1/sessions", ROLES_PUBLIC, &shape_login, NULL, NULL, login_post, NULL},
    {DELETE, "/v1/sessions/current", ROLES_ANY, NULL, NULL, NULL, login_delete, NULL},
    {GET, "/v1/me", ROLES_ANY, NULL, NULL, &Q_ME, NULL, NULL},

    /* shops and brands */
    {POST, "/v1/parcels", ROLES_SENDER, NULL, NULL, NULL, parcels_post, &shape_parcel},
    {GET, "/v1/parcels", ROLES_SENDER | ROLES_WATCH, NULL, &query_parcels, &Q_PARCELS_LIST, NULL, NULL},
    {GET, "/v1/parcels/{waybill}", ROLES_ANY, NULL, NULL, &Q_PARCEL_GET, NULL, NULL},
    {GET, "/v1/parcels/{waybill}/events", ROLES_ANY, NULL, NULL, &Q_PARCEL_EVENTS, NULL, NULL},
    {POST, "/v1/parcels/{waybill}/cancel", ROLES_SENDER, &shape_empty, NULL, &Q_PARCEL_CANCEL, NULL, NULL},
    {POST, "/v1/parcels/{waybill}/intercept", ROLES_SENDER, &shape_empty, NULL, &Q_PARCEL_INTERCEPT, NULL,
     NULL},
    {POST, "/v1/webhooks", ROLES_SENDER, &shape_webhook, NULL, &Q_WEBHOOK_CREATE, webhook_post, NULL},
    {GET, "/v1/webhooks", ROLES_SENDER, NULL, &query_page, &Q_WEBHOOKS_LIST, NULL, NULL},
    {DELETE, "/v1/webhooks/{id}", ROLES_SENDER, NULL, NULL, &Q_WEBHOOK_DELETE, NULL, NULL},

    /* what residents drop off at a locker */
    {POST, "/v1/sendings", ROLES_SENDER, &shape_sending, NULL, &Q_SENDING_CREATE, sending_post, NULL},
    {GET, "/v1/sendings", ROLES_SENDER | ROLES_WATCH, NULL, &query_sendings, &Q_SENDINGS_LIST, NULL, NULL},
    {GET, "/v1/sendings/{id}", ROLES_SENDER | ROLES_WATCH, NULL, NULL, &Q_SENDING_GET, sending_get, NULL},
    {POST, "/v1/sendings/{id}/cancel", ROLES_SENDER, &shape_empty, NULL, &Q_SENDING_CANCEL, sending_cancel,
     NULL},
    {POST, "/v1/sendings/{id}/open", ROLES_HANDS, &shape_empty, NULL, &Q_SENDING_OPEN, open_post, NULL},

    /* whoever scans */
    {POST, "/v1/scans", ROLES_HANDS, NULL, NULL, NULL, scans_post, &shape_scan},

    /* couriers */
    {GET, "/v1/courier/route", ROLE_COURIER, NULL, NULL, &Q_COURIER_ROUTE, NULL, NULL},
    {POST, "/v1/courier/shift", ROLE_COURIER, &shape_shift, NULL, &Q_COURIER_SHIFT, NULL, NULL},
    {POST, "/v1/courier/positions", ROLE_COURIER, &shape_positions, NULL, &Q_COURIER_POSITIONS, NULL, NULL},
    {GET, "/v1/courier/pay", ROLE_COURIER, NULL, NULL, &Q_COURIER_PAY, NULL, NULL},
    {GET, "/v1/courier/grants", ROLE_COURIER, NULL, &query_locker, &Q_COURIER_GRANTS, grants_get, NULL},
    {GET, "/v1/courier/stream", ROLE_COURIER, NULL, NULL, NULL, courier_stream, NULL},
    {POST, "/v1/deposits", ROLE_COURIER, &shape_deposit, NULL, &Q_DEPOSIT_BEGIN, deposit_post, NULL},
    {GET, "/v1/deposits/{id}", ROLES_HANDS, NULL, NULL, &Q_DEPOSIT_GET, NULL, NULL},
    {POST, "/v1/deposits/{id}/confirm", ROLE_COURIER, &shape_deposit_confirm, NULL, &Q_DEPOSIT_CONFIRM,
     deposit_confirm, NULL},
    {POST, "/v1/deposits/{id}/cancel", ROLE_COURIER, &shape_empty, NULL, &Q_DEPOSIT_CANCEL, NULL, NULL},
    {POST, "/v1/deposits/receipts", ROLE_COURIER, &shape_receipts, NULL, NULL, receipts_post, NULL},
    {POST, "/v1/parcels/{waybill}/recall", ROLE_COURIER, &shape_empty, NULL, &Q_PARCEL_RECALL, open_post,
     NULL},

    /* residents, by the token of their link */
    {GET, "/v1/t/{token}", ROLES_PUBLIC, NULL, NULL, &Q_TRACK_GET, track_get, NULL},
    {POST, "/v1/t/{token}/consent", ROLES_PUBLIC, &shape_consent, NULL, &Q_TRACK_CONSENT, NULL, NULL},
    {POST, "/v1/t/{token}/extend", ROLES_PUBLIC, &shape_empty, NULL, &Q_TRACK_EXTEND, NULL, NULL},
    {POST, "/v1/t/{token}/refuse", ROLES_PUBLIC, &shape_refusal, NULL, &Q_TRACK_REFUSE, NULL, NULL},
    {POST, "/v1/t/{token}/delegate", ROLES_PUBLIC, &shape_empty, NULL, &Q_TRACK_DELEGATE, NULL, NULL},
    {POST, "/v1/t/{token}/return", ROLES_PUBLIC, &shape_return, NULL, &Q_TRACK_RETURN, sending_post, NULL},
    {POST, "/v1/t/{token}/return/cancel", ROLES_PUBLIC, &shape_empty, NULL, &Q_TRACK_RETURN_CANCEL,
     sending_cancel, NULL},
    {POST, "/v1/t/{token}/open", ROLES_PUBLIC, &shape_code, NULL, &Q_TRACK_OPEN, track_open, NULL},

    /* the park */
    {GET, "/v1/park/summary", ROLES_WATCH, NULL, NULL, &Q_PARK_SUMMARY, NULL, NULL},
    {GET, "/v1/park/stream", ROLES_WATCH, NULL, NULL, NULL, park_stream, NULL},
    {GET, "/v1/park/parcels", ROLES_WATCH, NULL, &query_park_parcels, &Q_PARK_PARCELS, NULL, NULL},
    {GET, "/v1/park/lockers", ROLES_WATCH, NULL, NULL, &Q_PARK_LOCKERS, NULL, NULL},
    {GET, "/v1/park/couriers", ROLES_WATCH, NULL, NULL, &Q_PARK_COURIERS, NULL, NULL},
    {POST, "/v1/waves", ROLES_PARK, &shape_wave, NULL, &Q_WAVE_CREATE, wave_post, NULL},
    {GET, "/v1/waves", ROLES_WATCH, NULL, &query_page, &Q_WAVES_LIST, NULL, NULL},
    {GET, "/v1/waves/{id}", ROLES_WATCH, NULL, NULL, &Q_WAVE_GET, NULL, NULL},
    {GET, "/v1/waves/{id}/routes", ROLES_WATCH, NULL, NULL, &Q_WAVE_ROUTES, NULL, NULL},
    {GET, "/v1/waves/{id}/unassigned", ROLES_WATCH, NULL, NULL, &Q_WAVE_UNASSIGNED, NULL, NULL},
    {POST, "/v1/waves/{id}/drop", ROLES_PARK, &shape_empty, NULL, &Q_WAVE_DROP, NULL, NULL},
    {POST, "/v1/waves/{id}/publish", ROLES_PARK, &shape_empty, NULL, &Q_WAVE_PUBLISH, NULL, NULL},
    {POST, "/v1/lockers/{code}/compartments/{n}/{action}", ROLES_PARK, &shape_reason, NULL, &Q_LOCKER_OPEN,
     open_post, NULL},
    {GET, "/v1/sites", ROLES_WATCH, NULL, &query_codes, &Q_SITES_LIST, NULL, NULL},
    {GET, "/v1/points", ROLES_WATCH | ROLE_COURIER, NULL, &query_codes, &Q_POINTS_LIST, NULL, NULL},
    {GET, "/v1/lockers", ROLES_WATCH | ROLE_COURIER, NULL, &query_codes, &Q_LOCKERS_PAGE, NULL, NULL},
    {GET, "/v1/couriers", ROLES_WATCH, NULL, &query_codes, &Q_COURIERS_LIST, NULL, NULL},

    /* the road map, for OSRM's clients */
    OSRM("route"),
    OSRM("table"),
    OSRM("nearest"),
    OSRM("trip"),
    OSRM("match"),
    {POST, "/v1/roads/traffic", ROLES_PARK, &shape_traffic, NULL, &Q_ROADS_TRAFFIC_SET, traffic_post, NULL},
    {GET, "/v1/roads/traffic", ROLES_WATCH, NULL, &query_codes, &Q_ROADS_TRAFFIC_LIST, NULL, NULL},
    {GET, "/tiles", ROLES_ANY, NULL, NULL, NULL, tiles_get, NULL},
    {GET, "/tiles/{z}/{x}/{y}", ROLES_ANY, NULL, NULL, NULL, tile_get, NULL},

    /* operations */
    {GET, "/v1/now", ROLES_PUBLIC, NULL, NULL, NULL, ops_now, NULL},
    {GET, "/healthz", ROLES_PUBLIC, NULL, NULL, NULL, ops_health, NULL},
    {GET, "/readyz", ROLES_PUBLIC, NULL, NULL, NULL, ops_ready, NULL},
    {GET, "/metrics", ROLES_PUBLIC, NULL, NULL, NULL, ops_metrics, NULL},
    {GET, "/openapi.json", ROLES_PUBLIC, NULL, NULL, NULL, ops_openapi, NULL},
};

const size_t api_route_count = sizeof api_routes / sizeof api_routes[0];
