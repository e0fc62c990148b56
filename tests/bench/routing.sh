#!/bin/sh
# The solver against best-known values and peers.
#   routing.sh SOLVER DATA [budgets]        DATA/bks.csv and the sets' folders beside it
# Environment: PEER="name=command {instance} {seconds}"  may be several lines; {seed} is the run's, without it there is one.
#              With {solution} the peer writes its plan there (CVRPLIB's .sol) and SOLVER's check says cost, vehicles
#              and feasibility; without, the cost is the last number printed, in the unit of bks.csv, or none when the
#              command fails. What peers say on standard error goes to OUT/peers.log.
#              SEEDS=3  SETS="X VRPTW"  OPTIONS=--cpu  OUT=dir for bench.csv and the plots.
# Prints a line a run (CSV), the mean gap by set, budget and solver, the solvers side by side; draws the gap over time.
set -eu
solver=$1 data=$2 budgets=${3:-"1 10"} seeds=${SEEDS:-1} out=${OUT:-.}
sample=$(dirname "$0")/routing.sample
csv=$out/bench.csv
: > "$csv"
: > "$out/peers.log"

best_known() { # set folder, instance, convention word
    awk -F, -v s="$1" -v i="$2" -v w="$3" '
        { c = $0; n = 0; gsub(/"[^"]*"/, "q", c); split(c, f, ","); low = tolower($0) }
        $1 == s && tolower($2) == tolower(i) && (w == "-" || index(low, w)) { print f[5], (f[6] == "" ? 0 : f[6]); exit }
    ' "$data/bks.csv"
}

record() { # set instance solver seconds seed cost vehicles feasible wall factor
    gap=$(awk -v c="$6" -v b="$known" -v u="${10}" 'BEGIN { printf "%.3f", (c * u / b - 1) * 100 }')
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
            "$(field "$line" feasible)" "$(field "$line" seconds)" "$unit"
        seed=$((seed + 1))
    done
}

run_peer() { # name command set instance file seconds seed options
    plan=$out/plan.sol
    rm -f "$plan"
    command=$(printf '%s' "$2" | sed -e "s#{instance}#$5#g" -e "s#{seconds}#$6#g" -e "s#{seed}#$7#g" -e "s#{solution}#$plan#g")
    began=$(date +%s.%N)
    printed=$(sh -c "$command" 2>>"$out/peers.log" < /dev/null) || printed=
    wall=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }')
    case "$2" in
    *"{solution}"*)
        line=
        # shellcheck disable=SC2086
        [ ! -s "$plan" ] || line=$("$solver" check "$5" "$plan" $8) || true
        cost=$(field "$line" cost) used=$(field "$line" vehicles) feasible=$(field "$line" feasible) factor=$unit
        ;;
    *)
        cost=$(printf '%s\n' "$printed" | grep -Eo '[0-9]+(\.[0-9]+)?' | tail -1) || true
        used=$known_vehicles feasible=- factor=1
        ;;
    esac
    [ -n "$cost" ] || { echo "$1 gave no plan for $4 in $6 s" >&2; return 0; }
    record "$3" "$4" "$1" "$6" "$7" "$cost" "$used" "$feasible" "$wall" "$factor"
}

run_peers() { # set instance file seconds options
    printf '%s\n' "${PEER-}" | while IFS= read -r peer; do
        [ -n "$peer" ] || continue
        case "$peer" in *"{seed}"*) last=$seeds ;; *) last=1 ;; esac
        seed=1
        while [ "$seed" -le "$last" ]; do
            run_peer "${peer%%=*}" "${peer#*=}" "$1" "$2" "$3" "$4" "$seed" "$5"
            seed=$((seed + 1))
        done
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
        run_peers "$name" "$instance" "$data/$folder/$file" "$seconds" "${options:-}"
    done
done < "$sample"

echo
awk -F, '{ k = $1 "," $4 "," $3; n[k]++ }
    $9 == "false" { bad[k]++; next }
    { fit[k]++; gap[k] += $10; more[k] += $7 - $8 }
    END { print "set,seconds,solver,runs,mean_gap_percent,vehicles_above_best_known,infeasible"
          for (k in n) printf "%s,%d,%s,%d,%d\n", k, n[k], fit[k] ? sprintf("%.3f", gap[k] / fit[k]) : "-", more[k], bad[k] | "sort -t, -k1,1 -k2,2n" }' "$csv"
[ -z "${PEER-}" ] || awk -F, -f "$(dirname "$0")/routing_table.awk" "$csv"
awk -F, -v out="$out" -f "$(dirname "$0")/routing_plot.awk" "$csv"
