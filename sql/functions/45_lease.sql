-- Zone leases. The database's own clock is the only one that all daemons share, so it alone says when a lease ends.

-- The zones whose lease still stands under the epoch given, locked against a change of hands until the end of the
-- transaction: what is done for them in it was done by the holder. (KEY SHARE lets the holder renew meanwhile.)
CREATE OR REPLACE FUNCTION app.held(p_zones uuid[], p_epochs bigint[]) RETURNS TABLE (zone uuid, epoch bigint) LANGUAGE sql VOLATILE AS $$
  SELECT l.zone, l.epoch FROM app.lease l JOIN unnest(p_zones, p_epochs) g (zone, epoch) ON g.zone = l.zone AND g.epoch = l.epoch
  ORDER BY l.zone FOR KEY SHARE OF l
$$;

CREATE OR REPLACE FUNCTION app.effect_add(p_zone uuid, p_epoch bigint, p_what text, p_subject text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO app.effect (zone, epoch, what, subject, at) VALUES (p_zone, p_epoch, p_what, p_subject, clock_timestamp())
$$;

-- Takes what is free or has run out, renews what is held, and says what is held then. `p_codes`: the sites this daemon is
-- for, empty for all. Who takes over finds what the last holder had claimed free again.
CREATE OR REPLACE FUNCTION api.leases_take(p_who text, p_codes text[], p_seconds float8) RETURNS TABLE (zone uuid, epoch bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE s record; v_epoch bigint; v_now timestamptz := clock_timestamp();
BEGIN
  FOR s IN SELECT t.id, l.holder, l.until FROM app.site t LEFT JOIN app.lease l ON l.zone = t.id
      WHERE (p_codes = '{}' OR t.code = ANY (p_codes)) AND (l.zone IS NULL OR l.holder = p_who OR l.until <= v_now) ORDER BY t.id LOOP
    UPDATE app.lease l SET until = v_now + p_seconds * interval '1 second' WHERE l.zone = s.id AND l.holder = p_who AND l.until > v_now;
    CONTINUE WHEN FOUND;
    PERFORM FROM app.lease l WHERE l.zone = s.id FOR UPDATE; -- waits for what is being done under the old epoch
    INSERT INTO app.lease AS l (zone, holder, epoch, until) VALUES (s.id, p_who, 1, v_now + p_seconds * interval '1 second')
    ON CONFLICT (zone) DO UPDATE SET holder = p_who, epoch = l.epoch + 1, until = excluded.until WHERE l.until <= v_now
    RETURNING l.epoch INTO v_epoch;
    CONTINUE WHEN NOT FOUND; -- another was quicker
    INSERT INTO app.lease_change VALUES (s.id, v_epoch, p_who, v_now);
    UPDATE app.wave w SET claimed_until = NULL WHERE w.site_id = s.id AND w.status = 'planning';
    UPDATE app.outbox o SET next_at = v_now WHERE o.site_id = s.id AND o.done_at IS NULL AND o.failed_at IS NULL AND o.attempts > 0;
  END LOOP;
  RETURN QUERY SELECT l.zone, l.epoch FROM app.lease l WHERE l.holder = p_who AND l.until > v_now ORDER BY l.zone;
END $$;

-- Gives back, so that another need not wait.
CREATE OR REPLACE FUNCTION api.leases_give(p_who text) RETURNS bigint LANGUAGE sql AS $$
  WITH given AS (UPDATE app.lease SET until = clock_timestamp() WHERE holder = p_who RETURNING zone) SELECT count(*) FROM given
$$;
