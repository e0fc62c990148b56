-- Ends a session; $1 token hash, $2 now
UPDATE app.session SET closed_at = $2::timestamptz WHERE token_hash = $1::text AND closed_at IS NULL;
