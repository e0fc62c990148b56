# locker-fw/: what runs at a locker bank.
include locker-fw/core/local.mk

EXTRA_DIST += doc/asyncapi.yaml \
	doc/schemas/locker/cfg.json \
	doc/schemas/locker/cmd.json \
	doc/schemas/locker/conn.json \
	doc/schemas/locker/ev.json \
	doc/schemas/locker/evack.json \
	doc/schemas/locker/fw.json \
	doc/schemas/locker/res.json \
	doc/schemas/locker/state.json \
	doc/schemas/locker/tel.json

include locker-fw/port/local.mk

profiledir = $(pkgdatadir)/profiles
dist_profile_DATA = \
	locker-fw/profiles/adam4168.ini \
	locker-fw/profiles/bestep2.ini \
	locker-fw/profiles/eletechsup8.ini \
	locker-fw/profiles/generic8.ini \
	locker-fw/profiles/waveshare32.ini \
	locker-fw/profiles/xunming16.ini

kioskdir = $(pkgdatadir)/kiosk
dist_kiosk_DATA = locker-fw/kiosk/index.html locker-fw/kiosk/kiosk.css locker-fw/kiosk/kiosk.js

dist_man_MANS += doc/yizhan-lockerd.8 doc/yizhan-boards.1
EXTRA_DIST += doc/locker.md
