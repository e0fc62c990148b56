-- A wave's routes; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.wave_routes($1::jsonb, $2::timestamptz, $3::jsonb);
