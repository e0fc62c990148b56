-- Takes parcels in; $1 ctx, $2 now, $3 validated bodies
SELECT i, status, id, waybill, tracking, field, reason FROM api.parcels_intake($1::jsonb, $2::timestamptz, $3::jsonb);
