/* The words of a notice, Chinese first. Pure. Notify promptly after a deposit: company, masked waybill tail,
 * place, code, deadline, phone to call (智能快件箱寄递服务管理办法, order 2019 no. 16). */
#ifndef DAEMON_OUTBOX_NOTICE_H
#define DAEMON_OUTBOX_NOTICE_H

#include <jansson.h>

/* Adds "text": {"zh": …, "en": …} to the payload, by its "template"; `code` may be NULL. -1 for an unknown
 * template. */
int notice_fill(json_t *payload, const char *code);

#endif
