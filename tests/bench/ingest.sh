#!/bin/sh
# Rows from HTTP to a committed table, beside what pgbench reaches with one committed single-row insert a
# transaction on the same cluster with as many clients. Usage: ingest.sh BENCH [SECONDS]; under pg.sh run, with
# PG_FSYNC=on.
set -eu
bench=$1 seconds=${2-5} clients=${3-64}
psql -qX -c "CREATE TABLE bench_scans (id uuid PRIMARY KEY, waybill text NOT NULL, kind text NOT NULL,
    at timestamptz NOT NULL, received timestamptz NOT NULL, device text)"
file=$(mktemp)
trap 'rm -f "$file"' EXIT
cat >"$file" <<'END'
INSERT INTO bench_scans VALUES (gen_random_uuid(), 'YZ0000000001', 'arrive', '2026-11-11T08:30:00Z', '2026-11-11T08:30:01Z', 'PDA-0007');
END
bindir=$(dirname "$(command -v pgbench || echo /usr/lib/postgresql/*/bin/pgbench)")
single=$("$bindir/pgbench" -n -M prepared -c "$clients" -j 2 -T "$seconds" -f "$file" 2>/dev/null |
    awk '/^tps/ { print int($3) }')
echo "pgbench, $clients clients: $single rows/s"
"$bench" "$clients" 1 "$seconds" | tee "$file"
awk -v s="$single" '/rows a request: / { sub(/.*request: /, ""); printf "ratio: %.1f\n", $1 / s }' "$file"
"$bench" "$clients" 100 "$seconds"
