#!/bin/bash
# Two daemons, one database: one drives the site, the other stands by and answers. The holder is killed, frozen in the middle
# of a plan, and stopped; each time the other takes over, and nothing is written under an old epoch (I10).
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir-$here/build}
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
[ -n "${YIZHAN_PG-}" ] || exec sh "$here/tests/integration/pg.sh" run bash "$0"

passed=0 failed=0
work=$(mktemp -d)
declare -A pid port
# shellcheck disable=SC2154 # set by the loop
trap 'for p in "${pid[@]}"; do kill -KILL "$p" 2>/dev/null; done; rm -rf "$work"' EXIT
check() { # NAME WANT GOT
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  want: %s\n  got:  %s\n' "$1" "$2" "$3"
        tail -n 5 "$work"/*.log
    fi
}
sql() { psql -qXAt -c "$1"; }
until_true() { # SECONDS COMMAND…
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}
conninfo="host=$PGHOST user=$PGUSER dbname=$PGDATABASE"
"$build/yizhanctl" -d "$conninfo" --sql "$here/sql" migrate >"$work/migrate" || { cat "$work/migrate"; exit 1; }
"$build/yizhanctl" -d "$conninfo" import "$here/tests/browser/city.json" --now 2026-11-11T00:00:00Z >"$work/import"

serves() { port[$1]=$(sed -n 's/.*serving on .*:\([0-9]*\).*/\1/p' "$work/$1.log") && [ -n "${port[$1]}" ]; }
up() { # NAME
    : >"$work/$1.log"
    mkdir -p "$work/$1"
    "$build/yizhand" -o db.conninfo="$conninfo" -o http.listen=127.0.0.1:0 -o clock.start=2026-11-11T00:30:00Z -o plan.seconds=2 \
        -o zones.seconds=2 -o web.root="$work" -o outbox.dir="$work/$1" >>"$work/$1.log" 2>&1 &
    pid[$1]=$!
    until_true 10 serves "$1"
}
ask() { # NAME METHOD PATH [BODY]
    curl -s -X "$2" ${token:+-H "Authorization: Bearer $token"} ${4:+-H 'Content-Type: application/json' -d "$4"} "http://127.0.0.1:${port[$1]}$3"
}
login() { token='' && token=$(ask "$1" POST /v1/sessions "{\"login\": \"$2\", \"password\": \"browser-test\"}" | jq -r .token); }
zones() { ask "$1" GET /metrics | sed -n 's/^yizhan_zones_held //p'; }
holds() { [ "$(zones "$1")" = 1 ]; }
stands_by() { [ "$(zones "$1")" = 0 ]; }
is_state() { [ "$(sql "SELECT status FROM app.wave WHERE id = '$wave'")" = "$1" ]; }
epoch() { sql 'SELECT max(epoch) FROM app.lease'; }
planned_under() { sql "SELECT epoch FROM app.effect WHERE what = 'plan' AND subject = '$wave'"; }
wave_by() { # NAME: asks for a wave
    wave=$(ask "$1" POST /v1/waves '{}' | jq -r .id)
}
again() { sql "UPDATE app.wave SET status = 'dropped'; UPDATE app.stop_parcel SET live = false; UPDATE app.deposit SET status = 'void' WHERE status = 'reserved'"; }

up a
check 'the first takes the site' 0 "$(until_true 5 holds a; echo $?)"
up b
sleep 0.5
check 'the second stands by' 0 "$(zones b)"
login b shop
ask b POST /v1/parcels '[{"waybill": "LEASE0001", "point": "P1", "prefer": "locker", "recipient": {"name": "张三", "phone": "13800000001", "address": "1"}},
  {"waybill": "LEASE0002", "point": "P2", "recipient": {"name": "李四", "phone": "13800000002", "address": "2"}}]' >"$work/parcels"
check 'but takes parcels in' 2 "$(jq .accepted "$work/parcels")"
login b manager
for w in 1 2; do
    ask b POST /v1/scans "{\"id\": \"$(sql "SELECT app.uuid7('2026-11-11T00:30:00Z')")\", \"waybill\": \"LEASE000$w\", \"kind\": \"arrive\", \"at\": \"2026-11-11T00:30:00Z\"}" >/dev/null
done
until_true 5 test "$(sql "SELECT count(*) FROM app.parcel WHERE state = 'arrived'")" = 2
wave_by b
check 'a wave asked of one is planned by the other' 0 "$(until_true 15 is_state planned; echo $?)"
check 'under the first epoch' 1 "$(planned_under)"

again
kill -KILL "${pid[a]}"
wait "${pid[a]}" 2>/dev/null
began=$SECONDS
check 'the holder is killed: the other takes over' 0 "$(until_true 10 holds b; echo $?)"
check 'within the time of a lease' 0 "$([ $((SECONDS - began)) -le 4 ]; echo $?)"
check 'under the next epoch' 2 "$(epoch)"
wave_by b
check 'and plans' 0 "$(until_true 15 is_state planned; echo $?)"
check 'under its own epoch' 2 "$(planned_under)"

up a
sleep 1
check 'who comes back stands by' 0 "$(zones a)"
again
wave_by b
claimed() { [ -n "$(sql "SELECT claimed_by FROM app.wave WHERE id = '$wave' AND claimed_by IS NOT NULL")" ]; }
until_true 5 claimed
kill -STOP "${pid[b]}"
check 'the holder freezes in the middle of a plan: the other takes over' 0 "$(until_true 10 holds a; echo $?)"
login a manager
check 'and plans the wave anew' 0 "$(until_true 15 is_state planned; echo $?)"
check 'under the third epoch' 3 "$(planned_under)"
kill -CONT "${pid[b]}"
check 'who was frozen is refused' 0 "$(until_true 10 grep -qE 'lease-lost|plan was not taken' "$work/b.log"; echo $?)"
check 'and stands by' 0 "$(until_true 5 stands_by b; echo $?)"
check 'one plan only' 1 "$(sql "SELECT count(*) FROM app.effect WHERE what = 'plan' AND subject = '$wave'")"

kill -TERM "${pid[a]}"
wait "${pid[a]}"
check 'a stop ends well' 0 $?
check 'and hands over at once' 0 "$(until_true 3 holds b; echo $?)"
check 'I10 holds' '0' "$(sql "SELECT violations FROM api.checks_run() WHERE name LIKE 'I10 %' AND checked >= 3")"
check 'every change of hands is kept' '1 2 3 4' "$(sql 'SELECT epoch FROM app.lease_change ORDER BY 1' | xargs)"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
