# contrib/
include contrib/boards/local.mk
include contrib/day/local.mk
include contrib/openlocker/local.mk
EXTRA_DIST += contrib/packages.txt contrib/quickstart contrib/check contrib/lint contrib/sanitize contrib/coverage contrib/coverage-locker \
	contrib/lib/common.sh contrib/lib/packages.sh contrib/lib/build.sh contrib/lib/certs.sh contrib/lib/postgres.sh \
	contrib/lib/broker.sh contrib/lib/city.sh contrib/lib/count.sh contrib/lib/leaks.supp .ci/run

systemdsystemunit_DATA += contrib/systemd/yizhand.service contrib/systemd/yizhan-lockerd.service
CLEANFILES += contrib/systemd/yizhand.service contrib/systemd/yizhan-lockerd.service
EXTRA_DIST += contrib/systemd/yizhand.service.in contrib/systemd/yizhan-lockerd.service.in contrib/nginx/yizhan.conf \
	contrib/mosquitto/yizhan.conf contrib/mosquitto/yizhan.acl
contrib/systemd/%.service: $(srcdir)/contrib/systemd/%.service.in Makefile
	$(AM_V_GEN)mkdir -p contrib/systemd && sed 's,@sbindir@,$(sbindir),; s,@sysconfdir@,$(sysconfdir),' $< >$@

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = contrib/completion/yizhan
dist_man_MANS += contrib/day/yizhan-day.1
