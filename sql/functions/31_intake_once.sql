-- Parcels under an Idempotency-Key: taken in once, the same rows again for the same body. Rows without a waybill are given
-- one, so nothing else could tell a repeat from new parcels. Another body under the key is an error (YZ001, see
-- daemon/api/request.c).
CREATE OR REPLACE FUNCTION api.parcels_intake_once(ctx jsonb, p_now timestamptz, p_bodies jsonb)
RETURNS TABLE (i int, status text, id uuid, waybill text, tracking text, field text, reason text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE v_old app.idempotency; v_key text := ctx->'idem'->>'key'; v_who uuid := (ctx->>'user_id')::uuid; v_rows jsonb;
  v_hash text := (ctx->'idem'->>'hash') || coalesce(ctx->'idem'->>'path', '');
BEGIN
  PERFORM app.enter(ctx);
  INSERT INTO app.idempotency VALUES (v_who, v_key, v_hash, 0, NULL, p_now) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    SELECT jsonb_agg(to_jsonb(r) ORDER BY r.i) INTO v_rows FROM api.parcels_intake(ctx, p_now, p_bodies) r;
    UPDATE app.idempotency SET status = 200, body = v_rows WHERE account_id = v_who AND key = v_key;
  ELSE
    SELECT * INTO v_old FROM app.idempotency WHERE account_id = v_who AND key = v_key;
    IF v_old.hash <> v_hash THEN
      RAISE EXCEPTION 'this Idempotency-Key was used with another body' USING ERRCODE = 'YZ001';
    END IF;
    v_rows := v_old.body;
  END IF;
  RETURN QUERY SELECT * FROM jsonb_to_recordset(v_rows)
    AS r (i int, status text, id uuid, waybill text, tracking text, field text, reason text) ORDER BY r.i;
END $$;
