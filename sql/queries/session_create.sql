-- Opens a session; $1 account, $2 token hash, $3 now, $4 expires
WITH s AS (INSERT INTO app.session VALUES ($2::text, $1::uuid, $3::timestamptz, $4::timestamptz) RETURNING account_id)
SELECT api.account_json(a) FROM app.account a JOIN s ON s.account_id = a.id;
