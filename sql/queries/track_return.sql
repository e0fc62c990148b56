-- The recipient sends a parcel back; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.track_return($1::jsonb, $2::timestamptz, $3::jsonb);
