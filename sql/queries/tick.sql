-- What time brings about; $1 now, $2 real now, $3 zones held, $4 their epochs
SELECT api.tick($1::timestamptz, $2::timestamptz, $3::uuid[], $4::bigint[]), api.partitions_ahead($1::timestamptz);
