#include "daemon/api/describe.h"

#include "daemon/api/path.h"
#include "daemon/api/route.h"
#include "daemon/api/shapes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The schemas of the shapes met so far, by name: components/schemas. */
struct schemas {
    json_t *by_name;
};

static json_t *schema_of(struct schemas *s, const struct json_shape *shape);

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

static json_t *list_schema(struct schemas *s, const struct json_field *f)
{
    json_t *items = f->shape
                        ? schema_of(s, f->shape)
                        : json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 1, "maxLength", 64);
    return json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", (int)f->min, "maxItems",
                     (int)f->max, "items", items);
}

static json_t *field_schema(struct schemas *s, const struct json_field *f)
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
        return schema_of(s, f->shape);
    case JSON_K_LIST:
        return list_schema(s, f);
    case JSON_K_ANY:
        break;
    }
    return json_pack("{s:s}", "type", "object");
}

static json_t *object_schema(struct schemas *s, const struct json_shape *shape)
{
    json_t *properties = json_object(), *required = json_array();
    for (int i = 0; i < shape->n; i++) {
        json_object_set_new(properties, shape->fields[i].name, field_schema(s, &shape->fields[i]));
        if (shape->fields[i].required)
            json_array_append_new(required, json_string(shape->fields[i].name));
    }
    return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0, "properties",
                     properties, "required", required);
}

/* A reference; the schema itself is written once. */
static json_t *schema_of(struct schemas *s, const struct json_shape *shape)
{
    char ref[96];
    const char *name = strncmp(shape->name, "shape_", 6) ? shape->name : shape->name + 6;
    if (!json_object_get(s->by_name, name))
        json_object_set_new(s->by_name, name, object_schema(s, shape));
    snprintf(ref, sizeof ref, "#/components/schemas/%s", name);
    return json_pack("{s:s}", "$ref", ref);
}

/* One effect per Idempotency-Key: what goes through api.once, and parcels (their handler asks the statement
 * that does). Scans have their own ids for it. */
static bool takes_key(const struct route *r)
{
    return (r->stmt && strstr(r->stmt->sql, "api.once(")) || r->rows == &shape_parcel;
}

static json_t *parameter(const char *name, const char *in, bool required, json_t *schema)
{
    return json_pack("{s:s, s:s, s:b, s:o}", "name", name, "in", in, "required", required, "schema", schema);
}

static json_t *parameters_of(struct schemas *s, const struct route *r)
{
    json_t *all = json_array();
    for (const char *p = strchr(r->path, '{'); p; p = strchr(p + 1, '{')) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(p + 1, "}"), p + 1);
        json_array_append_new(
            all, parameter(name, "path", true,
                           json_pack("{s:s, s:s}", "type", "string", "pattern", path_pattern(name))));
    }
    for (int i = 0; r->query && i < r->query->n; i++)
        json_array_append_new(
            all, parameter(r->query->fields[i].name, "query", false, field_schema(s, &r->query->fields[i])));
    if (takes_key(r))
        json_array_append_new(all, parameter("Idempotency-Key", "header", false,
                                             json_pack("{s:s, s:i, s:i, s:s}", "type", "string", "minLength",
                                                       1, "maxLength", 128, "pattern", "^[ -~]+$")));
    return all;
}

/* A list, the list under its name, or for scans one alone. Parcels may also come as a sheet. */
static json_t *rows_content(struct schemas *s, const struct route *r)
{
    bool sheet = r->rows == &shape_parcel;
    json_t *rows = json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 1, "maxItems", 1000,
                             "items", schema_of(s, r->rows));
    json_t *named =
        json_pack("{s:s, s:b, s:[s], s:{s:O}}", "type", "object", "additionalProperties", 0, "required",
                  sheet ? "parcels" : "scans", "properties", sheet ? "parcels" : "scans", rows);
    json_t *ways = json_pack("[o, o, o]", rows, named, schema_of(s, r->rows));
    json_t *content = json_pack("{s:{s:{s:o}}}", "application/json", "schema", "oneOf", ways);
    if (sheet)
        json_object_set_new(content, "text/csv", json_pack("{s:{s:s}}", "schema", "type", "string"));
    return content;
}

static json_t *body_of(struct schemas *s, const struct route *r)
{
    json_t *content = r->rows ? rows_content(s, r)
                              : json_pack("{s:{s:o}}", "application/json", "schema", schema_of(s, r->body));
    return json_pack("{s:b, s:o}", "required", r->rows || r->body->n, "content", content);
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
        else if (n && ret[n - 1] != '_')
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

static json_t *operation(struct schemas *s, const struct route *r)
{
    char id[96];
    json_t *parameters = parameters_of(s, r);
    operation_id(r, id);
    json_t *problem = json_pack("{s:s}", "$ref", "#/components/responses/Problem");
    json_t *o = json_pack("{s:s, s:o, s:{s:{s:s}, s:o}}", "operationId", id, "parameters", parameters,
                          "responses", "2XX", "description", "done", "default", problem);
    if (r->rows || r->body)
        json_object_set_new(o, "requestBody", body_of(s, r));
    if (r->roles)
        json_object_set_new(o, "x-roles", roles_of(r));
    else
        json_object_set_new(o, "security", json_array());
    return o;
}

static json_t *problem_schema(void)
{
    static const char *const texts[] = {"type", "title", "detail", "field"};
    json_t *properties = json_pack("{s:{s:s}}", "status", "type", "integer");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        json_object_set_new(properties, texts[i], json_pack("{s:s}", "type", "string"));
    json_object_set_new(properties, "errors",
                        json_pack("{s:s, s:{s:s, s:{s:{s:s}, s:{s:s}}}}", "type", "array", "items", "type",
                                  "object", "properties", "field", "type", "string", "reason", "type",
                                  "string"));
    return json_pack("{s:s, s:[s, s, s, s], s:o}", "type", "object", "required", "type", "title", "status",
                     "detail", "properties", properties);
}

static json_t *components(struct schemas *s)
{
    json_object_set_new(s->by_name, "problem", problem_schema());
    json_t *schemes = json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:s}}", "token", "type", "http", "scheme",
                                "bearer", "cookie", "type", "apiKey", "in", "cookie", "name", "yz");
    json_t *content = json_pack("{s:{s:{s:s}}}", "application/problem+json", "schema", "$ref",
                                "#/components/schemas/problem");
    json_t *problem =
        json_pack("{s:s, s:o}", "description", "what is wrong and what to do (RFC 9457)", "content", content);
    return json_pack("{s:o, s:{s:o}, s:O}", "securitySchemes", schemes, "responses", "Problem", problem,
                     "schemas", s->by_name);
}

json_t *api_describe(void)
{
    struct schemas schemas = {json_object()};
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
        json_object_set_new(at, method, operation(&schemas, r));
    }
    json_t *parts = components(&schemas);
    json_decref(schemas.by_name);
    return json_pack(
        "{s:s, s:{s:s, s:s, s:s}, s:[{s:[]}, {s:[]}], s:o, s:o}", "openapi", "3.1.0", "info", "title",
        "Yizhan 驿站", "version", PACKAGE_VERSION, "description",
        "Business times are RFC 3339. Errors are problem+json with a stable type. Repeating a POST with its "
        "Idempotency-Key does nothing twice. Scans are never rejected, only flagged.",
        "security", "token", "cookie", "paths", paths, "components", parts);
}
