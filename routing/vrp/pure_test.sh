#!/bin/sh
# The solver's objects ask for nothing but memory, mathematics and threads: no file, clock, output or
# randomness of the system. Run by automake in the build directory.
set -eu
library=routing/vrp/.libs/libvrp.a
[ -f "$library" ] || library=routing/vrp/libvrp.a
asked=$(nm -u "$library" | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u |
    grep -Ex 'f?open(at|64)?|f?close|f?read|f?write|.*printf(_chk)?|puts|putchar|time|clock(_gettime)?|gettimeofday|s?rand(om)?(_r)?|getenv|exit|abort|system|socket' || true)
[ -z "$asked" ] || { echo "libvrp is not pure: $asked"; exit 1; }
