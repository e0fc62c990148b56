-- State from events, for the parcels in the queue. For each parcel its events are put in order of (true time, rank, id);
-- the state is that of the last one, unless a final one came before: then the first final one stands, but for
-- a parcel refused after it was opened, and for one that turns up after it was cancelled, lost or damaged. The same events
-- give the same state in whatever order they arrived. Where a parcel's events come in order, which is nearly
-- always, its state and the new ones are enough; else its log is read (app.fold_log). Returns how many parcels were
-- folded.
DROP FUNCTION IF EXISTS app.fold_log(uuid[]), app.fold_effects(timestamptz, app.folded[]);
DROP TYPE IF EXISTS app.folded;
CREATE TYPE app.folded AS (parcel_id uuid, event_id uuid, old_state text, state text, final boolean, holder text, state_at timestamptz, kind text,
  courier_id uuid, attempts int, arrived_at timestamptz, loaded_at timestamptz);

CREATE OR REPLACE FUNCTION api.events_fold(p_now timestamptz, p_max int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE v_due app.fold_queue[]; v app.folded[]; v_rest uuid[];
BEGIN
  -- Derived again from the queue if a crash takes it: its commit need not be waited for. Whoever claims what it put into the
  -- outbox commits after it, and flushes it with that.
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM pg_advisory_xact_lock(4243); -- one fold at a time: two would derive from different snapshots
  WITH taken AS (
    DELETE FROM app.fold_queue WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.fold_queue LIMIT p_max)) RETURNING fold_queue
  ) SELECT array_agg(fold_queue) INTO v_due FROM taken;
  IF v_due IS NULL THEN
    RETURN 0;
  END IF;

  -- events later than all before them, of a parcel under way that they leave under way but for the last
  WITH due AS MATERIALIZED (
    SELECT d.parcel_id, d.event_id, d.at, k.kind, k.state, k.holder, k.final, lag(k.state) OVER upto AS previous,
      row_number() OVER upto = count(*) OVER parcel AS last,
      bool_or(k.kind IS NULL) OVER parcel OR coalesce(bool_or(k.final) OVER before, false) AS unfit, min(d.at) OVER parcel AS first_at,
      count(*) FILTER (WHERE k.kind = 'attempt_failed') OVER parcel AS attempts,
      min(d.at) FILTER (WHERE k.kind IN ('arrive', 'unload')) OVER parcel AS arrived_at, min(d.at) FILTER (WHERE k.kind = 'load') OVER parcel AS loaded_at,
      array_agg(d.courier_id) FILTER (WHERE k.holder = 'courier' AND d.courier_id IS NOT NULL) OVER upto AS couriers
    FROM unnest(v_due) d LEFT JOIN app.kind k USING (kind)
    WINDOW parcel AS (PARTITION BY d.parcel_id), upto AS (PARTITION BY d.parcel_id ORDER BY d.at, k.rank, d.event_id),
      before AS (PARTITION BY d.parcel_id ORDER BY d.at, k.rank, d.event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), next AS MATERIALIZED (
    SELECT d.parcel_id, d.event_id, p.state AS old_state, d.state, d.final, d.holder, d.at, d.kind,
      coalesce(d.couriers[cardinality(d.couriers)], p.courier_id), p.attempts + d.attempts::int, coalesce(p.arrived_at, d.arrived_at), coalesce(p.loaded_at, d.loaded_at)
    FROM due d JOIN app.parcel p ON p.id = d.parcel_id
    WHERE d.last AND NOT d.unfit AND d.first_at > p.state_at AND p.ended_on IS NULL
  ), flagged AS (
    INSERT INTO app.event_flag SELECT d.event_id, d.parcel_id, 'impossible_transition' FROM due d JOIN next n USING (parcel_id)
    WHERE NOT EXISTS (SELECT FROM app.transition t WHERE t.state = coalesce(d.previous, n.old_state) AND t.kind = d.kind) ON CONFLICT DO NOTHING
  ) SELECT array_agg(n::app.folded) INTO v FROM next n;
  SELECT array_agg(parcel_id) INTO v_rest FROM (SELECT parcel_id FROM unnest(v_due) EXCEPT SELECT parcel_id FROM unnest(v)) x;
  IF v_rest IS NOT NULL THEN
    v := v || app.fold_log(v_rest);
  END IF;
  PERFORM app.fold_effects(p_now, v);
  RETURN coalesce(cardinality(v), 0);
END $$;

-- The state of these parcels from their whole log; what looks wrong in it is flagged.
CREATE FUNCTION app.fold_log(p_ids uuid[]) RETURNS app.folded[] LANGUAGE plpgsql AS $$
DECLARE v app.folded[];
BEGIN
  -- the order itself is first in any parcel's life, though it may reach us after the first scan
  WITH ordered AS MATERIALIZED (
    SELECT e.parcel_id, e.id, e.kind, e.at, e.courier_id, k.state, k.holder, k.final, e.detail,
      row_number() OVER w AS nth, lag(k.state) OVER w AS previous
    FROM app.event e JOIN app.kind k USING (kind)
    WHERE e.parcel_id = ANY (p_ids)
    WINDOW w AS (PARTITION BY e.parcel_id ORDER BY e.kind <> 'create', e.at, k.rank, e.id)
  ), ended AS MATERIALIZED (
    SELECT DISTINCT ON (parcel_id) parcel_id, nth AS end_nth, state AS end_state FROM ordered WHERE final ORDER BY parcel_id, nth
  ), reopened AS MATERIALIZED ( -- whoever opened it may still refuse it; what was given up may turn up again
    SELECT o.parcel_id, min(o.nth) AS open_nth, min(x.end_state) AS end_state FROM ordered o JOIN ended x USING (parcel_id) JOIN app.kind k USING (kind)
    WHERE o.nth > x.end_nth AND CASE WHEN x.end_state = 'signed' THEN o.kind = 'refuse'
      ELSE x.end_state IN ('cancelled', 'lost', 'damaged') AND (k.scan OR o.kind IN ('deposit', 'collect', 'drop_off')) AND (NOT o.final OR o.state = 'signed') END
    GROUP BY 1
  ), ended_again AS MATERIALIZED (
    SELECT o.parcel_id, min(o.nth) AS end_nth FROM ordered o JOIN reopened r USING (parcel_id) WHERE o.final AND o.nth >= r.open_nth GROUP BY 1
  ), judged AS MATERIALIZED (
    SELECT o.*, o.nth = r.open_nth AND r.end_state <> 'signed' AS reappears,
      o.nth <= coalesce(x.end_nth, o.nth) OR (o.nth >= r.open_nth AND o.nth <= coalesce(y.end_nth, o.nth)) AS counts
    FROM ordered o LEFT JOIN ended x USING (parcel_id) LEFT JOIN reopened r USING (parcel_id) LEFT JOIN ended_again y USING (parcel_id)
  ), found AS MATERIALIZED (
    SELECT o.id AS event_id, o.parcel_id, CASE WHEN o.counts IS NOT TRUE THEN 'after_the_end' WHEN o.reappears THEN 'reappeared' ELSE 'impossible_transition' END AS flag
    FROM judged o
    WHERE o.previous IS NOT NULL AND (o.counts IS NOT TRUE OR o.reappears OR
      NOT EXISTS (SELECT FROM app.transition t WHERE t.state = o.previous AND t.kind = o.kind))
    UNION -- a station, or an agent who signs, without the recipient's word (detail.by says who signed)
    SELECT o.id, o.parcel_id, 'no_consent' FROM judged o JOIN app.parcel p ON p.id = o.parcel_id
    WHERE (o.kind = 'station_in' OR (o.kind = 'sign' AND o.detail->>'by' = 'agent'))
      AND (SELECT c.how FROM app.consent c WHERE c.at <= o.at AND (c.parcel_id = p.id OR (c.parcel_id IS NULL AND c.recipient_key = p.recipient_key))
        ORDER BY (c.channel <> 'sender') DESC, (c.parcel_id IS NOT NULL) DESC, c.at DESC, c.id DESC LIMIT 1) IS DISTINCT FROM 'station'
  ), flagged AS (
    INSERT INTO app.event_flag SELECT event_id, parcel_id, flag FROM found ON CONFLICT DO NOTHING
  ), unflagged AS ( -- what looked impossible until an event between arrived late
    DELETE FROM app.event_flag g WHERE g.parcel_id = ANY (p_ids)
      AND NOT EXISTS (SELECT FROM found f WHERE f.parcel_id = g.parcel_id AND f.event_id = g.event_id AND f.flag = g.flag)
  )
  SELECT array_agg((j.parcel_id, j.id, p.state, j.state, j.final, j.holder, j.at, j.kind, s.courier_id, s.attempts, s.arrived_at, s.loaded_at)::app.folded) INTO v
  FROM (SELECT DISTINCT ON (parcel_id) * FROM judged WHERE counts ORDER BY parcel_id, nth DESC) j
  JOIN (SELECT parcel_id, count(*) FILTER (WHERE kind = 'attempt_failed') AS attempts,
      min(at) FILTER (WHERE kind IN ('arrive', 'unload')) AS arrived_at, min(at) FILTER (WHERE kind = 'load') AS loaded_at,
      (array_agg(courier_id ORDER BY nth DESC) FILTER (WHERE courier_id IS NOT NULL AND holder = 'courier'))[1] AS courier_id
    FROM judged WHERE counts GROUP BY 1) s USING (parcel_id)
  JOIN app.parcel p ON p.id = j.parcel_id;
  RETURN v;
END $$;

-- What follows from the states.
CREATE FUNCTION app.fold_effects(p_now timestamptz, p_new app.folded[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- each change of state goes out once: to the brand's webhooks and, where it matters to them, to the recipient
  INSERT INTO app.outbox (id, site_id, brand_id, kind, topic, payload, webhook_id, created_at, next_at)
  SELECT app.uuid7(p_now), p.site_id, p.brand_id, 'webhook', 'parcel.' || f.state,
    jsonb_build_object('type', 'parcel.' || f.state, 'timestamp', app.iso(f.state_at), 'data', jsonb_strip_nulls(jsonb_build_object('waybill', p.waybill,
      'order_no', p.order_no, 'state', f.state, 'code', k.code100, 'emsevt', k.emsevt, 'at', app.iso(f.state_at)))),
    w.id, p_now, to_timestamp(0)
  FROM unnest(p_new) f JOIN app.parcel p ON p.id = f.parcel_id AND f.old_state <> f.state JOIN app.kind k ON k.kind = f.kind
  JOIN app.webhook w ON w.brand_id = p.brand_id AND w.active AND (w.events = '{}' OR 'parcel.' || f.state = ANY (w.events));

  INSERT INTO app.outbox (id, site_id, brand_id, kind, topic, payload, created_at, next_at)
  SELECT app.uuid7(p_now), p.site_id, p.brand_id, 'notice', f.state,
    jsonb_strip_nulls(jsonb_build_object('to', p.recipient_phone, 'lang', 'zh', 'template', f.state, 'waybill_tail', right(p.waybill, 4),
      'brand', b.name, 'tracking', p.tracking, 'place', coalesce(pt.name, ''), 'at', app.iso(f.state_at),
      'locker', l.code, 'compartment', d.n, 'deposit_id', d.id, 'counter', d.counter, 'deadline', app.iso(d.deadline), 'phone', l.phone)),
    p_now, to_timestamp(0)
  FROM unnest(p_new) f JOIN app.parcel p ON p.id = f.parcel_id AND f.old_state <> f.state JOIN app.brand b ON b.id = p.brand_id
  JOIN app.point pt ON pt.id = p.point_id
  LEFT JOIN app.deposit d ON d.parcel_id = p.id AND d.live LEFT JOIN app.locker l ON l.id = d.locker_id
  WHERE f.state IN ('in_locker', 'at_station', 'out_for_delivery', 'overdue', 'attempt_failed', 'returning') AND p.recipient_phone IS DISTINCT FROM '';

  -- what others did to a parcel that a courier has in his hands or on his list
  INSERT INTO app.outbox (id, site_id, kind, topic, payload, created_at, next_at)
  SELECT app.uuid7(p_now), x.site_id, 'courier', x.courier_id::text, jsonb_build_object('why', min(x.state)), p_now, to_timestamp(0)
  FROM (SELECT r.courier_id, p.site_id, f.state FROM unnest(p_new) f JOIN app.parcel p ON p.id = f.parcel_id
    JOIN app.stop_parcel s ON s.parcel_id = f.parcel_id AND s.live JOIN app.stop t ON t.id = s.stop_id JOIN app.route r ON r.id = t.route_id
    WHERE f.state IN ('intercepted', 'refused', 'cancelled', 'lost', 'damaged')) x GROUP BY x.site_id, x.courier_id;

  UPDATE app.parcel p SET state = f.state, state_at = f.state_at, holder = f.holder, courier_id = f.courier_id, attempts = f.attempts,
    arrived_at = f.arrived_at, loaded_at = f.loaded_at,
    ended_on = CASE WHEN f.final THEN (f.state_at AT TIME ZONE 'Asia/Shanghai')::date END
  FROM unnest(p_new) f WHERE p.id = f.parcel_id;

  -- a parcel that has left the courier's hands leaves his plan; one that is not going to a locker gives its compartment back
  UPDATE app.stop_parcel s SET live = false FROM unnest(p_new) f
  WHERE s.parcel_id = f.parcel_id AND s.live
    AND f.state NOT IN ('arrived', 'sorted', 'loaded', 'out_for_delivery', 'created', 'picked_up', 'relayed');
  UPDATE app.deposit d SET status = 'void', ended_at = p_now, reason = f.state FROM unnest(p_new) f
  WHERE d.parcel_id = f.parcel_id AND d.status = 'reserved'
    AND f.state NOT IN ('arrived', 'sorted', 'loaded', 'out_for_delivery', 'created', 'picked_up', 'relayed', 'attempt_failed');

  -- what was to be dropped off, or was, goes on its way
  UPDATE app.sending s SET status = CASE WHEN f.state = 'cancelled' THEN 'cancelled' WHEN f.final THEN 'done' ELSE 'picked_up' END,
    picked_up_at = CASE WHEN f.state <> 'cancelled' THEN coalesce(s.picked_up_at, f.state_at) END, ended_at = CASE WHEN f.final THEN f.state_at END,
    courier_id = coalesce(s.courier_id, f.courier_id)
  FROM unnest(p_new) f WHERE s.parcel_id = f.parcel_id AND s.status IN ('expected', 'dropped', 'picked_up')
    AND f.state NOT IN ('created', 'pickup_assigned', 'dropped_off') AND (f.state <> 'cancelled' OR s.status = 'expected');
END $$;

-- The kind, where a parcel's state follows from its last state and this event alone; NULL where consents and so the log must
-- be looked at.
CREATE OR REPLACE FUNCTION app.fold_alone(p_kind text, p_detail jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_kind IN ('station_in', 'create') OR p_detail->>'by' = 'agent' THEN NULL ELSE p_kind END
$$;

-- An event that the house itself observed (a door, a timer, a resident's word), and the parcel queued for the fold.
CREATE OR REPLACE FUNCTION app.event_add(p_now timestamptz, p_parcel uuid, p_kind text, p_at timestamptz, p_actor uuid, p_courier uuid, p_detail jsonb)
RETURNS void LANGUAGE sql AS $$
  WITH e AS (SELECT app.uuid7(p_now) AS id),
  x AS (INSERT INTO app.event (day, id, waybill, parcel_id, brand_id, site_id, kind, at, received_at, actor_id, courier_id, detail)
    SELECT app.uuid_day(e.id), e.id, p.waybill, p.id, p.brand_id, p.site_id, p_kind, p_at, p_now, p_actor, p_courier, p_detail
    FROM app.parcel p, e WHERE p.id = p_parcel)
  INSERT INTO app.fold_queue (parcel_id, event_id, kind, at, courier_id)
  SELECT p_parcel, e.id, app.fold_alone(p_kind, p_detail), p_at, p_courier FROM e
$$;

-- Scans that came before their parcel, by a week at most, are attached to it. Returns how many.
CREATE OR REPLACE FUNCTION api.events_attach(p_now timestamptz) RETURNS int LANGUAGE sql AS $$
  WITH found AS (
    UPDATE app.event e SET parcel_id = p.id, brand_id = p.brand_id FROM app.parcel p
    WHERE e.parcel_id IS NULL AND e.received_at > p_now - interval '7 days'
      AND (e.day >= (p_now AT TIME ZONE 'Asia/Shanghai')::date - 8 OR e.day = '1970-01-01') AND p.waybill = e.waybill RETURNING p.id
  ), queued AS (INSERT INTO app.fold_queue (parcel_id) SELECT DISTINCT id FROM found RETURNING 1)
  SELECT count(*)::int FROM queued
$$;
