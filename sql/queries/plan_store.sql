-- Takes a plan in whole; $1 wave, $2 now, $3 plan, $4 zone, $5 epoch
SELECT status, body FROM api.plan_store_held($1::uuid, $2::timestamptz, $3::jsonb, $4::uuid, $5::bigint);
