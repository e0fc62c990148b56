-- The resident's page. Nothing here is unmasked; the code is added by the daemon, which alone can compute it.
CREATE OR REPLACE FUNCTION app.track_parcel(p_token text, p_now timestamptz) RETURNS app.parcel LANGUAGE sql STABLE AS $$
  SELECT p.* FROM app.parcel p WHERE p.tracking = p_token OR p.id = (SELECT parcel_id FROM app.delegation WHERE token = p_token AND until > p_now)
$$;

CREATE OR REPLACE FUNCTION api.track_get(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel := app.track_parcel(p_body->>'token', p_now); v_waiting boolean; v_back app.sending; v_return boolean;
BEGIN
  IF p.id IS NULL THEN
    RETURN app.not_found('tracking link');
  END IF;
  v_waiting := p.state IN ('created', 'pickup_assigned', 'picked_up', 'relayed', 'arrived', 'sorted', 'loaded', 'out_for_delivery', 'attempt_failed', 'exception');
  IF p.tracking = p_body->>'token' THEN -- not who was only sent to collect it
    v_back := app.return_of(p.id);
    v_return := app.may_return(p, p_now);
  END IF;
  RETURN (200, (SELECT jsonb_build_object('waybill_masked', app.mask_waybill(p.waybill), 'brand', b.name, 'state', p.state, 'state_at', app.iso(p.state_at),
      'state_text', (SELECT jsonb_build_object('zh', k.zh, 'en', k.en) FROM app.kind k WHERE k.state = p.state ORDER BY rank LIMIT 1),
      'recipient', app.mask_name(p.recipient_name), 'address', app.mask_address(p.recipient_address), 'place', q.name, 'place_en', q.name_en,
      'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', app.iso(e.at), 'kind', e.kind, 'zh', k.zh, 'en', k.en) ORDER BY e.at, k.rank), '[]')
        FROM app.event e JOIN app.kind k USING (kind) WHERE e.parcel_id = p.id),
      'deliver', app.parcel_modes(p)->>0, 'consent', CASE WHEN app.parcel_modes(p)->>0 = 'door' THEN NULL ELSE app.parcel_modes(p)->>0 END,
      'eta', (SELECT app.iso(s.arrive) FROM app.stop_parcel x JOIN app.stop s ON s.id = x.stop_id WHERE x.parcel_id = p.id AND x.live),
      'locker', (SELECT jsonb_build_object('name', l.code, 'address', q.name, 'compartment', d.n, 'deadline', app.iso(d.deadline), 'phone', l.phone,
          'online', l.online, 'deposit_id', d.id, 'counter', d.counter)
        FROM app.deposit d JOIN app.locker l ON l.id = d.locker_id WHERE d.parcel_id = p.id AND d.status IN ('confirmed', 'overdue')),
      'return', CASE WHEN v_back.id IS NOT NULL THEN app.sending_open_json(v_back) END,
      'return_lockers', CASE WHEN v_return THEN (SELECT jsonb_agg(jsonb_build_object('locker', l.code, 'place', x.name, 'place_en', x.name_en, 'online', l.online))
        FROM app.return_lockers(p) l JOIN app.point x ON x.id = l.point_id) END,
      'can', (SELECT coalesce(jsonb_agg(a), '[]') FROM (VALUES ('consent', v_waiting), ('refuse', v_waiting OR p.state IN ('in_locker', 'at_station', 'overdue')),
          ('return', v_return), ('extend', p.state = 'in_locker'), ('open', p.state IN ('in_locker', 'overdue')), ('delegate', p.state IN ('in_locker', 'overdue', 'at_station'))) c (a, yes) WHERE yes))
    FROM app.brand b, app.point q WHERE b.id = p.brand_id AND q.id = p.point_id))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.track_consent(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel := app.track_parcel(p_body->>'token', p_now);
BEGIN
  IF p.id IS NULL THEN
    RETURN app.not_found('tracking link');
  END IF;
  INSERT INTO app.consent (id, recipient_key, parcel_id, how, channel, who, at)
  VALUES (app.uuid7(p_now), p.recipient_key, CASE WHEN p_body->>'scope' = 'this' THEN p.id END, p_body->>'how', 'resident', left(p.recipient_key, 16), p_now);
  -- who wants the door again gets his reserved compartment released
  IF p_body->>'how' <> 'locker' THEN
    UPDATE app.deposit SET status = 'void', ended_at = p_now, reason = 'consent' WHERE parcel_id = p.id AND status = 'reserved';
  END IF;
  RETURN (200, jsonb_build_object('how', p_body->>'how', 'scope', p_body->>'scope'))::app.answer;
END $$;

-- Once, by a day.
CREATE OR REPLACE FUNCTION api.track_extend(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel := app.track_parcel(p_body->>'token', p_now); d app.deposit;
BEGIN
  SELECT * INTO d FROM app.deposit WHERE parcel_id = p.id AND status = 'confirmed' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN app.not_found('parcel in a locker under this link');
  ELSIF d.deadline > d.confirmed_at + interval '25 hours' THEN
    RETURN (409, app.problem('extended-already', 'the holding period was extended once already'))::app.answer;
  END IF;
  UPDATE app.deposit SET deadline = deadline + interval '24 hours' WHERE id = d.id RETURNING * INTO d;
  RETURN (200, jsonb_build_object('deadline', app.iso(d.deadline)))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.track_refuse(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel := app.track_parcel(p_body->>'token', p_now);
BEGIN
  IF p.id IS NULL THEN
    RETURN app.not_found('tracking link');
  ELSIF p.state IN ('signed', 'returned', 'cancelled', 'lost', 'damaged') THEN
    RETURN (409, app.problem('too-late', 'this parcel is ' || p.state || '; call the number on the notice'))::app.answer;
  END IF;
  PERFORM app.event_add(p_now, p.id, 'refuse', p_now, NULL, p.courier_id, jsonb_build_object('reason', p_body->>'reason', 'by', 'resident'));
  RETURN (200, jsonb_build_object('state', 'refused'))::app.answer;
END $$;

-- A second link for someone else, good for two days. Who was sent cannot send on.
CREATE OR REPLACE FUNCTION api.track_delegate(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel; v_token text := translate(encode(uuid_send(gen_random_uuid()) || substring(uuid_send(gen_random_uuid()) FROM 1 FOR 8), 'base64'), '+/=', '-_');
BEGIN
  SELECT * INTO p FROM app.parcel WHERE tracking = p_body->>'token';
  IF p.id IS NULL THEN
    RETURN app.not_found('tracking link that may be handed on');
  END IF;
  INSERT INTO app.delegation VALUES (v_token, p.id, p_now, p_now + interval '48 hours');
  RETURN (200, jsonb_build_object('token', v_token, 'until', app.iso(p_now + interval '48 hours')))::app.answer;
END $$;

-- Standing before the locker: the daemon has compared the code. One grant at a time is enough.
CREATE OR REPLACE FUNCTION api.track_open(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel := app.track_parcel(p_body->>'token', p_now); d app.deposit; l app.locker;
BEGIN
  SELECT * INTO d FROM app.deposit WHERE parcel_id = p.id AND status IN ('confirmed', 'overdue');
  IF NOT FOUND THEN
    RETURN app.not_found('parcel in a locker under this link');
  END IF;
  SELECT * INTO l FROM app.locker WHERE id = d.locker_id;
  RETURN app.grant_open(ctx, p_now, l, d.n, 'open_pickup', d.id, 0);
END $$;

-- What the code of the parcel under this link is computed from; NULL when none waits in a locker.
CREATE OR REPLACE FUNCTION api.track_code(p_token text, p_now timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('locker', l.code, 'deposit_id', d.id, 'counter', d.counter) FROM app.deposit d JOIN app.locker l ON l.id = d.locker_id
  WHERE d.parcel_id = (app.track_parcel(p_token, p_now)).id AND d.status IN ('confirmed', 'overdue')
$$;

-- The sender's view of one parcel. Staff see their site's, shops and brands their own (row-level security).
CREATE OR REPLACE FUNCTION app.parcel_json(p app.parcel) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', p.id, 'waybill', p.waybill, 'order_no', p.order_no, 'state', p.state, 'state_at', app.iso(p.state_at),
    'state_text', (SELECT jsonb_build_object('zh', k.zh, 'en', k.en) FROM app.kind k WHERE k.state = p.state ORDER BY rank LIMIT 1),
    'holder', p.holder, 'recipient', app.mask_name(p.recipient_name), 'phone', app.mask_phone(p.recipient_phone), 'address', app.mask_address(p.recipient_address),
    'point', q.name, 'size', p.size, 'weight_g', p.grams, 'created_at', app.iso(p.created_at), 'promised_by', app.iso(p.promised_by),
    'tracking', '/t/' || p.tracking) FROM app.point q WHERE q.id = p.point_id
$$;

CREATE OR REPLACE FUNCTION app.parcel_seen(ctx jsonb, p_waybill text) RETURNS app.parcel LANGUAGE plpgsql STABLE AS $$
DECLARE p app.parcel;
BEGIN
  SELECT * INTO p FROM app.parcel x WHERE x.waybill = p_waybill AND CASE ctx->>'role' WHEN 'shop' THEN x.shop_id = (ctx->>'shop_id')::uuid
    WHEN 'brand' THEN x.brand_id = (ctx->>'brand_id')::uuid WHEN 'courier' THEN x.courier_id = (ctx->>'courier_id')::uuid ELSE app.my_site(ctx, x.site_id) END;
  RETURN p;
END $$;

CREATE OR REPLACE FUNCTION api.parcel_get(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel;
BEGIN
  PERFORM app.enter(ctx);
  p := app.parcel_seen(ctx, p_body->>'waybill');
  RETURN CASE WHEN p.id IS NULL THEN app.not_found('parcel') ELSE (200, app.parcel_json(p))::app.answer END;
END $$;

CREATE OR REPLACE FUNCTION api.parcel_events(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel;
BEGIN
  PERFORM app.enter(ctx);
  p := app.parcel_seen(ctx, p_body->>'waybill');
  IF p.id IS NULL THEN
    RETURN app.not_found('parcel');
  END IF;
  RETURN (200, jsonb_build_object('items', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'kind', e.kind, 'at', app.iso(e.at), 'received_at', app.iso(e.received_at),
      'zh', k.zh, 'en', k.en, 'code', k.code100, 'emsevt', k.emsevt, 'device', e.device, 'reason', e.detail->>'reason',
      'flags', to_jsonb(e.flags) || coalesce((SELECT jsonb_agg(f.flag) FROM app.event_flag f WHERE f.parcel_id = p.id AND f.event_id = e.id), '[]')) ORDER BY e.at, k.rank, e.id), '[]')
    FROM app.event e JOIN app.kind k USING (kind) WHERE e.parcel_id = p.id)))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.parcels_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_limit int := coalesce((p_body->>'limit')::int, 50); v jsonb;
BEGIN
  PERFORM app.enter(ctx);
  SELECT jsonb_agg(app.parcel_json(x::app.parcel) ORDER BY x.id DESC) INTO v FROM (
    SELECT * FROM app.parcel p WHERE (p_body->>'state' IS NULL OR p.state = p_body->>'state')
      AND (p_body->>'q' IS NULL OR p.waybill = p_body->>'q' OR p.order_no = p_body->>'q')
      AND (p_body->>'cursor' IS NULL OR p.id < (p_body->>'cursor')::uuid)
      AND CASE ctx->>'role' WHEN 'shop' THEN p.shop_id = (ctx->>'shop_id')::uuid WHEN 'brand' THEN p.brand_id = (ctx->>'brand_id')::uuid ELSE app.my_site(ctx, p.site_id) END
    ORDER BY p.id DESC LIMIT v_limit) x;
  RETURN (200, app.page(v, v_limit, 'id'))::app.answer;
EXCEPTION WHEN invalid_text_representation THEN
  RETURN (422, app.problem('bad-cursor', 'the cursor is not one that was given out', '/cursor'))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION app.parcel_stop(ctx jsonb, p_now timestamptz, p_waybill text, p_kind text, p_states text[]) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel;
BEGIN
  PERFORM app.enter(ctx);
  p := app.parcel_seen(ctx, p_waybill);
  IF p.id IS NULL THEN
    RETURN app.not_found('parcel');
  ELSIF NOT p.state = ANY (p_states) THEN
    RETURN (409, app.problem('too-late', 'this parcel is ' || p.state || ' already'))::app.answer;
  END IF;
  PERFORM app.event_add(p_now, p.id, p_kind, p_now, (ctx->>'user_id')::uuid, NULL, NULL);
  RETURN (200, jsonb_build_object('waybill', p.waybill, 'state', (SELECT state FROM app.kind WHERE kind = p_kind)))::app.answer;
END $$;
CREATE OR REPLACE FUNCTION api.parcel_cancel(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT * FROM app.parcel_stop(ctx, p_now, p_body->>'waybill', 'cancel', '{created,pickup_assigned}')
$$;
CREATE OR REPLACE FUNCTION api.parcel_intercept(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT * FROM app.parcel_stop(ctx, p_now, p_body->>'waybill', 'intercept', '{created,pickup_assigned,picked_up,relayed,arrived,sorted,loaded,out_for_delivery,attempt_failed,exception}')
$$;
