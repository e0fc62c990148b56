-- Takes lockers' records; $1 received, then one array a column
SELECT i, result FROM api.door_events_record($1::timestamptz, $2::text[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::int[], $11::uuid[], $12::uuid[], $13::bigint[], $14::bytea[]);
