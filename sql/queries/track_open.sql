-- Opens the compartment from the resident's page; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.track_open($1::jsonb, $2::timestamptz, $3::jsonb);
