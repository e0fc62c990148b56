-- The events of one parcel in order; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.parcel_events($1::jsonb, $2::timestamptz, $3::jsonb);
