#!/bin/sh
# A private PostgreSQL for tests: no TCP, a socket under its own folder, nothing global is touched.
#
#   pg.sh run CMD [ARG…]   starts one in a new folder, runs CMD with PGHOST, PGUSER, PGDATABASE and YIZHAN_PG
#                          (the folder) set, stops it, removes the folder; exits as CMD did
#   pg.sh start DIR        makes (when DIR is new) and starts; the socket is DIR/run
#   pg.sh stop DIR [MODE]  MODE fast (default), immediate
#   pg.sh signal DIR SIG   sends SIG to the postmaster and its children
#
# PG_FSYNC=on|off (default off: tests lose nothing by it), PG_OPTIONS: more "-c name=value". As root the server
# runs as the system's postgres user, otherwise as whoever calls.
set -eu

die() {
    echo "pg.sh: $*" >&2
    exit 1
}

find_bin() {
    for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
        [ -x "$dir/initdb" ] && bin=$dir
    done
    if [ -z "${bin-}" ]; then
        bin=$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/initdb)")
    fi
    [ -x "$bin/initdb" ] || die "no PostgreSQL server found (Debian: apt-get install postgresql)"
}

as_server() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
    else
        "$@"
    fi
}

create() {
    mkdir -p "$1/run"
    if [ "$(id -u)" = 0 ]; then
        id postgres >/dev/null 2>&1 || die "there is no user postgres to run the server as"
        chown -R postgres: "$1"
    fi
    chmod 700 "$1"
    as_server "$bin/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >"$1/initdb.log" 2>&1 || die "initdb failed: $(tail -n 3 "$1/initdb.log")"
}

start() {
    fresh=no
    [ -d "$1/data" ] || fresh=yes
    [ $fresh = no ] || create "$1"
    # shellcheck disable=SC2086
    as_server "$bin/pg_ctl" -D "$1/data" -l "$1/data/log" -w -t 60 -o "-c listen_addresses='' \
        -c unix_socket_directories='$1/run' -c fsync=${PG_FSYNC-off} -c max_connections=300 ${PG_OPTIONS-}" start \
        >/dev/null || die "the server does not start: $(tail -n 3 "$1/data/log")"
}

stop() {
    signal "$1" CONT 2>/dev/null || true
    [ ! -f "$1/data/postmaster.pid" ] ||
        as_server "$bin/pg_ctl" -D "$1/data" -w -t 60 -m "${2-fast}" stop >/dev/null 2>&1 || true
}

signal() {
    pid=$(head -n 1 "$1/data/postmaster.pid")
    children=$(ps -o pid= --ppid "$pid")
    # shellcheck disable=SC2086
    kill "-$2" "$pid" $children
}

run() {
    dir=$(mktemp -d "${TMPDIR:-/tmp}/yizhan-pg.XXXXXX")
    trap 'stop "$dir" immediate; rm -rf "$dir"' EXIT
    trap 'exit 130' INT TERM
    start "$dir"
    rc=0
    PGHOST=$dir/run PGUSER=postgres PGDATABASE=postgres YIZHAN_PG=$dir "$@" || rc=$?
    exit $rc
}

find_bin
what=${1-}
case $what in
run | start | stop | signal)
    shift
    "$what" "$@"
    ;;
*) die "usage: pg.sh run CMD… | start DIR | stop DIR [MODE] | signal DIR SIG" ;;
esac
