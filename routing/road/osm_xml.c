/* OSM XML through expat, one element at a time. */
#include "routing/road/mem.h"
#include "routing/road/osm.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 20 };

struct reader {
    const struct osm_sink *sink;
    XML_Parser parser;
    bool rooted;
    int inside; /* 'n', 'w', 'r' or 0 */
    int64_t id;
    struct geo_point point;
    VEC(int64_t) refs;
    VEC(struct osm_tag) tags; /* copies, freed by clear() */
    VEC(struct osm_member) members;
    struct route_error error;
};

static void fail(struct reader *r, const char *what)
{
    if (r->error.code)
        return;
    route_error_set(&r->error, ROUTE_BAD_INPUT, (int64_t)XML_GetCurrentLineNumber(r->parser), "line %lu: %s",
                    (unsigned long)XML_GetCurrentLineNumber(r->parser), what);
    XML_StopParser(r->parser, XML_FALSE);
}

static const char *attribute(const char **a, const char *name)
{
    for (; *a; a += 2)
        if (!strcmp(a[0], name))
            return a[1];
    return NULL;
}

static int64_t integer(struct reader *r, const char **a, const char *name)
{
    const char *s = attribute(a, name);
    char *end = NULL;
    long long v;

    errno = 0;
    v = s ? strtoll(s, &end, 10) : 0;
    if (!s || end == s || *end || errno)
        fail(r, "an id or ref is missing or is no integer");
    return v;
}

static double degrees(struct reader *r, const char **a, const char *name)
{
    const char *s = attribute(a, name);
    char *end = NULL;
    double v = s ? strtod(s, &end) : 0;

    if (!s || end == s || *end)
        fail(r, "a node's lat or lon is missing or is no number");
    return v;
}

static void clear(struct reader *r)
{
    for (size_t i = 0; i < r->tags.n; i++) {
        free((void *)(uintptr_t)r->tags.at[i].key);
        free((void *)(uintptr_t)r->tags.at[i].value);
    }
    for (size_t i = 0; i < r->members.n; i++)
        free((void *)(uintptr_t)r->members.at[i].role);
    r->tags.n = r->refs.n = r->members.n = 0;
    r->inside = 0;
}

static char *copy(const char *s)
{
    return mem_copy(s, strlen(s) + 1);
}

static void add_tag(struct reader *r, const char **a)
{
    const char *k = attribute(a, "k"), *v = attribute(a, "v");

    if (!k || !v)
        fail(r, "a tag has no k or no v");
    else
        VEC_PUSH(&r->tags, ((struct osm_tag){copy(k), copy(v)}));
}

static void add_member(struct reader *r, const char **a)
{
    const char *type = attribute(a, "type"), *role = attribute(a, "role");
    enum osm_member_type t = OSM_RELATION;

    if (type && !strcmp(type, "node"))
        t = OSM_NODE;
    else if (type && !strcmp(type, "way"))
        t = OSM_WAY;
    VEC_PUSH(&r->members, ((struct osm_member){t, integer(r, a, "ref"), copy(role ? role : "")}));
}

static void begin_object(struct reader *r, const char *name, const char **a)
{
    clear(r);
    r->inside = name[0];
    r->id = integer(r, a, "id");
    if (r->inside == 'n' && !r->error.code &&
        !geo_point_from_degrees(degrees(r, a, "lon"), degrees(r, a, "lat"), &r->point))
        fail(r, "a node lies outside ±180, ±90 degrees");
}

static void XMLCALL on_start(void *arg, const char *name, const char **a)
{
    struct reader *r = arg;
    const char *deleted = attribute(a, "action");

    if (!r->rooted && strcmp(name, "osm"))
        fail(r, "the outermost element is not <osm>: no map in OSM XML");
    r->rooted = true;
    if (deleted && !strcmp(deleted, "delete"))
        return;
    if (!strcmp(name, "node") || !strcmp(name, "way") || !strcmp(name, "relation"))
        begin_object(r, name, a);
    else if (r->inside && !strcmp(name, "tag"))
        add_tag(r, a);
    else if (r->inside == 'w' && !strcmp(name, "nd"))
        VEC_PUSH(&r->refs, integer(r, a, "ref"));
    else if (r->inside == 'r' && !strcmp(name, "member"))
        add_member(r, a);
}

static void emit(struct reader *r)
{
    const struct osm_sink *k = r->sink;

    if (r->inside == 'n' && k->node)
        k->node(k->arg, &(struct osm_node){r->id, r->point, r->tags.at, r->tags.n});
    else if (r->inside == 'w' && k->way)
        k->way(k->arg, &(struct osm_way){r->id, r->refs.at, r->refs.n, r->tags.at, r->tags.n});
    else if (r->inside == 'r' && k->relation)
        k->relation(k->arg,
                    &(struct osm_relation){r->id, r->members.at, r->members.n, r->tags.at, r->tags.n});
}

static void XMLCALL on_end(void *arg, const char *name)
{
    struct reader *r = arg;

    if (strcmp(name, "node") && strcmp(name, "way") && strcmp(name, "relation"))
        return;
    if (r->inside && !r->error.code)
        emit(r);
    clear(r);
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *sys, const char *pub, int has_subset)
{
    (void)name, (void)sys, (void)pub, (void)has_subset;
    fail(arg, "a document type is not allowed in a map");
}

static int parse(struct reader *r, const char *data, size_t size, struct route_error *err)
{
    for (size_t at = 0; at < size;) {
        size_t n = size - at < CHUNK ? size - at : CHUNK;

        if (XML_Parse(r->parser, data + at, (int)n, at + n == size) != XML_STATUS_OK) {
            if (r->error.code)
                return route_error_set(err, r->error.code, r->error.offset, "%s", r->error.text);
            return route_error_set(
                err, ROUTE_BAD_INPUT, XML_GetCurrentByteIndex(r->parser),
                "broken XML at line %lu, byte %lld: %s", (unsigned long)XML_GetCurrentLineNumber(r->parser),
                (long long)XML_GetCurrentByteIndex(r->parser), XML_ErrorString(XML_GetErrorCode(r->parser)));
        }
        at += n;
        if (r->sink->progress)
            r->sink->progress(r->sink->arg, at, size);
    }
    return 0;
}

int osm_read_xml(const void *data, size_t size, const struct osm_sink *sink, struct route_error *err)
{
    struct reader r = {.sink = sink};
    int rc;

    r.parser = XML_ParserCreate(NULL);
    if (!r.parser)
        abort();
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
    rc = parse(&r, data, size, err);
    clear(&r);
    XML_ParserFree(r.parser);
    free(r.refs.at);
    free(r.tags.at);
    free(r.members.at);
    return rc;
}
