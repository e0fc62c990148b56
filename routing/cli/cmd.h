/* The subcommands of yizhan-route. Each takes its own argv (argv[0] is the subcommand's name) and
 * returns the exit status: 0 success, 1 the answer is "no" (an infeasible or wrong solution),
 * 2 bad usage or bad input, told on stderr with what and where. */
#ifndef ROUTING_CLI_CMD_H
#define ROUTING_CLI_CMD_H

struct cmd {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

int cmd_solve(int argc, char **argv);
int cmd_check(int argc, char **argv);

#endif
