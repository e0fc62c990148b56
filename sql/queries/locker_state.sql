-- What a locker's doors look like; $1 code, $2 now, $3 state
SELECT api.locker_state($1::text, $2::timestamptz, $3::jsonb);
