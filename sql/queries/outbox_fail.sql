-- An outbox row not delivered; $1 id, $2 real now, $3 error, $4 zones held, $5 their epochs
SELECT api.outbox_fail($1::uuid, $2::timestamptz, $3::text, $4::uuid[], $5::bigint[]);
