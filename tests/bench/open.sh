#!/usr/bin/env bash
# HTTP request until the coil pulses, through the real daemon, broker, controllers and simulated boards, all over TLS: a
# courier begins one deposit after the other. The clock's other end is the boards' own ledger.
# Usage: open.sh [DEPOSITS] [tcp|rtu]; top_builddir says where the programs are.
# shellcheck disable=SC2034,SC2154
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=contrib/lib/common.sh
. "$here/contrib/lib/common.sh"
for part in certs postgres broker city; do
    # shellcheck source=/dev/null
    . "$here/contrib/lib/$part.sh"
done
deposits=${1-200} bus=${2-tcp}
# shellcheck disable=SC2034 # for city.sh
build=${top_builddir-$here/build} src=$here
export speed=1 lockers=12 couriers=24 osm='' seed=1 port='' bus boards_options='--auto --auto-close 1'
[ "$bus" = tcp ] || boards_options="$boards_options --pace"

work=$(mktemp -d)
chmod 755 "$work"
folder=$work
finish() {
    stop_programs
    stop broker
    pg_stop
    pg_remove
    rm -rf "$work"
}
trap finish EXIT
open_folder "$work"
{
    make_authority
    certificate localhost server
    pg_start
    pg_database
    ports
    make_city
    make_lockers
    # shellcheck disable=SC2154 # of ports
    broker_start "$mqtt_port"
    next_day
    migrate
    start_programs
} >"$work/log/set-up.log"
node "$here/tests/bench/open.mjs" "$work" "$deposits" "$bus"
