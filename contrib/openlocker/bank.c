#include "contrib/openlocker/bank.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "locker-fw/core/text.h"

enum { LINE_ROOM = 256, SLAVE_MAX = 247, ADDRESS_MAX = 65535 };

struct line {
    long slave, first, doors, address, domain;
    char sizes[PROFILE_DOORS + 1];
};

static int read_number(const char *s, long min, long max, long *ret)
{
    char *end;
    long v = strtol(s, &end, 10);

    if (*s == '\0' || *end != '\0' || v < min || v > max)
        return -1;
    *ret = v;
    return 0;
}

static int read_pair(struct line *l, const char *name, const char *value)
{
    const struct {
        const char *name;
        long min, max, *to;
    } numbers[] = {{"slave", 1, SLAVE_MAX, &l->slave},
                   {"first", 1, CORE_DOORS, &l->first},
                   {"doors", 1, PROFILE_DOORS, &l->doors},
                   {"address", 0, ADDRESS_MAX, &l->address},
                   {"domain", 0, CORE_BOARDS - 1, &l->domain}};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(numbers[i].name, name) == 0)
            return read_number(value, numbers[i].min, numbers[i].max, numbers[i].to);
    }
    if (strcmp(name, "sizes") != 0 || !*value || strspn(value, "SMLX") != strlen(value) ||
        strlen(value) >= sizeof l->sizes)
        return -1;
    memcpy(l->sizes, value, strlen(value) + 1);
    return 0;
}

static int read_line(char *text, struct line *ret, struct error *err)
{
    struct line l = {.slave = -1, .first = 1, .doors = -1, .domain = -1, .sizes = "M"};
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
    if (l.slave < 0 || l.doors < 0 || l.first + l.doors - 1 > CORE_DOORS ||
        l.address + l.doors - 1 > ADDRESS_MAX)
        return error_set(err, EINVAL, "slave= and doors= are needed, up to compartment %d", CORE_DOORS);
    *ret = l;
    return 0;
}

static int is_taken(const struct bank *b, long slave, long address)
{
    for (unsigned n = 0; n < CORE_DOORS; n++) {
        if (b->place[n].compartment && b->place[n].slave == (unsigned)slave &&
            b->place[n].address == (unsigned)address)
            return 1;
    }
    return 0;
}

static int place_door(struct bank *b, const struct line *l, long d, struct error *err)
{
    struct wiring *w = &b->wiring;
    unsigned n = (unsigned)(l->first + d), letters = (unsigned)strlen(l->sizes);
    char letter = l->sizes[(unsigned)d < letters ? (unsigned)d : letters - 1];

    if (w->places[n - 1].size || is_taken(b, l->slave, l->address + d))
        return error_set(err, EEXIST, "compartment %u or its relay is there twice", n);
    w->places[n - 1] = (struct core_place){.size = (uint8_t)(strchr("SMLX", letter) - "SMLX" + 1),
                                           .board = (uint8_t)w->boards,
                                           .domain = (uint8_t)(l->domain < 0 ? (long)w->boards : l->domain)};
    w->where[n - 1].seat = (uint8_t)w->boards;
    w->where[n - 1].door = (uint8_t)(d + 1);
    w->count = n > w->count ? n : w->count;
    b->place[n - 1] = (struct payload_place){n, (unsigned)l->slave, (unsigned)(l->address + d)};
    return 0;
}

static int add_board(struct bank *b, char *text, struct error *err)
{
    struct wiring *w = &b->wiring;
    struct line l;

    if (read_line(text, &l, err) < 0)
        return -1;
    if (w->boards == CORE_BOARDS)
        return error_set(err, ENOSPC, "more than %d boards", CORE_BOARDS);
    for (long d = 0; d < l.doors; d++) {
        if (place_door(b, &l, d, err) < 0)
            return -1;
    }
    w->board_first[w->boards] = (uint16_t)l.first;
    w->board_doors[w->boards] = (uint8_t)l.doors;
    w->bus[0].board[w->boards] = (struct bus_board){.unit = (uint8_t)l.slave, .board = (uint8_t)w->boards};
    w->bus[0].count = ++w->boards;
    return 0;
}

static int check_whole(struct bank *b, const char *path, struct error *err)
{
    struct wiring *w = &b->wiring;
    uint8_t hash[32];

    if (w->count == 0)
        return error_set(err, EINVAL, "%s: no board", path);
    for (unsigned n = 1; n <= w->count; n++) {
        if (w->places[n - 1].size == 0)
            return error_set(err, EINVAL, "%s: compartment %u is missing", path, n);
    }
    w->buses = 1;
    snprintf(w->bus[0].device, sizeof w->bus[0].device, "openlocker:%s", b->id);
    crypto_sha256(hash, b->place, sizeof b->place);
    for (int i = 0; i < 8; i++)
        snprintf(w->hash + 2 * i, 3, "%02x", hash[i]);
    return 0;
}

int bank_load(struct bank *b, const char *path, const char *id, struct error *err)
{
    char line[LINE_ROOM];
    int n = 0, bad = 0;
    FILE *f;

    memset(b, 0, sizeof *b);
    if (!text_is_name(id, strlen(id), sizeof b->id - 1))
        return error_set(err, EINVAL, "neighbour.id: 1 to %zu letters, digits, '_', '.' or '-'",
                         sizeof b->id - 1);
    memcpy(b->id, id, strlen(id) + 1);
    f = fopen(path, "re");
    if (!f)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    while (!bad && fgets(line, sizeof line, f)) {
        n++;
        line[strcspn(line, "#")] = '\0';
        if (line[strspn(line, " \t\n")] != '\0')
            bad = add_board(b, line, err) < 0;
    }
    fclose(f);
    if (bad)
        return error_prefix(err, "%s, line %d", path, n);
    return check_whole(b, path, err);
}
