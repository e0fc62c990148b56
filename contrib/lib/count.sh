# shellcheck shell=bash disable=SC2154,SC2034
# Counts single tests over all suites of a build folder. A suite's log says "NN%: Checks: A, Failures: B, Errors: C"
# (libcheck), or ends with "A passed, B failed", or speaks TAP; a suite that says none of these counts as one test.
# A suite that make counts as failed has at least one failure.

# count_log LOG RESULT: prints "passed failed".
count_log() {
    awk -v result="$2" '
        match($0, /Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/) {
            split(substr($0, RSTART, RLENGTH), w, /[ ,]+/); bad = w[4] + w[6]; p += w[2] - bad; f += bad; seen = 1
        }
        /^[0-9]+ passed, [0-9]+ failed/ { p += $1; f += $3; seen = 1 }
        /^ok [0-9]+/ && !/# SKIP/ { p++; seen = 1 }
        /^not ok [0-9]+/ { f++; seen = 1 }
        END {
            if (!seen && result == "PASS") p = 1
            if ((result == "FAIL" || result == "ERROR" || result == "XPASS") && !f) f = 1
            print p + 0, f + 0
        }' "$1"
}

# count_suites BUILD: sets passed, failed, failed_logs and prints a line per suite.
count_suites() {
    local trs log result a b
    passed=0 failed=0 failed_logs=
    while read -r trs; do
        log=${trs%.trs}.log
        result=$(sed -n 's/^:global-test-result: *//p' "$trs")
        read -r a b < <(count_log "$log" "$result")
        printf '%-6s %5d passed %3d failed  %s\n' "$result" "$a" "$b" "$(realpath --relative-to="$1" "${trs%.trs}")"
        passed=$((passed + a)) failed=$((failed + b))
        [ "$b" = 0 ] || failed_logs="$failed_logs $log"
    done < <(find "$1" -name '*.trs' | sort)
}
