-- What a planner writes, fenced: under the epoch it was claimed under, or not at all.
CREATE OR REPLACE FUNCTION api.plan_store_held(p_wave uuid, p_now timestamptz, p_plan jsonb, p_zone uuid, p_epoch bigint) RETURNS app.answer LANGUAGE plpgsql AS $$
DECLARE v app.answer;
BEGIN
  IF NOT EXISTS (SELECT FROM app.held(ARRAY[p_zone], ARRAY[p_epoch]) h JOIN app.wave w ON w.site_id = h.zone WHERE w.id = p_wave) THEN
    RETURN (409, app.problem('lease-lost', 'another daemon drives this site now'))::app.answer;
  END IF;
  v := api.plan_store(p_wave, p_now, p_plan);
  IF v.status = 200 THEN
    PERFORM app.effect_add(p_zone, p_epoch, 'plan', p_wave::text);
  END IF;
  RETURN v;
END $$;

CREATE OR REPLACE FUNCTION api.plan_failed_held(p_wave uuid, p_now timestamptz, p_reason text, p_zone uuid, p_epoch bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM app.held(ARRAY[p_zone], ARRAY[p_epoch]) h JOIN app.wave w ON w.site_id = h.zone WHERE w.id = p_wave) THEN
    RETURN false;
  END IF;
  PERFORM api.plan_failed(p_wave, p_now, p_reason);
  PERFORM app.effect_add(p_zone, p_epoch, 'plan_failed', p_wave::text);
  RETURN true;
END $$;
