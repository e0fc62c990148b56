# Solvers side by side, one line an instance and budget and one a set and budget: gap to best known in %, mean of the
# feasible runs, their number behind it if others were infeasible or not made; where vehicles come first and a run used
# more or fewer than the best known, the mean difference stands before it. Reads bench.csv.
function cell(k, all) {
    if (!n[k])
        return bad[k] ? "infeasible" : "–"
    return (more[k] ? sprintf("%+.1f veh. ", more[k] / n[k]) : "") sprintf("%.2f", gap[k] / n[k]) \
           (n[k] < all ? sprintf(" (%d of %d)", n[k], all) : "")
}
function add(k) {
    if ($9 == "false") { bad[k]++; return }
    n[k]++; gap[k] += $10; more[k] += counts ? $7 - $8 : 0
}
function row(title, key, i, k, all, line) {
    for (i = 1; i <= solvers; i++) {
        k = key SUBSEP name[i]
        if (n[k] + bad[k] > all) all = n[k] + bad[k]
    }
    line = "| " title
    for (i = 1; i <= solvers; i++)
        line = line " | " cell(key SUBSEP name[i], all)
    print line " |"
}
{
    counts = $8 > 0 && ($1 == "GH" || $1 == "LiLim")
    if (!($3 in at)) { at[$3]; name[++solvers] = $3 }
    if (!(($1, $2, $4) in run)) { run[$1, $2, $4]; set[++rows] = $1; of[rows] = $2; seconds[rows] = $4 }
    if (!(($1, $4) in mean)) { mean[$1, $4]; mean_set[++means] = $1; mean_seconds[means] = $4 }
    add($1 SUBSEP $2 SUBSEP $4 SUBSEP $3)
    add($1 SUBSEP $4 SUBSEP $3)
}
END {
    line = "| set | instance | s"; rule = "|---|---|---"
    for (i = 1; i <= solvers; i++) { line = line " | " name[i]; rule = rule "|---" }
    print ""; print line " |"; print rule "|"
    for (r = 1; r <= rows; r++)
        row(set[r] " | " of[r] " | " seconds[r], set[r] SUBSEP of[r] SUBSEP seconds[r])
    for (m = 1; m <= means; m++)
        row(mean_set[m] " | mean | " mean_seconds[m], mean_set[m] SUBSEP mean_seconds[m])
}
