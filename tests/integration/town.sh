# shellcheck shell=bash disable=SC2034,SC2154
# A small city that is up: PostgreSQL, broker (TLS), boards, controllers and daemon under $work, at natural pace. Sourced by
# tests and benches in bash, with `set -euo pipefail`; wants $here, takes $top_builddir, $lockers, $bus and
# $boards_options. town_up starts everything, and all of it goes with the script.
# shellcheck source=contrib/lib/common.sh
. "$here/contrib/lib/common.sh"
for part in certs postgres broker city; do
    # shellcheck source=/dev/null
    . "$here/contrib/lib/$part.sh"
done
build=${top_builddir-$here/build} src=$here
case $build in /*) ;; *) build=$(pwd)/$build ;; esac
speed=1 couriers=12 osm='' seed=1 port=''
lockers=${lockers-12} bus=${bus-tcp} boards_options=${boards_options---auto --auto-close 1}
work=$(mktemp -d)
chmod 755 "$work"
folder=$work

town_down() {
    stop_programs
    stop broker
    pg_stop
    pg_remove
    rm -rf "$work"
}
trap town_down EXIT

town_up() {
    open_folder "$work"
    {
        make_authority
        certificate localhost server
        pg_start
        pg_database
        ports
        make_city
        make_lockers
        broker_start "$mqtt_port"
        next_day
        migrate
        start_programs
    } >"$work/log/set-up.log"
}
