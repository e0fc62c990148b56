-- The daemon reads and writes, and deletes only what is work and not history.
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA app TO yizhan_app;
REVOKE UPDATE ON app.event, app.event_flag, app.door_event, app.consent, app.audit, app.kind, app.transition, app.reason,
  app.shift, app.position, app.unassigned FROM yizhan_app;
REVOKE INSERT ON app.kind, app.transition, app.reason FROM yizhan_app;
GRANT UPDATE (parcel_id, brand_id, site_id) ON app.event TO yizhan_app; -- a scan that came before its parcel is attached to it
GRANT DELETE ON app.fold_queue, app.idempotency, app.session TO yizhan_app;
GRANT SELECT ON ALL TABLES IN SCHEMA app TO yizhan_ro;

-- Row-level security by brand: the functions set yizhan.brand_id for those who may see one brand only.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['shop', 'parcel', 'event', 'webhook', 'outbox'] LOOP
    EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
    -- '' is what a transaction-local setting leaves behind: nullif first, for a cast is not held back by OR
    EXECUTE format($p$CREATE POLICY by_brand ON app.%I USING (
      nullif(current_setting('yizhan.brand_id', true), '') IS NULL
      OR brand_id = nullif(current_setting('yizhan.brand_id', true), '')::uuid)$p$, t);
  END LOOP;
END $$;
