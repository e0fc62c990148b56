#!/bin/sh
# The daemon as it is, under load: ready after start, parcels taken in, scans one by one and by the hundred, each
# acknowledged after its commit. Single scans are put beside pgbench on the same cluster with as many clients, in turns.
# Usage: system.sh [SECONDS] ['CLIENTS …'] [ROUNDS]; under pg.sh run, with PG_FSYNC=on; top_builddir says where the programs are.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir-$here/build}
seconds=${1-5} clients_list=${2-64 256} rounds=${3-3}
work=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill $daemon 2>/dev/null || true; rm -rf "$work"' EXIT
conninfo="host=$PGHOST user=$PGUSER dbname=$PGDATABASE"

start_daemon() {
    "$build/yizhand" -o db.conninfo="$conninfo" -o http.listen="127.0.0.1:$port" \
        -o web.root="$build/web" -o outbox.dir="$work" >"$work/log" 2>&1 &
    daemon=$!
}

stop_daemon() {
    kill "$daemon"
    wait "$daemon" || true
    daemon=
}

# Milliseconds from the start of the program to the first 200 of /readyz.
ready_ms() {
    began=$(date +%s%N)
    start_daemon
    until curl -sf "http://127.0.0.1:$port/readyz" >/dev/null 2>&1; do
        kill -0 "$daemon" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
        sleep 0.005
    done
    echo $((($(date +%s%N) - began) / 1000000)) >>"$work/ready"
}

median() {
    sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

token() {
    curl -sf "http://127.0.0.1:$port/v1/sessions" -H 'Content-Type: application/json' \
        -d "{\"login\":\"$1\",\"password\":\"browser-test\"}" | sed 's/.*"token" *: *"\([^"]*\)".*/\1/'
}

daemon_cpu_ms() {
    awk '{ sub(/.*\) /, ""); print ($12 + $13) * 10 }' "/proc/$daemon/stat"
}

load() {
    before=$(daemon_cpu_ms)
    YIZHAN_TOKEN=$2 "$build/tests/bench/http_load" "$port" "$1" "$3" "$4" "$seconds" >"$work/out"
    after=$(daemon_cpu_ms)
    awk -v d=$((after - before)) -v s="$seconds" '{ printf "%s daemon_cpu_us %.1f\n", $0, d * 1000 / ($4 * s) }' "$work/out"
}

rate_of() {
    awk '{ print $2 }' "$1"
}

pgbench_rate() {
    "$(dirname "$(command -v pgbench || ls /usr/lib/postgresql/*/bin/pgbench)")/pgbench" -n -M prepared -c "$clients" -j 2 \
        -T "$seconds" -f "$1" 2>/dev/null | awk '/^tps/ { print int($3) }'
}

port=$(awk 'BEGIN { srand(); print 20000 + int(rand() * 20000) }')
"$build/yizhanctl" -d "$conninfo" --sql "$here/sql" migrate >"$work/migrate" || { cat "$work/migrate"; exit 1; }
"$build/yizhanctl" -d "$conninfo" import "$here/tests/browser/city.json" --now "$(date -u +%FT%TZ)" >"$work/import"
psql -qX -c 'CREATE TABLE bench_row (id uuid PRIMARY KEY, waybill text NOT NULL, kind text NOT NULL, at timestamptz NOT NULL, device text)'
echo "INSERT INTO bench_row VALUES (gen_random_uuid(), 'LOAD0000000001', 'arrive', '2026-11-11T00:30:00Z', 'PDA-0007');" >"$work/bare.sql"
echo "INSERT INTO app.event (day, id, waybill, kind, at, received_at, device) VALUES ('2026-11-11', gen_random_uuid(),
    'LOAD0000000001', 'arrive', '2026-11-11T00:30:00Z', '2026-11-11T00:30:01Z', 'PDA-0007');" | tr '\n' ' ' >"$work/event.sql"

for _ in 1 2 3 4; do
    ready_ms
    stop_daemon
done
ready_ms
echo "ready after start: $(median "$work/ready") ms (median of 5; asked 1000)"

shop=$(token shop) dock=$(token courier)
for n in $(seq 1 "$rounds"); do
    [ "$n" = 1 ] || psql -qX -c "TRUNCATE app.parcel, app.consent, app.event, app.fold_queue CASCADE"
    load parcels "$shop" 4 500 | tee -a "$work/intake"
done
rate_of "$work/intake" >"$work/rates"
echo "parcels by batches of 500, 4 clients: $(median "$work/rates") rows/s (asked 20000)"

LOAD_PARCELS=$(psql -qXAt -c "SELECT count(*) FROM app.parcel")
export LOAD_PARCELS
for clients in $clients_list; do
    : >"$work/ratios"
    : >"$work/eratios"
    for _ in $(seq 1 "$rounds"); do
        bare=$(pgbench_rate "$work/bare.sql") event=$(pgbench_rate "$work/event.sql")
        load scans "$dock" "$clients" 1 | tee "$work/single"
        awk -v b="$bare" -v e="$event" '{ printf "  pgbench: %d rows/s into a bare table, %d into the events; ratios %.2f, %.2f\n", b, e, $2 / b, $2 / e
            printf "%.2f\n", $2 / b >>"'"$work"'/ratios"; printf "%.2f\n", $2 / e >>"'"$work"'/eratios" }' "$work/single"
    done
    echo "single scans, $clients clients: $(median "$work/ratios") times pgbench into a bare table," \
        "$(median "$work/eratios") into the same table (asked 3)"
done

for _ in $(seq 1 "$rounds"); do
    load scans "$dock" 8 100 | tee -a "$work/hundreds"
done
rate_of "$work/hundreds" >"$work/rates"
echo "scans by batches of 100, 8 clients: $(median "$work/rates") rows/s (asked 60000)"
