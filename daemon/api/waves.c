/* A wave is asked for here and planned by the planner, which is told at once. */
#include "daemon/api/handlers.h"
#include "daemon/dispatch/planner.h"

static void on_created(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    if (r->api->planner)
        planner_kick(r->api->planner);
    api_reply_result(r, res);
}

void wave_post(struct api_request *r)
{
    api_call(r, r->route->stmt, on_created);
}
