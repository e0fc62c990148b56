# Part of sql_test.sh: a sound city violates nothing, and every invariant's check finds what is planted for it.
# shellcheck shell=bash disable=SC2154

found() { # the violations of one invariant, with a violation planted and taken back
    owner "BEGIN; SET session_replication_role = replica; $2; SELECT CASE WHEN violations > 0 THEN 'found' ELSE 'missed' END FROM api.checks_run() WHERE name LIKE '$1 %'; ROLLBACK" | tail -n 1
}
plant() { check "$1 finds $2" found "$(found "$1" "$3")"; }

check 'a sound city' '' "$(owner "SELECT name || ': ' || example FROM api.checks_run() WHERE violations > 0")"
check 'yizhanctl check' 0 "$($ctl check >/dev/null; echo $?)"
plant I1 'an acknowledged parcel that is gone' "INSERT INTO harness.acked VALUES ('parcel', 'WB0LOST')"
plant I1 'an acknowledged scan that is gone' "INSERT INTO harness.acked VALUES ('scan', app.uuid7(now())::text)"
plant I1 'an acknowledged deposit that is gone' "INSERT INTO harness.acked VALUES ('deposit', app.uuid7(now())::text)"
plant I2 'an event under two days' "INSERT INTO app.event SELECT day - 1, id, waybill, parcel_id, brand_id, site_id, kind, at, received_at FROM app.event LIMIT 1"
plant I2 'a key without an answer' "UPDATE app.idempotency SET status = 0"
plant I3 'a holder who does not go with the state' "UPDATE app.parcel SET holder = 'nobody' WHERE waybill = 'WB000003'"
plant I3 'a parcel in no compartment' "UPDATE app.parcel SET state = 'in_locker', holder = 'locker' WHERE waybill = 'WB000002'"
plant I3 'a signed parcel in a compartment' "UPDATE app.deposit SET status = 'confirmed' WHERE id = '$d1'"
plant I3 'a parcel without a beginning' "DELETE FROM app.event WHERE kind = 'create' AND waybill = 'WB000002'"
plant I4 'two recipients at once' "ALTER TABLE app.deposit DROP CONSTRAINT deposit_one_recipient; DROP INDEX app.deposit_one_live_per_parcel; UPDATE app.deposit SET status = 'confirmed', n = 1, recipient_key = id::text"
plant I4 'two recipients in the past' "UPDATE app.deposit SET n = 1, confirmed_at = '2026-11-11T03:00:00Z', ended_at = '2026-11-12T03:00:00Z'"
plant I5 'a pulse of nobody' "INSERT INTO harness.pulse VALUES ('L1', 2, '2026-11-11T03:30:01Z')"
plant I5 'a pulse before its intent' "INSERT INTO harness.pulse VALUES ('L1', $n, '2026-11-11T03:00:00Z')"
plant I5 'an intent without a grant' "DELETE FROM app.grant_issued WHERE id = '$grant'"
plant I5 'a code of a parcel never inside' "UPDATE app.deposit SET confirmed_at = NULL WHERE id = '$d1'"
plant I6 'a grant that pulsed twice' "INSERT INTO app.door_event SELECT locker, boot, 999, at, rt, received_at, type, op, why, n, ref, grant_id, value, '\\x01' FROM app.door_event WHERE type = 'pulsed' AND grant_id IS NOT NULL LIMIT 1"
plant I6 'a door that pulsed too often' "INSERT INTO harness.pulse SELECT 'L1', $n, '2026-11-12T00:00:00Z' FROM generate_series(1, 3)"
plant I7 'an edge not kept' "INSERT INTO harness.edge SELECT locker, n, substr(type, 6), rt FROM app.door_event WHERE type LIKE 'door_%'; DELETE FROM app.door_event WHERE seq = 3"
plant I7 'an edge never made' "INSERT INTO harness.edge SELECT locker, n, substr(type, 6), rt FROM app.door_event WHERE type LIKE 'door_%' AND seq <> 3"
plant I9 'a hole in a journal' "DELETE FROM app.door_event WHERE seq = 4"
plant I9 'a record under two names' "INSERT INTO app.door_event SELECT locker, 8, 1, at, rt, received_at, type, op, why, n, ref, grant_id, value, mac FROM app.door_event WHERE seq = 1"
plant I10 'an effect under an old epoch' "INSERT INTO app.lease_change VALUES ($site, 2, 'other', now()); UPDATE app.lease SET epoch = 2 WHERE zone = $site; INSERT INTO app.effect (zone, epoch, what, subject, at) VALUES ($site, 2, 'plan', 'new', now()), ($site, 1, 'plan', 'late', now())"
plant I10 'an effect under an epoch of nobody' "INSERT INTO app.effect (zone, epoch, what, subject, at) VALUES ($site, 99, 'plan', 'none', now())"
plant I10 'a lease that was changed by hand' "UPDATE app.lease SET epoch = 7 WHERE zone = $site"
plant I11 'a changed audit row' "UPDATE app.audit SET action = 'nothing' WHERE seq = 1"
plant I11 'a missing audit row' "DELETE FROM app.audit WHERE seq = 1"
plant I12 'a message not sent' "UPDATE app.outbox SET done_at = NULL"
plant I12 'a parcel not folded' "INSERT INTO app.fold_queue SELECT id FROM app.parcel LIMIT 1"
plant I4 'a deposit over what was dropped off' "UPDATE app.deposit SET locker_id = s.locker_id, n = s.n, confirmed_at = s.dropped_at, status = 'confirmed', ended_at = NULL FROM app.sending s WHERE s.id = '$g1' AND app.deposit.id = '$d1'"
plant I5 'a drop-off that nobody was awaited for' "DELETE FROM app.sending WHERE id = '$g1'"
plant I3 'a dropped-off parcel in no compartment' "UPDATE app.parcel SET state = 'dropped_off', holder = 'locker' WHERE waybill = '$w1'"
