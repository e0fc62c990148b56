#!/bin/sh
# The solver against best-known values and peers.
#   routing.sh SOLVER DATA [budgets]        DATA/bks.csv and the sets' folders beside it
# Environment: PEER="name=command {instance} {seconds}"  may be several lines; a peer's cost is the last number
#              it prints, in the unit of bks.csv;  SEEDS=3  SETS="X VRPTW"  OPTIONS=--cpu  OUT=dir for bench.csv and the plots.
# Prints a line a run (CSV) and the mean gap by set, budget and solver; draws the gap over time as SVG.
set -eu
solver=$1 data=$2 budgets=${3:-"1 10"} seeds=${SEEDS:-1} out=${OUT:-.}
sample=$(dirname "$0")/routing.sample
csv=$out/bench.csv
: > "$csv"

best_known() { # set folder, instance, convention word
    awk -F, -v s="$1" -v i="$2" -v w="$3" '
        { c = $0; n = 0; gsub(/"[^"]*"/, "q", c); split(c, f, ","); low = tolower($0) }
        $1 == s && tolower($2) == tolower(i) && (w == "-" || index(low, w)) { print f[5], (f[6] == "" ? 0 : f[6]); exit }
    ' "$data/bks.csv"
}

record() { # set instance solver seconds seed cost vehicles feasible wall
    gap=$(awk -v c="$6" -v b="$known" -v u="$unit" 'BEGIN { printf "%.3f", (c * u / b - 1) * 100 }')
    echo "$1,$2,$3,$4,$5,$6,$7,$known_vehicles,$8,$gap,$9" | tee -a "$csv"
}

field() { # JSON line, key
    printf '%s\n' "$1" | sed -n "s/.*\"$2\":\([^,}]*\).*/\1/p"
}

run_own() { # set instance file seconds options
    seed=1
    while [ "$seed" -le "$seeds" ]; do
        # shellcheck disable=SC2086
        line=$("$solver" solve "$3" --time "$4" --seed "$seed" ${OPTIONS-} $5) || true
        record "$1" "$2" yizhan "$4" "$seed" "$(field "$line" cost)" "$(field "$line" vehicles)" \
            "$(field "$line" feasible)" "$(field "$line" seconds)"
        seed=$((seed + 1))
    done
}

run_peers() { # set instance file seconds; a peer's cost is in the unit of bks.csv
    printf '%s\n' "${PEER-}" | while IFS= read -r peer; do
        [ -n "$peer" ] || continue
        name=${peer%%=*}
        command=$(printf '%s' "${peer#*=}" | sed -e "s#{instance}#$3#g" -e "s#{seconds}#$4#g")
        began=$(date +%s.%N)
        cost=$(sh -c "$command" 2>/dev/null | grep -Eo '[0-9]+(\.[0-9]+)?' | tail -1)
        wall=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }')
        [ -n "$cost" ] || { echo "$name gave no cost for $2" >&2; continue; }
        unit=1 record "$1" "$2" "$name" "$4" 1 "$cost" "$known_vehicles" - "$wall"
    done
}

echo "set,instance,solver,seconds,seed,cost,vehicles,best_known_vehicles,feasible,gap_percent,wall"
while read -r name folder file word unit options; do
    case "$name" in '#'* | '') continue ;; esac
    case " ${SETS-$name} " in *" $name "*) ;; *) continue ;; esac
    [ -f "$data/$folder/$file" ] || continue
    instance=${file%.*}
    # shellcheck disable=SC2046 # none, one or two words
    set -- $(best_known "$folder" "$instance" "$word")
    known=${1:-} known_vehicles=${2:-0}
    [ -n "$known" ] || { echo "no best-known value for $instance" >&2; continue; }
    for seconds in $budgets; do
        run_own "$name" "$instance" "$data/$folder/$file" "$seconds" "${options:-}"
        run_peers "$name" "$instance" "$data/$folder/$file" "$seconds"
    done
done < "$sample"

echo
awk -F, '{ k = $1 "," $4 "," $3; n[k]++; gap[k] += $10; more[k] += $7 - $8; bad[k] += $9 == "false" }
    END { print "set,seconds,solver,runs,mean_gap_percent,vehicles_above_best_known,infeasible"
          for (k in n) printf "%s,%d,%.3f,%d,%d\n", k, n[k], gap[k] / n[k], more[k], bad[k] | "sort -t, -k1,1 -k2,2n" }' "$csv"
awk -F, -v out="$out" -f "$(dirname "$0")/routing_plot.awk" "$csv"
