-- Takes a wave to plan; $1 real now, $2 held until, $3 by whom
SELECT api.wave_claim($1::timestamptz, $2::timestamptz, $3::text);
