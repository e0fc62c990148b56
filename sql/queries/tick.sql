-- What time brings about; $1 now, $2 real now
SELECT api.tick($1::timestamptz, $2::timestamptz), api.partitions_ahead($1::timestamptz);
