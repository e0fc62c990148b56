-- Sendings. The locker chooses the compartment and its journal says which; here it is only followed.

-- A reservation does not go where something was dropped off. (What the locker says is taken as it is.)
CREATE OR REPLACE FUNCTION app.deposit_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM app.sending g WHERE g.locker_id = NEW.locker_id AND g.n = NEW.n AND g.inside) THEN
    RAISE exclusion_violation USING MESSAGE = 'something was dropped off in this compartment';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER deposit_room BEFORE INSERT OR UPDATE OF status, n ON app.deposit
  FOR EACH ROW WHEN (NEW.status IN ('reserved', 'opening')) EXECUTE FUNCTION app.deposit_room();

-- The locker has opened a compartment for a drop-off: what was planned into it goes to another one, or to none.
CREATE OR REPLACE FUNCTION app.compartment_taken(p_locker uuid, p_n int, p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE d app.deposit; p app.parcel; v_n int;
BEGIN
  FOR d IN SELECT * FROM app.deposit WHERE locker_id = p_locker AND n = p_n AND status = 'reserved' ORDER BY id FOR UPDATE LOOP
    UPDATE app.deposit SET status = 'void', ended_at = p_now, reason = 'drop_off' WHERE id = d.id;
    SELECT * INTO p FROM app.parcel WHERE id = d.parcel_id;
    v_n := app.free_compartment(p_locker, p, NULL);
    IF v_n IS NOT NULL THEN -- under a new id: a grant for the old one names the old door
      INSERT INTO app.deposit (site_id, id, locker_id, n, parcel_id, recipient_key, courier_id, consent_id, status, reserved_until)
      VALUES (d.site_id, app.uuid7(p_now), d.locker_id, v_n, d.parcel_id, d.recipient_key, d.courier_id, d.consent_id, 'reserved', d.reserved_until);
    END IF;
  END LOOP;
END $$;

-- The permission that the daemon signs as QR: any free compartment, once.
CREATE OR REPLACE FUNCTION app.sending_permit(p_id uuid, p_now timestamptz) RETURNS void LANGUAGE sql AS $$
  WITH s AS (UPDATE app.sending SET grant_id = app.uuid7(p_now) WHERE id = p_id RETURNING *)
  INSERT INTO app.grant_issued (site_id, id, locker_id, n, op, ref, issued_at, issued_to)
  SELECT site_id, grant_id, locker_id, 0, 'dropoff', id, p_now, created_by FROM s
$$;

-- Whose published route of the last day comes by a locker, the latest first.
CREATE OR REPLACE FUNCTION app.locker_visitors(l app.locker, p_now timestamptz) RETURNS SETOF app.courier LANGUAGE sql STABLE AS $$
  SELECT c.* FROM app.route r JOIN app.wave w ON w.id = r.wave_id AND w.status = 'published' JOIN app.courier c ON c.id = r.courier_id
  WHERE r.site_id = l.site_id AND r.start_at > p_now - interval '24 hours'
    AND EXISTS (SELECT FROM app.stop x WHERE x.route_id = r.id AND (x.locker_id = l.id OR x.point_id = l.point_id)) ORDER BY r.start_at DESC, c.code
$$;

-- What a locker's record says of a sending. Called by app.door_effect for every record that names one.
CREATE OR REPLACE FUNCTION app.sending_door(e app.door_event, p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE s app.sending;
BEGIN
  SELECT g.* INTO s FROM app.sending g JOIN app.locker l ON l.id = g.locker_id WHERE g.id = e.ref AND l.code = e.locker FOR UPDATE OF g;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  CASE
  WHEN e.type IN ('expected', 'released') THEN
    UPDATE app.sending SET announced = e.type = 'expected' WHERE id = s.id;
  WHEN e.type = 'intent' AND e.op = 'dropoff' THEN
    UPDATE app.sending SET n = e.n WHERE id = s.id AND status IN ('expected', 'expired', 'cancelled');
    PERFORM app.compartment_taken(s.locker_id, e.n, p_now);
  WHEN e.type IN ('not_opened', 'deposit_empty') AND e.op IN ('dropoff', 'confirm') THEN
    UPDATE app.sending SET n = NULL WHERE id = s.id AND status IN ('expected', 'expired', 'cancelled');
    IF e.grant_id = s.grant_id THEN -- it was good for one opening
      PERFORM app.sending_permit(s.id, p_now);
    END IF;
  WHEN e.type = 'dropped_off' THEN -- also after it was given up: it is there
    UPDATE app.sending SET n = NULL WHERE locker_id = s.locker_id AND n = e.n AND inside AND status <> 'dropped' AND id <> s.id;
    UPDATE app.sending SET status = 'picked_up', picked_up_at = e.at, reason = 'superseded'
    WHERE locker_id = s.locker_id AND n = e.n AND status = 'dropped' AND id <> s.id; -- the locker knows of it no more
    UPDATE app.sending SET status = 'dropped', n = e.n, dropped_at = e.at, picked_up_at = NULL, ended_at = NULL, reason = NULL, announced = false WHERE id = s.id;
    PERFORM app.compartment_taken(s.locker_id, e.n, p_now);
    -- their open pages are told
    INSERT INTO app.outbox (id, site_id, kind, topic, payload, created_at, next_at)
    SELECT app.uuid7(p_now), s.site_id, 'courier', c.id::text, '{"why": "dropped_off"}', p_now, to_timestamp(0)
    FROM (SELECT DISTINCT v.id FROM app.locker l, app.locker_visitors(l, p_now) v WHERE l.id = s.locker_id) c;
    PERFORM app.event_add(p_now, s.parcel_id, 'drop_off', e.at, NULL, NULL, jsonb_build_object('sending_id', s.id, 'locker', e.locker, 'compartment', e.n));
  WHEN e.type = 'collected' THEN
    UPDATE app.sending SET status = 'picked_up', picked_up_at = e.at WHERE id = s.id AND status NOT IN ('picked_up', 'done');
    IF NOT EXISTS (SELECT FROM app.event x WHERE x.parcel_id = s.parcel_id AND x.kind = 'pickup') THEN
      PERFORM app.event_add(p_now, s.parcel_id, 'pickup', e.at, NULL, s.courier_id, jsonb_build_object('sending_id', s.id, 'by', 'door'));
    END IF;
  ELSE NULL;
  END CASE;
END $$;

-- What time brings about: nobody came.
CREATE OR REPLACE FUNCTION app.sending_tick(p_now timestamptz, p_zones uuid[], p_epochs bigint[], p_held uuid[]) RETURNS int LANGUAGE plpgsql AS $$
DECLARE s app.sending; v_n int := 0;
BEGIN
  FOR s IN UPDATE app.sending SET status = 'expired', ended_at = p_now, announced = false
    WHERE status = 'expected' AND n IS NULL AND expires_at < p_now AND site_id = ANY (p_held) RETURNING * LOOP
    PERFORM app.event_add(p_now, s.parcel_id, 'cancel', s.expires_at, NULL, NULL, jsonb_build_object('reason', 'expired'));
    PERFORM app.effect_add(g.zone, g.epoch, 'expired', s.id::text) FROM unnest(p_zones, p_epochs) g (zone, epoch) WHERE g.zone = s.site_id;
    v_n := v_n + 1;
  END LOOP;
  UPDATE app.sending SET who = NULL, phone = NULL WHERE phone IS NOT NULL AND personal_until < (p_now AT TIME ZONE 'Asia/Shanghai')::date
    AND status IN ('done', 'expired', 'cancelled');
  RETURN v_n;
END $$;

-- ---- use cases

CREATE OR REPLACE FUNCTION app.sending_json(s app.sending) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', s.id, 'status', s.status, 'waybill', p.waybill, 'shop', h.name, 'locker', l.code, 'place', q.name, 'place_en', q.name_en,
    'online', l.online, 'compartment', CASE WHEN s.status <> 'expected' THEN s.n END, 'size', s.size, 'name', app.mask_name(s.who), 'phone', app.mask_phone(s.phone),
    'return_of', (SELECT o.waybill FROM app.parcel o WHERE o.id = s.return_of), 'courier', (SELECT c.code FROM app.courier c WHERE c.id = s.courier_id),
    'created_at', app.iso(s.created_at), 'expires_at', app.iso(s.expires_at), 'dropped_at', app.iso(s.dropped_at), 'picked_up_at', app.iso(s.picked_up_at),
    'ended_at', app.iso(s.ended_at), 'reason', s.reason)
  FROM app.parcel p, app.locker l, app.point q, app.shop h WHERE p.id = s.parcel_id AND l.id = s.locker_id AND q.id = l.point_id AND h.id = s.shop_id
$$;

-- The same with what the daemon needs to sign the QR and to make the code, which it takes out again.
CREATE OR REPLACE FUNCTION app.sending_open_json(s app.sending) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT app.sending_json(s) || CASE WHEN s.status = 'expected' THEN jsonb_build_object('permit', jsonb_build_object('grant_id', s.grant_id, 'announced', s.announced,
    'lapses', (extract(epoch FROM s.expires_at) * 1000000)::bigint)) ELSE '{}' END
$$;

-- Edges (mm) of a parcel that just needs a compartment of this size.
CREATE OR REPLACE FUNCTION app.size_edges(p_size text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('length_mm', e[1], 'width_mm', e[2], 'height_mm', e[3]) FROM (SELECT CASE p_size
    WHEN 'S' THEN '{400,300,80}'::int[] WHEN 'M' THEN '{400,300,180}' WHEN 'L' THEN '{430,330,280}' ELSE '{600,400,400}' END) x (e)
$$;

-- A sending with its parcel. `p_body`: size, name, phone; recipient and point, or the shop itself.
CREATE OR REPLACE FUNCTION app.sending_make(p_now timestamptz, h app.shop, l app.locker, p_return_of uuid, p_user uuid, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE s app.sending; r record; v_size text := coalesce(p_body->>'size', 'M'); v_to_shop boolean := NOT p_body ? 'recipient';
BEGIN
  IF NOT EXISTS (SELECT FROM app.compartment c WHERE c.locker_id = l.id AND c.status = 'ok' AND app.size_rank(c.size) >= app.size_rank(v_size)) THEN
    RETURN (409, app.problem('no-compartment', 'this locker has no compartment of this size', '/size'))::app.answer;
  ELSIF (SELECT count(*) FROM app.sending g WHERE g.locker_id = l.id AND g.status = 'expected') >= (SELECT count(*) FROM app.compartment c WHERE c.locker_id = l.id) THEN
    RETURN (409, app.problem('locker-busy', 'as many parcels are awaited at this locker as it has compartments; try another one'))::app.answer;
  END IF;
  SELECT * INTO r FROM api.parcels_intake(jsonb_build_object('role', 'shop', 'brand_id', h.brand_id, 'shop_id', h.id, 'user_id', p_user), p_now,
    jsonb_build_array(app.size_edges(v_size) || jsonb_strip_nulls(jsonb_build_object('order_no', p_body->'order_no', 'note', p_body->'note',
      'point', CASE WHEN v_to_shop THEN (SELECT to_jsonb(q.code) FROM app.point q WHERE q.id = l.point_id) ELSE p_body->'point' END,
      'recipient', CASE WHEN v_to_shop THEN jsonb_build_object('name', h.name, 'phone', '', 'address', (SELECT x.name FROM app.site x WHERE x.id = h.site_id)) ELSE p_body->'recipient' END))));
  IF r.status <> 'accepted' THEN
    RETURN (422, app.problem(r.reason, 'the parcel cannot be taken in: ' || r.reason, r.field))::app.answer;
  END IF;
  INSERT INTO app.sending (site_id, id, brand_id, shop_id, parcel_id, return_of, to_shop, locker_id, size, who, phone, personal_until, grant_id, created_at, created_by, expires_at)
  VALUES (l.site_id, app.uuid7(p_now), h.brand_id, h.id, r.id, p_return_of, v_to_shop, l.id, v_size, p_body->>'name', p_body->>'phone',
    (p_now AT TIME ZONE 'Asia/Shanghai')::date + 90, app.uuid7(p_now), p_now, p_user, p_now + interval '72 hours') RETURNING * INTO s;
  PERFORM app.sending_permit(s.id, p_now);
  SELECT * INTO s FROM app.sending WHERE id = s.id;
  RETURN (201, app.sending_open_json(s))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.sending_create(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE h app.shop; l app.locker;
BEGIN
  PERFORM app.enter(ctx);
  SELECT * INTO h FROM app.shop x WHERE x.brand_id = (ctx->>'brand_id')::uuid AND (ctx->>'shop_id' IS NULL OR x.id = (ctx->>'shop_id')::uuid) ORDER BY x.code LIMIT 1;
  SELECT * INTO l FROM app.locker x WHERE x.code = p_body->>'locker' AND x.active AND x.site_id = h.site_id;
  IF h.id IS NULL THEN
    RETURN app.not_found('shop');
  ELSIF l.id IS NULL THEN
    RETURN app.not_found('locker');
  END IF;
  RETURN app.sending_make(p_now, h, l, NULL, (ctx->>'user_id')::uuid, p_body);
END $$;

-- Shops and brands see their own, staff their site's.
CREATE OR REPLACE FUNCTION app.sending_mine(ctx jsonb, s app.sending) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE ctx->>'role' WHEN 'shop' THEN s.shop_id = (ctx->>'shop_id')::uuid WHEN 'brand' THEN s.brand_id = (ctx->>'brand_id')::uuid
    ELSE app.my_site(ctx, s.site_id) END
$$;
CREATE OR REPLACE FUNCTION app.sending_seen(ctx jsonb, p_id uuid) RETURNS app.sending LANGUAGE plpgsql AS $$
DECLARE s app.sending;
BEGIN
  PERFORM app.enter(ctx);
  SELECT * INTO s FROM app.sending x WHERE x.id = p_id AND app.sending_mine(ctx, x);
  RETURN s;
END $$;

CREATE OR REPLACE FUNCTION api.sending_get(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE s app.sending := app.sending_seen(ctx, (p_body->>'id')::uuid);
BEGIN
  RETURN CASE WHEN s.id IS NULL THEN app.not_found('sending')
    ELSE (200, CASE WHEN ctx->>'role' IN ('shop', 'brand') THEN app.sending_open_json(s) ELSE app.sending_json(s) END)::app.answer END;
END $$;

-- `visitor`: who comes by; those of nobody are the manager's to send for.
CREATE OR REPLACE FUNCTION api.sendings_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_limit int := coalesce((p_body->>'limit')::int, 50); v jsonb;
BEGIN
  PERFORM app.enter(ctx);
  SELECT jsonb_agg(app.sending_json(x::app.sending) || jsonb_build_object('visitor', CASE WHEN x.status = 'dropped'
      THEN (SELECT v.code FROM app.locker l, app.locker_visitors(l, p_now) v WHERE l.id = x.locker_id LIMIT 1) END)
    ORDER BY x.id DESC) INTO v FROM (
    SELECT * FROM app.sending s WHERE app.sending_mine(ctx, s) AND (p_body->>'status' IS NULL OR s.status = p_body->>'status')
      AND (p_body->>'cursor' IS NULL OR s.id < (p_body->>'cursor')::uuid) ORDER BY s.id DESC LIMIT v_limit) x;
  RETURN (200, app.page(v, v_limit, 'id'))::app.answer;
END $$;

-- `withdrawn` is what the daemon tells the locker.
CREATE OR REPLACE FUNCTION app.sending_withdraw(s app.sending, p_now timestamptz, p_user uuid) RETURNS app.answer LANGUAGE plpgsql AS $$
BEGIN
  IF s.status IN ('cancelled', 'expired') THEN
    RETURN (200, app.sending_json(s))::app.answer;
  ELSIF s.status <> 'expected' THEN
    RETURN (409, app.problem('dropped-already', 'it is ' || s.status || ' already'))::app.answer;
  ELSIF s.n IS NOT NULL THEN
    RETURN (409, app.problem('door-has-opened', 'the door has opened: close it, empty or not, and the locker will say'))::app.answer;
  END IF;
  UPDATE app.sending SET status = 'cancelled', ended_at = p_now WHERE id = s.id RETURNING * INTO s;
  PERFORM app.event_add(p_now, s.parcel_id, 'cancel', p_now, p_user, NULL, NULL);
  RETURN (200, app.sending_json(s) || jsonb_build_object('withdrawn', s.grant_id))::app.answer;
END $$;
CREATE OR REPLACE FUNCTION api.sending_cancel(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE s app.sending := app.sending_seen(ctx, (p_body->>'id')::uuid);
BEGIN
  SELECT * INTO s FROM app.sending WHERE id = s.id FOR UPDATE;
  RETURN CASE WHEN s.id IS NULL THEN app.not_found('sending') ELSE app.sending_withdraw(s, p_now, (ctx->>'user_id')::uuid) END;
END $$;

-- A courier (or the manager) takes it out.
CREATE OR REPLACE FUNCTION api.sending_open(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE s app.sending := app.sending_seen(ctx, (p_body->>'id')::uuid); l app.locker;
BEGIN
  SELECT * INTO s FROM app.sending WHERE id = s.id FOR UPDATE;
  IF s.id IS NULL THEN
    RETURN app.not_found('sending');
  ELSIF s.status <> 'dropped' THEN
    RETURN (409, app.problem('not-inside', 'this sending is ' || s.status))::app.answer;
  END IF;
  SELECT * INTO l FROM app.locker WHERE id = s.locker_id;
  UPDATE app.sending SET courier_id = coalesce((ctx->>'courier_id')::uuid, courier_id) WHERE id = s.id;
  RETURN app.grant_open(ctx, p_now, l, s.n, 'recall', s.id, 0);
END $$;

-- ---- the resident

CREATE OR REPLACE FUNCTION app.return_of(p_parcel uuid) RETURNS app.sending LANGUAGE sql STABLE AS $$
  SELECT s.* FROM app.sending s WHERE s.return_of = p_parcel AND s.status NOT IN ('expired', 'cancelled')
$$;

-- Lockers to which a recipient may bring a parcel: where it lay, then near by.
CREATE OR REPLACE FUNCTION app.return_lockers(p app.parcel) RETURNS SETOF app.locker LANGUAGE sql STABLE AS $$
  SELECT l.* FROM app.locker l, app.point q WHERE q.id = p.point_id AND l.site_id = q.site_id AND l.active
  ORDER BY l.id IN (SELECT locker_id FROM app.deposit d WHERE d.parcel_id = p.id AND d.confirmed_at IS NOT NULL) DESC,
    point(l.lon * 0.81, l.lat) <-> point(q.lon * 0.81, q.lat), l.code LIMIT 5
$$;

-- Received, not long ago, and not on its way back.
CREATE OR REPLACE FUNCTION app.may_return(p app.parcel, p_now timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p.state = 'signed' AND p.state_at > p_now - interval '30 days' AND (app.return_of(p.id)).id IS NULL
    AND NOT EXISTS (SELECT FROM app.sending s WHERE s.parcel_id = p.id AND s.to_shop) AND EXISTS (SELECT FROM app.return_lockers(p))
$$;

-- Whoever was only sent to collect it cannot send it back.
CREATE OR REPLACE FUNCTION api.track_return(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE p app.parcel; s app.sending; l app.locker; h app.shop;
BEGIN
  SELECT * INTO p FROM app.parcel WHERE tracking = p_body->>'token' FOR NO KEY UPDATE; -- one return at a time
  IF p.id IS NULL THEN
    RETURN app.not_found('tracking link of a recipient');
  END IF;
  s := app.return_of(p.id);
  IF s.id IS NOT NULL THEN
    RETURN (200, app.sending_open_json(s))::app.answer;
  ELSIF NOT app.may_return(p, p_now) THEN
    RETURN (409, app.problem('no-return', 'only what was received within 30 days is sent back this way'))::app.answer;
  END IF;
  SELECT * INTO l FROM app.return_lockers(p) x WHERE p_body->>'locker' IS NULL OR x.code = p_body->>'locker' LIMIT 1;
  IF l.id IS NULL THEN
    RETURN app.not_found('locker near this address');
  END IF;
  SELECT * INTO h FROM app.shop WHERE id = p.shop_id;
  RETURN app.sending_make(p_now, h, l, p.id, NULL, jsonb_strip_nulls(jsonb_build_object('size', coalesce(p_body->>'size', p.size), 'name', p.recipient_name,
    'phone', p.recipient_phone, 'order_no', p.order_no, 'note', 'return of ' || p.waybill)));
END $$;

CREATE OR REPLACE FUNCTION api.track_return_cancel(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE s app.sending;
BEGIN
  SELECT x.* INTO s FROM app.sending x JOIN app.parcel p ON p.id = x.return_of WHERE p.tracking = p_body->>'token' AND x.status NOT IN ('expired', 'cancelled') FOR UPDATE OF x;
  RETURN CASE WHEN s.id IS NULL THEN app.not_found('return under this link') ELSE app.sending_withdraw(s, p_now, NULL) END;
END $$;
