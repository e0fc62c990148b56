-- Whom a parcel is for, as the sender writes it.
DROP TYPE IF EXISTS app.addressee CASCADE;
CREATE TYPE app.addressee AS (name text, phone text, address text, lat float8, lon float8);

-- Parcels come in: rows as arrays, in order; each is accepted, a duplicate (the same body again), or rejected, and never
-- touches its neighbours. `p_bodies` are validated objects.
CREATE OR REPLACE FUNCTION api.parcels_intake(ctx jsonb, p_now timestamptz, p_bodies jsonb)
RETURNS TABLE (i int, status text, id uuid, waybill text, tracking text, field text, reason text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE v_brand uuid := (ctx->>'brand_id')::uuid; v_shop uuid := (ctx->>'shop_id')::uuid; v_site uuid;
  v_day date := app.uuid_day(app.uuid7(p_now)); -- of every id made here
BEGIN
  PERFORM app.enter(ctx);
  IF v_shop IS NULL THEN
    SELECT s.id INTO v_shop FROM app.shop s WHERE s.brand_id = v_brand ORDER BY s.code LIMIT 1;
  END IF;
  SELECT s.site_id INTO v_site FROM app.shop s WHERE s.id = v_shop;
  RETURN QUERY
  WITH input AS MATERIALIZED (
    SELECT (b.ord - 1)::int AS i, b.order_no, b.recipient, b.point, b.site, b.prefer, b.service, b.length_mm, b.width_mm, b.height_mm, b.weight_g,
      b.declared_fen, b.cod_fen, b.promised_by, b.note,
      coalesce(b.waybill, 'YZ' || upper(substring(replace(app.uuid7(p_now)::text, '-', '') FROM 3 FOR 18))) AS waybill,
      encode(sha256(convert_to(b.v::text, 'UTF8')), 'hex') AS body_hash
    FROM ROWS FROM (jsonb_array_elements(p_bodies), jsonb_to_recordset(p_bodies) AS (waybill text, order_no text, recipient app.addressee,
      point text, site text, prefer text, service text, length_mm int, width_mm int, height_mm int, weight_g int, declared_fen bigint, cod_fen bigint,
      promised_by timestamptz, note text)) WITH ORDINALITY
      b (v, waybill, order_no, recipient, point, site, prefer, service, length_mm, width_mm, height_mm, weight_g, declared_fen, cod_fen, promised_by, note, ord)
  ), placed AS MATERIALIZED (
    SELECT n.*, coalesce(named.id, near.id) AS point_id, coalesce(named.site_id, near.site_id) AS point_site, st.id AS asked_site,
      row_number() OVER (PARTITION BY n.waybill ORDER BY n.i) AS nth,
      first_value(n.body_hash) OVER (PARTITION BY n.waybill ORDER BY n.i) AS first_hash,
      old.id AS old_id, old.body_hash AS old_hash, old.tracking AS old_tracking
    FROM input n
    LEFT JOIN app.site st ON st.code = n.site
    LEFT JOIN app.point named ON named.code = n.point
    LEFT JOIN LATERAL (SELECT q.id, q.site_id FROM app.point q
      WHERE n.point IS NULL AND (n.recipient).lat IS NOT NULL AND q.site_id = coalesce(st.id, v_site)
      ORDER BY point(q.lon * 0.81, q.lat) <-> point((n.recipient).lon * 0.81, (n.recipient).lat) LIMIT 1) near ON true
    LEFT JOIN app.parcel old ON old.waybill = n.waybill
  ), judged AS MATERIALIZED (
    SELECT *, CASE
        WHEN waybill !~ '^[A-Za-z0-9-]{6,32}$' THEN 'bad-waybill'
        WHEN old_id IS NOT NULL AND old_hash <> body_hash THEN 'waybill-conflict'
        WHEN old_id IS NOT NULL THEN 'duplicate'
        WHEN nth > 1 AND first_hash <> body_hash THEN 'waybill-conflict'
        WHEN nth > 1 THEN 'duplicate'
        WHEN site IS NOT NULL AND asked_site IS NULL THEN 'unknown-site'
        WHEN point IS NOT NULL AND point_id IS NULL THEN 'unknown-point'
        WHEN point_id IS NULL THEN 'no-point'
        ELSE 'accepted' END AS verdict
    FROM placed
  ), fresh AS (
    INSERT INTO app.parcel (site_id, id, brand_id, shop_id, waybill, order_no, body_hash, recipient_name, recipient_phone, recipient_address,
      recipient_key, point_id, lat, lon, prefer, service, size, grams, cm3, declared_fen, cod_fen, promised_by, note, tracking, created_at,
      personal_until, state_at)
    SELECT point_site, app.uuid7(p_now), v_brand, v_shop, waybill, order_no, body_hash, (recipient).name, (recipient).phone, (recipient).address,
      encode(sha256(convert_to((recipient).phone || '|' || (recipient).name, 'UTF8')), 'hex'),
      point_id, (recipient).lat, (recipient).lon, prefer, coalesce(service, 'standard'), app.size_of(length_mm, width_mm, height_mm), coalesce(weight_g, 1000),
      greatest(1, coalesce(length_mm::bigint * width_mm * height_mm / 1000, 8000))::int, coalesce(declared_fen, 0), coalesce(cod_fen, 0), promised_by, note,
      translate(encode(uuid_send(gen_random_uuid()) || substring(uuid_send(gen_random_uuid()) FROM 1 FOR 8), 'base64'), '+/=', '-_'),
      p_now, (p_now AT TIME ZONE 'Asia/Shanghai')::date + 90, p_now
    FROM judged WHERE verdict = 'accepted'
    ON CONFLICT (waybill) DO NOTHING
    RETURNING app.parcel.id, app.parcel.waybill, app.parcel.tracking, app.parcel.prefer, app.parcel.recipient_key, app.parcel.brand_id, app.parcel.site_id
  ), consented AS (
    INSERT INTO app.consent (id, recipient_key, parcel_id, how, channel, who, at)
    SELECT app.uuid7(p_now), f.recipient_key, f.id, f.prefer, 'sender', v_shop::text, p_now FROM fresh f WHERE f.prefer IN ('locker', 'station')
  ), logged AS (
    INSERT INTO app.event (day, id, waybill, parcel_id, brand_id, site_id, kind, at, received_at, actor_id)
    SELECT v_day, f.id, f.waybill, f.id, f.brand_id, f.site_id, 'create', p_now, p_now, (ctx->>'user_id')::uuid FROM fresh f
  ), hooked AS (
    INSERT INTO app.outbox (id, site_id, brand_id, kind, topic, payload, webhook_id, created_at, next_at)
    SELECT app.uuid7(p_now), f.site_id, f.brand_id, 'webhook', 'parcel.created',
      jsonb_build_object('type', 'parcel.created', 'timestamp', app.iso(p_now), 'data', jsonb_build_object('waybill', f.waybill, 'state', 'created')),
      w.id, p_now, to_timestamp(0)
    FROM fresh f JOIN app.webhook w ON w.brand_id = f.brand_id AND w.active AND (w.events = '{}' OR 'parcel.created' = ANY (w.events))
  )
  SELECT j.i,
    CASE WHEN j.verdict = 'accepted' AND f.id IS NULL THEN 'rejected' WHEN j.verdict IN ('accepted', 'duplicate') THEN j.verdict ELSE 'rejected' END,
    coalesce(f.id, j.old_id), j.waybill, coalesce(f.tracking, j.old_tracking),
    CASE j.verdict WHEN 'unknown-site' THEN '/site' WHEN 'unknown-point' THEN '/point' WHEN 'no-point' THEN '/point' WHEN 'accepted' THEN NULL WHEN 'duplicate' THEN NULL ELSE '/waybill' END,
    CASE j.verdict WHEN 'accepted' THEN CASE WHEN f.id IS NULL THEN 'waybill-conflict' END WHEN 'duplicate' THEN NULL ELSE j.verdict END
  FROM judged j LEFT JOIN fresh f ON f.waybill = j.waybill AND j.verdict = 'accepted'
  ORDER BY j.i;
END $$;

-- Scans come in: recorded whatever they say, once per id; the same id with another content is a conflict and not recorded
-- again. The parcel's state follows by api.events_fold.
CREATE OR REPLACE FUNCTION api.scans_record(p_received timestamptz, p_ids uuid[], p_waybills text[], p_kinds text[], p_ats timestamptz[],
  p_sites uuid[], p_actors uuid[], p_couriers uuid[], p_devices text[], p_details jsonb[])
RETURNS TABLE (i int, result text, flags text[]) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH input AS MATERIALIZED (
    SELECT n.*, p.id AS parcel_id, p.brand_id,
      CASE WHEN p.site_id = n.site_id AND n.at BETWEEN p_received - interval '1 hour' AND p_received + interval '10 minutes' THEN '{}'
        ELSE array_remove(ARRAY[CASE WHEN p.id IS NULL THEN 'unknown_parcel' END, CASE WHEN n.at < p_received - interval '1 hour' THEN 'late' END,
          CASE WHEN n.at > p_received + interval '10 minutes' THEN 'future' END, CASE WHEN p.site_id <> n.site_id THEN 'foreign_site' END], NULL) END AS flags
    FROM unnest(p_ids, p_waybills, p_kinds, p_ats, p_sites, p_actors, p_couriers, p_devices, p_details) WITH ORDINALITY
      n (id, waybill, kind, at, site_id, actor_id, courier_id, device, detail, i)
    LEFT JOIN app.parcel p ON p.waybill = n.waybill
  ), fresh AS (
    INSERT INTO app.event (day, id, waybill, parcel_id, brand_id, site_id, kind, at, received_at, actor_id, courier_id, device, detail, flags)
    SELECT app.uuid_day(id), id, waybill, parcel_id, brand_id, site_id, kind, at, p_received, actor_id, courier_id, device, detail, flags
    FROM input ORDER BY i
    ON CONFLICT (day, id) DO NOTHING
    RETURNING app.event.id, app.event.parcel_id, app.event.kind, app.event.at, app.event.courier_id, app.event.detail
  ), queued AS (
    INSERT INTO app.fold_queue (parcel_id, event_id, kind, at, courier_id)
    SELECT parcel_id, id, app.fold_alone(kind, detail), at, courier_id FROM fresh WHERE parcel_id IS NOT NULL
  )
  SELECT n.i::int, 'recorded', n.flags FROM input n WHERE (SELECT count(*) FROM fresh) = cardinality(p_ids);
  IF FOUND OR cardinality(p_ids) = 0 THEN
    RETURN;
  END IF;

  -- some were there already, or stand twice among these: each is put beside what the log now holds
  RETURN QUERY
  SELECT n.i::int, CASE WHEN e.xmin::text::bigint = txid_current() % (1::bigint << 32) AND n.nth = 1 THEN 'recorded'
      WHEN e.waybill = n.waybill AND e.kind = n.kind AND e.at = n.at THEN 'duplicate' ELSE 'conflict' END, e.flags
  FROM (SELECT u.*, row_number() OVER (PARTITION BY id ORDER BY i) AS nth
    FROM unnest(p_ids, p_waybills, p_kinds, p_ats) WITH ORDINALITY u (id, waybill, kind, at, i)) n
  JOIN app.event e ON e.day = app.uuid_day(n.id) AND e.id = n.id;
END $$;
