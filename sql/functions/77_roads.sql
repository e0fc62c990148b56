-- Traffic and closures, as managers tell them. The daemon reads road_traffic_now and customizes its metrics by it.

-- Changes: [{way, direction, one of speed, factor, closed, normal; until, reason}]; the last one of a direction holds.
CREATE OR REPLACE FUNCTION api.roads_traffic_set(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_set int; v_taken int;
BEGIN
  PERFORM app.enter(ctx);
  DELETE FROM app.road_traffic WHERE until <= p_now;
  WITH told AS (
    SELECT DISTINCT ON (way, d) way, d, speed, until, reason FROM (
      SELECT n, (c->>'way')::bigint AS way, d, (c->>'until')::timestamptz AS until, c->>'reason' AS reason,
        CASE WHEN (c->>'closed')::boolean THEN '0' WHEN c ? 'speed' THEN to_char((c->>'speed')::numeric, 'FM990.0') WHEN c ? 'factor' THEN 'x' || to_char((c->>'factor')::numeric, 'FM990.000') END AS speed
      FROM jsonb_array_elements(p_body->'changes') WITH ORDINALITY AS e (c, n),
        LATERAL unnest(CASE coalesce(c->>'direction', 'both') WHEN 'both' THEN ARRAY['forward', 'backward'] ELSE ARRAY[c->>'direction'] END) AS d) x
    ORDER BY way, d, n DESC
  ), taken AS (
    DELETE FROM app.road_traffic r USING told t WHERE t.way = r.way AND t.d = r.direction AND t.speed IS NULL RETURNING 1
  ), written AS (
    INSERT INTO app.road_traffic SELECT way, d, speed, until, reason, (ctx->>'user_id')::uuid, p_now FROM told WHERE speed IS NOT NULL
    ON CONFLICT (way, direction) DO UPDATE SET speed = excluded.speed, until = excluded.until, reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at RETURNING 1
  )
  SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM taken) INTO v_set, v_taken;
  PERFORM app.audit_append(p_now, (ctx->>'user_id')::uuid, 'roads.traffic', 'roads', jsonb_build_object('set', v_set, 'taken_back', v_taken, 'changes', CASE WHEN jsonb_array_length(p_body->'changes') <= 20 THEN p_body->'changes' END));
  RETURN (200, jsonb_build_object('set', v_set, 'taken_back', v_taken))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.roads_traffic_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE sql AS $$
  SELECT (200, app.page(jsonb_agg(jsonb_build_object('key', r.key, 'way', r.way, 'direction', r.direction, 'speed', r.speed, 'until', app.iso(r.until), 'reason', r.reason, 'set_at', app.iso(r.set_at)) ORDER BY r.key), coalesce((p_body->>'limit')::int, 100), 'key'))::app.answer
  FROM (SELECT *, lpad(way::text, 19, '0') || '.' || direction AS key FROM app.road_traffic
    WHERE (until IS NULL OR until > p_now) AND lpad(way::text, 19, '0') || '.' || direction > coalesce(p_body->>'cursor', '') ORDER BY 8 LIMIT coalesce((p_body->>'limit')::int, 100)) r
$$;

-- As the text that routing/road/traffic.h reads.
CREATE OR REPLACE FUNCTION app.road_traffic_now(p_now timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(string_agg(way || ',' || direction || ',' || speed, E'\n' ORDER BY way, direction), '') FROM app.road_traffic WHERE until IS NULL OR until > p_now
$$;
