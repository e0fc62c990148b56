#!/bin/sh
# A/B slots: a good image is activated, a bad hash and an unhealthy image are rolled back, an old version is refused.
set -eu
slots=${srcdir:-.}/locker-fw/port/yizhan-slots
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/root/a" "$dir/state" "$dir/image"
echo 1 >"$dir/root/version"
echo one >"$dir/root/a/program"
touch "$dir/root/a/healthy"
ln -s a "$dir/root/current"

want() { # version hash|auto
    tar -cf "$dir/image.tar" -C "$dir/image" .
    hash=$2
    [ "$hash" = auto ] && hash=$(sha256sum "$dir/image.tar" | cut -d' ' -f1)
    echo "$1 $hash file://$dir/image.tar" >"$dir/state/firmware.wanted"
}
run() { "$slots" -d "$dir/state" -r "$dir/root" -s true -k "test -e $dir/root/current/healthy" -t 2 >"$dir/log" 2>&1; }
expect() { # slot version result
    [ "$(readlink "$dir/root/current")" = "$1" ] && [ "$(cat "$dir/root/version")" = "$2" ] &&
        [ "$(cat "$dir/state/firmware.result")" = "$3" ] || { cat "$dir/log"; echo "expected $*"; exit 1; }
}

run || { echo "nothing wanted is no error"; exit 1; }
echo two >"$dir/image/program"
touch "$dir/image/healthy"
want 2 auto
run || { cat "$dir/log"; exit 1; }
expect b 2 "2 activated"
[ "$(cat "$dir/root/current/program")" = two ]

want 3 0000000000000000000000000000000000000000000000000000000000000000
run && { echo "a wrong hash was taken"; exit 1; }
expect b 2 "3 rolled_back"

rm "$dir/image/healthy"
want 4 auto
run && { echo "an unhealthy image was kept"; exit 1; }
expect b 2 "4 rolled_back"

touch "$dir/image/healthy"
want 2 auto
run && { echo "an old version was taken"; exit 1; }
expect b 2 "4 rolled_back"

want 5 auto
run
expect a 5 "5 activated"
