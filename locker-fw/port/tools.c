#include "locker-fw/port/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "locker-fw/port/crypto.h"
#include "locker-fw/port/profile_file.h"
#include "locker-fw/port/settings.h"

static void print_pulse(const struct profile *p)
{
    struct profile_step steps[PULSE_STEPS];
    int n = profile_pulse(p, 1, steps);

    printf("  door 1:");
    for (int i = 0; i < n; i++) {
        if (steps[i].wait_ms)
            printf("  … %u ms …", steps[i].wait_ms);
        printf("  %02X", p->unit);
        for (int k = 0; k < steps[i].pdu.len; k++)
            printf(" %02X", steps[i].pdu.bytes[k]);
    }
    printf("\n");
}

int tool_check_profiles(int count, char **paths)
{
    int bad = count == 0;

    if (count == 0)
        fputs("--check-profile needs at least one file\n", stderr);
    for (int i = 0; i < count; i++) {
        struct profile p;
        struct error error;

        if (profile_load(paths[i], &p, &error) < 0) {
            fprintf(stderr, "%s\n", error.text);
            bad = 1;
            continue;
        }
        printf("%s: %s, %u doors, %u baud 8%c1, unit %u, pulse %u ms\n", paths[i], p.name, p.doors, p.baud,
               p.parity, p.unit, p.open.pulse_ms);
        print_pulse(&p);
    }
    return bad;
}

static int load_wiring(const struct config *c, struct wiring *w)
{
    struct error error;

    if (wiring_load(w, config_text(c, "locker.wiring"), config_text(c, "locker.profiles"), &error) == 0)
        return 0;
    fprintf(stderr, "%s\n", error.text);
    return -1;
}

int tool_check_wiring(const struct config *c)
{
    static struct wiring w;

    if (load_wiring(c, &w) < 0)
        return 1;
    printf("%u compartments on %u boards on %u buses, hash %s\n", w.count, w.boards, w.buses, w.hash);
    return 0;
}

static void on_found(void *arg, unsigned unit, const char *what)
{
    (void)arg;
    printf("unit %u: %s\n", unit, what);
    fflush(stdout);
}

int tool_scan(int argc, char **argv, const char *profiles)
{
    struct bus_settings s = {.count = 1};
    struct profile p;
    struct error error = {0};
    char path[512];

    if (argc != 2) {
        fputs("--scan needs a bus and a profile\n", stderr);
        return 2;
    }
    snprintf(path, sizeof path, strchr(argv[1], '/') ? "%.0s%s" : "%s/%s.ini", profiles, argv[1]);
    if (profile_load(path, &p, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    snprintf(s.device, sizeof s.device, "%s", argv[0]);
    s.board[0] = (struct bus_board){&p, p.unit, 0};
    if (bus_scan(&s, on_found, NULL, &error) == 0)
        return 0;
    fprintf(stderr, "%s\n", error.text);
    return 1;
}

/* What the bus thread of a try-out has seen. */
struct tryout {
    pthread_mutex_t lock;
    uint8_t board, door;
    int open, reads, done;
    int8_t sent;
};

static void on_try_report(void *arg, const struct bus_report *r)
{
    struct tryout *t = arg;

    pthread_mutex_lock(&t->lock);
    if (r->board == t->board && r->kind == BUS_SENSES && t->door <= r->count) {
        t->open = r->open >> (t->door - 1) & 1;
        t->reads++;
    }
    if (r->kind == BUS_PULSE_DONE) {
        t->done = 1;
        t->sent = r->sent;
    }
    pthread_mutex_unlock(&t->lock);
}

/* Polls a condition for at most `ms`; 1 when it came true. */
static int wait_for(struct tryout *t, int *value, int want, int ms)
{
    for (int i = 0; i < ms / 20; i++) {
        int now;

        pthread_mutex_lock(&t->lock);
        now = *value;
        pthread_mutex_unlock(&t->lock);
        if (now >= want)
            return 1;
        usleep(20000);
    }
    return 0;
}

static int no_record(void *arg, const struct record *r)
{
    return journal_append(arg, r);
}

static int no_sync(void *arg)
{
    return journal_sync(arg);
}

static int no_pulse(void *arg, unsigned compartment)
{
    (void)arg;
    (void)compartment;
    return -1;
}

static void no_result(void *arg, const struct core_result *r)
{
    (void)arg;
    (void)r;
}

/* The opening at the box goes into the journal as tamper with the compartment as its value. */
static int record_tryout(const struct config *c, const struct wiring *w, unsigned n, struct error *err)
{
    static const struct core_out out = {no_record, no_sync, no_pulse, no_result};
    static struct core core;
    struct cabinet_settings s;
    struct core_setup setup = {
        .crypto = &crypto_host, .count = (uint16_t)w->count, .places = w->places, .out = &out};
    struct core_time now = {clock_real_us(), clock_mono_us(), 0};
    struct journal *j;
    int ret;

    if (settings_cabinet(c, &s, err) < 0)
        return -1;
    now.business = clock_business_us(&s.clock);
    setup.keys = s.keys;
    setup.limits = s.limits;
    memcpy(setup.locker, s.locker, sizeof setup.locker);
    core_init(&core, &setup);
    j = journal_open(s.journal_dir, &core, err);
    if (!j)
        return -1;
    core.setup.arg = j;
    ret = core_start(&core, &now, CABINET_FIRMWARE) < 0 ||
          core_note(&core, EVENT_TAMPER, WHY_RESIDENT, n, &now) < 0 || journal_sync(j) < 0;
    journal_close(j);
    return ret ? error_set(err, 0, "the journal cannot be written") : 0;
}

static int is_confirmed(unsigned n)
{
    char answer[16] = "";

    printf("Open compartment %u now? Write yes: ", n);
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0;
}

static int try_on_bus(struct wiring *w, unsigned n)
{
    struct tryout t = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .board = w->places[n - 1].board, .door = w->where[n - 1].door};
    struct bus_settings *s = &w->bus[w->where[n - 1].bus];
    struct bus *b;
    int opened;

    s->poll_ms = 50;
    s->rate = 1;
    b = bus_start(s, on_try_report, &t);
    if (!b || !wait_for(&t, &t.reads, 1, 3000)) {
        fprintf(stderr, "%s does not answer\n", s->device);
        if (b)
            bus_stop(b);
        return 1;
    }
    printf("before: the door is %s\n", t.open ? "open" : "closed");
    bus_pulse(b, w->where[n - 1].seat, t.door);
    wait_for(&t, &t.done, 1, 3000);
    opened = wait_for(&t, &t.open, 1, 5000);
    bus_stop(b);
    printf("pulse: %s; after: the door is %s\n",
           t.sent == 1   ? "echoed"
           : t.sent == 0 ? "not sent"
                         : "not answered",
           opened ? "open" : "closed");
    return !opened;
}

int tool_try_door(const struct config *c, const char *door)
{
    static struct wiring w;
    struct error error;
    char *end;
    unsigned long n = strtoul(door, &end, 10);

    if (load_wiring(c, &w) < 0)
        return 1;
    if (*end || n < 1 || n > w.count) {
        fprintf(stderr, "there is no compartment %s\n", door);
        return 2;
    }
    if (!is_confirmed((unsigned)n))
        return 1;
    if (record_tryout(c, &w, (unsigned)n, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    return try_on_bus(&w, (unsigned)n);
}

int slot_request(const char *dir, int64_t version, const char *url, const char *sha256, struct error *err)
{
    char path[512], fresh[520];
    FILE *f;
    int bad;

    snprintf(path, sizeof path, "%s/firmware.wanted", dir);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    f = fopen(fresh, "we");
    if (!f)
        return error_set(err, errno, "%s: %s", fresh, strerror(errno));
    bad = fprintf(f, "%" PRId64 " %s %s\n", version, sha256, url) < 0 || fflush(f) != 0 ||
          fsync(fileno(f)) != 0;
    bad |= fclose(f) != 0;
    if (bad || rename(fresh, path) < 0)
        return error_set(err, errno, "%s: %s", path, strerror(errno));
    return 0;
}

static void result_path(const char *dir, char *ret, size_t cap)
{
    snprintf(ret, cap, "%s/firmware.result", dir);
}

int slot_result(const char *dir, int64_t *ret_version, int *ret_activated)
{
    char path[512], outcome[16] = "";
    FILE *f;
    int n;

    result_path(dir, path, sizeof path);
    f = fopen(path, "re");
    if (!f)
        return 0;
    n = fscanf(f, "%" SCNd64 " %15s", ret_version, outcome);
    fclose(f);
    *ret_activated = strcmp(outcome, "activated") == 0;
    return n == 2;
}

void slot_forget(const char *dir)
{
    char path[512];

    result_path(dir, path, sizeof path);
    unlink(path);
}
