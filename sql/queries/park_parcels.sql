-- Parcels by band, state or reason; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.park_parcels($1::jsonb, $2::timestamptz, $3::jsonb);
