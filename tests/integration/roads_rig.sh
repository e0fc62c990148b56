# shellcheck shell=bash disable=SC2154
# For roads_test.sh: a daemon on the tiny map, and ways to ask it. Needs $here, $build and a private PostgreSQL.
passed=0 failed=0 daemon='' port='' server=''
work=$(mktemp -d)
trap 'stop_daemon; [ -z "$server" ] || kill -9 "$server" 2>/dev/null; rm -rf "$work"' EXIT
case $build in /*) ;; *) build=$(pwd)/$build ;; esac

check() { # NAME WANT GOT
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  want: %s\n  got:  %s\n' "$1" "$2" "$3"
        [ ! -s "$work/body" ] || { head -c 400 "$work/body" | sed 's/^/  body: /'; echo; }
    fi
}
finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
    exit
}

conninfo="host=$PGHOST user=$PGUSER dbname=$PGDATABASE"
"$build/yizhanctl" -d "$conninfo" --sql "$here/sql" migrate >"$work/migrate" || { cat "$work/migrate"; exit 1; }
"$build/yizhanctl" -d "$conninfo" import "$here/tests/browser/city.json" --now 2026-11-11T00:00:00Z >"$work/import" || exit 1
"$build/yizhan-route" import "$here/tests/integration/roads_map.osm" "$work/town.yzr" --profiles "$here/routing/profiles" \
    --quiet >"$work/map" 2>&1 || { cat "$work/map"; exit 1; }

start_daemon() { # [-o NAME=VALUE …]
    : >"$work/log"
    "$build/yizhand" -o db.conninfo="$conninfo" -o http.listen=127.0.0.1:0 -o roads.file="$work/town.yzr" \
        -o clock.start=2026-11-11T00:30:00Z "$@" >"$work/log" 2>&1 &
    daemon=$!
    for _ in $(seq 100); do
        port=$(sed -n 's/.*serving on .*:\([0-9]*\).*/\1/p' "$work/log" | head -n 1)
        [ -z "$port" ] || [ "$(get /readyz)" != 200 ] || return 0
        sleep 0.1
    done
    echo "the daemon is not ready:"
    tail -5 "$work/log"
    exit 1
}
stop_daemon() {
    [ -z "$daemon" ] || kill -0 "$daemon" 2>/dev/null || { echo "FAIL the daemon has died:"; tail -n 20 "$work/log"; failed=$((failed + 1)); }
    [ -n "$daemon" ] || return 0
    kill "$daemon" 2>/dev/null
    wait "$daemon"
    daemon=
}
# send PATH [CURL-OPTION …]: the status; the body stands in $work/body.
send() { curl -sg -o "$work/body${BASHPID:+.$BASHPID}" -w '%{http_code}' "http://127.0.0.1:$port$1" "${@:2}"; mv "$work/body.$BASHPID" "$work/body" 2>/dev/null; }
get() { send "$@"; }
type_of() { curl -sg -o /dev/null -w '%{content_type}' "http://127.0.0.1:$port$1" "${@:2}"; }
calc() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$work/body" "$1"; }
member() { calc "$(printf '%s' "$1" | sed -E 's/[^.]+/["&"]/g; s/\["([0-9]+)"\]/[\1]/g; s/\.//g; s/^/d/')"; }
login() { # LOGIN: the header that speaks for him
    curl -s "http://127.0.0.1:$port/v1/sessions" -H 'Content-Type: application/json' \
        -d "{\"login\":\"$1\",\"password\":\"browser-test\"}" |
        python3 -c 'import json, sys; print("Authorization: Bearer " + json.load(sys.stdin)["token"])'
}
