#include "routing/road/osm.h"

#include <string.h>

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
    return p[i] == '<' ? osm_read_xml(data, size, sink, err) : osm_read_pbf(data, size, sink, err);
}

const char *osm_value(const struct osm_tag *tags, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(tags[i].key, key))
            return tags[i].value;
    return NULL;
}
