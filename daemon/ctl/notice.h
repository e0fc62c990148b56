/* Signed messages for one locker, as JSON on standard output, to be published retained under
 * lk/1/SITE/CODE/cfg or /fw (doc/asyncapi.yaml): a configuration, or the word that a firmware is there. */
#ifndef DAEMON_CTL_NOTICE_H
#define DAEMON_CTL_NOTICE_H

#include "base/error.h"
#include "daemon/ctl/options.h"

/* o->file: lines "limits.NAME = VALUE". */
int notice_config(const char *code, const struct options *o, struct error *err);

/* o->file: the image, whose hash is signed; o->url: where the locker fetches it. */
int notice_firmware(const char *code, const struct options *o, struct error *err);

#endif
