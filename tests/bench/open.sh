#!/usr/bin/env bash
# HTTP request until the coil pulses, through the real daemon, broker, controllers and simulated boards, all over TLS: a
# courier begins one deposit after the other. The clock's other end is the boards' own ledger.
# Usage: open.sh [DEPOSITS] [tcp|rtu]; top_builddir says where the programs are.
# shellcheck disable=SC2034,SC2154
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
deposits=${1-200} bus=${2-tcp}
# serial lines take their time
[ "$bus" = tcp ] || boards_options='--auto --auto-close 1 --pace'
# shellcheck source=tests/integration/town.sh
. "$here/tests/integration/town.sh"
town_up
node "$here/tests/bench/open.mjs" "$work" "$deposits" "$bus"
