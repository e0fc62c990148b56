# shellcheck shell=bash disable=SC2154
# The city's programs: boards, controllers, daemon, and the day itself. Needs common.sh, build.sh ($build, $src),
# certs.sh, postgres.sh.

day() { node "$src/contrib/day/main.mjs" "$@"; }

ports() {
    if [ -n "$port" ]; then
        ask_port "$port"
        keep port.http "$port"
        http_port=$port
    else
        http_port=$(ports_for http 8443 1)
    fi
    mqtt_port=$(ports_for mqtt 18883 1)
    board_port=$(ports_for boards 20000 "$lockers")
    kiosk_port=$(ports_for kiosks 22000 "$lockers")
}

find_streets() {
    [ -s "$roads" ] && "$build/yizhan-streets" "$roads" "$1" "$seed" >"$folder/streets.csv" 2>"$folder/log/streets.log"
}

# The map, its streets, and the city on them. A folder keeps its city: another one needs --reset.
make_city() {
    local what streets=() n=$((couriers + lockers + 700))
    what="seed $seed couriers $couriers lockers $lockers osm $osm"
    roads=
    if [ -n "$osm" ]; then
        roads=$folder/roads.yzr
        # A map that is newer, or a road file of another version, is imported again.
        if [ "$osm" -nt "$roads" ] || ! find_streets "$n"; then
            say "导入地图 $(basename "$osm")" "importing the map $(basename "$osm")"
            "$build/yizhan-route" import "$osm" --profiles "$src/routing/profiles" --quiet "$roads" >"$folder/log/roads.log" 2>&1 ||
                die "地图导入失败" "the map could not be imported" "$folder/log/roads.log"
            find_streets "$n" || die "地图上没有足够的街道" "the map has too few streets" "$folder/log/streets.log"
        fi
        streets=(--streets "$folder/streets.csv")
    fi
    if [ ! -s "$folder/city.json" ]; then
        say "规划城市" "laying out the city"
        day city --seed "$seed" --couriers "$couriers" --lockers "$lockers" "${streets[@]}" "$folder/city.json" >"$folder/log/city.log" 2>&1 ||
            die "不能生成城市" "the city could not be made" "$folder/log/city.log"
        keep city "$what"
    elif [ "$(recall city)" != "$what" ]; then
        die "该文件夹已有另一座城市($(recall city));请加 --reset 或换 --folder" \
            "this folder holds another city ($(recall city)): use --reset or another --folder"
    fi
}

locker_codes() { node -e 'for (const l of JSON.parse(require("fs").readFileSync(process.argv[1])).lockers) console.log(l.code)' "$folder/city.json"; }

# clock_now: where business time stands by the last rig, in ms.
clock_now() {
    node -e 'const c = JSON.parse(require("fs").readFileSync(process.argv[1])).clock;
        console.log(Math.round(Date.parse(c.start) + (Date.now() - Date.parse(c.origin)) * c.rate))' "$folder/rig.json" 2>/dev/null || echo 0
}

# make_rig START RATE
make_rig() {
    day rig --folder "$folder" --city "$folder/city.json" --http "$http_port" --mqtt "$mqtt_port" --boards "$board_port" \
        --kiosks "$kiosk_port" --pg "$pg_socket" --profiles "$src/locker-fw/profiles" --kiosk "$src/locker-fw/kiosk" \
        --web "$build/web" ${roads:+--roads "$roads"} ${bus:+--bus "$bus"} --start "$1" --rate "$2" ||
        die "不能写配置" "the settings could not be written"
}

make_lockers() {
    local code n
    say "签发证书" "issuing certificates"
    n=$(locker_codes | while read -r code; do
        certificate "$code" client
        echo x
    done | wc -l)
    [ "$n" = "$lockers" ] || die "证书没有签发完" "not all certificates were issued" "$folder/log/openssl.log"
    make_authority
}

conninfo() { echo "host=$pg_socket dbname=yizhan user=yizhan_owner passfile=$folder/secrets/pgpass"; }

# Each day begins at 03:00, on a date of its own: three after the last one that was lived here.
next_day() {
    local n
    n=$(($(recall day 0) + 1))
    keep day "$n"
    prefix=YZ$(printf %03d "$n")
    start_at=$(date -u -d "2026-11-10 19:00 UTC +$(((n - 1) * 3)) days" +%Y-%m-%dT%H:%M:%SZ)
}

migrate() {
    local log=$folder/log/migrate.log ctl=("$build/yizhanctl" -d "$(conninfo)" --sql "$src/sql")
    say "建立数据库结构,导入城市" "migrating the database, importing the city"
    pg_login >"$log" 2>&1 || die "不能建立数据库登录" "the daemon's login could not be made" "$log"
    "${ctl[@]}" migrate --grant yizhan_daemon >>"$log" 2>&1 || die "数据库迁移失败" "the migration failed" "$log"
    "${ctl[@]}" import "$folder/city.json" --now "$start_at" >>"$log" 2>&1 ||
        die "不能导入城市" "the city could not be imported" "$log"
}

boards_are_up() { [ -S "$folder/run/boards.sock" ]; }
daemon_is_ready() { curl -sf --cacert "$folder/certs/ca.pem" "https://127.0.0.1:$http_port/readyz"; }

start_daemon() {
    start yizhand "$build/yizhand" -c "$folder/yizhand.ini"
    wait_until 20 daemon_is_ready || die "yizhand 没有就绪" "yizhand is not ready" "$folder/log/yizhand.log"
}

start_controllers() {
    local code
    for code in $(locker_codes); do
        start "locker-$code" "$build/yizhan-lockerd" -c "$folder/lockers/$code/lockerd.ini"
    done
}

lockers_are_online() {
    [ "$(psql -qtAX -c 'SELECT count(*) FROM app.locker WHERE online')" -ge "$lockers" ]
}

stop_programs() {
    # shellcheck disable=SC2046
    stop_each $(started | grep -vxE 'broker|boards')
    stop boards
}

start_programs() {
    make_rig "$start_at" "$speed"
    say "启动 $lockers 组快递柜和守护进程" "starting $lockers lockers and the daemon"
    rm -f "$folder/run/boards.sock"
    # shellcheck disable=SC2086
    start boards "$build/yizhan-boards" -c "$folder/boards.conf" -p "$src/locker-fw/profiles" -l "$folder/boards.ledger" \
        -s "$folder/run/boards.sock" ${boards_options---auto}
    wait_until 10 boards_are_up || die "模拟锁板没有启动" "the simulated boards did not start" "$folder/log/boards.log"
    start_daemon
    start_controllers
    wait_until 30 lockers_are_online || die "有快递柜没有上线" "some lockers did not come online" "$folder/log/yizhand.log"
}

live_day() {
    say "城市的一天:$parcels 件包裹,$couriers 名快递员,$lockers 组快递柜" \
        "a day in the city: $parcels parcels, $couriers couriers, $lockers lockers"
    YIZHAN_CONNINFO=$(conninfo) day run --folder "$folder" --seed "$((seed + $(recall day)))" --parcels "${parcels%.*}" \
        --prefix "$prefix" --ctl "$build/yizhanctl" --summary "$folder/summary.json"
}

# After the day the clock runs at its natural pace, so that the pages can be used.
slow_down() {
    local now
    now=$(clock_now)
    stop_programs
    make_rig "$(date -u -d "@$((now / 1000))" +%Y-%m-%dT%H:%M:%SZ)" 1
    rm -f "$folder/run/boards.sock"
    start boards "$build/yizhan-boards" -c "$folder/boards.conf" -p "$src/locker-fw/profiles" -l "$folder/boards.ledger" \
        -s "$folder/run/boards.sock" --auto --auto-close 8
    wait_until 10 boards_are_up || true
    start_daemon
    start_controllers
}

show_pages() {
    local base=https://127.0.0.1:$http_port
    node - "$folder/city.json" "$base" "$kiosk_port" <<'END'
const [, , file, base, kiosk] = process.argv;
const city = JSON.parse(require('fs').readFileSync(file));
const who = (role) => city.accounts.find((a) => a.role === role);
const line = (what, where, a) => console.log(`  ${what.padEnd(28)} ${where}${a ? `   ${a.login} / ${a.password}` : ''}`);
console.log('\n页面 / pages (自签名证书 / private certificate):');
line('园区调度 park', `${base}/park`, who('manager'));
line('快递员 courier', `${base}/courier`, who('courier'));
line('电商 shop (API)', `${base}/v1/parcels`, who('shop'));
line(`快递柜 kiosk ${city.lockers[0]?.code ?? ''}`, `http://127.0.0.1:${kiosk}/`);
END
    printf '  %-28s %s\n' '居民 resident' "$base/t/$(psql -qtAX -c "SELECT tracking FROM app.parcel WHERE state = 'in_locker' ORDER BY id DESC LIMIT 1")"
    printf '\n停止 / stop:   contrib/quickstart --stop%s\n' "$([ "$where" = "$top/out/yizhan" ] || echo " --folder $folder")"
}
