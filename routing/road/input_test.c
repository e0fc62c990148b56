/* What comes from outside: PBF and XML maps, profiles, road files; whole, broken and cut short. */
#include "routing/road/file.h"
#include "routing/road/mem.h"
#include "routing/road/store.h"
#include "routing/road/test_map.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* --- a small PBF writer --- */

static void put_varint(struct text *t, uint64_t v)
{
    do {
        uint8_t b = (uint8_t)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));

        text_append(t, &b, 1);
        v >>= 7;
    } while (v);
}

static void put_signed(struct text *t, int64_t v)
{
    put_varint(t, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

static void put_field(struct text *t, uint32_t field, const struct text *inner)
{
    put_varint(t, field << 3 | 2);
    put_varint(t, inner->n);
    text_append(t, inner->at, inner->n);
}

static void put_string(struct text *t, uint32_t field, const char *s)
{
    struct text inner = {0};

    text_append(&inner, s, strlen(s));
    put_field(t, field, &inner);
    free(inner.at);
}

static void put_number(struct text *t, uint32_t field, uint64_t v)
{
    put_varint(t, (uint64_t)field << 3);
    put_varint(t, v);
}

/* Wraps a message as a blob, compressed or raw, and appends it to the file. */
static void put_blob(struct text *file, const char *type, const struct text *message, bool zlib)
{
    struct text blob = {0}, header = {0}, packed = {0};
    uint8_t length[4];

    if (zlib) {
        uLongf n = compressBound(message->n);

        packed.at = mem_new(n, 1);
        ck_assert_int_eq(compress((Bytef *)packed.at, &n, (const Bytef *)message->at, message->n), Z_OK);
        packed.n = n;
        put_number(&blob, 2, message->n);
        put_field(&blob, 3, &packed);
    } else
        put_field(&blob, 1, message);
    put_string(&header, 1, type);
    put_number(&header, 3, blob.n);
    for (int i = 0; i < 4; i++)
        length[i] = (uint8_t)(header.n >> (24 - 8 * i));
    text_append(file, length, 4);
    text_append(file, header.at, header.n);
    text_append(file, blob.at, blob.n);
    free(blob.at);
    free(header.at);
    free(packed.at);
}

static const int64_t lons[] = {1166000000, 1166050000, 1166100000},
                     lats[] = {354000000, 354000000, 354050000};

static void put_dense(struct text *group)
{
    struct text dense = {0}, ids = {0}, lat = {0}, lon = {0}, tags = {0};

    for (int i = 0; i < 3; i++) {
        put_signed(&ids, i ? 1 : 10);
        put_signed(&lat, lats[i] - (i ? lats[i - 1] : 0));
        put_signed(&lon, lons[i] - (i ? lons[i - 1] : 0));
        if (i == 1) {
            put_varint(&tags, 3);
            put_varint(&tags, 4);
        }
        put_varint(&tags, 0);
    }
    put_field(&dense, 1, &ids);
    put_field(&dense, 8, &lat);
    put_field(&dense, 9, &lon);
    put_field(&dense, 10, &tags);
    put_field(group, 2, &dense);
    free(dense.at);
    free(ids.at);
    free(lat.at);
    free(lon.at);
    free(tags.at);
}

static void put_way(struct text *group, uint64_t value_index)
{
    struct text way = {0}, keys = {0}, values = {0}, refs = {0};

    put_number(&way, 1, 7);
    put_varint(&keys, 1);
    put_varint(&values, value_index);
    for (int i = 0; i < 3; i++)
        put_signed(&refs, i ? 1 : 10);
    put_field(&way, 2, &keys);
    put_field(&way, 3, &values);
    put_field(&way, 8, &refs);
    put_field(group, 3, &way);
    free(way.at);
    free(keys.at);
    free(values.at);
    free(refs.at);
}

static struct text pbf(bool zlib, const char *feature, uint64_t value_index)
{
    static const char *const strings[] = {"", "highway", "residential", "barrier", "gate"};
    struct text file = {0}, header = {0}, block = {0}, table = {0}, nodes = {0}, ways = {0};

    put_string(&header, 4, "OsmSchema-V0.6");
    put_string(&header, 4, feature);
    put_blob(&file, "OSMHeader", &header, zlib);
    for (int i = 0; i < 5; i++)
        put_string(&table, 1, strings[i]);
    put_dense(&nodes);
    put_way(&ways, value_index);
    put_field(&block, 1, &table);
    put_field(&block, 2, &nodes);
    put_field(&block, 2, &ways);
    put_blob(&file, "OSMData", &block, zlib);
    free(header.at);
    free(block.at);
    free(table.at);
    free(nodes.at);
    free(ways.at);
    return file;
}

static int import(const void *data, size_t n, struct road_report *report, struct route_error *err)
{
    struct profile *p[4];
    size_t n_profiles = test_profiles(p), size;
    void *out = NULL;
    int rc = road_import(data, n, p, n_profiles, NULL, NULL, &out, &size, report, err);

    free(out);
    test_profiles_free(p, n_profiles);
    return rc;
}

START_TEST(pbf_is_read)
{
    struct text file = pbf(_i, "DenseNodes", 2);
    struct road_report report;
    struct route_error err = {0};

    ck_assert_msg(!import(file.at, file.n, &report, &err), "%s", err.text);
    ck_assert_uint_eq(report.net.ways, 1);
    ck_assert_uint_eq(report.net.segments, 2); /* cut at the gate */
    free(file.at);
}
END_TEST

/* Every proper prefix that does not end between blobs is an error that names where. */
START_TEST(truncated_pbf_names_the_offset)
{
    struct text file = pbf(_i, "DenseNodes", 2);
    struct road_report report;
    size_t first = 4 + (uint8_t)file.at[3], second;
    struct route_error err;

    for (second = first; memcmp(file.at + second, "\0\0\0", 3); second++)
        continue;
    for (size_t n = 1; n < file.n; n++) {
        if (n == second)
            continue;
        err = (struct route_error){0};
        ck_assert_int_eq(import(file.at, n, &report, &err), -1);
        ck_assert_int_eq(err.code, ROUTE_BAD_INPUT);
        ck_assert_int_eq(err.offset, n < second ? 0 : (int64_t)second);
    }
    free(file.at);
}
END_TEST

START_TEST(damaged_pbf_never_crashes)
{
    struct text file = pbf(_i, "DenseNodes", 2);
    struct road_report report;
    uint32_t random = 1;
    int refused = 0;

    for (int i = 0; i < 1500; i++) {
        char *copy = mem_copy(file.at, file.n);

        for (int k = 0; k <= i % 3; k++) {
            random = random * 1664525 + 1013904223;
            copy[(random >> 8) % file.n] ^= (char)(1 << (random >> 4) % 8);
        }
        refused += import(copy, file.n, &report, NULL) != 0;
        free(copy);
    }
    ck_assert_int_gt(refused, 300);
    free(file.at);
}
END_TEST

START_TEST(pbf_says_what_it_needs)
{
    struct text history = pbf(true, "HistoricalInformation", 2), wild = pbf(true, "DenseNodes", 99);
    struct road_report report;
    struct route_error err = {0};

    ck_assert_int_eq(import(history.at, history.n, &report, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "feature"));
    ck_assert_int_eq(import(wild.at, wild.n, &report, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "broken"));
    ck_assert_int_eq(import("no map at all", 13, &report, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "PBF"));
    ck_assert_int_eq(import(" \n", 2, &report, &err), -1);
    ck_assert_int_eq(import("\x1f\x8b\x08\0\0", 5, &report, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "gzip"));
    free(history.at);
    free(wild.at);
}
END_TEST

static const struct {
    const char *xml;
    int line;
} broken_xml[] = {
    {"<osm>\n<node id=\"1\" lon=\"3\" lat=\"4\"/>\n<way", 3},
    {"<osm>\n<node id=\"1\" lon=\"3\"/>\n</osm>", 2},
    {"<osm>\n\n<node id=\"one\" lon=\"3\" lat=\"4\"/></osm>", 3},
    {"<osm>\n<node id=\"1\" lon=\"300\" lat=\"4\"/></osm>", 2},
    {"<osm>\n<way id=\"1\">\n<nd/></way></osm>", 3},
    {"<html>\n<node id=\"1\" lon=\"3\" lat=\"4\"/></html>", 1},
    {"<!DOCTYPE osm [<!ENTITY a \"b\">]>\n<osm/>", 1},
};

START_TEST(broken_xml_names_the_line)
{
    struct road_report report;
    struct route_error err = {0};
    char want[32];

    snprintf(want, sizeof want, "line %d", broken_xml[_i].line);
    ck_assert_int_eq(import(broken_xml[_i].xml, strlen(broken_xml[_i].xml), &report, &err), -1);
    ck_assert_msg(strstr(err.text, want) != NULL, "%s", err.text);
}
END_TEST

START_TEST(missing_nodes_cut_ways)
{
    static const char xml[] =
        "<osm><node id=\"1\" lon=\"116.60\" lat=\"35.4\"/><node id=\"2\" lon=\"116.61\" lat=\"35.4\"/>"
        "<node id=\"4\" lon=\"116.63\" lat=\"35.4\"/><node id=\"5\" lon=\"116.64\" lat=\"35.4\"/>"
        "<way id=\"1\"><nd ref=\"1\"/><nd ref=\"2\"/><nd ref=\"3\"/><nd ref=\"4\"/><nd ref=\"5\"/>"
        "<tag k=\"highway\" v=\"residential\"/></way></osm>";
    struct road_report report;

    ck_assert_int_eq(import(xml, strlen(xml), &report, NULL), 0);
    ck_assert_uint_eq(report.net.ways_missing_nodes, 1);
    ck_assert_uint_eq(report.net.segments, 2);
}
END_TEST

static const struct {
    const char *text;
    int line;
} broken_profiles[] = {
    {"name van\naccess access\nclass residential fast\n", 3},
    {"name van\nfly high\n", 2},
    {"name Van\n", 1},
    {"name van\nclass residential 20 sometimes\n", 2},
    {"name van\nturn left no\n", 2},
    {"name van\nturn backwards 3\n", 2},
    {"name van\n\n# c\nfactor surface 0.5\n", 4},
    {"name van\nhour 9-7 * 0.5\n", 2},
    {"name van\nbarrier gate\n", 2},
    {"name van\n", -1},
};

START_TEST(broken_profiles_name_the_line)
{
    struct route_error err = {0};

    ck_assert_ptr_null(profile_parse(broken_profiles[_i].text, strlen(broken_profiles[_i].text), "p", &err));
    ck_assert_int_eq(err.offset, broken_profiles[_i].line);
}
END_TEST

START_TEST(road_files_are_checked)
{
    struct route_error err = {0};
    struct test_map m;
    uint8_t *copy;

    test_map_new(&m, "n a 0 0\nn b 100 0\nw 1 a b highway=residential");
    copy = mem_copy(m.data, m.size);
    ck_assert_ptr_null(road_open(copy, m.size - 1, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "truncated"));
    ck_assert_ptr_null(road_open(copy, 10, &err));
    for (size_t i = 64; i < m.size; i += 997) {
        copy[i] ^= 0x10;
        ck_assert_ptr_null(road_open(copy, m.size, &err));
        ck_assert_ptr_nonnull(strstr(err.text, "checksum"));
        copy[i] ^= 0x10;
    }
    copy[8]++;
    ck_assert_ptr_null(road_open(copy, m.size, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "version"));
    copy[0] = 'X';
    ck_assert_ptr_null(road_open(copy, m.size, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "not a road file"));
    free(copy);
    test_map_free(&m);
}
END_TEST

START_TEST(customized_copies_open_and_differ)
{
    const struct road_profile *p;
    struct test_map m;
    struct road *other;
    struct metric *slow;
    uint32_t *speeds;
    void *copy;
    cost before;

    test_map_new(&m, "n a 0 0\nn b 1000 0\nw 1 a b highway=residential");
    p = road_profile_find(m.road, "van", NULL);
    before = p->metric.dlink[0];
    speeds = metric_speeds(&m.road->net, &p->graph, p->profile, -1);
    speeds[0] /= 2;
    slow = metric_new(&m.road->net, &p->graph, &p->cch, speeds);
    ck_assert_int_eq(
        road_with_metric(m.data, m.size, m.road, (size_t)(p - m.road->profiles), slow, &copy, NULL), 0);
    other = road_open(copy, m.size, NULL);
    ck_assert_ptr_nonnull(other);
    ck_assert_uint_ge(cost_ms(road_profile_find(other, "van", NULL)->metric.dlink[0]),
                      2 * cost_ms(before) - 2);
    ck_assert_uint_eq(p->metric.dlink[0], before);
    road_close(other);
    free(copy);
    free(speeds);
    metric_free(slow);
    test_map_free(&m);
}
END_TEST

static void make_folder(char *folder)
{
    const char *top = getenv("TMPDIR");

    snprintf(folder, 200, "%.150s/roads.XXXXXX", top ? top : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void holds(const char *path, const char *text)
{
    struct file_map m;

    ck_assert_int_eq(file_map(path, &m, NULL), 0);
    ck_assert_uint_eq(m.size, strlen(text));
    ck_assert_mem_eq(m.data, text, m.size);
    file_unmap(&m);
}

/* What is no regular file is written into or refused, never replaced. */
START_TEST(files_are_written_where_they_belong)
{
    struct route_error err = {0};
    char folder[200], got[8] = "";
    struct stat st;
    int pipe;

    make_folder(folder);
    ck_assert_int_eq(file_write("plain", "one", 3, &err), 0);
    ck_assert_int_eq(file_write("plain", "two!", 4, &err), 0);
    holds("plain", "two!");
    ck_assert_int_eq(symlink("plain", "link"), 0);
    ck_assert_int_eq(file_write("link", "three", 5, &err), 0);
    ck_assert(!lstat("link", &st) && S_ISLNK(st.st_mode));
    holds("plain", "three");
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    pipe = open("pipe", O_RDWR | O_CLOEXEC);
    ck_assert_int_eq(file_write("pipe", "four", 4, &err), 0);
    ck_assert_int_eq(read(pipe, got, sizeof got), 4);
    ck_assert_mem_eq(got, "four", 4);
    ck_assert(!lstat("pipe", &st) && S_ISFIFO(st.st_mode));
    close(pipe);
    ck_assert_int_eq(file_write(folder, "five", 4, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "directory"));
    ck_assert_int_eq(file_write("nowhere/x", "six", 3, &err), -1);
    ck_assert(!unlink("plain") && !unlink("link") && !unlink("pipe") && !chdir("/") && !rmdir(folder));
}
END_TEST

START_TEST(text_escapes_json)
{
    struct text t = {0};

    text_json(&t, "a\"\\\n路\xff");
    ck_assert_str_eq(t.at, "\"a\\\"\\\\\\u000a路\xef\xbf\xbd\"");
    free(t.at);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("road input");
    TCase *t = tcase_create("input");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, pbf_is_read, 0, 2);
    tcase_add_loop_test(t, truncated_pbf_names_the_offset, 0, 2);
    tcase_add_loop_test(t, damaged_pbf_never_crashes, 0, 2);
    tcase_add_test(t, pbf_says_what_it_needs);
    tcase_add_loop_test(t, broken_xml_names_the_line, 0, sizeof broken_xml / sizeof *broken_xml);
    tcase_add_test(t, missing_nodes_cut_ways);
    tcase_add_loop_test(t, broken_profiles_name_the_line, 0,
                        sizeof broken_profiles / sizeof *broken_profiles);
    tcase_add_test(t, road_files_are_checked);
    tcase_add_test(t, customized_copies_open_and_differ);
    tcase_add_test(t, files_are_written_where_they_belong);
    tcase_add_test(t, text_escapes_json);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
