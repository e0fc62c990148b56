# Part of sql_test.sh: what residents drop off. The locker says where; reservations make way; a courier takes it out.
# shellcheck shell=bash disable=SC2154

cat >"$work/city2.json" <<'EOF'
{"points": [{"code": "P2", "site": "S1", "name": "学校", "kind": "campus", "lat": 35.42, "lon": 116.62}],
 "lockers": [{"code": "L2", "point": "P2", "lat": 35.42, "lon": 116.62, "profile": "xunming16", "compartments": [{"n": 1, "size": "S"}, {"n": 2, "size": "M"}, {"n": 3, "size": "M"}]}],
 "accounts": [{"login": "b1", "role": "brand", "brand": "B1", "password": "for-a-test"}]}
EOF
check 'another locker' 0 "$($ctl import "$work/city2.json" --now "$NOW" >"$work/out" 2>&1 || cat "$work/out"; echo $?)"
B1=$(ctx b1)
locker2=$(owner "SELECT id FROM app.locker WHERE code = 'L2'")
send() { use sending_create "$1" "$2" "{\"locker\": \"$3\", \"name\": \"李四\", \"phone\": \"13900000088\"${4-}}"; }
sending() { owner "SELECT $2 FROM app.sending WHERE id = '$1'"; }
said() { { IFS='|' read -r s b; echo "$s $(printf 'x|%s' "$b" | member type)"; }; }
at=2026-11-13T02:00:00Z

# --- made: a parcel of its own, a permission for any compartment
answer=$(send "$S1" $at L2)
g1=$(printf '%s' "$answer" | member id)
w1=$(printf '%s' "$answer" | member waybill)
permit1=$(printf '%s' "$answer" | member permit.grant_id)
check 'awaited' '201 expected' "$(printf '%s' "$answer" | part 1) $(printf '%s' "$answer" | member status)"
check 'masked' '李*' "$(printf '%s' "$answer" | member name)"
check 'a permission for any door' "dropoff|0|$g1" "$(owner "SELECT op, n, ref FROM app.grant_issued WHERE id = '$permit1'")"
check 'a parcel of the shop, for itself' 'created|sender|甲店|t' "$(owner "SELECT p.state, p.holder, p.recipient_name, s.to_shop FROM app.parcel p JOIN app.sending s ON s.parcel_id = p.id WHERE s.id = '$g1'")"
check 'no such locker' '404 not-found' "$(send "$S1" $at L9 | said)"
check 'no compartment so large' '409 no-compartment' "$(send "$S1" $at L2 ', "size": "XL"' | said)"
check 'for somebody, to nowhere' '422 no-point' "$(send "$S1" $at L2 ', "recipient": {"name": "王", "phone": "13800000001", "address": "x"}' | said)"
check 'for somebody' 'f' "$(sending "$(send "$S1" $at L2 ', "point": "P1", "recipient": {"name": "王", "phone": "13800000001", "address": "x"}' | member id)" to_shop)"
check "another brand's" 404 "$(use sending_get "$S2" $at "{\"id\": \"$g1\"}" | part 1)"
check "the brand's own" 200 "$(use sending_get "$B1" $at "{\"id\": \"$g1\"}" | part 1)"
check 'row-level security by itself' 0 "$(app "SELECT set_config('yizhan.brand_id', '$(owner "SELECT id FROM app.brand WHERE code = 'B2'")', false); SELECT count(*) FROM app.sending" | tail -n 1)"
check 'the manager gets no permission' null "$(use sending_get "$M1" $at "{\"id\": \"$g1\"}" | part 2- | python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin).get("permit")))')"
check 'no DELETE on sending' 'ERROR:  permission denied for table sending' "$(app "DELETE FROM app.sending")"

# --- a reservation in the compartment that the locker chooses makes way
intake "$(parcel WB000040 13800000040 locker),$(parcel WB000041 13800000041 locker)" >/dev/null
owner "SELECT app.reserve($site, '$locker2', p.id, $courier, '$at', '2026-11-13T09:00:00Z') FROM app.parcel p WHERE waybill IN ('WB000040', 'WB000041') ORDER BY waybill" >/dev/null
held_in() { owner "SELECT coalesce(string_agg(p.waybill || ' ' || d.n, ',' ORDER BY p.waybill), '') FROM app.deposit d JOIN app.parcel p ON p.id = d.parcel_id WHERE d.locker_id = '$locker2' AND d.live"; }
check 'two reservations' 'WB000040 2,WB000041 3' "$(held_in)"
door L2 3 1 2026-11-13T02:10:00Z expected expect_dropoff command 0 "'$g1'" NULL >/dev/null
check 'its code works' t "$(sending "$g1" announced)"
door L2 3 2 2026-11-13T02:20:00Z intent dropoff code 2 "'$g1'" NULL >/dev/null
check 'one has no other place, one stays' 'WB000041 3' "$(held_in)"
check 'and the compartment is nobody else'\''s' '' "$(owner "SELECT app.free_compartment('$locker2', p, NULL) FROM app.parcel p WHERE waybill = 'WB000040'")"
check 'nor by force' 'ERROR:  something was dropped off in this compartment' "$(owner "UPDATE app.deposit SET status = 'reserved', ended_at = NULL WHERE parcel_id = '$(pid WB000040)' AND n = 2" | head -n 1)"
door L2 3 3 2026-11-13T02:20:01Z deposit_empty dropoff sensor 2 "'$g1'" NULL >/dev/null
check 'left empty: still awaited, the door is free' 'expected|' "$(sending "$g1" "status, n")"
door L2 3 4 2026-11-13T02:21:00Z intent dropoff grant 2 "'$g1'" "'$permit1'" >/dev/null
check 'not cancelled under an open door' '409 door-has-opened' "$(use sending_cancel "$S1" 2026-11-13T02:21:10Z "{\"id\": \"$g1\"}" | said)"
door L2 3 5 2026-11-13T02:21:20Z not_opened dropoff no_edge 2 "'$g1'" "'$permit1'" >/dev/null
owner "UPDATE app.compartment SET status = 'ok' WHERE locker_id = '$locker2'" >/dev/null
check 'a permission that was spent is followed by another' t "$(sending "$g1" "grant_id <> '$permit1' AND n IS NULL")"
door L2 3 6 2026-11-13T02:22:00Z intent dropoff code 2 "'$g1'" NULL >/dev/null
check 'dropped off' '1|recorded' "$(door L2 3 7 2026-11-13T02:22:30Z dropped_off dropoff sensor 2 "'$g1'" NULL)"
check 'the record again' '1|duplicate' "$(door L2 3 7 2026-11-13T02:22:30Z dropped_off dropoff sensor 2 "'$g1'" NULL)"
fold 2026-11-13T02:23:00Z
check 'in the locker, to be picked up' 'dropped|2|dropped_off|locker' "$(owner "SELECT s.status, s.n, p.state, p.holder FROM app.sending s JOIN app.parcel p ON p.id = s.parcel_id WHERE s.id = '$g1'")"
check 'too late to cancel' '409 dropped-already' "$(use sending_cancel "$S1" 2026-11-13T02:23:00Z "{\"id\": \"$g1\"}" | said)"
check 'its door is occupied at the park' occupied "$(use park_lockers "$M1" 2026-11-13T02:23:00Z '{}' | member items.1.compartments.1.state)"

# --- whose errand it is
pickups() { use courier_route "$C1" "$1" '{}' | member pickups | python3 -c 'import json,sys; print(",".join(p["waybill"] for p in json.load(sys.stdin)))'; }
check 'no route comes by: the manager sees it' "null $w1" "$(pickups 2026-11-13T02:24:00Z)$(use sendings_list "$M1" 2026-11-13T02:24:00Z '{"status": "dropped"}' | { IFS= read -r l; echo "$(printf '%s' "$l" | member items.0.visitor) $(printf '%s' "$l" | member items.0.waybill)"; })"
check "another site's manager does not" '[]' "$(use sendings_list "$M2" 2026-11-13T02:24:00Z '{}' | member items)"
owner "INSERT INTO app.wave (site_id, id, status, created_at) VALUES ($site, '00000000-0000-7000-8000-0000000000aa', 'published', '$at');
  INSERT INTO app.route VALUES ($site, '00000000-0000-7000-8000-0000000000ab', '00000000-0000-7000-8000-0000000000aa', $courier, NULL, '$at', '2026-11-13T06:00:00Z', 1, 1);
  INSERT INTO app.stop SELECT $site, '00000000-0000-7000-8000-0000000000ac', '00000000-0000-7000-8000-0000000000ab', 1, point_id, 'locker', id, '$at', '$at', 1 FROM app.locker WHERE code = 'L2'" >/dev/null
check 'the courier whose route comes by has it' "$w1" "$(pickups 2026-11-13T02:25:00Z)"
check 'and the manager knows' C1 "$(use sendings_list "$M1" 2026-11-13T02:25:00Z '{"status": "dropped"}' | member items.0.visitor)"
check 'who is elsewhere does not open it' 404 "$(use sending_open "$M2" 2026-11-13T02:26:00Z "{\"id\": \"$g1\"}" | part 1)"
answer=$(use sending_open "$C1" 2026-11-13T02:26:00Z "{\"id\": \"$g1\"}")
grant2=$(printf '%s' "$answer" | member grant_id)
check 'opened for the courier' "202 recall 2 $g1" "$(printf '%s' "$answer" | part 1) $(printf '%s' "$answer" | member op) $(printf '%s' "$answer" | member compartment) $(printf '%s' "$answer" | member ref)"
door L2 3 8 2026-11-13T02:26:01Z intent recall command 2 "'$g1'" "'$grant2'" >/dev/null
door L2 3 9 2026-11-13T02:26:20Z collected recall sensor 2 "'$g1'" "'$grant2'" >/dev/null
scan "$(uuid 2026-11-13T02:26:30Z)" "$w1" pickup 2026-11-13T02:26:30Z 2026-11-13T02:26:31Z >/dev/null
fold 2026-11-13T02:27:00Z
check 'picked up, by the door and by a scan' 'picked_up|picked_up|courier|2' "$(owner "SELECT s.status, p.state, p.holder, (SELECT count(*) FROM app.event e WHERE e.parcel_id = p.id AND e.kind = 'pickup') FROM app.sending s JOIN app.parcel p ON p.id = s.parcel_id WHERE s.id = '$g1'")"
check 'which is nothing strange' '' "$(flags "$w1")"
check 'its door is free' 2 "$(owner "SELECT app.free_compartment('$locker2', p, NULL) FROM app.parcel p WHERE waybill = 'WB000040'")"
check 'nothing to open' '409 not-inside' "$(use sending_open "$C1" 2026-11-13T02:28:00Z "{\"id\": \"$g1\"}" | said)"
see2() { scan "$(uuid "$2")" "$w1" "$1" "$2" "$2" >/dev/null; }
see2 arrive 2026-11-13T03:00:00Z
fold 2026-11-13T03:00:00Z
owner "INSERT INTO app.wave (site_id, id, status, created_at) VALUES ($site, '00000000-0000-7000-8000-0000000000ad', 'planning', '$at')" >/dev/null
check 'at the hub for its shop: in no wave' false "$(printf 'x|%s' "$(call wave_problem "'00000000-0000-7000-8000-0000000000ad', '2026-11-13T03:01:00Z'")" | python3 -c "import json,sys; print('true' if '$w1' in [p['waybill'] for p in json.loads(sys.stdin.read()[2:])['parcels']] else 'false')")"
owner "UPDATE app.wave SET status = 'failed' WHERE id = '00000000-0000-7000-8000-0000000000ad'" >/dev/null
see2 return_start 2026-11-13T03:10:00Z
see2 return_done 2026-11-13T03:20:00Z
fold 2026-11-13T03:21:00Z
check 'the shop has it' 'done|returned' "$(owner "SELECT s.status, p.state FROM app.sending s JOIN app.parcel p ON p.id = s.parcel_id WHERE s.id = '$g1'")"

# --- while a courier is on his way there: his page is told, and a reservation finds another place
g5=$(send "$S1" 2026-11-13T04:00:00Z L2 | member id)
door L2 3 10 2026-11-13T04:10:00Z intent dropoff grant 3 "'$g5'" "'$(sending "$g5" grant_id)'" >/dev/null
check 'the reservation moves' 'WB000041 2' "$(held_in)"
check 'nobody is told yet' 0 "$(owner "SELECT count(*) FROM app.outbox WHERE kind = 'courier' AND payload->>'why' = 'dropped_off'")"
door L2 3 11 2026-11-13T04:10:20Z dropped_off dropoff sensor 3 "'$g5'" NULL >/dev/null
check 'the courier is told' "${courier//\'/}" "$(owner "SELECT topic FROM app.outbox WHERE kind = 'courier' AND payload->>'why' = 'dropped_off'")"
fold 2026-11-13T04:11:00Z
call outbox_done "'{$(owner "SELECT string_agg(id::text, ',') FROM app.outbox")}', '2026-11-13T04:12:00Z', $held" >/dev/null

# --- nobody came; somebody came late; somebody thought better of it
answer=$(send "$S1" $at L2)
g2=$(printf '%s' "$answer" | member id)
permit2=$(printf '%s' "$answer" | member permit.grant_id)
call tick "'2026-11-16T01:59:00Z', '2026-11-16T01:59:00Z', $held" >/dev/null
check 'not before its time' expected "$(sending "$g2" status)"
call tick "'2026-11-16T02:01:00Z', '2026-11-16T02:01:00Z', $held" >/dev/null
fold 2026-11-16T02:01:00Z
check 'expired, its parcel cancelled' 'expired|cancelled' "$(owner "SELECT s.status, p.state FROM app.sending s JOIN app.parcel p ON p.id = s.parcel_id WHERE s.id = '$g2'")"
door L2 3 12 2026-11-16T02:10:00Z intent dropoff grant 2 "'$g2'" "'$permit2'" >/dev/null
door L2 3 13 2026-11-16T02:10:20Z dropped_off dropoff sensor 2 "'$g2'" "'$permit2'" >/dev/null
fold 2026-11-16T02:11:00Z
check 'what a locker says is there is there' 'dropped|dropped_off' "$(owner "SELECT s.status, p.state FROM app.sending s JOIN app.parcel p ON p.id = s.parcel_id WHERE s.id = '$g2'")"
scan "$(uuid 2026-11-16T02:20:00Z)" "$(sending "$g2" '(SELECT waybill FROM app.parcel p WHERE p.id = parcel_id)')" pickup 2026-11-16T02:20:00Z 2026-11-16T02:20:00Z >/dev/null
fold 2026-11-16T02:20:00Z
check 'a scan alone makes it picked up' picked_up "$(sending "$g2" status)"
g3=$(send "$S1" $at L2 | member id)
check 'cancelled' "$(sending "$g3" grant_id)" "$(use sending_cancel "$S1" $at "{\"id\": \"$g3\"}" | member withdrawn)"
check 'once' 200 "$(use sending_cancel "$S1" $at "{\"id\": \"$g3\"}" | part 1)"
g4=$(send "$S1" $at L2 | member id)
use parcel_cancel "$S1" $at "{\"waybill\": \"$(sending "$g4" '(SELECT waybill FROM app.parcel p WHERE p.id = parcel_id)')\"}" >/dev/null
fold 2026-11-16T02:21:00Z
check 'cancelled by its parcel' cancelled "$(sending "$g4" status)"
owner "UPDATE app.sending SET personal_until = '2026-11-01'" >/dev/null
call tick "'2026-11-16T02:31:00Z', '2026-11-16T02:31:00Z', $held" >/dev/null
fold 2026-11-16T02:31:00Z
check 'names and phones are cleared of what is over' '0|t' "$(owner "SELECT count(phone) FILTER (WHERE status IN ('done', 'expired', 'cancelled')), count(phone) > 0 FROM app.sending")"

# --- a recipient sends back what he got
token=$(owner "SELECT tracking FROM app.parcel WHERE waybill = 'WB000001'")
now=2026-11-14T02:00:00Z
check 'may be sent back' 'L1,L2' "$(use track_get '{}' $now "{\"token\": \"$token\"}" | member return_lockers | python3 -c 'import json,sys; print(",".join(l["locker"] for l in json.load(sys.stdin)))')"
check 'not by who was sent to collect it' null "$(use track_get '{}' 2026-11-12T02:00:00Z "{\"token\": \"$other\"}" | member return_lockers)"
check 'nor through his link' 404 "$(use track_return '{}' 2026-11-12T02:00:00Z "{\"token\": \"$other\"}" | part 1)"
check 'not what was not received' '409 no-return' "$(use track_return '{}' $now "{\"token\": \"$(owner "SELECT tracking FROM app.parcel WHERE waybill = 'WB000040'")\"}" | said)"
check 'not to a locker far away' 404 "$(use track_return '{}' $now "{\"token\": \"$token\", \"locker\": \"L9\"}" | part 1)"
answer=$(use track_return '{}' $now "{\"token\": \"$token\"}")
check 'goes back, by the locker it lay in' '201 L1 WB000001' "$(printf '%s' "$answer" | part 1) $(printf '%s' "$answer" | member locker) $(printf '%s' "$answer" | member return_of)"
check 'asked again: the same' "200 $(printf '%s' "$answer" | member id)" "$(use track_return '{}' $now "{\"token\": \"$token\"}" | { IFS= read -r l; echo "$(printf '%s' "$l" | part 1) $(printf '%s' "$l" | member id)"; })"
check 'his page shows it' expected "$(use track_get '{}' $now "{\"token\": \"$token\"}" | member return.status)"
check 'kept after all' 200 "$(use track_return_cancel '{}' $now "{\"token\": \"$token\"}" | part 1)"
check 'nothing left to cancel' 404 "$(use track_return_cancel '{}' $now "{\"token\": \"$token\"}" | part 1)"
check 'another day' 201 "$(use track_return '{}' $now "{\"token\": \"$token\", \"size\": \"S\", \"locker\": \"L2\"}" | part 1)"
fold 2026-11-16T02:40:00Z
