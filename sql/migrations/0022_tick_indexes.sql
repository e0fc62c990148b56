-- What the daemon looks for every second is found by index, however long the history: whose name and phone are to be
-- cleared, doors that were asked to open, keys and effects past their week (these stand in the order of time).
CREATE INDEX parcel_personal ON app.parcel (personal_until) WHERE recipient_phone IS NOT NULL;
CREATE INDEX deposit_opening ON app.deposit (site_id) WHERE status = 'opening';
CREATE INDEX idempotency_at ON app.idempotency USING brin (at) WITH (pages_per_range = 16);
