-- What a resident's code is computed from; $1 token, $2 now
SELECT api.track_code($1::text, $2::timestamptz);
