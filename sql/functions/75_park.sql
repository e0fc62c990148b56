CREATE OR REPLACE FUNCTION app.bands() RETURNS TABLE (band text, lo interval, hi interval) LANGUAGE sql IMMUTABLE AS $$
  VALUES ('0-2', interval '-1 day', interval '2 hours'), ('2-6', interval '2 hours', interval '6 hours'), ('6-12', interval '6 hours', interval '12 hours'),
    ('12-24', interval '12 hours', interval '24 hours'), ('>24', interval '24 hours', interval '100 years')
$$;

-- What the park manager watches, in one document: parcels under way, and those that ended today or yesterday.
-- Somebody has yet to come to this stop: what he failed to hand over there is no longer waited for.
CREATE OR REPLACE FUNCTION app.stop_waits(p_stop uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM app.stop_parcel x JOIN app.parcel p ON p.id = x.parcel_id WHERE x.stop_id = p_stop AND x.live AND p.state NOT IN ('attempt_failed', 'exception'))
$$;

CREATE OR REPLACE FUNCTION api.park_summary(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  WITH here AS MATERIALIZED (
    SELECT p.site_id, p.state, p.holder, p.courier_id, p.arrived_at, p.loaded_at, p.promised_by, p.attempts, p.state_at FROM app.parcel p
    WHERE p.site_id IN (SELECT id FROM app.site WHERE app.my_site(ctx, id)) AND (p.ended_on IS NULL OR p.ended_on >= (p_now AT TIME ZONE 'Asia/Shanghai')::date - 1)
  ), hours AS MATERIALIZED (
    SELECT date_trunc('hour', arrived_at) AS t, count(*) AS n, 0 AS out FROM here WHERE arrived_at > p_now - interval '24 hours' GROUP BY 1
    UNION ALL SELECT date_trunc('hour', loaded_at), 0, count(*) FROM here WHERE loaded_at > p_now - interval '24 hours' GROUP BY 1
  ), boxes AS MATERIALIZED (
    SELECT l.id, l.online, count(*) AS doors, count(*) FILTER (WHERE c.status = 'ok') AS usable,
      count(*) FILTER (WHERE EXISTS (SELECT FROM app.deposit d WHERE d.locker_id = c.locker_id AND d.n = c.n AND d.status IN ('open', 'confirmed', 'overdue'))
        OR EXISTS (SELECT FROM app.sending g WHERE g.locker_id = c.locker_id AND g.n = c.n AND g.inside)) AS occupied,
      count(*) FILTER (WHERE EXISTS (SELECT FROM app.deposit d WHERE d.locker_id = c.locker_id AND d.n = c.n AND d.status = 'overdue')) AS overdue
    FROM app.locker l JOIN app.compartment c ON c.locker_id = l.id WHERE app.my_site(ctx, l.site_id) GROUP BY l.id
  )
  SELECT (200, jsonb_build_object('now', app.iso(p_now),
    'throughput', jsonb_build_object('in_per_h', (SELECT count(*) FROM here WHERE arrived_at > p_now - interval '1 hour'),
      'out_per_h', (SELECT count(*) FROM here WHERE loaded_at > p_now - interval '1 hour'),
      'series', coalesce((SELECT jsonb_agg(jsonb_build_object('t', app.iso(t), 'in', n, 'out', o) ORDER BY t) FROM (SELECT t, sum(n) AS n, sum(out) AS o FROM hours GROUP BY t) x), '[]')),
    'backlog', (SELECT jsonb_agg(jsonb_build_object('band', band, 'count', (SELECT count(*) FROM here WHERE holder = 'site' AND state IN ('arrived', 'sorted', 'exception', 'attempt_failed')
        AND p_now - state_at >= lo AND p_now - state_at < hi)) ORDER BY lo)
      FROM app.bands()),
    'states', (SELECT coalesce(jsonb_object_agg(state, n), '{}') FROM (SELECT state, count(*) AS n FROM here GROUP BY 1) x),
    'dwell', (SELECT jsonb_build_object('p50', round(x[1]), 'p90', round(x[2]), 'p99', round(x[3])) FROM (
      SELECT percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY extract(epoch FROM loaded_at - arrived_at)) AS x FROM here
      WHERE loaded_at > p_now - interval '24 hours' AND arrived_at <= loaded_at) y),
    'cutoff', (SELECT jsonb_build_object('wave', w.name, 'at', app.iso(w.cutoff), 'open', (SELECT count(*) FROM here WHERE state IN ('arrived', 'sorted')))
      FROM app.wave w WHERE app.my_site(ctx, w.site_id) AND w.cutoff > p_now ORDER BY w.cutoff LIMIT 1),
    'lockers', (SELECT jsonb_build_object('count', count(*), 'online', count(*) FILTER (WHERE online), 'doors', coalesce(sum(doors), 0), 'usable', coalesce(sum(usable), 0),
      'occupied', coalesce(sum(occupied), 0), 'overdue', coalesce(sum(overdue), 0), 'full', count(*) FILTER (WHERE occupied >= usable)) FROM boxes),
    'couriers', jsonb_build_object('count', (SELECT count(*) FROM app.courier c WHERE app.my_site(ctx, c.site_id) AND c.active),
      'out', (SELECT count(DISTINCT courier_id) FROM here WHERE state = 'out_for_delivery')),
    -- where it piles up: one row a park, the fullest first
    'sites', coalesce((SELECT jsonb_agg(jsonb_build_object('code', s.code, 'name', s.name, 'name_en', s.name_en, 'backlog', coalesce(h.n, 0), 'oldest_min', h.oldest, 'out', coalesce(h.out, 0),
        'offline', (SELECT count(*) FROM app.locker l WHERE l.site_id = s.id AND l.active AND NOT l.online), 'late', coalesce(b.late, 0)) ORDER BY h.n DESC NULLS LAST, s.code)
      FROM app.site s LEFT JOIN (
        SELECT site_id, count(*) FILTER (WHERE hub) AS n, floor(extract(epoch FROM p_now - min(state_at) FILTER (WHERE hub)) / 60) AS oldest, count(*) FILTER (WHERE state = 'out_for_delivery') AS out
        FROM (SELECT *, holder = 'site' AND state IN ('arrived', 'sorted', 'exception', 'attempt_failed') AS hub FROM here) y GROUP BY 1) h ON h.site_id = s.id
      LEFT JOIN (SELECT site_id, count(DISTINCT courier_id) AS late FROM (
          SELECT r.site_id, r.courier_id, min(t.arrive) AS due FROM app.route r JOIN app.stop t ON t.route_id = r.id
          WHERE r.start_at > p_now - interval '24 hours' AND app.stop_waits(t.id) GROUP BY 1, 2) z
        WHERE due < p_now - interval '30 minutes' GROUP BY 1) b ON b.site_id = s.id
      WHERE app.my_site(ctx, s.id)), '[]'),
    'first_attempt', (SELECT round(count(*) FILTER (WHERE attempts = 0)::numeric / nullif(count(*), 0), 4) FROM here WHERE state IN ('signed', 'in_locker', 'at_station', 'returned', 'attempt_failed')),
    'on_time', (SELECT round(count(*) FILTER (WHERE state IN ('signed', 'in_locker', 'at_station') AND state_at <= promised_by)::numeric / nullif(count(*), 0), 4) FROM here WHERE promised_by <= p_now),
    'exceptions', (SELECT count(*) FROM here WHERE state IN ('exception', 'damaged', 'lost', 'attempt_failed'))))::app.answer
$$;

CREATE OR REPLACE FUNCTION api.park_parcels(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, app.page(jsonb_agg(app.parcel_json(x.parcel) || jsonb_build_object('why', x.why, 'courier', x.courier) ORDER BY x.id),
    coalesce((p_body->>'limit')::int, 100), 'id'))::app.answer FROM (
    SELECT p AS parcel, p.id, (SELECT jsonb_build_object('reason', u.reason, 'zh', r.zh, 'en', r.en) FROM app.unassigned u LEFT JOIN app.reason r USING (reason)
        WHERE u.parcel_id = p.id ORDER BY u.wave_id DESC LIMIT 1) AS why, (SELECT name FROM app.courier c WHERE c.id = p.courier_id) AS courier
    FROM app.parcel p LEFT JOIN app.bands() b ON b.band = p_body->>'band'
    WHERE p.site_id IN (SELECT id FROM app.site WHERE app.my_site(ctx, id)) AND (p_body->>'state' IS NULL OR p.state = p_body->>'state')
      AND (p_body->>'q' IS NULL OR p.waybill = p_body->>'q')
      AND (p_body->>'band' IS NULL OR (p.holder = 'site' AND p.state IN ('arrived', 'sorted', 'exception', 'attempt_failed') AND p_now - p.state_at >= b.lo AND p_now - p.state_at < b.hi))
      AND (p_body->>'why' IS NULL OR EXISTS (SELECT FROM app.unassigned u WHERE u.parcel_id = p.id AND u.reason = p_body->>'why'))
      AND (p_body->>'cursor' IS NULL OR p.id > (p_body->>'cursor')::uuid)
    ORDER BY p.id LIMIT coalesce((p_body->>'limit')::int, 100)) x
$$;

CREATE OR REPLACE FUNCTION api.park_lockers(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'code', l.code, 'point', q.name, 'point_en', q.name_en, 'online', l.online,
      'seen_at', app.iso(l.seen_at), 'oldest', (SELECT app.iso(min(d.confirmed_at)) FROM app.deposit d WHERE d.locker_id = l.id AND d.status IN ('confirmed', 'overdue')),
      'box', l.box - 'alarms', 'alarms', coalesce(l.box->'alarms', '[]') || coalesce((SELECT jsonb_agg(DISTINCT f) FROM app.compartment c, jsonb_array_elements(CASE jsonb_typeof(c.observed->'flags') WHEN 'array' THEN c.observed->'flags' END) f
        WHERE c.locker_id = l.id), '[]'),
      'compartments', (SELECT jsonb_agg(jsonb_build_object('n', c.n, 'size', c.size, 'status', c.status, 'door', c.observed->>'door',
          'state', CASE WHEN c.status <> 'ok' THEN c.status ELSE coalesce(CASE d.status WHEN 'confirmed' THEN 'occupied' WHEN 'opening' THEN 'opening' ELSE d.status END,
            (SELECT 'occupied' FROM app.sending g WHERE g.locker_id = c.locker_id AND g.n = c.n AND g.inside LIMIT 1), 'free') END) ORDER BY c.n)
        FROM app.compartment c LEFT JOIN LATERAL (SELECT status FROM app.deposit x WHERE x.locker_id = c.locker_id AND x.n = c.n AND x.live ORDER BY x.id LIMIT 1) d ON true
        WHERE c.locker_id = l.id)) ORDER BY l.code), '[]')))::app.answer
  FROM app.locker l JOIN app.point q ON q.id = l.point_id WHERE app.my_site(ctx, l.site_id) AND l.active
$$;

CREATE OR REPLACE FUNCTION api.park_couriers(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  WITH carried AS MATERIALIZED (
    SELECT p.courier_id, count(*) AS n FROM app.parcel p
    WHERE p.site_id IN (SELECT id FROM app.site WHERE app.my_site(ctx, id)) AND p.ended_on IS NULL AND p.holder = 'courier' GROUP BY 1
  )
  SELECT (200, jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'code', c.code, 'name', c.name, 'vehicle', v.class,
      'planned', (SELECT count(*) FROM app.route r JOIN app.stop s ON s.route_id = r.id JOIN app.stop_parcel x ON x.stop_id = s.id WHERE r.courier_id = c.id AND r.start_at > p_now - interval '24 hours'),
      'open', (SELECT count(*) FROM app.route r JOIN app.stop s ON s.route_id = r.id JOIN app.stop_parcel x ON x.stop_id = s.id AND x.live WHERE r.courier_id = c.id),
      'behind_min', (SELECT coalesce(greatest(0, floor(extract(epoch FROM p_now - min(s.arrive)) / 60)), 0)::int FROM app.route r JOIN app.stop s ON s.route_id = r.id
        WHERE r.courier_id = c.id AND r.start_at > p_now - interval '24 hours' AND app.stop_waits(s.id)),
      'on_board', coalesce((SELECT b.n FROM carried b WHERE b.courier_id = c.id), 0),
      'position', (SELECT jsonb_build_object('lat', o.lat, 'lon', o.lon, 'at', app.iso(o.at)) FROM app.position o WHERE o.courier_id = c.id ORDER BY o.at DESC LIMIT 1),
      'shift', (SELECT s.action FROM app.shift s WHERE s.courier_id = c.id ORDER BY s.at DESC LIMIT 1)) ORDER BY c.code), '[]')))::app.answer
  FROM app.courier c LEFT JOIN app.vehicle v ON v.id = c.vehicle_id WHERE app.my_site(ctx, c.site_id) AND c.active
$$;

-- Lists, by code.
CREATE OR REPLACE FUNCTION api.sites_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, app.page(jsonb_agg(jsonb_build_object('id', s.id, 'code', s.code, 'name', s.name, 'name_en', s.name_en, 'kind', s.kind, 'lat', s.lat, 'lon', s.lon) ORDER BY s.code), coalesce((p_body->>'limit')::int, 100), 'code'))::app.answer
  FROM (SELECT * FROM app.site WHERE app.my_site(ctx, id) AND code > coalesce(p_body->>'cursor', '') ORDER BY code LIMIT coalesce((p_body->>'limit')::int, 100)) s
$$;
CREATE OR REPLACE FUNCTION api.points_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, app.page(jsonb_agg(jsonb_build_object('id', s.id, 'code', s.code, 'name', s.name, 'name_en', s.name_en, 'kind', s.kind, 'lat', s.lat, 'lon', s.lon, 'station', s.station) ORDER BY s.code), coalesce((p_body->>'limit')::int, 100), 'code'))::app.answer
  FROM (SELECT * FROM app.point WHERE app.my_site(ctx, site_id) AND code > coalesce(p_body->>'cursor', '') ORDER BY code LIMIT coalesce((p_body->>'limit')::int, 100)) s
$$;
CREATE OR REPLACE FUNCTION api.lockers_page(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, app.page(jsonb_agg(jsonb_build_object('id', s.id, 'code', s.code, 'point', q.code, 'name', q.name, 'lat', s.lat, 'lon', s.lon, 'online', s.online) ORDER BY s.code), coalesce((p_body->>'limit')::int, 100), 'code'))::app.answer
  FROM (SELECT * FROM app.locker WHERE app.my_site(ctx, site_id) AND active AND code > coalesce(p_body->>'cursor', '') ORDER BY code LIMIT coalesce((p_body->>'limit')::int, 100)) s JOIN app.point q ON q.id = s.point_id
$$;
CREATE OR REPLACE FUNCTION api.couriers_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, app.page(jsonb_agg(jsonb_build_object('id', s.id, 'code', s.code, 'name', s.name, 'active', s.active) ORDER BY s.code), coalesce((p_body->>'limit')::int, 100), 'code'))::app.answer
  FROM (SELECT * FROM app.courier WHERE app.my_site(ctx, site_id) AND code > coalesce(p_body->>'cursor', '') ORDER BY code LIMIT coalesce((p_body->>'limit')::int, 100)) s
$$;
