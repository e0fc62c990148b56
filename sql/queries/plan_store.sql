-- Takes a plan in whole; $1 wave, $2 now, $3 plan
SELECT status, body FROM api.plan_store($1::uuid, $2::timestamptz, $3::jsonb);
