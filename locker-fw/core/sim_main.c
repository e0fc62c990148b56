/* locker-sim day [lockers [days]]: how fast whole days pass.
 * locker-sim [sequences [seed [steps]]]: fault sequences over the locker's core, then every deliberate
 * defect, which must be seen. Prints what was found; exit 0 only when the real core is without fault, the
 * trace is the same twice, and each defect was caught. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locker-fw/core/apply.h"
#include "locker-fw/core/sim.h"

static const struct {
    const char *name;
    unsigned bits;
} sabotages[] = {
    {"echo check off", SIM_NO_ECHO_CHECK},
    {"fsync off", SIM_NO_FSYNC},
    {"nonce window off", SABOTAGE_NONCE},
    {"retained obeyed", SABOTAGE_RETAINED},
    {"session ignored", SABOTAGE_SESSION},
    {"expiry ignored", SABOTAGE_EXPIRY},
    {"pulse again after restart", SABOTAGE_REPULSE},
    {"signature ignored", SABOTAGE_SIGNATURE},
    {"intent not synced", SABOTAGE_INTENT},
};

static void add(struct sim_verdict *sum, const struct sim_verdict *v)
{
    sum->trace = sum->trace * 31 + v->trace;
    sum->unauthorised += v->unauthorised;
    sum->doubled += v->doubled;
    sum->wrong_door += v->wrong_door;
    sum->lost += v->lost;
    sum->too_long += v->too_long;
    sum->pulses += v->pulses;
    sum->records += v->records;
    sum->cuts += v->cuts;
    sum->deposits += v->deposits;
}

static struct sim_verdict many(uint64_t seed, unsigned count, unsigned steps, unsigned sabotage)
{
    struct sim_verdict sum = {0}, v;

    for (unsigned i = 0; i < count; i++) {
        sim_run(seed * 1000003 + i, steps, sabotage, &v);
        if (sabotage == 0 && sim_faults(&v) > 0)
            printf("sequence %u: unauthorised %u, doubled %u, wrong door %u, lost %u, too long %u\n", i,
                   v.unauthorised, v.doubled, v.wrong_door, v.lost, v.too_long);
        add(&sum, &v);
    }
    return sum;
}

/* How many sequences it took to see the defect; 0: not seen. */
static unsigned caught(uint64_t seed, unsigned most, unsigned steps, unsigned sabotage)
{
    struct sim_verdict v;

    for (unsigned i = 0; i < most; i++) {
        sim_run(seed * 1000003 + i, steps, sabotage, &v);
        if (sim_faults(&v) > 0)
            return i + 1;
    }
    return 0;
}

/* Exit 0 when every deposit was made and collected. */
static int days(unsigned lockers, unsigned count)
{
    struct sim_day_totals t, again;
    clock_t began = clock();
    double seconds;

    sim_day(lockers, count, &t);
    seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    sim_day(1, 1, &again);
    printf("%u lockers of 48 doors, %u days: %u deposits, %u collections, %u pulses in %.2f s of processor "
           "time: "
           "%.2f days/s; trace %016llx\n",
           lockers, count, t.deposits, t.collections, t.pulses, seconds, count / seconds,
           (unsigned long long)t.trace);
    return t.deposits != t.collections || t.deposits != 40 * lockers * count || again.deposits != 40;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "day") == 0)
        return days(argc > 2 ? (unsigned)atoi(argv[2]) : 100, argc > 3 ? (unsigned)atoi(argv[3]) : 3);

    unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    unsigned steps = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 40;
    unsigned again = count < 1000 ? count : 1000;
    struct sim_verdict v = many(seed, count, steps, 0);
    int good = sim_faults(&v) == 0;

    printf("%u sequences of %u steps: %u pulses, %u records, %u power cuts, %u acknowledged deposits\n",
           count, steps, v.pulses, v.records, v.cuts, v.deposits);
    printf("unauthorised %u, doubled %u, wrong door %u, lost %u, held too long %u; trace %016llx\n",
           v.unauthorised, v.doubled, v.wrong_door, v.lost, v.too_long, (unsigned long long)v.trace);
    if (many(seed, again, steps, 0).trace != many(seed, again, steps, 0).trace) {
        puts("the same seed gave another trace");
        good = 0;
    }
    for (size_t i = 0; i < sizeof sabotages / sizeof sabotages[0]; i++) {
        unsigned after = caught(seed, 5000, steps, sabotages[i].bits);

        printf("%-26s %s (%u)\n", sabotages[i].name, after ? "caught" : "NOT CAUGHT", after);
        good = good && after;
    }
    return !good;
}
