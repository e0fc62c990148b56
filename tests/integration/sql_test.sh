#!/bin/bash
# The schema used as the daemon uses it: the statements of sql/queries as role yizhan_app, on a private server.
# Then every invariant's check is shown a violation. Prints "N passed, 0 failed".
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
builddir=${top_builddir-$here/build}
ctl="$builddir/yizhanctl --sql $here/sql"
[ -n "${YIZHAN_PG-}" ] || exec sh "$here/tests/integration/pg.sh" run bash "$0"

passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
NOW=2026-11-11T01:00:00Z # nine in the morning in Jining

check() { # NAME WANT GOT
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  want: %s\n  got:  %s\n' "$1" "$2" "$3"
    fi
}
owner() { psql -qXAt -v ON_ERROR_STOP=1 -c "$1" 2>&1; }
app() { PGOPTIONS='-c role=yizhan_app' psql -qXAt -v ON_ERROR_STOP=1 -c "$1" 2>&1; }
# One statement of sql/queries as the daemon's role: its name, then the arguments as SQL.
call() {
    app "PREPARE q AS $(cat "$here/sql/queries/$1.sql")
    ; EXECUTE q($2)"
}
use() { call "$1" "'$2', '$3', '$4'"; } # NAME CTX NOW BODY
state() { owner "SELECT state FROM app.parcel WHERE waybill = '$1'"; }
fold() { while [ "$(call events_fold "'$1', 1000")" != 0 ]; do :; done; }
scan() { # ID WAYBILL KIND AT RECEIVED
    call scans_record "'$5', '{$1}', '{$2}', '{$3}', '{$4}', ARRAY[$site]::uuid[], '{NULL}', ARRAY[$courier]::uuid[], '{PDA-1}', ARRAY[NULL]::jsonb[]"
}
uuid() { owner "SELECT app.uuid7('$1')"; }
part() { cut -d'|' -f"$1"; }
member() { part 2- | python3 -c 'import json,sys; d=json.load(sys.stdin)
for k in sys.argv[1].split("."): d=d[int(k)] if k.isdigit() else d[k]
print(d if isinstance(d, str) else json.dumps(d))' "$1"; }
door() { # LOCKER BOOT SEQ AT TYPE OP WHY N REF GRANT VALUE
    call door_events_record "'$4', '{$1}', '{$2}', '{$3}', '{$4}', '{$4}', '{$5}', '{$6}', '{$7}', '{$8}', ARRAY[$9]::uuid[], ARRAY[${10}]::uuid[], '{${11-0}}', ARRAY[decode(md5('$1$2$3'), 'hex')]"
}

# --- the schema comes up, twice without harm, and every statement is understood by the daemon's role
check 'migrate' 0 "$($ctl migrate >"$work/out" 2>&1; echo $?)"
check 'migrate again' 'functions are up to date' "$($ctl migrate)"
cat >"$work/city.json" <<'END'
{"sites": [{"code": "S1", "name": "任城园区", "lat": 35.4, "lon": 116.6}, {"code": "S2", "name": "兖州园区", "lat": 35.5, "lon": 116.8}],
 "brands": [{"code": "B1", "name": "甲"}, {"code": "B2", "name": "乙"}],
 "shops": [{"code": "SH1", "brand": "B1", "site": "S1", "name": "甲店"}, {"code": "SH2", "brand": "B2", "site": "S1", "name": "乙店"}],
 "vehicles": [{"code": "V1", "site": "S1", "class": "etrike", "pieces": 100, "grams": 300000, "cm3": 2000000}],
 "couriers": [{"code": "C1", "site": "S1", "name": "王强", "vehicle": "V1"}],
 "points": [{"code": "P1", "site": "S1", "name": "小区", "kind": "community", "lat": 35.41, "lon": 116.61}],
 "lockers": [{"code": "L1", "point": "P1", "lat": 35.41, "lon": 116.61, "profile": "xunming16",
   "compartments": [{"n": 1, "size": "M"}, {"n": 2, "size": "M"}]}],
 "accounts": [{"login": "c1", "role": "courier", "courier": "C1", "password": "for-a-test"},
   {"login": "m1", "role": "manager", "site": "S1", "password": "for-a-test"}, {"login": "m2", "role": "manager", "site": "S2", "password": "for-a-test"},
   {"login": "s1", "role": "shop", "shop": "SH1", "password": "for-a-test"}, {"login": "s2", "role": "shop", "shop": "SH2", "password": "for-a-test"}]}
END
check 'import' 5 "$($ctl import "$work/city.json" --now $NOW | python3 -c 'import json,sys; print(json.load(sys.stdin)["accounts"])')"
check 'import again' 0 "$($ctl import "$work/city.json" --now $NOW >/dev/null; echo $?)"
check 'one hash for one password' 1 "$(owner "SELECT count(DISTINCT password_hash) FROM app.account")"
for f in "$here"/sql/queries/*.sql; do
    printf 'PREPARE "%s" AS %s\n;\n' "$(basename "$f" .sql)" "$(cat "$f")"
done >"$work/prepare.sql"
check 'every statement prepares' 0 "$(PGOPTIONS='-c role=yizhan_app' psql -qX -v ON_ERROR_STOP=1 -f "$work/prepare.sql" >"$work/out" 2>&1 || cat "$work/out"; wc -c <"$work/out" | tr -d ' ')"
check 'a prepared statement for every file' "$(find "$here/sql/queries" -name '*.sql' | wc -l | tr -d ' ')" \
    "$(printf 'SELECT count(*) FROM pg_prepared_statements;' | cat "$work/prepare.sql" - | PGOPTIONS='-c role=yizhan_app' psql -qXAt)"

ctx() { owner "SELECT jsonb_build_object('role', role, 'user_id', id, 'site_id', site_id, 'brand_id', brand_id, 'shop_id', shop_id, 'courier_id', courier_id) FROM app.account WHERE login = '$1'"; }
C1=$(ctx c1) M1=$(ctx m1) M2=$(ctx m2) S1=$(ctx s1) S2=$(ctx s2)
site=$(owner "SELECT quote_literal(id) FROM app.site WHERE code = 'S1'")
courier=$(owner "SELECT quote_literal(id) FROM app.courier WHERE code = 'C1'")
locker=$(owner "SELECT id FROM app.locker WHERE code = 'L1'")

# --- what a locker senses and what its doors say are alarms at the park's page; nonsense is none
told() { # STATE
    call locker_state "'L1', '2026-11-11T01:00:00Z', '$1'" >/dev/null
    owner "SELECT (api.park_lockers(jsonb_build_object('role', 'admin', 'account_id', NULL), '2026-11-11T01:00:00Z', '{}')).body->'items'->0->'alarms'"
}
check 'alarms of a locker' '["tamper", "hot", "forced"]' "$(told '{"box":{"tamper":true,"mains":null,"hottest_mc":61000,"coldest_mc":4000,"alarms":["tamper","hot"]},"compartments":[{"n":1,"door":"open","flags":["forced"]},{"n":2,"door":"closed","flags":3}]}')"
check 'alarms over' '[]' "$(told '{"compartments":[{"n":1,"door":"closed"},{"n":2,"door":"closed"}]}')"

# --- the board tells where it piles up, and a manager of his own park only
piles() { owner "SELECT jsonb_path_query_array((api.park_summary('$1', '$NOW', '{}')).body, '\$.sites[*].code')"; }
check 'the parks of an admin' '["S1", "S2"]' "$(piles '{"role": "admin"}')"
check 'the park of a manager' '["S2"]' "$(piles "$M2")"
check 'a locker that is away counts' 1 "$(owner "UPDATE app.locker SET online = false WHERE code = 'L1'; SELECT jsonb_path_query_first((api.park_summary('$M1', '$NOW', '{}')).body, '\$.sites[0].offline')")"
site2=$(owner "SELECT quote_literal(id) FROM app.site WHERE code = 'S2'")

# --- leases: one holder at a time, an epoch for every change of hands
held="ARRAY[$site, $site2]::uuid[], ARRAY[1, 1]::bigint[]"
take() { call leases_take "'$1', '{$2}', $3" | part 2 | tr '\n' ' '; }
check 'taken' '1 1 ' "$(take one '' 600)"
check 'renewed under the same epoch' '1 1 ' "$(take one '' 600)"
check 'another stands by' '' "$(take two '' 600)"
check 'a daemon of one site' '' "$(take two S1 600)"
owner "UPDATE app.lease SET until = clock_timestamp() WHERE zone = $site2" >/dev/null
check 'what has run out changes hands, and epoch' '2 ' "$(take two '' 600)"
check 'the other site stays' '1 ' "$(take one '' 600)"
check 'the old epoch is shut out' "$site" "$(app "SELECT quote_literal(zone) FROM app.held(ARRAY[$site, $site2]::uuid[], ARRAY[1, 1]::bigint[])")"
check 'given back' 1 "$(call leases_give "'two'")"
check 'and taken by who comes first' '1 3 ' "$(take one '' 600 | tr ' ' '\n' | sort | xargs echo) "
held="ARRAY[$site, $site2]::uuid[], ARRAY[1, 3]::bigint[]"
check 'nothing is done under no lease' '{}' "$(call tick "'$NOW', '$NOW', '{}', '{}'" | part 1)"
check 'every table stands in doc/schema.md' "$(owner "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1")" \
    "$(awk -f "$here/tests/integration/schema_doc.awk" "$here/doc/schema.md" | LC_ALL=C sort)"

# --- intake
parcel() { # WAYBILL PHONE PREFER
    printf '{"waybill": "%s", "point": "P1", "prefer": "%s", "recipient": {"name": "张三", "phone": "%s", "address": "1号楼101"}, "length_mm": 200, "width_mm": 200, "height_mm": 150}' "$1" "$3" "$2"
}
intake() { call parcels_intake "'$S1', '$NOW', '[$1]'" | part 2,7 | tr '\n' ' '; }
check 'accepted' 'accepted| ' "$(intake "$(parcel WB000001 13800000001 locker)")"
check 'the same again is a duplicate' 'duplicate| ' "$(intake "$(parcel WB000001 13800000001 locker)")"
check 'another body is a conflict' 'rejected|waybill-conflict ' "$(intake "$(parcel WB000001 13800000002 locker)")"
check 'neighbours are not touched' 'accepted| duplicate| rejected|waybill-conflict rejected|unknown-point accepted| ' \
    "$(intake "$(parcel WB000002 13800000001 locker),$(parcel WB000002 13800000001 locker),$(parcel WB000002 13800000009 locker),{\"waybill\": \"WB000099\", \"point\": \"P9\", \"recipient\": {\"name\": \"x\", \"phone\": \"13800000001\"}},$(parcel WB000003 13800000003 door)")"
intake "$(parcel WB000004 13800000004 locker),$(parcel WB000005 13800000005 locker),$(parcel WB000006 13800000006 station)" >/dev/null
check 'one create event a parcel' '6|6' "$(owner "SELECT count(*), count(DISTINCT parcel_id) FROM app.event WHERE kind = 'create'")"
check 'size from edges' 'M' "$(owner "SELECT size FROM app.parcel WHERE waybill = 'WB000001'")"

# --- who sees what
check 'own parcel' 200 "$(use parcel_get "$S1" $NOW '{"waybill": "WB000001"}' | part 1)"
check "another brand's parcel" 404 "$(use parcel_get "$S2" $NOW '{"waybill": "WB000001"}' | part 1)"
check "another site's parcel" 404 "$(use parcel_get "$M2" $NOW '{"waybill": "WB000001"}' | part 1)"
check 'row-level security by itself' 0 "$(app "SELECT set_config('yizhan.brand_id', '$(owner "SELECT id FROM app.brand WHERE code = 'B2'")', false); SELECT count(*) FROM app.parcel" | tail -n 1)"
check 'its list is empty' '[]' "$(use parcels_list "$S2" $NOW '{}' | member items)"
check 'names are masked' '张*' "$(use parcel_get "$S1" $NOW '{"waybill": "WB000001"}' | member recipient)"
for t in event consent audit door_event parcel deposit grant_issued; do
    check "no DELETE on $t" "ERROR:  permission denied for table $t" "$(app "DELETE FROM app.$t")"
done
check 'events do not change' 'ERROR:  permission denied for table event' "$(app "UPDATE app.event SET kind = 'lost'")"
check 'audit does not change' 'ERROR:  permission denied for table audit' "$(app "UPDATE app.audit SET action = ''")"

# --- scans: late, twice, contradicting, unknown and attached later
id=$(uuid 2026-11-11T02:00:00Z)
check 'recorded' '1|recorded|' "$(scan "$id" WB000001 arrive 2026-11-11T02:00:00Z 2026-11-11T02:00:10Z)"
check 'duplicate' '1|duplicate|' "$(scan "$id" WB000001 arrive 2026-11-11T02:00:00Z 2026-11-11T02:00:20Z)"
check 'conflict' '1|conflict|' "$(scan "$id" WB000001 sort 2026-11-11T02:00:00Z 2026-11-11T02:00:20Z)"
check 'late' '1|recorded|["late"]' "$(scan "$(uuid 2026-11-11T01:10:00Z)" WB000001 pickup 2026-11-11T01:10:00Z 2026-11-11T03:00:00Z)"
check 'future' '1|recorded|["future"]' "$(scan "$(uuid 2026-11-11T04:10:00Z)" WB000003 arrive 2026-11-11T04:10:00Z 2026-11-11T03:00:00Z)"
check 'unknown parcel' '1|recorded|["unknown_parcel"]' "$(scan "$(uuid 2026-11-11T02:00:00Z)" WB000077 arrive 2026-11-11T02:00:00Z 2026-11-11T02:00:01Z)"
fold 2026-11-11T03:00:00Z
check 'a late scan does not turn time back' arrived "$(state WB000001)"
intake "$(parcel WB000077 13800000077 door)" >/dev/null
call tick "'2026-11-11T03:00:00Z', '2026-11-11T03:00:00Z', $held" >/dev/null
fold 2026-11-11T03:00:00Z
check 'an early scan is attached to its parcel' arrived "$(state WB000077)"

# --- the same scans in any order give the same parcel
kinds=(pickup arrive sort load out_for_delivery attempt_failed unload load out_for_delivery sign)
bodies=$(for k in 1 2 3 4 5 6 7 8; do parcel "PERM000$k" 13900000001 door; echo ,; done)
intake "${bodies%,}" >/dev/null
for k in 1 2 3 4 5 6 7 8; do
    for i in $(seq 0 9 | shuf --random-source=<(yes $k)); do
        at=2026-11-11T02:0$i:00Z
        echo "SELECT api.scans_record('2026-11-11T02:30:00Z', ARRAY[app.uuid7('$at')], '{PERM000$k}', '{${kinds[i]}}', '{$at}', ARRAY[$site]::uuid[], '{NULL}', ARRAY[$courier]::uuid[], '{PDA-1}', ARRAY[NULL]::jsonb[]);"
        [ $(((i + k) % 3)) != 0 ] || echo "SELECT api.events_fold('2026-11-11T02:30:00Z', 1000);"
    done
done >"$work/perm.sql"
PGOPTIONS='-c role=yizhan_app' psql -qXAt -v ON_ERROR_STOP=1 -f "$work/perm.sql" >/dev/null
fold 2026-11-11T02:30:00Z
check 'eight orders, one end' '1|signed|1' "$(owner "SELECT count(DISTINCT (state, state_at, holder, courier_id, attempts, arrived_at, loaded_at)), min(state), min(attempts) FROM app.parcel WHERE waybill LIKE 'PERM%'")"
check 'and no flag of the way there' 0 "$(owner "SELECT count(*) FROM app.event_flag f JOIN app.parcel p ON p.id = f.parcel_id WHERE waybill LIKE 'PERM%'")"

# --- every reason of the planner is told in words
for r in $(sed -n 's/^ *\[VRP_R_[A-Z_]*\] = "\(.*\)",/\1/p' "$here/routing/vrp/solution.c") no_road locker_full; do
    check "the reason $r in words" 1 "$(owner "SELECT count(*) FROM app.reason WHERE reason = '$r' AND zh <> '' AND en <> ''")"
done

# --- a wave
for n in 2 4 5 6; do
    scan "$(uuid 2026-11-11T02:00:00Z)" WB00000$n arrive 2026-11-11T02:00:00Z 2026-11-11T02:00:10Z >/dev/null
done
fold 2026-11-11T03:00:00Z
idem() { printf '%s' "$1" | sed "s|}\$|, \"idem\": {\"key\": \"$2\", \"hash\": \"$3\", \"path\": \"/x\"}}|"; }
check 'a wave is asked for' 202 "$(use wave_create "$(idem "$M1" k1 h1)" 2026-11-11T03:00:00Z '{"name": "早班"}' | part 1)"
check 'once per key' 202 "$(use wave_create "$(idem "$M1" k1 h1)" 2026-11-11T03:00:00Z '{"name": "早班"}' | part 1)"
check 'a key with another body' 422 "$(use wave_create "$(idem "$M1" k1 h2)" 2026-11-11T03:00:00Z '{"name": "午班"}' | part 1)"
check 'one wave at a time' 409 "$(use wave_create "$(idem "$M1" k2 h2)" 2026-11-11T03:00:00Z '{"name": "午班"}' | part 1)"
check 'one effect' 1 "$(owner 'SELECT count(*) FROM app.wave')"
wave=$(call wave_claim "'2026-11-11T03:00:00Z', '2026-11-11T03:05:00Z', 'w1', $held" | part 1)
check 'claimed once' '' "$(call wave_claim "'2026-11-11T03:01:00Z', '2026-11-11T03:06:00Z', 'w2', $held" | part 1)"
check 'the problem has the parcels at the hub' 7 "$(printf 'x|%s' "$(call wave_problem "'$wave', '2026-11-11T03:00:00Z'")" | python3 -c 'import json,sys; print(len(json.loads(sys.stdin.read()[2:])["parcels"]))')"
pid() { owner "SELECT id FROM app.parcel WHERE waybill = '$1'"; }
point=$(owner "SELECT id FROM app.point WHERE code = 'P1'")
plan="{\"metres\": 5000, \"seconds\": 1200, \"solve_ms\": 3, \"unassigned\": [{\"parcel_id\": \"$(pid WB000006)\", \"reason\": \"time\"}],
 \"routes\": [{\"courier_id\": ${courier//\'/\"}, \"vehicle_id\": null, \"start\": \"2026-11-11T03:10:00Z\", \"end\": \"2026-11-11T05:00:00Z\", \"metres\": 5000, \"seconds\": 1200,
 \"stops\": [{\"seq\": 1, \"point_id\": \"$point\", \"kind\": \"locker\", \"locker_id\": \"$locker\", \"arrive\": \"2026-11-11T03:30:00Z\", \"depart\": \"2026-11-11T03:40:00Z\", \"metres\": 2500,
   \"parcels\": [\"$(pid WB000001)\", \"$(pid WB000002)\", \"$(pid WB000004)\", \"$(pid WB000005)\"]},
  {\"seq\": 2, \"point_id\": \"$point\", \"kind\": \"door\", \"locker_id\": null, \"arrive\": \"2026-11-11T03:50:00Z\", \"depart\": \"2026-11-11T03:55:00Z\", \"metres\": 2500, \"parcels\": [\"$(pid WB000077)\"]}]}]}"
check 'a plan under an old epoch is refused' 409 "$(call plan_store "'$wave', '2026-11-11T03:01:00Z', '$plan', $site, 99" | part 1)"
check 'the plan is stored' 200 "$(call plan_store "'$wave', '2026-11-11T03:01:00Z', '$plan', $site, 1" | part 1)"
check 'only once' 409 "$(call plan_store "'$wave', '2026-11-11T03:01:00Z', '$plan', $site, 1" | part 1)"
check 'compartments: one recipient shares, one is left out' 'WB000001 1,WB000002 1,WB000004 2' \
    "$(owner "SELECT string_agg(p.waybill || ' ' || d.n, ',' ORDER BY p.waybill) FROM app.deposit d JOIN app.parcel p ON p.id = d.parcel_id WHERE d.live")"
check 'and says why' 'locker_full' "$(owner "SELECT reason FROM app.unassigned u JOIN app.parcel p ON p.id = u.parcel_id WHERE p.waybill = 'WB000005'")"
check 'nothing for the courier yet' 0 "$(use courier_route "$C1" 2026-11-11T03:02:00Z '{}' | member summary.parcels)"
check 'published' 200 "$(use wave_publish "$(idem "$M1" k3 h3)" 2026-11-11T03:02:00Z "{\"id\": \"$wave\"}" | part 1)"
check 'somebody is waited for at a stop' t "$(owner "SELECT bool_or(app.stop_waits(stop_id)) FROM app.stop_parcel WHERE live")"
check 'nobody is, where all attempts failed' f "$(owner "BEGIN; UPDATE app.parcel SET state = 'attempt_failed'; SELECT bool_or(app.stop_waits(stop_id)) FROM app.stop_parcel WHERE live; ROLLBACK")"
check "the courier's route" '[1, 2]' "$(use courier_route "$C1" 2026-11-11T03:02:00Z '{}' | member stops | python3 -c 'import json,sys; print([s["seq"] for s in json.load(sys.stdin)])')"
check 'four to hand over' 4 "$(use courier_route "$C1" 2026-11-11T03:02:00Z '{}' | member summary.parcels)"

# --- a second wave, dropped
intake "$(parcel WB000020 13800000001 locker)" >/dev/null
scan "$(uuid 2026-11-11T03:00:00Z)" WB000020 arrive 2026-11-11T03:00:00Z 2026-11-11T03:00:10Z >/dev/null
fold 2026-11-11T03:01:00Z
use wave_create "$(idem "$M1" k4 h4)" 2026-11-11T03:02:00Z '{"name": "午班"}' >/dev/null
wave2=$(call wave_claim "'2026-11-11T03:02:00Z', '2026-11-11T03:05:00Z', 'w1', $held" | part 1)
call plan_store "'$wave2', '2026-11-11T03:03:00Z', '{\"metres\": 1, \"seconds\": 1, \"solve_ms\": 1, \"routes\": [{\"courier_id\": ${courier//\'/\"}, \"start\": \"2026-11-11T06:10:00Z\", \"end\": \"2026-11-11T07:00:00Z\", \"metres\": 1, \"seconds\": 1, \"stops\": [{\"seq\": 1, \"point_id\": \"$point\", \"kind\": \"locker\", \"locker_id\": \"$locker\", \"arrive\": \"2026-11-11T06:30:00Z\", \"depart\": \"2026-11-11T06:40:00Z\", \"metres\": 1, \"parcels\": [\"$(pid WB000020)\"]}]}]}', $site, 1" >/dev/null
check 'planned with its compartment' reserved "$(owner "SELECT status FROM app.deposit WHERE parcel_id = '$(pid WB000020)'")"
check "another site's wave is not dropped" 404 "$(use wave_drop "$M2" 2026-11-11T03:04:00Z "{\"id\": \"$wave2\"}" | part 1)"
check 'dropped' '200 dropped' "$(use wave_drop "$M1" 2026-11-11T03:04:00Z "{\"id\": \"$wave2\"}" | { IFS='|' read -r s b; echo "$s $(printf 'x|%s' "$b" | member status)"; })"
check 'its compartment and parcel are free' 'void|f' "$(owner "SELECT d.status, x.live FROM app.deposit d JOIN app.stop_parcel x USING (parcel_id) WHERE d.parcel_id = '$(pid WB000020)'")"
check 'whose routes are published, is told' "1|published" "$(owner "SELECT count(DISTINCT topic), min(payload->>'why') FROM app.outbox WHERE kind = 'courier'")"
check 'a published one is not' 409 "$(use wave_drop "$M1" 2026-11-11T03:04:00Z "{\"id\": \"$wave\"}" | part 1)"

# --- a deposit
for n in 1 2 4 5 6; do
    scan "$(uuid 2026-11-11T03:05:00Z)" WB00000$n load 2026-11-11T03:05:00Z 2026-11-11T03:05:00Z >/dev/null
    scan "$(uuid 2026-11-11T03:10:00Z)" WB00000$n out_for_delivery 2026-11-11T03:10:00Z 2026-11-11T03:10:00Z >/dev/null
done
scan "$(uuid 2026-11-11T03:10:00Z)" WB000003 out_for_delivery 2026-11-11T05:10:00Z 2026-11-11T05:10:00Z >/dev/null
fold 2026-11-11T03:11:00Z
begin() { use deposit_begin "$C1" "$4" "{\"id\": \"$1\", \"waybill\": \"$2\", \"locker\": \"$3\"}"; }
d1=$(uuid 2026-11-11T03:30:00Z)
check 'no consent, no locker' '409 no-consent' "$(begin "$(uuid $NOW)" WB000003 L1 2026-11-11T03:30:00Z | { IFS='|' read -r s b; echo "$s $(printf 'x|%s' "$b" | member type)"; })"
check 'a full locker' '409 locker-full' "$(begin "$(uuid $NOW)" WB000005 L1 2026-11-11T03:30:00Z | { IFS='|' read -r s b; echo "$s $(printf 'x|%s' "$b" | member type)"; })"
answer=$(begin "$d1" WB000001 L1 2026-11-11T03:30:00Z)
grant=$(printf '%s' "$answer" | member grant_id)
owner "UPDATE app.deposit SET reserved_until = '2026-11-11T09:00:00Z' WHERE id = '$d1'" >/dev/null
check 'a locker that is not reached leaves the reservation' "refused reserved" \
    "$(call grant_result "'$grant', '2026-11-11T03:30:02Z', 'refused', 'offline'" | member status) $(owner "SELECT status FROM app.deposit WHERE id = '$d1'")"
answer=$(begin "$d1" WB000001 L1 2026-11-11T03:30:00Z)
grant=$(printf '%s' "$answer" | member grant_id)
n=$(printf '%s' "$answer" | member compartment)
check 'begun' 202 "$(printf '%s' "$answer" | part 1)"
check 'the grant is kept' "open_deposit|$n|$d1" "$(owner "SELECT op, n, ref FROM app.grant_issued WHERE id = '$grant'")"
check 'opened' open "$(call grant_result "'$grant', '2026-11-11T03:30:02Z', 'opened', 'none'" | member status)"
door L1 7 1 2026-11-11T03:30:01Z intent open_deposit command "$n" "'$d1'" "'$grant'" >/dev/null
door L1 7 2 2026-11-11T03:30:01Z pulsed open_deposit none "$n" "'$d1'" "'$grant'" >/dev/null
door L1 7 3 2026-11-11T03:30:02Z door_open open_deposit sensor "$n" "'$d1'" "'$grant'" >/dev/null
door L1 7 4 2026-11-11T03:30:20Z door_closed open_deposit sensor "$n" "'$d1'" "'$grant'" >/dev/null
check 'deposited' '1|recorded' "$(door L1 7 5 2026-11-11T03:30:21Z deposited open_deposit sensor "$n" "'$d1'" "'$grant'" 3)"
check 'the record again' '1|duplicate' "$(door L1 7 5 2026-11-11T03:30:21Z deposited open_deposit sensor "$n" "'$d1'" "'$grant'" 3)"
fold 2026-11-11T03:31:00Z
check 'in the locker' in_locker "$(state WB000001)"
check 'one notice, with what the code is made of' "1|$d1|3|$n" "$(owner "SELECT count(*), min(payload->>'deposit_id'), min(payload->>'counter'), min(payload->>'compartment') FROM app.outbox WHERE kind = 'notice' AND topic = 'in_locker'")"
check 'begun again: it is there already' 200 "$(begin "$d1" WB000001 L1 2026-11-11T03:32:00Z | part 1)"
check 'off the plan' 0 "$(owner "SELECT count(*) FROM app.stop_parcel WHERE live AND parcel_id = '$(pid WB000001)'")"

# --- the resident
token=$(owner "SELECT tracking FROM app.parcel WHERE waybill = 'WB000001'")
check 'the page' '"in_locker"' "\"$(use track_get '{}' 2026-11-11T03:40:00Z "{\"token\": \"$token\"}" | member state)\""
check 'a wrong link' 404 "$(use track_get '{}' $NOW '{"token": "nobody"}' | part 1)"
check 'a code can be made' "$d1" "$(printf 'x|%s' "$(call track_code "'$token', '$NOW'")" | member deposit_id)"
other=$(use track_delegate '{}' 2026-11-11T03:41:00Z "{\"token\": \"$token\"}" | member token)
check 'handed on' 200 "$(use track_get '{}' 2026-11-11T03:42:00Z "{\"token\": \"$other\"}" | part 1)"
check 'not handed on again' 404 "$(use track_delegate '{}' 2026-11-11T03:42:00Z "{\"token\": \"$other\"}" | part 1)"
check 'extended once' 200 "$(use track_extend '{}' 2026-11-11T03:43:00Z "{\"token\": \"$token\"}" | part 1)"
check 'not twice' 409 "$(use track_extend '{}' 2026-11-11T03:43:00Z "{\"token\": \"$token\"}" | part 1)"
door L1 7 6 2026-11-11T04:00:00Z intent open_pickup code "$n" "'$d1'" NULL >/dev/null
door L1 7 7 2026-11-11T04:00:01Z pulsed open_pickup none "$n" "'$d1'" NULL >/dev/null
door L1 7 8 2026-11-11T04:00:02Z door_open open_pickup sensor "$n" "'$d1'" NULL >/dev/null
door L1 7 9 2026-11-11T04:00:20Z door_closed open_pickup sensor "$n" "'$d1'" NULL >/dev/null
door L1 7 10 2026-11-11T04:00:21Z collected open_pickup sensor "$n" "'$d1'" NULL >/dev/null
fold 2026-11-11T04:01:00Z
check 'collected' 'signed|recipient' "$(owner "SELECT state, holder FROM app.parcel WHERE waybill = 'WB000001'")"
check 'the deposit is over' collected "$(owner "SELECT status FROM app.deposit WHERE id = '$d1'")"

# --- overdue, and taken back
d4=$(uuid 2026-11-11T03:35:00Z)
begin "$d4" WB000004 L1 2026-11-11T03:35:00Z >/dev/null
status_of() { owner "SELECT status FROM app.deposit WHERE id = '$1'"; }
call tick "'2026-11-11T03:35:00Z', '2026-01-01T00:00:00Z', $held" >/dev/null
call tick "'2026-11-11T03:35:01Z', '2026-01-01T00:09:00Z', $held" >/dev/null
check 'an answer is waited for in real time' opening "$(status_of "$d4")"
call tick "'2026-11-11T03:35:02Z', '2026-01-01T00:11:00Z', $held" >/dev/null
check 'but not for ever' failed "$(status_of "$d4")"
door L1 7 11 2026-11-11T03:35:10Z deposited open_deposit sensor 2 "'$d4'" NULL 0 >/dev/null
fold 2026-11-11T03:36:00Z
check 'no recall before its time' 409 "$(use parcel_recall "$C1" 2026-11-11T05:00:00Z '{"waybill": "WB000004"}' | part 1)"
call tick "'2026-11-12T04:00:00Z', '2026-11-12T04:00:00Z', $held" >/dev/null
fold 2026-11-12T04:00:00Z
check 'overdue' overdue "$(state WB000004)"
answer=$(use parcel_recall "$C1" 2026-11-12T04:10:00Z '{"waybill": "WB000004"}')
check 'recalled' 202 "$(printf '%s' "$answer" | part 1)"
door L1 7 12 2026-11-12T04:10:10Z collected recall sensor 2 "'$d4'" "'$(printf '%s' "$answer" | member grant_id)'" >/dev/null
fold 2026-11-12T04:11:00Z
check 'with the courier again' 'out_for_delivery|courier' "$(owner "SELECT state, holder FROM app.parcel WHERE waybill = 'WB000004'")"
check 'its compartment is free' recalled "$(owner "SELECT status FROM app.deposit WHERE id = '$d4'")"

# --- refused, cancelled
check 'refused' 200 "$(use track_refuse '{}' 2026-11-11T03:20:00Z "{\"token\": \"$(owner "SELECT tracking FROM app.parcel WHERE waybill = 'WB000006'")\", \"reason\": \"x\"}" | part 1)"
fold 2026-11-11T03:21:00Z
check 'is refused' refused "$(state WB000006)"
check 'too late to cancel' 409 "$(use parcel_cancel "$S1" 2026-11-11T03:22:00Z '{"waybill": "WB000006"}' | part 1)"
intake "$(parcel WB000010 13800000010 door)" >/dev/null
check "another brand cannot cancel" 404 "$(use parcel_cancel "$S2" 2026-11-11T03:22:00Z '{"waybill": "WB000010"}' | part 1)"
check 'cancelled' 200 "$(use parcel_cancel "$S1" 2026-11-11T03:22:00Z '{"waybill": "WB000010"}' | part 1)"
fold 2026-11-11T03:23:00Z
check 'is cancelled' cancelled "$(state WB000010)"

# --- what was given up turns up; who stands in for the recipient needs his word
flags() { owner "SELECT coalesce(string_agg(DISTINCT flag, ','), '') FROM app.event_flag WHERE parcel_id = '$(pid "$1")'"; }
see() { scan "$(uuid "2026-11-11T$3:00Z")" "$1" "$2" "2026-11-11T$3:00Z" "2026-11-11T$3:01Z" >/dev/null; }
intake "$(parcel WB000030 13800000030 station),$(parcel WB000031 13800000031 door)" >/dev/null
see WB000010 arrive 04:00
see WB000030 lost 02:00
see WB000030 arrive 02:10
see WB000030 out_for_delivery 02:20
see WB000030 station_in 02:30
see WB000031 arrive 02:10
see WB000031 out_for_delivery 02:20
see WB000031 station_in 02:30
fold 2026-11-11T04:00:00Z
check 'a cancelled parcel that is scanned is at the hub' 'arrived|site' "$(owner "SELECT state, holder FROM app.parcel WHERE waybill = 'WB000010'")"
check 'and flagged' reappeared "$(flags WB000010)"
check 'a lost one, found' at_station "$(state WB000030)"
check 'with consent' reappeared "$(flags WB000030)"
check 'a station without consent' no_consent "$(flags WB000031)"
see WB000030 sign 02:40
see WB000030 arrive 02:50
fold 2026-11-11T04:00:00Z
check 'found, signed, and ended again' 'signed after_the_end,reappeared' "$(state WB000030) $(flags WB000030)"

# --- the outbox
first=$(call outbox_claim "'2026-11-13T00:00:00Z', 1, $held" | part 1)
check 'claimed rows are held' 0 "$(call outbox_claim "'2026-11-13T00:00:10Z', 1000, $held" | grep -c "$first")"
call outbox_fail "'$first', '2026-11-13T00:00:00Z', 'refused', $held" >/dev/null
check 'tried again later' refused "$(owner "SELECT last_error FROM app.outbox WHERE id = '$first' AND next_at > '2026-11-13T00:00:00Z' AND done_at IS NULL")"
call outbox_done "'{$(owner "SELECT string_agg(id::text, ',') FROM app.outbox")}', '2026-11-13T00:01:00Z', $held" >/dev/null
check 'phone numbers do not stay' 0 "$(owner "SELECT count(*) FROM app.outbox WHERE payload ? 'to'")"
. "$here/tests/integration/sql_sendings.sh"
. "$here/tests/integration/sql_checks.sh"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
