#!/usr/bin/env bash
# The locker's screen in a real Chromium, with its real controller and boards, also with its network down.
# shellcheck disable=SC2034,SC2154
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
[ -x /usr/bin/chromium ] || { echo "no chromium: skipped"; exit 77; }
[ -d "$here/tests/browser/node_modules" ] || (cd "$here/tests/browser" && npm ci --silent --no-audit --no-fund) || exit 77
lockers=1 boards_options='--auto --auto-close 3'
# shellcheck source=tests/integration/town.sh
. "$here/tests/integration/town.sh"
town_up
FOLDER=$work BROKER_PID=$(cut -d' ' -f1 "$work/run/broker.pid") node --test --test-concurrency=1 "$here/tests/browser/kiosk_test.mjs"
