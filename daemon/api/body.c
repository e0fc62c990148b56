#include "daemon/api/body.h"

#include "base/log.h"

#include <string.h>
#include <strings.h>

enum { KEY_MAX = 128 };

bool body_is(const char *content_type, const char *media_type)
{
    size_t n = strlen(media_type);
    return content_type && !strncasecmp(content_type, media_type, n) &&
           (!content_type[n] || strchr("; \t", content_type[n]));
}

/* JSON is UTF-8 (RFC 8259, 8.1); who says that it is something else is not guessed at. */
static bool is_json(const char *content_type)
{
    const char *charset = content_type ? strcasestr(content_type, "charset=") : NULL;
    if (charset)
        charset += 8 + (charset[8] == '"');
    return body_is(content_type, "application/json") &&
           (!charset || (!strncasecmp(charset, "utf-8", 5) && (!charset[5] || strchr("\"; \t", charset[5]))));
}

json_t *body_json(struct api_request *r)
{
    size_t len;
    struct error err;
    const char *text = http_body(r->http, &len);
    if (!is_json(http_header(r->http, "Content-Type"))) {
        api_problem(r, 415, "not-json", NULL, "send the body as application/json, in UTF-8");
        return NULL;
    }
    json_t *body = json_read(text, len, &err);
    if (!body)
        api_problem(r, 400, "malformed-json", NULL, err.text);
    return body;
}

static bool take_object(struct api_request *r, struct json_faults *faults)
{
    size_t len;
    http_body(r->http, &len);
    if (!len && !r->route->body->n) {
        r->args = json_object();
        return true;
    }
    json_t *body = body_json(r);
    if (!body)
        return false; /* and r is gone */
    r->args = body;
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

static bool is_key(const char *key)
{
    size_t n = 0;
    for (; key[n]; n++)
        if (key[n] < 0x20 || key[n] > 0x7E)
            return false;
    return n >= 1 && n <= KEY_MAX;
}

bool body_take(struct api_request *r)
{
    struct json_faults faults = {0};
    const char *key = http_header(r->http, "Idempotency-Key");
    if (key && !is_key(key)) {
        api_problem(r, 400, "bad-idempotency-key", NULL,
                    "Idempotency-Key takes 1 to 128 printable ASCII characters");
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
