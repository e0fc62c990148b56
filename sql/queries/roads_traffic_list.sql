-- What holds on the roads, as a manager sees it, by way; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.roads_traffic_list($1::jsonb, $2::timestamptz, $3::jsonb);
