# sql/: the schema (migrations once and in order, functions whenever they changed), the daemon's statements, the checks.
SQL_FILES = $(sort $(wildcard $(top_srcdir)/sql/migrations/*.sql $(top_srcdir)/sql/functions/*.sql $(top_srcdir)/sql/checks/*.sql))
nobase_dist_pkgdata_DATA += $(SQL_FILES:$(top_srcdir)/%=%)
EXTRA_DIST += sql/queries
