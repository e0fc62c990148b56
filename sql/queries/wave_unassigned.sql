-- Parcels a wave left out, and why; $1 ctx, $2 now, $3 body
SELECT status, body FROM api.wave_unassigned($1::jsonb, $2::timestamptz, $3::jsonb);
