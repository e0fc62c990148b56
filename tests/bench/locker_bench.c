/* How long from a key, or a command, to the coil: real processes, the board's own ledger as the clock's other
 * end, a journal on disk with its fdatasync in between. Also the controller's resident memory and start-up.
 * Usage: locker_bench [rounds]. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/integration/locker_rig.h"

enum { ROUNDS_MAX = 1000 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void show(const char *what, int64_t *us, unsigned n)
{
    qsort(us, n, sizeof *us, by_value);
    printf("%-44s n=%-4u p50 %6.2f ms  p99 %6.2f ms  max %6.2f ms\n", what, n, (double)us[n / 2] / 1000,
           (double)us[n * 99 / 100] / 1000, (double)us[n - 1] / 1000);
}

static void hand(struct rig *r, const char *verb, unsigned n)
{
    char line[64], answer[64];

    snprintf(line, sizeof line, "%s JN-01-001 %u", verb, n);
    rig_hand(r, line, answer, sizeof answer);
}

static void fail(const char *what, unsigned round)
{
    fprintf(stderr, "round %u: %s\n", round, what);
    exit(1);
}

static int64_t by_command(struct rig *r, unsigned n, uint8_t ref, unsigned round)
{
    uint8_t id[16];
    int64_t at = clock_real_us();

    rig_command(r, OP_OPEN_DEPOSIT, n, ref, 0, id);
    if (rig_result(r, id, "opened", 5000) < 0)
        fail("the door did not open", round);
    hand(r, "close", n);
    if (rig_result(r, id, "closed", 5000) < 0)
        fail("the door was not seen closed", round);
    return at;
}

static int64_t by_code(struct rig *r, uint8_t ref, unsigned n, unsigned round)
{
    char code[CODE_DIGITS + 1], body[64], answer[256];
    unsigned had = rig_events(r, EVENT_COLLECTED), opened = rig_events(r, EVENT_DOOR_OPEN);
    int64_t at;

    rig_code(r, ref, (uint32_t)rig_last(r, EVENT_DEPOSITED)->value, code);
    snprintf(body, sizeof body, "{\"digits\":\"%s\"}", code);
    at = clock_real_us();
    if (rig_kiosk(r, "POST", "/api/code", body, answer, sizeof answer) != 200 || !strstr(answer, "true"))
        fail(answer, round);
    if (rig_event(r, EVENT_DOOR_OPEN, opened + 1, 5000) < 0)
        fail("the door did not open by code", round);
    hand(r, "close", n);
    if (rig_event(r, EVENT_COLLECTED, had + 1, 5000) < 0)
        fail("not collected", round);
    return at;
}

static void measure(const char *name, const struct rig_options *o, unsigned rounds)
{
    static int64_t command[ROUNDS_MAX], key[ROUNDS_MAX];
    struct rig *r = rig_new(o);
    char title[80];

    for (unsigned i = 0; i < rounds; i++) {
        unsigned n = i % 16 + 1;
        uint8_t ref = (uint8_t)(i % 250 + 1);

        rig_run(r, 400);
        command[i] = by_command(r, n, ref, i);
        rig_run(r, 400);
        key[i] = by_code(r, ref, n, i);
    }
    rig_run(r, 300);
    for (unsigned i = 0; i < rounds; i++) {
        command[i] = rig_ledger_time(r, "pulse_on", 2 * i + 1) - command[i];
        key[i] = rig_ledger_time(r, "pulse_on", 2 * i + 2) - key[i];
    }
    snprintf(title, sizeof title, "%s: MQTT command to pulse", name);
    show(title, command, rounds);
    snprintf(title, sizeof title, "%s: keypad (HTTP) to pulse, with fsync", name);
    show(title, key, rounds);
    printf("%-44s %ld KiB\n", "controller RSS", rig_rss_kb(r, 'l'));
    rig_free(r);
}

/* Days without a network: doors are forced and closed until enough is in the journal, then the broker
 * returns. */
static void drain(unsigned want)
{
    struct rig *r =
        rig_new(&(struct rig_options){.profile = "xunming16", .lockerd = "limits.debounce=1 bus.poll_ms=5"});
    unsigned had = rig_total(r), got = had;
    int64_t start, last;

    rig_kill(r, 'm', SIGKILL);
    for (unsigned i = 0; i * 32 < want; i++) {
        for (unsigned n = 1; n <= 16; n++)
            hand(r, i % 2 ? "close" : "force", n);
        rig_run(r, 30);
    }
    rig_run(r, 500);
    rig_start(r, 'm');
    if (rig_wait_session(r, 20000) < 0)
        fail("no session after the outage", 0);
    while (rig_total(r) == had)
        rig_run(r, 2);
    start = last = clock_mono_us();
    while (clock_mono_us() - last < 1500000) {
        rig_run(r, 5);
        if (rig_total(r) != got) {
            got = rig_total(r);
            last = clock_mono_us();
        }
    }
    printf("%-44s %u records in %.2f s: %.0f/s, chain faults %u\n",
           "offline backlog drained and acknowledged", got - had, (double)(last - start) / 1e6,
           (double)(got - had) * 1e6 / (double)(last - start), rig_chain_faults(r));
    rig_free(r);
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 50;

    if (rounds < 1 || rounds > ROUNDS_MAX)
        return 2;
    measure("RTU 115200, paced pty",
            &(struct rig_options){
                .profile = "xunming16", .boards = "--auto --pace", .rtu = 1, .lockerd = "limits.tries=10"},
            rounds);
    measure("Modbus TCP",
            &(struct rig_options){.profile = "xunming16", .boards = "--auto", .lockerd = "limits.tries=10"},
            rounds);
    drain(10000);
    return 0;
}
