/* Which network addresses belong to the public internet (RFC 6890 and the IANA special-purpose registries).
 * Pure. */
#ifndef DAEMON_IO_ADDRESS_H
#define DAEMON_IO_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for every special-purpose block, for IPv4 wrapped in IPv6 (mapped, compatible, 6to4, NAT64) when what
 * is wrapped is one, and for families other than IPv4 and IPv6. */
bool address_is_public(const struct sockaddr *sa);

#endif
