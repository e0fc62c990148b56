/* The handlers of the routes that need more than the database. Each takes a request whose body has been
 * validated, on the loop, and answers it in the end. */
#ifndef DAEMON_API_HANDLERS_H
#define DAEMON_API_HANDLERS_H

#include "daemon/api/request.h"

/* login.c */
void login_post(struct api_request *r);
void login_delete(struct api_request *r);

/* intake.c */
void parcels_post(struct api_request *r);
void scans_post(struct api_request *r);

/* deposits.c: what opens a door */
void deposit_post(struct api_request *r);
void deposit_confirm(struct api_request *r);
void open_post(struct api_request *r);
void track_open(struct api_request *r);
void grants_get(struct api_request *r);
void receipts_post(struct api_request *r);
void track_get(struct api_request *r);

/* sendings.c */
void sending_post(struct api_request *r);
void sending_get(struct api_request *r);
void sending_cancel(struct api_request *r);

/* waves.c */
void wave_post(struct api_request *r);

/* webhooks.c */
void webhook_post(struct api_request *r);

/* streams.c */
void courier_stream(struct api_request *r);
void park_stream(struct api_request *r);

/* roads.c */
void osrm_get(struct api_request *r);
void tiles_get(struct api_request *r);
void tile_get(struct api_request *r);

/* traffic.c */
void traffic_post(struct api_request *r);

/* ops.c */
void ops_now(struct api_request *r);
void ops_health(struct api_request *r);
void ops_ready(struct api_request *r);
void ops_metrics(struct api_request *r);
void ops_openapi(struct api_request *r);

#endif
