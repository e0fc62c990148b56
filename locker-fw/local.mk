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
