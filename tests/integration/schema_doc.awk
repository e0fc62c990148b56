# The names in backquotes of the first column of doc/schema.md's table of tables, one a line.
/^## / { on = $2 == "Tables" }
on && /^\| `/ {
    n = split($0, column, "|")
    rest = column[2]
    while (match(rest, /`[a-z_]+`/)) {
        print substr(rest, RSTART + 1, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
    }
}
