#include "locker-fw/port/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "locker-fw/port/profile_file.h"

enum { PATH_ROOM = 512, VALUE_ROOM = 128 };

enum { LINE_INPUTS = 3 };
static const char *const input_names[LINE_INPUTS] = {"tamper", "mains", "temperature"};

struct board_line {
    char bus[108], profile[VALUE_ROOM], sizes[PROFILE_DOORS + 1];
    char input[LINE_INPUTS][64];
    long unit, first, doors, domain;
};

static int read_number(const char *s, long min, long max, long *ret)
{
    char *end;
    long v = strtol(s, &end, 0);

    if (*s == '\0' || *end != '\0' || v < min || v > max)
        return -1;
    *ret = v;
    return 0;
}

static int read_text(const char *s, char *out, size_t cap)
{
    return (size_t)snprintf(out, cap, "%s", s) < cap ? 0 : -1;
}

static int read_pair(struct board_line *l, const char *name, const char *value)
{
    if (strcmp(name, "bus") == 0)
        return read_text(value, l->bus, sizeof l->bus);
    if (strcmp(name, "profile") == 0)
        return read_text(value, l->profile, sizeof l->profile);
    if (strcmp(name, "sizes") == 0)
        return value[0] && strspn(value, "SMLX") == strlen(value)
                   ? read_text(value, l->sizes, sizeof l->sizes)
                   : -1;
    for (int i = 0; i < LINE_INPUTS; i++) {
        if (strcmp(name, input_names[i]) == 0)
            return read_text(value, l->input[i], sizeof l->input[i]);
    }
    if (strcmp(name, "unit") == 0)
        return read_number(value, 1, 255, &l->unit);
    if (strcmp(name, "first") == 0)
        return read_number(value, 1, CORE_DOORS, &l->first);
    if (strcmp(name, "doors") == 0)
        return read_number(value, 1, PROFILE_DOORS, &l->doors);
    return strcmp(name, "domain") == 0 ? read_number(value, 0, CORE_BOARDS - 1, &l->domain) : -1;
}

static int read_line(char *text, struct board_line *ret, struct error *err)
{
    struct board_line l = {.sizes = "M", .unit = -1, .first = 1, .doors = -1, .domain = -1};
    char *save = NULL, *word = strtok_r(text, " \t\n", &save);

    if (strcmp(word, "board") != 0)
        return error_set(err, EINVAL, "a line begins with \"board\", not \"%s\"", word);
    while ((word = strtok_r(NULL, " \t\n", &save))) {
        char *eq = strchr(word, '=');

        if (eq)
            *eq = '\0';
        if (!eq || read_pair(&l, word, eq + 1) < 0)
            return error_set(err, EINVAL, "%s: not understood", word);
    }
    if (!l.bus[0] || !l.profile[0])
        return error_set(err, EINVAL, "bus= and profile= are needed");
    *ret = l;
    return 0;
}

static int load_profile(const char *name, const char *dir, struct profile *ret, struct error *err)
{
    char path[PATH_ROOM];

    if (strchr(name, '/'))
        return profile_load(name, ret, err);
    snprintf(path, sizeof path, "%s/%s.ini", dir, name);
    return profile_load(path, ret, err);
}

/* Inputs of the box that hang at this very board. */
static int add_inputs(struct profile *p, const struct board_line *l, struct error *err)
{
    for (int i = 0; i < LINE_INPUTS; i++) {
        if (l->input[i][0] && profile_add_input(p, input_names[i], l->input[i]) < 0)
            return error_set(err, EINVAL, "%s=%s: not SPACE:ADDRESS", input_names[i], l->input[i]);
    }
    return 0;
}

static struct bus_settings *bus_of(struct wiring *w, const char *device)
{
    for (unsigned i = 0; i < w->buses; i++) {
        if (strcmp(w->bus[i].device, device) == 0)
            return &w->bus[i];
    }
    if (w->buses == WIRING_BUSES)
        return NULL;
    snprintf(w->bus[w->buses].device, sizeof w->bus[0].device, "%s", device);
    return &w->bus[w->buses++];
}

static int seat_board(struct wiring *w, const struct board_line *l, struct bus_settings **ret_bus,
                      struct error *err)
{
    const struct profile *p = &w->profile[w->boards];
    struct bus_settings *b = bus_of(w, l->bus);
    uint8_t unit = (uint8_t)(l->unit < 0 ? p->unit : l->unit);

    if (!b || b->count == BUS_BOARDS)
        return error_set(err, ENOSPC, "%s: too many buses, or boards on it", l->bus);
    for (unsigned i = 0; i < b->count; i++) {
        if (b->board[i].unit == unit)
            return error_set(err, EEXIST, "%s: unit %u is there twice", l->bus, unit);
        if (strncmp(l->bus, "rtu:", 4) == 0 &&
            (b->board[i].profile->baud != p->baud || b->board[i].profile->parity != p->parity))
            return error_set(err, EINVAL, "%s: boards of different speeds cannot share a line", l->bus);
    }
    b->board[b->count++] = (struct bus_board){p, unit, (uint8_t)w->boards};
    *ret_bus = b;
    return 0;
}

static uint8_t size_of_letter(char c)
{
    return (uint8_t)(strchr("SMLX", c) - "SMLX" + 1);
}

static int place_doors(struct wiring *w, const struct board_line *l, const struct bus_settings *b,
                       struct error *err)
{
    const struct profile *p = &w->profile[w->boards];
    long doors = l->doors < 0 ? p->doors : l->doors;
    size_t sizes = strlen(l->sizes);

    if (doors > p->doors || l->first + doors - 1 > CORE_DOORS)
        return error_set(err, EINVAL, "more doors than the board or a locker can have");
    for (long d = 1; d <= doors; d++) {
        unsigned n = (unsigned)(l->first + d - 1);
        size_t at = (size_t)d - 1 < sizes ? (size_t)d - 1 : sizes - 1;

        if (w->places[n - 1].size)
            return error_set(err, EEXIST, "compartment %u is there twice", n);
        w->places[n - 1] =
            (struct core_place){.size = size_of_letter(l->sizes[at]),
                                .board = (uint8_t)w->boards,
                                .domain = (uint8_t)(l->domain < 0 ? (long)w->boards : l->domain),
                                .has_item = p->item.space != SPACE_NONE};
        w->where[n - 1].bus = (uint8_t)(b - w->bus);
        w->where[n - 1].seat = (uint8_t)(b->count - 1);
        w->where[n - 1].door = (uint8_t)d;
        w->count = n > w->count ? n : w->count;
    }
    w->board_first[w->boards] = (uint16_t)l->first;
    w->board_doors[w->boards] = (uint8_t)doors;
    return 0;
}

static int add_board(struct wiring *w, char *text, const char *profiles, struct error *err)
{
    struct board_line l;
    struct bus_settings *b = NULL;

    if (read_line(text, &l, err) < 0)
        return -1;
    if (w->boards == CORE_BOARDS)
        return error_set(err, ENOSPC, "more than %d boards", CORE_BOARDS);
    if (load_profile(l.profile, profiles, &w->profile[w->boards], err) < 0 ||
        add_inputs(&w->profile[w->boards], &l, err) < 0 || seat_board(w, &l, &b, err) < 0 ||
        place_doors(w, &l, b, err) < 0)
        return -1;
    w->boards++;
    return 0;
}

static int check_whole(struct wiring *w, const char *path, struct error *err)
{
    uint8_t hash[32];

    if (w->count == 0)
        return error_set(err, EINVAL, "%s: no board", path);
    for (unsigned n = 1; n <= w->count; n++) {
        if (w->places[n - 1].size == 0)
            return error_set(err, EINVAL, "%s: compartment %u is missing", path, n);
    }
    {
        struct {
            struct profile profile[CORE_BOARDS];
            struct core_place places[CORE_DOORS];
        } *all = calloc(1, sizeof *all);

        if (!all)
            abort();
        memcpy(all->profile, w->profile, sizeof all->profile);
        memcpy(all->places, w->places, sizeof all->places);
        crypto_sha256(hash, all, sizeof *all);
        free(all);
    }
    for (int i = 0; i < 8; i++)
        snprintf(w->hash + 2 * i, 3, "%02x", hash[i]);
    return 0;
}

int wiring_load(struct wiring *w, const char *path, const char *profiles, struct error *err)
{
    FILE *f = fopen(path, "re");
    char line[512];
    int n = 0, bad = 0;

    memset(w, 0, sizeof *w);
    if (!f)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    while (!bad && fgets(line, sizeof line, f)) {
        n++;
        line[strcspn(line, "#")] = '\0';
        if (line[strspn(line, " \t\n")] != '\0')
            bad = add_board(w, line, profiles, err) < 0;
    }
    fclose(f);
    if (bad)
        return error_prefix(err, "%s, line %d", path, n);
    return check_whole(w, path, err);
}
