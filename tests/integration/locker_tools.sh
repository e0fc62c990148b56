#!/bin/sh
# shellcheck disable=SC2317
# What an installer and an operator do at a locker, with the programs as they are: check profiles and wiring, scan a bus,
# try a door, look how the controller is, send it signed configurations and firmware; nothing forged, old or foreign is
# taken, and what was taken holds over a restart.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir:-$here/build}
build=$(cd "$build" && pwd)
[ -n "${MQTT_PORT-}" ] || exec sh "$here/tests/integration/broker.sh" run sh "$here/tests/integration/locker_tools.sh"
command -v mosquitto_pub >/dev/null || { echo 'mosquitto_pub is missing'; exit 77; }
work=$(mktemp -d)
pids=''
trap 'kill $pids 2>/dev/null || true; rm -rf "$work"' EXIT
failed=0

ok() { echo "ok - $1"; }
no() {
    echo "not ok - $1"
    failed=1
}
check() { # NAME COMMAND…
    name=$1
    shift
    if "$@" >"$work/out" 2>&1; then ok "$name"; else no "$name" && cat "$work/out"; fi
}
fails() { # STATUS NAME COMMAND…
    want=$1 name=$2
    shift 2
    got=0
    "$@" >"$work/out" 2>&1 || got=$?
    if [ "$got" = "$want" ]; then ok "$name"; else no "$name: exit $got, not $want" && cat "$work/out"; fi
}
says() { if grep -q -- "$2" "$work/out"; then ok "$1"; else no "$1" && cat "$work/out"; fi; }
port() { awk 'BEGIN { srand(); print 32000 + int(rand() * 500) }'; }

board=$(port) kiosk=$(($(port) + 600))
umask 077
openssl rand -hex 32 >"$work/seed"
openssl rand -hex 32 >"$work/other"
openssl rand -hex 32 >"$work/locker.key"
echo "k1 $("$build/yizhanctl" grant-key "$work/seed")" >"$work/grants"
cat >"$work/wiring" <<END
board bus=tcp:127.0.0.1:$board profile=xunming16 unit=3 sizes=SM tamper=discrete:40
board bus=tcp:127.0.0.1:$board profile=waveshare32 unit=9 first=17 doors=8 sizes=L
END
cat >"$work/lockerd.ini" <<END
[locker]
code = L1
site = S1
wiring = $work/wiring
profiles = $here/locker-fw/profiles
journal = $work
[keys]
locker = $work/locker.key
grants = $work/grants
[mqtt]
url = mqtt://127.0.0.1:$MQTT_PORT
[kiosk]
port = $kiosk
root = $here/locker-fw/kiosk
END
lockerd() { "$build/yizhan-lockerd" -c "$work/lockerd.ini" "$@"; }
boards() {
    "$build/yizhan-boards" -b "locker=L1 profile=xunming16 tcp=$board unit=3 tamper=discrete:40" \
        -b "locker=L1 profile=waveshare32 tcp=$board unit=9 first=17" -p "$here/locker-fw/profiles" -s "$work/sock" --auto \
        >"$work/boards.log" 2>&1 &
    boards_pid=$!
    pids="$pids $boards_pid"
    for _ in 1 2 3 4 5 6 7 8 9 10; do grep -q ready "$work/boards.log" && return; sleep 0.1; done
}
start() {
    "$build/yizhan-lockerd" -c "$work/lockerd.ini" >>"$work/lockerd.log" 2>&1 &
    lockerd_pid=$!
    pids="$pids $lockerd_pid"
}
within() { # SECONDS COMMAND…: until it succeeds
    end=$(($(date +%s) + $1))
    shift
    while [ "$(date +%s)" -lt $end ]; do
        "$@" >"$work/out" 2>&1 && return 0
        sleep 0.2
    done
    return 1
}

# --- at the bench
check 'every profile is sound' lockerd --check-profile "$here"/locker-fw/profiles/*.ini
says 'the bytes of an opening are shown' '01 05 00 65 01 F4'
printf '[profile]\nname = x\ndoors = 4\n[open]\nstyle = coil_value_ms\nunit_ms = 1\nbase = 0\n[door]\nspace = coil\n[never]\nrule = 5 0-9 0-65535\n' >"$work/bad.ini"
fails 1 'a profile that forbids its own pulse' lockerd --check-profile "$work/bad.ini"
says 'is told so' 'never list forbids'
check 'the wiring is sound' lockerd --check-wiring
says 'and counted' '24 compartments on 2 boards on 1 buses'
fails 1 'a door twice' sh -c "sed s/first=17/first=9/ '$work/wiring' >'$work/w2'; '$build/yizhan-lockerd' -c '$work/lockerd.ini' -o locker.wiring='$work/w2' --check-wiring"
fails 1 'an input at no address' sh -c "sed s/discrete:40/discrete/ '$work/wiring' >'$work/w2'; '$build/yizhan-lockerd' -c '$work/lockerd.ini' -o locker.wiring='$work/w2' --check-wiring"
fails 1 'no bus' lockerd --scan tcp:127.0.0.1:1 xunming16
boards
check 'scan' timeout 120 "$build/yizhan-lockerd" -o "locker.profiles=$here/locker-fw/profiles" --scan "tcp:127.0.0.1:$board" xunming16
says 'finds the board of this kind' 'unit 3: answers as the profile says'
says 'and the other' 'unit 9: answers'
check 'and nobody else' [ "$(wc -l <"$work/out")" = 2 ]
fails 1 'no door opens without a yes' sh -c "echo no | '$build/yizhan-lockerd' -c '$work/lockerd.ini' --try-door 18"
check 'one opens with it' sh -c "echo yes | '$build/yizhan-lockerd' -c '$work/lockerd.ini' --try-door 18"
says 'and is seen open' 'after: the door is open'
fails 2 'a door that is not there' lockerd --try-door 99

kill $boards_pid # the door is closed again
wait $boards_pid || true
boards

# --- under a supervisor
cat >"$work/supervisor.py" <<'END'
import os, socket, subprocess, sys, time
path = sys.argv[1] + '/notify'
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(path)
s.settimeout(0.2)
p = subprocess.Popen(sys.argv[2:], env={**os.environ, 'NOTIFY_SOCKET': path, 'WATCHDOG_USEC': '600000'}, stderr=subprocess.DEVNULL)
said = []
end = time.time() + 2.5
while time.time() < end:
    try:
        said.append(s.recv(256).decode())
    except TimeoutError:
        pass
p.terminate()
p.wait()
try:
    said.append(s.recv(256).decode())
    while True:
        said.append(s.recv(256).decode())
except TimeoutError:
    pass
print(sum('READY=1' in x for x in said), sum('WATCHDOG=1' in x for x in said) >= 5, any('STOPPING=1' in x for x in said))
END
check 'it tells its supervisor' python3 "$work/supervisor.py" "$work" "$build/yizhan-lockerd" -c "$work/lockerd.ini"
says 'that it is ready, lives, and stops' '^1 True True$'

# --- running
fails 3 'nobody answers before the start' lockerd --diagnose
start
within 5 lockerd --diagnose || true
fails 0 'all is well' within 5 lockerd --diagnose
says 'the bus' "bus tcp:127.0.0.1:$board: [0-9]* requests, 0 unanswered, 0 wrong"
says 'the boards' 'board 2 (waveshare32), compartments 17 to 24: answers'
says 'the doors' '18  free .*door closed'
fails 1 'the door is tried only when the controller is stopped' sh -c "echo yes | '$build/yizhan-lockerd' -c '$work/lockerd.ini' --try-door 1"
kill -9 $boards_pid
lost() { ! lockerd --diagnose >"$work/d" 2>&1 && grep -q '^! board 1 .*does not answer' "$work/d"; }
check 'a lost board is marked' within 8 lost
boards
check 'and its return' within 15 lockerd --diagnose

# --- signed messages
config() { "$build/yizhanctl" locker-config "$1" --key "$2" --release "$3" --file "$work/limits"; }
send() { mosquitto_pub -p "$MQTT_PORT" -r -q 1 -t "lk/1/S1/L1/$1" -s; }
in_force() { lockerd --diagnose | grep -q "configuration $1, firmware $2,"; }
printf '# quieter\nlimits.tries = 5\nlimits.hot_c = 45\n' >"$work/limits"
config L1 "$work/seed" 7 | send cfg
check 'a signed configuration is taken' within 5 in_force 7 0
check 'and kept' grep -qx 'limits.tries=5' "$work/limits.signed"
printf 'limits.tries = 9\n' >"$work/limits"
config L1 "$work/other" 8 | send cfg
config L2 "$work/seed" 9 | send cfg
config L1 "$work/seed" 6 | send cfg
printf 'limits.tries = 500\n' >"$work/limits"
config L1 "$work/seed" 10 | send cfg
printf 'keys.grants = /dev/null\n' >"$work/limits"
config L1 "$work/seed" 11 | send cfg
sleep 1
check 'none that is forged, foreign, old, out of bounds or about keys' in_force 7 0
check 'nor anything of it' grep -qx 'limits.tries=5' "$work/limits.signed"
kill $lockerd_pid
wait $lockerd_pid || true
start
check 'the configuration holds over a restart' within 8 in_force 7 0
printf 'limits.left_open_ms = 60000\n' >"$work/limits"
config L1 "$work/seed" 12 | send cfg
check 'the next one adds to it' within 5 in_force 12 0
check 'and what was before stays' grep -qx 'limits.tries=5' "$work/limits.signed"
echo image >"$work/image"
"$build/yizhanctl" locker-firmware L1 --key "$work/other" --release 3 --file "$work/image" --url "file://$work/image" | send fw
sleep 0.7
check 'a forged firmware is not fetched' [ ! -e "$work/firmware.wanted" ]
"$build/yizhanctl" locker-firmware L1 --key "$work/seed" --release 3 --file "$work/image" --url "file://$work/image" | send fw
check 'a signed one is asked for' within 5 grep -q "^3 $(sha256sum "$work/image" | cut -d' ' -f1) file://$work/image$" "$work/firmware.wanted"
echo '3 rolled_back' >"$work/firmware.result"
check 'what became of it goes into the journal' within 15 in_force 12 3
check 'and is not tried again' sh -c "! test -e '$work/firmware.result'"
kill $lockerd_pid || { cat "$work/lockerd.log"; exit 1; }
wait $lockerd_pid || true
exit $failed
