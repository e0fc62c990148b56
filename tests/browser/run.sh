#!/bin/sh
# The pages in a real Chromium against the real daemon, over TLS, with a private PostgreSQL.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir-$here/build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
[ -x /usr/bin/chromium ] || { echo "no chromium: skipped"; exit 77; }
[ -d "$build/web" ] || { echo "the pages were not built: skipped"; exit 77; }
[ -d "$here/tests/browser/node_modules" ] || (cd "$here/tests/browser" && npm ci --silent --no-audit --no-fund) || exit 77
if [ -z "${YIZHAN_PG-}" ]; then
    exec sh "$here/tests/integration/pg.sh" run sh "$0"
fi
work=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill $daemon 2>/dev/null || true; rm -rf "$work"' EXIT
sh "$here/tests/integration/certs.sh" "$work/certs"
conninfo="host=$PGHOST user=$PGUSER dbname=$PGDATABASE"
"$build/yizhanctl" -d "$conninfo" --sql "$here/sql" migrate >"$work/migrate" || { cat "$work/migrate"; exit 1; }
"$build/yizhanctl" -d "$conninfo" import "$here/tests/browser/city.json" --now 2026-11-11T00:00:00Z >"$work/import"
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
"$build/yizhand" -o db.conninfo="$conninfo" -o http.listen="127.0.0.1:$port" -o http.cert="$work/certs/server.pem" \
    -o http.key="$work/certs/server.key" -o clock.start=2026-11-11T00:30:00Z -o web.root="$build/web" -o plan.seconds=1 \
    -o outbox.dir="$work" >"$work/log" 2>&1 &
daemon=$!
BASE_URL="https://127.0.0.1:$port" node --test --test-concurrency=1 "$here/tests/browser/pages_test.mjs" || { tail -20 "$work/log"; exit 1; }
