#!/usr/bin/env bash
# Residents drop parcels off at a locker by code and by QR, also while it is cut off; a courier takes them out. Real controller,
# boards, broker and daemon.
# shellcheck disable=SC2034,SC2154
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
lockers=1 boards_options='--auto'
# shellcheck source=tests/integration/town.sh
. "$here/tests/integration/town.sh"
town_up
YIZHAN_CONNINFO=$(conninfo) PATH=$PATH:/usr/sbin timeout 150 node "$here/tests/integration/sending.mjs" "$work" "$build/yizhanctl"
