-- Open hours of a point on a date, as [[from, until], …]; [] = always open. Closed all day = one empty window.
CREATE OR REPLACE FUNCTION app.point_windows(p_calendar jsonb, p_day date) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN p_calendar->'closed' @> to_jsonb(p_day::text)
      OR (p_calendar ? 'weekdays' AND NOT p_calendar->'weekdays' @> to_jsonb(extract(isodow FROM p_day)::int))
      THEN jsonb_build_array(jsonb_build_array(app.iso(p_day::timestamp AT TIME ZONE 'Asia/Shanghai'), app.iso(p_day::timestamp AT TIME ZONE 'Asia/Shanghai')))
    ELSE coalesce((SELECT jsonb_agg(jsonb_build_array(
        app.iso((p_day + (h->>0)::time) AT TIME ZONE 'Asia/Shanghai'), app.iso((p_day + (h->>1)::time) AT TIME ZONE 'Asia/Shanghai')) ORDER BY h->>0)
      FROM jsonb_array_elements(p_calendar->'hours') h), '[]') END
$$;

CREATE OR REPLACE FUNCTION api.wave_create(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_id uuid := app.uuid7(p_now); v_site uuid := (ctx->>'site_id')::uuid;
BEGIN
  IF v_site IS NULL THEN
    SELECT id INTO v_site FROM app.site ORDER BY code LIMIT 1;
  END IF;
  IF EXISTS (SELECT FROM app.wave WHERE site_id = v_site AND status IN ('planning', 'planned')) THEN
    RETURN (409, app.problem('wave-open', 'a wave is being planned or waits to be published; publish it first'))::app.answer;
  END IF;
  INSERT INTO app.wave (site_id, id, name, cutoff, max_seconds, created_at, created_by)
  VALUES (v_site, v_id, p_body->>'name', (p_body->>'cutoff')::timestamptz, (p_body->>'max_seconds')::int, p_now, (ctx->>'user_id')::uuid);
  PERFORM app.audit_append(p_now, (ctx->>'user_id')::uuid, 'wave.create', v_id::text, '{}');
  RETURN (202, jsonb_build_object('id', v_id, 'status', 'planning'))::app.answer;
END $$;

-- One wave to plan, of a zone that is held; claimed until `p_until` (real time).
DROP FUNCTION IF EXISTS api.wave_claim(timestamptz, timestamptz, text);
CREATE OR REPLACE FUNCTION api.wave_claim(p_real timestamptz, p_until timestamptz, p_who text, p_zones uuid[], p_epochs bigint[])
RETURNS TABLE (wave uuid, zone uuid, epoch bigint) LANGUAGE sql AS $$
  WITH mine AS MATERIALIZED (SELECT * FROM app.held(p_zones, p_epochs)), taken AS (
    UPDATE app.wave SET claimed_by = p_who, claimed_until = p_until
    WHERE id = (SELECT id FROM app.wave WHERE status = 'planning' AND coalesce(claimed_until, '-infinity') < p_real AND site_id IN (SELECT zone FROM mine)
                ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, site_id
  ) SELECT t.id, m.zone, m.epoch FROM taken t JOIN mine m ON m.zone = t.site_id
$$;

-- How each parcel may be delivered, best first: what the recipient said for it, else said for always, else what the sender
-- addressed; the door is always allowed, at last. Valuable goods go to the door only.
CREATE OR REPLACE FUNCTION app.parcel_modes(p app.parcel) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p.service = 'valuable' OR c.how IS NULL OR c.how = 'door' THEN '["door"]'::jsonb
    WHEN c.how = 'locker' THEN '["locker", "door"]' ELSE '["station", "door"]' END
  FROM (SELECT 1) one LEFT JOIN LATERAL (
    SELECT how FROM app.consent c WHERE c.parcel_id = p.id OR (c.parcel_id IS NULL AND c.recipient_key = p.recipient_key)
    ORDER BY (c.channel <> 'sender') DESC, (c.parcel_id IS NOT NULL) DESC, c.at DESC, c.id DESC LIMIT 1) c ON true
$$;

CREATE OR REPLACE FUNCTION app.parcel_consent(p app.parcel, p_how text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT CASE WHEN c.how = p_how THEN c.id END FROM (
    SELECT id, how FROM app.consent c WHERE c.parcel_id = p.id OR (c.parcel_id IS NULL AND c.recipient_key = p.recipient_key)
    ORDER BY (c.channel <> 'sender') DESC, (c.parcel_id IS NOT NULL) DESC, c.at DESC, c.id DESC LIMIT 1) c);
END $$;

CREATE OR REPLACE FUNCTION api.wave_problem(p_wave uuid, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE w app.wave; v_day date; v jsonb;
BEGIN
  SELECT * INTO w FROM app.wave WHERE id = p_wave;
  v_day := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
  WITH chosen AS MATERIALIZED (
    SELECT p.* FROM app.parcel p WHERE p.site_id = w.site_id AND p.ended_on IS NULL AND p.state IN ('arrived', 'sorted', 'attempt_failed', 'exception')
      AND p.holder = 'site' AND NOT EXISTS (SELECT FROM app.stop_parcel s WHERE s.parcel_id = p.id AND s.live)
      AND NOT EXISTS (SELECT FROM app.sending g WHERE g.parcel_id = p.id AND g.to_shop) -- handed over at the hub
    ORDER BY p.promised_by NULLS LAST, p.id LIMIT 30000
  ), places AS MATERIALIZED (
    SELECT q.* FROM app.point q WHERE q.id IN (SELECT point_id FROM chosen)
  ), free AS (
    SELECT c.locker_id, c.size, count(*) AS n FROM app.compartment c JOIN app.locker l ON l.id = c.locker_id AND l.active AND l.point_id IN (SELECT id FROM places)
    WHERE c.status = 'ok' AND NOT EXISTS (SELECT FROM app.deposit d WHERE d.locker_id = c.locker_id AND d.n = c.n AND d.live)
      AND NOT EXISTS (SELECT FROM app.sending g WHERE g.locker_id = c.locker_id AND g.n = c.n AND g.inside)
      AND coalesce(c.observed->>'state', 'free') IN ('free', 'reserved')
    GROUP BY 1, 2
  )
  SELECT jsonb_build_object('wave', w.id, 'date', v_day, 'start', app.iso(p_now), 'max_seconds', w.max_seconds,
    'site', (SELECT jsonb_build_object('id', s.id, 'code', s.code, 'lat', s.lat, 'lon', s.lon) FROM app.site s WHERE s.id = w.site_id),
    'couriers', coalesce((SELECT jsonb_agg(jsonb_build_object('id', c.id, 'code', c.code, 'vehicle_id', c.vehicle_id,
        'vehicle', jsonb_build_object('class', coalesce(v.class, 'foot'), 'pieces', coalesce(v.pieces, 20), 'grams', coalesce(v.grams, 20000), 'cm3', coalesce(v.cm3, 80000)),
        'shift_start', app.iso(greatest((v_day + c.shift_start) AT TIME ZONE 'Asia/Shanghai', p_now, coalesce(busy.until, p_now))),
        'shift_end', app.iso((v_day + c.shift_end) AT TIME ZONE 'Asia/Shanghai'), 'max_trips', c.max_trips, 'familiar', to_jsonb(c.familiar)) ORDER BY c.code)
      FROM app.courier c LEFT JOIN app.vehicle v ON v.id = c.vehicle_id
      LEFT JOIN LATERAL (SELECT max(r.end_at) AS until FROM app.route r WHERE r.courier_id = c.id AND r.end_at > p_now
        AND EXISTS (SELECT FROM app.stop s JOIN app.stop_parcel x ON x.stop_id = s.id AND x.live WHERE s.route_id = r.id)) busy ON true
      WHERE c.site_id = w.site_id AND c.active AND (v_day + c.shift_end) AT TIME ZONE 'Asia/Shanghai' > greatest(p_now, coalesce(busy.until, p_now)) + interval '20 minutes'), '[]'),
    'points', coalesce((SELECT jsonb_agg(jsonb_build_object('id', q.id, 'code', q.code, 'kind', q.kind, 'lat', q.lat, 'lon', q.lon, 'walk_s', q.walk_s,
        'service_s', q.service_s, 'station', q.station, 'windows', app.point_windows(q.calendar, v_day)) ORDER BY q.code) FROM places q), '[]'),
    'lockers', coalesce((SELECT jsonb_agg(jsonb_build_object('id', l.id, 'code', l.code, 'point_id', l.point_id,
        'free', (SELECT coalesce(jsonb_object_agg(f.size, f.n), '{}') FROM free f WHERE f.locker_id = l.id)) ORDER BY l.code)
      FROM app.locker l WHERE l.active AND l.point_id IN (SELECT id FROM places)), '[]'),
    'parcels', coalesce((SELECT jsonb_agg(jsonb_build_object('id', p.id, 'waybill', p.waybill, 'point_id', p.point_id, 'size', p.size, 'grams', p.grams,
        'cm3', p.cm3, 'modes', app.parcel_modes(p::app.parcel), 'recipient', left(p.recipient_key, 32), 'promised_by', app.iso(p.promised_by),
        'priority', least(9, p.attempts * 2 + CASE p.service WHEN 'fresh' THEN 3 ELSE 0 END)) ORDER BY p.id)
      FROM (SELECT * FROM chosen) p), '[]'))
  INTO v;
  RETURN v;
END $$;

-- Takes a plan in whole. Compartments are reserved here, the smallest that fits, the parcels of one recipient together; a
-- parcel for which none is left (another plan was quicker) is unassigned.
CREATE OR REPLACE FUNCTION api.plan_store(p_wave uuid, p_now timestamptz, p_plan jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE w app.wave; r jsonb; s jsonb; v_route uuid; v_stop uuid; v_parcel uuid; v_left int := 0; v_n int := 0; v_routes int := 0;
BEGIN
  SELECT * INTO w FROM app.wave WHERE id = p_wave FOR UPDATE;
  IF NOT FOUND OR w.status <> 'planning' THEN
    RETURN (409, app.problem('not-planning', 'this wave is not being planned'))::app.answer;
  END IF;
  -- compartments are chosen under their locker's lock, as in deposit_begin; always in the same order
  PERFORM FROM app.locker WHERE id IN (SELECT (x->>'locker_id')::uuid FROM jsonb_path_query(p_plan, '$.routes[*].stops[*]') x)
  ORDER BY id FOR NO KEY UPDATE;
  FOR r IN SELECT * FROM jsonb_array_elements(p_plan->'routes') LOOP
    v_route := app.uuid7(p_now);
    v_routes := v_routes + 1;
    INSERT INTO app.route VALUES (w.site_id, v_route, w.id, (r->>'courier_id')::uuid, (r->>'vehicle_id')::uuid, (r->>'start')::timestamptz,
      (r->>'end')::timestamptz, (r->>'metres')::bigint, (r->>'seconds')::bigint);
    FOR s IN SELECT * FROM jsonb_array_elements(r->'stops') LOOP
      v_stop := app.uuid7(p_now);
      INSERT INTO app.stop VALUES (w.site_id, v_stop, v_route, (s->>'seq')::int, (s->>'point_id')::uuid, s->>'kind', (s->>'locker_id')::uuid,
        (s->>'arrive')::timestamptz, (s->>'depart')::timestamptz, (s->>'metres')::bigint);
      FOR v_parcel IN SELECT x::uuid FROM jsonb_array_elements_text(s->'parcels') x LOOP
        IF EXISTS (SELECT FROM app.stop_parcel sp WHERE sp.parcel_id = v_parcel AND sp.live)
           OR NOT EXISTS (SELECT FROM app.parcel p WHERE p.id = v_parcel AND p.state IN ('arrived', 'sorted', 'attempt_failed', 'exception')) THEN
          CONTINUE; -- it has moved on since the plan was begun
        END IF;
        IF s->>'kind' = 'locker' AND NOT app.reserve(w.site_id, (s->>'locker_id')::uuid, v_parcel, (r->>'courier_id')::uuid, p_now,
            (s->>'depart')::timestamptz + interval '6 hours') THEN
          INSERT INTO app.unassigned VALUES (w.site_id, w.id, v_parcel, 'locker_full', '') ON CONFLICT DO NOTHING;
          v_left := v_left + 1;
          CONTINUE;
        END IF;
        INSERT INTO app.stop_parcel VALUES (w.site_id, v_stop, v_parcel);
        v_n := v_n + 1;
      END LOOP;
    END LOOP;
  END LOOP;
  INSERT INTO app.unassigned SELECT w.site_id, w.id, (u->>'parcel_id')::uuid, u->>'reason', coalesce(u->>'detail', '')
  FROM jsonb_array_elements(p_plan->'unassigned') u ON CONFLICT DO NOTHING;
  SELECT count(*) INTO v_left FROM app.unassigned WHERE wave_id = w.id;
  UPDATE app.wave SET status = 'planned', planned_at = p_now, parcels = v_n, routes = v_routes, unassigned = v_left, metres = (p_plan->>'metres')::bigint,
    seconds = (p_plan->>'seconds')::bigint, solve_ms = (p_plan->>'solve_ms')::bigint WHERE id = w.id;
  RETURN (200, jsonb_build_object('id', w.id, 'status', 'planned', 'site_id', w.site_id))::app.answer;
END $$;

-- A compartment for a parcel, held until it lapses. False when there is none or no consent for a locker.
CREATE OR REPLACE FUNCTION app.reserve(p_site uuid, p_locker uuid, p_parcel uuid, p_courier uuid, p_now timestamptz, p_until timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE p app.parcel; v_n int; v_consent uuid;
BEGIN
  SELECT * INTO p FROM app.parcel WHERE id = p_parcel;
  v_consent := app.parcel_consent(p, 'locker');
  IF v_consent IS NULL THEN
    RETURN false;
  END IF;
  v_n := app.free_compartment(p_locker, p, NULL);
  IF v_n IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO app.deposit (site_id, id, locker_id, n, parcel_id, recipient_key, courier_id, consent_id, status, reserved_until)
  VALUES (p_site, app.uuid7(p_now), p_locker, v_n, p_parcel, p.recipient_key, p_courier, v_consent, 'reserved', p_until);
  RETURN true;
EXCEPTION WHEN exclusion_violation OR unique_violation THEN
  RETURN false;
END $$;

-- (In plpgsql, whose plans are kept: planned at each call it took a millisecond.)
-- The recipient's own reserved compartment if there is room in it, else the smallest free one that fits. `p_want` asks for a
-- particular one.
CREATE OR REPLACE FUNCTION app.free_compartment(p_locker uuid, p app.parcel, p_want int) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT n FROM (
    SELECT c.n, 0 AS pref, app.size_rank(c.size) AS size FROM app.compartment c
    JOIN app.deposit d ON d.locker_id = c.locker_id AND d.n = c.n AND d.status = 'reserved' AND d.recipient_key = p.recipient_key
    JOIN app.parcel q ON q.id = d.parcel_id
    WHERE c.locker_id = p_locker AND c.status = 'ok' AND (p_want IS NULL OR c.n = p_want)
      AND NOT EXISTS (SELECT FROM app.deposit x WHERE x.locker_id = c.locker_id AND x.n = c.n AND x.status IN ('opening', 'open', 'confirmed', 'overdue'))
      AND NOT EXISTS (SELECT FROM app.sending g WHERE g.locker_id = c.locker_id AND g.n = c.n AND g.inside)
    GROUP BY c.n, c.size HAVING sum(q.cm3) + p.cm3 <= CASE c.size WHEN 'S' THEN 10000 WHEN 'M' THEN 24000 WHEN 'L' THEN 60000 ELSE 120000 END AND count(*) < 4
    UNION ALL
    SELECT c.n, 1, app.size_rank(c.size) FROM app.compartment c
    WHERE c.locker_id = p_locker AND c.status = 'ok' AND app.size_rank(c.size) >= app.size_rank(p.size) AND (p_want IS NULL OR c.n = p_want)
      AND coalesce(c.observed->>'state', 'free') IN ('free', 'reserved')
      AND NOT EXISTS (SELECT FROM app.deposit d WHERE d.locker_id = c.locker_id AND d.n = c.n AND d.live)
      AND NOT EXISTS (SELECT FROM app.sending g WHERE g.locker_id = c.locker_id AND g.n = c.n AND g.inside)
  ) x ORDER BY pref, size, n LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION api.plan_failed(p_wave uuid, p_now timestamptz, p_reason text) RETURNS void LANGUAGE sql AS $$
  UPDATE app.wave SET status = 'failed', reason = p_reason, planned_at = p_now WHERE id = p_wave AND status = 'planning'
$$;

CREATE OR REPLACE FUNCTION app.wave_json(w app.wave) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', w.id, 'name', w.name, 'status', w.status, 'cutoff', app.iso(w.cutoff), 'created_at', app.iso(w.created_at),
    'planned_at', app.iso(w.planned_at), 'published_at', app.iso(w.published_at), 'parcels', w.parcels, 'routes', w.routes, 'unassigned', w.unassigned,
    'metres', w.metres, 'seconds', w.seconds, 'solve_ms', w.solve_ms, 'reason', w.reason)
$$;

CREATE OR REPLACE FUNCTION app.my_site(ctx jsonb, p_site uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT ctx->>'site_id' IS NULL OR (ctx->>'site_id')::uuid = p_site
$$;

CREATE OR REPLACE FUNCTION api.waves_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, app.page(jsonb_agg(app.wave_json(w)), coalesce((p_body->>'limit')::int, 50), 'id'))::app.answer FROM (
    SELECT * FROM app.wave WHERE app.my_site(ctx, site_id) AND (p_body->>'cursor' IS NULL OR id < (p_body->>'cursor')::uuid)
    ORDER BY id DESC LIMIT coalesce((p_body->>'limit')::int, 50)) w
$$;

CREATE OR REPLACE FUNCTION api.wave_get(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT coalesce((SELECT (200, app.wave_json(w))::app.answer FROM app.wave w WHERE id = (p_body->>'id')::uuid AND app.my_site(ctx, site_id)), app.not_found('wave'))
$$;

CREATE OR REPLACE FUNCTION api.wave_routes(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT coalesce((SELECT (200, jsonb_build_object('items', coalesce((SELECT jsonb_agg(jsonb_build_object('route_id', r.id, 'courier', jsonb_build_object('code', c.code, 'name', c.name),
      'vehicle', (SELECT v.class FROM app.vehicle v WHERE v.id = c.vehicle_id), 'start', app.iso(r.start_at), 'end', app.iso(r.end_at), 'metres', r.metres, 'seconds', r.seconds,
      'stops', (SELECT coalesce(jsonb_agg(jsonb_build_object('seq', s.seq, 'kind', s.kind, 'point', q.name, 'lat', q.lat, 'lon', q.lon, 'eta', app.iso(s.arrive),
          'parcels', (SELECT count(*) FROM app.stop_parcel x WHERE x.stop_id = s.id)) ORDER BY s.seq), '[]')
        FROM app.stop s LEFT JOIN app.point q ON q.id = s.point_id WHERE s.route_id = r.id)) ORDER BY c.code)
    FROM app.route r JOIN app.courier c ON c.id = r.courier_id WHERE r.wave_id = w.id), '[]')))::app.answer
  FROM app.wave w WHERE id = (p_body->>'id')::uuid AND app.my_site(ctx, site_id)), app.not_found('wave'))
$$;

CREATE OR REPLACE FUNCTION api.wave_unassigned(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT coalesce((SELECT (200, jsonb_build_object('items', coalesce((SELECT jsonb_agg(jsonb_build_object('waybill', p.waybill, 'reason', u.reason, 'detail', u.detail,
      'text', jsonb_build_object('zh', coalesce(t.zh, u.reason), 'en', coalesce(t.en, u.reason)), 'point', q.name, 'size', p.size) ORDER BY u.reason, p.waybill)
    FROM app.unassigned u JOIN app.parcel p ON p.id = u.parcel_id JOIN app.point q ON q.id = p.point_id LEFT JOIN app.reason t ON t.reason = u.reason
    WHERE u.wave_id = w.id), '[]')))::app.answer
  FROM app.wave w WHERE id = (p_body->>'id')::uuid AND app.my_site(ctx, site_id)), app.not_found('wave'))
$$;

CREATE OR REPLACE FUNCTION api.wave_publish(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE w app.wave;
BEGIN
  SELECT * INTO w FROM app.wave WHERE id = (p_body->>'id')::uuid AND app.my_site(ctx, site_id) FOR UPDATE;
  IF NOT FOUND THEN
    RETURN app.not_found('wave');
  END IF;
  IF w.status = 'published' THEN
    RETURN (200, app.wave_json(w))::app.answer;
  END IF;
  IF w.status <> 'planned' THEN
    RETURN (409, app.problem('not-planned', 'only a planned wave can be published; this one is ' || w.status))::app.answer;
  END IF;
  UPDATE app.wave SET status = 'published', published_at = p_now WHERE id = w.id RETURNING * INTO w;
  INSERT INTO app.outbox (id, site_id, kind, topic, payload, created_at, next_at)
  SELECT app.uuid7(p_now), w.site_id, 'courier', c.courier_id::text, '{"why": "published"}', p_now, to_timestamp(0)
  FROM (SELECT DISTINCT courier_id FROM app.route WHERE wave_id = w.id) c;
  PERFORM app.audit_append(p_now, (ctx->>'user_id')::uuid, 'wave.publish', w.id::text, jsonb_build_object('routes', w.routes));
  RETURN (200, app.wave_json(w))::app.answer;
END $$;

-- A wave that nobody shall drive: its parcels are free for the next one, its compartments for anybody. Published ones stay:
-- couriers have them in their hands.
CREATE OR REPLACE FUNCTION api.wave_drop(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE w app.wave;
BEGIN
  SELECT * INTO w FROM app.wave WHERE id = (p_body->>'id')::uuid AND app.my_site(ctx, site_id) FOR UPDATE;
  IF NOT FOUND THEN
    RETURN app.not_found('wave');
  ELSIF w.status = 'dropped' THEN
    RETURN (200, app.wave_json(w))::app.answer;
  ELSIF w.status NOT IN ('planning', 'planned') THEN
    RETURN (409, app.problem('not-open', 'only a wave that is not published can be dropped; this one is ' || w.status))::app.answer;
  END IF;
  WITH freed AS (
    UPDATE app.stop_parcel x SET live = false FROM app.stop s JOIN app.route r ON r.id = s.route_id
    WHERE x.stop_id = s.id AND r.wave_id = w.id AND x.live RETURNING x.parcel_id, s.locker_id
  )
  UPDATE app.deposit d SET status = 'void', ended_at = p_now, reason = 'wave dropped' FROM freed f
  WHERE d.parcel_id = f.parcel_id AND d.locker_id = f.locker_id AND d.status = 'reserved';
  UPDATE app.wave SET status = 'dropped' WHERE id = w.id RETURNING * INTO w;
  PERFORM app.audit_append(p_now, (ctx->>'user_id')::uuid, 'wave.drop', w.id::text, '{}');
  RETURN (200, app.wave_json(w))::app.answer;
END $$;
