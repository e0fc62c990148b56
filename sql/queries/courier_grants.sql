-- Reserved compartments for offline grants; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.courier_grants($1::jsonb, $2::timestamptz, $3::jsonb);
