# shellcheck shell=bash disable=SC2034
# What the scripts of contrib/ share: words in two languages, the folder that holds everything, free ports, and
# programs that are started and stopped by their pid files. Sourced, never run; expects `set -euo pipefail`.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
started_at=$SECONDS

# say CHINESE ENGLISH
say() { printf '[%3ds] %s\n       %s\n' $((SECONDS - started_at)) "$1" "$2"; }

# die CHINESE ENGLISH [FILE]: ends the script in plain words, with the end of a log where there is one.
die() {
    printf '\n错误:%s\nError: %s\n' "$1" "$2" >&2
    if [ -n "${3-}" ] && [ -s "$3" ]; then
        printf '%s:\n' "$3" >&2
        tail -n 15 "$3" >&2
    fi
    exit 1
}

# plain_path DIR: the path itself, or, where it holds what configure and connection strings cannot bear (spaces, quotes), a
# link to it that does not. The links stand in a folder of the user's own under /tmp.
plain_path() {
    local links
    case $1 in
    *[[:space:]\"\'\`\$\&\#\\]*) ;;
    *)
        printf '%s\n' "$1"
        return
        ;;
    esac
    links=/tmp/yizhan-links-$(id -u)
    mkdir -m 700 "$links" 2>/dev/null || { [ -d "$links" ] && [ ! -L "$links" ] && [ -O "$links" ]; } ||
        die "$links 属于其他用户;请换一个不含空格的文件夹" "$links belongs to somebody else: use a folder without spaces in its path"
    links=$links/$(printf %s "$1" | cksum | cut -d' ' -f1)
    ln -sfn "$1" "$links"
    printf '%s\n' "$links"
}

top=$(plain_path "$top")

# open_folder DIR: makes the folder and its rooms; from here on $folder is its absolute path.
open_folder() {
    mkdir -p "$1" 2>/dev/null || die "不能创建文件夹 $1" "cannot make the folder $1"
    folder=$(plain_path "$(cd "$1" && pwd)")
    [ -w "$folder" ] || die "文件夹 $folder 不可写" "the folder $folder cannot be written"
    if [ ! -f "$folder/.yizhan" ]; then
        [ -z "$(ls -A "$folder/")" ] || die "$folder 已有其他文件,请换一个空文件夹" \
            "$folder holds other files: name an empty folder"
        echo 'made by contrib/quickstart or contrib/check; --reset removes it' >"$folder/.yizhan"
    fi
    mkdir -p "$folder"/{log,run,state,secrets}
    chmod 700 "$folder/secrets"
}

# Small facts that a later run needs: keep NAME VALUE; recall NAME [DEFAULT].
keep() { printf '%s\n' "$2" >"$folder/state/$1"; }
recall() { if [ -f "$folder/state/$1" ]; then cat "$folder/state/$1"; else printf '%s\n' "${2-}"; fi; }

port_is_free() {
    perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1",
        LocalPort => $ARGV[0], ReuseAddr => 1)' "$1"
}

# free_ports FIRST COUNT: the first of COUNT neighbours that are all free, below the range the kernel hands out.
free_ports() {
    perl -MIO::Socket::INET -e 'my ($p, $n) = @ARGV; my $run = 0;
        for (; $p < 32000; $p++) {
            my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => $p, ReuseAddr => 1);
            $run = $s ? $run + 1 : 0;
            if ($run == $n) { print $p - $n + 1; exit 0 }
        }
        exit 1' "$1" "$2" || die "没有空闲端口" "no free ports"
}

# ask_port PORT: ends the script when nobody could listen there. A port that our own daemon holds is fine.
ask_port() {
    { [[ $1 =~ ^[0-9]{1,5}$ ]] && [ "$1" -ge 1 ] && [ "$1" -le 65535 ]; } ||
        die "端口应为 1 到 65535,而不是 \"$1\"" "a port is a number from 1 to 65535, not \"$1\""
    port_is_free "$1" || { alive yizhand && [ "$(recall port.http)" = "$1" ]; } ||
        die "端口 $1 已被占用,或不允许使用" "port $1 is taken, or may not be used by you"
}

# ports_for NAME FIRST COUNT: the same ports as last time when they are free, else new ones.
ports_for() {
    local had
    had=$(recall "port.$1")
    if [ -n "$had" ] && [ "$(free_ports "$had" "$3")" = "$had" ]; then
        echo "$had"
        return
    fi
    had=$(free_ports "$2" "$3")
    keep "port.$1" "$had"
    echo "$had"
}

# A pid file counts only while the process it names still runs the program it was written for.
alive() {
    local file=$folder/run/$1.pid pid name
    [ -f "$file" ] || return 1
    read -r pid name <"$file" || return 1
    [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$name"
}

# start NAME PROGRAM [ARG…]: in a session of its own, with a log and a pid file.
start() {
    local name=$1
    shift
    alive "$name" && return 0
    setsid "$@" >>"$folder/log/$name.log" 2>&1 </dev/null &
    printf '%s %s\n' $! "$(basename "$1")" >"$folder/run/$name.pid"
}

# stop NAME [SECONDS]: asks, waits, then insists.
stop() {
    local pid rest
    if alive "$1"; then
        read -r pid rest <"$folder/run/$1.pid"
        : "$rest"
        kill -TERM "$pid" 2>/dev/null || true
        for _ in $(seq $((${2-10} * 20))); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
        kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$folder/run/$1.pid"
}

# stop_each NAME…: all at once.
stop_each() {
    local pids=() name
    for name in "$@"; do
        stop "$name" 5 &
        pids+=($!)
    done
    [ ${#pids[@]} = 0 ] || wait "${pids[@]}"
}

# started: names of the programs that have pid files.
started() {
    local f
    for f in "$folder"/run/*.pid; do
        [ ! -f "$f" ] || basename "$f" .pid
    done
}

# wait_until SECONDS COMMAND…: 0 as soon as the command says yes.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.05
    done
}

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# secret NAME BYTES: a file of random hex digits that only its owner may read; made once.
secret() {
    if [ ! -s "$folder/secrets/$1" ]; then
        (umask 077 && random_hex "$2" >"$folder/secrets/$1" && echo >>"$folder/secrets/$1")
    fi
}
