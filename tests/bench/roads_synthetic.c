/* Writes a synthetic province as a PBF map, for measuring imports at size:
 *
 *   roads_synthetic NODES OUT.osm.pbf [SEED]
 *
 * Towns of 40 × 40 junctions stand in a square raster, joined to their neighbours by two country roads.
 * Streets have two bends each, an eighth are missing, a tenth one-way; every tenth is a main street. About
 * five map nodes to a junction, as in real cities. Blobs are not compressed. */
#include "routing/road/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOWN = 40, BENDS = 2, BLOCK_ITEMS = 8000 };

static uint64_t state;

static uint32_t below(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(state >> 33) % n;
}

static void put_varint(struct text *t, uint64_t v)
{
    uint8_t b[10];
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        b[n++] = (uint8_t)(v | 0x80);
    b[n++] = (uint8_t)v;
    text_append(t, b, n);
}

static void put_signed(struct text *t, int64_t v)
{
    put_varint(t, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static void put_bytes(struct text *t, uint32_t field, const void *at, size_t n)
{
    put_varint(t, field << 3 | 2);
    put_varint(t, n);
    text_append(t, at, n);
}

static void put_number(struct text *t, uint32_t field, uint64_t v)
{
    put_varint(t, (uint64_t)field << 3);
    put_varint(t, v);
}

static void put_blob(FILE *f, const char *type, const struct text *message)
{
    struct text blob = {0}, header = {0};
    uint8_t length[4];

    put_bytes(&blob, 1, message->at, message->n);
    put_bytes(&header, 1, type, strlen(type));
    put_number(&header, 3, blob.n);
    for (int i = 0; i < 4; i++)
        length[i] = (uint8_t)(header.n >> (24 - 8 * i));
    fwrite(length, 1, 4, f);
    fwrite(header.at, 1, header.n, f);
    fwrite(blob.at, 1, blob.n, f);
    free(blob.at);
    free(header.at);
}

static void put_header(FILE *f)
{
    struct text t = {0};

    put_bytes(&t, 4, "OsmSchema-V0.6", 14);
    put_bytes(&t, 4, "DenseNodes", 10);
    put_blob(f, "OSMHeader", &t);
    free(t.at);
}

/* String table: highway values and oneway. */
static const char *const strings[] = {"", "highway", "residential", "primary", "trunk", "oneway", "yes"};

struct writer {
    FILE *f;
    struct text nodes_id, nodes_lat, nodes_lon, ways; /* one block of each */
    int64_t id, lat, lon;
    uint32_t n_nodes, n_ways;
    int64_t next_node, next_way;
};

static void flush_block(struct writer *w, struct text *group)
{
    struct text block = {0}, table = {0};

    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        put_bytes(&table, 1, strings[i], strlen(strings[i]));
    put_bytes(&block, 1, table.at, table.n);
    put_bytes(&block, 2, group->at, group->n);
    put_blob(w->f, "OSMData", &block);
    free(block.at);
    free(table.at);
}

static void flush_nodes(struct writer *w)
{
    struct text dense = {0}, group = {0};

    if (!w->n_nodes)
        return;
    put_bytes(&dense, 1, w->nodes_id.at, w->nodes_id.n);
    put_bytes(&dense, 8, w->nodes_lat.at, w->nodes_lat.n);
    put_bytes(&dense, 9, w->nodes_lon.at, w->nodes_lon.n);
    put_bytes(&group, 2, dense.at, dense.n);
    flush_block(w, &group);
    free(dense.at);
    free(group.at);
    w->nodes_id.n = w->nodes_lat.n = w->nodes_lon.n = w->n_nodes = 0;
    w->id = w->lat = w->lon = 0;
}

static int64_t add_node(struct writer *w, int64_t lon, int64_t lat)
{
    int64_t id = ++w->next_node;

    put_signed(&w->nodes_id, id - w->id);
    put_signed(&w->nodes_lat, lat - w->lat);
    put_signed(&w->nodes_lon, lon - w->lon);
    w->id = id;
    w->lat = lat;
    w->lon = lon;
    if (++w->n_nodes == BLOCK_ITEMS)
        flush_nodes(w);
    return id;
}

static void flush_ways(struct writer *w)
{
    if (w->n_ways)
        flush_block(w, &w->ways);
    w->ways.n = w->n_ways = 0;
}

static void add_way(struct writer *w, const int64_t *refs, size_t n, int class, bool oneway)
{
    struct text way = {0}, keys = {0}, values = {0}, list = {0};

    put_varint(&keys, 1);
    put_varint(&values, (uint64_t) class);
    if (oneway) {
        put_varint(&keys, 5);
        put_varint(&values, 6);
    }
    for (size_t i = 0; i < n; i++)
        put_signed(&list, refs[i] - (i ? refs[i - 1] : 0));
    put_number(&way, 1, (uint64_t)++w->next_way);
    put_bytes(&way, 2, keys.at, keys.n);
    put_bytes(&way, 3, values.at, values.n);
    put_bytes(&way, 8, list.at, list.n);
    put_bytes(&w->ways, 3, way.at, way.n);
    free(way.at);
    free(keys.at);
    free(values.at);
    free(list.at);
    if (++w->n_ways == BLOCK_ITEMS)
        flush_ways(w);
}

struct junction {
    int64_t id, lon, lat;
};

static void street(struct writer *w, const struct junction *a, const struct junction *b, int class,
                   bool oneway)
{
    int64_t refs[BENDS + 2] = {a->id};

    for (int i = 1; i <= BENDS; i++)
        refs[i] = add_node(w, a->lon + (b->lon - a->lon) * i / (BENDS + 1) + below(1000),
                           a->lat + (b->lat - a->lat) * i / (BENDS + 1) + below(1000));
    refs[BENDS + 1] = b->id;
    add_way(w, refs, BENDS + 2, class, oneway);
}

static void town(struct writer *w, struct junction *j, int64_t lon, int64_t lat)
{
    for (int y = 0; y < TOWN; y++)
        for (int x = 0; x < TOWN; x++) {
            struct junction *p = &j[y * TOWN + x];

            p->lon = lon + x * 12000 + below(4000);
            p->lat = lat + y * 10000 + below(4000);
            p->id = add_node(w, p->lon, p->lat);
        }
    for (int y = 0; y < TOWN; y++)
        for (int x = 0; x < TOWN; x++) {
            const struct junction *p = &j[y * TOWN + x];

            if (x + 1 < TOWN && (y % 10 == 5 || below(8)))
                street(w, p, p + 1, y % 10 == 5 ? 3 : 2, y % 10 != 5 && !below(10));
            if (y + 1 < TOWN && (x % 10 == 5 || below(8)))
                street(w, p, p + TOWN, x % 10 == 5 ? 3 : 2, x % 10 != 5 && !below(10));
        }
}

static void province(struct writer *w, int side)
{
    struct junction *all = MEM_NEW(struct junction, (size_t)side * side * TOWN * TOWN);

    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            town(w, all + (size_t)(y * side + x) * TOWN * TOWN, 1140000000 + x * 700000LL,
                 340000000 + y * 600000LL);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            for (int k = 5; k < TOWN; k += 20) {
                const struct junction *here = all + (size_t)(y * side + x) * TOWN * TOWN;

                if (x + 1 < side)
                    street(w, &here[k * TOWN + TOWN - 1], &here[TOWN * TOWN + k * TOWN], 4, false);
                if (y + 1 < side)
                    street(w, &here[(TOWN - 1) * TOWN + k], &here[(size_t)side * TOWN * TOWN + (size_t)k], 4,
                           false);
            }
    free(all);
}

int main(int argc, char **argv)
{
    struct writer w = {0};
    double nodes = argc > 2 ? strtod(argv[1], NULL) : 0;
    int side = (int)ceil(sqrt(nodes / (TOWN * TOWN * 4.47)));

    if (nodes < 1000 || nodes > 1e8 || !(w.f = fopen(argv[2], "wb"))) {
        fputs("usage: roads_synthetic NODES OUT.osm.pbf [SEED]\n", stderr);
        return 2;
    }
    state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    put_header(w.f);
    province(&w, side);
    flush_nodes(&w);
    flush_ways(&w);
    printf("%lld nodes, %lld ways, %d towns\n", (long long)w.next_node, (long long)w.next_way, side * side);
    return fclose(w.f) ? 1 : 0;
}
