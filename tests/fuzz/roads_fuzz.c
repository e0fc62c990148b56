/* Fuzz targets of the roads: maps (both formats), profiles, traffic, road files, OSRM requests. One program
 * a target, chosen by -DFUZZ_map, … ; see roads.mk. */
#include "routing/road/file.h"
#include "routing/road/mem.h"
#include "routing/road/osrm.h"
#include "routing/road/traffic.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char van[] =
    "name van\naccess access vehicle motor_vehicle\noneway oneway\nrestriction restriction\n"
    "class primary 50\nclass residential 24\nclass service 10 explicit\nvalue yes yes\nvalue no no\n"
    "value private 60\nbarrier gate 10\nbarrier * no\nturn left 5\nturn uturn no\nferry 60\n";

__attribute__((unused)) static void import(const void *map, size_t size, void **ret, size_t *ret_size)
{
    struct profile *p = profile_parse(van, sizeof van - 1, "p", NULL);
    struct road_report report;

    *ret = NULL;
    road_import(map, size, &p, 1, NULL, NULL, ret, ret_size, &report, NULL);
    profile_free(p);
}

#if defined(FUZZ_map)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *out;
    size_t n;

    import(data, size, &out, &n);
    if (out) {
        struct road *r = road_open(out, n, NULL);

        if (!r)
            abort(); /* what is written must open */
        road_close(r);
    }
    free(out);
    return 0;
}
#elif defined(FUZZ_profile)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct osm_tag tags[] = {
        {"highway", "residential"}, {"maxspeed", "30 mph"}, {"oneway", "yes"}, {"access", "private"}};
    struct profile *p = profile_parse((const char *)data, size, "p", NULL);
    struct way_use use;

    if (!p)
        return 0;
    profile_way(p, tags, 4, &use);
    profile_node(p, tags, 4);
    profile_hour_permille(p, 8, 0);
    profile_free(p);
    return 0;
}
#else
static const char town[] =
    "<osm><node id=\"1\" lon=\"116.60\" lat=\"35.4\"/><node id=\"2\" lon=\"116.61\" lat=\"35.4\"/>"
    "<node id=\"3\" lon=\"116.61\" lat=\"35.41\"/><node id=\"4\" lon=\"116.62\" lat=\"35.4\"/>"
    "<way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><nd ref=\"4\"/><tag k=\"highway\" v=\"residential\"/></way>"
    "<way id=\"2\"><nd ref=\"2\"/><nd ref=\"3\"/><tag k=\"highway\" v=\"primary\"/></way></osm>";
static void *file;
static size_t file_size;
static struct road *road;

static void prepare(void)
{
    if (road)
        return;
    import(town, sizeof town - 1, &file, &file_size);
    road = road_open(file, file_size, NULL);
    if (!road)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
#if defined(FUZZ_traffic)
    uint32_t *speeds;

    prepare();
    speeds = metric_speeds(&road->net, &road->profiles[0].graph, road->profiles[0].profile, -1);
    traffic_apply(&road->net, (const char *)data, size, "t", 8, speeds, NULL, NULL);
    free(speeds);
#elif defined(FUZZ_osrm)
    char *target = mem_new(size + 1, 1);
    struct text t = {0};
    struct osrm *o;

    prepare();
    memcpy(target, data, size);
    o = osrm_new(road);
    osrm_answer(o, target, &t);
    if (!t.n || t.at[0] != '{')
        abort();
    osrm_free(o);
    free(t.at);
    free(target);
#else /* FUZZ_file: a road file whose bytes are overwritten; the checksum must catch every change */
    uint8_t *copy;
    size_t at = 0;
    struct road *r;

    prepare();
    copy = mem_copy(file, file_size);
    for (size_t i = 0; i + 4 < size; i += 5) {
        memcpy(&at, data + i, 4);
        copy[at % file_size] = data[i + 4];
    }
    r = road_open(copy, file_size, NULL);
    if (r && memcmp(copy, file, file_size))
        abort();
    road_close(r);
    free(copy);
#endif
    return 0;
}
#endif
