#!/bin/sh
# The road commands as one types them: exit statuses, and errors that say what and where.
# Prints "N passed, 0 failed".
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
route=${top_builddir-$here/build}/yizhan-route
case $route in /*) ;; *) route=$PWD/$route ;; esac
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

# says STATUS TEXT ARG …: the command ends so and writes the text on either stream.
says() {
    status=$1 text=$2
    shift 2
    "$route" "$@" >out 2>&1
    got=$?
    if [ "$got" = "$status" ] && grep -qF -e "$text" out; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $*: status $got instead of $status, or not \"$text\":"
        head -n 3 out
    fi
}

printf '%s' '<osm version="0.6"><node id="1" lat="35.4" lon="116.6"/><node id="2" lat="35.401" lon="116.6"/>
<node id="3" lat="35.402" lon="116.601"/><way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
<tag k="highway" v="residential"/><tag k="name" v="人民路"/></way></osm>' >town.osm
printf 'lon,lat\n116.6,35.4\n116.6005,35.4015\n' >points.csv
printf 'lon,lat\n116.6,35.4\n0,0\n' >sea.csv
printf 'lon,lat\n' >none.csv
printf 'lon,lat\n116.6,35.4\n116.6,north\n' >bad.csv
printf 'seconds,lon,lat\n1,116.6,35.4001\n11,116.6,35.4005\n21,116.6,35.4009\n' >trace.csv
printf 'seconds,lon,lat\n1,0,0\n9,0,0\n' >sea_trace.csv
printf 'seconds,lon,lat\n1,116.6\n' >bad_trace.csv
printf 'way,direction,speed\n10,sideways,3\n' >bad_traffic.csv

says 0 '1 ways' import --profiles "$here/routing/profiles" town.osm town.yzr
says 2 'no.osm: cannot open' import --profiles "$here/routing/profiles" no.osm x.yzr
says 2 'no.profiles: cannot find' import --profiles no.profiles town.osm x.yzr
says 0 'no way from 1 of 2 points, first point 1 at 0.0000000,0.0000000' matrix town.yzr sea.csv --out m.csv
says 2 'none.csv: no point' matrix town.yzr none.csv --out m.csv
says 2 'bad.csv:3: no valid lon and lat' matrix town.yzr bad.csv --out m.csv
says 2 '--threads 0' matrix town.yzr points.csv --threads 0 --out m.csv
says 2 '--hour 192' matrix town.yzr points.csv --hour 192 --out m.csv
says 2 '.: is a directory' matrix town.yzr points.csv --out .
says 0 '人民路' route town.yzr 116.6,35.4 116.601,35.402
says 0 'Walk to the door' route town.yzr 116.6,35.4 116.603,35.402 --lang en
says 2 '--lang fr' route town.yzr 116.6,35.4 116.601,35.402 --lang fr
says 2 "'116.6,north' is not LON,LAT" route town.yzr 116.6,35.4 116.6,north
says 2 "no profile 'plane'" route town.yzr 116.6,35.4 116.601,35.402 --profile plane
says 2 'not in reach of a road' route town.yzr 116.6,35.4 0,0
says 2 '--hour 500' route town.yzr 116.6,35.4 116.601,35.402 --hour 500
says 0 '10,"人民路"' nearest town.yzr 116.6,35.4
says 1 'nothing is in reach of 0,0' nearest town.yzr 0,0
says 0 'MultiPolygon' isochrone town.yzr 116.6,35.4 --seconds 60
says 2 'not in reach of a road' isochrone town.yzr 0,0 --seconds 60
says 2 'bad_traffic.csv:2' customize town.yzr x.yzr --traffic bad_traffic.csv
says 0 '3 of 3 fixes kept, 1 matchings' match town.yzr trace.csv
says 1 '0 matchings' match town.yzr sea_trace.csv
says 2 'bad_trace.csv:2' match town.yzr bad_trace.csv
says 2 'no.csv: cannot open' match town.yzr no.csv
says 2 '.: cannot read' match town.yzr .
says 2 'usage' tile town.yzr 14 x 1
says 2 'not a road file' route town.osm 116.6,35.4 116.601,35.402
head -c 9000 town.yzr >half.yzr
says 2 'truncated' route half.yzr 116.6,35.4 116.601,35.402

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
