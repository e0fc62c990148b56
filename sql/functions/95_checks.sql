-- The invariants, each as a query of its violations: one row a violation, its text an example that names it. They stand
-- beside the ledgers of the fault harness (schema harness), which are empty in a city that is not under test: then the
-- checks of the ledgers hold of nothing. For the owner of the schema: the harness is none of the daemon's business.

CREATE OR REPLACE FUNCTION app.uuid_or_null(p text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN p::uuid END
$$;

-- I1: what a client was told succeeded is there. A parcel is acknowledged by waybill or id, a consent by waybill, all else by id.
CREATE OR REPLACE FUNCTION app.check_acknowledged() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT a.kind || ' ' || a.id || ' is missing' FROM harness.acked a
  WHERE CASE a.kind
    WHEN 'parcel' THEN NOT EXISTS (SELECT FROM app.parcel p WHERE p.waybill = a.id)
      AND NOT EXISTS (SELECT FROM app.parcel p WHERE p.id = app.uuid_or_null(a.id))
    WHEN 'scan' THEN NOT EXISTS (SELECT FROM app.event e WHERE e.day = app.uuid_day(app.uuid_or_null(a.id)) AND e.id = app.uuid_or_null(a.id))
    WHEN 'deposit' THEN NOT EXISTS (SELECT FROM app.deposit d WHERE d.id = app.uuid_or_null(a.id))
    WHEN 'wave' THEN NOT EXISTS (SELECT FROM app.wave w WHERE w.id = app.uuid_or_null(a.id))
    WHEN 'consent' THEN NOT EXISTS (SELECT FROM app.consent c JOIN app.parcel p ON p.waybill = a.id AND c.recipient_key = p.recipient_key WHERE c.channel = 'resident')
    ELSE true END
$$;

-- I2: one effect per key. The keys of the tables say so; this reads the rows themselves, and finds an answer never kept.
CREATE OR REPLACE FUNCTION app.check_once() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT 'idempotency key ' || key || ' stands ' || count(*) || ' times' FROM app.idempotency GROUP BY account_id, key HAVING count(*) > 1
  UNION ALL
  SELECT 'idempotency key ' || key || ' has no answer' FROM app.idempotency WHERE status = 0
  UNION ALL
  SELECT 'event ' || id || ' stands ' || count(*) || ' times' FROM app.event GROUP BY id HAVING count(*) > 1
  UNION ALL
  SELECT 'event ' || id || ' stands under ' || day FROM app.event WHERE day <> app.uuid_day(id)
$$;

-- I3: no parcel lost or doubled. Parcels whose fold is due are left out, and so are those whose own log says that
-- something impossible was scanned: there two people said two things, and the page of problem parcels shows it.
CREATE OR REPLACE FUNCTION app.check_custody() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  WITH settled AS MATERIALIZED (
    SELECT p.id, p.waybill, p.state, p.holder FROM app.parcel p WHERE NOT EXISTS (SELECT FROM app.fold_queue q WHERE q.parcel_id = p.id)
  ), held AS MATERIALIZED (
    SELECT parcel_id, count(*) AS n FROM (SELECT parcel_id FROM app.deposit WHERE status IN ('confirmed', 'overdue')
      UNION ALL SELECT parcel_id FROM app.sending WHERE status = 'dropped') x GROUP BY 1
  )
  SELECT waybill || ' is ' || state || ' with ' || holder FROM settled s
  WHERE NOT EXISTS (SELECT FROM app.kind k WHERE k.state = s.state AND k.holder = s.holder)
  UNION ALL
  SELECT waybill || ' has no beginning' FROM settled s WHERE NOT EXISTS (SELECT FROM app.event e WHERE e.parcel_id = s.id AND e.kind = 'create')
  UNION ALL
  SELECT waybill || ' is in ' || h.n || ' compartments' FROM settled s JOIN held h ON h.parcel_id = s.id WHERE h.n > 1
  UNION ALL
  SELECT waybill || ' is ' || state || ' and in no compartment' FROM settled s WHERE holder = 'locker'
    AND NOT EXISTS (SELECT FROM held h WHERE h.parcel_id = s.id) AND NOT EXISTS (SELECT FROM app.event_flag f WHERE f.parcel_id = s.id)
  UNION ALL
  SELECT waybill || ' is ' || state || ' and in a compartment' FROM settled s JOIN held h ON h.parcel_id = s.id
  WHERE s.state NOT IN ('in_locker', 'overdue', 'refused', 'dropped_off') AND NOT EXISTS (SELECT FROM app.event_flag f WHERE f.parcel_id = s.id)
  UNION ALL
  SELECT waybill || ' is ' || state || ' and in a live plan' FROM settled s
  WHERE s.state NOT IN ('arrived', 'sorted', 'loaded', 'out_for_delivery', 'created', 'pickup_assigned', 'picked_up', 'relayed')
    AND EXISTS (SELECT FROM app.stop_parcel x WHERE x.parcel_id = s.id AND x.live)
$$;

-- I4: parcels of two recipients are never in one compartment at once, now or in the past.
CREATE OR REPLACE FUNCTION app.check_compartments() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT 'deposits ' || a.id || ' and ' || b.id || ' are both live' FROM app.deposit a
  JOIN app.deposit b ON b.locker_id = a.locker_id AND b.n = a.n AND b.recipient_key <> a.recipient_key AND b.id > a.id WHERE a.live AND b.live
  UNION ALL
  SELECT 'deposits ' || a.id || ' and ' || b.id || ' overlapped' FROM app.deposit a
  JOIN app.deposit b ON b.locker_id = a.locker_id AND b.n = a.n AND b.recipient_key <> a.recipient_key AND b.id > a.id
  WHERE NOT (a.live AND b.live) AND a.confirmed_at < coalesce(b.ended_at, 'infinity') AND b.confirmed_at < coalesce(a.ended_at, 'infinity')
  UNION ALL -- and none together with what was dropped off
  SELECT 'deposit ' || d.id || ' and sending ' || s.id || ' overlapped' FROM app.sending s
  JOIN app.deposit d ON d.locker_id = s.locker_id AND d.n = s.n AND d.status NOT IN ('reserved', 'void')
  WHERE s.dropped_at IS NOT NULL AND s.reason IS DISTINCT FROM 'superseded' AND d.confirmed_at < CASE WHEN s.status = 'dropped' THEN 'infinity' ELSE s.picked_up_at END
    AND s.dropped_at < coalesce(d.ended_at, 'infinity')
$$;

-- An intent to pulse that somebody was entitled to: by a grant for this door (a drop-off's is for any), or by the code of a
-- parcel that is or was inside, or that was awaited.
CREATE OR REPLACE FUNCTION app.intent_entitled(e app.door_event) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN e.grant_id IS NOT NULL THEN EXISTS (SELECT FROM app.grant_issued g JOIN app.locker l ON l.id = g.locker_id
      WHERE g.id = e.grant_id AND l.code = e.locker AND (g.n = e.n OR (g.n = 0 AND g.op = 'dropoff')) AND g.op = e.op)
    WHEN e.op = 'dropoff' THEN EXISTS (SELECT FROM app.sending s JOIN app.locker l ON l.id = s.locker_id WHERE s.id = e.ref AND l.code = e.locker)
    ELSE e.op = 'open_pickup' AND EXISTS (SELECT FROM app.deposit d JOIN app.locker l ON l.id = d.locker_id
      WHERE d.id = e.ref AND l.code = e.locker AND d.n = e.n AND d.confirmed_at IS NOT NULL) END
$$;

-- I5: every pulse follows an intent of its own in that locker's journal, and every intent was somebody's right.
CREATE OR REPLACE FUNCTION app.check_entitled() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  WITH pulses AS (
    SELECT locker, n, at, grant_id, row_number() OVER (PARTITION BY locker, n ORDER BY at) AS k FROM harness.pulse
  ), intents AS MATERIALIZED (
    SELECT locker, n, rt, row_number() OVER (PARTITION BY locker, n ORDER BY rt, boot, seq) AS k FROM app.door_event WHERE type = 'intent'
  )
  SELECT 'pulse of ' || p.locker || '/' || p.n || ' at ' || app.iso(p.at) || ' follows no intent' FROM pulses p
  LEFT JOIN intents i ON i.locker = p.locker AND i.n = p.n AND i.k = p.k WHERE i.k IS NULL OR i.rt > p.at + interval '1 second'
  UNION ALL
  SELECT 'pulse of ' || p.locker || '/' || p.n || ' at ' || app.iso(p.at) || ' has no grant ' || p.grant_id FROM pulses p
  WHERE p.grant_id IS NOT NULL AND NOT EXISTS (SELECT FROM app.grant_issued g WHERE g.id = p.grant_id)
  UNION ALL
  SELECT 'intent ' || e.locker || '/' || e.boot || '/' || e.seq || ' (' || e.op || ', door ' || e.n || ') was nobody''s right'
  FROM app.door_event e WHERE e.type = 'intent' AND NOT app.intent_entitled(e)
$$;

-- I6: a grant pulses once, and a door not oftener than it was meant to. (A pulse may lack its 'pulsed' record, when the power
-- failed between the two; it never lacks its intent.)
CREATE OR REPLACE FUNCTION app.check_pulsed_once() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT 'grant ' || grant_id || ' pulsed ' || count(*) || ' times' FROM app.door_event WHERE type = 'pulsed' AND grant_id IS NOT NULL
  GROUP BY grant_id HAVING count(*) > 1
  UNION ALL
  SELECT 'grant ' || grant_id || ' pulsed ' || count(*) || ' times at the door' FROM harness.pulse WHERE grant_id IS NOT NULL
  GROUP BY grant_id HAVING count(*) > 1
  UNION ALL
  SELECT p.locker || '/' || p.n || ' pulsed ' || p.k || ' times for ' || coalesce(i.k, 0) || ' intents'
  FROM (SELECT locker, n, count(*) AS k FROM harness.pulse GROUP BY 1, 2) p
  LEFT JOIN (SELECT locker, n, count(*) AS k FROM app.door_event WHERE type = 'intent' GROUP BY 1, 2) i USING (locker, n)
  WHERE p.k > coalesce(i.k, 0)
$$;

-- I7: every edge a door made is here, once. For the lockers the ledger speaks of.
CREATE OR REPLACE FUNCTION app.check_edges() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  WITH made AS (
    SELECT locker, n, 'door_' || door AS type, count(*) AS k FROM harness.edge GROUP BY 1, 2, 3
  ), kept AS (
    SELECT locker, n, type, count(*) AS k FROM app.door_event
    WHERE type IN ('door_open', 'door_closed') AND locker IN (SELECT locker FROM harness.edge) GROUP BY 1, 2, 3
  )
  SELECT locker || '/' || n || ' ' || type || ': ' || coalesce(m.k, 0) || ' made, ' || coalesce(s.k, 0) || ' kept'
  FROM made m FULL JOIN kept s USING (locker, n, type) WHERE coalesce(m.k, 0) <> coalesce(s.k, 0)
  UNION ALL
  SELECT 'edge ' || h.locker || '/' || h.boot || '/' || h.seq || ' is missing' FROM harness.edge h
  WHERE h.boot IS NOT NULL AND h.seq IS NOT NULL
    AND NOT EXISTS (SELECT FROM app.door_event e WHERE e.locker = h.locker AND e.boot = h.boot AND e.seq = h.seq AND e.n = h.n AND e.type = 'door_' || h.door)
$$;

-- I9: journals came in once and whole: no record twice, under its own name or another's, and none missing between two others.
CREATE OR REPLACE FUNCTION app.check_journals() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT 'record ' || locker || '/' || boot || '/' || seq || ' stands ' || count(*) || ' times' FROM app.door_event GROUP BY locker, boot, seq HAVING count(*) > 1
  UNION ALL
  SELECT 'a record of ' || locker || ' stands under ' || count(*) || ' names' FROM app.door_event GROUP BY locker, mac HAVING count(DISTINCT (boot, seq)) > 1
  UNION ALL
  SELECT locker || '/' || boot || ' lacks ' || max(seq) - min(seq) + 1 - count(DISTINCT seq) || ' records' FROM app.door_event
  GROUP BY locker, boot HAVING max(seq) - min(seq) + 1 > count(DISTINCT seq)
$$;

-- I10: nothing was done under an epoch after one of a later epoch, nor under one that nobody was given.
CREATE OR REPLACE FUNCTION app.check_leases() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT 'effect ' || seq || ' (' || what || ' ' || subject || ') was made under epoch ' || epoch || ' after one of ' || newest
  FROM (SELECT e.*, max(epoch) OVER (PARTITION BY zone ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest FROM app.effect e) e WHERE epoch < newest
  UNION ALL
  SELECT 'effect ' || seq || ' (' || what || ' ' || subject || ') was made under epoch ' || epoch || ', which nobody was given' FROM app.effect e
  WHERE NOT EXISTS (SELECT FROM app.lease_change c WHERE c.zone = e.zone AND c.epoch = e.epoch)
  UNION ALL
  SELECT 'the lease of ' || zone || ' is of epoch ' || l.epoch || ', its last change was to ' || c.epoch FROM app.lease l
  JOIN (SELECT zone, max(epoch) AS epoch FROM app.lease_change GROUP BY zone) c USING (zone) WHERE l.epoch <> c.epoch
$$;

-- I11: the audit chain, computed again.
CREATE OR REPLACE FUNCTION app.check_audit() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT 'audit row ' || seq || ' is not what was written' FROM (
    SELECT a.*, lag(hash, 1, '\x'::bytea) OVER w AS before, row_number() OVER w AS nth FROM app.audit a WINDOW w AS (ORDER BY seq)) a
  WHERE seq <> nth OR prev <> before OR hash <> app.audit_hash(prev, seq, at, actor, action, subject, detail)
$$;

-- I12: nothing is under way any more.
CREATE OR REPLACE FUNCTION app.check_converged() RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT kind || ' ' || id || ' is not out: ' || coalesce(last_error, 'not tried') FROM app.outbox WHERE done_at IS NULL AND failed_at IS NULL
  UNION ALL
  SELECT 'parcel ' || parcel_id || ' is to be folded' FROM app.fold_queue
$$;

CREATE OR REPLACE FUNCTION api.checks_run() RETURNS TABLE (name text, checked bigint, violations bigint, example text) LANGUAGE sql STABLE AS $$
  SELECT 'I1 acknowledged', (SELECT count(*) FROM harness.acked), count(*), min(v) FROM app.check_acknowledged() v
  UNION ALL SELECT 'I2 once', (SELECT count(*) FROM app.event) + (SELECT count(*) FROM app.idempotency), count(*), min(v) FROM app.check_once() v
  UNION ALL SELECT 'I3 custody', (SELECT count(*) FROM app.parcel), count(*), min(v) FROM app.check_custody() v
  UNION ALL SELECT 'I4 compartments', (SELECT count(*) FROM app.deposit), count(*), min(v) FROM app.check_compartments() v
  UNION ALL SELECT 'I5 entitled', (SELECT count(*) FROM harness.pulse) + (SELECT count(*) FROM app.door_event WHERE type = 'intent'), count(*), min(v) FROM app.check_entitled() v
  UNION ALL SELECT 'I6 pulsed once', (SELECT count(*) FROM app.door_event WHERE type = 'pulsed'), count(*), min(v) FROM app.check_pulsed_once() v
  UNION ALL SELECT 'I7 edges', (SELECT count(*) FROM harness.edge), count(*), min(v) FROM app.check_edges() v
  UNION ALL SELECT 'I9 journals', (SELECT count(*) FROM app.door_event), count(*), min(v) FROM app.check_journals() v
  UNION ALL SELECT 'I10 leases', (SELECT count(*) FROM app.effect), count(*), min(v) FROM app.check_leases() v
  UNION ALL SELECT 'I11 audit', (SELECT count(*) FROM app.audit), count(*), min(v) FROM app.check_audit() v
  UNION ALL SELECT 'I12 converged', (SELECT count(*) FROM app.outbox), count(*), min(v) FROM app.check_converged() v
$$;
