-- A whole city in one document, again and again without harm: what has the same code is brought up to date.
CREATE OR REPLACE FUNCTION app.id_of(p_kind text, p_code text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (substring(h FROM 1 FOR 8) || '-' || substring(h FROM 9 FOR 4) || '-8' || substring(h FROM 14 FOR 3) || '-a' || substring(h FROM 18 FOR 3) || '-' || substring(h FROM 21 FOR 12))::uuid
  FROM (SELECT encode(sha256(convert_to(p_kind || '/' || p_code, 'UTF8')), 'hex') AS h) x -- RFC 9562 version 8: named by kind and code
$$;

CREATE OR REPLACE FUNCTION api.city_import(p_now timestamptz, p_city jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.site (id, code, name, name_en, kind, lat, lon)
  SELECT app.id_of('site', x->>'code'), x->>'code', x->>'name', x->>'name_en', coalesce(x->>'kind', 'park'), (x->>'lat')::float8, (x->>'lon')::float8
  FROM jsonb_array_elements(p_city->'sites') x
  ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, name_en = EXCLUDED.name_en, kind = EXCLUDED.kind, lat = EXCLUDED.lat, lon = EXCLUDED.lon;
  INSERT INTO app.brand SELECT app.id_of('brand', x->>'code'), x->>'code', x->>'name' FROM jsonb_array_elements(p_city->'brands') x
  ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name;
  INSERT INTO app.shop (id, brand_id, site_id, code, name)
  SELECT app.id_of('shop', x->>'code'), b.id, s.id, x->>'code', x->>'name' FROM jsonb_array_elements(p_city->'shops') x
  JOIN app.brand b ON b.code = x->>'brand' JOIN app.site s ON s.code = x->>'site'
  ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name;
  INSERT INTO app.vehicle (site_id, id, code, class, pieces, grams, cm3)
  SELECT s.id, app.id_of('vehicle', x->>'code'), x->>'code', x->>'class', (x->>'pieces')::int, (x->>'grams')::int, (x->>'cm3')::int
  FROM jsonb_array_elements(p_city->'vehicles') x JOIN app.site s ON s.code = x->>'site'
  ON CONFLICT (code) DO UPDATE SET class = EXCLUDED.class, pieces = EXCLUDED.pieces, grams = EXCLUDED.grams, cm3 = EXCLUDED.cm3;
  INSERT INTO app.courier (site_id, id, code, name, vehicle_id, shift_start, shift_end, max_trips, piece_fen)
  SELECT s.id, app.id_of('courier', x->>'code'), x->>'code', x->>'name', v.id, coalesce((x->'shift'->>'start')::time, '08:00'), coalesce((x->'shift'->>'end')::time, '18:00'),
    coalesce((x->>'max_trips')::int, 2), coalesce((x->>'piece_fen')::int, 100)
  FROM jsonb_array_elements(p_city->'couriers') x JOIN app.site s ON s.code = x->>'site' LEFT JOIN app.vehicle v ON v.code = x->>'vehicle'
  ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, vehicle_id = EXCLUDED.vehicle_id, shift_start = EXCLUDED.shift_start, shift_end = EXCLUDED.shift_end;
  INSERT INTO app.point (site_id, id, code, name, name_en, kind, lat, lon, walk_s, service_s, station, calendar)
  SELECT s.id, app.id_of('point', x->>'code'), x->>'code', x->>'name', x->>'name_en', x->>'kind', (x->>'lat')::float8, (x->>'lon')::float8, coalesce((x->>'walk_s')::int, 60),
    coalesce((x->>'service_s')::int, 30), coalesce((x->>'station')::boolean, false), coalesce(x->'calendar', '{}')
  FROM jsonb_array_elements(p_city->'points') x JOIN app.site s ON s.code = x->>'site'
  ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, lat = EXCLUDED.lat, lon = EXCLUDED.lon, calendar = EXCLUDED.calendar, station = EXCLUDED.station;
  INSERT INTO app.locker (site_id, id, point_id, code, lat, lon, profile)
  SELECT q.site_id, app.id_of('locker', x->>'code'), q.id, x->>'code', (x->>'lat')::float8, (x->>'lon')::float8, x->>'profile'
  FROM jsonb_array_elements(p_city->'lockers') x JOIN app.point q ON q.code = x->>'point'
  ON CONFLICT (code) DO UPDATE SET lat = EXCLUDED.lat, lon = EXCLUDED.lon, profile = EXCLUDED.profile;
  INSERT INTO app.compartment (site_id, locker_id, n, size, board, door)
  SELECT l.site_id, l.id, (c->>'n')::int, c->>'size', coalesce((c->>'board')::int, 1), coalesce((c->>'door')::int, (c->>'n')::int)
  FROM jsonb_array_elements(p_city->'lockers') x JOIN app.locker l ON l.code = x->>'code', jsonb_array_elements(x->'compartments') c
  ON CONFLICT (locker_id, n) DO UPDATE SET size = EXCLUDED.size;
  INSERT INTO app.account (id, login, name, role, password_hash, site_id, brand_id, shop_id, courier_id, lang)
  SELECT app.id_of('account', x->>'login'), x->>'login', coalesce(x->>'name', x->>'login'), x->>'role', x->>'password_hash',
    coalesce((SELECT site_id FROM app.courier WHERE code = x->>'courier'), (SELECT id FROM app.site WHERE code = x->>'site')),
    coalesce((SELECT brand_id FROM app.shop WHERE code = x->>'shop'), (SELECT id FROM app.brand WHERE code = x->>'brand')),
    (SELECT id FROM app.shop WHERE code = x->>'shop'), (SELECT id FROM app.courier WHERE code = x->>'courier'), coalesce(x->>'lang', 'zh')
  FROM jsonb_array_elements(p_city->'accounts') x
  ON CONFLICT (login) DO UPDATE SET password_hash = EXCLUDED.password_hash, name = EXCLUDED.name;
  PERFORM api.partitions_ahead(p_now);
  RETURN (SELECT jsonb_build_object('sites', (SELECT count(*) FROM app.site), 'shops', (SELECT count(*) FROM app.shop), 'couriers', (SELECT count(*) FROM app.courier),
    'points', (SELECT count(*) FROM app.point), 'lockers', (SELECT count(*) FROM app.locker), 'compartments', (SELECT count(*) FROM app.compartment), 'accounts', (SELECT count(*) FROM app.account)));
END $$;
