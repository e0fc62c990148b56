-- A wave could not be planned; $1 wave, $2 now, $3 reason
SELECT api.plan_failed($1::uuid, $2::timestamptz, $3::text);
