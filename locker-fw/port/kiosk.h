/* The screen of a locker: a page and a small API for it, on the loopback address only. Requests whose Host is
 * another name are refused, so that no foreign page can reach it through the kiosk's browser. Loop's thread.
 *
 *   GET  /                       the page and its files
 *   GET  /api/status             {online, free:{S,M,L,XL}, locked_s}
 *   GET  /api/compartment?n=3    {n, state, door, item, flags}
 *   GET  /api/receipt?n=3        {text, svg}: the deposit's receipt, for the courier's handheld
 *   POST /api/code {"digits"}, /api/scan {"text"}, /api/report {"compartment","what"} → {ok, compartment,
 * why} */
#ifndef LOCKER_FW_PORT_KIOSK_H
#define LOCKER_FW_PORT_KIOSK_H

#include "base/error.h"
#include "base/http.h"
#include "locker-fw/port/cabinet.h"

struct kiosk;

struct kiosk_settings {
    int port;         /* 0: any free one */
    const char *root; /* folder of the page; must outlive it */
    int (*online)(void *arg);
    void *arg;
};

struct kiosk *kiosk_new(struct loop *l, const struct kiosk_settings *settings, struct cabinet *cabinet,
                        struct error *err);
void kiosk_free(struct kiosk *k);
int kiosk_port(const struct kiosk *k);

#endif
