#!/bin/sh
# The manual page yizhand(8) shows the settings as they are: its table is what --show-config prints, and it is sound
# mdoc(7). manual.sh --write brings the page up to date.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${top_builddir-$here/build}
page=$here/doc/yizhand.8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
check() { # NAME FILE FILE
    if diff -u "$2" "$3"; then
        echo "ok - $1"
    else
        echo "not ok - $1"
        failed=1
    fi
}

{
    echo '.Bd -literal -offset indent'
    # where it is installed is the builder's choice
    "$build/yizhand" --show-config | sed 's,^\(root = \).*/share/yizhan/,\1/usr/share/yizhan/,; s/\\/\\e/g; s/^\([.'"'"']\)/\\\&\1/'
    echo '.Ed'
} >"$work/want"
sed -n '/settings: begin/,/settings: end/p' "$page" | sed '1d;$d' >"$work/got"
if [ "${1-}" = --write ]; then
    sed -e "/settings: begin/r $work/want" -e '/settings: begin/,/settings: end/{/settings: /!d}' "$page" >"$work/page"
    cp "$work/page" "$page"
    exit 0
fi
check 'the settings of yizhand(8) are those of the program' "$work/want" "$work/got"

# every option of the usage line stands in the page
"$build/yizhand" --help | grep -oE -- '--[a-z-]+' | sort -u >"$work/options"
while read -r option; do
    grep -q "Fl -$(printf %s "${option#--}" | sed 's/-/\\\\*-/g')" "$page" && echo "$option"
done <"$work/options" >"$work/told"
check 'every option stands in yizhand(8)' "$work/options" "$work/told"

# a secret given is not shown
"$build/yizhand" -o 'db.conninfo=host=x password=hunter2' -o outbox.notice_url=https://u:hunter2@x --show-config | grep -c hunter2 >"$work/shown" || true
echo 0 >"$work/none"
check '--show-config shows no secret' "$work/none" "$work/shown"

: >"$work/empty"
if command -v mandoc >/dev/null; then
    mandoc -T lint -W warning "$page" >"$work/lint" || true
    check 'yizhand(8) is sound' "$work/empty" "$work/lint"
fi
exit $failed
