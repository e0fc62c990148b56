-- Sendings; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.sendings_list($1::jsonb, $2::timestamptz, $3::jsonb);
