/* What the bodies and queries of the API may hold, as tables (base/json.h). The API
 * description is made from them. */
#ifndef DAEMON_API_SHAPES_H
#define DAEMON_API_SHAPES_H

#include "base/json.h"

extern const struct json_shape shape_empty;
extern const struct json_shape shape_login;
extern const struct json_shape shape_parcel;
extern const struct json_shape shape_scan;
extern const struct json_shape shape_shift;
extern const struct json_shape shape_positions;
extern const struct json_shape shape_deposit;
extern const struct json_shape shape_deposit_confirm;
extern const struct json_shape shape_receipts;
extern const struct json_shape shape_consent;
extern const struct json_shape shape_refusal;
extern const struct json_shape shape_code;
extern const struct json_shape shape_reason;
extern const struct json_shape shape_sending;
extern const struct json_shape shape_return;
extern const struct json_shape shape_wave;
extern const struct json_shape shape_webhook;

extern const struct json_shape query_page;
extern const struct json_shape query_codes;
extern const struct json_shape query_parcels;
extern const struct json_shape query_park_parcels;
extern const struct json_shape query_locker;
extern const struct json_shape query_sendings;
extern const struct json_shape query_osrm;
extern const struct json_shape shape_traffic;

#endif
