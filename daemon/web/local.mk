# daemon/web: the pages. Plain modules; npm brings preact and htm (locked), nothing is compiled.
web_files = $(sort $(wildcard $(top_srcdir)/daemon/web/src/*))
EXTRA_DIST += $(web_files:$(top_srcdir)/%=%) daemon/web/package.json daemon/web/.npmrc daemon/web/package-lock.json daemon/web/build
web-stamp: $(web_files) $(top_srcdir)/daemon/web/build $(top_srcdir)/daemon/web/package-lock.json
	@if test $(top_srcdir)/daemon/web/node_modules/.package-lock.json -nt $(top_srcdir)/daemon/web/package-lock.json || \
	    (command -v npm >/dev/null && (cd $(top_srcdir)/daemon/web && npm ci --no-audit --no-fund --loglevel=error) >web-npm.log 2>&1); then \
	  $(top_srcdir)/daemon/web/build web && touch $@ && echo "  WEB      web"; \
	elif command -v npm >/dev/null; then \
	  cat web-npm.log; echo "  WEB      skipped: npm could not fetch preact and htm (above)"; \
	else echo "  WEB      skipped: the pages need npm for preact and htm"; fi
all-local: web-stamp
CLEANFILES += web-stamp web-npm.log
clean-local: web-clean
.PHONY: web-clean
web-clean:
	rm -rf web
install-data-local: web-stamp
	if test -d web; then $(MKDIR_P) $(DESTDIR)$(pkgdatadir)/web && cp web/* $(DESTDIR)$(pkgdatadir)/web/; fi
uninstall-local:
	rm -rf $(DESTDIR)$(pkgdatadir)/web
