-- Records scans; $1 received, then one array a column
SELECT i, result, CASE WHEN flags <> '{}' THEN array_to_json(flags) END FROM api.scans_record($1::timestamptz, $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::jsonb[]);
