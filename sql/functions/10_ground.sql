-- Small helpers. All pure but uuid7 (random) and enter (sets the brand for row-level security).
CREATE OR REPLACE FUNCTION app.uuid7(p_now timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING substring(int8send((extract(epoch FROM p_now) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid -- a version 4 with the time in front and 7 for its version (RFC 9562, 5.7)
$$;

-- The day of a version 7 UUID's own time (Shanghai), 1970-01-01 for others.
CREATE OR REPLACE FUNCTION app.uuid_day(p_id uuid) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN get_byte(uuid_send(p_id), 6) >> 4 = 7
    THEN (DATE '1970-01-01' + ((('x' || substr(encode(uuid_send(p_id), 'hex'), 1, 12))::bit(48)::bigint / 1000 + 28800) / 86400)::int)
    ELSE DATE '1970-01-01' END
$$;

-- GB/T 41833-2022: at least one character of the name and six digits of the phone are hidden, and the room number.
CREATE OR REPLACE FUNCTION app.mask_name(p text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p IS NULL THEN NULL WHEN length(p) <= 1 THEN '*' ELSE left(p, 1) || repeat('*', length(p) - 1) END
$$;
CREATE OR REPLACE FUNCTION app.mask_phone(p text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p IS NULL THEN NULL WHEN length(p) < 11 THEN repeat('*', greatest(length(p) - 2, 0)) || right(p, least(2, length(p)))
    ELSE left(p, length(p) - 10) || '*******' || right(p, 3) END
$$;
CREATE OR REPLACE FUNCTION app.mask_address(p text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace(p, '[0-9０-９一二三四五六七八九十]+\s*(号楼|栋|幢|单元|层|楼|室|户|房|#).*$', '***')
$$;
CREATE OR REPLACE FUNCTION app.mask_waybill(p text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT repeat('*', greatest(length(p) - 4, 0)) || right(p, 4)
$$;

-- The size class a parcel needs, from its three edges in any order (mm). Without edges: M.
CREATE OR REPLACE FUNCTION app.size_of(a int, b int, c int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN a IS NULL OR b IS NULL OR c IS NULL THEN 'M'
    WHEN least(a, b, c) <= 90 AND greatest(a, b, c) <= 450 AND a::bigint * b * c <= 90 * 340 * 450 THEN 'S'
    WHEN least(a, b, c) <= 190 AND greatest(a, b, c) <= 450 AND a::bigint * b * c <= 190 * 340 * 450 THEN 'M'
    WHEN greatest(a, b, c) <= 450 AND a::bigint * b * c <= 290 * 340 * 450 THEN 'L' ELSE 'XL' END
$$;
CREATE OR REPLACE FUNCTION app.size_rank(s text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT array_position(ARRAY['S', 'M', 'L', 'XL'], s)
$$;

CREATE OR REPLACE FUNCTION app.iso(t timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Every use case begins here: whoever belongs to a brand sees that brand's rows only.
CREATE OR REPLACE FUNCTION app.enter(ctx jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('yizhan.brand_id', CASE WHEN ctx->>'role' IN ('shop', 'brand') THEN coalesce(ctx->>'brand_id', '00000000-0000-0000-0000-000000000000') ELSE '' END, true);
END $$;

CREATE OR REPLACE FUNCTION app.problem(p_type text, p_detail text, p_field text DEFAULT NULL) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('type', p_type, 'detail', p_detail, 'field', p_field))
$$;

DROP TYPE IF EXISTS app.answer CASCADE;
CREATE TYPE app.answer AS (status int, body jsonb);

CREATE OR REPLACE FUNCTION app.not_found(p_what text) RETURNS app.answer LANGUAGE sql IMMUTABLE AS $$
  SELECT (404, app.problem('not-found', 'no such ' || p_what))::app.answer
$$;

CREATE OR REPLACE FUNCTION app.page(ctx_items jsonb, p_limit int, p_key text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('items', coalesce(ctx_items, '[]'), 'next',
    CASE WHEN jsonb_array_length(coalesce(ctx_items, '[]')) >= p_limit THEN ctx_items->-1->>p_key END)
$$;

-- The audit chain. One writer at a time: the chain is a line.
CREATE OR REPLACE FUNCTION app.audit_append(p_now timestamptz, p_actor uuid, p_action text, p_subject text, p_detail jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE v_prev app.audit; v_hash bytea; v_seq bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(4242);
  SELECT * INTO v_prev FROM app.audit ORDER BY seq DESC LIMIT 1;
  v_seq := coalesce(v_prev.seq, 0) + 1;
  v_hash := app.audit_hash(coalesce(v_prev.hash, '\x'), v_seq, p_now, p_actor, p_action, p_subject, p_detail);
  INSERT INTO app.audit VALUES (v_seq, p_now, p_actor, p_action, p_subject, p_detail, coalesce(v_prev.hash, '\x'), v_hash);
END $$;
CREATE OR REPLACE FUNCTION app.audit_hash(p_prev bytea, p_seq bigint, p_at timestamptz, p_actor uuid, p_action text, p_subject text, p_detail jsonb)
RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(p_prev || convert_to(concat_ws('|', p_seq, app.iso(p_at), p_actor, p_action, p_subject, p_detail::text), 'UTF8'))
$$;

-- One effect per Idempotency-Key: runs api.<p_name>(ctx, now, body) once and keeps its answer. A key with another body is
-- refused. Two at once: the second waits for the first's row.
CREATE OR REPLACE FUNCTION api.once(ctx jsonb, p_now timestamptz, p_body jsonb, p_name regproc) RETURNS SETOF app.answer
LANGUAGE plpgsql AS $$
DECLARE v_old app.idempotency; v app.answer; v_key text := ctx->'idem'->>'key'; v_hash text; v_who uuid := (ctx->>'user_id')::uuid;
BEGIN
  PERFORM app.enter(ctx);
  IF v_key IS NULL OR v_who IS NULL THEN
    EXECUTE format('SELECT * FROM %s($1, $2, $3)', p_name) INTO v USING ctx, p_now, p_body;
    RETURN NEXT v;
    RETURN;
  END IF;
  v_hash := (ctx->'idem'->>'hash') || coalesce(ctx->'idem'->>'path', '');
  INSERT INTO app.idempotency VALUES (v_who, v_key, v_hash, 0, NULL, p_now) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO v_old FROM app.idempotency WHERE account_id = v_who AND key = v_key;
    IF v_old.hash <> v_hash THEN
      RETURN NEXT (422, app.problem('idempotency-key-reused', 'this Idempotency-Key was used with another body'))::app.answer;
    ELSE
      RETURN NEXT (v_old.status, v_old.body)::app.answer;
    END IF;
    RETURN;
  END IF;
  EXECUTE format('SELECT * FROM %s($1, $2, $3)', p_name) INTO v USING ctx, p_now, p_body;
  IF v.status < 500 THEN
    UPDATE app.idempotency SET status = v.status, body = v.body WHERE account_id = v_who AND key = v_key;
  ELSE
    DELETE FROM app.idempotency WHERE account_id = v_who AND key = v_key;
  END IF;
  RETURN NEXT v;
END $$;
