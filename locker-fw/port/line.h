/* A Modbus connection through libmodbus, one request at a time. Blocking; one thread. */
#ifndef LOCKER_FW_PORT_LINE_H
#define LOCKER_FW_PORT_LINE_H

#include "base/error.h"
#include "locker-fw/core/modbus.h"

struct line;

struct line_settings {
    const char *device; /* "tcp:HOST:PORT" or "rtu:/dev/…" */
    unsigned baud;
    char parity;
};

struct line *line_new(const struct line_settings *settings,
                      struct error *err); /* NULL: the device is malformed */
void line_free(struct line *l);

/* Opens when closed: 0, or -1 with *err. */
int line_open(struct line *l, struct error *err);
void line_close(struct line *l);
int line_is_open(const struct line *l);

enum line_outcome {
    LINE_OK,        /* the answer is in ret_pdu and fits the request */
    LINE_EXCEPTION, /* the board refused */
    LINE_NOT_SENT,  /* the line is closed: the board cannot have seen it */
    LINE_TIMEOUT,   /* no answer in time: the board may have obeyed */
    LINE_WRONG,     /* an answer that does not fit: the same */
};

enum line_outcome line_ask(struct line *l, uint8_t unit, const struct modbus_pdu *request,
                           unsigned response_ms, uint8_t ret_pdu[MODBUS_PDU_MAX]);

#endif
