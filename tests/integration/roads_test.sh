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
check "nor tiles" 404 "$(get /tiles -H "$(login manager)")"
stop_daemon

check "a map that is none" 1 "$("$build/yizhand" -o roads.file="$here/tests/integration/roads_map.osm" >"$work/out" 2>&1; echo $?)"
check "an option that is none" 1 "$("$build/yizhand" -o roads.open_to=friends >"$work/out" 2>&1; echo $?)"
check "says which" 1 "$(grep -c 'roads.open_to = friends' "$work/out")"
finish
