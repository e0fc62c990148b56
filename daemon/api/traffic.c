/* Traffic and closures: checked against the map, committed, then put in force before the answer. */
#include "daemon/api/handlers.h"
#include "daemon/roads/feed.h"

#include <stdio.h>
#include <string.h>

/* Fails what says not exactly one thing, or speaks of a way that the map does not have. */
static bool change_fits(const struct roads *roads, const json_t *c, const char **ret_field,
                        const char **ret_why)
{
    int says = (json_object_get(c, "speed") != NULL) + (json_object_get(c, "factor") != NULL) +
               json_is_true(json_object_get(c, "closed")) + json_is_true(json_object_get(c, "normal"));
    *ret_field = "";
    *ret_why = "say one of speed (km/h), factor, closed: true, or normal: true";
    if (says != 1)
        return false;
    *ret_field = "/way";
    *ret_why = "the map has no such way; OpenStreetMap's id is meant";
    return roads_have_way(roads, json_integer_value(json_object_get(c, "way")));
}

static bool changes_fit(struct api_request *r)
{
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(r->args, "changes"), i, c)
    {
        char field[64];
        const char *member, *why;
        if (change_fits(r->api->roads, c, &member, &why))
            continue;
        snprintf(field, sizeof field, "/changes/%zu%s", i, member);
        api_problem(r, 422, *member ? "unknown-way" : "invalid-body", field, why);
        return false;
    }
    return true;
}

static void on_force(void *arg, int64_t customized_us)
{
    struct api_request *r = arg;
    char timing[64];
    if (customized_us > 0) {
        snprintf(timing, sizeof timing, "customize;dur=%.2f", (double)customized_us / 1000);
        http_set_header(r->http, "Server-Timing", timing);
    }
    api_reply(r, customized_us < 0 ? 202 : 200, r->state);
}

static void on_set(void *arg, const struct db_result *res)
{
    struct api_request *r = arg;
    const char *body = res->status == DB_OK && db_rows(res) ? db_text(res, 0, 1) : NULL;
    if (!body || db_int(res, 0, 0) != 200 || !(r->state = json_loads(body, 0, NULL))) {
        api_reply_result(r, res);
        return;
    }
    feed_look(r->api->feed, on_force, r);
}

void traffic_post(struct api_request *r)
{
    if (!roads_have_map(r->api->roads))
        api_problem(r, 404, "no-map", NULL, "this server has no road map (roads.file)");
    else if (changes_fit(r))
        api_call(r, r->route->stmt, on_set);
}
