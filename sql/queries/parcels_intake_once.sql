-- The same under an Idempotency-Key; $1 ctx with idem, $2 now, $3 validated bodies
SELECT i, status, id, waybill, tracking, field, reason FROM api.parcels_intake_once($1::jsonb, $2::timestamptz, $3::jsonb);
