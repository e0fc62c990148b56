# yizhan-boards: simulated lock boards.
bin_PROGRAMS += yizhan-boards
yizhan_boards_SOURCES = contrib/boards/main.c \
	contrib/boards/board.c contrib/boards/board.h \
	contrib/boards/wire.c contrib/boards/wire.h \
	contrib/boards/yard.c contrib/boards/yard.h \
	locker-fw/port/profile_file.c locker-fw/port/profile_file.h
yizhan_boards_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(INIH_CFLAGS)
yizhan_boards_LDADD = locker-fw/core/liblockercore.la $(BASE_LIBS) -lutil
