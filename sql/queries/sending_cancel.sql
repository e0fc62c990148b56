-- Awaits it no more, once per Idempotency-Key; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.once($1::jsonb, $2::timestamptz, $3::jsonb, 'api.sending_cancel'::regproc);
