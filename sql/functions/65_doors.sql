-- A deposit is in: from the locker's journal or from its receipt, whichever comes first.
CREATE OR REPLACE FUNCTION app.deposit_confirmed(d app.deposit, p_at timestamptz, p_now timestamptz, p_counter int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF d.status NOT IN ('reserved', 'opening', 'open', 'failed', 'lapsed', 'void') THEN
    RETURN;
  END IF;
  -- the door has decided: what else was planned for this parcel makes way
  UPDATE app.deposit SET status = 'void', ended_at = p_at, reason = 'superseded' WHERE parcel_id = d.parcel_id AND id <> d.id AND status IN ('reserved', 'opening');
  UPDATE app.deposit SET status = 'confirmed', confirmed_at = p_at, counter = coalesce(p_counter, counter), ended_at = NULL, reason = NULL,
    deadline = coalesce(deadline, p_at + interval '24 hours') WHERE id = d.id;
  PERFORM app.event_add(p_now, d.parcel_id, 'deposit', p_at, NULL, d.courier_id, jsonb_build_object('deposit_id', d.id));
END $$;

-- What each type of record does beyond being kept. Called once per record, in the order of the journal.
CREATE OR REPLACE FUNCTION app.door_effect(e app.door_event, p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE d app.deposit;
BEGIN
  IF e.ref IS NOT NULL THEN
    SELECT * INTO d FROM app.deposit WHERE id = e.ref FOR UPDATE;
    IF NOT FOUND THEN
      PERFORM app.sending_door(e, p_now);
    END IF;
  END IF;
  CASE e.type
  WHEN 'deposited' THEN
    IF d.id IS NOT NULL THEN
      PERFORM app.deposit_confirmed(d, e.at, p_now, e.value::int);
    END IF;
  WHEN 'deposit_empty' THEN
    UPDATE app.deposit SET status = 'void', ended_at = e.at, reason = 'empty' WHERE id = d.id AND status IN ('opening', 'open');
  WHEN 'collected' THEN
    IF d.status IN ('confirmed', 'overdue') AND e.op = 'recall' THEN
      UPDATE app.deposit SET status = 'recalled', ended_at = e.at WHERE id = d.id;
      PERFORM app.event_add(p_now, d.parcel_id, 'recall', e.at, NULL, d.courier_id, NULL);
    ELSIF d.status IN ('confirmed', 'overdue') THEN
      UPDATE app.deposit SET status = 'collected', ended_at = e.at WHERE id = d.id;
      PERFORM app.event_add(p_now, d.parcel_id, 'collect', e.at, NULL, NULL, NULL);
    END IF;
  WHEN 'not_opened', 'jammed' THEN
    UPDATE app.deposit SET status = 'failed', ended_at = e.at, reason = e.why WHERE id = d.id AND status IN ('opening', 'reserved');
    UPDATE app.compartment c SET status = 'jammed' FROM app.locker l WHERE l.code = e.locker AND c.locker_id = l.id AND c.n = e.n AND c.status = 'ok';
  WHEN 'in_service', 'clean' THEN
    UPDATE app.compartment c SET status = 'ok' FROM app.locker l WHERE l.code = e.locker AND c.locker_id = l.id AND c.n = e.n;
  WHEN 'out_of_service', 'dirty' THEN
    UPDATE app.compartment c SET status = e.type FROM app.locker l WHERE l.code = e.locker AND c.locker_id = l.id AND c.n = e.n;
  WHEN 'report' THEN
    IF e.why = 'refused' AND d.id IS NOT NULL THEN
      PERFORM app.event_add(p_now, d.parcel_id, 'refuse', e.at, NULL, NULL, jsonb_build_object('by', 'kiosk'));
    END IF;
  ELSE NULL;
  END CASE;
END $$;

-- The lockers' records, set-based: kept once, in order, with their effects in the same transaction.
CREATE OR REPLACE FUNCTION api.door_events_record(p_received timestamptz, p_lockers text[], p_boots bigint[], p_seqs bigint[], p_ats timestamptz[], p_rts timestamptz[],
  p_types text[], p_ops text[], p_whys text[], p_ns int[], p_refs uuid[], p_grants uuid[], p_values bigint[], p_macs bytea[])
RETURNS TABLE (i int, result text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE e app.door_event; v_fresh boolean; v_i int := 0; v_mac bytea;
BEGIN
  FOR e IN SELECT n.locker, n.boot, n.seq, n.at, n.rt, p_received, n.type, n.op, n.why, n.n, n.ref, n.grant_id, n.value, n.mac
    FROM unnest(p_lockers, p_boots, p_seqs, p_ats, p_rts, p_types, p_ops, p_whys, p_ns, p_refs, p_grants, p_values, p_macs) WITH ORDINALITY
      n (locker, boot, seq, at, rt, type, op, why, n, ref, grant_id, value, mac, ord) ORDER BY ord
  LOOP
    v_i := v_i + 1;
    INSERT INTO app.door_event SELECT e.* ON CONFLICT DO NOTHING;
    v_fresh := FOUND;
    IF v_fresh THEN
      PERFORM app.door_effect(e, p_received);
    ELSE
      SELECT x.mac INTO v_mac FROM app.door_event x WHERE x.locker = e.locker AND x.boot = e.boot AND x.seq = e.seq;
    END IF;
    i := v_i;
    result := CASE WHEN v_fresh THEN 'recorded' WHEN v_mac = e.mac THEN 'duplicate' ELSE 'conflict' END;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION api.locker_online(p_code text, p_now timestamptz, p_online boolean, p_conn jsonb) RETURNS void LANGUAGE sql AS $$
  UPDATE app.locker SET online = p_online, conn = coalesce(p_conn, conn), seen_at = p_now WHERE code = p_code
$$;

CREATE OR REPLACE FUNCTION api.locker_state(p_code text, p_now timestamptz, p_state jsonb) RETURNS void LANGUAGE sql AS $$
  WITH l AS (UPDATE app.locker SET seen_at = p_now, box = p_state->'box' WHERE code = p_code RETURNING id)
  UPDATE app.compartment c SET observed = s - 'n' FROM l, jsonb_array_elements(p_state->'compartments') s
  WHERE c.locker_id = l.id AND c.n = (s->>'n')::int AND c.observed IS DISTINCT FROM s - 'n'
$$;
