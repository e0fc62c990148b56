#!/bin/sh
# A private mosquitto for tests, on free ports of the loopback address: one for TLS with client certificates (their
# common name is the user name), one plain.
#
#   broker.sh run CMD [ARG…]        starts one in a new folder, runs CMD with YIZHAN_BROKER (the folder), MQTTS_PORT
#                                   and MQTT_PORT set, stops it, removes the folder; exits as CMD did
#   broker.sh start DIR [CLIENT…]   makes (when DIR is new) and starts, with a certificate for each CLIENT
#   broker.sh stop DIR [SIGNAL]     TERM by default
#
# DIR/certs holds the certificates (certs.sh), DIR/ports "TLS PLAIN", DIR/acl, when it exists, the access rules.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin

die() {
    echo "broker.sh: $*" >&2
    exit 1
}

random_port() {
    echo $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
}

configure() {
    user=$(id -un)
    {
        echo "per_listener_settings true"
        echo "user $user"
        echo "max_queued_messages 100000"
        echo "max_inflight_messages 1000"
        echo "log_type error"
        echo "log_type warning"
        echo "log_type notice"
        echo "log_type information"
        echo "listener $2 127.0.0.1"
        echo "cafile $1/certs/ca.pem"
        echo "certfile $1/certs/server.pem"
        echo "keyfile $1/certs/server.key"
        echo "require_certificate true"
        echo "use_identity_as_username true"
        [ ! -f "$1/acl" ] || echo "acl_file $1/acl"
        echo "listener $3 127.0.0.1"
        echo "allow_anonymous true"
    } >"$1/mosquitto.conf"
}

listens() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        kill -0 "$1" 2>/dev/null || return 1
        grep -q "mosquitto version .* running" "$2" && return 0
        sleep 0.1
    done
    return 1
}

start() {
    dir=$1
    shift
    [ -d "$dir/certs" ] || "$here/certs.sh" "$dir/certs" "$@"
    for _ in 1 2 3 4 5; do
        [ -f "$dir/ports" ] || echo "$(random_port) $(random_port)" >"$dir/ports"
        read -r tls plain <"$dir/ports"
        configure "$dir" "$tls" "$plain"
        : >"$dir/log"
        mosquitto -c "$dir/mosquitto.conf" >>"$dir/log" 2>&1 </dev/null &
        echo $! >"$dir/pid"
        listens "$!" "$dir/log" && return 0
        rm -f "$dir/ports"
    done
    die "mosquitto does not start: $(tail -n 3 "$dir/log")"
}

stop() {
    pid=$(cat "$1/pid")
    kill "-${2-TERM}" "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.05
    done
}

run() {
    dir=$(mktemp -d "${TMPDIR:-/tmp}/yizhan-broker.XXXXXX")
    trap 'stop "$dir" KILL; rm -rf "$dir"' EXIT
    trap 'exit 130' INT TERM
    start "$dir" alice bob
    read -r tls plain <"$dir/ports"
    rc=0
    YIZHAN_BROKER=$dir MQTTS_PORT=$tls MQTT_PORT=$plain "$@" || rc=$?
    exit $rc
}

command -v mosquitto >/dev/null || die "mosquitto is not installed (Debian: apt-get install mosquitto)"
what=${1-}
case $what in
run | start | stop)
    shift
    "$what" "$@"
    ;;
*) die "usage: broker.sh run CMD… | start DIR [CLIENT…] | stop DIR [SIGNAL]" ;;
esac
