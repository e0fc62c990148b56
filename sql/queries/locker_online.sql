-- A locker came or went; $1 code, $2 now, $3 online, $4 conn
SELECT api.locker_online($1::text, $2::timestamptz, $3::boolean, $4::jsonb);
