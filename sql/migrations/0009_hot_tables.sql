-- Parcels come in by the thousand: what the intake has just read from its own table need not be looked up again row by
-- row. Only the delivery point, which the sender names, stays a foreign key; sites, brands and shops are never deleted.
ALTER TABLE app.parcel DROP CONSTRAINT parcel_site_id_fkey, DROP CONSTRAINT parcel_brand_id_fkey,
  DROP CONSTRAINT parcel_shop_id_fkey, DROP CONSTRAINT parcel_courier_id_fkey;
ALTER TABLE app.consent DROP CONSTRAINT consent_parcel_id_fkey;
-- No statement looks parcels up by these.
DROP INDEX app.parcel_point_id_idx, app.parcel_recipient_key_idx;
