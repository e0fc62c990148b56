#!/bin/sh
# Every fuzz target, replayed: bytes by chance, its seeds, and their mutations. Prints "N passed, M failed".
set -u
src=${srcdir:?}
passed=0 failed=0
replay() { # TARGET SEED…
    target=$1
    shift
    if ./tests/fuzz/replay_"$target" "$@"; then
        passed=$((passed + 1))
    else
        echo "FAIL $target"
        failed=$((failed + 1))
    fi
}
for t in json http sheet path words; do
    replay $t "$src"/tests/fuzz/base/$t*
done
for t in grant receipt record snapshot frame command input bank; do
    replay $t
done
replay profile "$src"/locker-fw/profiles/*.ini
replay neighbour "$src"/contrib/openlocker/examples.json
replay map "$src"/tests/contract/map.osm
replay rules "$src"/routing/profiles/*.profile
replay traffic
replay osrm
echo "$passed passed, $failed failed"
[ $failed = 0 ]
