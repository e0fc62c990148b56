/* What a request brings along (body, path, query) becomes one validated object. */
#ifndef DAEMON_API_BODY_H
#define DAEMON_API_BODY_H

#include "daemon/api/request.h"

/* Fills r->args; true when the request may go on, false when it has been answered (400, 415, 422). A body
 * that is an array, where the route takes lists, stands under "items". */
bool body_take(struct api_request *r);

#endif
