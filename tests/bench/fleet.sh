#!/bin/bash
# Many lockers at one daemon: its resident memory, a storm of reconnections, and their journals. See fleet_bench.c.
# Usage: fleet.sh LOCKERS MB_ASKED; under pg.sh run; top_builddir says where the programs are.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir-$here/build}
lockers=$1 asked=$2 events=10000
work=$(mktemp -d)
daemon='' fleet=''
# shellcheck disable=SC2317
finish() {
    [ -z "$fleet" ] || kill "$fleet" 2>/dev/null || true
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    [ ! -f "$work/broker/pid" ] || "$here/tests/integration/broker.sh" stop "$work/broker" KILL
    rm -rf "$work"
}
trap finish EXIT
conninfo="host=$PGHOST user=$PGUSER dbname=$PGDATABASE"

node -e '
    const n = +process.argv[1], sites = 100, code = (i) => `F${String(i).padStart(5, "0")}`;
    const compartments = Array.from({ length: 60 }, (_, i) => ({ n: i + 1, size: "M", board: 1 + (i / 20 | 0), door: 1 + i % 20 }));
    const range = (k) => Array.from({ length: k }, (_, i) => i);
    const at = (i) => ({ lat: 35.4 + (i % 100) / 1000, lon: 116.5 + (i / 100 | 0) / 1000 });
    console.log(JSON.stringify({ sites: range(sites).map((i) => ({ code: `S${i}`, name: `S${i}`, ...at(i) })), brands: [], shops: [], vehicles: [], couriers: [], accounts: [],
        points: range(n).map((i) => ({ code: `P${i}`, site: `S${i % sites}`, name: `P${i}`, kind: "community", ...at(i) })),
        lockers: range(n).map((i) => ({ code: code(i), site: `S${i % sites}`, point: `P${i}`, ...at(i), profile: "bench", compartments })) }));' \
    "$lockers" >"$work/city.json"
(umask 077 && openssl rand -hex 32 >"$work/master" && openssl rand -hex 32 >"$work/grant")
mkdir "$work/broker"
"$here/tests/integration/broker.sh" start "$work/broker" yizhand
read -r _ plain <"$work/broker/ports"
"$build/yizhanctl" -d "$conninfo" --sql "$here/sql" migrate >/dev/null
"$build/yizhanctl" -d "$conninfo" import "$work/city.json" --now 2026-11-11T00:00:00Z >/dev/null
"$build/yizhand" -o db.conninfo="$conninfo" -o http.listen=127.0.0.1:0 -o mqtt.url="mqtt://127.0.0.1:$plain" \
    -o keys.grant="$work/grant" -o keys.locker_master="$work/master" -o web.root="$work" >"$work/log" 2>&1 &
daemon=$!

rss() { awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$daemon/status"; }
peak() { awk '/VmHWM/ { printf "%.1f", $2 / 1024 }' "/proc/$daemon/status"; }

coproc FLEET { "$build/tests/bench/fleet_bench" "$work/city.json" "$work/master" "$plain"; }
fleet=$FLEET_PID
say() { echo "$1" >&"${FLEET[1]}" && read -r answer <&"${FLEET[0]}"; }

sleep 2
say announce
echo "$lockers lockers announced in $answer s; daemon $(rss) MB (asked $asked)"
say "events $events"
read -r seconds doubled <<<"$answer"
echo "  $events journal records stored in $seconds s ($(awk -v n=$events -v s="$seconds" 'BEGIN { printf "%d", n / (s > 0 ? s : 0.1) }')/s, asked 500), $doubled doubled; daemon $(rss) MB"
seen=$(psql -qXAt -c "SELECT count(*) FROM app.compartment WHERE observed->>'state' = 'free'")
[ "$seen" = $((lockers * 60)) ] || { echo "only $seen of $((lockers * 60)) compartments were seen"; grep warn "$work/log" | head -3; exit 1; }
"$here/tests/integration/broker.sh" stop "$work/broker"
"$here/tests/integration/broker.sh" start "$work/broker" yizhand
say announce
echo "  broker restarted: all $lockers back after $answer s (asked 30); daemon $(rss) MB, at most $(peak) MB"
