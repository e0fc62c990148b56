CREATE OR REPLACE FUNCTION app.deposit_json(d app.deposit) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', d.id, 'status', d.status, 'compartment', d.n, 'locker', l.code, 'waybill', p.waybill, 'reason', d.reason,
    'deadline', app.iso(d.deadline)) FROM app.locker l, app.parcel p WHERE l.id = d.locker_id AND p.id = d.parcel_id
$$;

-- Begins to put a parcel into a locker: takes the reservation (or finds a compartment), and writes the grant that the daemon
-- signs. The same id again answers the same, with a new grant while the door has not opened.
CREATE OR REPLACE FUNCTION api.deposit_begin(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel; l app.locker; d app.deposit; v_n int; v_consent uuid; v_grant uuid := app.uuid7(p_now); v_courier uuid := (ctx->>'courier_id')::uuid;
  v_deadline timestamptz := p_now + interval '24 hours';
BEGIN
  SELECT * INTO p FROM app.parcel WHERE waybill = p_body->>'waybill' AND app.my_site(ctx, site_id);
  SELECT * INTO l FROM app.locker WHERE code = p_body->>'locker' AND active AND app.my_site(ctx, site_id) FOR NO KEY UPDATE; -- one choice at a time
  IF p.id IS NULL THEN
    RETURN app.not_found('parcel');
  ELSIF l.id IS NULL THEN
    RETURN app.not_found('locker');
  END IF;
  SELECT * INTO d FROM app.deposit WHERE id = (p_body->>'id')::uuid FOR UPDATE;
  IF FOUND AND (d.parcel_id <> p.id OR d.locker_id <> l.id) THEN
    RETURN (422, app.problem('id-reused', 'this deposit id belongs to another parcel or locker', '/id'))::app.answer;
  ELSIF FOUND AND d.status NOT IN ('opening', 'reserved') THEN
    RETURN (200, app.deposit_json(d))::app.answer;
  END IF;
  v_consent := app.parcel_consent(p, 'locker');
  IF v_consent IS NULL THEN
    RETURN (409, app.problem('no-consent', 'the recipient has not agreed to a locker: deliver to the door'))::app.answer;
  ELSIF p.state NOT IN ('out_for_delivery', 'loaded', 'attempt_failed', 'exception', 'arrived', 'sorted') THEN
    RETURN (409, app.problem('wrong-state', 'this parcel is ' || p.state))::app.answer;
  END IF;
  IF d.id IS NULL THEN
    SELECT * INTO d FROM app.deposit WHERE parcel_id = p.id AND live FOR UPDATE;
    IF FOUND AND d.status NOT IN ('reserved', 'opening', 'open') THEN
      RETURN (409, app.problem('already-deposited', 'this parcel is in a locker already'))::app.answer;
    END IF;
    IF d.id IS NOT NULL THEN -- the reservation makes way: its compartment is asked for again below
      v_n := CASE WHEN d.locker_id = l.id AND d.status = 'reserved' THEN d.n END;
      UPDATE app.deposit SET status = 'void', ended_at = p_now, reason = 'begun' WHERE id = d.id;
    END IF;
    v_n := coalesce(app.free_compartment(l.id, p, coalesce((p_body->>'compartment')::int, v_n)), app.free_compartment(l.id, p, NULL));
    IF v_n IS NULL THEN
      IF d.id IS NOT NULL THEN
        UPDATE app.deposit SET status = d.status, ended_at = NULL, reason = d.reason WHERE id = d.id;
      END IF;
      RETURN (409, app.problem('locker-full', 'no compartment of this size is free') || jsonb_build_object('alternatives', coalesce((
        SELECT jsonb_agg(jsonb_build_object('locker', o.code, 'point', q.name)) FROM app.locker o JOIN app.point q ON q.id = o.point_id
        WHERE o.active AND o.site_id = l.site_id AND o.id <> l.id AND o.point_id = l.point_id AND app.free_compartment(o.id, p, NULL) IS NOT NULL), '[]')))::app.answer;
    END IF;
    INSERT INTO app.deposit (site_id, id, locker_id, n, parcel_id, recipient_key, courier_id, consent_id, status, grant_id, begun_at, deadline)
    VALUES (l.site_id, (p_body->>'id')::uuid, l.id, v_n, p.id, p.recipient_key, v_courier, v_consent, 'opening', v_grant, p_now, v_deadline)
    RETURNING * INTO d;
  ELSE
    UPDATE app.deposit SET status = 'opening', grant_id = v_grant, begun_at = p_now, answer_until = NULL, deadline = v_deadline, courier_id = v_courier WHERE id = d.id RETURNING * INTO d;
  END IF;
  INSERT INTO app.grant_issued (site_id, id, locker_id, n, op, ref, issued_at, issued_to)
  VALUES (l.site_id, v_grant, l.id, d.n, 'open_deposit', d.id, p_now, (ctx->>'user_id')::uuid);
  RETURN (202, jsonb_build_object('id', d.id, 'status', 'opening', 'compartment', d.n, 'locker', l.code, 'site', (SELECT code FROM app.site WHERE id = l.site_id),
    'op', 'open_deposit', 'ref', d.id, 'grant_id', v_grant, 'value', (extract(epoch FROM v_deadline) * 1000000)::bigint))::app.answer;
END $$;

-- What the door did right after the grant; the journal's records say it again, for good.
CREATE OR REPLACE FUNCTION api.grant_result(p_grant uuid, p_now timestamptz, p_result text, p_why text) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE g app.grant_issued; d app.deposit;
BEGIN
  UPDATE app.grant_issued SET result = p_result, result_at = p_now WHERE id = p_grant RETURNING * INTO g;
  IF g.op <> 'open_deposit' THEN
    RETURN (200, jsonb_build_object('grant_id', g.id, 'status', p_result, 'compartment', g.n, 'reason', nullif(p_why, 'none')))::app.answer;
  END IF;
  UPDATE app.deposit SET status = CASE p_result WHEN 'opened' THEN 'open' ELSE status END, reason = nullif(p_why, 'none')
  WHERE id = g.ref AND status = 'opening';
  SELECT * INTO d FROM app.deposit WHERE id = g.ref;
  IF p_why = 'offline' AND d.status = 'opening' AND d.reserved_until > p_now THEN -- nothing was sent: the grant on the handheld still opens it
    UPDATE app.deposit SET status = 'reserved' WHERE id = d.id RETURNING * INTO d;
    RETURN (200, app.deposit_json(d) || '{"status": "refused"}')::app.answer;
  ELSIF p_result IN ('not_opened', 'refused') AND d.status = 'opening' THEN
    UPDATE app.deposit SET status = 'failed', ended_at = p_now WHERE id = d.id RETURNING * INTO d;
    IF p_result = 'not_opened' THEN
      UPDATE app.compartment SET status = 'jammed' WHERE locker_id = d.locker_id AND n = d.n AND status = 'ok';
    END IF;
  END IF;
  RETURN (200, app.deposit_json(d) || CASE WHEN p_result = 'not_opened' THEN '{"status": "jammed"}' WHEN p_result = 'refused' THEN '{"status": "refused"}' WHEN p_result = 'unknown' AND d.status = 'opening' THEN '{"status": "unknown"}' ELSE '{}' END::jsonb)::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.deposit_get(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT coalesce((SELECT (200, app.deposit_json(d))::app.answer FROM app.deposit d WHERE d.id = (p_body->>'id')::uuid AND app.my_site(ctx, d.site_id)
    AND (ctx->>'role' <> 'courier' OR d.courier_id = (ctx->>'courier_id')::uuid)), app.not_found('deposit'))
$$;

-- The courier's word where the locker has no sensor for items. The daemon passes it on to the locker, whose journal decides.
CREATE OR REPLACE FUNCTION api.deposit_confirm(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT coalesce((SELECT (200, app.deposit_json(d) || jsonb_build_object('locker', l.code, 'site', s.code, 'op', 'confirm', 'ref', d.id, 'grant_id', app.uuid7(p_now),
      'value', CASE WHEN (p_body->>'item')::boolean AND (p_body->>'closed')::boolean THEN 1 ELSE 0 END))::app.answer
    FROM app.deposit d JOIN app.locker l ON l.id = d.locker_id JOIN app.site s ON s.id = l.site_id
    WHERE d.id = (p_body->>'id')::uuid AND d.courier_id = (ctx->>'courier_id')::uuid), app.not_found('deposit'))
$$;

CREATE OR REPLACE FUNCTION api.deposit_cancel(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE d app.deposit;
BEGIN
  SELECT * INTO d FROM app.deposit WHERE id = (p_body->>'id')::uuid AND courier_id = (ctx->>'courier_id')::uuid FOR UPDATE;
  IF NOT FOUND THEN
    RETURN app.not_found('deposit');
  ELSIF d.status IN ('open', 'confirmed', 'overdue', 'collected') THEN
    RETURN (409, app.problem('door-has-opened', 'the door has opened: close it, empty or not, and the locker will say'))::app.answer;
  END IF;
  UPDATE app.deposit SET status = 'void', ended_at = p_now, reason = 'cancelled' WHERE id = d.id AND live RETURNING * INTO d;
  SELECT * INTO d FROM app.deposit WHERE id = (p_body->>'id')::uuid;
  RETURN (200, app.deposit_json(d))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION app.grant_open(ctx jsonb, p_now timestamptz, l app.locker, p_n int, p_op text, p_ref uuid, p_value bigint) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_grant uuid := app.uuid7(p_now);
BEGIN
  INSERT INTO app.grant_issued (site_id, id, locker_id, n, op, ref, issued_at, issued_to) VALUES (l.site_id, v_grant, l.id, p_n, p_op, p_ref, p_now, (ctx->>'user_id')::uuid);
  PERFORM app.audit_append(p_now, (ctx->>'user_id')::uuid, 'grant.' || p_op, l.code || '/' || p_n, jsonb_build_object('ref', p_ref));
  RETURN (202, jsonb_build_object('grant_id', v_grant, 'locker', l.code, 'site', (SELECT code FROM app.site WHERE id = l.site_id), 'compartment', p_n, 'op', p_op, 'ref', p_ref, 'value', p_value))::app.answer;
END $$;

-- A courier takes an overdue (or refused) parcel back.
CREATE OR REPLACE FUNCTION api.parcel_recall(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE d app.deposit; l app.locker;
BEGIN
  SELECT x.* INTO d FROM app.deposit x JOIN app.parcel p ON p.id = x.parcel_id WHERE p.waybill = p_body->>'waybill' AND x.status IN ('confirmed', 'overdue') AND app.my_site(ctx, x.site_id);
  IF NOT FOUND THEN
    RETURN app.not_found('parcel in a locker');
  ELSIF d.status <> 'overdue' AND NOT EXISTS (SELECT FROM app.parcel WHERE id = d.parcel_id AND state IN ('refused', 'overdue')) THEN
    RETURN (409, app.problem('not-overdue', 'the recipient still has time to collect it'))::app.answer;
  END IF;
  SELECT * INTO l FROM app.locker WHERE id = d.locker_id;
  UPDATE app.deposit SET courier_id = coalesce((ctx->>'courier_id')::uuid, courier_id) WHERE id = d.id;
  RETURN app.grant_open(ctx, p_now, l, d.n, 'recall', d.id, 0);
END $$;

CREATE OR REPLACE FUNCTION api.locker_open(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE l app.locker; c app.compartment; d app.deposit; v_sending uuid; v_action text := p_body->>'action'; v_op text;
BEGIN
  SELECT * INTO l FROM app.locker WHERE code = p_body->>'code' AND app.my_site(ctx, site_id);
  SELECT * INTO c FROM app.compartment WHERE locker_id = l.id AND n = (p_body->>'n')::int;
  IF c.locker_id IS NULL THEN
    RETURN app.not_found('compartment');
  END IF;
  v_op := CASE v_action WHEN 'open' THEN 'open_service' WHEN 'out_of_service' THEN 'out_of_service' WHEN 'in_service' THEN 'in_service' WHEN 'clean' THEN 'clean' WHEN 'dirty' THEN 'dirty' END;
  IF v_op IS NULL THEN
    RETURN app.not_found('action');
  END IF;
  SELECT * INTO d FROM app.deposit WHERE locker_id = l.id AND n = c.n AND status IN ('confirmed', 'overdue') LIMIT 1;
  SELECT id INTO v_sending FROM app.sending WHERE locker_id = l.id AND n = c.n AND status = 'dropped';
  IF v_action = 'open' AND v_sending IS NOT NULL THEN
    v_op := 'recall'; -- taken out, on its way from here
  ELSIF v_action = 'open' AND d.id IS NOT NULL THEN
    IF d.status <> 'overdue' THEN
      RETURN (409, app.problem('occupied', 'a parcel waits inside for its recipient'))::app.answer;
    END IF;
    v_op := 'recall';
  ELSE
    UPDATE app.compartment SET status = CASE v_action WHEN 'out_of_service' THEN 'out_of_service' WHEN 'dirty' THEN 'dirty' WHEN 'open' THEN status ELSE 'ok' END WHERE locker_id = l.id AND n = c.n;
  END IF;
  PERFORM app.audit_append(p_now, (ctx->>'user_id')::uuid, 'compartment.' || v_action, l.code || '/' || c.n, jsonb_build_object('reason', p_body->>'reason'));
  RETURN app.grant_open(ctx, p_now, l, c.n, v_op, coalesce(v_sending, d.id), 0);
END $$;

-- A receipt the handheld carried from a locker that is cut off: counts as the door's own record, which will come later.
CREATE OR REPLACE FUNCTION api.deposit_receipt(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE d app.deposit;
BEGIN
  SELECT x.* INTO d FROM app.deposit x JOIN app.locker l ON l.id = x.locker_id WHERE x.id = (p_body->>'ref')::uuid AND l.code = p_body->>'locker' FOR UPDATE OF x;
  IF NOT FOUND THEN
    RETURN app.not_found('deposit');
  END IF;
  PERFORM app.deposit_confirmed(d, (p_body->>'at')::timestamptz, p_now, (p_body->>'counter')::int);
  RETURN (200, jsonb_build_object('id', d.id, 'status', 'confirmed'))::app.answer;
END $$;
