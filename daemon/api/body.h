/* What a request brings along (body, path, query) becomes one validated object. */
#ifndef DAEMON_API_BODY_H
#define DAEMON_API_BODY_H

#include "daemon/api/request.h"

#include <jansson.h>
#include <stdbool.h>

/* Fills r->args; true when the request may go on, false when it has been answered (400, 415, 422). A body
 * that is an array, where the route takes lists, stands under "items". */
bool body_take(struct api_request *r);

/* The body as JSON: a new reference, or NULL when the request has been answered (400, 415). */
json_t *body_json(struct api_request *r);

/* Whether a Content-Type (or NULL) names this media type, with or without parameters. */
bool body_is(const char *content_type, const char *media_type);

#endif
