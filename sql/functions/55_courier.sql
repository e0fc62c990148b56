-- The courier's day: every live stop of his published routes, in order. Parcels still to be handed over, and those done today.
CREATE OR REPLACE FUNCTION api.courier_route(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  WITH mine AS MATERIALIZED (
    SELECT r.* FROM app.route r JOIN app.wave w ON w.id = r.wave_id AND w.status = 'published'
    WHERE r.courier_id = (ctx->>'courier_id')::uuid AND r.start_at > p_now - interval '24 hours'
      AND EXISTS (SELECT FROM app.stop s JOIN app.stop_parcel x ON x.stop_id = s.id AND x.live WHERE s.route_id = r.id)
  ), stops AS MATERIALIZED (
    SELECT s.*, r.start_at FROM mine r JOIN app.stop s ON s.route_id = r.id
  ), items AS MATERIALIZED (
    SELECT x.stop_id, p.*, d.id AS deposit_id, d.n AS compartment, d.status AS deposit_status
    FROM stops s JOIN app.stop_parcel x ON x.stop_id = s.id AND x.live JOIN app.parcel p ON p.id = x.parcel_id
    LEFT JOIN app.deposit d ON d.parcel_id = p.id AND d.live
  )
  SELECT (200, jsonb_build_object(
    'plan_id', (SELECT id FROM mine ORDER BY start_at DESC LIMIT 1), 'version', (SELECT count(*) FROM mine), 'date', (p_now AT TIME ZONE 'Asia/Shanghai')::date,
    'courier', (SELECT jsonb_build_object('code', c.code, 'name', c.name) FROM app.courier c WHERE c.id = (ctx->>'courier_id')::uuid),
    'vehicle', (SELECT jsonb_build_object('code', v.code, 'class', v.class) FROM app.courier c JOIN app.vehicle v ON v.id = c.vehicle_id WHERE c.id = (ctx->>'courier_id')::uuid),
    'site', (SELECT jsonb_build_object('code', s.code, 'name', s.name, 'lat', s.lat, 'lon', s.lon) FROM app.site s WHERE s.id = (ctx->>'site_id')::uuid),
    'stops', coalesce((SELECT jsonb_agg(jsonb_build_object('seq', s.seq, 'stop_id', s.id, 'kind', s.kind,
        'point', CASE WHEN q.id IS NOT NULL THEN jsonb_build_object('code', q.code, 'name', q.name, 'name_en', q.name_en, 'kind', q.kind, 'lat', q.lat, 'lon', q.lon) END,
        'locker', CASE WHEN l.id IS NOT NULL THEN jsonb_build_object('id', l.id, 'code', l.code) END, 'eta', app.iso(s.arrive),
        'windows', CASE WHEN q.id IS NOT NULL THEN app.point_windows(q.calendar, (p_now AT TIME ZONE 'Asia/Shanghai')::date) END,
        'walk_s', q.walk_s, 'service_s', q.service_s,
        'parcels', coalesce((SELECT jsonb_agg(jsonb_build_object('waybill', i.waybill, 'state', i.state, 'deliver', s.kind, 'size', i.size, 'weight_g', i.grams,
            'recipient', app.mask_name(i.recipient_name), 'phone', app.mask_phone(i.recipient_phone), 'address', CASE s.kind WHEN 'door' THEN i.recipient_address ELSE app.mask_address(i.recipient_address) END,
            'compartment', i.compartment, 'deposit', CASE WHEN i.deposit_id IS NOT NULL THEN jsonb_build_object('id', i.deposit_id, 'status', i.deposit_status) END,
            'cod_fen', i.cod_fen) ORDER BY i.recipient_key, i.waybill) FROM items i WHERE i.stop_id = s.id), '[]')) ORDER BY s.start_at, s.seq)
      FROM stops s LEFT JOIN app.point q ON q.id = s.point_id LEFT JOIN app.locker l ON l.id = s.locker_id
      WHERE s.kind = 'reload' OR EXISTS (SELECT FROM items i WHERE i.stop_id = s.id)), '[]'),
    -- what is delivered last is loaded first
    'load_order', coalesce((SELECT jsonb_agg(i.waybill ORDER BY s.start_at, s.seq DESC, i.recipient_key, i.waybill) FROM items i JOIN stops s ON s.id = i.stop_id
      WHERE i.state IN ('arrived', 'sorted', 'attempt_failed', 'exception')), '[]'),
    -- what residents dropped off where he comes by, and nobody else has begun to take out
    'pickups', coalesce((SELECT jsonb_agg(jsonb_build_object('id', g.id, 'waybill', p.waybill, 'size', g.size, 'compartment', g.n, 'shop', h.name,
        'locker', l.code, 'online', l.online, 'point', q.name, 'point_en', q.name_en, 'point_code', q.code, 'dropped_at', app.iso(g.dropped_at)) ORDER BY l.code, g.n)
      FROM app.sending g JOIN app.parcel p ON p.id = g.parcel_id JOIN app.locker l ON l.id = g.locker_id JOIN app.point q ON q.id = l.point_id JOIN app.shop h ON h.id = g.shop_id
      WHERE g.site_id = (ctx->>'site_id')::uuid AND g.status = 'dropped' AND (g.courier_id = (ctx->>'courier_id')::uuid OR (g.courier_id IS NULL AND EXISTS (
        SELECT FROM app.route r JOIN app.wave w ON w.id = r.wave_id AND w.status = 'published' JOIN app.stop s ON s.route_id = r.id
        WHERE r.courier_id = (ctx->>'courier_id')::uuid AND r.start_at > p_now - interval '24 hours' AND (s.locker_id = l.id OR s.point_id = l.point_id))))), '[]'),
    'summary', jsonb_build_object('stops', (SELECT count(DISTINCT stop_id) FROM items), 'parcels', (SELECT count(*) FROM items),
      'metres', (SELECT coalesce(sum(metres), 0) FROM mine), 'seconds', (SELECT coalesce(sum(seconds), 0) FROM mine),
      'pay_fen', (SELECT count(*) FROM items) * (SELECT piece_fen FROM app.courier WHERE id = (ctx->>'courier_id')::uuid))))::app.answer
$$;

CREATE OR REPLACE FUNCTION api.courier_shift(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_vehicle uuid;
BEGIN
  IF p_body->>'vehicle' IS NOT NULL THEN
    SELECT id INTO v_vehicle FROM app.vehicle WHERE code = p_body->>'vehicle' AND site_id = (ctx->>'site_id')::uuid;
    IF v_vehicle IS NULL THEN
      RETURN app.not_found('vehicle');
    END IF;
  END IF;
  INSERT INTO app.shift VALUES ((ctx->>'site_id')::uuid, (ctx->>'courier_id')::uuid, (p_body->>'at')::timestamptz, p_body->>'action', v_vehicle)
  ON CONFLICT DO NOTHING;
  RETURN (200, jsonb_build_object('action', p_body->>'action', 'at', p_body->>'at'))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.courier_positions(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_n int;
BEGIN
  INSERT INTO app.position SELECT (ctx->>'site_id')::uuid, (ctx->>'courier_id')::uuid, (x->>'at')::timestamptz, (x->>'lat')::float8, (x->>'lon')::float8, (x->>'acc_m')::float8
  FROM jsonb_array_elements(p_body->'points') x ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS v_n = ROW_COUNT;
  RETURN (200, jsonb_build_object('recorded', v_n))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.courier_pay(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, jsonb_build_object('date', (p_now AT TIME ZONE 'Asia/Shanghai')::date, 'pieces', n, 'fen', n * c.piece_fen, 'piece_fen', c.piece_fen))::app.answer
  FROM app.courier c, LATERAL (SELECT count(DISTINCT e.parcel_id)::int AS n FROM app.event e WHERE e.courier_id = c.id AND e.kind IN ('sign', 'deposit', 'station_in')
    AND e.at >= ((p_now AT TIME ZONE 'Asia/Shanghai')::date)::timestamp AT TIME ZONE 'Asia/Shanghai') x
  WHERE c.id = (ctx->>'courier_id')::uuid
$$;

-- What a courier may open without a network today: his reserved compartments. The daemon signs a grant for each.
CREATE OR REPLACE FUNCTION api.courier_grants(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v jsonb;
BEGIN
  WITH mine AS (
    SELECT d.*, l.code, p.waybill FROM app.deposit d JOIN app.locker l ON l.id = d.locker_id JOIN app.parcel p ON p.id = d.parcel_id
    WHERE d.courier_id = (ctx->>'courier_id')::uuid AND d.status = 'reserved' AND (p_body->>'locker' IS NULL OR l.code = p_body->>'locker')
    ORDER BY d.id LIMIT 500
  ), issued AS (
    INSERT INTO app.grant_issued (site_id, id, locker_id, n, op, ref, issued_at, issued_to)
    SELECT site_id, id, locker_id, n, 'open_deposit', id, p_now, (ctx->>'user_id')::uuid FROM mine ON CONFLICT DO NOTHING
  )
  SELECT jsonb_agg(jsonb_build_object('deposit_id', id, 'locker', code, 'compartment', n, 'waybill', waybill, 'grant_id', id)) INTO v FROM mine;
  RETURN (200, jsonb_build_object('items', coalesce(v, '[]')))::app.answer;
END $$;
