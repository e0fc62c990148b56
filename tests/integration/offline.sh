#!/usr/bin/env bash
# A locker is cut off for 72 hours of the city's time while residents collect and hands work its doors; then its journal
# drains into the database, each record exactly once. Real controller, boards, broker, daemon. OFFLINE_RECORDS: how many.
# shellcheck disable=SC2034,SC2154
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
lockers=1 boards_options='--auto'
# shellcheck source=tests/integration/town.sh
. "$here/tests/integration/town.sh"
# shellcheck disable=SC2034
speed=7200
town_up
YIZHAN_CONNINFO=$(conninfo) PATH=$PATH:/usr/sbin timeout 600 node "$here/tests/integration/offline.mjs" "$work" "$build/yizhanctl" "${OFFLINE_RECORDS-10000}"
