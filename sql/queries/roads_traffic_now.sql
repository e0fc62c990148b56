-- The traffic that holds at $1, as the road map reads it
SELECT app.road_traffic_now($1::timestamptz);
