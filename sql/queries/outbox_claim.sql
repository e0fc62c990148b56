-- Outbox rows whose time has come; $1 real now, $2 most, $3 zones held, $4 their epochs
SELECT id, kind, topic, payload, url, secret, attempts FROM api.outbox_claim($1::timestamptz, $2::int, $3::uuid[], $4::bigint[]);
