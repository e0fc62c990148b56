/* yizhan-openlocker: a bank of lockers behind an Open-Locker controller, as one of ours. Wiring only. */
#include "config.h"

#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "contrib/openlocker/driver.h"
#include "locker-fw/port/kiosk.h"
#include "locker-fw/port/notify.h"
#include "locker-fw/port/settings.h"

static const struct config_setting own[] = {
    {"locker.wiring", CONFIG_PATH, PKGSYSCONFDIR "/bank", 0, 0, "which compartments their controller has"},
    {"kiosk.port", CONFIG_INT, "-1", -1, 65535, "port of the screen's page on 127.0.0.1; 0 any, -1 none"},
    {"neighbour.url", CONFIG_TEXT, "", 0, 0, "their broker, mqtts://host:port or mqtt://host:port"},
    {"neighbour.id", CONFIG_TEXT, "", 0, 0, "their locker_uuid: topics are locker/ID/…"},
    {"neighbour.user", CONFIG_TEXT, "", 0, 0, "our name at their broker; empty: by certificate"},
    {"neighbour.password", CONFIG_PATH, "", 0, 0, "file with the password, one line"},
    {"neighbour.ca", CONFIG_PATH, "", 0, 0, "certificate authority of their broker, PEM"},
    {"neighbour.cert", CONFIG_PATH, "", 0, 0, "client certificate, PEM"},
    {"neighbour.key", CONFIG_PATH, "", 0, 0, "its key, PEM"},
    {"neighbour.heartbeat_s", CONFIG_INT, "15", 1, 3600,
     "how often their controller shows that it lives; three missed: lost"},
    {"neighbour.configure", CONFIG_BOOL, "no", 0, 0,
     "send the map of compartments to their controller (apply_config)"},
};

enum { OWN = sizeof own / sizeof own[0] };

struct program {
    struct config *config;
    struct loop *loop;
    struct bank bank;
    struct driver_settings neighbour;
    struct bus_driver driver;
    char password[CONFIG_TEXT_MAX];
    struct cabinet *cabinet;
    struct uplink *uplink;
    struct kiosk *kiosk;
    struct loop_timer *watchdog;
};

static int put_setting(struct config_setting *all, int n, const struct config_setting *s)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(all[i].name, s->name) == 0) {
            all[i] = *s;
            return n;
        }
    }
    all[n] = *s;
    return n + 1;
}

/* The controller's settings, some of them with another meaning here, and the neighbour's. */
static struct config *make_config(void)
{
    static struct config_setting all[CONFIG_SETTINGS_MAX];
    int n = 0;

    for (int i = 0; i < locker_setting_count; i++) {
        if (strcmp(locker_settings[i].name, "locker.profiles") != 0)
            n = put_setting(all, n, &locker_settings[i]);
    }
    for (int i = 0; i < OWN; i++)
        n = put_setting(all, n, &own[i]);
    return config_new(all, n);
}

static void on_stop(void *arg)
{
    struct program *p = arg;

    notify_manager("STOPPING=1");
    loop_stop(p->loop);
}

static void on_result(void *arg, const struct core_result *r)
{
    struct program *p = arg;

    if (p->uplink)
        uplink_result(p->uplink, r);
}

static void on_changed(void *arg)
{
    struct program *p = arg;

    if (p->uplink)
        uplink_changed(p->uplink);
}

static void on_renewed(void *arg)
{
    struct program *p = arg;

    if (p->uplink)
        uplink_renewed(p->uplink);
}

static int is_online(void *arg)
{
    struct program *p = arg;

    return uplink_is_up(p->uplink);
}

static void on_watchdog(void *arg)
{
    struct program *p = arg;

    if (cabinet_alive(p->cabinet))
        notify_manager("WATCHDOG=1");
}

/* Their firmware is not ours to change. */
static void on_notice(void *arg, int firmware, const struct signed_notice *n)
{
    struct program *p = arg;
    struct core_time now = cabinet_now(p->cabinet);
    struct cabinet_settings s;
    struct error error = {0};

    if (firmware) {
        log_warn("firmware %lld was offered: not for a neighbour's controller", (long long)n->version);
        return;
    }
    if (settings_take_remote(p->config, n->body, &error) < 0 || settings_cabinet(p->config, &s, &error) < 0) {
        log_error("%s", error.text);
        return;
    }
    cabinet_reconfigure(p->cabinet, &s);
    core_note(cabinet_core(p->cabinet), EVENT_CONFIG, WHY_COMMAND, n->version, &now);
    cabinet_settle(p->cabinet);
    log_info("configuration version %lld taken", (long long)n->version);
}

static void read_password(struct program *p)
{
    const char *path = config_text(p->config, "neighbour.password");
    FILE *f = *path ? fopen(path, "re") : NULL;

    if (*path && (!f || !fgets(p->password, sizeof p->password, f)))
        log_fatal("%s cannot be read", path);
    p->password[strcspn(p->password, "\r\n")] = '\0';
    if (f)
        fclose(f);
}

static const char *text_or_null(const struct program *p, const char *name)
{
    const char *s = config_text(p->config, name);

    return *s ? s : NULL;
}

static void setup_neighbour(struct program *p)
{
    static char client[48];

    read_password(p);
    snprintf(client, sizeof client, "yizhan-%s", config_text(p->config, "locker.code"));
    p->neighbour = (struct driver_settings){
        .loop = p->loop,
        .bank = &p->bank,
        .mqtt = {.url = config_text(p->config, "neighbour.url"),
                 .client_id = client,
                 .ca = text_or_null(p, "neighbour.ca"),
                 .cert = text_or_null(p, "neighbour.cert"),
                 .key = text_or_null(p, "neighbour.key"),
                 .user = text_or_null(p, "neighbour.user"),
                 .password = p->password,
                 .keepalive_s = 30,
                 .inflight_max = 64},
        .heartbeat_s = (unsigned)config_int(p->config, "neighbour.heartbeat_s"),
        .configure = strcmp(config_text(p->config, "neighbour.configure"), "yes") == 0};
    driver_init(&p->driver, &p->neighbour);
}

static void start(struct program *p)
{
    struct cabinet_watch watch = {on_result, on_changed, on_renewed, p};
    struct cabinet_settings s;
    struct uplink_settings up;
    struct kiosk_settings screen = {.port = (int)config_int(p->config, "kiosk.port"),
                                    .root = config_text(p->config, "kiosk.root"),
                                    .online = is_online,
                                    .arg = p};
    struct error error = {0};

    if (settings_restore(p->config, &error) < 0 || settings_cabinet(p->config, &s, &error) < 0 ||
        settings_uplink(p->config, &up, &error) < 0)
        log_fatal("%s", error.text);
    s.driver = &p->driver;
    if (!(p->cabinet = cabinet_new(p->loop, &s, &p->bank.wiring, &error)))
        log_fatal("%s", error.text);
    cabinet_watch(p->cabinet, &watch);
    if (!(p->uplink = uplink_new(p->loop, &up, p->cabinet, on_notice, p, &error)))
        log_fatal("%s", error.text);
    if (screen.port >= 0 && !(p->kiosk = kiosk_new(p->loop, &screen, p->cabinet, &error)))
        log_fatal("kiosk: %s", error.text);
}

static int run(struct program *p)
{
    int64_t watchdog_us = notify_watchdog_us();

    p->loop = loop_new(on_stop, p);
    setup_neighbour(p);
    start(p);
    if (watchdog_us > 0)
        p->watchdog = loop_timer_new(p->loop, 0, watchdog_us / 3000, on_watchdog, p);
    log_info("locker %s: %u compartments on %u boards of %s", config_text(p->config, "locker.code"),
             p->bank.wiring.count, p->bank.wiring.boards, p->bank.id);
    notify_manager("READY=1");
    loop_run(p->loop);
    if (p->kiosk)
        kiosk_free(p->kiosk);
    uplink_free(p->uplink);
    if (p->watchdog)
        loop_timer_free(p->watchdog);
    cabinet_free(p->cabinet);
    loop_free(p->loop);
    return 0;
}

static int usage(FILE *out, int status)
{
    fputs("usage: yizhan-openlocker [-c FILE] [-o section.name=value]… [--show-config | --check]\n", out);
    return status;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"show-config", 0, NULL, 'S'},
                                          {"check", 0, NULL, 'C'},
                                          {"version", 0, NULL, 'V'},
                                          {"help", 0, NULL, 'h'},
                                          {0}};
    static struct program p;
    struct error error = {0};
    int c, mode = 0;

    crypto_init();
    p.config = make_config();
    while ((c = getopt_long(argc, argv, "c:o:h", longs, NULL)) != -1) {
        if (c == '?')
            return usage(stderr, 2);
        if ((c == 'c' && config_load(p.config, optarg, &error) < 0) ||
            (c == 'o' && config_set(p.config, optarg, &error) < 0))
            errx(2, "%s", error.text);
        mode = c == 'c' || c == 'o' ? mode : c;
    }
    if (optind != argc)
        return usage(stderr, 2);
    if (mode == 'h')
        return usage(stdout, 0);
    if (mode == 'V')
        return puts("yizhan-openlocker " PACKAGE_VERSION) < 0;
    if (mode == 'S') {
        config_show(p.config, stdout);
        return 0;
    }
    log_init("yizhan-openlocker", (enum log_level)config_int(p.config, "log.level"));
    if (bank_load(&p.bank, config_text(p.config, "locker.wiring"), config_text(p.config, "neighbour.id"),
                  &error) < 0)
        errx(1, "%s", error.text);
    if (mode == 'C') {
        printf("%u compartments on %u boards of %s, hash %s\n", p.bank.wiring.count, p.bank.wiring.boards,
               p.bank.id, p.bank.wiring.hash);
        return 0;
    }
    return run(&p);
}
