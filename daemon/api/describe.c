#include "daemon/api/describe.h"

#include "daemon/api/route.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static json_t *schema_of(const struct json_shape *shape);

static json_t *number_schema(const struct json_field *f)
{
    return json_pack("{s:s, s:f, s:f}", "type", f->kind == JSON_K_INT ? "integer" : "number", "minimum",
                     f->min, "maximum", f->max);
}

static json_t *word_schema(const struct json_field *f)
{
    json_t *words = json_array();
    for (const char *const *w = f->words; *w; w++)
        json_array_append_new(words, json_string(*w));
    return json_pack("{s:s, s:o}", "type", "string", "enum", words);
}

static json_t *list_schema(const struct json_field *f)
{
    json_t *items = f->shape ? schema_of(f->shape) : json_pack("{s:s}", "type", "string");
    return json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", (int)f->min, "maxItems",
                     (int)f->max, "items", items);
}

static json_t *field_schema(const struct json_field *f)
{
    switch (f->kind) {
    case JSON_K_TEXT:
        return json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", (int)f->min, "maxLength",
                         (int)f->max);
    case JSON_K_INT:
    case JSON_K_REAL:
        return number_schema(f);
    case JSON_K_BOOL:
        return json_pack("{s:s}", "type", "boolean");
    case JSON_K_UUID:
        return json_pack("{s:s, s:s}", "type", "string", "format", "uuid");
    case JSON_K_TIME:
        return json_pack("{s:s, s:s}", "type", "string", "format", "date-time");
    case JSON_K_WORD:
        return word_schema(f);
    case JSON_K_OBJECT:
        return schema_of(f->shape);
    case JSON_K_LIST:
        return list_schema(f);
    case JSON_K_ANY:
        break;
    }
    return json_pack("{s:s}", "type", "object");
}

static json_t *schema_of(const struct json_shape *shape)
{
    json_t *properties = json_object(), *required = json_array();
    for (int i = 0; i < shape->n; i++) {
        json_object_set_new(properties, shape->fields[i].name, field_schema(&shape->fields[i]));
        if (shape->fields[i].required)
            json_array_append_new(required, json_string(shape->fields[i].name));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0, "properties",
                     properties, "required", required);
}

static void add_parameters(const struct route *r, json_t *into)
{
    for (const char *p = strchr(r->path, '{'); p; p = strchr(p + 1, '{')) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(p + 1, "}"), p + 1);
        json_array_append_new(into, json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", name, "in", "path",
                                              "required", 1, "schema", "type", "string"));
    }
    for (int i = 0; r->query && i < r->query->n; i++)
        json_array_append_new(into, json_pack("{s:s, s:s, s:o}", "name", r->query->fields[i].name, "in",
                                              "query", "schema", field_schema(&r->query->fields[i])));
    if (!strcmp(r->method, "POST") && r->roles)
        json_array_append_new(into, json_pack("{s:s, s:s, s:{s:s, s:i}}", "name", "Idempotency-Key", "in",
                                              "header", "schema", "type", "string", "maxLength", 128));
}

static json_t *body_of(const struct route *r)
{
    json_t *content = json_object();
    if (r->rows) {
        json_t *rows = json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 1, "maxItems", 1000,
                                 "items", schema_of(r->rows));
        json_object_set_new(content, "application/json", json_pack("{s:o}", "schema", rows));
    } else if (r->body) {
        json_object_set_new(content, "application/json", json_pack("{s:o}", "schema", schema_of(r->body)));
    }
    return json_pack("{s:b, s:o}", "required", 1, "content", content);
}

/* "get" + "/v1/parcels/{waybill}/events" → "get_parcels_waybill_events". */
static void operation_id(const struct route *r, char ret[96])
{
    size_t n = 0;
    for (const char *m = r->method; *m && n < 94; m++)
        ret[n++] = (char)tolower((unsigned char)*m);
    const char *p = strncmp(r->path, "/v1", 3) ? r->path : r->path + 3;
    for (; *p && n < 94; p++) {
        if (isalnum((unsigned char)*p))
            ret[n++] = *p;
        else if (ret[n - 1] != '_')
            ret[n++] = '_';
    }
    while (n && ret[n - 1] == '_')
        n--;
    ret[n] = '\0';
}

static json_t *roles_of(const struct route *r)
{
    static const char *const words[] = {"courier", "manager", "shop", "brand", "support", "admin"};
    json_t *roles = json_array();
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (r->roles & role_from(words[i]))
            json_array_append_new(roles, json_string(words[i]));
    return roles;
}

static json_t *operation(const struct route *r)
{
    char id[96];
    json_t *parameters = json_array();
    operation_id(r, id);
    add_parameters(r, parameters);
    json_t *problem = json_pack("{s:s}", "$ref", "#/components/responses/Problem");
    json_t *o = json_pack("{s:s, s:o, s:{s:{s:s}, s:o}}", "operationId", id, "parameters", parameters,
                          "responses", "2XX", "description", "done", "default", problem);
    if (r->rows || r->body)
        json_object_set_new(o, "requestBody", body_of(r));
    if (r->roles)
        json_object_set_new(o, "x-roles", roles_of(r));
    else
        json_object_set_new(o, "security", json_array());
    return o;
}

static json_t *components(void)
{
    return json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s, s:s}}, s:{s:{s:s, s:{s:{s:{s:s, s:{s:{s:s}, s:{s:s}, "
                     "s:{s:s}, s:{s:s}, "
                     "s:{s:s}}}}}}}}",
                     "securitySchemes", "token", "type", "http", "scheme", "bearer", "cookie", "type",
                     "apiKey", "in", "cookie", "name", "yz", "responses", "Problem", "description",
                     "what is wrong and what to do (RFC 9457)", "content", "application/problem+json",
                     "schema", "type", "object", "properties", "type", "type", "string", "title", "type",
                     "string", "status", "type", "integer", "detail", "type", "string", "field", "type",
                     "string");
}

json_t *api_describe(void)
{
    json_t *paths = json_object();
    for (size_t i = 0; i < api_route_count; i++) {
        const struct route *r = &api_routes[i];
        char method[8] = "";
        json_t *at = json_object_get(paths, r->path);
        if (!at) {
            at = json_object();
            json_object_set_new(paths, r->path, at);
        }
        for (size_t k = 0; k < sizeof method - 1 && r->method[k]; k++)
            method[k] = (char)tolower((unsigned char)r->method[k]);
        json_object_set_new(at, method, operation(r));
    }
    return json_pack(
        "{s:s, s:{s:s, s:s, s:s}, s:[{s:[]}, {s:[]}], s:o, s:o}", "openapi", "3.1.0", "info", "title",
        "Yizhan 驿站", "version", PACKAGE_VERSION, "description",
        "Business times are RFC 3339. Errors are problem+json with a stable type. Repeating a POST with its "
        "Idempotency-Key does nothing twice. Scans are never rejected, only flagged.",
        "security", "token", "cookie", "paths", paths, "components", components());
}
