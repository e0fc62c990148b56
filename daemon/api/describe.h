/* The description of the API (OpenAPI 3.1), made from the route table and the shapes, so that it cannot say
 * anything else than what is served. Answered at /openapi.json; printed by `yizhand --openapi`. */
#ifndef DAEMON_API_DESCRIBE_H
#define DAEMON_API_DESCRIBE_H

#include <jansson.h>

/* New reference. */
json_t *api_describe(void);

#endif
