/* A whole locker without a daemon, for tests and benchmarks: a private mosquitto, yizhan-boards and
 * yizhan-lockerd as processes in a scratch folder, and a stand-in for the daemon that signs commands, keeps
 * the journal records it is sent and acknowledges them. Everything is stopped and removed by rig_free. */
#ifndef TESTS_INTEGRATION_LOCKER_RIG_H
#define TESTS_INTEGRATION_LOCKER_RIG_H

#include <sys/types.h>

#include "locker-fw/core/core.h"

enum { RIG_EVENTS = 65536 };

struct rig_options {
    const char *boards;  /* further arguments of yizhan-boards, blank-separated: "--auto --pace" */
    const char *profile; /* name */
    int rtu;             /* a pty instead of TCP */
    int doors;           /* 0: as many as the board has */
    int no_ack;          /* the stand-in acknowledges nothing */
    int tls_off;         /* reserved for plain TCP; the rig always talks plain MQTT */
    const char *inputs;  /* inputs of the box at the board: " tamper=discrete:40 mains=…" */
    const char *journal; /* its folder; NULL: the scratch folder */
    const char *lockerd; /* further -o settings, blank-separated */
    /* Their id: yizhan-openlocker instead of yizhan-lockerd and boards; the test plays the neighbour's
     * controller. */
    const char *neighbour;
};

struct rig;

struct rig *rig_new(const struct rig_options *o); /* ends the program when something cannot start */
void rig_free(struct rig *r);

/* Sends a signed command with the live session and returns its cmd_id's first byte pattern in ret_id. */
void rig_command(struct rig *r, uint8_t op, unsigned compartment, uint8_t ref, int64_t value,
                 uint8_t ret_id[16]);

/* Runs the loop until a result with this status for that command came; its why, or -1 after ms. */
int rig_result(struct rig *r, const uint8_t id[16], const char *status, int ms);

/* Runs the loop until at least `count` records of a type have arrived; 0 or -1 after ms. */
int rig_event(struct rig *r, uint8_t type, unsigned count, int ms);
unsigned rig_events(const struct rig *r, uint8_t type);
unsigned rig_total(const struct rig *r); /* records of any type */
const struct record *rig_last(const struct rig *r, uint8_t type);

/* Runs the loop for ms. */
void rig_run(struct rig *r, int ms);

/* One control line to the boards; the answer is written to ret. */
void rig_hand(struct rig *r, const char *line, char *ret, size_t cap);

/* HTTP to the kiosk; the body is written to ret; returns the status, -1 when unreachable. */
int rig_kiosk(struct rig *r, const char *method, const char *path, const char *body, char *ret, size_t cap);

/* An offline grant as text. */
void rig_grant(struct rig *r, uint8_t op, unsigned compartment, uint8_t ref, char *ret, size_t cap);
void rig_code(struct rig *r, uint8_t ref, uint32_t counter, char ret[CODE_DIGITS + 1]);

/* Processes: 'b' boards, 'm' broker, 'l' controller. */
pid_t rig_pid(const struct rig *r, char which);
void rig_kill(struct rig *r, char which, int sig); /* and waits for its end */
void rig_start(struct rig *r, char which);
int rig_wait_session(struct rig *r, int ms); /* until conn says on with a new session; 0 or -1 */

/* Faults of the record stream seen by the stand-in: broken chain, gaps, doubles within one boot. */
unsigned rig_chain_faults(const struct rig *r);
long rig_rss_kb(const struct rig *r, char which);
const char *rig_state(const struct rig *r); /* the last state message, as text */
struct loop *rig_loop(struct rig *r);
int rig_broker_port(const struct rig *r);
int rig_kiosk_port(const struct rig *r);
const char *rig_folder(const struct rig *r);
int64_t rig_ledger_time(struct rig *r, const char *event,
                        unsigned nth); /* real us of the nth such line, or 0 */
void rig_acknowledge(struct rig *r, int on);

#endif
