/* The OSM PBF format (wiki.openstreetmap.org/wiki/PBF_Format): blobs of protocol-buffer messages. A
 * cursor over bytes carries one sticky `bad` flag; a message is good if it is clear at the end. */
#include "routing/road/mem.h"
#include "routing/road/osm.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HEADER_MAX = 64 << 10, BLOB_MAX = 32 << 20 }; /* the format's own limits */
enum { DEFLATE_RATIO_MAX = 1040 };                   /* no deflate stream unpacks to more */

struct cursor {
    const uint8_t *at, *end;
    bool bad;
};

struct field {
    uint32_t number, wire;
    uint64_t value;      /* wire type 0 */
    struct cursor bytes; /* wire type 2 */
};

struct reader {
    const struct osm_sink *sink;
    struct text strings; /* this block's string table, each NUL-terminated */
    VEC(size_t) string_at;
    VEC(struct osm_tag) tags;
    VEC(int64_t) refs;
    VEC(struct osm_member) members;
    int64_t granularity, lat_offset, lon_offset;
    VEC(uint8_t) raw; /* one unpacked blob */
};

static uint64_t varint(struct cursor *c)
{
    uint64_t v = 0;

    for (int shift = 0; shift < 64; shift += 7) {
        if (c->at == c->end)
            break;
        v |= (uint64_t)(*c->at & 0x7f) << shift;
        if (!(*c->at++ & 0x80))
            return v;
    }
    c->bad = true;
    c->at = c->end;
    return 0;
}

static int64_t zigzag(struct cursor *c)
{
    uint64_t v = varint(c);

    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static struct cursor take(struct cursor *c, uint64_t n)
{
    struct cursor part = {c->at, c->at, false};

    if (n > (uint64_t)(c->end - c->at)) {
        c->bad = true;
        c->at = c->end;
        return part;
    }
    part.end = c->at += n;
    return part;
}

static bool next_field(struct cursor *c, struct field *f)
{
    uint64_t key;

    if (c->bad || c->at == c->end)
        return false;
    key = varint(c);
    f->number = (uint32_t)(key >> 3);
    f->wire = key & 7;
    f->value = 0;
    f->bytes = (struct cursor){c->at, c->at, false};
    if (f->wire == 0)
        f->value = varint(c);
    else if (f->wire == 1)
        take(c, 8);
    else if (f->wire == 2)
        f->bytes = take(c, varint(c));
    else if (f->wire == 5)
        take(c, 4);
    else
        c->bad = true;
    return !c->bad;
}

static bool read_strings(struct reader *r, struct cursor c)
{
    struct field f;

    r->strings.n = r->string_at.n = 0;
    while (next_field(&c, &f))
        if (f.number == 1 && f.wire == 2) {
            VEC_PUSH(&r->string_at, r->strings.n);
            text_append(&r->strings, f.bytes.at, (size_t)(f.bytes.end - f.bytes.at));
            text_append(&r->strings, "", 1);
        }
    return !c.bad;
}

static const char *string(const struct reader *r, uint64_t i, bool *bad)
{
    if (i >= r->string_at.n) {
        *bad = true;
        return "";
    }
    return r->strings.at + r->string_at.at[i];
}

/* Two packed lists of string numbers, keys and values side by side. */
static bool read_tags(struct reader *r, struct cursor keys, struct cursor values)
{
    bool bad = false;

    r->tags.n = 0;
    while (keys.at != keys.end && values.at != values.end && !bad) {
        const char *k = string(r, varint(&keys), &bad);
        const char *v = string(r, varint(&values), &bad);

        VEC_PUSH(&r->tags, ((struct osm_tag){k, v}));
    }
    return !bad && !keys.bad && !values.bad && keys.at == keys.end && values.at == values.end;
}

static bool point_of(const struct reader *r, int64_t lat, int64_t lon, struct geo_point *ret)
{
    double scale = 1e-9;

    return geo_point_from_degrees(scale * ((double)r->lon_offset + (double)r->granularity * (double)lon),
                                  scale * ((double)r->lat_offset + (double)r->granularity * (double)lat),
                                  ret);
}

static bool read_dense(struct reader *r, struct cursor c)
{
    struct cursor ids = {0}, lats = {0}, lons = {0}, kvs = {0};
    uint64_t id = 0, lat = 0,
             lon = 0; /* unsigned: hostile deltas may wrap, and are range-checked as points */
    bool bad = false;
    struct field f;

    while (next_field(&c, &f))
        if (f.wire == 2)
            *(f.number == 1    ? &ids
              : f.number == 8  ? &lats
              : f.number == 9  ? &lons
              : f.number == 10 ? &kvs
                               : &(struct cursor){0}) = f.bytes;
    while (!c.bad && !bad && ids.at != ids.end) {
        struct osm_node node = {0};

        node.id = (int64_t)(id += (uint64_t)zigzag(&ids));
        lat += (uint64_t)zigzag(&lats);
        lon += (uint64_t)zigzag(&lons);
        r->tags.n = 0;
        for (uint64_t k; kvs.at != kvs.end && (k = varint(&kvs)) != 0;) {
            const char *key = string(r, k, &bad);

            VEC_PUSH(&r->tags, ((struct osm_tag){key, string(r, varint(&kvs), &bad)}));
        }
        bad = bad || ids.bad || lats.bad || lons.bad || kvs.bad ||
              !point_of(r, (int64_t)lat, (int64_t)lon, &node.point);
        node.tags = r->tags.at;
        node.n_tags = r->tags.n;
        if (!bad)
            r->sink->node(r->sink->arg, &node);
    }
    return !c.bad && !bad;
}

static bool read_node(struct reader *r, struct cursor c)
{
    struct cursor keys = {0}, values = {0};
    int64_t lat = 0, lon = 0;
    struct osm_node node = {0};
    struct field f;

    while (next_field(&c, &f)) {
        int64_t z = (int64_t)(f.value >> 1) ^ -(int64_t)(f.value & 1);

        if (f.number == 1)
            node.id = z;
        else if (f.number == 2)
            keys = f.bytes;
        else if (f.number == 3)
            values = f.bytes;
        else if (f.number == 8)
            lat = z;
        else if (f.number == 9)
            lon = z;
    }
    if (c.bad || !read_tags(r, keys, values) || !point_of(r, lat, lon, &node.point))
        return false;
    node.tags = r->tags.at;
    node.n_tags = r->tags.n;
    r->sink->node(r->sink->arg, &node);
    return true;
}

static bool read_way(struct reader *r, struct cursor c)
{
    struct cursor keys = {0}, values = {0}, refs = {0};
    struct osm_way way = {0};
    uint64_t ref = 0;
    struct field f;

    while (next_field(&c, &f))
        if (f.number == 1 && f.wire == 0)
            way.id = (int64_t)f.value;
        else if (f.wire == 2)
            *(f.number == 2   ? &keys
              : f.number == 3 ? &values
              : f.number == 8 ? &refs
                              : &(struct cursor){0}) = f.bytes;
    r->refs.n = 0;
    while (refs.at != refs.end) {
        ref += (uint64_t)zigzag(&refs);
        VEC_PUSH(&r->refs, (int64_t)ref);
    }
    if (c.bad || refs.bad || !read_tags(r, keys, values))
        return false;
    way.refs = r->refs.at;
    way.n_refs = r->refs.n;
    way.tags = r->tags.at;
    way.n_tags = r->tags.n;
    r->sink->way(r->sink->arg, &way);
    return true;
}

static bool read_members(struct reader *r, struct cursor roles, struct cursor ids, struct cursor types)
{
    uint64_t ref = 0;
    bool bad = false;

    r->members.n = 0;
    while (ids.at != ids.end && !bad) {
        uint64_t type;
        const char *role = string(r, varint(&roles), &bad);

        ref += (uint64_t)zigzag(&ids);
        type = varint(&types);
        bad = bad || type > OSM_RELATION || roles.bad || ids.bad || types.bad;
        VEC_PUSH(&r->members, ((struct osm_member){(enum osm_member_type)(type % 3), (int64_t)ref, role}));
    }
    return !bad;
}

static bool read_relation(struct reader *r, struct cursor c)
{
    struct cursor part[11] = {{0}};
    struct osm_relation rel = {0};
    struct field f;

    while (next_field(&c, &f))
        if (f.number == 1 && f.wire == 0)
            rel.id = (int64_t)f.value;
        else if (f.wire == 2 && f.number <= 10)
            part[f.number] = f.bytes;
    if (c.bad || !read_tags(r, part[2], part[3]) || !read_members(r, part[8], part[9], part[10]))
        return false;
    rel.members = r->members.at;
    rel.n_members = r->members.n;
    rel.tags = r->tags.at;
    rel.n_tags = r->tags.n;
    r->sink->relation(r->sink->arg, &rel);
    return true;
}

static bool read_group(struct reader *r, struct cursor c)
{
    struct field f;
    bool good = true;

    while (good && next_field(&c, &f)) {
        if (f.wire != 2)
            continue;
        if (f.number == 1 && r->sink->node)
            good = read_node(r, f.bytes);
        else if (f.number == 2 && r->sink->node)
            good = read_dense(r, f.bytes);
        else if (f.number == 3 && r->sink->way)
            good = read_way(r, f.bytes);
        else if (f.number == 4 && r->sink->relation)
            good = read_relation(r, f.bytes);
    }
    return good && !c.bad;
}

static const char *read_block(struct reader *r, struct cursor c)
{
    struct cursor groups = c;
    struct field f;

    r->granularity = 100;
    r->lat_offset = r->lon_offset = 0;
    r->string_at.n = 0;
    while (next_field(&c, &f))
        if (f.number == 1 && f.wire == 2) {
            if (!read_strings(r, f.bytes))
                return "the string table is broken";
        } else if (f.number == 17)
            r->granularity = (int64_t)f.value;
        else if (f.number == 19)
            r->lat_offset = (int64_t)f.value;
        else if (f.number == 20)
            r->lon_offset = (int64_t)f.value;
    if (c.bad)
        return "the block is no well-formed message";
    while (next_field(&groups, &f))
        if (f.number == 2 && f.wire == 2 && !read_group(r, f.bytes))
            return "a group of nodes, ways or relations is broken";
    return NULL;
}

static const char *read_header(struct cursor c)
{
    struct field f;

    while (next_field(&c, &f)) {
        size_t n = (size_t)(f.bytes.end - f.bytes.at);

        if (f.number != 4 || f.wire != 2)
            continue;
        if (!(n == 14 && !memcmp(f.bytes.at, "OsmSchema-V0.6", n)) &&
            !(n == 10 && !memcmp(f.bytes.at, "DenseNodes", n)))
            return "the map requires a feature other than OsmSchema-V0.6 and DenseNodes (history files are "
                   "not maps)";
    }
    return c.bad ? "the file header is no well-formed message" : NULL;
}

/* Unpacks one Blob message into *ret: raw, or zlib. */
static const char *unpack(struct reader *r, struct cursor blob, struct cursor *ret)
{
    struct cursor zlib = {0}, raw = {0};
    uLongf size = 0;
    struct field f;

    while (next_field(&blob, &f)) {
        if (f.number == 1)
            raw = f.bytes;
        else if (f.number == 2)
            size = f.value <= BLOB_MAX ? (uLongf)f.value : BLOB_MAX + 1UL;
        else if (f.number == 3)
            zlib = f.bytes;
        else if (f.number >= 4)
            return "compressed by something other than zlib";
    }
    if (blob.bad)
        return "the blob is no well-formed message";
    *ret = raw;
    if (!zlib.at)
        return raw.at ? NULL : "the blob holds no data";
    if (size > BLOB_MAX)
        return "the blob is larger than 32 MiB";
    if (size / DEFLATE_RATIO_MAX > (uLongf)(zlib.end - zlib.at))
        return "the blob claims more data than can be packed in it";
    r->raw.at = mem_room(r->raw.at, &r->raw.cap, size + 1, 1);
    if (uncompress(r->raw.at, &size, zlib.at, (uLong)(zlib.end - zlib.at)) != Z_OK)
        return "the compressed data is broken";
    *ret = (struct cursor){r->raw.at, r->raw.at + size, false};
    return NULL;
}

struct blob_header {
    char type[16];
    uint64_t size;
};

static const char *read_blob_header(struct cursor c, struct blob_header *h)
{
    struct field f;

    *h = (struct blob_header){.size = UINT64_MAX};
    while (next_field(&c, &f)) {
        size_t n = (size_t)(f.bytes.end - f.bytes.at);

        if (f.number == 1 && f.wire == 2 && n < sizeof h->type)
            memcpy(h->type, f.bytes.at, n);
        else if (f.number == 3)
            h->size = f.value;
    }
    if (c.bad || !h->type[0])
        return "the blob header is broken (is this a PBF map?)";
    return h->size > BLOB_MAX ? "the blob header's size is missing or over 32 MiB" : NULL;
}

static const char *read_one(struct reader *r, struct cursor *c, bool *seen_header)
{
    struct blob_header h;
    struct cursor header, body, unpacked;
    const char *wrong;
    uint32_t n;

    if (c->end - c->at < 4)
        return "the file ends within a blob header's length";
    n = (uint32_t)c->at[0] << 24 | (uint32_t)c->at[1] << 16 | (uint32_t)c->at[2] << 8 | c->at[3];
    c->at += 4;
    if (n > HEADER_MAX)
        return "the blob header's length is over 64 KiB (is this a PBF map?)";
    header = take(c, n);
    if (c->bad)
        return "the file ends within a blob header";
    if ((wrong = read_blob_header(header, &h)))
        return wrong;
    body = take(c, h.size);
    if (c->bad)
        return "the file ends within a blob";
    if (strcmp(h.type, "OSMHeader") && strcmp(h.type, "OSMData"))
        return NULL;
    if ((wrong = unpack(r, body, &unpacked)))
        return wrong;
    if (!strcmp(h.type, "OSMHeader")) {
        *seen_header = true;
        return read_header(unpacked);
    }
    return *seen_header ? read_block(r, unpacked) : "data before the file header";
}

int osm_read_pbf(const void *data, size_t size, const struct osm_sink *sink, struct route_error *err)
{
    struct reader r = {.sink = sink};
    struct cursor c = {data, (const uint8_t *)data + size, false};
    const char *wrong = NULL;
    bool seen_header = false;
    int64_t offset = 0;

    while (!wrong && c.at != c.end) {
        offset = c.at - (const uint8_t *)data;
        wrong = read_one(&r, &c, &seen_header);
        if (sink->progress)
            sink->progress(sink->arg, (size_t)(c.at - (const uint8_t *)data), size);
    }
    if (!wrong && !seen_header)
        wrong = "there is no file header";
    free(r.raw.at);
    free(r.strings.at);
    free(r.string_at.at);
    free(r.tags.at);
    free(r.refs.at);
    free(r.members.at);
    if (wrong)
        return route_error_set(err, ROUTE_BAD_INPUT, offset, "PBF blob at byte %lld: %s", (long long)offset,
                               wrong);
    return 0;
}
