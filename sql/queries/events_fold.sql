-- Derives states; $1 now, $2 most parcels
SELECT api.events_fold($1::timestamptz, $2::int);
