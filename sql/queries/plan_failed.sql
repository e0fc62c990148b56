-- A wave could not be planned; $1 wave, $2 now, $3 reason, $4 zone, $5 epoch
SELECT api.plan_failed_held($1::uuid, $2::timestamptz, $3::text, $4::uuid, $5::bigint);
