#include "daemon/api/shapes.h"

#include "daemon/intake/scan.h"

#define SHAPE(name, fields) const struct json_shape name = {#name, fields, sizeof fields / sizeof fields[0]}

static const char *const ways[] = {"door", "locker", "station", NULL};
static const char *const sizes[] = {"S", "M", "L", "XL", NULL};

static const struct json_field no_fields[] = {{0}};
const struct json_shape shape_empty = {"shape_empty", no_fields, 0};

static const struct json_field login[] = {
    {"login", JSON_K_TEXT, true, 1, 64, NULL, NULL},
    {"password", JSON_K_TEXT, true, 1, 128, NULL, NULL},
};
SHAPE(shape_login, login);

static const char *const datums[] = {"wgs84", "gcj02", "bd09", NULL};
static const struct json_field recipient[] = {
    {"name", JSON_K_TEXT, true, 1, 64, NULL, NULL},     {"phone", JSON_K_TEXT, true, 5, 20, NULL, NULL},
    {"address", JSON_K_TEXT, true, 1, 200, NULL, NULL}, {"lat", JSON_K_REAL, false, -90, 90, NULL, NULL},
    {"lon", JSON_K_REAL, false, -180, 180, NULL, NULL}, {"datum", JSON_K_WORD, false, 0, 0, datums, NULL},
};
static SHAPE(shape_recipient, recipient);

static const char *const services[] = {"standard", "fresh", "valuable", NULL};
static const struct json_field parcel[] = {
    {"waybill", JSON_K_TEXT, false, 6, 32, NULL, NULL},
    {"order_no", JSON_K_TEXT, false, 1, 64, NULL, NULL},
    {"recipient", JSON_K_OBJECT, true, 0, 0, NULL, &shape_recipient},
    {"point", JSON_K_TEXT, false, 1, 32, NULL, NULL},
    {"prefer", JSON_K_WORD, false, 0, 0, ways, NULL},
    {"weight_g", JSON_K_INT, false, 1, 1000000, NULL, NULL},
    {"length_mm", JSON_K_INT, false, 1, 5000, NULL, NULL},
    {"width_mm", JSON_K_INT, false, 1, 5000, NULL, NULL},
    {"height_mm", JSON_K_INT, false, 1, 5000, NULL, NULL},
    {"declared_fen", JSON_K_INT, false, 0, 1e12, NULL, NULL},
    {"cod_fen", JSON_K_INT, false, 0, 1e10, NULL, NULL},
    {"service", JSON_K_WORD, false, 0, 0, services, NULL},
    {"promised_by", JSON_K_TIME, false, 0, 0, NULL, NULL},
    {"site", JSON_K_TEXT, false, 1, 32, NULL, NULL},
    {"note", JSON_K_TEXT, false, 0, 200, NULL, NULL},
};
SHAPE(shape_parcel, parcel);

static const struct json_field scan[] = {
    {"id", JSON_K_UUID, true, 0, 0, NULL, NULL},          {"waybill", JSON_K_TEXT, true, 1, 64, NULL, NULL},
    {"kind", JSON_K_WORD, true, 0, 0, scan_kinds, NULL},  {"at", JSON_K_TIME, true, 0, 0, NULL, NULL},
    {"device", JSON_K_TEXT, false, 1, 64, NULL, NULL},    {"lat", JSON_K_REAL, false, -90, 90, NULL, NULL},
    {"lon", JSON_K_REAL, false, -180, 180, NULL, NULL},   {"reason", JSON_K_TEXT, false, 1, 64, NULL, NULL},
    {"detail", JSON_K_ANY, false, 0, 131072, NULL, NULL},
};
SHAPE(shape_scan, scan);

static const char *const shift_actions[] = {"start", "end", "break", "resume", NULL};
static const struct json_field shift[] = {
    {"action", JSON_K_WORD, true, 0, 0, shift_actions, NULL},
    {"at", JSON_K_TIME, true, 0, 0, NULL, NULL},
    {"vehicle", JSON_K_TEXT, false, 1, 32, NULL, NULL},
};
SHAPE(shape_shift, shift);

static const struct json_field position[] = {
    {"at", JSON_K_TIME, true, 0, 0, NULL, NULL},
    {"lat", JSON_K_REAL, true, -90, 90, NULL, NULL},
    {"lon", JSON_K_REAL, true, -180, 180, NULL, NULL},
    {"acc_m", JSON_K_REAL, false, 0, 100000, NULL, NULL},
};
static SHAPE(shape_position, position);
static const struct json_field positions[] = {{"points", JSON_K_LIST, true, 1, 500, NULL, &shape_position}};
SHAPE(shape_positions, positions);

static const struct json_field deposit[] = {
    {"id", JSON_K_UUID, true, 0, 0, NULL, NULL},
    {"waybill", JSON_K_TEXT, true, 6, 32, NULL, NULL},
    {"locker", JSON_K_TEXT, true, 1, 32, NULL, NULL},
    {"size", JSON_K_WORD, false, 0, 0, sizes, NULL},
    {"compartment", JSON_K_INT, false, 1, 128, NULL, NULL},
};
SHAPE(shape_deposit, deposit);

static const struct json_field confirm[] = {
    {"closed", JSON_K_BOOL, true, 0, 0, NULL, NULL},
    {"item", JSON_K_BOOL, true, 0, 0, NULL, NULL},
};
const struct json_shape shape_deposit_confirm = {"shape_deposit_confirm", confirm, 2};

static const struct json_field receipts[] = {{"receipts", JSON_K_LIST, true, 1, 100, NULL, NULL}};
SHAPE(shape_receipts, receipts);

static const char *const scopes[] = {"this", "always", NULL};
static const struct json_field consent[] = {
    {"how", JSON_K_WORD, true, 0, 0, ways, NULL},
    {"scope", JSON_K_WORD, true, 0, 0, scopes, NULL},
};
SHAPE(shape_consent, consent);

static const struct json_field refusal[] = {{"reason", JSON_K_TEXT, true, 1, 200, NULL, NULL}};
SHAPE(shape_refusal, refusal);
SHAPE(shape_reason, refusal);

static const struct json_field code[] = {{"code", JSON_K_TEXT, true, 8, 8, NULL, NULL}};
SHAPE(shape_code, code);

static const struct json_field addressee[] = {
    {"name", JSON_K_TEXT, true, 1, 64, NULL, NULL},
    {"phone", JSON_K_TEXT, true, 5, 20, NULL, NULL},
    {"address", JSON_K_TEXT, true, 1, 200, NULL, NULL},
};
static SHAPE(shape_addressee, addressee);

/* Who drops off what, where; for the shop itself, or for a recipient at a delivery point. */
static const struct json_field sending[] = {
    {"locker", JSON_K_TEXT, true, 1, 32, NULL, NULL},
    {"size", JSON_K_WORD, false, 0, 0, sizes, NULL},
    {"name", JSON_K_TEXT, true, 1, 64, NULL, NULL},
    {"phone", JSON_K_TEXT, true, 5, 20, NULL, NULL},
    {"recipient", JSON_K_OBJECT, false, 0, 0, NULL, &shape_addressee},
    {"point", JSON_K_TEXT, false, 1, 32, NULL, NULL},
    {"order_no", JSON_K_TEXT, false, 1, 64, NULL, NULL},
    {"note", JSON_K_TEXT, false, 0, 200, NULL, NULL},
};
SHAPE(shape_sending, sending);
static const struct json_field back[] = {
    {"locker", JSON_K_TEXT, false, 1, 32, NULL, NULL},
    {"size", JSON_K_WORD, false, 0, 0, sizes, NULL},
};
SHAPE(shape_return, back);

static const char *const sending_statuses[] = {"expected", "dropped",   "picked_up", "done",
                                               "expired",  "cancelled", NULL};
static const struct json_field sendings_query[] = {
    {"status", JSON_K_WORD, false, 0, 0, sending_statuses, NULL},
    {"cursor", JSON_K_UUID, false, 0, 0, NULL, NULL},
    {"limit", JSON_K_INT, false, 1, 200, NULL, NULL},
};
SHAPE(query_sendings, sendings_query);

static const struct json_field wave[] = {
    {"name", JSON_K_TEXT, false, 1, 64, NULL, NULL},
    {"cutoff", JSON_K_TIME, false, 0, 0, NULL, NULL},
    {"max_seconds", JSON_K_INT, false, 1, 300, NULL, NULL},
};
SHAPE(shape_wave, wave);

static const struct json_field webhook[] = {
    {"url", JSON_K_TEXT, true, 8, 500, NULL, NULL},
    {"events", JSON_K_LIST, false, 0, 32, NULL, NULL},
    {"secret", JSON_K_TEXT, false, 24, 128, NULL, NULL},
};
SHAPE(shape_webhook, webhook);

/* A list by id, and one by code: what `next` was. */
static const struct json_field page[] = {
    {"cursor", JSON_K_UUID, false, 0, 0, NULL, NULL},
    {"limit", JSON_K_INT, false, 1, 200, NULL, NULL},
};
SHAPE(query_page, page);
static const struct json_field codes[] = {
    {"cursor", JSON_K_TEXT, false, 1, 32, NULL, NULL},
    {"limit", JSON_K_INT, false, 1, 200, NULL, NULL},
};
SHAPE(query_codes, codes);

static const struct json_field parcels_query[] = {
    {"state", JSON_K_TEXT, false, 1, 32, NULL, NULL},
    {"q", JSON_K_TEXT, false, 1, 64, NULL, NULL},
    {"cursor", JSON_K_UUID, false, 0, 0, NULL, NULL},
    {"limit", JSON_K_INT, false, 1, 200, NULL, NULL},
};
SHAPE(query_parcels, parcels_query);

static const struct json_field park_parcels[] = {
    {"band", JSON_K_TEXT, false, 1, 16, NULL, NULL},  {"state", JSON_K_TEXT, false, 1, 32, NULL, NULL},
    {"why", JSON_K_TEXT, false, 1, 32, NULL, NULL},   {"q", JSON_K_TEXT, false, 1, 64, NULL, NULL},
    {"cursor", JSON_K_UUID, false, 0, 0, NULL, NULL}, {"limit", JSON_K_INT, false, 1, 200, NULL, NULL},
};
SHAPE(query_park_parcels, park_parcels);

static const struct json_field locker_query[] = {{"locker", JSON_K_TEXT, false, 1, 32, NULL, NULL}};
SHAPE(query_locker, locker_query);

/* The options that answer to something; osrm_url.c reads them, and takes the others of OSRM in silence. */
#define OSRM_OPTION(name)                                                                                    \
    {                                                                                                        \
        name, JSON_K_TEXT, false, 0, 16384, NULL, NULL                                                       \
    }
static const struct json_field osrm_query[] = {
    OSRM_OPTION("steps"),       OSRM_OPTION("geometries"),   OSRM_OPTION("overview"),
    OSRM_OPTION("annotations"), OSRM_OPTION("alternatives"), OSRM_OPTION("radiuses"),
    OSRM_OPTION("bearings"),    OSRM_OPTION("approaches"),   OSRM_OPTION("timestamps"),
    OSRM_OPTION("sources"),     OSRM_OPTION("destinations"), OSRM_OPTION("number"),
    OSRM_OPTION("roundtrip"),   OSRM_OPTION("source"),       OSRM_OPTION("destination"),
    OSRM_OPTION("tidy"),        OSRM_OPTION("gaps"),
};
SHAPE(query_osrm, osrm_query);

static const char *const directions[] = {"forward", "backward", "both", NULL};
static const struct json_field change[] = {
    {"way", JSON_K_INT, true, 1, 1e15, NULL, NULL},
    {"direction", JSON_K_WORD, false, 0, 0, directions, NULL},
    {"speed", JSON_K_REAL, false, 1, 200, NULL, NULL},
    {"factor", JSON_K_REAL, false, 0.05, 10, NULL, NULL},
    {"closed", JSON_K_BOOL, false, 0, 0, NULL, NULL},
    {"normal", JSON_K_BOOL, false, 0, 0, NULL, NULL},
    {"until", JSON_K_TIME, false, 0, 0, NULL, NULL},
    {"reason", JSON_K_TEXT, false, 1, 200, NULL, NULL},
};
static SHAPE(shape_change, change);
static const struct json_field traffic[] = {{"changes", JSON_K_LIST, true, 1, 5000, NULL, &shape_change}};
SHAPE(shape_traffic, traffic);
