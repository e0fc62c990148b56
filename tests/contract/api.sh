#!/bin/sh
# The API held to its own description: a real daemon with a private PostgreSQL and a private broker, and api.test.mjs, which
# makes its requests from `yizhand --openapi`. Prints TAP. Skipped (77) without node; without the npm package the description is
# not validated.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir-$here/build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
skip() {
    echo "1..0 # SKIP $1"
    exit 77
}
command -v node >/dev/null || skip "node is missing"
if [ -z "${YIZHAN_PG-}" ]; then
    exec sh "$here/tests/integration/pg.sh" run sh "$0"
elif [ -z "${YIZHAN_BROKER-}" ]; then
    exec sh "$here/tests/integration/broker.sh" run sh "$0"
fi
work=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill $daemon 2>/dev/null || true; rm -rf "$work"' EXIT
modules=$here/tests/contract/node_modules
if [ ! -d "$modules" ] && [ -w "$here/tests/contract" ]; then
    (cd "$here/tests/contract" && npm ci --silent --no-audit --no-fund) ||
        echo "# npm ci failed in tests/contract: the description is not validated by its schema"
fi
conninfo="host=$PGHOST user=$PGUSER dbname=$PGDATABASE"
"$build/yizhanctl" -d "$conninfo" --sql "$here/sql" migrate >"$work/migrate" || { cat "$work/migrate"; exit 1; }
"$build/yizhanctl" -d "$conninfo" import "$here/tests/contract/city.json" --now 2026-11-11T00:00:00Z >"$work/import"
(umask 077 && for key in grant master; do
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$work/$key"
done)
"$build/yizhan-route" import --profiles "$here/routing/profiles" "$here/tests/contract/map.osm" "$work/map.yzr" >"$work/import.log" 2>&1 ||
    { cat "$work/import.log"; exit 1; }
"$build/yizhand" --openapi >"$work/openapi.json"
: >"$work/log"
# Business time stands nearly still, so that nothing changes but by requests.
"$build/yizhand" -o db.conninfo="$conninfo options='-c role=yizhan_app'" -o http.listen=127.0.0.1:0 -o http.body_max=200000 \
    -o mqtt.url="mqtts://localhost:$MQTTS_PORT" -o mqtt.client_id=alice -o mqtt.ca="$YIZHAN_BROKER/certs/ca.pem" \
    -o mqtt.cert="$YIZHAN_BROKER/certs/alice.pem" -o mqtt.key="$YIZHAN_BROKER/certs/alice.key" -o keys.grant="$work/grant" \
    -o keys.locker_master="$work/master" -o clock.start=2026-11-11T00:30:00Z -o clock.rate=0.001 -o plan.seconds=1 \
    -o roads.file="$work/map.yzr" -o roads.open_to=staff -o web.root="$work" -o outbox.dir="$work" >"$work/log" 2>&1 &
daemon=$!
port=
for _ in $(seq 100); do
    port=$(sed -n 's/.*serving on .*:\([0-9]*\).*/\1/p' "$work/log" | head -n 1)
    [ -z "$port" ] || break
    sleep 0.1
done
[ -n "$port" ] || { cat "$work/log"; exit 1; }
rc=0
BASE_URL="http://127.0.0.1:$port" OPENAPI="$work/openapi.json" MODULES="$modules" \
    node --test --test-reporter=tap "$here/tests/contract/api.test.mjs" || rc=$?
kill -HUP "$daemon" || { grep -A 25 -E "ERROR|runtime error" "$work/log" | head -n 60; echo "the daemon has died"; exit 1; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q 'certificate and key read again' "$work/log" && break
    sleep 0.1
done
grep -q 'certificate and key read again' "$work/log" || { echo "SIGHUP is not heard"; rc=1; }
kill -0 "$daemon" || { grep -A 25 -E "ERROR|runtime error" "$work/log" | head -n 60; echo "the daemon has died"; rc=1; }
grep -iE 'error|fatal|SQLSTATE' "$work/log" | head -n 5 | sed 's/^/# daemon: /'
exit $rc
