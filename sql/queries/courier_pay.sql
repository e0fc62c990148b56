-- What the courier earned today; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.courier_pay($1::jsonb, $2::timestamptz, $3::jsonb);
