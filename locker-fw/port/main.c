/* yizhan-lockerd: the controller at a locker bank. Wiring only. */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"
#include "locker-fw/port/diagnose.h"
#include "locker-fw/port/kiosk.h"
#include "locker-fw/port/notify.h"
#include "locker-fw/port/profile_file.h"
#include "locker-fw/port/settings.h"
#include "locker-fw/port/tools.h"

enum { FIRMWARE_LOOK_MS = 10000 };

struct program {
    struct config *config;
    const char *file;
    struct loop *loop;
    struct wiring wiring;
    struct cabinet *cabinet;
    struct uplink *uplink;
    struct kiosk *kiosk;
    struct loop_timer *watchdog, *firmware;
    struct event *hup;
};

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

    return p->uplink && uplink_is_up(p->uplink);
}

static int reconfigure(struct program *p, struct error *err)
{
    struct cabinet_settings s;

    if (settings_cabinet(p->config, &s, err) < 0)
        return -1;
    cabinet_reconfigure(p->cabinet, &s);
    return 0;
}

static void on_hup(evutil_socket_t fd, short what, void *arg)
{
    struct program *p = arg;
    struct error error = {0};

    (void)fd;
    (void)what;
    notify_manager("RELOADING=1");
    if ((p->file && config_load(p->config, p->file, &error) < 0) || settings_restore(p->config, &error) < 0 ||
        reconfigure(p, &error) < 0)
        log_error("not reloaded: %s", error.text);
    else
        log_info("limits and keys reloaded");
    notify_manager("READY=1");
}

static void on_watchdog(void *arg)
{
    struct program *p = arg;

    if (cabinet_alive(p->cabinet))
        notify_manager("WATCHDOG=1");
}

static void on_notice(void *arg, int firmware, const struct signed_notice *n)
{
    struct program *p = arg;
    struct core_time now = cabinet_now(p->cabinet);
    struct error error = {0};

    if (firmware) {
        slot_request(config_text(p->config, "locker.journal"), n->version, n->body, n->sha256, &error);
    } else if (settings_take_remote(p->config, n->body, &error) == 0 && reconfigure(p, &error) == 0) {
        core_note(cabinet_core(p->cabinet), EVENT_CONFIG, WHY_COMMAND, n->version, &now);
        cabinet_settle(p->cabinet);
        log_info("configuration version %lld taken", (long long)n->version);
    }
    if (error.text[0])
        log_error("%s", error.text);
}

static void start_uplink(struct program *p)
{
    struct uplink_settings s;
    struct error error = {0};

    if (!*config_text(p->config, "mqtt.url"))
        return;
    if (settings_uplink(p->config, &s, &error) < 0 ||
        !(p->uplink = uplink_new(p->loop, &s, p->cabinet, on_notice, p, &error)))
        log_fatal("%s", error.text);
}

static void start_kiosk(struct program *p)
{
    struct kiosk_settings s = {.port = (int)config_int(p->config, "kiosk.port"),
                               .root = config_text(p->config, "kiosk.root"),
                               .online = is_online,
                               .arg = p};
    struct error error = {0};

    if (s.port < 0)
        return;
    p->kiosk = kiosk_new(p->loop, &s, p->cabinet, &error);
    if (!p->kiosk)
        log_fatal("kiosk: %s", error.text);
    log_info("kiosk on http://127.0.0.1:%d/", kiosk_port(p->kiosk));
}

static void start_watchdog(struct program *p)
{
    int64_t us = notify_watchdog_us();

    if (us > 0)
        p->watchdog = loop_timer_new(p->loop, 0, us / 3000, on_watchdog, p);
}

/* What became of a firmware goes into the journal; a version that was rolled back is not tried again. */
static void record_firmware(void *arg)
{
    struct program *p = arg;
    const char *dir = config_text(p->config, "locker.journal");
    struct core_time now = cabinet_now(p->cabinet);
    int64_t version;
    int activated;

    if (!slot_result(dir, &version, &activated))
        return;
    if (version > cabinet_core(p->cabinet)->firmware_version &&
        core_note(cabinet_core(p->cabinet), EVENT_FIRMWARE, activated ? WHY_NONE : WHY_REFUSED, version,
                  &now) < 0)
        return;
    cabinet_settle(p->cabinet);
    slot_forget(dir);
}

static int run(struct program *p)
{
    struct cabinet_watch watch = {on_result, on_changed, on_renewed, p};
    struct cabinet_settings s;
    struct error error = {0};

    if (settings_restore(p->config, &error) < 0 || settings_cabinet(p->config, &s, &error) < 0 ||
        wiring_load(&p->wiring, config_text(p->config, "locker.wiring"),
                    config_text(p->config, "locker.profiles"), &error) < 0)
        log_fatal("%s", error.text);
    p->loop = loop_new(on_stop, p);
    p->cabinet = cabinet_new(p->loop, &s, &p->wiring, &error);
    if (!p->cabinet)
        log_fatal("%s", error.text);
    cabinet_watch(p->cabinet, &watch);
    p->firmware = loop_timer_new(p->loop, 100, FIRMWARE_LOOK_MS, record_firmware, p);
    start_uplink(p);
    start_kiosk(p);
    start_watchdog(p);
    p->hup = evsignal_new(loop_base(p->loop), SIGHUP, on_hup, p);
    evsignal_add(p->hup, NULL);
    log_info("locker %s: %u compartments on %u boards", s.locker, p->wiring.count, p->wiring.boards);
    notify_manager("READY=1");
    loop_run(p->loop);
    if (p->kiosk)
        kiosk_free(p->kiosk);
    if (p->uplink)
        uplink_free(p->uplink);
    event_free(p->hup);
    loop_timer_free(p->firmware);
    if (p->watchdog)
        loop_timer_free(p->watchdog);
    cabinet_free(p->cabinet);
    loop_free(p->loop);
    return 0;
}

static void usage(FILE *out)
{
    fputs("usage: yizhan-lockerd [-c FILE] [-o section.name=value]… [--show-config]\n"
          "       yizhan-lockerd --check-profile FILE…\n"
          "       yizhan-lockerd [-c FILE] [-o …] --check-wiring\n"
          "       yizhan-lockerd --scan BUS PROFILE     who answers on a bus (tcp:HOST:PORT or rtu:/dev/…)\n"
          "       yizhan-lockerd [-c FILE] [-o …] --try-door N   open one door, for the installer\n"
          "       yizhan-lockerd [-c FILE] [-o …] --diagnose     how the running controller is\n",
          out);
}

enum { OPT_SHOW = 256, OPT_PROFILE, OPT_WIRING, OPT_SCAN, OPT_TRY, OPT_DIAGNOSE, OPT_VERSION, OPT_HELP };

static const struct option longs[] = {{"show-config", 0, NULL, OPT_SHOW},
                                      {"check-profile", 0, NULL, OPT_PROFILE},
                                      {"check-wiring", 0, NULL, OPT_WIRING},
                                      {"scan", 0, NULL, OPT_SCAN},
                                      {"try-door", 1, NULL, OPT_TRY},
                                      {"diagnose", 0, NULL, OPT_DIAGNOSE},
                                      {"version", 0, NULL, OPT_VERSION},
                                      {"help", 0, NULL, OPT_HELP},
                                      {0}};

static int read_options(struct program *p, int argc, char **argv, const char **ret_door)
{
    struct error error = {0};
    int c, mode = 0;

    while ((c = getopt_long(argc, argv, "c:o:", longs, NULL)) != -1) {
        if (c == 'c')
            p->file = optarg;
        if ((c == 'c' && config_load(p->config, optarg, &error) < 0) ||
            (c == 'o' && config_set(p->config, optarg, &error) < 0))
            errx(2, "%s", error.text);
        if (c == '?')
            exit((usage(stderr), 2));
        if (c == OPT_TRY)
            *ret_door = optarg;
        mode = c >= OPT_SHOW ? c : mode;
    }
    return mode;
}

int main(int argc, char **argv)
{
    static struct program p;
    const char *door = NULL;
    int mode;

    mallopt(M_ARENA_MAX, 2);
    mallopt(M_TRIM_THRESHOLD, 64 * 1024);
    crypto_init();
    p.config = config_new(locker_settings, locker_setting_count);
    mode = read_options(&p, argc, argv, &door);
    log_init("yizhan-lockerd", (enum log_level)config_int(p.config, "log.level"));
    switch (mode) {
    case OPT_SHOW:
        config_show(p.config, stdout);
        return 0;
    case OPT_PROFILE:
        return tool_check_profiles(argc - optind, argv + optind);
    case OPT_WIRING:
        return tool_check_wiring(p.config);
    case OPT_SCAN:
        return tool_scan(argc - optind, argv + optind, config_text(p.config, "locker.profiles"));
    case OPT_DIAGNOSE:
        return diagnose_print((int)config_int(p.config, "kiosk.port"));
    case OPT_TRY:
        return tool_try_door(p.config, door);
    case OPT_VERSION:
        puts("yizhan-lockerd " PACKAGE_VERSION);
        return 0;
    case OPT_HELP:
        usage(stdout);
        return 0;
    default:
        if (optind != argc)
            exit((usage(stderr), 2));
        return run(&p);
    }
}
