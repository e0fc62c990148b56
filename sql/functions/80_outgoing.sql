CREATE OR REPLACE FUNCTION api.webhook_create(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v_id uuid := app.uuid7(p_now);
BEGIN
  INSERT INTO app.webhook (id, brand_id, shop_id, url, events, secret, created_at)
  VALUES (v_id, (ctx->>'brand_id')::uuid, (ctx->>'shop_id')::uuid, p_body->>'url',
    coalesce((SELECT array_agg(x) FROM jsonb_array_elements_text(p_body->'events') x), '{}'), p_body->>'secret', p_now);
  RETURN (201, jsonb_build_object('id', v_id, 'url', p_body->>'url', 'secret', p_body->>'secret'))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.webhooks_list(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v jsonb;
BEGIN
  PERFORM app.enter(ctx);
  SELECT jsonb_agg(jsonb_build_object('id', id, 'url', url, 'events', to_jsonb(events), 'active', active) ORDER BY id) INTO v FROM (
    SELECT * FROM app.webhook WHERE brand_id = (ctx->>'brand_id')::uuid AND active ORDER BY id LIMIT 200) w;
  RETURN (200, jsonb_build_object('items', coalesce(v, '[]'), 'next', NULL))::app.answer;
END $$;

CREATE OR REPLACE FUNCTION api.webhook_delete(ctx jsonb, p_now timestamptz, p_body jsonb) RETURNS app.answer LANGUAGE plpgsql AS $$
BEGIN
  PERFORM app.enter(ctx);
  UPDATE app.webhook SET active = false WHERE id = (p_body->>'id')::uuid AND brand_id = (ctx->>'brand_id')::uuid AND active;
  RETURN CASE WHEN FOUND THEN (204, NULL)::app.answer ELSE app.not_found('webhook') END;
END $$;

-- Outbox rows of the zones that are held, whose time has come; claimed for a minute of real time. Rows of no site belong to
-- whoever holds any.
DROP FUNCTION IF EXISTS api.outbox_claim(timestamptz, int), api.outbox_done(uuid[], timestamptz), api.outbox_fail(uuid, timestamptz, text),
  api.tick(timestamptz, timestamptz);
CREATE OR REPLACE FUNCTION api.outbox_claim(p_real timestamptz, p_max int, p_zones uuid[], p_epochs bigint[])
RETURNS TABLE (id uuid, kind text, topic text, payload text, url text, secret text, attempts int) LANGUAGE sql AS $$
  WITH held AS MATERIALIZED (SELECT * FROM app.held(p_zones, p_epochs)), mine AS (
    UPDATE app.outbox o SET next_at = p_real + interval '1 minute', attempts = o.attempts + 1
    WHERE o.id IN (SELECT x.id FROM app.outbox x WHERE x.done_at IS NULL AND x.failed_at IS NULL AND x.next_at <= p_real
      AND EXISTS (SELECT FROM held) AND (x.site_id IS NULL OR x.site_id IN (SELECT zone FROM held)) ORDER BY x.next_at, x.id LIMIT p_max FOR UPDATE SKIP LOCKED)
    RETURNING o.*
  ), done AS (
    INSERT INTO app.effect (zone, epoch, what, subject, at)
    SELECT h.zone, h.epoch, 'outbox', count(*)::text, clock_timestamp() FROM mine m JOIN held h ON h.zone = m.site_id GROUP BY h.zone, h.epoch
  ) SELECT m.id, m.kind, m.topic, m.payload::text, w.url, w.secret, m.attempts FROM mine m LEFT JOIN app.webhook w ON w.id = m.webhook_id ORDER BY m.id
$$;

-- Only the holder says that a row is out; otherwise it goes out once more, under its id.
CREATE OR REPLACE FUNCTION api.outbox_done(p_ids uuid[], p_now timestamptz, p_zones uuid[], p_epochs bigint[]) RETURNS void LANGUAGE sql AS $$
  WITH held AS MATERIALIZED (SELECT * FROM app.held(p_zones, p_epochs))
  UPDATE app.outbox SET done_at = p_now, payload = CASE kind WHEN 'notice' THEN payload - 'to' ELSE payload END
  WHERE id = ANY (p_ids) AND EXISTS (SELECT FROM held) AND (site_id IS NULL OR site_id IN (SELECT zone FROM held))
$$;

-- After ten attempts a row is given up, kept, and shown as failed.
CREATE OR REPLACE FUNCTION api.outbox_fail(p_id uuid, p_real timestamptz, p_error text, p_zones uuid[], p_epochs bigint[]) RETURNS void LANGUAGE sql AS $$
  WITH held AS MATERIALIZED (SELECT * FROM app.held(p_zones, p_epochs))
  UPDATE app.outbox SET last_error = left(p_error, 200), next_at = p_real + least(interval '1 hour', interval '2 seconds' * 2 ^ attempts),
    failed_at = CASE WHEN attempts >= 10 THEN p_real END
  WHERE id = p_id AND EXISTS (SELECT FROM held) AND (site_id IS NULL OR site_id IN (SELECT zone FROM held))
$$;

-- Everything that time alone brings about, for the zones that are held; what belongs to no site, for whoever holds any.
-- Returns what it did, for the log.
CREATE OR REPLACE FUNCTION api.tick(p_now timestamptz, p_real timestamptz, p_zones uuid[], p_epochs bigint[]) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE d app.deposit; v_expired int; v_overdue int := 0; v_lapsed int; v_attached int; v_held uuid[];
BEGIN
  v_held := ARRAY(SELECT zone FROM app.held(p_zones, p_epochs));
  IF v_held = '{}' THEN
    RETURN '{}';
  END IF;
  FOR d IN UPDATE app.deposit SET status = 'overdue' WHERE status = 'confirmed' AND deadline < p_now AND site_id = ANY (v_held) RETURNING * LOOP
    PERFORM app.event_add(p_now, d.parcel_id, 'overdue', d.deadline, NULL, NULL, NULL);
    PERFORM app.effect_add(g.zone, g.epoch, 'overdue', d.id::text) FROM unnest(p_zones, p_epochs) g (zone, epoch) WHERE g.zone = d.site_id;
    v_overdue := v_overdue + 1;
  END LOOP;
  WITH lapsed AS (
    UPDATE app.deposit SET status = 'lapsed', ended_at = p_now WHERE status = 'reserved' AND reserved_until < p_now AND site_id = ANY (v_held) RETURNING id, site_id
  ), noted AS (
    INSERT INTO app.effect (zone, epoch, what, subject, at)
    SELECT g.zone, g.epoch, 'lapsed', l.id::text, clock_timestamp() FROM lapsed l JOIN unnest(p_zones, p_epochs) g (zone, epoch) ON g.zone = l.site_id
  ) SELECT count(*) INTO v_lapsed FROM lapsed;
  -- the locker's journal may still tell otherwise, whenever it comes
  UPDATE app.deposit SET answer_until = p_real + interval '10 minutes' WHERE status = 'opening' AND answer_until IS NULL AND site_id = ANY (v_held);
  UPDATE app.deposit SET status = 'failed', ended_at = p_now, reason = 'no_answer' WHERE status = 'opening' AND answer_until < p_real AND site_id = ANY (v_held);
  UPDATE app.parcel SET recipient_name = NULL, recipient_phone = NULL, recipient_address = NULL
  WHERE personal_until < (p_now AT TIME ZONE 'Asia/Shanghai')::date AND recipient_phone IS NOT NULL AND ended_on IS NOT NULL;
  DELETE FROM app.idempotency WHERE at < p_now - interval '7 days';
  DELETE FROM app.effect WHERE at < clock_timestamp() - interval '7 days';
  v_expired := app.sending_tick(p_now, p_zones, p_epochs, v_held);
  v_attached := api.events_attach(p_now);
  RETURN jsonb_build_object('overdue', v_overdue, 'lapsed', v_lapsed, 'expired', v_expired, 'attached', v_attached);
END $$;

-- Partitions for a week ahead; a schema change, so the owner's right and not the daemon's: yizhan_app may call it.
CREATE OR REPLACE FUNCTION api.partitions_ahead(p_now timestamptz) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE v_day date; v_n int := 0; v_name text;
BEGIN
  FOR v_day IN SELECT d::date FROM generate_series((p_now AT TIME ZONE 'Asia/Shanghai')::date - 1, (p_now AT TIME ZONE 'Asia/Shanghai')::date + 7, interval '1 day') d LOOP
    v_name := 'event_' || to_char(v_day, 'YYYYMMDD');
    IF to_regclass('app.' || v_name) IS NULL AND NOT EXISTS (SELECT FROM app.event_default WHERE day = v_day) THEN
      EXECUTE format('CREATE TABLE app.%I PARTITION OF app.event FOR VALUES FROM (%L) TO (%L)', v_name, v_day, v_day + 1);
      v_n := v_n + 1;
    END IF;
  END LOOP;
  RETURN v_n;
END $$;
