-- One sending; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.sending_get($1::jsonb, $2::timestamptz, $3::jsonb);
