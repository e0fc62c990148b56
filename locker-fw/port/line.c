#include "locker-fw/port/line.h"

#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "locker-fw/port/bus.h"

enum { DRAIN_MIN_MS = 50, DRAIN_MAX_MS = 1000 };

#ifdef BUS_SABOTAGE
int bus_trusts_echo;
#endif

struct line {
    modbus_t *ctx;
    int tcp;
    int open;
};

static modbus_t *context(const struct line_settings *s, int *ret_tcp)
{
    char host[96];
    const char *port;

    if (strncmp(s->device, "rtu:", 4) == 0)
        return modbus_new_rtu(s->device + 4, (int)s->baud, s->parity, 8, 1);
    if (strncmp(s->device, "tcp:", 4) != 0)
        return NULL;
    *ret_tcp = 1;
    port = strrchr(s->device + 4, ':');
    if (!port || (size_t)(port - s->device - 4) >= sizeof host)
        return NULL;
    snprintf(host, sizeof host, "%.*s", (int)(port - s->device - 4), s->device + 4);
    return modbus_new_tcp_pi(host, port + 1);
}

struct line *line_new(const struct line_settings *settings, struct error *err)
{
    struct line *l = calloc(1, sizeof *l);

    if (!l)
        abort();
    l->ctx = context(settings, &l->tcp);
    if (l->ctx)
        return l;
    free(l);
    error_set(err, EINVAL, "%s: not a bus; use rtu:/dev/… or tcp:HOST:PORT", settings->device);
    return NULL;
}

void line_free(struct line *l)
{
    line_close(l);
    modbus_free(l->ctx);
    free(l);
}

int line_open(struct line *l, struct error *err)
{
    if (l->open)
        return 0;
    modbus_set_response_timeout(l->ctx, 2, 0); /* also bounds connecting */
    if (modbus_connect(l->ctx) < 0)
        return error_set(err, errno, "cannot open the bus: %s", modbus_strerror(errno));
    modbus_set_byte_timeout(l->ctx, 0, 50000);
    l->open = 1;
    return 0;
}

void line_close(struct line *l)
{
    if (l->open)
        modbus_close(l->ctx);
    l->open = 0;
}

int line_is_open(const struct line *l)
{
    return l->open;
}

/* Reads away what still comes, until the line has been quiet for a while. */
static void drain(struct line *l, unsigned quiet_ms)
{
    unsigned quiet = quiet_ms < DRAIN_MIN_MS ? DRAIN_MIN_MS : quiet_ms;
    unsigned left = DRAIN_MAX_MS;
    struct pollfd p = {.fd = modbus_get_socket(l->ctx), .events = POLLIN};
    char waste[256];

    while (left >= quiet && poll(&p, 1, (int)quiet) > 0) {
        if (read(p.fd, waste, sizeof waste) <= 0)
            return;
        left -= quiet;
    }
}

/* A connection whose answer is missing is not used again; a serial line cannot be dropped, so it is drained.
 */
static enum line_outcome distrust(struct line *l, unsigned response_ms, enum line_outcome outcome)
{
    if (l->tcp)
        line_close(l);
    else
        drain(l, 2 * response_ms);
    return outcome;
}

static int is_gone(int e)
{
    return e == EIO || e == ENODEV || e == EBADF || e == ECONNRESET || e == EPIPE || e == ENXIO;
}

static enum line_outcome judge(struct line *l, uint8_t unit, const struct modbus_pdu *request,
                               const uint8_t *adu, int len, uint8_t *ret_pdu)
{
    int head = modbus_get_header_length(l->ctx), tail = l->tcp ? 0 : 2;
    int body = len - head - tail;

    if (body < 1 || body > MODBUS_PDU_MAX)
        return LINE_WRONG;
    memcpy(ret_pdu, adu + head, (size_t)body);
#ifdef BUS_SABOTAGE
    if (bus_trusts_echo)
        return LINE_OK;
#endif
    if (adu[head - 1] != unit)
        return LINE_WRONG;
    switch (modbus_answers(request, ret_pdu, (size_t)body)) {
    case MODBUS_OK:
        return LINE_OK;
    case MODBUS_EXCEPTION:
        return LINE_EXCEPTION;
    default:
        return LINE_WRONG;
    }
}

enum line_outcome line_ask(struct line *l, uint8_t unit, const struct modbus_pdu *request,
                           unsigned response_ms, uint8_t ret_pdu[MODBUS_PDU_MAX])
{
    uint8_t raw[MODBUS_PDU_MAX + 1], adu[MODBUS_TCP_MAX_ADU_LENGTH];
    enum line_outcome outcome;
    int n;

    if (!l->open)
        return LINE_NOT_SENT;
    raw[0] = unit;
    memcpy(raw + 1, request->bytes, request->len);
    modbus_set_response_timeout(l->ctx, response_ms / 1000, response_ms % 1000 * 1000);
    modbus_set_slave(l->ctx, unit);
    modbus_flush(l->ctx);
    if (modbus_send_raw_request(l->ctx, raw, request->len + 1) < 0) {
        line_close(l);
        return LINE_TIMEOUT;
    }
    n = modbus_receive_confirmation(l->ctx, adu);
    if (n < 0 && is_gone(errno)) {
        line_close(l);
        return LINE_TIMEOUT;
    }
    if (n < 0)
        return distrust(l, response_ms, errno == ETIMEDOUT ? LINE_TIMEOUT : LINE_WRONG);
    outcome = judge(l, unit, request, adu, n, ret_pdu);
    return outcome == LINE_WRONG ? distrust(l, response_ms, LINE_WRONG) : outcome;
}
