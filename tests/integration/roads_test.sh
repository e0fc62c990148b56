#!/bin/bash
# The road map of a running daemon: OSRM's services, over a tiny map drawn by hand, on a private PostgreSQL.
# Prints "N passed, 0 failed".
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir-$here/build}
[ -n "${YIZHAN_PG-}" ] || exec sh "$here/tests/integration/pg.sh" run bash "$0"
# shellcheck source=tests/integration/roads_rig.sh
. "$here/tests/integration/roads_rig.sh"

A=116.591,35.4 B=116.599,35.4 C=116.595,35.405
ROUTE="/route/v1/driving/$A;$C"

start_daemon
check "a route" 200 "$(get "$ROUTE?steps=true&geometries=geojson")"
check "its code" Ok "$(member code)"
check "its end" 中街 "$(member routes.0.legs.0.steps.1.name)"
check "its words" "Turn left onto 中街" "$(member routes.0.legs.0.steps.1.instruction)"
check "a table" 200 "$(get "/table/v1/driving/$A;$B;$C?annotations=duration,distance")"
check "one-way streets make it lopsided" True "$(calc 'd["distances"][2][0] > d["distances"][0][2] + 150')"
check "to itself" 0 "$(member durations.1.1)"
check "nearest" 人民路 "$(get "/nearest/v1/foot/116.592,35.3999" >/dev/null; member waypoints.0.name)"
check "a trip" 200 "$(get "/trip/v1/etrike/$A;$B;$C?overview=false")"
check "all visited" True "$(calc 'sorted(w["waypoint_index"] for w in d["waypoints"]) == [0, 1, 2]')"
check "a trace" 200 "$(get "/match/v1/driving/$A;116.592,35.4;116.594,35.4?timestamps=0;10;30")"
check "matched" Ok "$(member code)"
check "a polyline, escaped" 200 "$(get "/route/v1/driving/polyline(_aawEwtrfU%3F_q%40)?overview=false")"
check "a double escape is no separator" 400 "$(get "/route/v1/driving/$A;$B%253Fsteps=true")"
check "no street near" 400 "$(get "/route/v1/driving/0,0;1,1")"
check "its code" NoSegment "$(member code)"
check "no such profile" InvalidValue "$(get "/route/v1/submarine/$A;$B" >/dev/null; member code)"
check "no such option" InvalidQuery "$(get "$ROUTE?colour=red" >/dev/null; member code)"
check "malformed" InvalidUrl "$(get "/route/v1/driving/here" >/dev/null; member code)"
check "only GET" 405 "$(send "$ROUTE" -X POST)"
check "a proxied stranger" 401 "$(get "$ROUTE" -H 'X-Forwarded-For: 203.0.113.7')"
check "is told in OSRM's shape" NoSession "$(member code)"
check "media type" application/json "$(type_of "$ROUTE" -H 'X-Forwarded-For: 203.0.113.7')"
check "a courier through the proxy" 200 "$(get "$ROUTE" -H 'X-Forwarded-For: 203.0.113.7' -H "$(login courier)")"
check "a shop through the proxy" 403 "$(get "$ROUTE" -H 'X-Forwarded-For: 203.0.113.7' -H "$(login shop)")"
many=$(for i in $(seq 600); do printf '116.59%03d,35.4;' "$i"; done)
check "600 coordinates" 200 "$(get "/table/v1/driving/${many%;}?sources=0")"
check "a head that is too long" 431 "$(get "/table/v1/driving/$many$many${many%;}")"
check "forty at once" 40 "$(for i in $(seq 40); do get "$ROUTE" >"$work/par.$i" & done; wait; cat "$work"/par.* | grep -o 200 | wc -l)"

manager=$(login manager)
post() { send "$1" -H "$manager" -H 'Content-Type: application/json' -d "$2" "${@:3}"; }
metres() { get "/route/v1/driving/$1;$2?overview=false" >/dev/null; calc 'round(d["routes"][0]["distance"])'; }
# shellcheck disable=SC2034 # the far corner of the block
D=116.599,35.405
check "along 人民路" 725 "$(metres "$A" "$B")"
check "a way that is closed" 200 "$(post /v1/roads/traffic '{"changes":[{"way":101,"closed":true,"reason":"施工"}]}')"
check "both directions" 2 "$(member set)"
check "the table goes round" True "$(get "/table/v1/driving/116.59,35.4005;116.6,35.4005?annotations=distance" >/dev/null; calc 'd["distances"][0][1] > 1700')"
stop_daemon

start_daemon
manager=$(login manager)
for _ in 1 2 3 4 5 6 7 8 9; do grep -q 'traffic in force' "$work/log" || sleep 0.1; done
check "still after a restart" True "$(get "/table/v1/driving/116.59,35.4005;116.6,35.4005?annotations=distance" >/dev/null; calc 'd["distances"][0][1] > 1700')"
check "listed" 2 "$(get /v1/roads/traffic -H "$manager" >/dev/null; calc 'len(d["items"])')"
check "with its reason" 施工 "$(member items.0.reason)"
check "page by page" 1 "$(get "/v1/roads/traffic?limit=1" -H "$manager" >/dev/null; get "/v1/roads/traffic?limit=1&cursor=$(member next)" -H "$manager" >/dev/null; calc 'len([i for i in d["items"] if i["direction"] == "forward"])')"
check "taken back" 2 "$(post /v1/roads/traffic '{"changes":[{"way":101,"normal":true}]}' >/dev/null; member taken_back)"
check "open again" 725 "$(metres "$A" "$B")"
before=$(get "/route/v1/driving/$A;$B" >/dev/null; member routes.0.duration)
check "slow one way" 1 "$(post /v1/roads/traffic '{"changes":[{"way":101,"direction":"forward","speed":10}]}' >/dev/null; member set)"
check "takes longer" True "$(get "/route/v1/driving/$A;$B" >/dev/null; calc "d['routes'][0]['duration'] > 1.5 * $before")"
check "not the other way" True "$(get "/route/v1/driving/$B;$A" >/dev/null; calc "abs(d['routes'][0]['duration'] - $before) < 40")"
check "the last word holds, and ends by itself" 200 "$(post /v1/roads/traffic '{"changes":[{"way":101,"closed":true},{"way":101,"factor":0.5,"until":"2026-11-11T00:30:30Z"}]}')"
sleep 0.2
check "an end that has passed" 725 "$(post /v1/roads/traffic '{"changes":[{"way":102,"factor":0.5,"until":"2026-11-11T00:00:00Z"}]}' >/dev/null; metres "$A" "$B")"
check "an unknown way" 422 "$(post /v1/roads/traffic '{"changes":[{"way":101,"closed":true},{"way":9,"closed":true}]}')"
check "is pointed at" /changes/1/way "$(member field)"
check "changes nothing" 725 "$(metres "$A" "$B")"
check "two things at once" 422 "$(post /v1/roads/traffic '{"changes":[{"way":101,"closed":true,"speed":9}]}')"
check "nothing at all" /changes/0 "$(post /v1/roads/traffic '{"changes":[{"way":101}]}' >/dev/null; member field)"
check "too fast" 422 "$(post /v1/roads/traffic '{"changes":[{"way":101,"speed":900}]}')"
check "a courier may not" 403 "$(send /v1/roads/traffic -H "$(login courier)" -H 'Content-Type: application/json' -d '{"changes":[{"way":101,"closed":true}]}')"
check "a repeat is one" True "$(post /v1/roads/traffic '{"changes":[{"way":103,"closed":true}]}' -H 'Idempotency-Key: k1' >/dev/null; post /v1/roads/traffic '{"changes":[{"way":103,"closed":true}]}' -H 'Idempotency-Key: k1' >/dev/null; calc 'd["set"] == 2')"
check "tells how long it took" 1 "$(curl -s -o /dev/null -D - "http://127.0.0.1:$port/v1/roads/traffic" -H "$manager" -H 'Content-Type: application/json' -d '{"changes":[{"way":104,"closed":true}]}' | grep -ciE '^Server-Timing: customize;dur=[0-9.]+')"
check "twenty closures and openings while routes are asked" 40 "$(for i in $(seq 20); do get "$ROUTE" >"$work/tw.$i" & post /v1/roads/traffic "{\"changes\":[{\"way\":102,\"$([ $((i % 2)) = 0 ] && echo normal || echo closed)\":true}]}" >"$work/tw.x$i" & done; wait; cat "$work"/tw.* | grep -o 200 | wc -l)"
check "tiles are for who is logged in" 401 "$(get /tiles)"
check "the map's description" 200 "$(get /tiles -H "$manager")"
check "names OpenStreetMap" "© OpenStreetMap contributors" "$(member attribution)"
tile=/tiles/14/$(calc 'int((116.595 + 180) / 360 * 2**14)')/$(calc 'int((1 - __import__("math").asinh(__import__("math").tan(__import__("math").radians(35.4025))) / __import__("math").pi) / 2 * 2**14)')
check "a tile" 200 "$(get "$tile" -H "$manager")"
check "with the streets" 5 "$(grep -aoE '人民路|东街|建设路|西街|中街' "$work/body" | sort -u | wc -l)"
check "its type" application/vnd.mapbox-vector-tile "$(type_of "$tile" -H "$manager")"
etag=$(curl -s -D - -o "$work/out" "http://127.0.0.1:$port$tile" -H "$manager" | sed -n 's/^ETag: //p' | tr -d '\r')
check "known already" 304 "$(get "$tile" -H "$manager" -H "If-None-Match: $etag")"
check "another map's" 200 "$(get "$tile" -H "$manager" -H 'If-None-Match: "0"')"
check "an empty tile" 204 "$(get /tiles/14/1/1 -H "$manager")"
check "no such tile" 404 "$(get /tiles/2/9/0 -H "$manager")"
check "no such zoom" 404 "$(get /tiles/19/0/0 -H "$manager")"
stop_daemon

start_daemon -o roads.open_to=staff
check "staff only" 401 "$(get "$ROUTE")"
check "staff" 200 "$(get "$ROUTE" -H "$(login manager)")"
stop_daemon

start_daemon -o roads.seconds=0.1 -o roads.open_to=all
check "open to all" 200 "$(get "$ROUTE" -H 'X-Forwarded-For: 203.0.113.7')"
stop_daemon

start_daemon -o roads.file=
check "without a map" 501 "$(get "$ROUTE")"
check "its code" NotImplemented "$(member code)"
check "nor traffic" 404 "$(send /v1/roads/traffic -H "$(login manager)" -H 'Content-Type: application/json' -d '{"changes":[{"way":101,"closed":true}]}')"
check "nor tiles" 404 "$(get /tiles -H "$(login manager)")"
stop_daemon

# Another engine's server as provider of matrices: the daemon itself serves, for the command line and for another daemon.
printf 'lon,lat\n116.591,35.4\n116.599,35.4\n116.595,35.405\n116.5905,35.403\n116.597,35.405\n' >"$work/points.csv"
matrix() { "$build/yizhan-route" matrix "$@" --profile etrike --out "$work/m.csv" "$work/points.csv" 2>"$work/err" && cat "$work/m.csv"; }
start_daemon
manager=$(login manager)
check "all roads are as usual" 200 "$(post /v1/roads/traffic '{"changes":[{"way":101,"normal":true},{"way":102,"normal":true},{"way":103,"normal":true},{"way":104,"normal":true}]}')"
server=$daemon server_port=$port daemon=
check "a matrix from a server" "$("$build/yizhan-route" matrix "$work/town.yzr" "$work/points.csv" --profile etrike --out "$work/n.csv" && md5sum <"$work/n.csv")" "$(matrix --matrix-url "http://127.0.0.1:$server_port" --coordinates 4 | md5sum)"
check "a refusal is told" 2 "$(matrix --matrix-url "http://127.0.0.1:$server_port/nowhere" >/dev/null; echo $?)"
check "with the server's name" 1 "$(grep -c "http://127.0.0.1:$server_port/nowhere" "$work/err")"
check "a URL that is none" 2 "$(matrix --matrix-url ftp://x >/dev/null; echo $?)"

start_daemon -o roads.file= -o roads.matrix_url="http://127.0.0.1:$server_port" -o roads.matrix_seconds=2 -o plan.seconds=1
manager=$(login manager) shop=$(login shop)
parcels='[' scans='['
for i in 1 2 3 4; do
    parcels="$parcels{\"waybill\":\"ROADS0000$i\",\"point\":\"P$((i % 2 + 1))\",\"prefer\":\"door\",\"recipient\":{\"name\":\"王芳\",\"phone\":\"1380000000$i\",\"address\":\"1号\"}},"
    scans="$scans{\"id\":\"01930000-0000-7000-8000-00000000000$i\",\"waybill\":\"ROADS0000$i\",\"kind\":\"arrive\",\"at\":\"2026-11-11T00:30:00Z\"},"
done
check "parcels" 200 "$(send /v1/parcels -H "$shop" -H 'Content-Type: application/json' -d "${parcels%,}]")"
check "scans" 200 "$(post /v1/scans "{\"scans\":${scans%,}]}")"
plan() { # the wave's status once it is planned
    post /v1/waves '{}' >/dev/null
    for _ in $(seq 100); do
        get "/v1/waves?limit=1" -H "$manager" >/dev/null
        [ "$(member items.0.status)" = planning ] || break
        sleep 0.1
    done
    member items.0.status
}
check "a plan by the server's travel times" planned "$(plan)"
check "dropped again" 200 "$(get "/v1/waves?limit=1" -H "$manager" >/dev/null; post "/v1/waves/$(member items.0.id)/drop" '{}')"
kill -STOP "$server"
check "a server that does not answer" failed "$(plan)"
check "is named" 1 "$(member items.0.reason | grep -c "127.0.0.1:$server_port.*timed out")"
kill -CONT "$server"
kill "$server"
wait "$server"
stop_daemon

check "a map that is none" 1 "$("$build/yizhand" -o roads.file="$here/tests/integration/roads_map.osm" >"$work/out" 2>&1; echo $?)"
check "an option that is none" 1 "$("$build/yizhand" -o roads.open_to=friends >"$work/out" 2>&1; echo $?)"
check "says which" 1 "$(grep -c 'roads.open_to = friends' "$work/out")"
finish
