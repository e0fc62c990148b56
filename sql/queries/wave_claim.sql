-- Takes a wave to plan; $1 real now, $2 claimed until, $3 by whom, $4 zones held, $5 their epochs
SELECT wave, zone, epoch FROM api.wave_claim($1::timestamptz, $2::timestamptz, $3::text, $4::uuid[], $5::bigint[]);
