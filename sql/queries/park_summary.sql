-- The park at a glance; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.park_summary($1::jsonb, $2::timestamptz, $3::jsonb);
