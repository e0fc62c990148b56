#include "contrib/boards/yard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locker-fw/port/profile_file.h"

enum { NAME_ROOM = 40, PATH_ROOM = 200 };

struct site {
    char locker[NAME_ROOM];
    char where[PATH_ROOM]; /* "tcp:PORT" or "rtu:PATH" */
    unsigned first;
    struct wire *wire;
    int owns_bus;
    struct profile profile; /* the kind's, with this board's own inputs */
    struct board board;
    struct yard *yard;
    struct site *next_of_hash;
};

struct kind {
    char path[PATH_ROOM];
    struct profile profile;
    struct kind *next;
};

enum { HASH = 1024 };

struct yard {
    struct event_base *base;
    struct yard_options options;
    struct site **site;
    size_t count;
    struct site *by_locker[HASH];
    struct kind *kinds;
    yard_watch_fn *watch;
    void *arg;
};

static unsigned hash_of(const char *s)
{
    unsigned h = 5381;

    while (*s)
        h = h * 33 + (unsigned char)*s++;
    return h % HASH;
}

struct yard *yard_new(struct event_base *base, const struct yard_options *options)
{
    struct yard *y = calloc(1, sizeof *y);

    if (!y)
        abort();
    y->base = base;
    y->options = *options;
    return y;
}

void yard_free(struct yard *y)
{
    for (size_t i = 0; i < y->count; i++) {
        if (y->site[i]->owns_bus)
            wire_free(y->site[i]->wire);
        free(y->site[i]);
    }
    while (y->kinds) {
        struct kind *k = y->kinds;

        y->kinds = k->next;
        free(k);
    }
    free(y->site);
    free(y);
}

void yard_watch(struct yard *y, yard_watch_fn *watch, void *arg)
{
    y->watch = watch;
    y->arg = arg;
}

static void on_ledger(void *arg, unsigned door, const char *event, long detail)
{
    struct site *s = arg;
    struct timespec ts;
    char line[160];

    clock_gettime(CLOCK_REALTIME, &ts);
    snprintf(line, sizeof line, "%lld\t%s\t%u\t%s\t%ld", (long long)ts.tv_sec * 1000000 + ts.tv_nsec / 1000,
             s->locker, s->first + door - 1, event, detail);
    if (s->yard->options.ledger)
        fprintf(s->yard->options.ledger, "%s\n", line);
    if (s->yard->watch)
        s->yard->watch(s->yard->arg, line);
}

struct spec {
    char locker[NAME_ROOM], profile[PATH_ROOM], rtu[PATH_ROOM];
    char tamper[NAME_ROOM], mains[NAME_ROOM], temperature[NAME_ROOM];
    int tcp, unit, first;
};

static int read_word(struct spec *s, const char *word)
{
    const char *eq = strchr(word, '=');
    size_t key = eq ? (size_t)(eq - word) : 0;
    const struct {
        const char *name;
        char *text;
        size_t cap;
        int *number;
    } keys[] = {{"locker", s->locker, sizeof s->locker, NULL},
                {"profile", s->profile, sizeof s->profile, NULL},
                {"rtu", s->rtu, sizeof s->rtu, NULL},
                {"tamper", s->tamper, sizeof s->tamper, NULL},
                {"mains", s->mains, sizeof s->mains, NULL},
                {"temperature", s->temperature, sizeof s->temperature, NULL},
                {"tcp", NULL, 0, &s->tcp},
                {"unit", NULL, 0, &s->unit},
                {"first", NULL, 0, &s->first}};

    for (size_t i = 0; eq && i < sizeof keys / sizeof keys[0]; i++) {
        if (strlen(keys[i].name) != key || strncmp(keys[i].name, word, key) != 0)
            continue;
        if (keys[i].number)
            *keys[i].number = atoi(eq + 1);
        else
            return (size_t)snprintf(keys[i].text, keys[i].cap, "%s", eq + 1) < keys[i].cap ? 0 : -1;
        return 0;
    }
    return -1;
}

static int read_spec(const char *text, struct spec *ret_spec, struct error *err)
{
    struct spec s = {.tcp = -1, .unit = -1, .first = 1};
    char copy[512], *save = NULL;

    if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
        return error_set(err, EINVAL, "board line too long");
    for (char *w = strtok_r(copy, " ,\t\n", &save); w; w = strtok_r(NULL, " ,\t\n", &save)) {
        if (read_word(&s, w) < 0)
            return error_set(err, EINVAL, "not understood: %s", w);
    }
    if (!s.locker[0] || !s.profile[0] || (s.tcp < 0) == !s.rtu[0] || s.first < 1 || s.tcp > 65535)
        return error_set(err, EINVAL, "a board needs locker=, profile= and either tcp= or rtu=: %s", text);
    *ret_spec = s;
    return 0;
}

static const struct profile *kind_of(struct yard *y, const char *name, struct error *err)
{
    char path[2 * PATH_ROOM];
    struct kind *k;

    if (strchr(name, '/') || !y->options.profiles)
        snprintf(path, sizeof path, "%s", name);
    else
        snprintf(path, sizeof path, "%s/%s.ini", y->options.profiles, name);
    for (k = y->kinds; k; k = k->next) {
        if (strncmp(k->path, path, sizeof k->path - 1) == 0)
            return &k->profile;
    }
    k = calloc(1, sizeof *k);
    if (!k || strlen(path) >= sizeof k->path || !memcpy(k->path, path, strlen(path)) ||
        profile_load(path, &k->profile, err) < 0) {
        free(k);
        return NULL;
    }
    k->next = y->kinds;
    y->kinds = k;
    return &k->profile;
}

static struct wire *shared_bus(const struct yard *y, const char *where)
{
    for (size_t i = y->count; i-- > 0;) {
        if (strcmp(y->site[i]->where, where) == 0)
            return y->site[i]->wire;
    }
    return NULL;
}

static int attach(struct yard *y, struct site *s, const struct spec *spec, struct error *err)
{
    snprintf(s->where, sizeof s->where, spec->rtu[0] ? "rtu:%.180s" : "tcp:%.0s%d", spec->rtu, spec->tcp);
    s->wire = spec->tcp == 0 ? NULL : shared_bus(y, s->where);
    if (!s->wire) {
        s->wire = spec->rtu[0] ? wire_rtu(y->base, &y->options.clock, spec->rtu, y->options.pace, err)
                               : wire_tcp(y->base, &y->options.clock, spec->tcp, err);
        s->owns_bus = s->wire != NULL;
    }
    if (!s->wire)
        return -1;
    if (!spec->rtu[0])
        snprintf(s->where, sizeof s->where, "tcp:%d", wire_port(s->wire));
    return wire_add(s->wire, (uint8_t)(spec->unit < 0 ? s->board.profile->unit : spec->unit), &s->board) < 0
               ? error_set(err, EEXIST, "%s: the unit is taken", s->where)
               : 0;
}

static int add_inputs(struct profile *p, const struct spec *s, struct error *err)
{
    if ((s->tamper[0] && profile_add_input(p, "tamper", s->tamper) < 0) ||
        (s->mains[0] && profile_add_input(p, "mains", s->mains) < 0) ||
        (s->temperature[0] && profile_add_input(p, "temperature", s->temperature) < 0))
        return error_set(err, EINVAL, "%s: an input is not SPACE:ADDRESS", s->locker);
    return 0;
}

int yard_add(struct yard *y, const char *text, struct error *err)
{
    struct spec spec;
    const struct profile *p;
    struct site *s, **more;

    if (read_spec(text, &spec, err) < 0 || !(p = kind_of(y, spec.profile, err)))
        return -1;
    s = calloc(1, sizeof *s);
    more = realloc(y->site, (y->count + 1) * sizeof *more);
    if (!s || !more)
        abort();
    y->site = more;
    s->yard = y;
    s->first = (unsigned)spec.first;
    snprintf(s->locker, sizeof s->locker, "%s", spec.locker);
    s->profile = *p;
    board_init(&s->board, &s->profile, on_ledger, s);
    s->board.auto_open = y->options.auto_open != 0;
    s->board.auto_close_us = y->options.auto_close_us;
    if (add_inputs(&s->profile, &spec, err) < 0 || attach(y, s, &spec, err) < 0) {
        if (s->owns_bus)
            wire_free(s->wire);
        free(s);
        return -1;
    }
    y->site[y->count++] = s;
    s->next_of_hash = y->by_locker[hash_of(s->locker)];
    y->by_locker[hash_of(s->locker)] = s;
    return 0;
}

void yard_list(const struct yard *y, FILE *out)
{
    for (size_t i = 0; i < y->count; i++) {
        const struct site *s = y->site[i];

        fprintf(out, "board\t%s\t%u\t%u\t%s\t%s\n", s->locker, s->first, s->board.profile->doors,
                s->board.profile->name, s->where);
    }
}

static struct site *site_of(const struct yard *y, const char *locker, unsigned compartment)
{
    for (struct site *s = y->by_locker[hash_of(locker)]; s; s = s->next_of_hash) {
        if (strcmp(s->locker, locker) == 0 && compartment >= s->first &&
            compartment < s->first + s->board.profile->doors)
            return s;
    }
    return NULL;
}

static void say(char *answer, size_t cap, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(char *answer, size_t cap, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(answer, cap, fmt, ap);
    va_end(ap);
}

/* Hands on a door. 1 when the verb is one of these. */
static int hand(struct yard *y, const char *verb, struct site *s, unsigned door, char *answer, size_t cap)
{
    int64_t now = wire_now(&y->options.clock);
    struct board *b = &s->board;
    int done;

    if (strcmp(verb, "open") == 0)
        done = board_open(b, door, now, 0);
    else if (strcmp(verb, "force") == 0)
        done = board_open(b, door, now, 1);
    else if (strcmp(verb, "close") == 0)
        done = board_close(b, door);
    else if (strcmp(verb, "put") == 0)
        done = board_item(b, door, 1);
    else if (strcmp(verb, "take") == 0)
        done = board_item(b, door, 0);
    else
        return 0;
    say(answer, cap, done == 0 ? "ok" : "no");
    return 1;
}

static int door_fault(struct site *s, const char *what, unsigned door, unsigned value)
{
    struct board_door *d = &s->board.door[door - 1];

    if (strcmp(what, "stuck_relay") == 0)
        d->stuck_relay = value != 0;
    else if (strcmp(what, "stuck_sensor") == 0)
        d->stuck_sensor = (uint8_t)value;
    else if (strcmp(what, "bounce") == 0)
        d->bounce = (uint8_t)value;
    else if (strcmp(what, "crossed") == 0)
        d->crossed = (uint8_t)value;
    else
        return -1;
    return 0;
}

static int box_fault(struct board *b, const char *what, unsigned value)
{
    if (strcmp(what, "tamper") == 0)
        b->tamper = value != 0;
    else if (strcmp(what, "mains") == 0)
        b->mains = value != 0;
    else if (strcmp(what, "temperature") == 0)
        b->temperature = (uint16_t)value;
    else
        return -1;
    return 0;
}

static int wire_fault(struct wire *wire, const char *what, unsigned value, unsigned more)
{
    struct wire_faults *f = wire_faults(wire);
    const struct {
        const char *name;
        unsigned *count;
    } faults[] = {{"drop", &f->drop},     {"late", &f->late},           {"flip", &f->flip},
                  {"garble", &f->garble}, {"duplicate", &f->duplicate}, {"cut", &f->cut}};

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (strcmp(faults[i].name, what) == 0) {
            *faults[i].count = value;
            f->late_ms = more ? more : 300;
            return 0;
        }
    }
    if (strcmp(what, "off") != 0)
        return -1;
    f->off = value != 0;
    return 0;
}

void yard_control(struct yard *y, const char *line, char *answer, size_t cap)
{
    char verb[16], locker[NAME_ROOM], what[24] = "";
    unsigned n = 0, value = 1, more = 0;
    struct site *s;

    if (sscanf(line, "%15s %39s %u %23s %u %u", verb, locker, &n, what, &value, &more) < 3) {
        say(answer, cap,
            "error use: open|close|put|take|force|state LOCKER N, fault LOCKER N KIND [VALUE [MS]]");
        return;
    }
    s = site_of(y, locker, n);
    if (!s) {
        say(answer, cap, "error no such compartment");
        return;
    }
    n = n - s->first + 1;
    if (hand(y, verb, s, n, answer, cap))
        return;
    if (strcmp(verb, "state") == 0)
        say(answer, cap, "open=%d item=%d relay=%d", s->board.door[n - 1].open, s->board.door[n - 1].item,
            s->board.door[n - 1].relay);
    else if (strcmp(verb, "fault") == 0 &&
             (door_fault(s, what, n, value) == 0 || box_fault(&s->board, what, value) == 0 ||
              wire_fault(s->wire, what, value, more) == 0))
        say(answer, cap, "ok");
    else
        say(answer, cap, "error no such verb or fault");
}
