-- Everything the planner needs; $1 wave, $2 now
SELECT api.wave_problem($1::uuid, $2::timestamptz);
