# Mean gap over time, one SVG a set, one line a solver: reads bench.csv, writes OUT/gap-SET.svg.
$9 != "false" {
    k = $1 SUBSEP $3 SUBSEP $4; sum[k] += $10; n[k]++
    sets[$1]; solvers[$3]; times[$4]
    if ($10 > top[$1]) top[$1] = $10
    if (!least || $4 < least) least = $4
    if ($4 > most) most = $4
}
function x(t) { return 60 + (most > least ? 480 * log(t / least) / log(most / least) : 240) }
function y(s, g) { return 20 + 260 * (1 - (g > 0 ? g : 0) / (top[s] > 0 ? top[s] : 1)) }
END {
    split("#1b6ca8 #c0392b #27824a #8e44ad #b9770e #555555", colour, " ")
    for (s in sets) {
        f = out "/gap-" s ".svg"
        print "<svg xmlns='http://www.w3.org/2000/svg' width='640' height='330' font-family='sans-serif' font-size='12'>" > f
        printf "<text x='60' y='14'>%s: mean gap to best known in %% over seconds</text>\n", s > f
        print "<path d='M60 20V280H540' fill='none' stroke='#444'/>" > f
        printf "<text x='8' y='26'>%.2f</text><text x='40' y='284'>0</text>\n", top[s] > f
        for (t in times) printf "<text x='%d' y='298' text-anchor='middle'>%s</text>\n", x(t), t > f
        i = 0
        for (v in solvers) {
            points = ""; m = 0
            for (t in times) order[++m] = t + 0
            for (a = 1; a <= m; a++) for (b = a + 1; b <= m; b++) if (order[b] < order[a]) { h = order[a]; order[a] = order[b]; order[b] = h }
            for (a = 1; a <= m; a++) { k = s SUBSEP v SUBSEP order[a]; if (n[k]) points = points sprintf("%.1f,%.1f ", x(order[a]), y(s, sum[k] / n[k])) }
            if (points == "") continue
            i++
            printf "<polyline points='%s' fill='none' stroke='%s' stroke-width='2'/>\n", points, colour[(i - 1) % 6 + 1] > f
            printf "<text x='550' y='%d' fill='%s'>%s</text>\n", 20 + 16 * i, colour[(i - 1) % 6 + 1], v > f
        }
        print "</svg>" > f
        close(f)
    }
}
