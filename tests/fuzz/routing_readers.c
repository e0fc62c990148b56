/* libFuzzer target for the readers of instances and solutions: the first byte picks the format, the rest is
 * the file. What is accepted must also be checkable, and solvable for a few iterations when it is small. */
#include "routing/format/instance.h"
#include "routing/format/native.h"
#include "routing/format/sol.h"
#include "routing/format/vroom.h"
#include "routing/vrp/checker.h"
#include "routing/vrp/solver.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void time_steps(const struct instance *in)
{
    struct instance_fault fault;
    struct vroom_plan plan;
    if (in->p.n_tasks <= 40 && vroom_plan_make(in, &plan, &fault) == 0)
        vroom_plan_fini(&plan);
}

static void use(const struct instance *in)
{
    struct vrp_params params = {.iterations = 20, .seed = 1};
    struct vrp_result result;
    struct vrp_report report;
    if (in->p.n_tasks > 40 || in->p.n_vehicles > 40 || vrp_solve(&in->p, &params, &result, NULL) < 0)
        return;
    vrp_check(&in->p, &result.best, &report);
    vrp_solution_fini(&result.best);
}

static void read_solutions(const struct instance *in, const char *text, size_t n)
{
    struct vrp_solution s;
    struct vrp_report report;
    struct instance_fault fault;
    for (int json = 0; json < 2; json++)
        if ((json ? native_read_solution : sol_read)(in, text, n, &s, &fault) == 0) {
            vrp_check(&in->p, &s, &report);
            vrp_solution_fini(&s);
        }
}

/* A file of VROOM's may hold its own solution beside the problem. */
static void read_own_solution(const struct instance *in, const char *text, size_t n)
{
    struct vrp_solution s;
    struct vrp_report report;
    struct instance_fault fault;
    if (strcmp(in->format, "vroom") || vroom_read_solution(in, text, n, &s, &fault) < 0)
        return;
    vrp_check(&in->p, &s, &report);
    vrp_solution_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"auto", "vrplib", "solomon", "lilim", "vroom", "loggi", "yizhan"};
    static const char small[] = "1 10 1\n0 0 0 0 0 99 0 0 0\n1 1 1 1 0 99 0 0 2\n2 2 2 -1 0 99 0 1 0\n";
    struct instance in;
    struct instance_options options = {0};
    struct instance_fault fault;
    if (size < 1)
        return 0;
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    const char *format = formats[data[0] % 7];
    if (instance_read(format, "fuzz", text, size - 1, &options, &in, &fault) == 0) {
        time_steps(&in);
        read_own_solution(&in, text, size - 1);
        use(&in);
        instance_free(&in);
    }
    if (instance_read("lilim", "small", small, strlen(small), &options, &in, &fault) == 0) {
        read_solutions(&in, text, size - 1);
        instance_free(&in);
    }
    free(text);
    return 0;
}
