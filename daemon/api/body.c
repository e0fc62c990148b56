#include "daemon/api/body.h"

#include "base/log.h"

#include <string.h>
#include <strings.h>

static bool is_json(const char *content_type)
{
    return content_type && !strncasecmp(content_type, "application/json", 16);
}

static bool take_object(struct api_request *r, struct json_faults *faults)
{
    size_t len;
    struct error err;
    const char *text = http_body(r->http, &len);
    if (!len && !r->route->body->n) {
        r->args = json_object();
        return true;
    }
    if (!is_json(http_header(r->http, "Content-Type"))) {
        api_problem(r, 415, "not-json", NULL, "send the body as application/json");
        return false;
    }
    if (!(r->args = json_read(text, len, &err))) {
        api_problem(r, 400, "malformed-json", NULL, err.text);
        return false;
    }
    json_fits(r->route->body, r->args, "", faults);
    return true;
}

struct query {
    struct api_request *r;
    struct json_faults *faults;
};

static void take_parameter(void *arg, const char *name, const char *value)
{
    struct query *q = arg;
    const struct json_field *f = q->r->route->query ? json_field_named(q->r->route->query, name) : NULL;
    if (!f)
        return; /* an unknown parameter changes nothing */
    json_t *v = json_from_text(f, value, q->faults);
    if (v)
        json_object_set_new(q->r->args, name, v);
}

static void take_path(struct api_request *r)
{
    char name[32];
    for (int i = 0; i < r->path.count; i++) {
        const struct path_param *p = &r->path.param[i];
        size_t n = p->name_len < sizeof name ? p->name_len : sizeof name - 1;
        memcpy(name, p->name, n);
        name[n] = '\0';
        json_object_set_new(r->args, name, json_string(p->value));
    }
}

bool body_take(struct api_request *r)
{
    struct json_faults faults = {0};
    const char *key = http_header(r->http, "Idempotency-Key");
    if (key && strlen(key) > 128) {
        api_problem(r, 400, "idempotency-key-too-long", NULL, "Idempotency-Key takes at most 128 characters");
        return false;
    }
    if (r->route->body && !take_object(r, &faults))
        return false;
    if (!r->args)
        r->args = json_object();
    if (!faults.n) {
        take_path(r);
        struct query q = {r, &faults};
        http_query_each(r->http, take_parameter, &q);
    }
    if (faults.n)
        api_problem_faults(r, &faults);
    return faults.n == 0;
}
