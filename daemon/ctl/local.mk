# yizhanctl: what an administrator does to the database and the keys, by hand or at installation.
sbin_PROGRAMS += yizhanctl
yizhanctl_SOURCES = \
	daemon/ctl/main.c \
	daemon/ctl/import.c daemon/ctl/import.h \
	daemon/ctl/keyfile.c daemon/ctl/keyfile.h \
	daemon/ctl/migrate.c daemon/ctl/migrate.h \
	daemon/ctl/notice.c daemon/ctl/notice.h \
	daemon/ctl/options.h \
	daemon/ctl/pg.c daemon/ctl/pg.h \
	daemon/ctl/report.c daemon/ctl/report.h \
	daemon/ctl/slurp.c daemon/ctl/slurp.h \
	daemon/ctl/user.c daemon/ctl/user.h
yizhanctl_CFLAGS = $(AM_CFLAGS) $(PQ_CFLAGS) $(JANSSON_CFLAGS)
yizhanctl_LDADD = locker-fw/core/liblockercore.la $(PQ_LIBS) $(BASE_LIBS)
dist_man_MANS += doc/yizhanctl.8
