/* Waybill numbers whose form promises a check digit. Most numbers promise nothing; these do:
 *   UPU S10-12: two letters, eight digits, the check digit, two letters of the country (RR473124829GB);
 *   GS1 SSCC: seventeen digits and the check digit, alone or behind its application identifier 00 (GS1
 * General Specifications, 7.9.1). Pure. */
#ifndef DAEMON_INTAKE_WAYBILL_H
#define DAEMON_INTAKE_WAYBILL_H

#include <stdbool.h>

enum { WAYBILL_WHY_MAX = 64 };

/* True when the number keeps what its form promises, or promises nothing. Otherwise `why` says what the digit
 * should be. */
bool waybill_holds(const char *waybill, char why[WAYBILL_WHY_MAX]);

#endif
