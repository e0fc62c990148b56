# shellcheck shell=bash disable=SC2154
# A private PostgreSQL cluster: no TCP, passwords (SCRAM) on a socket of its own, fsync on. Needs common.sh.
# PostgreSQL does not run as root; then the system's postgres user owns the cluster.

pg_find() {
    local dir
    for dir in $(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V); do
        [ ! -x "$dir/initdb" ] || pg_bin=$dir
    done
    [ -n "${pg_bin-}" ] || pg_bin=$(dirname "$(command -v initdb || echo /none/initdb)")
    [ -x "$pg_bin/initdb" ] || die "没有找到 PostgreSQL 服务器" "no PostgreSQL server found"
}

as_pg() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
    else
        (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
    fi
}

# Where the cluster and its socket stand: in the folder, unless the server's user cannot reach it there (a folder
# under /root) or the socket's path would be longer than the system takes.
pg_place() {
    local sum
    sum=$(printf %s "$folder" | cksum | cut -d' ' -f1)
    pg=$folder/pg
    if [ "$(id -u)" = 0 ]; then
        id postgres >/dev/null 2>&1 || die "没有 postgres 用户" "there is no user postgres to run PostgreSQL as"
        if ! as_pg test -x "$folder"; then
            pg=/var/lib/yizhan-private/$sum
            say "postgres 用户进不了 $folder,数据库放在 $pg" "the user postgres cannot enter $folder: the cluster stands in $pg"
        fi
    fi
    pg_socket=$pg/run
    if [ ${#pg_socket} -gt 80 ]; then
        pg_socket=/tmp/yizhan-$sum
        keep pg.socket "$pg_socket"
    fi
    keep pg.place "$pg"
    export PGHOST=$pg_socket PGPASSFILE=$folder/secrets/pgpass PGUSER=yizhan_owner PGDATABASE=yizhan
}

pg_settings() {
    cat <<END
listen_addresses = ''
unix_socket_directories = '$pg_socket'
unix_socket_permissions = 0777
max_connections = 60
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
wal_buffers = 16MB
min_wal_size = 512MB
max_wal_size = 4GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_duration_statement = 2000
log_checkpoints = on
END
}

pg_create() {
    local pw
    secret pg.owner 24
    secret pg.daemon 24
    (
        umask 077
        printf '*:*:*:yizhan_owner:%s\n*:*:*:yizhan_daemon:%s\n' "$(cat "$folder/secrets/pg.owner")" \
            "$(cat "$folder/secrets/pg.daemon")" >"$folder/secrets/pgpass"
    )
    mkdir -p "$pg" "$pg_socket"
    if [ "$(id -u)" = 0 ]; then
        chown postgres: "$pg" "$pg_socket"
    fi
    chmod 755 "$pg"
    chmod 755 "$pg_socket"
    pw=$(mktemp "${TMPDIR:-/tmp}/yizhan-pw.XXXXXX")
    cat "$folder/secrets/pg.owner" >"$pw"
    [ "$(id -u)" != 0 ] || chown postgres: "$pw"
    as_pg "$pg_bin/initdb" -D "$pg/data" -U yizhan_owner -A scram-sha-256 --pwfile="$pw" -E UTF8 --locale=C.UTF-8 \
        >>"$folder/log/initdb.log" 2>&1 || {
        rm -f "$pw"
        die "不能创建数据库" "initdb failed" "$folder/log/initdb.log"
    }
    rm -f "$pw"
    pg_settings | as_pg tee -a "$pg/data/postgresql.conf" >/dev/null
}

pg_is_up() { "$pg_bin/pg_isready" -q -h "$pg_socket" -d postgres -U yizhan_owner; }

pg_start() {
    pg_find
    pg_place
    as_pg test -f "$pg/data/PG_VERSION" || {
        say "创建私有 PostgreSQL" "making a private PostgreSQL cluster"
        pg_create
    }
    pg_is_up || {
        mkdir -p "$pg_socket" && { [ "$(id -u)" != 0 ] || chown postgres: "$pg_socket"; }
        as_pg "$pg_bin/pg_ctl" -D "$pg/data" -l "$pg/data/server.log" -w -t 60 start >>"$folder/log/postgres.log" 2>&1 ||
            die "PostgreSQL 不能启动" "PostgreSQL does not start" "$folder/log/postgres.log"
    }
}

pg_database() {
    psql -qtAX -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'yizhan'" | grep -q 1 ||
        psql -qX -d postgres -c 'CREATE DATABASE yizhan'
}

# The daemon's login; the rights come with the migrations.
pg_login() {
    psql -qX -v ON_ERROR_STOP=1 <<'END'
\set pw `cat "$PGPASSFILE" | sed -n 's/.*:yizhan_daemon://p'`
SELECT 'CREATE ROLE yizhan_daemon LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yizhan_daemon') \gexec
ALTER ROLE yizhan_daemon PASSWORD :'pw';
END
}

pg_stop() {
    local pg
    pg=$(recall pg.place)
    [ -n "$pg" ] || return 0
    pg_find
    if as_pg test -f "$pg/data/postmaster.pid"; then
        as_pg "$pg_bin/pg_ctl" -D "$pg/data" -w -t 60 -m fast stop >/dev/null 2>&1 || true
    fi
}

pg_remove() {
    local pg
    pg=$(recall pg.place)
    case $pg in
    "$folder"/pg | /var/lib/yizhan-private/*) rm -rf "$pg" ;;
    esac
    case $(recall pg.socket) in
    /tmp/yizhan-*) rm -rf "$(recall pg.socket)" ;;
    esac
}
