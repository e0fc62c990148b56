#include "daemon/io/lease.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "daemon/io/array.h"
#include "daemon/io/queries.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_MS = 20, AWAY_MS = 100 };

struct lease {
    struct db *db;
    struct loop_timer *timer;
    char holder[LEASE_HOLDER_MAX], seconds[16];
    struct array codes, zones, epochs;
    int n;
    int64_t asked_us, until_us, lasts_us; /* monotonic */
    bool asking, giving;
    void (*changed)(void *arg);
    void *arg;
    void (*given)(void *arg);
    void *given_arg;
};

static void name_holder(char ret[LEASE_HOLDER_MAX])
{
    char host[49] = "";
    uint8_t salt[6];
    gethostname(host, sizeof host - 1);
    random_bytes(salt, sizeof salt);
    snprintf(ret, LEASE_HOLDER_MAX, "%s/%ld/%02x%02x%02x%02x%02x%02x", host, (long)getpid(), salt[0], salt[1],
             salt[2], salt[3], salt[4], salt[5]);
}

static void add_codes(struct array *codes, const char *text)
{
    char code[33];
    for (; *text; text += strspn(text, ", ")) {
        size_t n = strcspn(text, ", ");
        if (n >= sizeof code)
            log_fatal("zones.sites: '%.40s' is no code of a site", text);
        memcpy(code, text, n);
        code[n] = '\0';
        if (n)
            array_add(codes, code);
        text += n;
    }
}

/* Keeps what the rows say; true when that is other than before. */
static bool take_rows(struct lease *z, const struct db_result *r)
{
    struct array zones = {0}, epochs = {0};
    for (int i = 0; i < db_rows(r); i++) {
        array_add(&zones, db_text(r, i, 0));
        array_add(&epochs, db_text(r, i, 1));
    }
    bool same = !strcmp(array_text(&zones), array_text(&z->zones)) &&
                !strcmp(array_text(&epochs), array_text(&z->epochs));
    array_fini(&z->zones);
    array_fini(&z->epochs);
    z->zones = zones;
    z->epochs = epochs;
    z->n = db_rows(r);
    return !same;
}

static void on_taken(void *arg, const struct db_result *r)
{
    struct lease *z = arg;
    int before = lease_count(z);
    z->asking = false;
    if (r->status == DB_OK && !z->giving) {
        bool other = take_rows(z, r) || before != z->n;
        z->until_us = z->asked_us + z->lasts_us;
        if (other) {
            log_info("leases: %d of this daemon's sites are driven here", z->n);
            z->changed(z->arg);
        }
    } else if (r->status == DB_ERROR) {
        log_error("leases: SQLSTATE %s: %s", r->sqlstate, r->message);
    }
    loop_timer_again(z->timer, r->status == DB_OK ? z->lasts_us / 3000 : AWAY_MS);
}

static void ask(void *arg)
{
    struct lease *z = arg;
    if (z->asking || z->giving)
        return;
    if (!db_ready(z->db)) {
        loop_timer_again(z->timer, AWAY_MS);
        return;
    }
    z->asking = true;
    z->asked_us = clock_mono_us(); /* the lease begins later than this, so ours ends before it does */
    db_call(z->db, &Q_LEASES_TAKE,
            &(struct db_args){.n = 3, .values = {z->holder, array_text(&z->codes), z->seconds}}, on_taken, z);
}

struct lease *lease_new(struct loop *l, struct db *db, const struct lease_options *o,
                        void (*changed)(void *arg), void *arg)
{
    struct lease *z = calloc(1, sizeof *z);
    if (!z)
        log_fatal("out of memory");
    z->db = db;
    z->changed = changed;
    z->arg = arg;
    z->lasts_us = (int64_t)o->seconds * 1000000;
    snprintf(z->seconds, sizeof z->seconds, "%d", o->seconds);
    name_holder(z->holder);
    add_codes(&z->codes, o->sites);
    z->timer = loop_timer_new(l, FIRST_MS, 0, ask, z);
    return z;
}

void lease_free(struct lease *z)
{
    loop_timer_free(z->timer);
    array_fini(&z->codes);
    array_fini(&z->zones);
    array_fini(&z->epochs);
    free(z);
}

const char *lease_holder(const struct lease *z)
{
    return z->holder;
}

int lease_count(const struct lease *z)
{
    return clock_mono_us() < z->until_us && !z->giving ? z->n : 0;
}

const char *lease_zones(struct lease *z)
{
    return lease_count(z) ? array_text(&z->zones) : "{}";
}

const char *lease_epochs(struct lease *z)
{
    return lease_count(z) ? array_text(&z->epochs) : "{}";
}

static void on_given(void *arg, const struct db_result *r)
{
    struct lease *z = arg;
    (void)r; /* what was not given back runs out */
    z->given(z->given_arg);
}

void lease_give(struct lease *z, void (*given)(void *arg), void *arg)
{
    if (z->giving)
        return;
    z->giving = true;
    z->given = given;
    z->given_arg = arg;
    if (db_ready(z->db))
        db_call(z->db, &Q_LEASES_GIVE, &(struct db_args){.n = 1, .values = {z->holder}}, on_given, z);
    else
        given(arg);
}
