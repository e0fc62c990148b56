#include "routing/road/osm.h"

#include <string.h>

/* What maps are often packed in; NULL: nothing known. */
static const char *packer(const unsigned char *p, size_t size)
{
    if (size >= 2 && p[0] == 0x1f && p[1] == 0x8b)
        return "gzip";
    if (size >= 3 && !memcmp(p, "BZh", 3))
        return "bzip2";
    return size >= 6 && !memcmp(p,
                                "\xfd"
                                "7zXZ",
                                6)
               ? "xz"
               : NULL;
}

int osm_read(const void *data, size_t size, const struct osm_sink *sink, struct route_error *err)
{
    const unsigned char *p = data;
    size_t i = 0;

    if (size >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
        i = 3;
    while (i < size && (p[i] == ' ' || p[i] == '\n' || p[i] == '\r' || p[i] == '\t'))
        i++;
    if (i == size)
        return route_error_set(err, ROUTE_BAD_INPUT, 0, "the map is empty");
    if (packer(p, size))
        return route_error_set(err, ROUTE_BAD_INPUT, 0, "packed by %s: unpack it first", packer(p, size));
    return p[i] == '<' ? osm_read_xml(data, size, sink, err) : osm_read_pbf(data, size, sink, err);
}

const char *osm_value(const struct osm_tag *tags, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(tags[i].key, key))
            return tags[i].value;
    return NULL;
}
